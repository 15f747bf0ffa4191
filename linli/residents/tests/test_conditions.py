"""Lists of people: what conditions find, and how one reads on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils.datastructures import MultiValueDict

from linli.core import clock
from linli.core.access import Role
from linli.core.catalogue import elements
from linli.places.models import Building
from linli.places.tests.factories import Neighbourhood, staff
from linli.residents import actions, conditions, listing
from linli.residents.models import Resident
from linli.residents.queries import residents_visible_to
from linli.residents.tests.factories import SINCE, phone, register

TODAY = clock.today


@pytest.fixture
def people(here: Neighbourhood) -> dict[str, Resident]:
    """王大山 (86, 残疾一级, 独居) and 王芳 (45, with a phone) in the east, 单雄 (80 today) in the west, 曾小贤 nowhere."""
    keeper = staff(Role.BACK_OFFICE)
    today = clock.today()
    rows = {
        "王大山": register("王大山", birth_on=date(1940, 2, 29), dwelling=here.door("47-1-101"), from_on=SINCE),
        "王芳": register("王芳", birth_on=date(1980, 3, 2), phone=phone(123400), dwelling=here.door("48-2-301")),
        "单雄": register("单雄", birth_on=today.replace(year=today.year - 80), dwelling=here.door("9-1-101")),
        "曾小贤": register("曾小贤"),
    }
    actions.grant_category(keeper, resident=rows["王大山"], kind="disabled", from_on=SINCE)
    actions.grant_category(keeper, resident=rows["王大山"], kind="living_alone", from_on=SINCE)
    actions.correct_resident(keeper, resident=rows["王芳"], to={"education": "20"}, because="本人出示毕业证")
    Resident.objects.filter(pk=rows["单雄"].pk).update(confirmed_on=today - timedelta(days=400))
    return rows


def found(*listed: tuple[str, str, str]) -> list[str]:
    rows = conditions.narrowed(residents_visible_to(staff(Role.SECRETARY)), conditions.of_data(listed))
    return [row.name for row in rows]


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ([("resident.age", "ge", "80")], ["单雄", "王大山"]),
        ([("resident.age", "lt", "81")], ["单雄", "王芳"]),
        ([("resident.age", "ge", "80"), ("resident.age", "lt", "85")], ["单雄"]),
        ([("resident.age", "empty", "")], ["曾小贤"]),
        ([("category.kind", "is", "living_alone")], ["王大山"]),
        ([("category.kind", "is", "living_alone"), ("category.kind", "is", "disabled")], ["王大山"]),
        ([("category.kind", "not", "living_alone")], ["单雄", "王芳", "曾小贤"]),
        ([("category.kind", "is", "disabled"), ("category.level", "contains", "一级")], []),
        ([("category.kind", "empty", "")], ["单雄", "王芳", "曾小贤"]),
        ([("resident.phone", "filled", "")], ["王芳"]),
        ([("resident.phone", "empty", "")], ["单雄", "王大山", "曾小贤"]),
        ([("resident.education", "is", "20")], ["王芳"]),
        ([("resident.education", "empty", "")], ["单雄", "王大山", "曾小贤"]),
        ([("residence.population_class", "is", "registered")], ["单雄", "王大山", "王芳"]),
        ([("residence.population_class", "empty", "")], ["曾小贤"]),
        ([("residence.dwelling", "empty", "")], ["单雄", "王大山", "王芳", "曾小贤"]),
        ([("resident.confirmed_on", "ago", "365")], ["单雄"]),
        ([("resident.confirmed_on", "empty", "")], ["王大山", "王芳", "曾小贤"]),
        ([("resident.name", "contains", "王")], ["单雄", "王大山", "王芳", "曾小贤"]),
        ([("resident.age", "ge", "eighty")], ["单雄", "王大山", "王芳", "曾小贤"]),
        ([("resident.age", "ge", "99999999999")], ["单雄", "王大山", "王芳", "曾小贤"]),
        ([("category.kind", "is", "no_such_kind")], ["单雄", "王大山", "王芳", "曾小贤"]),
    ],
)  # fmt: skip
def test_a_condition_finds_who_meets_it_today(people, listed, names: list[str]) -> None:
    assert found(*listed) == names


def test_a_place_is_a_condition_too(here: Neighbourhood, people) -> None:
    building = Building.objects.get(number=48)
    assert found(("place.building", "is", str(building.pk))) == ["王芳"]
    assert found(("place.sub_area", "is", str(here.west.pk))) == ["单雄"]
    assert found(("place.sub_area", "not", str(here.west.pk))) == ["王大山", "王芳", "曾小贤"]


def test_every_trait_can_be_asked_in_every_way(people) -> None:
    """No operator of any element makes the database stumble."""
    assert len(conditions.traits()) > 25
    for trait in conditions.traits().values():
        choices = conditions.choices_of(trait)
        value = choices[0][0] if choices else {"date": "2026-01-01", "number": "5"}.get(trait.control, "字")
        for operator in trait.operators:
            typed = "5" if operator in {"ago", "ahead"} else value
            assert found((trait.code, operator, typed)) is not None
            assert conditions.of_data([(trait.code, operator, typed)])[0].is_whole, (trait.code, operator)


def test_nothing_that_names_one_person_can_stand_in_an_address() -> None:
    for code in ("resident.name", "resident.pinyin", "resident.former_name", "fact.value", "document.number_index"):
        assert code not in conditions.traits()
    for code in ("resident.phone", "resident.id_number", "document.number", "category.certificate_number"):
        assert set(conditions.traits()[code].operators) == {"filled", "empty"}
    assert all(code in elements() for code in conditions.traits() if not code.startswith("place."))


def test_conditions_stand_in_the_address_and_come_back_from_it() -> None:
    asked = conditions.of_data([("resident.age", "ge", "80"), ("category.kind", "is", "living_alone")])
    assert [each.words for each in asked] == ["年龄满 80 周岁", "居民类别是独居"]
    from django.http import QueryDict

    assert conditions.parse(QueryDict(conditions.as_query(asked))) == asked
    assert conditions.parse(MultiValueDict({"what": ["resident.age"], "op": ["drop table"]})) == []


@pytest.mark.parametrize("sort", list(listing.SORTS))
def test_reading_on_and_back_shows_everybody_once_in_one_order(people, sort: str) -> None:
    for name in ("赵一", "赵二", "赵三"):
        register(name)
    rows = residents_visible_to(staff(Role.SECRETARY))
    whole = [row.pk for row in listing.sorted_by(rows, sort)]
    forward, page = [], listing.sliced(rows, sort, size=2)
    while True:
        forward += [row.pk for row in page.rows]
        if page.after is None:
            break
        page = listing.sliced(rows, sort, size=2, after=page.after)
    assert forward == whole
    backward = [row.pk for row in page.rows]
    while page.before is not None:
        page = listing.sliced(rows, sort, size=2, before=page.before)
        backward = [row.pk for row in page.rows] + backward
    assert backward == whole


def test_the_count_stops_where_counting_would_take_long(people, monkeypatch) -> None:
    monkeypatch.setattr(listing, "COUNTED_TO", 3)
    count = listing.count_of(residents_visible_to(staff(Role.SECRETARY)))
    assert listing.count_words(count) == "超过 3"
