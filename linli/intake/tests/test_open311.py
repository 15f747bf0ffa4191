"""Open311 GeoReport v2, asked by the client on PyPI and by hand."""

from __future__ import annotations

import io
import itertools
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import requests

from linli.accounts import actions as accounts
from linli.matters.actions import report_matter
from linli.matters.models import Matter, MatterKind, Source
from linli.matters.queries import spot_named

itertools.ifilter = filter  # the client was written for Python 2 and asks for it by name
import three  # noqa: E402

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(browse):
    return browse()


class InProcess(requests.adapters.BaseAdapter):
    """Carries what `requests` sends to Django's test client, so that no server need run."""

    def __init__(self, browser):
        super().__init__()
        self.browser = browser

    def send(self, request, **_):
        url = urlsplit(request.url)
        body = request.body or b""
        answer = self.browser.generic(
            request.method,
            f"{url.path}?{url.query}",
            body.encode() if isinstance(body, str) else body,
            request.headers.get("Content-Type", ""),
        )
        found = requests.Response()
        found.status_code, found.raw, found.url = answer.status_code, io.BytesIO(answer.content), request.url
        found.headers = requests.structures.CaseInsensitiveDict(answer.headers)
        return found

    def close(self):
        pass


@pytest.fixture
def key(here, cast, as_secretary):
    _, secret = accounts.make_token(
        as_secretary, account=cast.accounts["赵敏"], name="城管平台", scopes=["read", "write"]
    )
    return secret


def client(browser, here, key="", format="json"):
    city = three.Three(f"https://localhost/c/{here.code}/open311/v2", api_key=key, format=format)
    city.session.mount("https://", InProcess(browser))
    return city


def test_the_pypi_client_lists_reports_and_follows(browser, here, key):
    city = client(browser, here, key)
    services = city.services()
    assert {each["service_code"] for each in services} >= {"leak", "noise"}
    assert city.services("leak")[0]["service_code"] == "leak"
    made = city.post("leak", address="48幢2单元", description="楼道滴水", name="芳 王", phone="10012340001")
    number = made[0]["service_request_id"]
    matter = Matter.objects.get(number=number)
    assert matter.source == Source.OPEN311 and matter.building.number == 48 and matter.contact_phone == "10012340001"
    assert city.request(number)[0]["status"] == "open"
    assert city.token(number)[0]["service_request_id"] == number
    assert [each["service_request_id"] for each in city.requests("leak")] == [number]
    assert city.requests("noise") == []
    assert city.requests(status="closed") == []
    assert city.discovery()[0]["url"].endswith("/open311/v2")


def test_it_speaks_xml_too(browser, here, as_wang):
    report(as_wang)
    tree = ElementTree.fromstring(browser.get(f"/c/{here.code}/open311/v2/requests.xml").content)
    assert tree.tag == "service_requests" and tree[0].find("service_code").text == "leak"
    services = ElementTree.fromstring(browser.get(f"/c/{here.code}/open311/v2/services.xml").content)
    assert services.tag == "services" and services[0].find("metadata").text == "false"


def report(actor, words="家里漏水，王芳，10012340001"):
    return report_matter(actor, kind=MatterKind.objects.get(code="leak"), words=words, spot=spot_named("48-2-301"))


def test_anybody_may_read_and_learns_nothing_of_anybody(browser, here, as_wang):
    report(as_wang)
    body = browser.get(f"/c/{here.code}/open311/v2/requests.json").content.decode()
    assert "48幢" in body and "301" not in body
    assert "王芳" not in body and "10012340001" not in body and "漏水，" not in body


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({}, 403, "api_key"),
        ({"api_key": "nothing"}, 403, "api_key"),
        ({"api_key": "KEY"}, 400, "service_code"),
        ({"api_key": "KEY", "service_code": "leak"}, 400, "description"),
        ({"api_key": "KEY", "service_code": "leak", "description": "滴水"}, 400, "地点"),
        (
            {"api_key": "KEY", "service_code": "leak", "description": "滴水", "address_string": "48幢", "phone": "1"},
            400,
            "",
        ),
    ],
)
def test_what_cannot_be_taken_is_said_in_georeports_way(browser, here, key, form, status, words):
    form = {name: key if value == "KEY" else value for name, value in form.items()}
    answer = browser.post(f"/c/{here.code}/open311/v2/requests.json", form)
    assert answer.status_code == status
    (told,) = answer.json()
    assert told["code"] == status and words in told["description"]
    assert not Matter.objects.exists()


def test_a_key_that_only_reads_reports_nothing(browser, here, cast, as_secretary):
    _, secret = accounts.make_token(as_secretary, account=cast.accounts["赵敏"], name="看板", scopes=["read"])
    form = {"api_key": secret, "service_code": "leak", "description": "滴水", "address_string": "48幢"}
    assert browser.post(f"/c/{here.code}/open311/v2/requests.json", form).status_code == 403


def test_a_key_made_for_one_community_opens_no_other(browser, cast, here, as_secretary):
    account, only = cast.accounts["赵敏"], cast.here.community
    _, secret = accounts.make_token(as_secretary, account=account, name="x", scopes=["read", "write"], community=only)
    form = {"api_key": secret, "service_code": "leak", "description": "滴水", "address_string": "48幢"}
    assert browser.post(f"/c/{cast.sibling.code}/open311/v2/requests.json", form).status_code == 403


def test_a_position_is_the_nearest_building(browser, here, key):
    building = here.buildings[48]
    building.footprint = {
        "type": "Polygon",
        "coordinates": [[[120.14, 30.30], [120.1404, 30.30], [120.1404, 30.3002], [120.14, 30.3002], [120.14, 30.30]]],
    }
    building.save()
    near = {"api_key": key, "service_code": "leak", "description": "滴水", "lat": "30.3001", "long": "120.1402"}
    browser.post(f"/c/{here.code}/open311/v2/requests.json", near)
    assert Matter.objects.get().building == building
    far = near | {"lat": "30.31", "description": "路灯不亮"}
    browser.post(f"/c/{here.code}/open311/v2/requests.json", far)
    assert Matter.objects.get(words="路灯不亮").building is None


def test_sent_again_with_its_key_it_is_one_matter(browser, here, key):
    form = {"api_key": key, "service_code": "leak", "description": "滴水", "address_string": "48幢"}
    once = {"HTTP_IDEMPOTENCY_KEY": "01930000-0000-7000-8000-000000000001"}
    first, again = (browser.post(f"/c/{here.code}/open311/v2/requests.json", form, **once).json() for _ in "ab")
    assert first == again and Matter.objects.count() == 1


@pytest.mark.parametrize("query", ["?start_date=gestern", "?end_date=2026-13-01T00:00:00Z"])
def test_a_date_that_cannot_be_read_is_said(browser, here, query):
    answer = browser.get(f"/c/{here.code}/open311/v2/requests.json{query}")
    assert answer.status_code == 400 and "2026-03-01T09:00:00+08:00" in answer.json()[0]["description"]
