"""Documents on paper: whatever a name is written with is shown, or said; nothing of what was told is said in an error."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime

import pytest

from linli.core import paper

AT = datetime(2026, 11, 26, tzinfo=UTC)
LAYOUT = """
#let told = json(bytes(sys.inputs.told))
#set document(title: told.name)
#set text(lang: "zh", font: "Noto Sans CJK SC", fallback: false)
#told.name
"""


@pytest.fixture
def layout(tmp_path):
    path = tmp_path / "name.typ"
    path.write_text(LAYOUT, encoding="utf-8")
    return path


def text_of(pdf: bytes) -> str:
    """The characters a search would find: those the fonts' maps lead back to."""
    found = ""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            words = zlib.decompress(stream)
        except zlib.error:
            continue
        if b"beginbfchar" in words or b"beginbfrange" in words:
            for code in re.findall(rb"<[0-9a-fA-F]+> <([0-9a-fA-F]+)>", words):
                found += bytes.fromhex(code.decode()).decode("utf-16-be")
    return found


def test_rare_characters_of_names_are_shown_and_can_be_searched(layout):
    for name in ("王𬭊", "龚䶮", "𠮷田", "买买提·艾力"):
        made = paper.pdf(layout, {"name": name}, at=AT)
        assert set(name) <= set(text_of(made)), name


def test_a_character_the_font_has_not_is_said_by_its_number(layout):
    assert paper.speakable({"words": ["王😀"]}) == {"words": ["王〔U+1F600〕"]}
    assert "1" in text_of(paper.pdf(layout, {"name": "王😀"}, at=AT))


def test_what_is_told_is_text_and_never_layout(layout):
    made = paper.pdf(layout, {"name": '#read("/etc/passwd") $x$ = *王*'}, at=AT)
    assert {"#", "$", "*"} <= set(text_of(made))


def test_a_layout_that_fails_tells_nothing_of_what_it_was_told(layout):
    layout.write_text("#panic(sys.inputs.told)", encoding="utf-8")
    with pytest.raises(paper.NotLaidOut) as failed:
        paper.pdf(layout, {"name": "王芳"}, at=AT)
    assert "王芳" not in str(failed.value)
