"""Names as they sound, and text cut for search."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from linli.core import sounds
from linli.core.identifiers import COMPOUND_SURNAMES
from linli.core.pinyin import bigrams, initials_of, pinyin_of

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


@pytest.mark.parametrize(
    ("name", "sounds", "initials"),
    [
        ("王芳", "wang fang", "wf"),
        ("单雄信", "shan xiong xin", "sxx"),
        ("曾小贤", "zeng xiao xian", "zxx"),
        ("仇英", "qiu ying", "qy"),
        ("解缙", "xie jin", "xj"),
        ("查良镛", "zha liang yong", "zly"),
        ("任长霞", "ren chang xia", "rcx"),
        ("盖叫天", "ge jiao tian", "gjt"),
        ("区小明", "ou xiao ming", "oxm"),
        ("朴树", "piao shu", "ps"),
        ("阚泽", "kan ze", "kz"),
        ("尉迟恭", "yu chi gong", "ycg"),
        ("万俟卨", "mo qi xie", "mqx"),
        ("长孙无忌", "zhang sun wu ji", "zswj"),
        ("欧阳娜娜", "ou yang na na", "oynn"),
        ("王乐乐", "wang le le", "wll"),
        ("乐嘉", "yue jia", "yj"),
        ("李晟", "li sheng", "ls"),
        ("吕布", "lv bu", "lb"),
        ("朴", "piao", "p"),
        ("翟𠀋强", "zhai 𠀋 qiang", "z𠀋q"),
        ("阿卜杜拉·买买提", "a bu du la mai mai ti", "abdlmmt"),
        ("John Smith", "john smith", "js"),
        ("", "", ""),
    ],
)
def test_names_sound_as_their_bearers_say_them(name, sounds, initials):
    assert (pinyin_of(name), initials_of(name)) == (sounds, initials)


@pytest.mark.parametrize("surname", sorted(COMPOUND_SURNAMES))
def test_every_surname_of_two_characters_has_two_syllables(surname):
    assert pinyin_of(surname + "明") == COMPOUND_SURNAMES[surname] + " ming"
    assert len(COMPOUND_SURNAMES[surname].split()) == 2


@given(st.text(HAN, min_size=1, max_size=6))
def test_every_character_leaves_one_syllable(name):
    assert len(pinyin_of(name).split(" ")) == len(initials_of(name)) == len(name)


@given(st.text(max_size=30))
def test_no_text_breaks_it(text):
    assert pinyin_of(text) == pinyin_of(text).strip()
    assert "" not in bigrams(text)


def test_bigrams_are_pairs_within_words_once_each():
    assert bigrams("仓基新村 漏水,漏水") == ["仓基", "基新", "新村", "漏水"]
    assert bigrams("48-2-301") == ["48", "2", "30", "01"]
    assert bigrams("ＡＢ楼") == ["ab", "b楼"]
    assert bigrams("王") == ["王"]
    assert bigrams("钱𬭊") == ["钱𬭊"]
    assert bigrams(" ") == []


@given(st.text(HAN, min_size=2, max_size=12), st.data())
def test_a_text_has_all_pairs_of_every_part_of_it(text, data):
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 2, len(text)))
    assert set(bigrams(text[start:end])) <= set(bigrams(text))


def test_the_small_file_of_sounds_says_what_the_library_says():
    assert sounds.FILE.read_text() == sounds.written()


@given(st.text(HAN, min_size=1, max_size=2))
def test_what_is_read_from_the_small_file_sounds_as_the_library_reads_it(text):
    assert sounds.sounds_of(text) == tuple(lazy_pinyin(text, style=Style.NORMAL))
