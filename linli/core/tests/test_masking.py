"""What is hidden stays hidden, whatever the value looks like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.identifiers import COMPOUND_SURNAMES
from linli.core.masking import mask_address, mask_id_number, mask_name, mask_phone

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王小强", "王*强"),
        ("王强", "王*"),
        ("王", "*"),
        ("", ""),
        ("王小小强", "王**强"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳娜", "欧阳*"),
        ("欧阳", "欧*"),
        ("钱𬭊", "钱*"),
        ("阿卜杜拉·买买提", "阿***·***"),
        ("John Smith", "J*** S****"),
        ("Élodie Ba", "É***** **"),
    ],
)
def test_names(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (mask_id_number, "990105194805011234", "990***********1234"),
        (mask_id_number, "990105480501123", "990********1123"),
        (mask_id_number, "E12345678", "*******78"),
        (mask_id_number, "H1234", "*****"),
        (mask_phone, "10000001234", "100****1234"),
        (mask_phone, "0571-88001234", "0571-****1234"),
        (mask_phone, "0570-8801234", "0570-***1234"),
        (mask_phone, "+85260000000", "**********00"),
        (mask_phone, "12345", "*****"),
        (mask_phone, "", ""),
    ],
)
def test_numbers(mask, value, shown):
    assert mask(value) == shown


@given(st.text(HAN, min_size=1, max_size=6) | st.text(max_size=20))
def test_a_masked_name_shows_two_characters_at_most_and_each_in_its_place(name):
    shown = mask_name(name)
    assert len(shown) == len(name)
    kept = [i for i, char in enumerate(shown) if char != "*" and not char.isspace() and char != "·"]
    assert all(shown[i] == name[i] for i in kept)
    words = len(name.split(" ")) if name.isascii() else 1
    assert len(kept) <= max(2, words)


@given(st.sampled_from(sorted(COMPOUND_SURNAMES)), st.text(HAN, min_size=1, max_size=3))
def test_of_a_given_name_behind_a_surname_of_two_nothing_is_shown(surname, given_name):
    assert mask_name(surname + given_name) == surname + "*" * len(given_name)


@given(st.text("0123456789X", min_size=8, max_size=20))
def test_what_is_hidden_of_a_document_number_is_nowhere_in_what_is_shown(number):
    shown = mask_id_number(number)
    hidden = number[3:-4] if len(number) >= 15 else number[:-2]
    assert hidden not in shown and len(shown) == len(number)


@given(st.from_regex(r"1[0-9]{10}|0[1-9][0-9]{1,2}-[2-8][0-9]{6,7}|\+?[0-9]{5,15}|[0-9 -]*", fullmatch=True))
def test_of_a_phone_number_never_more_than_area_and_last_four_are_shown(phone):
    shown = mask_phone(phone)
    assert len(shown) == len(phone)
    assert shown.count("*") >= min(len(phone), 3)
    assert all(s in {"*", p} for s, p in zip(shown, phone, strict=True))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("拱墅区仓基新村48幢2单元301室", "拱墅区仓基新村48幢"),
        ("湖墅南路123号仓基新村48幢2单元301", "湖墅南路123号仓基新村48幢"),
        ("仓基新村48-2-301", "仓基新村48"),
        ("仓基新村４８－２－３０１", "仓基新村48"),
        ("仓基新村48号301室", "仓基新村48号"),
        ("仓基新村甲幢301", "仓基新村甲幢"),
        ("仓基新村A座1201", "仓基新村A座"),
        ("6号楼1502王家", "6号楼"),
        ("文晖路2之1号二楼", "文晖路2之1号"),
        ("仓基新村301室", "仓基新村"),
        ("仓基新村三单元二楼", "仓基新村"),
        ("仓基新村", "仓基新村"),
        ("", ""),
    ],
)
def test_addresses_end_at_the_building(address, shown):
    assert mask_address(address) == shown


@given(
    st.sampled_from(["仓基新村", "湖墅南路123号仓基新村", "拱墅区湖墅街道仓基新村"]),
    st.integers(1, 99),
    st.sampled_from(["幢", "栋", "号楼", "座", "号", ""]),
    st.integers(1, 9),
    st.integers(100, 3999),
    st.sampled_from(["{e}单元{r}室", "-{e}-{r}", "{e}单元{r}", " {e}-{r} 王家", "{r}室"]),
)
def test_the_room_is_never_shown(estate, building, word, entrance, room, inside):
    shown = mask_address(f"{estate}{building}{word}{inside.format(e=entrance, r=room)}")
    assert shown.startswith(estate) or estate.startswith(shown)
    assert str(room) not in shown.removeprefix(estate) or str(room) in str(building)


@given(st.text(max_size=40))
def test_no_text_breaks_a_mask(text):
    for mask in (mask_name, mask_id_number, mask_phone, mask_address):
        mask(text)
