"""What a roster says of people beyond name and number: ethnicity, schooling, work. Read by the register's own lists, written, and taken back."""

from __future__ import annotations

from datetime import date

import pytest

from linli.imports import actions, queries
from linli.imports.models import Decision, Import, ImportRow, State, Verdict
from linli.imports.rules.columns import propose
from linli.imports.targets import roster_targets
from linli.notices import jobs as notices
from linli.notices.models import Message
from linli.residents import actions as residents
from linli.residents.models import Category, Fact, Resident
from tests.test_import_flow import (
    cast,
    check,
    chen,
    entry,
    every_row,
    here,
    judged,
    number_of,
    roster,
    undone,
    verdicts,
    written,
)

__all__ = ["cast", "chen", "here"]

HEADS = ["姓名", "身份证号", "民族", "文化程度", "婚姻状况", "政治面貌", "就业状况", "工作单位", "曾用名"]
ZHOU = ["周阿大", number_of("19400102", 1), "汉", "初中", "已婚", "群众", "退休", "杭丝联", "周大毛"]
FIELDS = ("ethnicity", "education", "marital_status", "political_status", "employment", "employer", "former_name")
ZHOU_CODES = ("01", "70", "20", "13", "80", "杭丝联", "周大毛")


def sheet(*rows):
    return roster(*rows, heads=HEADS)


def held(name="周阿大"):
    return Resident.objects.values_list(*FIELDS).get(name=name)


def but(**cells):
    """Zhou's row with other cells, by heading."""
    return [cells.get(head, cell) for head, cell in zip(HEADS, ZHOU, strict=True)]


def test_each_column_is_recognised_without_asking(chen):
    (batch,) = actions.take_in(chen, content=sheet(ZHOU), name="党员.xlsx")
    found = [(column.code, column.verdict.value) for column in queries.columns_of(batch)]
    codes = ["education", "marital_status", "political_status", "employment", "employer", "former_name"]
    names = ["name", "id_number", "ethnicity", *codes]
    assert found == [(f"resident.{name}", "taken") for name in names]


def test_new_people_come_with_what_the_roster_says_of_them(chen):
    written(chen, judged(chen, sheet(ZHOU)))
    assert held() == ZHOU_CODES
    assert verdicts(judged(chen, sheet(ZHOU))) == {3: Verdict.SAME}


@pytest.mark.parametrize(
    ("head", "words", "said"),
    [
        ("民族", "汉朝", "民族里没有“汉朝”这一项"),
        ("文化程度", "私塾", "学历里没有“私塾”这一项"),
        ("婚姻状况", "2", "婚姻状况里没有“2”这一项"),
        ("政治面貌", "积极分子", "政治面貌里没有“积极分子”这一项"),
        ("工作单位", "某" * 61, "工作单位最多 60 个字"),
    ],
)
def test_a_word_that_is_in_no_list_is_said_and_never_guessed(chen, head, words, said):
    others = [[f"吴小{n}", number_of("19410203", at), *ZHOU[2:]] for at, n in enumerate("一二三四", 2)]
    batch = judged(chen, sheet(but(**{head: words}), *others))
    row = ImportRow.objects.get(batch=batch, number=3)
    assert row.verdict == Verdict.WRONG
    assert any(said in sentence for _, sentence in row.reasons)


def test_what_offices_call_somebodys_work_is_known(chen):
    others = [
        [f"吴小{name}", number_of("19410203", at), *ZHOU[2:6], word, *ZHOU[7:8], ""]
        for at, (name, word) in enumerate(zip("一二三四", ["务工", "个体工商户", "已退休", "待业"], strict=True), 2)
    ]
    written(chen, judged(chen, sheet(*others)))
    assert [held(f"吴小{name}")[4] for name in "一二三四"] == ["24", "54", "80", "70"]


def test_a_word_for_work_that_nobody_knows_is_asked_about_and_keeps_nobody_out(chen):
    written(chen, judged(chen, sheet(ZHOU)))
    others = [[f"吴小{n}", number_of("19410203", at), *ZHOU[2:]] for at, n in enumerate("一二三四", 2)]
    others[1][6] = others[2][6] = "跑船"
    batch = judged(chen, sheet(but(就业状况="跑船", 婚姻状况="丧偶"), *others))
    assert verdicts(batch) == {3: "doubtful", 4: "new", 5: "doubtful", 6: "doubtful", 7: "new"}
    (doubt,) = queries.doubts_of(batch)  # those who are new stand apart from the one who is known
    assert (doubt.count, doubt.have_somebody) == (2, False) and "没有“跑船”这一项" in doubt.reason
    actions.decide(chen, batch=batch, numbers=queries.undecided_like(batch, doubt.sample), decision=Decision.NEW_PERSON)
    actions.decide(chen, batch=batch, numbers=[3], decision=Decision.SAME_PERSON)
    written(chen, batch)
    assert held("吴小二")[4] == held("吴小三")[4] == ""
    assert held() == (
        *ZHOU_CODES[:2],
        "30",
        *ZHOU_CODES[3:],
    )  # the rest of the row is written, what was held of the work stays


def test_what_changed_is_shown_in_words_and_written(chen):
    written(chen, judged(chen, sheet(ZHOU)))
    batch = judged(chen, sheet(but(婚姻状况="丧偶", 工作单位="", 就业状况="无")))
    (row,) = ImportRow.objects.filter(batch=batch)
    assert row.verdict == Verdict.CHANGED
    (shown,) = queries.rows_shown(chen, [row])
    sides = {side.name: (side.held, side.told) for side in shown.sides}
    assert sides["婚姻状况"] == ("已婚", "丧偶") and sides["曾用名"][0] != "周大毛"
    written(chen, batch)
    assert held() == ("01", "70", "30", "13", "80", "杭丝联", "周大毛")  # an empty cell takes nothing away


def test_a_roster_that_says_less_than_the_register_changes_nothing(chen):
    written(chen, judged(chen, sheet(ZHOU)))
    person = Resident.objects.get(name="周阿大")
    residents.correct_resident(chen, resident=person, to={"education": "71", "marital_status": "22"}, because="told")
    assert verdicts(judged(chen, sheet(ZHOU))) == {3: Verdict.SAME}
    assert verdicts(judged(chen, sheet(but(文化程度="高中")))) == {3: Verdict.CHANGED}


def test_undoing_gives_each_field_back_and_leaves_no_trace(chen):
    written(chen, judged(chen, sheet(but(文化程度="", 曾用名=""))))
    before = every_row()
    other = but(
        民族="畲族", 文化程度="大专", 婚姻状况="离异", 政治面貌="中共党员", 就业状况="个体", 工作单位="大运河纺织厂"
    )
    batch = written(chen, judged(chen, sheet(other)))
    assert held() == ("22", "30", "40", "01", "54", "大运河纺织厂", "周大毛") and Fact.objects.exists()
    assert undone(chen, batch) == []
    assert every_row() == before


def test_who_started_an_import_is_told_once_when_it_is_done(chen):
    batch = written(chen, judged(chen, sheet(ZHOU)))
    assert Import.objects.get(pk=batch.pk).state == State.DONE
    for _ in range(2):
        notices.tell_about_import.func(community_id=batch.community_id, entry_id=str(entry("import.done", batch)))
    (message,) = Message.objects.filter(template="import_done")
    assert message.recipient_account == chen.account_id and "1 行" in message.body
    assert "周" not in message.body


CARD = f"{number_of('19400102', 1)}42"
CARD_HEADS = ["姓名", "身份证号", "残疾人证号", "残疾等级", "低保", "低保认定日期"]


def card_sheet(card=CARD, level="二级", poor="是", decided="2024-03-01"):
    return roster(["周阿大", number_of("19400102", 1), card, level, poor, decided], heads=CARD_HEADS)


def categories():
    rows = Category.objects.filter(resident__name="周阿大").order_by("kind")
    return [(row.kind, row.level, row.certificate_number, row.decided_on) for row in rows]


POOR = ("subsistence_allowance", "", None, date(2024, 3, 1))


def test_level_and_number_and_day_of_decision_come_with_their_category(chen):
    written(chen, judged(chen, card_sheet(level="2")))
    assert categories() == [("disabled", "二级", CARD, None), POOR]
    assert verdicts(judged(chen, card_sheet())) == {3: Verdict.SAME}


def test_a_level_that_changed_is_written_and_given_back(chen):
    written(chen, judged(chen, card_sheet()))
    before = every_row()
    batch = judged(chen, card_sheet(level="肢体一级", decided=""))
    (shown,) = queries.rows_shown(chen, ImportRow.objects.filter(batch=batch))
    assert any("一级" in side.told and CARD not in side.told for side in shown.sides)
    written(chen, batch)
    assert categories() == [("disabled", "一级", CARD, None), POOR]
    assert undone(chen, batch) == []
    assert every_row() == before


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"level": "五级"}, "一级、二级、三级、四级中的一个"),
        ({"card": "办理中"}, "不像证件编号"),
        ({"poor": "否"}, "写了认定日期，类别那一列却没有写“是”"),
    ],
)
def test_what_cannot_be_of_the_category_is_said(chen, cells, said):
    (batch,) = actions.take_in(chen, content=card_sheet(**cells), name="残疾.xlsx")
    batch.mapping = {**batch.mapping, "2": "certificate_number:disabled", "3": "level:disabled"}
    row = ImportRow.objects.get(batch=check(chen, batch))
    assert row.verdict == Verdict.WRONG and any(said in sentence for _, sentence in row.reasons)


def proposed(heads, *rows, title="社区名册"):
    """What each column of a sheet is taken for, and whether it is asked about, by its heading."""
    targets = roster_targets()
    cells = [[str(cell) for cell in column] for column in zip(*rows, strict=True)]
    columns = propose([(head,) for head in heads], cells, targets, about=title)
    return {column.heading: (column.code, column.verdict.value) for column in columns}


def test_levels_of_other_kinds_than_disability_are_read(chen):
    heads = ["姓名", "身份证号", "失能等级", "供养方式", "优抚类别"]
    rows = [
        ["周阿大", number_of("19400102", 1), "重度失能", "分散供养", "烈士家属"],
        ["吴小妹", number_of("19410203", 2), "能力完好", "", ""],
    ]
    found = proposed(heads, *[[*row[:2], "重度失能", "分散供养", "参战人员"] for row in rows])
    kinds = {"失能等级": "care_dependent", "供养方式": "extreme_hardship", "优抚类别": "entitled_veteran"}
    assert {head: found[head] for head in kinds} == {head: (f"level:{kind}", "taken") for head, kind in kinds.items()}
    written(chen, judged(chen, roster(*rows, heads=heads)))
    assert [(kind, level) for kind, level, _, _ in categories()] == [
        ("care_dependent", "重度"), ("entitled_veteran", "烈属"), ("extreme_hardship", "分散"),
    ]  # fmt: skip
    assert not Category.objects.filter(resident__name="吴小妹").exists()  # whose abilities are whole is not of the kind


PEOPLE = [["周阿大", CARD, "1", "2024-03-01"], ["吴小妹", CARD, "3", "2024-03-02"]]


@pytest.mark.parametrize(
    ("heads", "title", "level", "decided"),
    [
        (
            ["姓名", "残疾人证号", "级别", "认定日期"],
            "名册",
            ("level:disabled", "taken"),
            ("decided_on:disabled", "taken"),
        ),
        (
            ["姓名", "号", "级别", "认定日期"],
            "残疾人名册",
            ("level:disabled", "asked"),
            ("decided_on:disabled", "asked"),
        ),
        (["姓名", "号", "级别", "认定日期"], "党员名册", ("", "passed"), ("decided_on:party_member", "asked")),
        (["姓名", "号", "级别", "认定日期"], "残疾人和失独家庭名册", ("", "passed"), ("", "passed")),
    ],
)
def test_a_heading_that_names_no_category_is_the_one_the_sheet_is_about(heads, title, level, decided):
    found = proposed(heads, *PEOPLE, title=title)
    assert (found["级别"], found["认定日期"]) == (level, decided)


def test_where_the_sheet_is_about_two_categories_a_bare_heading_is_neither():
    heads = ["姓名", "残疾人证号", "低保", "认定日期"]
    found = proposed(heads, ["周阿大", CARD, "是", "2024-03-01"], ["吴小妹", CARD, "否", "2024-03-02"])
    assert found["认定日期"] == ("", "passed")


def test_a_households_certificate_makes_nobody_poor(chen):
    heads = ["姓名", "身份证号", "低保", "低保证号"]
    rows = [
        ["周阿大", number_of("19400102", 1), "是", "DB330105001234"],
        ["吴小妹", number_of("19410203", 2), "否", "DB330105001234"],
    ]
    assert proposed(heads, *rows)["低保证号"] == ("certificate_number:subsistence_allowance", "taken")
    without = proposed(["姓名", "身份证号", "低保证号"], *[[*row[:2], row[3]] for row in rows])
    assert without["低保证号"] == ("certificate_number:subsistence_allowance", "asked")
    written(chen, judged(chen, roster(*rows, heads=heads)))
    assert categories() == [("subsistence_allowance", "", "DB330105001234", None)]
    assert not Category.objects.filter(resident__name="吴小妹").exists()
