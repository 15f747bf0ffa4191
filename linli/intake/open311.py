"""Open311 GeoReport v2 (https://wiki.open311.org/GeoReport_v2/) under `/c/<code>/open311/v2/`: for programs of cities and of citizens.

Reading is for anybody, so nothing that was said, no name and no phone is told: kind, state, times, the building. Reporting takes an
`api_key`, which is a token of this installation with the scope to write; what is reported belongs to the token's account.
JSON and XML; errors are GeoReport's list of code and description.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from xml.etree import ElementTree

import orjson
from django.http import HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from linli.accounts import queries as accounts
from linli.accounts.models import Scope
from linli.core import clock, files
from linli.core.access import Actor
from linli.core.errors import Problem
from linli.core.identifiers import normalise_phone
from linli.core.tenancy import parse_uuid
from linli.core.web import Request
from linli.matters import actions as matters
from linli.matters.actions import Contact
from linli.matters.forms import MAX_PHOTOS
from linli.matters.models import Matter, MatterKind, Source
from linli.matters.queries import Spot, kinds_offered, spot_named

from . import queries, rules

FORMS = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
LIST_MOST = 1000  # GeoReport v2: "by default ... 1000 requests"
Told = list[dict[str, Any]]


class Refused(Exception):
    """What GeoReport answers when it cannot: a status and a sentence."""

    def __init__(self, status: int, words: str) -> None:
        self.status, self.words = status, words


def speaks(root: str, each: str) -> Callable[[Any], Any]:
    """A view that returns rows; they are answered in the form asked for, in XML as `<root><each>…`. It is in no browser's session."""

    def speaking(view: Callable[..., Told]) -> Any:
        @wraps(view)
        def answered(request: Request, *, form: str, **named: Any) -> HttpResponse:
            if form not in FORMS:
                return _answer(
                    [{"code": 404, "description": "只有 .json 和 .xml 两种。"}], "json", 404, "errors", "error"
                )
            try:
                return _answer(view(request, **named), form, 200, root, each)
            except Refused as refused:
                told = [{"code": refused.status, "description": refused.words}]
                return _answer(told, form, refused.status, "errors", "error")

        return csrf_exempt(answered)

    return speaking


def _answer(rows: Told, form: str, status: int, root: str, each: str) -> HttpResponse:
    if form == "json":
        return HttpResponse(orjson.dumps(rows), content_type=FORMS[form], status=status)
    tree = ElementTree.Element(root)
    for row in rows:
        _into(ElementTree.SubElement(tree, each), row)
    body = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
    return HttpResponse(body, content_type=FORMS[form], status=status)


def _into(element: ElementTree.Element, row: dict[str, Any]) -> None:
    for name, value in row.items():
        inner = ElementTree.SubElement(element, name)
        if isinstance(value, list):
            for item in value:
                _into(ElementTree.SubElement(inner, name.removesuffix("s")), item)
        elif value is not None:
            inner.text = str(value).lower() if isinstance(value, bool) else str(value)


@require_safe
@speaks("discovery", "endpoint")
def discovery(request: Request) -> Told:
    """Where this speaks GeoReport, as its clients look for it."""
    base = request.build_absolute_uri(reverse("intake:open311_services", kwargs={"form": "json"}))
    return [
        {
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": base.removesuffix("/services.json"),
            "type": "production",
            "formats": [{"format": media.partition(";")[0]} for media in FORMS.values()],
        }
    ]


@require_safe
@speaks("services", "service")
def services(request: Request) -> Told:
    return [_service_told(kind) for kind in kinds_offered()]


def _service_told(kind: MatterKind) -> dict[str, Any]:
    return {
        "service_code": kind.code,
        "service_name": kind.name,
        "description": kind.hint,
        "metadata": False,
        "type": "realtime",
        "keywords": "",
        "group": "",
    }


@require_safe
@speaks("service_definitions", "service_definition")
def service(request: Request, service: str) -> Told:
    kind = _kind(service)
    return [{"service_code": kind.code, "attributes": []}]


@require_http_methods(["GET", "HEAD", "POST"])
@speaks("service_requests", "request")
def requests(request: Request) -> Told:
    """GET: what was reported, newest first. POST: report."""
    return _report(request) if request.method == "POST" else _listed(request)


@require_safe
@speaks("service_requests", "request")
def one_request(request: Request, number: str) -> Told:
    row = Matter.objects.filter(number=number).select_related("kind", "building", "entrance").first()
    if row is None:
        raise Refused(404, "没有这个编号。请核对 service_request_id。")
    return [_told(row)]


@require_safe
@speaks("service_requests", "request")
def token(request: Request, number: str) -> Told:
    """We answer with the number at once, so a token is the number itself."""
    row = Matter.objects.filter(number=number).first()
    if row is None:
        raise Refused(404, "没有这个编号。")
    return [{"service_request_id": row.number, "token": row.number}]


def _listed(request: Request) -> Told:
    asked = request.GET
    rows = Matter.objects.select_related("kind", "building", "entrance").order_by("-reported_at", "-id")
    if numbers := asked.get("service_request_id"):
        return [_told(row) for row in rows.filter(number__in=numbers.split(",")[:LIST_MOST])]
    start, end = rules.span_asked(_moment(asked, "start_date"), _moment(asked, "end_date"), clock.now())
    rows = rows.filter(reported_at__gte=start, reported_at__lte=end)
    if codes := asked.get("service_code"):
        rows = rows.filter(kind__code__in=codes.split(","))
    if wanted := asked.get("status"):
        states = [state for state in Matter.NEXT if rules.open311_status(state) in wanted.split(",")]
        rows = rows.filter(state__in=states)
    return [_told(row) for row in rows[:LIST_MOST]]


def _moment(asked: Any, name: str) -> datetime | None:
    text = asked.get(name, "").replace(" ", "+")  # a "+08:00" that was not escaped arrives as a blank
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise Refused(400, f"{name} 看不懂。请写成 2026-03-01T09:00:00+08:00 这样。")
    return found if found.tzinfo else found.replace(tzinfo=clock.SHANGHAI)


def _told(row: Matter) -> dict[str, Any]:
    """A matter as anybody may know it. What was said is not told: people write names and phones into it."""
    point = queries.middle_of(row.building)
    touched = row.closed_at or row.fed_back_at or row.accepted_at or row.reported_at
    return {
        "service_request_id": row.number,
        "status": rules.open311_status(row.state),
        "status_notes": row.get_state_display(),
        "service_name": row.kind.name,
        "service_code": row.kind.code,
        "description": None,
        "agency_responsible": None,
        "service_notice": None,
        "requested_datetime": _iso(row.reported_at),
        "updated_datetime": _iso(touched),
        "expected_datetime": _iso(row.due_at),
        "address": queries.address_of(row),
        "address_id": str(row.building_id or ""),
        "zipcode": None,
        "lat": point[1] if point else None,
        "long": point[0] if point else None,
        "media_url": None,
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(clock.SHANGHAI).replace(microsecond=0).isoformat()


def _report(request: Request) -> Told:
    said = request.POST
    actor = _actor(request, said.get("api_key", ""))
    kind = _kind(said.get("service_code", ""))
    words = said.get("description", "").strip()
    if not words:
        raise Refused(400, "缺 description：请写一两句是什么事。")
    name = f"{said.get('last_name', '')}{said.get('first_name', '')}".strip()[:80]
    try:
        phone = normalise_phone(said["phone"]) if said.get("phone") else None
        made = matters.report_matter(
            actor,
            id=parse_uuid(request.headers.get("Idempotency-Key", "")),
            kind=kind,
            words=words[:1000],
            spot=_spot(said),
            source=Source.OPEN311,
            contact=Contact(name=name, phone=phone),
            photos=files.clean_uploads(request.FILES.getlist("media")[:MAX_PHOTOS]),
        )
    except Problem as problem:
        raise Refused(problem.status if problem.status in (403, 409) else 400, problem.message) from problem
    return [{"service_request_id": made.number, "service_notice": None, "account_id": None}]


def _actor(request: Request, secret: str) -> Actor:
    found = accounts.token_by_secret(secret) if secret else None
    if found is None:
        raise Refused(403, "缺 api_key，或它不能用。请用“我的”页面生成的、带“办理”范围的接口口令。")
    if Scope.WRITE not in found.scopes or found.community_id not in (None, request.community.id):
        raise Refused(403, "这个 api_key 不能在这个社区上报。请生成一个带“办理”范围的口令。")
    return accounts.actor_for(
        found.account,
        request.community,
        code=request.community_code,
        via="api",
        request_id=getattr(request, "request_id", None),
    )


def _kind(code: str) -> MatterKind:
    found = kinds_offered().filter(code=code).first()
    if found is None:
        raise Refused(404 if code else 400, "没有这个 service_code。有哪些，请看 services。")
    return found


def _spot(said: Any) -> Spot:
    """GeoReport wants one of a position, an address id, an address: the first that says something."""
    if building_id := parse_uuid(said.get("address_id", "")):
        return queries.spot_of_building(building_id, said.get("address_string", "")[:120])
    if address := said.get("address_string", "").strip():
        return spot_named(address[:120])
    try:
        lat, long = float(said["lat"]), float(said["long"])
    except (KeyError, ValueError):
        raise Refused(400, "缺地点：请给 lat 和 long，或 address_string。") from None
    return queries.spot_at(long, lat)
