from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.db import connection

from linli.core import clock
from linli.core.access import Role
from linli.core.errors import NotAllowed, NotFound
from linli.core.identifiers import IdNumberWrong, NameWrong, PhoneWrong
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.core.trail import timeline_of
from linli.places.tests.factories import OPERATOR, SIBLING_CODE, Neighbourhood, neighbourhood, resident_actor, staff
from linli.residents import actions, queries
from linli.residents.codes import Relation, ResidenceKind, Sex
from linli.residents.models import Category, Household, Residence, Resident
from linli.residents.tests.factories import BORN, SINCE, id_number, phone, register
from tests.helpers import race

LATER = date(2020, 7, 1)


@pytest.fixture
def chen():
    return staff(Role.BACK_OFFICE)


@pytest.fixture
def li(here: Neighbourhood):
    """The specialist of the east."""
    return staff(Role.SPECIALIST, sub_area=here.east)


def verbs_of(row) -> list[str]:
    return list(timeline_of(row).values_list("verb", flat=True))


# Registering


def test_a_person_is_registered_with_home_household_and_categories(here: Neighbourhood) -> None:
    number = id_number(BORN, sequence=102)
    wang = register(
        "王芳",
        id_number=number.lower(),
        phone="+86 " + phone(77),
        dwelling=here.door("48-2-301"),
        from_on=SINCE,
        relation_to_head=Relation.HEAD,
        household="a",
        categories=(actions.CategoryPlan("party_member", SINCE), actions.CategoryPlan("living_alone", LATER)),
    )
    wang = Resident.objects.get(pk=wang.pk)
    assert (wang.pinyin, wang.initials, wang.sex, wang.birth_on) == ("wang fang", "wf", Sex.FEMALE, BORN)
    assert (wang.id_number, wang.phone) == (number, phone(77))
    residence = queries.residence_of(wang)
    assert residence is not None
    assert (residence.dwelling.door, residence.span.lower, residence.span.upper) == ("48-2-301", SINCE, None)
    assert residence.household == Household.objects.get(head=wang)
    assert set(verbs_of(wang)) == {"resident.registered", "resident.moved_in", "category.granted"}
    assert TrailEntry.objects.filter(verb="category.granted").count() == 2


def test_what_staff_write_counts_before_what_the_number_says(here: Neighbourhood) -> None:
    wang = register(id_number=id_number(BORN, sequence=104), sex=Sex.MALE, birth_on=date(1980, 3, 3))
    assert (wang.sex, wang.birth_on) == (Sex.MALE, date(1980, 3, 3))


def test_somebody_without_any_document_is_registered_too(here: Neighbourhood) -> None:
    baby = register("王奶奶家小囡", birth_on=clock.today())
    assert queries.card_of(baby).age == 0
    register("又一个没有证件的人")


def test_an_id_number_is_registered_once_in_a_community_and_again_next_door(here: Neighbourhood, chen) -> None:
    number = id_number()
    register(id_number=number)
    before = TrailEntry.objects.count()
    with pytest.raises(actions.IdNumberTaken):
        register("另一个人", id_number=number)
    assert (Resident.objects.count(), TrailEntry.objects.count()) == (1, before)
    with neighbourhood(7002, SIBLING_CODE):
        register(id_number=number)


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        ({"name": "  "}, NameWrong),
        ({"id_number": "990105198003021020"}, IdNumberWrong),
        ({"phone": "12345"}, PhoneWrong),
        ({"birth_on": date(2999, 1, 1)}, actions.NotYet),
        ({"categories": (actions.CategoryPlan("over_80", SINCE),)}, actions.CategoryUnknown),
    ],
)
def test_what_cannot_be_used_is_refused_and_nobody_is_registered(here: Neighbourhood, chen, plan, problem) -> None:
    plans = [actions.ResidentPlan(name="好人"), actions.ResidentPlan(**{"name": "王芳", **plan})]
    with pytest.raises(problem) as caught:
        actions.register_many(chen, plans)
    assert Resident.objects.count() == 0
    if problem is not actions.CategoryUnknown:
        assert caught.value.facts["row"] == 1


def test_thousands_are_registered_by_the_same_rules_and_entered_each(here: Neighbourhood, chen) -> None:
    home = here.door("48-2-301")
    plans = [
        actions.ResidentPlan(
            name=f"赵{i}",
            birth_on=BORN,
            phone=phone(5000 + i),
            dwelling=home,
            from_on=SINCE,
            household=str(i // 3),
            relation_to_head=Relation.HEAD if i % 3 == 0 else Relation.DAUGHTER,
            categories=(actions.CategoryPlan("volunteer", SINCE),),
        )
        for i in range(900)
    ]
    people = actions.register_many(chen, plans)
    assert [person.name for person in people[:2]] == ["赵0", "赵1"]
    assert Household.objects.count() == 300
    assert Household.objects.filter(head=None).count() == 0
    assert queries.who_lives_in(home).count() == Category.objects.count() == 900
    assert TrailEntry.objects.filter(verb="resident.registered").count() == 900
    assert verbs_of(people[5]) == ["resident.registered", "resident.moved_in", "category.granted"]
    assert queries.residents_by_phone(phone(5421)).get().name == "赵421"


def test_of_two_in_the_same_list_with_one_number_none_is_registered(here: Neighbourhood, chen) -> None:
    number = id_number()
    with pytest.raises(actions.IdNumberTaken):
        actions.register_many(chen, [actions.ResidentPlan(name=name, id_number=number) for name in ("甲", "乙")])
    assert Resident.objects.count() == 0


def test_who_may_keep_the_register(here: Neighbourhood, li) -> None:
    for actor in (resident_actor(), staff(Role.STREET_OFFICIAL), staff(Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed):
            actions.register_resident(actor, actions.ResidentPlan(name="王芳"))
    plan = actions.ResidentPlan(name="王芳", dwelling=here.door("48-2-301"))
    assert actions.register_resident(OPERATOR, plan)
    assert actions.register_resident(li, plan)
    with pytest.raises(NotAllowed):
        actions.register_resident(li, actions.ResidentPlan(name="王芳", dwelling=here.door("9-1-101")))


# Moving


def test_living_in_two_places_at_once_is_refused_and_leaves_no_trail(here: Neighbourhood, chen) -> None:
    wang = register(dwelling=here.door("48-2-301"), from_on=SINCE)
    before = TrailEntry.objects.count()
    with pytest.raises(actions.LivesElsewhere):
        actions.move_in(chen, resident=wang, dwelling=here.door("47-1-101"), from_on=LATER)
    assert (Residence.objects.count(), TrailEntry.objects.count()) == (1, before)


def test_moving_house_leaves_an_answer_for_every_day(here: Neighbourhood, chen) -> None:
    old, new = here.door("48-2-301"), here.door("47-1-101")
    wang = register(dwelling=old, from_on=SINCE)
    first = queries.residence_of(wang)
    actions.move_out(chen, residence=first, on=LATER)
    actions.move_in(chen, resident=wang, dwelling=new, from_on=LATER)

    assert list(queries.who_lives_in(old, on=LATER - timedelta(days=1))) == [wang]
    assert list(queries.who_lives_in(old, on=LATER)) == []
    assert list(queries.who_lives_in(new, on=LATER)) == [wang]
    assert queries.residence_of(wang, on=SINCE).dwelling == old
    assert queries.residence_of(wang, on=SINCE - timedelta(days=1)) is None
    assert [row.dwelling for row in queries.residences_of(wang)] == [new, old]


def test_registered_here_and_living_there_go_together(here: Neighbourhood, chen) -> None:
    wang = register(dwelling=here.door("48-2-301"), from_on=SINCE)
    there = here.door("47-1-101")
    actions.move_in(chen, resident=wang, dwelling=there, from_on=SINCE, kind=ResidenceKind.REGISTERED)
    assert list(queries.who_lives_in(there)) == []
    assert queries.card_of(wang).doors == ("48-2-301",)


def test_moving_out_again_changes_nothing_and_another_day_is_refused(here: Neighbourhood, chen) -> None:
    wang = register(dwelling=here.door("48-2-301"), from_on=SINCE)
    residence = queries.residence_of(wang)
    actions.move_out(chen, residence=residence, on=LATER)
    actions.move_out(chen, residence=residence, on=LATER)
    assert verbs_of(wang).count("resident.moved_out") == 1
    with pytest.raises(actions.AlreadyMovedOut):
        actions.move_out(chen, residence=residence, on=LATER + timedelta(days=1))


def test_a_residence_ends_after_it_began(here: Neighbourhood, chen) -> None:
    wang = register(dwelling=here.door("48-2-301"), from_on=SINCE)
    with pytest.raises(actions.DateOutOfOrder):
        actions.move_out(chen, residence=queries.residence_of(wang), on=SINCE)
    with pytest.raises(actions.DateOutOfOrder):
        actions.move_in(chen, resident=wang, dwelling=here.door("47-1-101"), from_on=LATER, to_on=LATER)


def test_a_specialist_moves_nobody_outside_her_sub_areas(here: Neighbourhood, li) -> None:
    west = register("西边人", dwelling=here.door("9-1-101"), from_on=SINCE)
    wang = register("东边人", dwelling=here.door("48-2-301"), from_on=SINCE)
    with pytest.raises(NotAllowed):
        actions.move_out(li, residence=queries.residence_of(west), on=LATER)
    with pytest.raises(NotAllowed):
        actions.change_phone(li, resident=west, phone=phone())
    with pytest.raises(NotAllowed):
        actions.move_in(li, resident=west, dwelling=here.door("9-1-102"), from_on=LATER)
    assert actions.move_out(li, residence=queries.residence_of(wang), on=LATER)


def test_of_many_who_move_one_person_in_at_once_one_does(committed_db: None) -> None:
    with neighbourhood() as here:
        wang = register()
        doors = [here.door(f"48-{e}-{f}01") for e in (1, 2) for f in (1, 2, 3)]

    def move(i: int) -> object:
        with active(here.community.id):
            return actions.move_in(staff(Role.BACK_OFFICE), resident=wang, dwelling=doors[i], from_on=SINCE)

    results = race(6, move)
    assert sum(isinstance(result, actions.LivesElsewhere) for result in results) == 5
    with active(here.community.id):
        assert Residence.objects.count() == 1


# Dying


def test_a_death_ends_residence_and_categories_the_day_after(here: Neighbourhood, chen) -> None:
    home = here.door("48-2-301")
    wang = register(birth_on=BORN, dwelling=home, from_on=SINCE, categories=(actions.CategoryPlan("volunteer", SINCE),))
    actions.record_death(chen, resident=wang, died_on=LATER)
    actions.record_death(chen, resident=wang, died_on=LATER)
    assert list(queries.who_lives_in(home, on=LATER)) == [wang]
    assert list(queries.who_lives_in(home, on=LATER + timedelta(days=1))) == []
    assert sorted(verbs_of(wang)[-3:]) == ["category.ended", "resident.died", "resident.moved_out"]
    card = queries.card_of(wang)
    assert (card.is_dead, card.age, card.categories) == (True, 40, ())


def test_nothing_lasts_beyond_a_death(here: Neighbourhood, chen) -> None:
    wang = actions.record_death(chen, resident=register(), died_on=LATER)
    home = here.door("48-2-301")
    with pytest.raises(actions.HasDied):
        actions.move_in(chen, resident=wang, dwelling=home, from_on=SINCE)
    with pytest.raises(actions.HasDied):
        actions.grant_category(chen, resident=wang, kind="volunteer", from_on=SINCE)
    late_entry = actions.move_in(chen, resident=wang, dwelling=home, from_on=SINCE, to_on=LATER + timedelta(days=1))
    assert list(queries.who_lives_in(home, on=LATER)) == [late_entry.resident]


def test_a_death_has_one_day_in_the_past_and_after_the_birth(here: Neighbourhood, chen) -> None:
    wang = register(birth_on=BORN)
    with pytest.raises(actions.NotYet):
        actions.record_death(chen, resident=wang, died_on=clock.today() + timedelta(days=1))
    with pytest.raises(actions.DateOutOfOrder):
        actions.record_death(chen, resident=wang, died_on=BORN - timedelta(days=1))
    actions.record_death(chen, resident=wang, died_on=LATER)
    with pytest.raises(actions.AlreadyDied):
        actions.record_death(chen, resident=wang, died_on=LATER + timedelta(days=1))


# Categories


def test_a_category_is_held_once_at_a_time_and_again_later(here: Neighbourhood, chen) -> None:
    wang = register()
    held = actions.grant_category(
        chen, resident=wang, kind="disabled", from_on=SINCE, certificate_number="99010519800302102043"
    )
    with pytest.raises(actions.CategoryHeld):
        actions.grant_category(chen, resident=wang, kind="disabled", from_on=LATER)
    actions.end_category(chen, category=held, on=LATER)
    actions.end_category(chen, category=held, on=LATER)
    with pytest.raises(actions.CategoryEnded):
        actions.end_category(chen, category=held, on=LATER + timedelta(days=1))
    actions.grant_category(chen, resident=wang, kind="disabled", from_on=LATER)
    assert [row.span.lower for row in queries.categories_of(wang)] == [LATER, SINCE]
    assert Category.objects.get(pk=held.pk).certificate_number == "99010519800302102043"


def test_only_listed_kinds_are_granted(here: Neighbourhood, chen) -> None:
    with pytest.raises(actions.CategoryUnknown):
        actions.grant_category(chen, resident=register(), kind="over_80", from_on=SINCE)


# Phone and revealing


def test_a_changed_phone_is_found_under_the_new_number_alone(here: Neighbourhood, chen) -> None:
    wang = register(phone=phone(1001))
    actions.change_phone(chen, resident=wang, phone=phone(1002))
    actions.change_phone(chen, resident=wang, phone=phone(1002))
    assert list(queries.residents_by_phone(phone(1001))) == []
    assert list(queries.residents_by_phone(phone(1002))) == [wang]
    assert verbs_of(wang).count("resident.phone_changed") == 1
    actions.change_phone(chen, resident=wang, phone="")
    assert queries.card_of(wang).phone == ""


def test_a_number_is_revealed_for_a_reason_that_stays(here: Neighbourhood, li) -> None:
    number = id_number()
    wang = register(id_number=number, dwelling=here.door("48-2-301"), from_on=SINCE)
    assert actions.reveal(li, resident=wang, field="id_number", reason="核对低保材料") == number
    entry = TrailEntry.objects.get(verb="resident.revealed")
    assert (entry.subject_id, entry.account_id) == (wang.pk, li.account_id)
    assert entry.facts == {"field": "id_number", "reason": "核对低保材料"}


def test_nothing_is_revealed_without_right_reason_or_sight(here: Neighbourhood, li) -> None:
    wang = register(id_number=id_number(), dwelling=here.door("48-2-301"), from_on=SINCE)
    west = register("西边人", id_number=id_number(), dwelling=here.door("9-1-101"), from_on=SINCE)
    ask = {"field": "id_number", "reason": "核对低保材料"}
    for actor in (resident_actor(wang.pk), staff(Role.STREET_OFFICIAL), staff(Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed):
            actions.reveal(actor, resident=wang, **ask)
    with pytest.raises(NotFound):
        actions.reveal(li, resident=west, **ask)
    with pytest.raises(NotFound):
        actions.reveal(li, resident=wang, field="id_number_index", reason="核对低保材料")
    for reason in ("", " 看 看 ", "长" * 201):
        with pytest.raises(actions.ReasonNeeded):
            actions.reveal(li, resident=wang, field="id_number", reason=reason)
    with pytest.raises(actions.NothingToReveal):
        actions.reveal(li, resident=wang, field="phone", reason="核对低保材料")
    assert not TrailEntry.objects.filter(verb="resident.revealed").exists()


def test_no_name_or_number_of_a_person_is_in_the_trail(here: Neighbourhood, chen) -> None:
    number = id_number()
    wang = register(
        "欧阳娜娜", id_number=number, phone=phone(31), birth_on=BORN, dwelling=here.door("48-2-301"), from_on=SINCE
    )
    actions.change_phone(chen, resident=wang, phone=phone(32))
    actions.grant_category(
        chen, resident=wang, kind="disabled", from_on=SINCE, certificate_number="99010519800302102043"
    )
    actions.reveal(chen, resident=wang, field="phone", reason="电话回访")
    actions.record_death(chen, resident=wang, died_on=LATER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(t)::text FROM core_trailentry t")
        trail = "\n".join(row[0] for row in cursor.fetchall())
    assert str(wang.pk) in trail
    for secret in ("欧阳", "娜娜", "ou yang", number, phone(31), phone(32), "99010519800302102043", str(BORN)):
        assert secret not in trail
        assert json.dumps(secret) not in trail
