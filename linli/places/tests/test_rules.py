from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.places import rules
from linli.places.rules import Door, door_of, parse_door, prefixes_of


@pytest.mark.parametrize(
    ("text", "door"),
    [
        ("48-2-301", Door(48, 2, "301")),
        ("48幢2单元301", Door(48, 2, "301")),
        ("48幢2单元301室", Door(48, 2, "301")),
        ("４８－２－３０１", Door(48, 2, "301")),
        ("48—2—301", Door(48, 2, "301")),
        ("48 幢 2 单元 301 室", Door(48, 2, "301")),
        ("48#2-301", Door(48, 2, "301")),
        ("48栋2单元", Door(48, 2)),
        ("48-2", Door(48, 2)),
        ("48-301", Door(48, None, "301")),
        ("48幢301室", Door(48, None, "301")),
        ("3幢2室", Door(3, None, "2")),
        ("48幢", Door(48)),
        ("48号楼", Door(48)),
        ("48", Door(48)),
        ("仓基新村48幢2单元301室", Door(48, 2, "301", "仓基新村")),
        ("48-2-301a", Door(48, 2, "301A")),
    ],
)
def test_a_door_is_read_as_people_write_it(text: str, door: Door) -> None:
    assert parse_door(text) == door


@pytest.mark.parametrize("text", ["", "王芳", "wangfang", "幢", "12345", "48-2-301-9", "48-2A-301", "-", "1000011234"])
def test_what_names_no_building_is_no_door(text: str) -> None:
    assert parse_door(text) is None


@given(building=st.integers(1, 9999), entrance=st.integers(1, 99), room=st.integers(101, 9999))
def test_the_short_form_of_a_door_is_read_back(building: int, entrance: int, room: int) -> None:
    assert parse_door(door_of(building, entrance, str(room))) == Door(building, entrance, str(room))


@given(st.text(max_size=40))
def test_any_text_is_read_or_left_alone(text: str) -> None:
    door = parse_door(text)
    assert door is None or 0 <= door.building <= 9999


def test_a_code_lies_in_every_area_it_begins_with() -> None:
    assert prefixes_of("330105002053") == ["33", "3301", "330105", "330105002", "330105002053"]
    assert prefixes_of("330105") == ["33", "3301", "330105"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1-20幢 3单元 6层 每层2户", (tuple(range(1, 21)), 3, 6, 2)),
        ("１—３幢　２单元　６层　每层２户", ((1, 2, 3), 2, 6, 2)),
        ("3、5、7至9号楼 一个单元 11层 一梯四户", ((3, 5, 7, 8, 9), 1, 11, 4)),
        ("12栋两单元六层2户", ((12,), 2, 6, 2)),
    ],
)
def test_a_line_of_buildings_is_read_as_people_write_it(text, read):
    line = rules.parse_building_line(text)
    assert (line.numbers, line.entrances, line.floors, line.rooms_per_floor) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "48-2-301",
        "1-20幢",
        "1-20幢 3单元 6层",
        "3-1幢 1单元 1层 1户",
        "1-2-3幢 1单元 1层 1户",
        "1、1幢 1单元 1层 1户",
        "0幢 1单元 1层 1户",
        "1-900幢 1单元 1层 1户",
        "1幢 0单元 1层 1户",
    ],
)
def test_what_is_no_line_of_buildings_is_none(text):
    assert rules.parse_building_line(text) is None


def test_a_line_says_what_it_makes():
    line = rules.parse_building_line("3、5-7幢 2单元 6层 每层2户")
    assert (line.words, line.dwellings, line.first_door, line.last_door) == ("3、5–7幢", 96, "3-1-101", "7-2-602")
