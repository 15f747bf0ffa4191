"""Identifiers: what people write, in one form; and messages that say what to look at."""

from __future__ import annotations

from datetime import date, timedelta

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from linli.core.errors import Invalid
from linli.core.identifiers import (
    FEMALE,
    MALE,
    IdNumberWrong,
    NameWrong,
    PhoneWrong,
    check_digit,
    normalise_id_number,
    normalise_name,
    normalise_phone,
    parse_id_number,
    split_name,
)

TODAY = date(2026, 6, 1)
BANNED = ("无效", "非法", "禁止", "系统错误", "异常", "操作失败")

births = st.dates(date(1900, 1, 1), TODAY)
sequences = st.integers(0, 999).map("{:03}".format)
FULL_WIDTH = str.maketrans("0123456789Xx", "０１２３４５６７８９Ｘｘ")


def numbered(birth_on: date, sequence: str, area: str = "990105") -> str:
    body = f"{area}{birth_on:%Y%m%d}{sequence}"
    return body + check_digit(body)


def wrong(text: str) -> str:
    with pytest.raises(IdNumberWrong) as refused:
        parse_id_number(text, today=TODAY)
    assert refused.value.field == "id_number" and refused.value.code == "id_number.wrong"
    return refused.value.message


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",  # GB 11643's own sample
        "34052419800101001X",
        "810000199408230021",  # residence permits of Hong Kong and Taiwan
        "830000199201300022",
        "911124198108030024",  # a foreigner's permanent residence card
        "990105200002290012"[:17] + check_digit("99010520000229001"),
    ],
)
def test_numbers_known_to_be_right_are_read(number):
    assert parse_id_number(number, today=TODAY).number == number


@given(births, sequences)
def test_any_well_made_number_gives_its_birth_date_and_sex(birth_on, sequence):
    read = parse_id_number(numbered(birth_on, sequence), today=TODAY)
    assert (read.birth_on, read.sex) == (birth_on, MALE if int(sequence) % 2 else FEMALE)


@given(births, sequences)
def test_the_check_digit_agrees_with_an_independent_calculation(birth_on, sequence):
    body = f"990105{birth_on:%Y%m%d}{sequence}"
    assert check_digit(body) == mod_11_2.calc_check_digit(body)


@given(births, sequences, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(birth_on, sequence, place, by):
    number = numbered(birth_on, sequence)
    mistyped = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert wrong(mistyped)


@given(births, sequences, st.integers(0, 15))
def test_two_swapped_digits_are_always_noticed(birth_on, sequence, place):
    number = numbered(birth_on, sequence)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or wrong(swapped)


@given(births, sequences)
def test_spaces_full_width_and_lower_case_are_the_same_number(birth_on, sequence):
    number = numbered(birth_on, sequence)
    written = f" {number[:6]}\u3000{number[6:14]}\u200b {number[14:].lower()}\n".translate(FULL_WIDTH)
    assert normalise_id_number(written) == number


@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(0, 995).map("{:03}".format))
def test_fifteen_digits_are_upgraded_into_the_1900s(birth_on, sequence):
    assert parse_id_number(f"990105{birth_on:%y%m%d}{sequence}", today=TODAY).number == numbered(birth_on, sequence)


def test_the_centenarians_sequences_were_born_in_the_1800s():
    assert parse_id_number("990105980412997", today=TODAY).birth_on == date(1898, 4, 12)


def test_each_mistake_is_answered_with_what_to_look_at():
    good = numbered(date(1948, 5, 1), "002")
    other_last = "5" if good[-1] != "5" else "6"
    assert wrong(good[:-1] + other_last) == "身份证号最后一位对不上。请对照证件再看一遍第 7–14 位（出生日期）。"
    assert "少了" in wrong(good[:-1]) and "17 位" in wrong(good[:-1])
    assert "多了" in wrong(good + "1") and "19 位" in wrong(good + "1")
    assert "第 3 位" in wrong(good[:2] + "O" + good[3:]) and "字母 O" in wrong(good[:2] + "O" + good[3:])
    assert "第 5 位" in wrong(good[:4] + "x" + good[5:]) and "最后一位" in wrong(good[:4] + "x" + good[5:])
    assert "没有这一天" in wrong("990105190002290012")
    assert "还没有到" in wrong(numbered(TODAY + timedelta(days=1), "001"))
    assert "太早" in wrong(numbered(date(1849, 12, 31), "001"))
    assert "表格软件" in wrong("3.30105E+17") and "表格软件" in wrong("990105198001010000")
    assert "先空着" in wrong("  ")
    assert "15 位" in wrong("99010598041299X")


def test_born_today_is_not_the_future():
    assert parse_id_number(numbered(TODAY, "001"), today=TODAY).birth_on == TODAY


@given(st.text(max_size=30) | st.text("0123456789Xx０１９Ｏ٣.E+ -", max_size=22))
def test_no_text_breaks_a_parser_and_no_message_repeats_it(text):
    readers = (lambda t: parse_id_number(t, today=TODAY), normalise_id_number, normalise_phone, normalise_name)
    for read in readers:
        try:
            read(text)
        except Invalid as refused:
            assert not any(word in refused.message for word in BANNED)
            assert refused.message.endswith(("。", "”。"))
            long_digits = "".join(char for char in text if char.isascii() and char.isdigit())
            assert len(long_digits) < 6 or long_digits not in refused.message


def test_digits_of_other_scripts_are_not_digits():
    assert wrong("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X")
    with pytest.raises(PhoneWrong):
        normalise_phone("١٠٠٠٠٠٠١٢٣٤")


# phones

AREAS = {"010": 8, "021": 8, "0571": 8, "0570": 7, "0859": 7}
mobiles = st.from_regex(r"(1[3-9][0-9]|100)[0-9]{8}", fullmatch=True)


def phone_wrong(text: str) -> str:
    with pytest.raises(PhoneWrong) as refused:
        normalise_phone(text)
    assert refused.value.field == "phone"
    return refused.value.message


@given(mobiles, st.sampled_from(["", "+86", "+86 ", "0086", "86", "（+86）", "86-"]))
def test_a_mobile_number_has_one_form(number, prefix):
    spaced, hyphened = f"{number[:3]} {number[3:7]} {number[7:]}", f"{number[:3]}-{number[3:]}\u200b"
    for written in (number, spaced, hyphened, number.translate(FULL_WIDTH)):
        assert normalise_phone(prefix + written) == number


@given(st.sampled_from(sorted(AREAS)), st.data())
def test_a_landline_has_one_form(area, data):
    number = data.draw(st.from_regex(rf"[2-8][0-9]{{{AREAS[area] - 1}}}", fullmatch=True))
    abroad = f"+86 {area[1:]} {number}"
    for written in (f"{area}{number}", f"({area}){number}", f"{area} {number}", f"{area}－{number}", abroad):
        assert normalise_phone(written) == f"{area}-{number}"


@given(mobiles | st.just("057188001234"))
def test_a_normal_form_is_its_own_normal_form(number):
    assert normalise_phone(normalise_phone(number)) == normalise_phone(number)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_every_mobile_number_of_the_numbering_plan_is_accepted(number):
    if phonenumbers.number_type(phonenumbers.parse(number, "CN")) == phonenumbers.PhoneNumberType.MOBILE:
        assert normalise_phone(number) == number


@given(st.from_regex(r"0[1-9][0-9]{8,10}", fullmatch=True))
def test_every_landline_accepted_is_possible_in_the_numbering_plan(number):
    try:
        found = normalise_phone(number)
    except PhoneWrong:
        return
    assert found.replace("-", "") == number
    assert phonenumbers.is_possible_number(phonenumbers.parse(number, "CN"))


def test_each_wrong_phone_is_answered_with_what_to_do():
    assert "少了" in phone_wrong("1000000123") and "10 位" in phone_wrong("1000000123")
    assert "多了" in phone_wrong("100000012345")
    assert "前 3 位" in phone_wrong("12000001234")
    assert "区号" in phone_wrong("88001234")
    assert "境外" in phone_wrong("+852 6000 0000") and "境外" in phone_wrong("00852 60000000")
    assert "分机" in phone_wrong("0571-88001234转801")
    assert "两个" in phone_wrong("10000001234/10000005678") and "两个" in phone_wrong("10000001234，10000005678")
    assert "由社工上门" in phone_wrong(" ")
    assert "不是数字" in phone_wrong("一三八")


def test_a_mobile_number_without_its_first_digit_does_not_pass_for_a_landline():
    assert phone_wrong("3858800123")


# names


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" 王 芳\u3000", "王芳"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉 ‧ 买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉．买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉.买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉･买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉・买买提", "阿卜杜拉·买买提"),
        ("Ｊｏｈｎ  Smith", "John Smith"),
        ("J. Smith", "J. Smith"),
        ("钱𬭊", "钱𬭊"),
        ("龚䶮", "龚䶮"),
        ("龚\ue863", "龚䶮"),
        ("·王芳·", "王芳"),
        ("王\u200b芳\ufeff", "王芳"),
        ("𠀀" * 50, "𠀀" * 50),
    ],
)
def test_names_have_one_form(written, kept):
    assert normalise_name(written) == kept


@given(st.text(st.sampled_from("王芳欧阳䶮𬭊·•．. a'Ａ\u3000"), min_size=1, max_size=20))
def test_a_normal_name_is_its_own_normal_form(text):
    try:
        name = normalise_name(text)
    except NameWrong:
        return
    assert normalise_name(name) == name


@pytest.mark.parametrize("lost", ["", " · ", "王?", "王\ufffd", "王\ue001", "王\x00", "王" * 101])
def test_names_that_lost_something_are_asked_for_again(lost):
    with pytest.raises(NameWrong) as refused:
        normalise_name(lost)
    assert refused.value.field == "name"


def test_surnames_of_two_characters_are_known():
    assert split_name("欧阳娜娜") == ("欧阳", "娜娜")
    assert split_name("王芳") == ("王", "芳")
    assert split_name("") == ("", "")
