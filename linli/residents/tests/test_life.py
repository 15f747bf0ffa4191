"""Births, marriages, households: each from a day on, and the day before says what it said."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.core import clock
from linli.core.access import Role
from linli.core.errors import NotAllowed, Problem
from linli.core.tenancy import active
from linli.core.trail import timeline_of
from linli.places.tests.factories import Neighbourhood, neighbourhood, resident_actor, staff
from linli.residents import actions, queries, records
from linli.residents.actions import families, households, staying
from linli.residents.codes import PopulationClass, Relation, ResidenceKind
from linli.residents.history import value_of
from linli.residents.kinship import relation_after
from linli.residents.models import Household, Residence, Resident, Tie
from tests.helpers import race

from .factories import SINCE, register

MARCH = date(2026, 3, 1)
JUNE = date(2026, 6, 1)


@pytest.fixture
def chen():
    return staff(Role.BACK_OFFICE)


def family(here: Neighbourhood, door: str = "48-2-301") -> dict[str, Resident]:
    """王建国, his wife 李秀兰, their son 王磊 and daughter 王芳, behind one door since 2015."""
    plans = [
        ("王建国", "1", Relation.HEAD),
        ("李秀兰", "2", Relation.SPOUSE),
        ("王磊", "1", Relation.SON),
        ("王芳", "2", Relation.DAUGHTER),
    ]
    made = actions.register_many(
        staff(Role.BACK_OFFICE),
        [
            actions.ResidentPlan(
                name=name,
                sex=sex,
                dwelling=here.door(door),
                from_on=SINCE,
                household="a",
                relation_to_head=relation,
            )
            for name, sex, relation in plans
        ],
    )
    return {row.name: row for row in made}


def single(here: Neighbourhood, name: str, door: str) -> Resident:
    return register(name, dwelling=here.door(door), from_on=SINCE, household="b", relation_to_head=Relation.HEAD)


def home_of(person: Resident, on: date) -> Residence:
    found = queries.residence_of(person, on)
    assert found is not None
    return found


def household_of(person: Resident, on: date = MARCH) -> Household:
    found = home_of(person, on).household
    assert found is not None
    return found


def verbs_of(row) -> list[str]:
    return list(timeline_of(row).values_list("verb", flat=True))


# Birth


def test_a_child_is_born_into_the_household_with_a_mother_and_a_guardian(here: Neighbourhood, chen) -> None:
    them = family(here)
    home = household_of(them["王建国"])
    born = {"name": "王小宝", "sex": "1", "born_on": MARCH, "household": home, "mother": them["王芳"]}
    child = actions.register_birth(chen, **born, relation_to_head=Relation.GRANDCHILD)
    assert (home_of(child, MARCH).household, home_of(child, MARCH).relation_to_head) == (home, Relation.GRANDCHILD)
    assert child.id_number is None
    assert set(Tie.objects.filter(resident=child).values_list("kind", "other__name")) == {
        ("mother", "王芳"),
        ("guardian", "王芳"),
    }
    assert "resident.born" in verbs_of(child) and "resident.had_child" in verbs_of(them["王芳"])
    assert actions.register_birth(chen, **born).pk == child.pk
    assert Resident.objects.filter(name="王小宝").count() == 1


def test_nobody_under_14_is_left_without_somebody_to_answer_for_them(here: Neighbourhood, chen) -> None:
    home = household_of(family(here)["王建国"])
    with pytest.raises(families.GuardianNeeded):
        actions.register_birth(chen, name="王小宝", sex="1", born_on=MARCH, household=home)
    assert not Resident.objects.filter(name="王小宝").exists()


# Marriage and its end


def test_a_marriage_is_known_of_both_from_its_day_and_one_moves_in(here: Neighbourhood, chen) -> None:
    them, zhou = family(here), single(here, "周明", "47-1-101")
    alone = household_of(zhou)
    actions.marry(chen, resident=zhou, spouse=them["王芳"], on=MARCH, mover=zhou, relation_to_head=Relation.OTHER)
    for person in (zhou, them["王芳"]):
        person.refresh_from_db()
        assert value_of(person, "marital_status", on=MARCH) == "20"
        assert value_of(person, "marital_status", on=MARCH - timedelta(days=1)) is None
        assert verbs_of(person).count("resident.married") == 1
    assert home_of(zhou, MARCH).household == household_of(them["王芳"])
    assert home_of(zhou, MARCH - timedelta(days=1)).dwelling.door == "47-1-101"
    alone.refresh_from_db()
    assert alone.dissolved_on == MARCH
    before = Residence.of_all_times.count()
    actions.marry(chen, resident=zhou, spouse=them["王芳"], on=MARCH, mover=zhou)
    assert Residence.of_all_times.count() == before and verbs_of(zhou).count("resident.married") == 1


def test_a_head_who_marries_out_names_the_next_one_first(here: Neighbourhood, chen) -> None:
    them, zhou = family(here), single(here, "周丽", "47-1-101")
    with pytest.raises(households.HeadStays):
        actions.marry(chen, resident=them["王建国"], spouse=zhou, on=MARCH, mover=them["王建国"])
    assert not Tie.objects.exists()


def test_nobody_is_married_twice_at_once_also_when_two_clerks_write_at_once(committed_db) -> None:
    with neighbourhood() as here:
        fang, others = single(here, "王芳", "48-2-301"), [single(here, f"周{i}", f"47-1-10{i}") for i in (1, 2)]

    def wed(i: int) -> Resident:
        with active(here.community.id):
            return actions.marry(staff(Role.BACK_OFFICE), resident=fang, spouse=others[i], on=MARCH)

    results = race(2, wed)
    assert [type(each) for each in results if not isinstance(each, Resident)] == [families.AlreadyMarried]
    with active(here.community.id):
        assert Tie.objects.filter(resident=fang).count() == 1


def test_a_divorce_ends_it_for_both_and_a_death_for_the_one_who_is_left(here: Neighbourhood, chen) -> None:
    fang, ming, li = (
        single(here, name, door) for name, door in (("王芳", "48-1-101"), ("周明", "48-1-102"), ("李强", "48-1-201"))
    )
    actions.marry(chen, resident=fang, spouse=ming, on=date(2020, 5, 1))
    actions.divorce(chen, resident=ming, on=MARCH)
    assert set(Resident.objects.filter(pk__in=[fang.pk, ming.pk]).values_list("marital_status", flat=True)) == {"40"}
    actions.marry(chen, resident=fang, spouse=li, on=JUNE)
    with pytest.raises(families.SpouseLives):
        actions.widow(chen, resident=fang, on=date(2026, 9, 1))
    actions.record_death(chen, resident=li, died_on=date(2026, 9, 1))
    actions.widow(chen, resident=fang, on=date(2026, 9, 1))
    fang.refresh_from_db()
    assert [value_of(fang, "marital_status", on=day) for day in (date(2021, 1, 1), MARCH, JUNE, date(2026, 9, 2))] == [
        "20",
        "40",
        "20",
        "30",
    ]
    with pytest.raises(families.LaterStatus):
        actions.marry(chen, resident=fang, on=date(2025, 1, 1))


# Households


def test_the_head_changes_and_everybody_is_somebody_else_to_the_new_one(here: Neighbourhood, chen) -> None:
    them = family(here)
    home = household_of(them["王建国"])
    actions.change_head(chen, household=home, head=them["王磊"], on=MARCH)
    home.refresh_from_db()
    assert home.head == them["王磊"]
    now = {name: home_of(person, MARCH).relation_to_head for name, person in them.items()}
    assert now == {
        "王建国": Relation.PARENT,
        "李秀兰": Relation.PARENT,
        "王磊": Relation.HEAD,
        "王芳": Relation.SIBLING,
    }
    assert home_of(them["王建国"], MARCH - timedelta(days=1)).relation_to_head == Relation.HEAD
    (stay,) = records.stays_of(them["王建国"])
    assert (stay.from_on, stay.relation) == (SINCE, "父母")
    assert verbs_of(them["王芳"]).count("resident.regrouped") == 1
    actions.change_head(chen, household=home, head=them["王磊"], on=MARCH)
    assert verbs_of(home).count("household.head_changed") == 1


def test_a_relation_that_cannot_be_worked_out_is_asked(here: Neighbourhood, chen) -> None:
    them = family(here)
    home = household_of(them["王建国"])
    baby = actions.register_birth(
        chen, name="王小宝", sex="1", born_on=MARCH, household=home, mother=them["王芳"], relation_to_head="4"
    )
    with pytest.raises(households.RelationNeeded) as told:
        actions.change_head(chen, household=home, head=them["王芳"], on=JUNE)
    assert told.value.facts["people"] == [str(baby.pk)]
    actions.change_head(chen, household=home, head=them["王芳"], on=JUNE, relations={baby.pk: Relation.SON})
    assert home_of(baby, JUNE).relation_to_head == Relation.SON


def test_a_couple_splits_off_behind_another_door_and_the_rest_stays(here: Neighbourhood, chen) -> None:
    them = family(here)
    home = household_of(them["王建国"])
    asked = {"household": home, "head": them["王磊"], "members": {them["王芳"].pk: Relation.SIBLING}, "on": MARCH}
    made = actions.split_household(chen, **asked, dwelling=here.door("47-1-101"))
    assert {row.resident_id for row in Residence.objects.filter(household=made)} == {them["王磊"].pk, them["王芳"].pk}
    assert home_of(them["王芳"], MARCH).dwelling.door == "47-1-101"
    assert home_of(them["李秀兰"], MARCH).household == home
    assert actions.split_household(chen, **asked, dwelling=here.door("47-1-101")) == made
    with pytest.raises(households.HeadStays):
        actions.split_household(chen, household=home, head=them["王建国"], members={}, on=JUNE)
    joined = actions.join_households(chen, into=home, household=made, relations={them["王磊"].pk: "2"}, on=JUNE)
    made.refresh_from_db()
    assert (joined, made.dissolved_on) == (home, JUNE)
    assert home_of(them["王磊"], JUNE).relation_to_head == Relation.SON
    assert actions.join_households(chen, into=home, household=made, relations={}, on=JUNE) == home


def test_a_whole_household_moves_and_its_registered_address_stays(here: Neighbourhood, chen) -> None:
    them = family(here)
    home = household_of(them["王建国"])
    actions.register_at(chen, resident=them["王芳"], dwelling=here.door("48-2-301"), on=SINCE)
    actions.move_household(chen, household=home, dwelling=here.door("9-1-101"), on=MARCH)
    assert {home_of(person, MARCH).dwelling.door for person in them.values()} == {"9-1-101"}
    assert home_of(them["王芳"], MARCH).relation_to_head == Relation.DAUGHTER
    assert queries.apartness_of(them["王芳"]) == queries.Apartness("9幢1单元101室", "48幢2单元301室")
    assert queries.apartness_of(them["王磊"]) is None


def test_people_behind_one_door_form_a_household(here: Neighbourhood, chen) -> None:
    door = here.door("48-1-101")
    fang, ming = (register(name, dwelling=door, from_on=SINCE) for name in ("王芳", "周明"))
    home = actions.form_household(chen, dwelling=door, head=fang, members={ming.pk: Relation.SPOUSE}, on=MARCH)
    assert household_of(ming) == home and home.head == fang
    assert actions.form_household(chen, dwelling=door, head=fang, members={ming.pk: "1"}, on=MARCH) == home
    with pytest.raises(households.NotOfHousehold):
        actions.form_household(chen, dwelling=here.door("48-1-102"), head=fang, members={}, on=MARCH)


# Class, away, back


def test_a_permit_belongs_to_those_who_came_from_elsewhere(here: Neighbourhood, chen) -> None:
    fang = register("王芳", dwelling=here.door("48-1-101"), from_on=SINCE)
    asked = {"resident": fang, "population_class": PopulationClass.MIGRANT, "reason": "务工"}
    stay = actions.change_class(chen, **asked, on=MARCH, permit_number="330105X1", permit_until=date(2027, 3, 1))
    assert (stay.population_class, stay.permit_number, stay.span.lower) == ("migrant", "330105X1", MARCH)
    assert home_of(fang, MARCH - timedelta(days=1)).population_class == "registered"
    with pytest.raises(staying.PermitEnded):
        actions.change_class(chen, **asked, on=JUNE, permit_until=JUNE)
    back = actions.change_class(chen, resident=fang, population_class="registered", on=JUNE)
    assert (back.permit_number, back.permit_until) == (None, None)
    assert verbs_of(fang).count("resident.class_changed") == 2
    actions.change_class(chen, resident=fang, population_class="registered", on=JUNE)
    assert verbs_of(fang).count("resident.class_changed") == 2


def test_who_goes_away_lives_here_no_longer_and_stays_of_the_household(here: Neighbourhood, chen) -> None:
    them = family(here)
    fang, home = them["王芳"], household_of(them["王芳"])
    row = actions.leave_for(chen, resident=fang, on=MARCH, whereabouts="上海市浦东新区")
    assert (row.kind, row.population_class, row.whereabouts) == ("registered", "away", "上海市浦东新区")
    assert queries.residence_of(fang, MARCH) is None and row.household == home
    assert actions.leave_for(chen, resident=fang, on=MARCH, whereabouts="上海市浦东新区").pk == row.pk
    assert verbs_of(fang).count("resident.went_away") == 1
    back = actions.come_back(chen, resident=fang, on=JUNE)
    assert (back.household, back.relation_to_head, back.population_class) == (home, Relation.DAUGHTER, "registered")
    assert actions.come_back(chen, resident=fang, on=JUNE).pk == back.pk
    with pytest.raises(staying.NotAway):
        actions.come_back(chen, resident=fang, on=date(2026, 7, 1))


# Rights and days


def test_only_keepers_write_and_a_specialist_only_in_her_sub_area(here: Neighbourhood) -> None:
    them = family(here)
    home, west = household_of(them["王建国"]), staff(Role.SPECIALIST, sub_area=here.west)
    for who in (west, resident_actor(them["王建国"].pk)):
        for work in (
            lambda who=who: actions.register_birth(
                who, name="某", sex="1", born_on=MARCH, household=home, mother=them["王芳"]
            ),
            lambda who=who: actions.marry(who, resident=them["王芳"], on=MARCH),
            lambda who=who: actions.change_head(who, household=home, head=them["王磊"], on=MARCH),
            lambda who=who: actions.move_household(who, household=home, dwelling=here.door("9-1-101"), on=MARCH),
            lambda who=who: actions.leave_for(who, resident=them["王芳"], on=MARCH, whereabouts="上海"),
            lambda who=who: actions.change_class(who, resident=them["王芳"], population_class="abroad", on=MARCH),
        ):
            with pytest.raises(NotAllowed):
                work()


def test_a_day_that_has_not_come_is_not_written_down(here: Neighbourhood, chen) -> None:
    them, later = family(here), clock.today() + timedelta(days=1)
    with pytest.raises(actions.NotYet):
        actions.marry(chen, resident=them["王芳"], on=later)
    with pytest.raises(actions.NotYet):
        actions.move_household(chen, household=household_of(them["王芳"]), dwelling=here.door("9-1-101"), on=later)


def test_what_a_person_was_to_the_old_head_says_what_they_are_to_the_new() -> None:
    assert relation_after(Relation.HEAD, Relation.SPOUSE, "1") == Relation.SPOUSE
    assert relation_after(Relation.HEAD, Relation.PARENT, "2") == Relation.DAUGHTER
    assert relation_after(Relation.HEAD, Relation.PARENT, "0") == ""
    assert relation_after(Relation.GRANDCHILD, Relation.SON, "1") == ""


# Whatever is done, in whatever order


DOORS = ("48-1-101", "48-2-301", "47-1-101")
steps = st.lists(
    st.tuples(
        st.sampled_from(["class", "away", "back", "head", "split", "join", "move", "marry", "registered"]),
        st.integers(0, 3),
        st.integers(0, 3),
        st.integers(0, 400),
    ),
    min_size=4,
    max_size=12,
)


def take(keeper, here: Neighbourhood, people: list[Resident], step) -> None:
    what, one, two, days = step
    who, other, on = people[one], people[two], date(2025, 6, 1) + timedelta(days=days)
    door, stay = here.door(DOORS[one % 3]), queries.residence_of(who, on)
    home, theirs = stay.household if stay else None, queries.residence_of(other, on)
    if what == "class":
        actions.change_class(keeper, resident=who, population_class=list(PopulationClass)[two], on=on)
    elif what == "away":
        actions.leave_for(keeper, resident=who, on=on, whereabouts=f"外地{two}")
    elif what == "back":
        actions.come_back(keeper, resident=who, on=on)
    elif what == "registered":
        actions.register_at(keeper, resident=who, dwelling=door, on=on)
    elif what == "marry":
        actions.marry(keeper, resident=who, spouse=other, on=on, mover=who)
    elif home is None:
        return
    elif what == "head":
        given = dict.fromkeys((each.pk for each in people), Relation.OTHER)
        actions.change_head(keeper, household=home, head=other, on=on, relations=given)
    elif what == "split":
        actions.split_household(keeper, household=home, head=who, members={}, on=on, dwelling=door)
    elif what == "move":
        actions.move_household(keeper, household=home, dwelling=door, on=on)
    elif theirs is not None and theirs.household is not None:
        actions.join_households(keeper, into=home, household=theirs.household, relations={}, on=on)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_residences_stay_sound_whatever_is_done_in_whatever_order(here: Neighbourhood, chen, asked) -> None:
    from django.db import transaction

    with transaction.atomic():
        people = list(family(here).values())
        for step in asked:
            try:
                take(chen, here, people, step)
            except Problem:
                continue
        for person in people:
            assert_sound(person)
        transaction.set_rollback(True)


def assert_sound(person: Resident) -> None:
    for kind in ResidenceKind:
        rows = sorted(Residence.objects.filter(resident=person, kind=kind), key=lambda row: row.span.lower)
        for before, after in pairwise(rows):
            assert before.span.upper is not None and before.span.upper <= after.span.lower
    lived = queries.residence_of(person, clock.today())
    assert queries.residences_of(person).exists()
    if lived is not None and lived.household is not None:
        household = lived.household
        assert household.dissolved_on is None, "somebody lives in a household that was dissolved"
        if lived.relation_to_head == Relation.HEAD:
            assert household.head_id == person.pk
