"""Somebody comes to live behind a door: from the register, or new to it; never twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from linli.core import clock
from linli.core.identifiers import check_digit
from linli.core.tenancy import active
from linli.residents import actions, queries
from linli.residents.codes import PopulationClass
from linli.residents.models import Residence, Resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(cast):
    with active(cast.here.id):
        yield cast.here


@pytest.fixture
def as_secretary(cast, here):
    return cast.actor("赵敏")


@pytest.fixture
def desk(browse, cast):
    return browse(cast.accounts["李娜"])


@pytest.fixture
def page(here):
    return f"/c/{here.code}/desk/residents/dwellings/{here.door('48-1-201').pk}/arrive/"


def said(**more):
    today = clock.today().isoformat()
    return {"household": "none", "population_class": "migrant", "on": today, "name": "", **more}


def test_a_new_person_is_registered_where_she_lives(desk, page, here):
    form = said(name="陆小曼", birth_on="1975-03-02", sex="2", phone="10012345678")
    assert desk.post(page, form).status_code == 302
    row = Resident.objects.get(name="陆小曼")
    home = queries.residence_of(row)
    assert home.dwelling.door == "48-1-201" and home.population_class == PopulationClass.MIGRANT
    assert (row.sex, row.birth_on, row.phone) == ("2", date(1975, 3, 2), "10012345678")


def test_the_page_opens_on_an_empty_door_and_is_linked_from_it(desk, page, here):
    assert "来了一位" in desk.get(page).content.decode()
    door = here.door("48-1-201")
    assert page in desk.get(f"/c/{here.code}/desk/residents/dwellings/{door.pk}/").content.decode()


def test_sent_twice_it_is_one_person(desk, page, here):
    form = said(name="陆小曼", birth_on="1975-03-02", id="01930000-0000-7000-8000-000000000077", is_new="on")
    assert [desk.post(page, form).status_code for _ in "ab"] == [302, 302]
    assert Resident.objects.filter(name="陆小曼").count() == 1


def test_who_is_in_the_register_moves_over_and_is_not_registered_again(desk, page, here, cast):
    wang, count = cast.residents["王芳"], Resident.objects.count()
    found = desk.post(page, said(who_words="王芳")).content.decode()
    assert "是哪一位" in found and str(wang.pk) in found
    assert desk.post(page, said(who_words="王芳", who=str(wang.pk))).status_code == 302
    assert queries.residence_of(wang).dwelling.door == "48-1-201"
    assert queries.residence_of(wang, clock.today() - timedelta(days=1)).dwelling.door == "48-2-301"
    assert Resident.objects.count() == count


@pytest.mark.parametrize("same", ["birthday", "phone"])
def test_somebody_very_like_is_shown_before_a_second_record_is_made(desk, page, here, cast, same):
    wang, count = cast.residents["王芳"], Resident.objects.count()
    if same == "birthday":
        form = said(name="汪方", birth_on=wang.birth_on.isoformat())  # the same sound
    else:
        form = said(name="别的名字", birth_on="1990-01-01", phone=wang.phone)
    answer = desk.post(page, form)
    assert answer.status_code == 422 and "是同一位吗" in answer.content.decode()
    assert str(wang.pk) in answer.content.decode() and Resident.objects.count() == count
    assert desk.post(page, form | {"is_new": "on"}).status_code == 302
    assert Resident.objects.count() == count + 1


def test_the_likeness_is_settled_by_choosing_the_one_who_is_there(desk, page, here, cast):
    wang, count = cast.residents["王芳"], Resident.objects.count()
    form = said(name="王芳", birth_on=wang.birth_on.isoformat(), who=str(wang.pk))
    assert desk.post(page, form).status_code == 302
    assert Resident.objects.count() == count and queries.residence_of(wang).dwelling.door == "48-1-201"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "请写姓名"),
        ({"name": "陆小曼", "id_number": "330105197503020021"}, "身份证号"),
        ({"name": "陆小曼", "phone": "12"}, "手机"),
        ({"name": "陆小曼", "on": "2100-01-01"}, "还没有到"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_written(desk, page, here, form, words):
    count = Resident.objects.count(), Residence.objects.count()
    answer = desk.post(page, said(**form))
    assert answer.status_code == 422 and words in answer.content.decode()
    assert (Resident.objects.count(), Residence.objects.count()) == count


def test_a_household_takes_the_new_one_in(desk, page, here, as_secretary, cast):
    door = here.door("48-1-201")
    head = actions.register_resident(
        as_secretary, actions.ResidentPlan(name="陆老太", dwelling=door, from_on=date(2020, 1, 1))
    )
    home = actions.form_household(as_secretary, dwelling=door, head=head, members={}, on=date(2020, 1, 1))
    assert "陆*太一户" in desk.get(page).content.decode()
    form = said(name="陆小曼", birth_on="1975-03-02", household=str(home.pk), relation_to_head="3")
    assert desk.post(page, form).status_code == 302
    stay = queries.residence_of(Resident.objects.get(name="陆小曼"))
    assert (stay.household, stay.relation_to_head) == (home, "3")


def test_an_id_number_says_birthday_and_sex_and_is_held_once(desk, page, here):
    seventeen = "99010519750302002"  # no district is called 990105: nobody's number
    form = said(name="陆小曼", id_number=seventeen + check_digit(seventeen))
    assert desk.post(page, form).status_code == 302
    row = Resident.objects.get(name="陆小曼")
    assert (row.sex, row.birth_on) == ("2", date(1975, 3, 2))
    again = desk.post(page, form | {"name": "另一个"})
    assert again.status_code == 422 and str(row.pk) in again.content.decode()
    assert desk.post(page, form | {"name": "另一个", "is_new": "on"}).status_code == 422
    assert not Resident.objects.filter(name="另一个").exists()
