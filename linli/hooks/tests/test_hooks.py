"""Other programs are told: signed, once by id, again when it failed, and nowhere they should not be."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import threading
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core import clock
from linli.core.access import Permission
from linli.core.errors import NotAllowed
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.hooks import actions, jobs, rules, sending
from linli.hooks.models import Delivery, DeliveryState, Hook
from linli.matters import actions as matters
from linli.matters.models import MatterKind
from linli.matters.queries import spot_named
from tests.helpers import race

ALL = ["matter.reported", "matter.accepted"]


@pytest.fixture
def there():
    """Another program: keeps what it was sent, answers as it is told to."""

    class Other(BaseHTTPRequestHandler):
        seen, answers = [], []

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            Other.seen.append((dict(self.headers), body))
            status = Other.answers.pop(0) if Other.answers else 204
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Other.url = f"http://127.0.0.1:{server.server_port}/in?a=1"
    yield Other
    server.shutdown()


def set_up(cast, url, verbs=ALL):
    with active(cast.here.id):
        hook, secret = actions.add_hook(cast.actor("赵敏"), name="街道平台", url=url, verbs=verbs)
        matter = matters.report_matter(
            cast.actor("王芳"),
            kind=MatterKind.objects.get(code="leak"),
            words="王芳家漏水，10012340001",
            spot=spot_named("48-2-301"),
        )
        entry = TrailEntry.objects.get(subject_id=matter.pk, verb="matter.reported")
    return hook, secret, matter, entry


def states(cast):
    with active(cast.here.id):
        return list(Delivery.objects.values_list("state", "attempts", "answer"))


def test_what_is_sent_is_signed_and_names_nobody(committed_cast, there):
    cast = committed_cast
    _, secret, matter, entry = set_up(cast, there.url)
    jobs.offer(community_id=cast.here.id, entry_id=str(entry.pk))
    ((headers, body),) = there.seen
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    wanted = b64encode(hmac.new(b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    told = json.loads(body)
    assert told["type"] == "matter.reported" and told["data"]["subject_id"] == str(matter.pk)
    assert "王芳" not in body and "10012340001" not in body and "漏水" not in body
    assert states(cast) == [("taken", 1, "204")]


def test_the_same_entry_offered_again_is_told_once(committed_cast, there):
    _, _, _, entry = set_up(committed_cast, there.url)
    race(4, lambda _: jobs.offer(community_id=committed_cast.here.id, entry_id=str(entry.pk)))
    assert len(there.seen) == 1 and states(committed_cast) == [("taken", 1, "204")]


def test_what_fails_is_tried_again_until_it_is_given_up_and_can_be_sent_again_with_its_id(committed_cast, there):
    cast = committed_cast
    hook, _, _, entry = set_up(cast, there.url)
    there.answers[:] = [500] * 10
    now = clock.now()
    with clock.at(now):
        jobs.offer(community_id=cast.here.id, entry_id=str(entry.pk))
        jobs.send_due(community_id=cast.here.id)
    assert len(there.seen) == 1, "nothing is tried before its time"
    for pause in rules.RETRY_AFTER:
        now += pause
        with clock.at(now):
            jobs.send_due(community_id=cast.here.id)
    assert states(cast) == [("failed", 10, "500")] and len(there.seen) == 10
    with active(cast.here.id):
        assert actions.send_again(cast.actor("赵敏"), hook=hook, since=entry.at - timedelta(hours=1)) == 1
    with clock.at(now):
        jobs.send_due(community_id=cast.here.id)
    assert states(cast) == [("taken", 1, "204")]
    assert {headers["webhook-id"] for headers, _ in there.seen} == {f"msg_{entry.pk.hex}"}


def test_a_worker_that_died_while_sending_is_made_good(committed_cast, there):
    cast = committed_cast
    _, _, _, entry = set_up(cast, there.url)
    with active(cast.here.id):
        (waiting,) = actions.offer(entry, code=cast.here.code)
        assert actions.claim(waiting) is not None and actions.claim(waiting) is None
    jobs.send_due(community_id=cast.here.id)
    assert there.seen == [], "it is somebody's until the lease is over"
    with clock.at(clock.now() + rules.LEASE):
        jobs.send_due(community_id=cast.here.id)
    assert len(there.seen) == 1 and states(cast)[0][0] == "taken"


def test_a_redirect_is_not_followed(committed_cast, there):
    there.answers[:] = [302]
    _, _, _, entry = set_up(committed_cast, there.url)
    jobs.offer(community_id=committed_cast.here.id, entry_id=str(entry.pk))
    assert states(committed_cast)[0] == ("waiting", 1, "302")


def test_a_network_nobody_allowed_is_not_reached(there, settings):
    settings.LINLI_HOOK_NETWORKS = []
    assert sending.post(there.url, "{}", {}) == sending.Answer(False, "这个网段没有开放")
    assert there.seen == []


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("127.0.0.1", False), ("10.1.2.3", False), ("169.254.169.254", False), ("192.168.1.1", False), ("::1", False),
        ("::ffff:10.1.2.3", False), ("fd00::1", False), ("0.0.0.0", False), ("224.0.0.1", False), ("8.8.8.8", True),
        ("2606:4700::1", True),
    ],
)  # fmt: skip
def test_where_it_may_go(address, may):
    assert rules.may_go_to(address, []) is may
    assert rules.may_go_to("10.1.2.3", [ipaddress.ip_network("10.0.0.0/8")])


@given(st.integers(min_value=1, max_value=30))
def test_a_try_comes_later_than_the_one_before_and_there_are_ten(attempts):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    again = rules.retry_at(attempts, now)
    assert (again is None) == (attempts >= 10)
    if again and attempts > 1:
        assert again - now > rules.retry_at(attempts - 1, now) - now


@pytest.mark.django_db
def test_only_who_may_sets_addresses_up_and_each_refusal_says_why(here, as_secretary, as_specialist):
    with pytest.raises(NotAllowed):
        actions.add_hook(as_specialist, name="x", url="https://a.example.com/", verbs=ALL)
    assert as_secretary.may(Permission.HOOKS_KEEP)
    for more, kind in (
        ({"name": " "}, actions.NameMissing),
        ({"url": "ftp://a.example.com"}, actions.AddressUnusable),
        ({"verbs": ["resident.opened"]}, actions.VerbsMissing),
    ):
        with pytest.raises(kind):
            actions.add_hook(as_secretary, **{"name": "x", "url": "https://a.example.com/", "verbs": ALL, **more})
    actions.add_hook(as_secretary, name="x", url="https://a.example.com/", verbs=ALL)
    with pytest.raises(actions.HookThere):
        actions.add_hook(as_secretary, name="x", url="https://a.example.com/", verbs=ALL)


@pytest.mark.django_db
def test_what_happens_to_peoples_records_cannot_be_wanted():
    from linli.hooks.queries import verbs_offered

    assert "matter.reported" in verbs_offered()
    assert not {verb for verb in verbs_offered() if verb.startswith(("resident.", "account.", "consent."))}


@pytest.mark.django_db
def test_a_stopped_address_is_offered_nothing_and_gives_up_what_waits(here, as_secretary, as_wang):
    hook, _ = actions.add_hook(as_secretary, name="x", url="https://a.example.com/", verbs=ALL)
    kind = MatterKind.objects.get(code="leak")
    for words in ("一", "二"):
        matter = matters.report_matter(as_wang, kind=kind, words=words, spot=spot_named("48-2-301"))
        entry = TrailEntry.objects.get(subject_id=matter.pk, verb="matter.reported")
        actions.offer(entry, code=here.code)
        actions.stop_hook(as_secretary, hook=hook)
    assert list(Delivery.objects.values_list("state", flat=True)) == [DeliveryState.FAILED]
    assert Hook.objects.get().stopped_at is not None


@pytest.mark.django_db
def test_the_secret_is_shown_once(here, browse, cast):
    desk = browse(cast.accounts["赵敏"])
    form = {"name": "街道平台", "url": "https://a.example.com/in", "verbs": ALL}
    page = desk.post(f"/c/{here.code}/desk/hooks/", form).content.decode()
    secret = Hook.objects.get().secret
    assert secret in page and secret not in desk.get(f"/c/{here.code}/desk/hooks/").content.decode()
    again = desk.post(f"/c/{here.code}/desk/hooks/", form)
    assert again.status_code == 422 and "已经设过了" in again.content.decode()
