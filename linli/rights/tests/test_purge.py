"""Whoever's time is over leaves with everything that leads to her; a left-over is found wherever it was put."""

from __future__ import annotations

from datetime import date

import pytest

from linli.core import clock, files
from linli.core.access import SYSTEM
from linli.core.models import StoredFile, TrailEntry
from linli.core.tenancy import active
from linli.matters import actions as matters
from linli.matters.models import Ending, Matter, MatterKind
from linli.matters.queries import spot_named
from linli.residents import actions as residents
from linli.residents.models import Category, Fact, Household, Residence, Resident
from linli.residents.tests.factories import id_number
from linli.rights import actions, queries, retention
from linli.rights.models import Consent, LegalHold, ReadingHour, RightsRequest

ID_NUMBER = id_number(date(1939, 3, 1), sequence=207)
PHONE = "10012340077"


@pytest.fixture
def granny(cast, here, as_secretary):
    """She lived at 49-1-101 with a category, a corrected phone, a consent and a matter of hers, and died four years ago."""
    plan = residents.ResidentPlan(
        name="何秀珍",
        phone="10012340066",
        id_number=ID_NUMBER,
        dwelling=here.door("49-1-101"),
        from_on=date(2015, 1, 1),
    )
    (row,) = residents.register_many(as_secretary, [plan])
    residents.grant_category(as_secretary, resident=row, kind="volunteer", from_on=date(2016, 1, 1))
    residents.correct_resident(as_secretary, resident=row, to={"phone": PHONE}, because="抄错了")
    actions.give_consent(as_secretary, resident=row, purpose="care", version=1, way="paper")
    residents.record_death(as_secretary, resident=row, died_on=date(2022, 10, 1))
    row.refresh_from_db()
    return row


def forget_all():
    return actions.forget_due(SYSTEM)


def test_she_goes_with_versions_facts_and_indexes_and_the_proof_is_clean(granny):
    assert (
        Fact.of_all_times.filter(resident=granny).exists()
        and Residence.of_all_times.filter(resident=granny).count() > 1
    )

    (proof,) = forget_all()

    assert proof.is_clean, proof.left
    assert proof.tables > 30 and proof.rows > 50 and proof.opened >= 3
    for model in (Resident, Residence, Category, Fact, Consent):
        assert not model._base_manager.filter(**{"pk" if model is Resident else "resident": granny.pk}).exists()
    entry = TrailEntry.objects.get(verb="resident.forgotten")
    assert entry.facts["left"] == {} and entry.facts["deleted"]["residents.Resident"] == 1
    assert ID_NUMBER not in str(entry.facts) and "何秀珍" not in str(entry.facts)


@pytest.mark.parametrize("where", ["plain words", "a sealed value", "a bare id"])
def test_a_planted_left_over_is_found_by_table(cast, granny, as_wang, as_secretary, where):
    if where == "plain words":
        matters.report_matter(
            as_wang, kind=MatterKind.objects.first(), words=f"身份证 {ID_NUMBER} 的老人", spot=spot_named("48-2-301")
        )
        table = "matters_matter"
    elif where == "a sealed value":
        wang = cast.residents["王芳"]
        actions.ask_request(as_wang, resident=wang, kind="correct", words=f"以前那个 {PHONE} 不是我的")
        table = "rights_rightsrequest"
    else:
        ReadingHour.objects.create(account_id=granny.pk, hour=clock.now())
        table = "rights_readinghour"

    (proof,) = forget_all()

    assert proof.left == {table: 1}
    assert TrailEntry.objects.get(verb="resident.forgotten").facts["left"] == {table: 1}


def test_a_phone_that_her_husband_has_too_is_no_left_over(here, granny, as_secretary):
    plan = residents.ResidentPlan(name="何老伴", phone=PHONE, dwelling=here.door("49-1-101"), from_on=date(2015, 1, 1))
    residents.register_many(as_secretary, [plan])

    (proof,) = forget_all()

    assert proof.is_clean, proof.left


def test_a_matter_of_hers_stays_without_her_name_and_number(granny, as_secretary):
    with clock.at(clock.now()):
        matter = matters.report_matter(
            as_secretary,
            kind=MatterKind.objects.first(),
            words="灯不亮",
            spot=spot_named("49-1-101"),
        )
    Matter.objects.filter(pk=matter.pk).update(
        for_resident=granny,
        contact_name="何秀珍",
        contact_phone=PHONE,
        state="closed",
        ending=Ending.values[0],
        fed_back_at=clock.now(),
        closed_at=clock.now(),
    )

    (proof,) = forget_all()

    matter.refresh_from_db()
    assert proof.is_clean and matter.for_resident_id is None
    assert matter.contact_name == "" and matter.contact_phone is None


def test_nothing_goes_before_its_time_nor_under_a_hold(granny, as_secretary):
    Resident.objects.filter(pk=granny.pk).update(died_on=date(2025, 1, 1))
    assert queries.due_to_forget() == []
    Resident.objects.filter(pk=granny.pk).update(died_on=date(2022, 10, 1))
    actions.hold(as_secretary, resident=granny, because="法院保全通知书 2026 年 31 号")
    assert queries.due_to_forget() == [] == forget_all()
    actions.lift_hold(as_secretary, resident=granny)
    assert [resident for resident, _ in queries.due_to_forget()] == [granny]


def test_who_moved_out_two_years_ago_goes_and_who_came_back_stays(cast, here, as_secretary):
    ma = cast.residents["老马"]
    residents.move_out(as_secretary, residence=Residence.objects.get(resident=ma), on=date(2022, 1, 1))
    assert [rule.code for _, rule in queries.due_to_forget()] == ["moved"]
    residents.move_in(as_secretary, resident=ma, dwelling=here.door("9-1-102"), from_on=date(2026, 1, 1))
    assert queries.due_to_forget() == []


def test_an_answered_wish_to_be_deleted_is_done_in_the_night_with_its_files(cast, here, as_wang, as_secretary):
    wang = cast.residents["王芳"]
    residents.move_out(as_secretary, residence=Residence.objects.get(resident=wang), on=date(2026, 1, 1))
    row = actions.ask_request(as_wang, resident=wang, kind="delete", words="请删除我的信息")
    stored = files.keep(
        as_wang, row, [("a.pdf", files.made_here(b"x", media_type="application/pdf", suffix=".pdf"))], purpose="t"
    )
    assert queries.due_to_forget() == []
    actions.answer_request(as_secretary, request=row, outcome="done", answer="今天晚上就删除。")

    (proof,) = forget_all()

    assert proof.is_clean, proof.left
    assert not RightsRequest.objects.exists() and not StoredFile.objects.filter(pk=stored[0].pk).exists()


def test_old_rows_go_by_themselves(here):
    with clock.at(clock.now().replace(year=2024)):
        ReadingHour.objects.create(account_id=here.sub_areas[0].id, hour=clock.now())
    ReadingHour.objects.create(account_id=here.sub_areas[0].id, hour=clock.now())

    assert actions.drop_old_rows(SYSTEM) == {"rights.ReadingHour": 1}


def test_another_communitys_people_are_not_touched(cast, granny):
    with active(cast.sibling.id):
        before = Resident.objects.count(), Household._base_manager.count()
    forget_all()
    with active(cast.sibling.id):
        assert (Resident.objects.count(), Household._base_manager.count()) == before


def test_the_rules_name_models_and_fields_that_are_there():
    from django.apps import apps

    rules = retention.retention()
    for key in rules.references:
        model, _, name = key.rpartition(".")
        assert apps.get_model(model)._meta.get_field(name).is_relation, key
    for label, name in [*rules.loose, *((row.model, row.field) for row in rules.rows)]:
        apps.get_model(label)._meta.get_field(name)
    assert LegalHold._meta.verbose_name


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 11, 25), 36, date(2023, 11, 25)),
    ],
)
def test_months_before_a_day(day, months, before):
    assert retention.months_before(day, months) == before
