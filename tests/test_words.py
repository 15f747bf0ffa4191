"""What the house says, and how: one test a rule, over every sentence there is; planted sentences show that each rule bites.

The rewrites of GUIDE come from the guide to words: the left column must be refused, the right one must pass.
"""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import linli
from linli.core.errors import Problem
from tests import words

GUIDE = {
    "身份证号无效": "身份证号最后一位对不上。请对照证件再看一遍第 7–14 位（出生日期）。",
    "必填项不能为空": "请填写老人的联系电话。没有电话可选“无电话，由社工上门”。",
    "操作失败，请稍后重试": "报名没有成功：名额刚刚满了。您可以排队，现在前面有 3 人。",
    "权限不足（403）": "这份档案属于长征桥社区。如需查看，可向该社区负责人申请。",
    "系统异常 500": "我们这边出了问题，您填的内容已保存。值班电话 0571-0000 0380，编号 A7K2。请过几分钟再来。",
    "文件格式错误": "这个文件是 .xls 老格式加了密码。请在 WPS 中去掉密码，另存为 .xlsx 再上传。",
    "数据冲突": "李敏在 10:32 也改了这户的电话。左边是她的，右边是您的，请选一个。",
    "网络错误": "现在没有网络。已存在手机里（2 条待发），有网后自动发送，请先不要退出。",
    "验证码错误": "验证码不对，还可以试 2 次。没收到？60 秒后可重发，或让社工帮您。",
    "导入失败": "共 1,204 行，1,187 行可以导入，17 行有问题。请下载这 17 行，改好再传即可。",
}


@pytest.fixture(scope="module", autouse=True)
def every_module() -> None:
    """Problems live beside their actions; all of them must be known before they are counted."""
    for found in pkgutil.walk_packages(linli.__path__, "linli."):
        if not {"tests", "migrations", "__main__", "conftest"} & set(found.name.split(".")):
            importlib.import_module(found.name)


def clean(check, pieces):
    """Whether `check` finds nothing in `pieces`; else the test fails with one line a piece."""
    lines = [f"{piece} → {'；'.join(found)}" for piece in pieces if (found := check(piece.text))]
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)
    return True


def on(*faces):
    return [piece for piece in words.pieces() if piece.face in faces]


def test_what_is_gathered_is_most_of_what_there_is():
    assert len(on("resident")) > 600 and len(on("desk")) > 600 and len(words.messages()) > 120


def test_nobody_is_scolded_or_told_nothing():
    assert clean(words.harsh, on("resident", "desk", "demo"))
    assert clean(lambda text: words.harsh(text, "operator"), on("operator"))


def test_marks_between_chinese_words_are_chinese():
    assert clean(words.punctuation, words.pieces())


def test_people_are_addressed_politely():
    assert clean(words.manners, on("resident", "desk"))


def test_nothing_is_left_in_english():
    assert clean(words.english, on("resident", "desk"))
    assert [str(piece) for piece in words.english_texts()] == []


def test_what_did_not_work_is_said_whole_and_with_the_next_step():
    assert clean(words.message, words.messages())


def test_every_expected_failure_has_a_sentence_of_its_own_or_a_good_one_from_above():
    kinds = [kind for kind in words._below(Problem) if kind.__module__.startswith("linli.")]
    assert len(kinds) > 60
    assert [f"{kind.__name__}: {found}" for kind in kinds if (found := words.message(kind.message))] == []


def test_codes_of_failures_are_stable_and_each_its_own():
    codes = [
        kind.code for kind in words._below(Problem) if "code" in vars(kind) and kind.__module__.startswith("linli.")
    ]
    assert sorted({code for code in codes if codes.count(code) > 1}) == []


def test_residents_read_short_sentences():
    texts = [piece for piece in on("resident") if words.sentences(piece.text)]
    long = [piece for piece in texts if words.average_length(piece.text) > 25]
    assert len(long) <= len(texts) * 0.05, "\n".join(map(str, long))


# -- the rules bite --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("instead", GUIDE)
def test_the_guide_refuses_the_left_column(instead):
    assert words.harsh(instead)


@pytest.mark.parametrize("write", GUIDE.values())
def test_the_guide_accepts_the_right_column(write):
    assert words.message(write) == []


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (words.harsh, "请稍后重试"),
        (words.harsh, "该功能敬请期待"),
        (words.punctuation, "请写上门牌,社工好核对。"),
        (words.punctuation, "我家(48-2-301)"),
        (words.punctuation, "正在保存..."),
        (words.punctuation, "（少了半个括号"),
        (words.punctuation, "办好了🎉"),
        (words.manners, "你的事项"),
        (words.english, "请按 this field is required 填写"),
        (words.message, "这个用户名已经有人用了。"),
        (words.message, "请换一个名字"),
        (words.message, "请看一看，" * 20 + "再写。"),
    ],
)
def test_a_planted_sentence_is_found(check, text):
    assert check(text)


@pytest.mark.parametrize(
    "text", ["15:20 前办好", "见 https://example.org", "PORT=8010 ./run", "3,200 件，按类别", "（照片最多 15 MB）"]
)
def test_numbers_times_and_addresses_keep_their_marks(text):
    assert words.punctuation(text) == []


def test_strings_are_found_wherever_they_are_written():
    python = 'def f():\n    """不是给人看的。"""\n    raise X(f"共 {n} 件,请看")  # 也不是\n'
    page = (
        '{# 不是 #}<p>第一句<b>很好</b></p>{% empty "没有" "请看" %}<img alt="照片">{% if a %}甲{% else %}乙{% endif %}'
    )
    script = "// 不是\nsay(`照片 ${n} 拿掉了`); // 也不是"
    assert [p.text for p in words.from_python("linli/x.py", python)] == ["共 N 件,请看"]
    assert {p.text for p in words.from_template("linli/x.html", page)} == {
        "第一句很好",
        "没有",
        "请看",
        "照片",
        "甲",
        "乙",
    }
    assert [p.text for p in words.from_script("linli/x.js", script)] == ["照片 N 拿掉了"]


# -- what the framework says -----------------------------------------------------------------------------------------


def said_by_django():
    from django.core import validators
    from django.forms import fields

    for name, kind in vars(fields).items():
        if isinstance(kind, type) and issubclass(kind, fields.Field) and kind.__module__.startswith("django.forms"):
            for code, sentence in {
                **fields.Field.default_error_messages,
                **vars(kind).get("default_error_messages", {}),
            }.items():
                yield f"{name}.{code}", str(sentence)
    for kind in (
        validators.MaxValueValidator,
        validators.MinValueValidator,
        validators.ProhibitNullCharactersValidator,
    ):
        yield kind.__name__, str(kind.message)
    for kind in (validators.MinLengthValidator, validators.MaxLengthValidator):
        yield kind.__name__, kind.message % {"limit_value": 10, "show_value": 3}


NOT_ASKED = {
    "URLField",
    "EmailField",
    "GenericIPAddressField",
    "SlugField",
    "JSONField",
    "DurationField",
    "ImageField",
    "FilePathField",
}


def test_the_framework_speaks_as_we_do():
    wrong = [
        f"{where}: {sentence} → {found}"
        for where, sentence in said_by_django()
        if where.split(".")[0] not in NOT_ASKED and not where.endswith((".contradiction", ".max_length"))
        if (found := words.message(sentence.replace("%(value)s", "N")))
    ]
    assert wrong == []


def test_a_field_without_words_of_its_own_says_what_to_do():
    from django import forms

    field = forms.CharField(max_length=3)
    for value, says in (("", "这一项还没有填，请补上。"), ("一二三四", "请控制在 3 个字以内，现在有 4 个。")):
        with pytest.raises(forms.ValidationError) as refused:
            field.clean(value)
        assert refused.value.messages == [says]
    with pytest.raises(forms.ValidationError) as refused:
        forms.ChoiceField(choices=[("a", "甲")]).clean("b")
    assert refused.value.messages == ["现在没有这一项了，请从列出的里面再选一个。"]


def test_the_catalogue_matches_its_source():
    from linli.ops import messages

    assert messages.main(check=True) == 0, "run ./run docs"


# -- nothing to show -------------------------------------------------------------------------------------------------

LISTS = re.compile(r'(<tbody>|<ul class="rows[^"]*">)\s*\{% for')
EMPTIES = re.compile(r'\{% empty "([^"]+)" "([^"]+)"(?: (\w+\S*) "([^"]+)")?[^%]*%\}')
NEVER_BARE = {
    "accounts/keepers/account.html": "says in a line that nobody is signed in",
    "accounts/safety.html": "who reads it is signed in, at least here",
    "accounts/resident/me.html": "one's own entry: says in a line what is not there",
    "rights/desk/person.html": "a child without a guardian is said in a line, with the form that names one",
    "core/api_docs.html": "there is an API",
    "desk/base.html": "the way through the desk",
    "desk/figures.html": "a month without matters says so in its title",
    "desk/first_day_areas.html": "stands above the form that fills it, and only once there is something in it",
    "desk/find.html": "has its own words for what is not found, also under the box of each page",
    "desk/parts/ledger_table.html": "the rows are the kinds",
    "desk/street.html": "a street has communities",
    "desk/street_find.html": "has its own words for what is not found",
    "imports/desk/columns.html": "a table without columns was not taken in",
    "matters/desk/month.html": "the rows are the kinds",
    "matters/desk/on_duty.html": "a community has staff; without absences it says so in a line",
    "matters/desk/calls.html": "a call has units",
    "matters/desk/handovers.html": "only what was handed on before, and only when there was any",
    "worktime/desk/month.html": "a month has days",
    "matters/desk/report.html": "says beside the box whom it found",
    "organisations/desk/page.html": "one organisation: each section says in a line what is not there",
    "places/desk/building.html": "a house without flats says so",
    "residents/desk/record/categories.html": "one person's entry: says in a line what is not there",
    "residents/desk/record/homes.html": "one person's entry: says in a line what is not there",
    "residents/desk/record/papers.html": "one person's entry: says in a line what is not there",
    "residents/desk/household.html": "a household without people says so in its title and in a line",
    "visits/desk/session.html": "a pass without anybody is refused before it is recorded",
    "visits/parts/lines.html": "whoever includes it says what is not there",
    "visits/parts/rate_table.html": "a month without a roll says so in its title",
    "lists/desk/change.html": "what can be done: the same nine rows always",
    "lists/desk/change_preview.html": "a list without people is refused before it is shown",
    "lists/desk/change_page.html": "only those left as they are, and only when there are any",
    "residents/desk/merge.html": "the rows are the fields of two records",
    "residents/parts/life.html": "a part of one person's entry: says in a line what is not there",
}


def templates():
    for path in sorted((words.ROOT / "linli").rglob("templates/**/*.html")):
        if "styles" not in path.parts:
            yield path.as_posix().split("/templates/")[1], path.read_text(encoding="utf-8")


def test_every_list_says_what_it_is_for_when_there_is_nothing_in_it():
    bare = {name for name, text in templates() if LISTS.search(text) and not EMPTIES.search(text)}
    assert bare - set(NEVER_BARE) == set(), 'give the list {% empty "title" "what it is for" url "one action" %}'
    assert set(NEVER_BARE) - bare == set(), "these have one now"


def test_an_empty_list_explains_itself_and_offers_at_most_one_thing():
    found = [hit.groups() for _, text in templates() for hit in EMPTIES.finditer(text)]
    assert len(found) >= 14
    for title, what, _url, action in found:
        assert len(title) <= 16 and re.search(r"[。？]$", what) and 8 <= len(what) <= 45, title
        assert action is None or len(action) <= 8


def test_a_drawing_is_lines_alone_and_follows_the_theme():
    drawings = sorted((words.ROOT / "linli/core/templates/core/parts/drawings").glob("*.html"))
    asked = {hit for _, text in templates() for hit in re.findall(r'\{% empty [^%]*?(?:art=)?"([a-z]+)" %\}', text)}
    assert asked <= {path.stem for path in drawings} and len(drawings) >= 8
    for path in drawings:
        text = path.read_text(encoding="utf-8")
        assert 'class="drawing"' in text and 'aria-hidden="true"' in text
        assert not re.search(r"#[0-9a-f]{3,6}|style=|stroke=|fill=", text), path.name
