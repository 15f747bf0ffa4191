from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime

import pytest
from django.db import connection

from linli.core import clock
from linli.core.access import Actor, Duty, Role
from linli.core.ids import uuid7
from linli.core.privacy import undeclared_fields, wrong_declarations
from linli.core.tenancy import TenantManager
from linli.places.tests.factories import SIBLING_CODE, VISITOR, Neighbourhood, neighbourhood, resident_actor, staff
from linli.residents import actions, queries
from linli.residents.models import Category, Household, Residence, Resident
from linli.residents.searching import search_residents
from linli.residents.tests.factories import SINCE, id_number, phone, register

TODAY = datetime(2026, 3, 1, 12, tzinfo=clock.SHANGHAI)


@pytest.fixture
def people(here: Neighbourhood) -> dict[str, Resident]:
    """王芳 and 王大山 (86) in the east, 单雄 in the west, 曾小贤 nowhere."""
    homes = {"王芳": "48-2-301", "王大山": "47-1-101", "单雄": "9-1-101", "曾小贤": None}
    born = {"王大山": date(1940, 2, 29)}
    return {
        name: register(
            name,
            birth_on=born.get(name, date(1980, 3, 2)),
            id_number=id_number(born.get(name, date(1980, 3, 2))),
            phone=phone(123400 + i),
            dwelling=here.door(door) if door else None,
            from_on=SINCE,
        )
        for i, (name, door) in enumerate(homes.items())
    }


def names(rows) -> list[str]:
    return [row.name for row in rows]


def test_back_office_and_secretary_see_all_by_pinyin(people) -> None:
    for role in (Role.BACK_OFFICE, Role.SECRETARY):
        assert names(queries.residents_visible_to(staff(role))) == ["单雄", "王大山", "王芳", "曾小贤"]


def test_a_specialist_sees_who_lives_in_her_sub_areas_today(here: Neighbourhood, people) -> None:
    li = staff(Role.SPECIALIST, sub_area=here.east)
    assert names(queries.residents_visible_to(li)) == ["王大山", "王芳"]
    residence = queries.residence_of(people["王芳"])
    actions.move_out(staff(Role.BACK_OFFICE), residence=residence, on=clock.today())
    assert names(queries.residents_visible_to(li)) == ["王大山"]
    assert not queries.may_see_resident(li, people["单雄"].pk)


def test_a_specialist_of_two_patches_and_one_who_is_back_office_too(here: Neighbourhood, people) -> None:
    both = Actor(
        "both", uuid7(), duties=frozenset({Duty(Role.SPECIALIST, here.east.pk), Duty(Role.SPECIALIST, here.west.pk)})
    )
    assert names(queries.residents_visible_to(both)) == ["单雄", "王大山", "王芳"]
    more = Actor("more", uuid7(), duties=frozenset({Duty(Role.SPECIALIST, here.east.pk), Duty(Role.BACK_OFFICE)}))
    assert queries.residents_visible_to(more).count() == 4


def test_others_see_whom_they_speak_for_and_nobody_else(here: Neighbourhood, people) -> None:
    wang = people["王芳"]
    for actor in (resident_actor(wang.pk), staff(Role.STREET_OFFICIAL, speaks_for=frozenset({wang.pk}))):
        assert names(queries.residents_visible_to(actor)) == ["王芳"]
    for actor in (resident_actor(), staff(Role.STREET_OFFICIAL), staff(Role.ADMINISTRATOR), VISITOR):
        assert names(queries.residents_visible_to(actor)) == []
    western = staff(Role.SPECIALIST, sub_area=here.west, speaks_for=frozenset({wang.pk}))
    assert names(queries.residents_visible_to(western)) == ["单雄", "王芳"]


@pytest.mark.parametrize("has_orm_net", [True, False])
def test_the_next_community_sees_nobody_from_here(people, monkeypatch, has_orm_net: bool) -> None:
    monkeypatch.setattr(TenantManager, "is_filtering", has_orm_net)
    with neighbourhood(7002, SIBLING_CODE):
        assert names(queries.residents_visible_to(staff(Role.SECRETARY))) == []
        assert names(search_residents(staff(Role.SECRETARY), "王")) == []


def test_a_card_is_masked_and_comes_in_the_lists_one_query(people, django_assert_num_queries) -> None:
    wang = people["王芳"]
    actions.grant_category(staff(Role.BACK_OFFICE), resident=wang, kind="volunteer", from_on=SINCE)
    with clock.at(TODAY), django_assert_num_queries(1):
        cards = queries.cards_of(queries.residents_visible_to(staff(Role.SECRETARY))[:3])
    card = cards[2]
    assert (card.id, card.name, card.age, card.sex) == (wang.pk, "王*", 45, "男" if wang.sex == "1" else "女")
    assert card.phone == "100****3400"
    assert card.id_number == f"990***********{wang.id_number[-4:]}"
    assert (card.doors, card.categories) == (("48-2-301",), ("志愿者",))
    shown = " ".join(str(getattr(card, field.name)) for field in fields(card))
    for secret in (wang.name, wang.phone, wang.id_number, str(wang.birth_on)):
        assert secret not in shown


def test_over_80_is_counted_from_the_birthday(people) -> None:
    everyone = Resident.objects.all()
    assert names(queries.over(everyone, 86, on=date(2026, 3, 1))) == ["王大山"]  # born on 29 February
    assert names(queries.over(everyone, 86, on=date(2026, 2, 28))) == []
    actions.record_death(staff(Role.BACK_OFFICE), resident=people["王大山"], died_on=date(2026, 1, 1))
    assert names(queries.over(everyone, 80, on=date(2026, 3, 1))) == []


def test_a_category_counts_from_its_first_day_up_to_its_last(people) -> None:
    chen = staff(Role.BACK_OFFICE)
    actions.grant_category(chen, resident=people["王芳"], kind="living_alone", from_on=SINCE, to_on=date(2020, 1, 1))
    for day, held in (
        (date(2014, 12, 31), []),
        (SINCE, ["王芳"]),
        (date(2019, 12, 31), ["王芳"]),
        (date(2020, 1, 1), []),
    ):
        assert names(queries.in_category(Resident.objects.all(), "living_alone", on=day)) == held


def test_homes_are_where_people_live_today(people) -> None:
    homes = queries.homes_of([people["王芳"].pk, people["曾小贤"].pk])
    assert [(home.resident_id, home.label) for home in homes] == [(people["王芳"].pk, "48幢2单元301室")]


def test_every_field_about_people_says_how_it_is_kept() -> None:
    for model in (Resident, Household, Residence, Category):
        assert undeclared_fields(model) == []
        assert wrong_declarations(model) == []


def test_numbers_are_readable_nowhere_in_the_table(people) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(r)::text, r.phone, r.id_number FROM residents_resident r")
        for row, stored_phone, stored_number in cursor.fetchall():
            assert "99010519" not in row + bytes(stored_number).decode("latin1")
            assert "1000012340" not in row + bytes(stored_phone).decode("latin1")
