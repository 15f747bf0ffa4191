"""The isolation matrix: every route × every role × {own community, sibling, another street} × verbs; then again with the ORM's filter off.

Two oracles. By audience: who is not in a route's audience in that community gets 401, 403, 404 or the sign-in page. By canary: the words of
a community's matter never stand in an answer to somebody who may not see that matter, whatever the route and the status.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from PIL import Image

from linli.accounts import actions as accounts
from linli.accounts.models import Emergency, Post, Session
from linli.accounts.sessions import FRESH
from linli.accounts.tests.factories import make_passkey
from linli.core import clock, files, live
from linli.core.access import Permission
from linli.core.ids import uuid7
from linli.core.models import StoredFile
from linli.core.tenancy import TenantManager, active, tenant_models
from linli.imports import actions as imports
from linli.lists import actions as lists
from linli.lists.models import Change, Export
from linli.matters import actions, jobs, queries
from linli.matters.models import MatterKind
from linli.notices import actions as notices
from linli.organisations import actions as organisations
from linli.places.models import Dwelling
from linli.residents import actions as residents
from linli.residents import conditions
from linli.residents import queries as residents_read
from linli.residents.models import Resident
from linli.rights import actions as rights
from tests.cast import Cast, Place, make_cast
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
]
REACHING = {"", "王芳", "李娜", "赵敏", "周国平", "郑涛", "冯丽"}  # who tries other communities' ids in the quick run
OVERSEERS = {"周国平", "韩雪", "管理员"}
SECRETARIES = {1: "赵敏", 2: "郑涛", 3: "冯丽"}
WITHOUT_PASSWORD = {"路人", "王芳", "老马", "邻居丁"}
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


@dataclass
class World:
    """The cast with one of everything in each community; `ids[community][subject]`."""

    cast: Cast
    places: list[Place]
    ids: dict[int, dict[str, UUID]] = field(default_factory=dict)
    reporters: dict[int, str] = field(default_factory=dict)


def picture():
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(buffer, "PNG")
    return SimpleUploadedFile("p.png", buffer.getvalue(), content_type="image/png")


def make_world() -> World:
    cast = make_cast()
    world = World(cast, [cast.here, cast.sibling, cast.elsewhere])
    for place, reporter, secretary in (
        (cast.here, "王芳", "赵敏"),
        (cast.sibling, "邻居丁", "郑涛"),
        (cast.elsewhere, "路人", "冯丽"),
    ):
        world.reporters[place.id] = reporter
        world.ids[place.id] = one_of_everything(cast, place, reporter, secretary)
    return world


def one_of_everything(cast, place, reporter, secretary):
    with active(place.id):
        door = list(place.buildings)[-1]  # in 仓基新村 a door of 李娜's patch
        matter = actions.report_matter(
            cast.actor(reporter, place),
            kind=MatterKind.objects.first(),
            words=f"canary-{place.id}",
            spot=queries.spot_named(f"{door}-1-101"),
            photos=files.clean_uploads([picture()]),
        )
        boss = cast.actor(secretary, place)
        table = actions.ask_for_month_table(boss, month=clock.today())
        entry = table_entry(table)
        jobs.make_month_table(community_id=place.id, entry_id=str(entry.id))
        link = accounts.request_link(cast.actor("路人", place), name=f"canary-{place.id}", door="1-1-101")
        message = notices.send_message(
            boss, template="link_confirmed", to_account=cast.accounts[reporter].id, once_key="t"
        )
        token, _ = accounts.make_token(boss, account=cast.accounts[secretary], name="表")
        resident = next((r for r in cast.residents.values() if r.community_id == place.id), None)
        return {
            "matter": matter.id,
            "draft": f"confirm-{matter.id}",
            "file": StoredFile.objects.get(owner_id=matter.id).id,
            "table_file": StoredFile.objects.get(owner_id=table.id).id,
            "link": link.id,
            "open_link": link.id,
            "post": Post.objects.get(account=cast.accounts[secretary]).id,
            "message": message.id,
            "token": token.id,
            "account": cast.accounts[secretary].id,
            "emergency": Emergency.objects.create(
                account_id=cast.accounts[reporter].id,
                reason=f"canary-{place.id}",
                opened_at=clock.now() - timedelta(days=1),
                until=clock.now() - timedelta(days=1, minutes=-5),
            ).id,
            "reset": accounts.ask_second_reset(
                cast.actor("管理员", place), account=cast.accounts[secretary], reason="手机丢失"
            ).id,
            "session": Session.objects.create(
                session_key=f"{place.id:032}", expire_date=clock.now(), account=cast.accounts[secretary]
            ).handle,
            "passkey": make_passkey(cast.accounts[secretary]).id,
            "import": one_import(cast, place),
            **one_list(boss),
            "rights_request": one_rights_request(cast, place, reporter),
            "resident": resident.id if resident else link.id,
            "category": one_category(boss, resident) if resident else link.id,
            "correction": one_correction(boss, resident) if resident else link.id,
            "document": one_document(boss, resident) if resident else link.id,
            "merge": one_merge(boss, door).id,
            "household": one_household(boss, resident) if resident else link.id,
            "dwelling": Dwelling.objects.filter(entrance__building=place.buildings[door]).values_list("id", flat=True)[
                0
            ],
            "building": place.buildings[door].id,
            "sub_area": place.sub_areas[0].id,
            **one_organisation(boss, place),
        }


def one_correction(boss, resident):
    return residents.request_correction(boss, resident, "name", "金丝雀", "对照身份证").pk


def one_category(boss, resident):
    return residents.grant_category(boss, resident=resident, kind="volunteer", from_on=clock.today()).pk


def one_document(boss, resident):
    return residents.add_document(boss, resident=resident, kind="511", number="12345678").pk


def one_merge(boss, number):
    """Two records of one person of that building, made one."""
    door = Dwelling.objects.filter(entrance__building__number=number).first()
    plans = [residents.ResidentPlan(name="重名", dwelling=door) for _ in range(2)]
    keep, drop = residents.register_many(boss, plans)
    return residents.merge_residents(boss, keep=keep, drop=drop)


def one_household(boss, resident):
    """The household of the community's first resident, formed behind the door where they live."""
    home = residents_read.residence_of(resident)
    since = home.span.lower
    return residents.form_household(boss, dwelling=home.dwelling, head=resident, members={}, on=since).pk


def one_organisation(boss, place):
    """A team of the whole community with somebody in it, a venue and a project."""
    team = organisations.add_organisation(boss, kind="interest_team", name="太极队", from_on=clock.today())
    post = organisations.give_post(
        boss, organisation=team, role="leader", name="队长", phone="10000000002", from_on=clock.today()
    )
    venue = organisations.put_venue(boss, name="议事厅", kind="meeting", from_on=clock.today())
    project = organisations.put_project(boss, name="理发日", for_whom="老人", words="理发", from_on=clock.today())
    return {
        "organisation": team.id,
        "organisation_post": post.id,
        "organisation_place": team.places.get().id,
        "venue": venue.id,
        "project": project.id,
    }


def one_import(cast, place):
    """A roster that waits for its columns: of every community, by whoever may import there."""
    who = {cast.here.id: "赵敏", cast.sibling.id: "郑涛"}.get(place.id, "冯丽")
    content = f"姓名,电话\ncanary-{place.id},10000000001\n".encode()
    (batch,) = imports.take_in(cast.actor(who, place), content=content, name="名册.csv")
    return batch.pk


def one_list(boss):
    """A shared group, and an export that waits for a second person."""
    asked = conditions.of_data([("resident.age", "empty", ""), ("resident.employer", "contains", "canary")])
    group = lists.save_group(boss, name="canary", conditions=asked, is_shared=True)
    export = Export(name="canary", reason="canary canary", count=900, state="waiting", made_by=uuid7())
    export.made_at = clock.now()
    export.save(force_insert=True)
    change = Change.objects.create(
        kind="confirm", facts={"code": "visit", "value": "", "on": ""}, reason="canary", count=0,
        made_by=boss.account_id, made_at=clock.now(),
    )  # fmt: skip
    return {"group": group.pk, "export": export.pk, "change": change.pk}


def one_rights_request(cast, place, reporter):
    """What the reporter asked about her own data; where the reporter is nobody of the register, an id that is not there."""
    asker = cast.actor(reporter, place)
    if not asker.speaks_for:
        return UUID(int=7)
    me = Resident.objects.get(pk=min(asker.speaks_for))
    return rights.ask_request(asker, resident=me, kind="explain", words=f"canary-{place.id}").id


def table_entry(table):
    from linli.core.models import TrailEntry

    return TrailEntry.objects.get(subject_id=table.id)


@dataclass(frozen=True)
class Probe:
    ours: str
    who: str
    community: int
    owner: int
    verb: str


def probes(world: World, url_of: Place, *, all_verbs: bool):
    for ours, route in ROUTES.items():
        if "code" not in FOUND[ours][1] and url_of is not world.cast.here:
            continue
        for who in ACTORS:
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
            else "phone"
            if argument == "field"
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


def run_matrix(world: World, url_of: Place, *, all_verbs: bool):
    clients = {who: signed_in(world, who) for who in ACTORS}
    actors = {who: actor_in(world, who, url_of) for who in ACTORS}
    faults, count, served = [], 0, set()
    for probe in probes(world, url_of, all_verbs=all_verbs):
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
    if net != "both nets":
        monkeypatch.setattr(TenantManager, "is_filtering", False)
    count, faults = run_matrix(world, getattr(world.cast, place), all_verbs=request.config.getoption("-m", "") == "")
    assert not faults, f"{len(faults)} of {count} probes:\n" + "\n".join(faults[:40])
    assert count > 1000


def test_each_page_opens_for_those_it_is_for(world):
    """The other half: a matrix in which nobody may do anything would pass the tests above."""
    place, closed = world.cast.here, []
    for ours, route in ROUTES.items():
        if "GET" not in route.verbs:
            continue
        opened = False
        for who in ("", "王芳", "李娜", "陈建国", "赵敏", "管理员", "审计员"):
            probe = Probe(ours, who, place.id, place.id, "GET")
            opened |= signed_in(world, who).get(address(world, probe, route.subject)).status_code in (200, 302)
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
    _, faults = run_matrix(world, world.cast.here, all_verbs=False)
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
