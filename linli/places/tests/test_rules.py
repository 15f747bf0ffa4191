from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
