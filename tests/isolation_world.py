"""One of everything in each of three communities, for the isolation matrix: what a route can be about has a row here."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from linli.accounts import actions as accounts
from linli.accounts.models import Account, Emergency, PartySeat, Post, Session
from linli.accounts.tests.factories import make_passkey
from linli.core import clock, files
from linli.core.ids import uuid7
from linli.core.models import StoredFile
from linli.core.tenancy import active
from linli.hooks import actions as hooks
from linli.imports import actions as imports
from linli.intake import actions as intake
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
from linli.visits import actions as visits
from linli.visits.models import VisitErrand
from tests.cast import Cast, Place, make_cast


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
            "kind": MatterKind.objects.first().id,
            "rule": actions.set_up_routing(boss)[0].id,
            "absence": accounts.note_absence(
                boss,
                account=cast.accounts[secretary],
                community=place.community,
                from_on=clock.today() + timedelta(days=30),
                until_on=clock.today() + timedelta(days=31),
            ).id,
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
            **one_visit(boss, resident, cast.accounts[reporter]),
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
            **one_handover(cast, place, reporter, boss),
            **ways_in(boss, place),
        }


def ways_in(boss, place):
    """A printed code and a sheet of the hotline's orders."""
    order = f"工单编号,诉求内容\nGD-{place.id},canary-{place.id}\n".encode()
    sheet = intake.take_in_sheet(boss, content=order, name=f"canary-{place.id}.csv")
    sticker = intake.put_up_sticker(boss, label="一楼消防栓")
    hook, _ = hooks.add_hook(boss, name="街道平台", url="https://hooks.example.com/in", verbs=["matter.reported"])
    return {"hook": hook.id, "sticker": sticker.id, "sticker_token": sticker.token, "hotline_sheet": sheet.id}


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


def one_handover(cast, place, reporter, boss):
    """A matter in the hands of the community's property company; in 仓基新村 周师傅 answers for it."""
    company = organisations.add_organisation(boss, kind="property_company", name="物业公司", from_on=clock.today())
    phone = f"1003000000{place.id}"
    organisations.give_post(
        boss, organisation=company, role="contact", name="周师傅", phone=phone, from_on=clock.today()
    )
    matter = actions.report_matter(
        cast.actor(reporter, place),
        kind=MatterKind.objects.first(),
        words=f"handed-{place.id}",
        spot=queries.spot_named(f"{list(place.buildings)[-1]}-1-101"),
    )
    actions.accept_matter(boss, matter=matter)
    handover = actions.hand_on(
        boss, matter=matter, organisation=company, asked="请修好", answer_by=clock.today(), shares_contact=True
    )
    supervision = actions.supervise(boss, matter=matter, why=f"handed-{place.id}", answer_by=clock.today())
    call = actions.call_units(
        boss, matter=matter, units=[company], lead=company, respond_by=clock.now() + timedelta(hours=2),
        words=f"handed-{place.id}",
    )  # fmt: skip
    seat = PartySeat.objects.get()
    if place is cast.here:
        cast.accounts["周师傅"] = Account.objects.get(pk=seat.account_id)
    called = {"call": call.id, "called": call.units.get().id}
    return {**called, "handover": handover.id, "seat": seat.code, "supervision": supervision.id}


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


def one_visit(boss, resident, volunteer):
    """A rule, an extra round, a pass at a door and what is due; where the register holds nobody, ids that are not there."""
    nowhere = UUID(int=8)
    rule = visits.add_policy(boss, facts=visits.PolicyFacts(name="canary", every="month", categories=["living_alone"]))
    extra = visits.start_round(boss, kind="weather", reason="canary", due_on=clock.today())
    found = {
        "visit_policy": rule.pk,
        "extra_round": extra.pk,
        "visit_plan": nowhere,
        "visit_session": nowhere,
        "visit_errand": nowhere,
    }
    if resident is None:
        return found
    home = residents_read.residence_of(resident).dwelling
    session = visits.record_session(
        boss, dwelling=home, channel="door", said=[visits.Said(resident.pk, "absent", words="canary")]
    )
    plan = visits.plan_visit(boss, resident=resident, reason="canary")
    errand = VisitErrand.objects.create(
        plan=plan, volunteer=volunteer.pk, until=clock.today(), given_by=boss.account_id, given_at=clock.now()
    )
    return {**found, "visit_session": session.pk, "visit_plan": plan.pk, "visit_errand": errand.pk}


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
