"""One box for people: each way of typing, the nearest first, and the index behind it."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.core.access import Role
from linli.places.tests.factories import Neighbourhood, resident_actor, staff
from linli.residents.actions import correct_resident
from linli.residents.models import Resident
from linli.residents.queries import residents_visible_to
from linli.residents.searching import nearest, search_residents
from linli.residents.tests.factories import SINCE, id_number, phone, register


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("王芳", ["王芳"]),
        ("大山", ["王大山"]),
        ("王", ["王大山", "王芳"]),
        ("wangfang", ["王芳"]),
        ("Wang Da", ["王大山"]),
        ("wds", ["王大山"]),
        ("shanx", ["单雄"]),
        ("zxx", ["曾小贤"]),
        ("w", ["王大山", "王芳"]),
        ("xiaoxian", ["曾小贤"]),
        ("王ds", ["王大山"]),
        ("王das", ["王大山"]),
        ("wang芳", ["王芳"]),
        ("wang 大山", ["王大山"]),
        ("汪方", ["王芳"]),
        ("大三", []),
        ("大珊", ["王大山"]),
        ("山", ["王大山"]),
        ("48 2 301", ["王芳"]),
        ("48.2.301", ["王芳"]),
        ("48栋二单元301室", ["王芳"]),
        ("48#2-301", ["王芳"]),
        ("48-2-301", ["王芳"]),
        ("４８幢２单元", ["王芳"]),
        ("47幢", ["王大山"]),
        ("仓基新村47幢1单元101室", ["王大山"]),
        ("48-2-302", []),
        ("3401", ["王大山"]),
        (phone(123402), ["单雄"]),
        ("+86 100-0012-3402", ["单雄"]),
        ("没有这个人", []),
        ("nobody", []),
        ("99999", []),
        ("", ["单雄", "王大山", "王芳", "曾小贤"]),
        ("  ", ["单雄", "王大山", "王芳", "曾小贤"]),
        ("%", []),
        ("_", []),
    ],
)
def test_one_box_finds_people_in_one_query(people, django_assert_max_num_queries, text: str, found: list[str]) -> None:
    with django_assert_max_num_queries(1):
        assert names(search_residents(staff(Role.SECRETARY), text)) == found


def test_a_whole_id_number_finds_its_person(people) -> None:
    wang = people["王芳"]
    for written in (wang.id_number, wang.id_number.lower(), f"{wang.id_number[:6]} {wang.id_number[6:]}"):
        assert names(search_residents(staff(Role.SECRETARY), written)) == ["王芳"]


def test_a_search_finds_no_more_than_one_may_see(here: Neighbourhood, people) -> None:
    li = staff(Role.SPECIALIST, sub_area=here.east)
    assert names(search_residents(li, "shan")) == []
    assert names(search_residents(li, "9-1-101")) == []
    assert names(search_residents(resident_actor(), "王")) == []


def test_search_words_are_never_written_into_the_sql(people) -> None:
    with CaptureQueriesContext(connection) as queries_run:
        list(search_residents(staff(Role.SECRETARY), phone(123402)))
    assert phone(123402) not in queries_run.captured_queries[0]["sql"]


def test_who_is_called_so_stands_before_who_only_sounds_so(here: Neighbourhood) -> None:
    for name in ("张芳", "章芳", "章芳华", "小章芳"):
        register(name)
    assert names(search_residents(staff(Role.SECRETARY), "章芳")) == ["章芳", "章芳华", "小章芳", "张芳"]


def test_whose_surname_is_typed_stands_before_whose_given_name_sounds_so(here: Neighbourhood) -> None:
    for name in ("陈旺", "王芳", "汪洋"):
        register(name)
    assert names(search_residents(staff(Role.SECRETARY), "wang")) == ["王芳", "汪洋", "陈旺"]


@pytest.mark.parametrize("most", [1, 2, 3, 5, 20])
@pytest.mark.parametrize("who", [Role.SECRETARY, Role.SPECIALIST])
@pytest.mark.parametrize("text", ["王", "芳", "w", "wang", "wan", "xian", "wf", "王芳", "0001", "48-2-301", "王f", ""])
def test_the_nearest_few_are_the_first_of_all(here: Neighbourhood, text: str, who: Role, most: int) -> None:
    for i, name in enumerate(
        (
            "王芳",
            "汪洋",
            "王小王",
            "小王",
            "陈旺",
            "张芳",
            "芳华",
            "万光明",
            "王",
            "单雄",
            "先国",
            "西安生",
            "Wang Fang",
            "王方",
        )
    ):
        door = here.door("48-2-301" if i % 3 else "9-1-101")
        register(name, phone=phone(100001 if i == 3 else 200000 + i), dwelling=door, from_on=SINCE)
    actor = staff(who, sub_area=here.east) if who is Role.SPECIALIST else staff(who)
    every = names(search_residents(actor, text)[:most])
    assert names(nearest(residents_visible_to(actor), text, most)) == every


def test_one_character_is_answered_from_the_order_of_the_index(people, django_assert_max_num_queries) -> None:
    rows = residents_visible_to(staff(Role.SECRETARY))
    for text, queries in (("王", 1), ("w", 1), ("wang", 1), ("山", 2), ("王芳", 1)):
        with django_assert_max_num_queries(queries):
            assert nearest(rows, text, 1)


def test_a_corrected_name_is_found_by_its_new_keys_and_no_longer_by_the_old(people) -> None:
    correct_resident(staff(Role.BACK_OFFICE), resident=people["王大山"], to={"name": "王大海"}, because="户口簿")
    found = search_residents(staff(Role.SECRETARY), "大海")
    assert names(found) == ["王大海"] and names(search_residents(staff(Role.SECRETARY), "大山")) == []


@pytest.mark.parametrize("text", ["大山", "wangfang", "wds", "王ds", "山", "小贤", "3401", "48-2-301"])
def test_no_way_of_typing_reads_the_whole_community(people, text: str) -> None:
    """Under row-level security, as the serving role: each way has an index that the planner may use."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql = str(search_residents(staff(Role.SECRETARY), text).values("pk").explain())
    assert "Seq Scan" not in sql, sql


def test_the_function_behind_the_keys_tells_nothing_of_the_next_community(people) -> None:
    wang = people["王芳"]
    keys = Resident.objects.values_list("find_keys", flat=True).get(pk=wang.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT residents_resident_having(%s::int[])", [keys])
        assert cursor.fetchall() == [(wang.pk,)]
        cursor.execute("SET LOCAL app.community = '999'")
        cursor.execute("SELECT residents_resident_having(%s::int[])", [keys])
        assert cursor.fetchall() == []
