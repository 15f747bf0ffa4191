"""The isolation matrix: every route × every role × {own community, sibling, another street} × verbs; then again with the ORM's filter off.

Two oracles. By audience: who is not in a route's audience in that community gets 401, 403, 404 or the sign-in page. By canary: the words of
a community's matter never stand in an answer to somebody who may not see that matter, whatever the route and the status.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from zlib import crc32

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from linli.accounts.sessions import FRESH
from linli.core import clock, live
from linli.core.access import Permission
from linli.core.tenancy import TenantManager, active, tenant_models
from linli.matters import queries
from tests.cast import Place
from tests.isolation_world import World, make_world
from tests.routes import ROUTES, Route

ACTORS = [
    "",
    "路人",
    "王芳",
    "老马",
    "李娜",
    "孙伟",
    "陈建国",
    "赵敏",
    "周国平",
    "管理员",
    "安全员",
    "审计员",
    "邻居丁",
    "吴静",
    "郑涛",
    "冯丽",
    "韩雪",
    "周师傅",
]
REACHING = {
    "",
    "王芳",
    "周师傅",
    "李娜",
    "赵敏",
    "周国平",
    "郑涛",
    "冯丽",
}  # who tries other communities' ids in the quick run
OVERSEERS = {"周国平", "韩雪", "管理员"}
SECRETARIES = {1: "赵敏", 2: "郑涛", 3: "冯丽"}
WITHOUT_PASSWORD = {"路人", "王芳", "老马", "邻居丁", "周师傅"}
TURNED_AWAY = {401, 403, 404}
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def all_routes():
    """(our name, Django's name, the address's own arguments) of every route in the URLconf."""

    def walk(resolver, namespace="", arguments=()):
        for each in resolver.url_patterns:
            taken = (*arguments, *each.pattern.regex.groupindex)
            if isinstance(each, URLResolver):
                yield from walk(each, namespace + (f"{each.namespace}:" if each.namespace else ""), taken)
            elif isinstance(each, URLPattern) and each.name != "api-root":
                yield namespace + (each.name or str(each.pattern)), taken

    for name, arguments in walk(get_resolver()):
        yield ("api:" + name.split(":")[1] if name.startswith("api-") else name), name, arguments


FOUND = {ours: (name, arguments) for ours, name, arguments in all_routes()}


def test_every_route_is_in_the_access_table():
    assert set(FOUND) - set(ROUTES) == set(), "say in tests/routes.py who may open it"
    assert set(ROUTES) - set(FOUND) == set(), "a route that is gone"


SAID = {"field": "phone", "form": "json", "service": "leak"}
"""Arguments of addresses that name no row of a community's own."""


@dataclass(frozen=True)
class Probe:
    ours: str
    who: str
    community: int
    owner: int
    verb: str


def is_in_the_quick_run(ours: str, place: Place, world: World) -> bool:
    """All routes in 仓基新村; in the other two communities a third of them each, always the same ones. `--all` leaves none out."""
    others = [world.cast.sibling, world.cast.elsewhere]
    return place not in others or crc32(ours.encode()) % 3 == others.index(place)


def probes(
    world: World, url_of: Place, *, all_verbs: bool, wanted: Callable[[str, str], bool] = lambda ours, who: True
):
    for ours, route in ROUTES.items():
        if "code" not in FOUND[ours][1] and url_of is not world.cast.here:
            continue
        if not all_verbs and not is_in_the_quick_run(ours, url_of, world):
            continue
        for who in ACTORS:
            if not wanted(ours, who):
                continue
            for owner in [p.id for p in world.places] if route.subject else [url_of.id]:
                if owner != url_of.id and who not in REACHING and not all_verbs:
                    continue
                for verb in VERBS:
                    if verb in route.verbs or all_verbs or (who == "赵敏" and owner == url_of.id):
                        yield Probe(ours, who, url_of.id, owner, verb)


def address(world: World, probe: Probe, subject: str) -> str:
    name, arguments = FOUND[probe.ours]
    if name.endswith(":"):
        return "/api/nothing-is-here"
    kwargs = {}
    for argument in arguments:
        kwargs[argument] = (
            next(p.code for p in world.places if p.id == probe.community)
            if argument == "code"
            else SAID[argument]
            if argument in SAID
            else f"{clock.today():%y%m%d}-0001"  # the first of each community
            if argument == "number"
            else world.ids[probe.owner]["sticker_token"]
            if argument == "token"
            else world.ids[probe.owner]["reset" if argument == "reset_id" else subject]
        )
    return reverse(name, kwargs=kwargs) + ROUTES[probe.ours].query


def faults_of(world: World, probe: Probe, route: Route, client: Client, actor) -> list[str]:
    """What is wrong with the answer to one probe; everything it changed is undone."""
    found = []
    cookies = client.cookies.output(header="", sep=";")
    for subject in ("file", "table_file") if route.subject == "file" else (route.subject,):
        client.cookies = SimpleCookie(cookies)  # a probe of signing out must not make the later ones a stranger's
        with transaction.atomic():
            response = client.generic(
                probe.verb,
                address(world, probe, subject),
                route.body.encode() if probe.ours.startswith("api") else b"",
                "application/json",
            )
            body = b"".join(response.streaming_content) if response.streaming else response.content
            transaction.set_rollback(True)
        found += judge(world, probe, route, response, body, actor, subject)
    client.cookies = SimpleCookie(cookies)
    return found


def judge(world, probe, route, response, body, actor, subject):
    status = response.status_code
    to_sign_in = status == 302 and "/sign-in/" in response["Location"]
    is_away = status in TURNED_AWAY or to_sign_in
    place = next(p for p in world.places if p.id == probe.community)
    faults = [] if status < 500 else [f"{status}"]
    if probe.verb not in route.verbs:
        faults += [] if is_away or status in (405, 415) else [f"offers {probe.verb}: {status}"]
    elif not in_audience(route, actor, probe.who) and not is_away:
        faults.append(f"not in the audience, yet {status}")
    elif (
        route.subject
        and probe.owner != probe.community
        and route.subject not in ("token", "account")  # the platform's, whatever community somebody works in
        and not (route.subject in ("session", "passkey") and probe.who == SECRETARIES[probe.owner])  # their own
        and not (is_away or status in (422, 400))
    ):
        faults.append(f"another community's {subject}: {status}")
    for other in world.places:
        if f"canary-{other.id}".encode() in body and not may_read(world, probe, other, actor, place):
            faults.append(f"canary of {other.id} in a {status}")
        # 周师傅 reads what was handed to his company, and nothing of any other matter.
        is_handed_to_him = probe.who == "周师傅" and other is place is world.cast.here
        if f"handed-{other.id}".encode() in body and not (
            is_handed_to_him or may_read(world, probe, other, actor, place)
        ):
            faults.append(f"handed-on words of {other.id} in a {status}")
    return faults


def in_audience(route, actor, who):
    if route.audience == "overseer":
        return who in OVERSEERS
    if route.audience == "anyone":
        return True
    if route.audience == "signed_in":
        return actor.is_signed_in
    if isinstance(route.audience, tuple):
        return who in route.audience
    if route.audience == "with_password":
        return actor.is_signed_in and who not in WITHOUT_PASSWORD
    return actor.may(route.audience)


def may_read(world, probe, other, actor, place):
    """Whether the actor may see the words of `other`'s matter or link request: only inside it, by duty or as the reporter."""
    if other.id != place.id:
        return False
    by_duty = actor.may(Permission.MATTERS_SEE_ALL) or (actor.may(Permission.RESIDENTS_LINK) and probe.who != "孙伟")
    asked_for_link = probe.who == "路人"
    return (
        by_duty
        or probe.who == world.reporters[other.id]
        or asked_for_link
        or (probe.who == "审计员" and probe.ours in ("me:emergency", "me:review_emergency"))
        or (probe.who == "孙伟" and probe.ours in ("me:links", "me:confirm_link", "me:refuse_link"))
    )


def run_matrix(world: World, url_of: Place, *, all_verbs: bool, wanted: Callable[[str, str], bool] | None = None):
    clients = {who: signed_in(world, who) for who in ACTORS}
    actors = {who: actor_in(world, who, url_of) for who in ACTORS}
    faults, count, served = [], 0, set()
    for probe in probes(world, url_of, all_verbs=all_verbs, wanted=wanted or (lambda ours, who: True)):
        route = ROUTES[probe.ours]
        actor = actors[probe.who]
        count += 1
        faults += [f"{probe}: {fault}" for fault in faults_of(world, probe, route, clients[probe.who], actor)]
        if probe.verb == "GET" and probe.owner == probe.community:
            served.add(probe.ours)
    return count, faults


def signed_in(world, who):
    client = Client(headers={"host": "localhost"})
    client.raise_request_exception = False
    if who:
        client.force_login(world.cast.accounts[who], backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session[FRESH] = clock.now().timestamp()  # she has just shown her password
        session.save()
    return client


def actor_in(world, who, place):
    from linli.accounts.queries import actor_for

    return actor_for(world.cast.accounts[who] if who else None, place.community, code=place.code)


@pytest.fixture
def world(db):
    return make_world()


@pytest.mark.parametrize("place", ["here", "sibling", "elsewhere"])
@pytest.mark.parametrize("net", ["both nets", "row-level security alone"])
def test_nobody_sees_or_does_what_is_not_theirs(world, place, net, monkeypatch, request):
    """By default of those a route is not for a sixth is asked; with the ORM's filter off none: who is turned away reads no row."""
    url_of, is_whole = getattr(world.cast, place), request.config.getoption("-m", "") == ""
    if net != "both nets":
        monkeypatch.setattr(TenantManager, "is_filtering", False)
    actors = {who: actor_in(world, who, url_of) for who in ACTORS}

    def wanted(ours, who):
        turned_away = net == "both nets" and crc32(f"{ours} {who}".encode()) % 6 == 0
        return is_whole or turned_away or in_audience(ROUTES[ours], actors[who], who)

    count, faults = run_matrix(world, url_of, all_verbs=is_whole, wanted=wanted)
    assert not faults, f"{len(faults)} of {count} probes:\n" + "\n".join(faults[:40])
    assert count > 500


def test_each_page_opens_for_those_it_is_for(world):
    """The other half: a matrix in which nobody may do anything would pass the tests above."""
    place, closed = world.cast.here, []
    clients = {who: signed_in(world, who) for who in ACTORS}
    for ours, route in ROUTES.items():
        if "GET" not in route.verbs:
            continue
        opened = False
        for who in ("赵敏", "", "王芳", "李娜", "陈建国", "管理员", "审计员", "周师傅"):
            probe = Probe(ours, who, place.id, place.id, "GET")
            opened = clients[who].get(address(world, probe, route.subject)).status_code in (200, 302)
            if opened:
                break
        closed += [] if opened else [ours]
    assert closed == []


def test_streams_open_for_those_they_are_for(world):
    for place in world.places:
        for who in ACTORS:
            actor = actor_in(world, who, place)
            with active(place.id):
                desk = live.stream_for(actor, None, None)
                assert (desk is not None) == actor.may(Permission.DESK_OPEN), (who, place.code)
                for owner in world.places:
                    own = live.stream_for(actor, "matters.matter", world.ids[owner.id]["matter"])
                    may = owner is place and (
                        actor.may(Permission.MATTERS_SEE_ALL)
                        or (actor.may(Permission.MATTERS_SEE_PATCH) and who != "孙伟")
                        or who == world.reporters[place.id]
                    )
                    assert (own is not None) == may, (who, place.code, owner.code)


def test_a_planted_leak_is_seen(world, monkeypatch):
    """Somebody forgets who may see a matter: the matrix must turn red."""
    from linli.matters.models import Matter

    monkeypatch.setattr(
        queries,
        "matters_visible_to",
        lambda actor: Matter.objects.select_related(*queries.RELATED).order_by("-reported_at", "-id"),
    )
    _, faults = run_matrix(
        world, world.cast.here, all_verbs=False, wanted=lambda ours, who: ours.startswith("matters:") and who == "孙伟"
    )
    assert any("canary of 1" in fault and "孙伟" in fault for fault in faults), faults[:3]


def test_a_leak_past_both_nets_is_seen(committed_db, monkeypatch):
    """The ORM's filter off and the policies gone: another community's matter would be read, and the matrix says so."""
    world = make_world()
    monkeypatch.setattr(TenantManager, "is_filtering", False)
    owner = connections["owner"]
    with owner.cursor() as cursor:
        for model in tenant_models():
            cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE ROW LEVEL SECURITY")
    try:
        probe = Probe("matters:desk_matter", "赵敏", world.cast.here.id, world.cast.sibling.id, "GET")
        faults = faults_of(
            world, probe, ROUTES[probe.ours], signed_in(world, "赵敏"), actor_in(world, "赵敏", world.cast.here)
        )
    finally:
        with owner.cursor() as cursor:
            for model in tenant_models():
                cursor.execute(f"ALTER TABLE {model._meta.db_table} ENABLE ROW LEVEL SECURITY")
    assert any("canary of 2" in fault or "another community" in fault for fault in faults)
