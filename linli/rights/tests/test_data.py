"""我的信息: everything held stands on the page and in the copy, whole for its owner and for nobody else."""

from __future__ import annotations

import json
from datetime import date

import jsonschema_rs
import pytest

from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.residents import actions as residents
from linli.rights import queries

ID_NUMBER = "99010519780504002X"


@pytest.fixture
def root(cast):
    return f"/c/{cast.here.code}"


@pytest.fixture
def known(cast):
    """王芳 with a category, beside her phone and home."""
    with active(cast.here.id):
        residents.grant_category(
            cast.actor("赵敏"), resident=cast.residents["王芳"], kind="volunteer", from_on=date(2024, 1, 1)
        )
    return cast.residents["王芳"]


def test_the_page_shows_all_of_it_masked(cast, browse, root, known):
    page = browse(cast.accounts["王芳"]).get(f"{root}/me/data/").content.decode()

    for words in ("王芳", "1978-05-04", "100****0001", "48幢2单元301", "志愿者", "2024-01-01起"):
        assert words in page, words
    assert "10012340001" not in page and "检索" not in page


def test_the_copy_is_whole_and_has_its_documented_shape(cast, browse, root, known):
    answer = browse(cast.accounts["王芳"]).post(f"{root}/me/data/copy.json")

    copy = json.loads(answer.content)
    jsonschema_rs.validate(queries.schema(), copy, validate_formats=True)
    (person,) = copy["people"]
    facts = {f["label"]: f["value"] for s in person["sections"] for r in s["records"] for f in r["facts"]}
    assert facts["姓名"] == "王芳" and facts["联系电话"] == "10012340001"
    assert "attachment" in answer["Content-Disposition"] and "no-store" in answer["Cache-Control"]
    with active(cast.here.id):
        assert TrailEntry.objects.filter(verb="data.copied", subject_id=known.id).count() == 1


def test_who_is_nobody_here_has_nothing_to_take(cast, browse, root):
    assert browse(cast.accounts["路人"]).post(f"{root}/me/data/copy.json").status_code == 404
    assert "还没有和居民档案关联" in browse(cast.accounts["路人"]).get(f"{root}/me/data/").content.decode()


def test_every_model_that_names_a_resident_has_a_section(cast, here):
    """A table added tomorrow is in the copy without a line of code, if it stands in the catalogue."""
    from linli.rights.queries.held import _models_naming_people

    labels = {model._meta.label for model, _ in _models_naming_people()}
    assert {"residents.Resident", "residents.Residence", "residents.Category", "residents.Document"} <= labels
    assert {"notices.Message", "matters.Matter"} <= labels


def test_the_pdf_is_whole_says_what_for_and_can_be_read_aloud(cast, browse, root, known):
    answer = browse(cast.accounts["王芳"]).post(f"{root}/me/data/copy.pdf")

    assert answer["Content-Type"] == "application/pdf" and "no-store" in answer["Cache-Control"]
    assert answer.content.startswith(b"%PDF")
    for mark in (
        b"/Title",
        b"/Lang",
        b"/MarkInfo",
        b"/StructTreeRoot",
    ):  # a title, a language, tags for a screen reader
        assert mark in answer.content, mark
    with active(cast.here.id):
        assert TrailEntry.objects.get(verb="data.copied", subject_id=known.id).facts["form"] == "pdf"


def test_what_is_printed_is_the_copy_in_words_with_what_it_is_for(cast, here, known):
    told = queries.printed(queries.copy_of(cast.actor("王芳"), "仓基新村社区"), ring="0571-12345")

    (person,) = told["people"]
    lines = {
        f["label"]: f["value"]
        for g in person["groups"]
        for s in g["sections"]
        for r in s["records"]
        for f in r["lines"]
    }
    assert lines["姓名"] == "王芳" and lines["联系电话"] == "10012340001" and lines["出生日期"] == "1978年5月4日"
    assert dict(person["groups"][0]["about"])["用来做什么"].startswith("知道谁住在这里")
    assert all(group["about"] for group in person["groups"]), "something is held that nobody says the purpose of"
    assert "0571-12345" in told["advice"][1]
