"""`python -m tests.journeys.stage`: what the journeys find when they come, committed to the database the environment names.

A process of its own, so that the test process never opens this database. The cast of tests/cast.py, and for 王桂英 one matter in each
state, with the long words and the late promise a page has to bear. Prints the addresses of its rows as JSON, by name.
"""

from __future__ import annotations

import io
import json
import sys
from datetime import date, timedelta
from typing import Any

import django

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402 - Django must be set up first
from PIL import Image  # noqa: E402

from linli.accounts import actions as accounts  # noqa: E402
from linli.accounts.models import Account, PartySeat  # noqa: E402
from linli.accounts.queries import actor_for, operator  # noqa: E402
from linli.core import clock, drafts, files  # noqa: E402
from linli.core.access import SYSTEM, Actor, Role  # noqa: E402
from linli.core.identifiers import check_digit  # noqa: E402
from linli.core.models import TrailEntry  # noqa: E402
from linli.core.tenancy import active  # noqa: E402
from linli.core.uploads import CleanFile  # noqa: E402
from linli.hooks import actions as hooks  # noqa: E402
from linli.imports import actions as imports  # noqa: E402
from linli.imports import jobs as import_jobs  # noqa: E402
from linli.imports import queries as import_queries  # noqa: E402
from linli.imports.models import Import  # noqa: E402
from linli.intake import actions as intake  # noqa: E402
from linli.lists import actions as lists  # noqa: E402
from linli.lists import changing  # noqa: E402
from linli.lists.changing import Wanted  # noqa: E402
from linli.lists.models import ChangeKind  # noqa: E402
from linli.matters import actions as matters  # noqa: E402
from linli.matters.marked import marked  # noqa: E402
from linli.matters.models import Ending, Matter, MatterKind, RoutingRule, Source  # noqa: E402
from linli.matters.queries import Spot, spot_named  # noqa: E402
from linli.organisations import actions as organisations  # noqa: E402
from linli.organisations.models import Organisation  # noqa: E402
from linli.places import actions as places  # noqa: E402
from linli.residents import actions as residents  # noqa: E402
from linli.residents import conditions  # noqa: E402
from linli.residents.check_rules import confirmed_by  # noqa: E402
from linli.residents.models import Household, Resident  # noqa: E402
from linli.rights import actions as rights  # noqa: E402
from linli.visits import actions as visits  # noqa: E402
from linli.visits.models import VisitErrand, VisitPlan  # noqa: E402
from tests.cast import PASSWORD, Cast, make_cast  # noqa: E402
from tests.journeys.origin import PHONES  # noqa: E402

LONG = (
    "三楼到四楼的楼道灯不亮已经一个多星期了，晚上回来完全看不见台阶，楼上王阿姨前天差点摔倒。"
    "物业说要等配件，型号是LED-T8-1200MM-18W-6500K-AC85-265V-CE-ROHS，问了三次都没有准信，请帮忙催一催。"
)


def picture() -> tuple[str, CleanFile]:
    """A small photo, cleaned as an upload is."""
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), "#7a8b8c").save(buffer, "JPEG")
    return files.clean_uploads([SimpleUploadedFile("photo.jpg", buffer.getvalue(), content_type="image/jpeg")])[0]


def tell(cast: Cast) -> dict[str, Matter]:
    """王桂英's matters, one a state."""
    granny, lina = cast.actor("王桂英"), cast.actor("李娜")
    kinds = {kind.code: kind for kind in MatterKind.objects.all()}
    home = spot_named("48-1-102")

    def reported(code: str, words: str, *, days: int = 0, spot: Spot = home) -> Matter:
        with clock.at(clock.now() - timedelta(days=days)):
            return matters.report_matter(granny, kind=kinds[code], words=words, spot=spot, photos=[picture()])

    told = {
        "reported": reported("repair", LONG),
        "late": reported(
            "stairs", "纸箱和旧沙发堵着楼道。", days=20, spot=spot_named("48幢2单元 三楼转角，靠消防栓的那一边")
        ),
        "accepted": reported("leak", LONG),
        "fed_back": reported("elder", "买药的单子送不出去，想请人帮忙跑一趟。"),
        "closed": reported("elder", "老年卡在哪里换？想请人陪着去。"),
    }
    for name in ("late", "accepted", "fed_back", "closed"):
        matters.accept_matter(lina, matter=told[name])
    matters.note_handling(
        lina, matter=told["accepted"], words="水工看过，楼上软管裂了。", before=[picture()], after=[picture()]
    )
    for name in ("fed_back", "closed"):
        matters.feed_back(
            lina, matter=told[name], ending=Ending.SOLVED, words=LONG, before=[picture()], after=[picture()]
        )
    matters.confirm_matter(granny, matter=told["closed"], rating=5, words="谢谢，办得快。")
    return told


def furnish(cast: Cast) -> dict[str, str]:
    """What other pages show: organisations with people, a venue and a project, somebody waiting for a link."""
    secretary, since, east = cast.actor("赵敏"), date(2024, 3, 1), cast.here.sub_areas[0]

    def add(kind: str, name: str, **more: Any) -> Organisation:
        return organisations.add_organisation(secretary, kind=kind, name=name, from_on=since, **more)

    committee = add("committee", "仓基新村社区党委")
    branch = add("general_branch", "东片区党总支", parent=committee, sub_area=east)
    serves = {"organisation": branch, "from_on": since}
    organisations.give_post(secretary, role="secretary", resident=cast.residents["王芳"], **serves)
    organisations.give_post(
        secretary, role="steward", resident=cast.residents["王桂英"], building=cast.here.buildings[48], **serves
    )
    partner = add(
        "partner_unit", "清渠中医门诊部", sub_area=east, words="每月第二个周三义诊，给行动不便的老人上门量血压"
    )
    organisations.give_post(
        secretary, organisation=partner, role="contact", name="陈明", phone="10020000010", from_on=since
    )
    company = add("property_company", "仓基新村安居物业服务有限公司", words="保洁、保安、电梯和公共照明维修")
    organisations.give_post(
        secretary, organisation=company, role="contact", name="周师傅", phone="10020000011", from_on=since
    )
    add("interest_team", "葫芦丝队", sub_area=east, words="周二周五下午排练，重阳节演出")
    venue = organisations.put_venue(
        secretary, name="邻里邻亲议事厅", kind="meeting", from_on=since, building=cast.here.buildings[48],
        where="一楼", area_m2=90, capacity=40, opening="周一至周六 9:00–20:30",
    )  # fmt: skip
    project = organisations.put_project(
        secretary, name="邻里理发日", for_whom="老人和残疾居民", words="每月八号广场理发，卧床的上门", from_on=since
    )
    passer_by = cast.accounts["路人"]
    accounts.request_link(actor_for(passer_by, cast.here.community), name="王桂英", door="48-1-102")
    rows = {"partner": partner, "branch": branch, "venue": venue, "project": project}
    return {name: str(row.pk) for name, row in rows.items()}


def hand_on(cast: Cast) -> dict[str, str]:
    """Two matters with the clinic next door: one it has taken, one it has answered, which waits for the check."""
    granny, lina = cast.actor("王桂英"), cast.actor("李娜")
    clinic, kind = Organisation.objects.get(kind="partner_unit"), MatterKind.objects.get(code="elder")
    out = {}
    for name, words in (("handed_on", "想请医生上门量血压。"), ("to_check", "轮椅坏了，想借一把。")):
        matter = matters.report_matter(granny, kind=kind, words=words, spot=spot_named("48-1-102"), photos=[picture()])
        matters.accept_matter(lina, matter=matter)
        due = clock.today() + timedelta(days=1)
        out[name] = matters.hand_on(
            lina, matter=matter, organisation=clinic, asked=LONG, answer_by=due, shares_contact=True
        )
    matters.supervise(cast.actor("赵敏"), matter=out["handed_on"].matter, why=LONG, answer_by=due)
    call = matters.call_units(
        cast.actor("赵敏"), matter=out["handed_on"].matter, units=[clinic], lead=clinic,
        respond_by=clock.now() + timedelta(days=1), words=LONG,
    )  # fmt: skip
    seat = PartySeat.objects.get()
    doctor = actor_for(Account.objects.get(pk=seat.account_id), cast.here.community, code=cast.here.code)
    matters.take_handover(doctor, handover=out["handed_on"])
    matters.answer_handover(doctor, handover=out["to_check"], words="轮椅送到家了，教了怎么用。", photos=[picture()])
    return {"called": str(call.units.get().pk), "seat": seat.code, "handover": str(out["handed_on"].pk)} | {
        name: str(row.matter_id) for name, row in out.items()
    }


def keep_lists(cast: Cast) -> dict[str, str]:
    """A group everybody may use, and a file that was asked for."""
    secretary = cast.actor("赵敏")
    old = conditions.of_data([("resident.age", "ge", "80")])
    group = lists.save_group(secretary, name="80岁以上", conditions=old, is_shared=True)
    export = lists.ask_export(
        secretary, name="80岁以上", conditions=old, columns=["age", "phone"], reason="报送街道高龄津贴核对"
    )
    lists.make_file(secretary, export=export, who="仓基新村社区 赵敏")
    confirmed = Wanted(ChangeKind.CONFIRM, next(iter(confirmed_by())))
    count = changing.preview(secretary, confirmed, old).count
    change = changing.change_many(secretary, confirmed, conditions=old, reason="7月入户走访核对", expected=count)
    return {"group": str(group.pk), "export": str(export.pk), "change": str(change.pk)}


def invented_number(sequence: int) -> str:
    """An ID number that holds together and belongs to nobody: no district is called 990105."""
    body = f"99010519400305{sequence:03d}"
    return body + check_digit(body)


def bring_rosters(cast: Cast) -> dict[str, str]:
    """Rosters that wait for their columns, for decisions, and one that was written."""
    secretary = cast.actor("赵敏")

    def sent(name: str, *lines: str) -> Import:
        content = "\n".join(("姓名,身份证号,联系电话,住址,人员情况", *lines)).encode()
        return imports.take_in(secretary, content=content, name=name, sender="街道民政办")[0]

    def judged(batch: Import) -> Import:
        mapping = {column.number: column.code for column in import_queries.columns_of(batch)}
        imports.confirm_columns(secretary, batch=batch, mapping=mapping)
        follow("import.mapped", batch, import_jobs.check)
        return Import.objects.get(pk=batch.pk)

    def follow(verb: str, batch: Import, job: Any) -> None:
        entry = TrailEntry.objects.filter(verb=verb, subject_id=batch.pk).latest("at")
        job.func(community_id=batch.community_id, entry_id=str(entry.pk))

    checked = judged(
        sent("高龄老人.csv", "周阿大,,,48-1-101,独居", f"吴小妹,{invented_number(1)},10020000002,77-1-101,独居")
    )
    done = judged(sent("新来的.csv", f"沈阿根,{invented_number(2)},10020000003,48-1-101,独居"))
    imports.start(secretary, batch=done)
    follow("import.started", done, import_jobs.run)
    waiting = sent("残联名册.csv", f"陆阿毛,{invented_number(3)},10020000004,48-1-102,独居")
    return {"roster_read": str(waiting.pk), "roster_checked": str(checked.pk), "roster_done": str(done.pk)}


def settle_in(cast: Cast, name: str, door: str) -> Actor:
    """One more resident who can sign in, linked to her own record."""
    phone = PHONES[name]
    secretary, account = cast.actor("赵敏"), accounts.add_account(operator(), phone=phone, display_name=name)
    plan = residents.ResidentPlan(
        name=name, phone=phone, birth_on=date(1938, 2, 3), dwelling=cast.here.door(door), from_on=date(2020, 1, 1)
    )
    (resident,) = residents.register_many(secretary, [plan])
    link = accounts.request_link(actor_for(account, cast.here.community), name=name, door=door)
    accounts.confirm_link(secretary, link=link, resident=resident)
    return actor_for(account, cast.here.community, code=cast.here.code)


def keep_record(cast: Cast) -> dict[str, str]:
    """王桂英's record: once gone through, with a permit that expires soon, and a name that waits for a second person."""
    clerk, wang = cast.actor("李娜"), cast.residents["王桂英"]
    with clock.at(clock.now() - timedelta(days=200)):
        residents.confirm_record(clerk, resident=wang, how="visit")
    last_on = clock.today() + timedelta(days=40)
    permit = residents.add_document(
        clerk, resident=wang, kind="hmt_permit", number="H12345678", last_on=last_on, source="看了证件"
    )
    residents.request_correction(clerk, wang, "name", "王桂瑛", "对照身份证，抄错一个字")
    volunteer = residents.grant_category(clerk, resident=wang, kind="volunteer", from_on=date(2024, 3, 1))
    kind, rule = MatterKind.objects.get(code="leak"), matters.set_up_routing(cast.actor("赵敏"))[1]
    RoutingRule.objects.update(is_on=False)  # what the journeys report goes to the specialist, however much they report
    return {"document": str(permit.pk), "category": str(volunteer.pk), "kind": str(kind.pk), "rule": str(rule.pk)}


def mark_places(cast: Cast) -> dict[str, str]:
    """Two printed codes, one where something is under way already; and a sheet of the hotline with a row that is no order."""
    lina, secretary = cast.actor("李娜"), cast.actor("赵敏")
    kinds = {kind.code: kind for kind in MatterKind.objects.all()}
    sticker = intake.put_up_sticker(
        lina, label="48幢2单元一楼消防栓和充电桩之间的宣传栏", spot=spot_named("48幢2单元"), kind=kinds["fire"]
    )
    intake.put_up_sticker(secretary, label="垃圾房")
    place = marked(sticker.token)
    assert place is not None
    matters.report_matter(lina, kind=kinds["fire"], words="电动车堵着消防栓", spot=place.spot, source=Source.FOUND)
    rows = "工单编号,诉求内容,事发地址,诉求人,联系电话,来电时间,办理期限,诉求类型\n"
    rows += f"GD20260301001,{LONG},仓基新村48幢1单元,陈女士,10012340201,2026-03-01 09:12,2026-12-31 17:00,公共设施\n"
    rows += "GD20260301002,,仓基新村49幢,,,,,噪音扰民\n"
    sheet = intake.take_in_sheet(secretary, content=rows.encode("gbk"), name="拱墅区12345转办工单20260301.csv")
    hook, _ = hooks.add_hook(
        secretary,
        name="湖墅街道数据平台",
        url="https://hooks.example.com/linli/in",
        verbs=["matter.reported", "matter.fed_back"],
    )
    entry = TrailEntry.objects.filter(verb="matter.reported").earliest("at", "id")
    hooks.offer(entry, code=cast.here.code)
    return {"sticker_token": sticker.token, "hotline_sheet": str(sheet.pk), "hook": str(hook.pk)}


def begin(neighbour: Actor) -> None:
    """A report for somebody else, somewhere else, that waits for its answers to be checked."""
    whom = {"whom": "neighbour", "contact_name": "赵奶奶", "contact_phone": "10012340099"}
    place = {"place": "elsewhere", "where": "小区东门口"}
    answers = {"kind": "repair", "words": LONG, **place, **whom}
    drafts.save_draft(neighbour, key="report", values={name: [value] for name, value in answers.items()})


def ask_about_data(cast: Cast) -> Any:
    """王桂英 agreed to one purpose, and asks for a correction; 李娜 has read her phone number."""
    granny, herself = cast.actor("王桂英"), cast.residents["王桂英"]
    rights.give_consent(granny, resident=herself, purpose="care", version=1)
    residents.reveal(cast.actor("李娜"), resident=herself, field="phone", reason="送餐前打电话核对家里有没有人")
    return rights.ask_request(granny, resident=herself, kind="correct", words="电话换成尾号 0012 的了").id


def found(name: str, code: str) -> None:
    """An empty community with a secretary and nothing else: its first day is still to come."""
    keeper = operator()
    community = places.set_up_community(keeper, id=4, name=name, code=code)
    with active(community.id):
        matters.set_up_kinds(operator(community.id))
    secretary = accounts.add_account(keeper, username="shenhong", password=PASSWORD, display_name="沈红")
    accounts.grant_post(keeper, account=secretary, role=Role.SECRETARY, community=community)


def bring_home(cast: Cast) -> Household:
    """王桂英 lives with a niece, and the two are a household."""
    old, secretary = cast.residents["王桂英"], cast.actor("赵敏")
    door, since = cast.here.door("48-1-102"), date(2020, 1, 1)
    plan = residents.ResidentPlan(name="沈小梅", sex="2", birth_on=date(1990, 6, 1), dwelling=door, from_on=since)
    niece = residents.register_resident(secretary, plan)
    return residents.form_household(secretary, dwelling=door, head=old, members={niece.pk: "8"}, on=since)


def bring_bridegroom(cast: Cast) -> Resident:
    """许大山 heads a household of his own, and 何秀英 lives next door: they marry in tests/journeys/test_life.py."""
    secretary, since = cast.actor("赵敏"), date(2020, 1, 1)
    people = (("许大山", "1", date(1980, 3, 4), "49-1-201"), ("何秀英", "2", date(1983, 5, 6), "49-1-202"))
    plans = [
        residents.ResidentPlan(name=name, sex=sex, birth_on=birth_on, dwelling=cast.here.door(door), from_on=since)
        for name, sex, birth_on, door in people
    ]
    groom, _ = residents.register_many(secretary, plans)
    residents.form_household(secretary, dwelling=cast.here.door("49-1-201"), head=groom, members={}, on=since)
    return groom


def walk(cast: Cast) -> dict[str, str]:
    """A rule lists 王桂英 and 王芳; 王桂英 was called on a month ago, and fell due again."""
    secretary, granny, lina = cast.actor("赵敏"), cast.residents["王桂英"], cast.actor("李娜")
    for who in ("王桂英", "王芳"):
        residents.grant_category(secretary, resident=cast.residents[who], kind="living_alone", from_on=date(2024, 3, 1))
    facts = visits.PolicyFacts(
        name="高龄独居老人", every="month", risk="high", categories=["living_alone"], wants_photo=True, is_light=True
    )
    rule = visits.add_policy(secretary, facts=facts)
    home = cast.here.door("48-1-102")
    with clock.at(clock.now() - timedelta(days=40)):
        visits.fall_due(SYSTEM)
        answers = {"eats": "less", "sleeps": "good", "medicine": "yes", "falls": "no"}
        said = [visits.Said(granny.pk, "met", answers=answers, words="想找人陪着去配老花镜")]
        session = visits.record_session(lina, dwelling=home, channel="door", said=said)
    visits.fall_due(SYSTEM)
    visits.plan_visit(lina, resident=granny, reason="昨天出院")
    neighbour = VisitPlan.objects.get(resident=cast.residents["王芳"], state="open", due_on__gte=clock.today())
    errand = VisitErrand.objects.create(
        plan=neighbour, volunteer=cast.accounts["王桂英"].pk, until=clock.today() + timedelta(days=3),
        given_by=cast.accounts["李娜"].pk, given_at=clock.now(),
    )  # fmt: skip
    return {"visit_policy": str(rule.pk), "visit_session": str(session.pk), "visit_errand": str(errand.pk)}


def hire(cast: Cast) -> None:
    """A colleague whose sign-in a journey changes: nobody else's journey may find it changed."""
    account = accounts.add_account(operator(), username="heping", password=PASSWORD, display_name="何平")
    accounts.grant_post(operator(), account=account, role=Role.BACK_OFFICE, community=cast.here.community)


def bring_twin(cast: Cast) -> Resident:
    """王桂英 once more, as a roster wrote her."""
    old = cast.residents["王桂英"]
    plan = residents.ResidentPlan(name="王桂英", birth_on=old.birth_on, dwelling=cast.here.door("48-1-201"))
    return residents.register_resident(cast.actor("赵敏"), plan)


def main() -> None:
    cast = make_cast()
    hire(cast)
    found("大浒弄社区", "330105002054")
    with active(cast.here.id):
        settle_in(cast, "周奶奶", "49-1-101")
        settle_in(cast, "冯奶奶", "49-1-201")  # hers goes to the property company in tests/journeys/test_handover.py
        settle_in(cast, "钱师傅", "49-2-201")
        begin(settle_in(cast, "孙阿姨", "49-2-301"))
        settle_in(cast, "吕奶奶", "49-2-302")  # she writes in tests/journeys/test_resident.py
        told = tell(cast)
        rows = {name: str(matter.id) for name, matter in told.items()} | furnish(cast)
        rows |= hand_on(cast) | bring_rosters(cast) | keep_lists(cast) | mark_places(cast)
        rows |= {
            "new": rows["reported"],
            "resident": str(cast.residents["王桂英"].id),
            "building": str(cast.here.buildings[48].id),
            **keep_record(cast),
            **walk(cast),
            "household": str(bring_home(cast).pk),
            "twin": str(bring_twin(cast).pk),
            "bridegroom": str(bring_bridegroom(cast).pk),
            "dwelling": str(cast.here.door("48-1-102").pk),
            "rights_request": str(ask_about_data(cast)),
            "account": str(cast.accounts["李娜"].id),
        }
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main()
