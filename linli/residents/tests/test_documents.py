"""Documents: every kind's shape, every check digit's promise, and one holder a number."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from linli.core.access import Role
from linli.core.identifiers import NAME_MAX, check_digit
from linli.core.models import TrailEntry
from linli.core.versions import versions_of
from linli.places.tests.factories import staff
from linli.residents import actions
from linli.residents.codelists import code_list
from linli.residents.document_rules import (
    DocumentDoubtful,
    DocumentWrong,
    document_rules,
    icao_check_digit,
    read_document_number,
)
from linli.residents.models import Document

from .factories import id_number, register

TODAY = date(2026, 11, 25)


def hmt(area: str = "830000", sequence: int = 1, born: str = "19800302") -> str:
    body = f"{area}{born}{sequence:03d}"
    return body + check_digit(body)


def foreign(sequence: int = 1) -> str:
    body = f"933840{'19800302'}{sequence:03d}"  # 9, where it was issued, a country's three digits
    return body + check_digit(body)


def foreign_old(body: str = "USA33018003021") -> str:
    return body + icao_check_digit(body)


def read(kind: str, number: str, **more) -> str:
    return read_document_number(kind, number, today=TODAY, **more)


WELL_FORMED = [
    ("112", id_number(sequence=1)),
    ("113", "3301050012"),
    ("414", "TK1234567"),
    ("416", "T1234567"),
    ("417", "A1234567"),
    ("420", "K12345678"),
    ("421", "MA1234567"),
    ("511", "12345678"),
    ("511", "1234567890B"),
    ("513", "C12345678"),
    ("513", "CA1234567"),
    ("hmt_permit", "H12345678"),
    ("hmt_permit", "M1234567801"),
    ("hmt_residence", hmt("810000")),
    ("hmt_residence", hmt("820000")),
    ("hmt_residence", hmt("830000")),
    ("foreign_permanent_old", foreign_old()),
    ("foreign_permanent", foreign()),
    ("birth_certificate", "R330123456"),
]


@pytest.mark.parametrize(("kind", "number"), WELL_FORMED)
def test_each_kind_is_read_as_people_write_it(kind, number):
    spaced = f" {number[:4]} {number[4:].lower()} ".translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert read(kind, spaced) == read(kind, number) == number


def test_every_kind_that_is_offered_is_in_the_code_list_and_has_an_example():
    assert set(document_rules()) <= set(code_list("document_kind").codes)
    assert {kind for kind, _ in WELL_FORMED} | {"none_yet"} == set(document_rules())


@pytest.mark.parametrize(
    ("kind", "number", "says"),
    [
        ("hmt_residence", "840000198003020013", "18 位"),
        ("hmt_residence", hmt(born="19800230"), "日历上没有这一天"),
        ("hmt_residence", hmt(born="20990101"), "这一天还没有到"),
        ("foreign_permanent", hmt(), "9 开头"),
        ("hmt_permit", "12345678", "香港 H"),
        ("birth_certificate", "R33012345", "9 位数字"),
        ("414", "护照12345", "只有数字和字母"),
        ("414", " ", "暂无证件"),
        ("111", id_number(), "身份证号"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_not(kind, number, says):
    with pytest.raises(DocumentWrong) as wrong:
        read(kind, number)
    assert says in wrong.value.message
    assert number.strip() == "" or number not in wrong.value.message


@given(
    st.sampled_from(["hmt_residence", "foreign_permanent"]), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9)
)
def test_no_single_wrong_digit_passes_a_check_we_are_sure_of(kind, sequence, place, shift):
    right = hmt(sequence=sequence) if kind == "hmt_residence" else foreign(sequence)
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    with pytest.raises(DocumentWrong):
        read(kind, wrong)


@given(st.sampled_from(["hmt_residence", "foreign_permanent"]), st.integers(0, 999), st.integers(0, 15))
def test_no_two_digits_change_places_unseen(kind, sequence, place):
    right = hmt(sequence=sequence) if kind == "hmt_residence" else foreign(sequence)
    assume(right[place] != right[place + 1])
    with pytest.raises(DocumentWrong):
        read(kind, right[:place] + right[place + 1] + right[place] + right[place + 2 :])


@given(st.from_regex(r"\A[A-Z]{3}[0-9]{11}\Z"), st.integers(3, 13), st.integers(1, 9))
def test_the_old_foreigners_card_asks_to_compare_when_a_digit_is_wrong(body, place, shift):
    right = foreign_old(body)
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    assert read("foreign_permanent_old", right) == right
    with pytest.raises(DocumentDoubtful):
        read("foreign_permanent_old", wrong)
    assert read("foreign_permanent_old", wrong, is_compared=True) == wrong


@given(st.text(max_size=30))
def test_whatever_is_typed_is_read_or_refused_in_words(text):
    for kind in document_rules():
        try:
            number = read(kind, text)
        except (DocumentWrong, DocumentDoubtful) as problem:
            assert problem.message.endswith("。")
        else:
            assert number.isascii() and number.isalnum()


def test_the_first_national_example_of_the_machine_readable_rule():
    assert icao_check_digit("520727") == "3"  # ICAO Doc 9303-3, appendix A to section 4.9


@pytest.mark.django_db
class TestHeld:
    @pytest.fixture
    def keeper(self, here):
        return staff(Role.BACK_OFFICE)

    @pytest.fixture
    def chen(self, here):
        return register("陈大文", dwelling=here.door("48-1-101"))

    def test_a_person_holds_several_and_each_is_written_once(self, keeper, chen):
        first = actions.add_document(
            keeper, resident=chen, kind="hmt_permit", number="H12345678", last_on=date(2030, 1, 1)
        )
        actions.add_document(keeper, resident=chen, kind="hmt_residence", number=hmt("810000"))
        again = actions.add_document(
            keeper, resident=chen, kind="hmt_permit", number="h 1234 5678", last_on=date(2030, 1, 1)
        )
        assert again.pk == first.pk
        assert Document.objects.filter(resident=chen).count() == 2
        assert TrailEntry.objects.filter(verb="document.added").count() == 2
        assert first.span.upper == date(2030, 1, 2)

    def test_nobody_else_has_the_same_number(self, keeper, chen):
        actions.add_document(keeper, resident=chen, kind="hmt_residence", number=hmt())
        with pytest.raises(actions.DocumentTaken):
            actions.add_document(keeper, resident=register("林小"), kind="hmt_residence", number=hmt())

    def test_two_without_any_document_do_not_collide_but_must_say_why(self, keeper, chen):
        for person in (chen, register("新生儿")):
            with pytest.raises(actions.ReasonForNone):
                actions.add_document(keeper, resident=person, kind="none_yet")
            actions.add_document(keeper, resident=person, kind="none_yet", note="新生儿，户口待报")
        assert Document.objects.filter(kind="none_yet", number__isnull=True).count() == 2

    def test_a_number_put_right_is_found_anew_and_the_old_belief_stays(self, keeper, chen):
        wrong = actions.add_document(keeper, resident=chen, kind="414", number="TK1234567", issued_in="jpn")
        actions.correct_document(keeper, document=wrong, number="TK1234568", issued_in="JPN")
        assert Document.objects.get(number_index="TK1234568").pk == wrong.pk
        assert not Document.objects.filter(number_index="TK1234567").exists()
        assert [row.number for row in versions_of(Document.objects.get(pk=wrong.pk))] in (
            ["TK1234568", "TK1234567"],
            ["TK1234568"],
        )

    def test_a_passport_says_whose_and_dates_come_in_order(self, keeper, chen):
        with pytest.raises(actions.CountryNeeded):
            actions.add_document(keeper, resident=chen, kind="414", number="TK1234567")
        with pytest.raises(actions.DocumentDates):
            actions.add_document(
                keeper, resident=chen, kind="511", number="12345678", from_on=date(2026, 1, 1), last_on=date(2025, 1, 1)
            )

    def test_one_dropped_leaves_and_may_come_again(self, keeper, chen):
        held = actions.add_document(keeper, resident=chen, kind="511", number="12345678")
        actions.drop_document(keeper, document=held)
        assert not Document.objects.filter(resident=chen).exists()
        actions.add_document(keeper, resident=register("林小"), kind="511", number="12345678")

    @pytest.mark.parametrize(
        "name",
        ["买买提·阿卜杜拉", "司马𬭊", "䶮女士", "阿" * 30 + "·" + "卜" * 29, "A" * NAME_MAX, "古丽娜尔・艾合买提"],
    )
    def test_names_are_kept_as_people_bear_them(self, here, name):
        kept = register(name).name
        assert kept == name.replace("・", "·")
        assert len(kept) <= NAME_MAX
