"""Two records of one person become one, and two again: nothing lost, nobody else touched."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.core import clock
from linli.core.access import Role
from linli.core.errors import NotAllowed
from linli.core.tenancy import active
from linli.core.trail import timeline_of
from linli.places.tests.factories import Neighbourhood, neighbourhood, staff
from linli.residents import actions, queries
from linli.residents.actions import merging
from linli.residents.models import (
    Category,
    Document,
    Fact,
    Household,
    LikenessVerdict,
    Merge,
    Residence,
    Resident,
    Tie,
)
from linli.residents.spans import gaps
from tests.helpers import race

from .factories import BORN, SINCE, id_number, register

MARCH, JUNE = date(2026, 3, 1), date(2026, 6, 1)


@pytest.fixture
def chen():
    return staff(Role.BACK_OFFICE)


def pair(here: Neighbourhood, chen) -> tuple[Resident, Resident]:
    """王芳 twice: once from the counter with a phone and no ID number, once from a roster with the ID number."""
    keep = register("王芳", phone="10012340001", dwelling=here.door("48-2-301"), from_on=date(2020, 1, 1))
    drop = register(
        "王方",
        id_number=id_number(BORN, 102),
        dwelling=here.door("48-1-101"),
        from_on=SINCE,
        household="b",
        relation_to_head="0",
        categories=(actions.CategoryPlan("volunteer", SINCE),),
    )
    return keep, drop


def everything() -> Counter:
    """Every row of the register as plain values: what a hash of the tables would be made of, deciphered."""
    found: Counter = Counter()
    for model in (Residence, Category, Document, Tie, Household, Fact):
        for row in model.of_all_times.all():
            values = {f.attname: str(getattr(row, f.attname)) for f in row._meta.concrete_fields}
            found[(model.__name__, tuple(sorted(values.items())))] += 1
    for row in Resident.with_merged.all():
        values = {f.attname: str(getattr(row, f.attname)) for f in row._meta.concrete_fields}
        found[("Resident", tuple(sorted(values.items())))] += 1
    return found


def test_the_survivor_takes_what_it_lacks_and_keeps_what_it_says(here: Neighbourhood, chen) -> None:
    keep, drop = pair(here, chen)
    number = drop.id_number
    actions.merge_residents(chen, keep=keep, drop=drop, because="同一人")
    keep.refresh_from_db()
    assert (keep.name, keep.phone, keep.id_number, keep.birth_on) == ("王芳", "10012340001", number, BORN)
    assert not Resident.objects.filter(pk=drop.pk).exists()
    assert [row.kind for row in Category.objects.filter(resident=keep)] == ["volunteer"]
    homes = {(row.dwelling.door, row.span.lower, row.span.upper) for row in Residence.objects.filter(resident=keep)}
    assert homes == {("48-1-101", SINCE, date(2020, 1, 1)), ("48-2-301", date(2020, 1, 1), None)}
    assert "resident.merged" in list(timeline_of(keep).values_list("verb", flat=True))
    assert "resident.merged" in list(timeline_of(drop).values_list("verb", flat=True))


def test_a_field_is_taken_from_the_other_when_somebody_says_so(here: Neighbourhood, chen) -> None:
    keep, drop = pair(here, chen)
    actions.merge_residents(chen, keep=keep, drop=drop, take=["name"])
    keep.refresh_from_db()
    assert (keep.name, keep.pinyin) == ("王方", "wang fang")


def test_the_other_household_is_not_dragged_along(here: Neighbourhood, chen) -> None:
    keep, drop = pair(here, chen)
    household = Household.objects.get(head=drop)
    niece = register("沈小梅", dwelling=here.door("48-1-101"), from_on=SINCE)
    stay = Residence.objects.get(resident=niece)
    stay.household = household
    stay.save()
    actions.merge_residents(chen, keep=keep, drop=drop)
    household.refresh_from_db()
    assert household.head is None and household.dwelling.door == "48-1-101"
    assert Residence.objects.get(resident=niece) == stay
    assert queries.residence_of(keep).dwelling.door == "48-2-301"


def test_what_was_known_before_stays_answerable(here: Neighbourhood, chen) -> None:
    keep, drop = pair(here, chen)
    before = clock.now()
    actions.merge_residents(chen, keep=keep, drop=drop)
    assert {row.resident_id for row in Residence.as_known(before)} == {keep.pk, drop.pk}
    assert {row.resident_id for row in Residence.objects.all()} == {keep.pk}


def test_a_split_gives_everything_back(here: Neighbourhood, chen) -> None:
    keep, drop = pair(here, chen)
    register("李强", dwelling=here.door("48-1-102"), from_on=SINCE)
    before = everything()
    merge = actions.merge_residents(chen, keep=keep, drop=drop, take=["name"])
    assert everything() != before
    assert actions.split_residents(chen, merge=merge).left == []
    assert everything() == before
    assert actions.split_residents(chen, merge=merge).left == []


def test_what_was_changed_since_stays_and_is_named(here: Neighbourhood, chen) -> None:
    keep, drop = pair(here, chen)
    merge = actions.merge_residents(chen, keep=keep, drop=drop)
    kept = Category.objects.get(resident=keep)
    actions.end_category(chen, category=kept, on=MARCH)
    keep.refresh_from_db()
    actions.correct_resident(chen, resident=keep, to={"birth_on": date(1981, 1, 1)}, because="核对户口本")
    told = actions.split_residents(chen, merge=merge)
    assert set(told.left) == {"居民类别", "出生日期"}
    keep.refresh_from_db()
    drop.refresh_from_db()
    assert (keep.birth_on, drop.birth_on) == (date(1981, 1, 1), BORN)
    assert keep.id_number is None and drop.id_number is not None
    assert Category.objects.filter(resident=drop).count() == 1


def test_a_merge_again_is_the_same_and_a_merged_record_is_not_merged_elsewhere(here: Neighbourhood, chen) -> None:
    keep, drop = pair(here, chen)
    merge = actions.merge_residents(chen, keep=keep, drop=drop)
    assert actions.merge_residents(chen, keep=keep, drop=drop) == merge
    third = register("王芳芳")
    with pytest.raises(merging.MergedAlready):
        actions.merge_residents(chen, keep=third, drop=drop)
    with pytest.raises(merging.SameRecord):
        actions.merge_residents(chen, keep=keep, drop=keep)
    outer = actions.merge_residents(chen, keep=third, drop=keep)
    assert queries.survivor_of(drop.pk) == third.pk
    with pytest.raises(merging.MergedOn):
        actions.split_residents(chen, merge=merge)
    actions.split_residents(chen, merge=outer)
    actions.split_residents(chen, merge=merge)
    assert queries.survivor_of(drop.pk) is None


def test_husband_and_wife_are_not_one_person_and_the_dead_are_not_the_living(here: Neighbourhood, chen) -> None:
    one, other = register("王芳"), register("周明")
    actions.marry(chen, resident=one, spouse=other, on=MARCH)
    with pytest.raises(merging.TiedTogether):
        actions.merge_residents(chen, keep=one, drop=other)
    third = register("周明")
    actions.record_death(chen, resident=third, died_on=JUNE)
    with pytest.raises(merging.OneDied):
        actions.merge_residents(chen, keep=other, drop=third)
    with pytest.raises(NotAllowed):
        actions.merge_residents(staff(Role.SPECIALIST, sub_area=here.west), keep=one, drop=other)


def test_two_clerks_who_merge_either_way_round_make_one_merge(committed_db) -> None:
    with neighbourhood() as here:
        both = pair(here, staff(Role.BACK_OFFICE))

    def work(i: int) -> Merge:
        with active(here.community.id):
            return actions.merge_residents(staff(Role.BACK_OFFICE), keep=both[i], drop=both[1 - i])

    results = race(2, work)
    assert sum(isinstance(each, Merge) for each in results) == 1
    assert [type(each) for each in results if not isinstance(each, Merge)] == [merging.MergedAlready]


def test_two_records_of_a_household_become_one_and_two_again(here: Neighbourhood, chen) -> None:
    homes = []
    for name in ("王建国", "李秀兰"):
        register(name, dwelling=here.door("48-2-301"), from_on=SINCE, household=name, relation_to_head="0")
        homes.append(Household.objects.get(head__name=name))
    before = everything()
    merge = actions.merge_households(chen, keep=homes[0], drop=homes[1])
    wife = Residence.objects.get(resident__name="李秀兰")
    assert (wife.household, wife.relation_to_head) == (homes[0], "")
    assert list(Household.objects.all()) == [homes[0]]
    assert actions.split_households(chen, merge=merge).left == []
    assert everything() == before


def test_a_verdict_is_remembered_and_may_change(here: Neighbourhood, chen) -> None:
    keep, drop = pair(here, chen)
    actions.give_verdict(chen, one=drop, other=keep, says="later")
    actions.give_verdict(chen, one=keep, other=drop, says="apart")
    assert LikenessVerdict.objects.get().says == "apart"


# Any two records


days = st.integers(0, 2000).map(lambda n: date(2020, 1, 1) + timedelta(days=n))
stays = st.lists(days, max_size=4, unique=True).map(sorted)
kinds = st.lists(st.tuples(st.sampled_from(["volunteer", "living_alone", "party_member"]), days), max_size=4)
records = st.tuples(stays, kinds, st.booleans(), st.booleans())


def write(keeper, here: Neighbourhood, name: str, plan, n: int) -> Resident:
    moves, held, has_number, has_phone = plan
    person = register(
        name,
        id_number=id_number(BORN, n) if has_number else None,
        phone="1001234000" + str(n % 10) if has_phone else None,
    )
    doors = ["48-1-101", "48-2-301", "9-1-101", "47-1-101"]
    for at, (begin, end) in enumerate(zip(moves, [*moves[1:], None], strict=False)):
        actions.move_in(keeper, resident=person, dwelling=here.door(doors[(at + n) % 4]), from_on=begin, to_on=end)
    for kind, begin in held:
        try:
            with transaction.atomic():
                actions.grant_category(
                    keeper, resident=person, kind=kind, from_on=begin, to_on=begin + timedelta(days=300)
                )
        except actions.CategoryHeld:
            continue
    return person


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records, records, st.lists(st.sampled_from(merging.LASTING), max_size=4))
def test_merged_and_split_is_as_before(here: Neighbourhood, chen, first, second, take) -> None:
    with transaction.atomic():
        keep, drop = write(chen, here, "王芳", first, 1), write(chen, here, "汪方", second, 2)
        before = everything()
        merge = actions.merge_residents(chen, keep=keep, drop=drop, take=take)
        covered = sorted(Residence.objects.filter(resident=keep).values_list("span", flat=True))
        assert all(a.upper is not None and a.upper <= b.lower for a, b in pairwise(covered))
        assert not Residence.objects.filter(resident=drop).exists()
        assert actions.split_residents(chen, merge=merge).left == []
        assert everything() == before
        transaction.set_rollback(True)


def test_what_is_left_of_a_span_when_others_are_taken_out() -> None:
    from django.db.backends.postgresql.psycopg_any import DateRange as R

    a, b, c, d = (date(2020, month, 1) for month in (1, 3, 6, 9))
    assert gaps(R(a, None), [R(b, c)]) == [R(a, b), R(c, None)]
    assert gaps(R(b, c), [R(a, d)]) == []
    assert gaps(R(None, None), []) == [R(None, None, "[)")]
    assert gaps(R(a, c), [R(b, None)]) == [R(a, b)]
