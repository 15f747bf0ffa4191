"""What a kind of matter asks and expects, on plain values: its questions, their answers in words, where it may stand in the tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

DEEPEST = 5
"""Levels of the tree; the hotline's and the street's own lists are no deeper (DB45/T 2759)."""
MOST_QUESTIONS, MOST_OPTIONS = 4, 8
LONGEST_ASK, LONGEST_OPTION, LONGEST_ANSWER = 30, 16, 60
MOST_PHRASES, LONGEST_PHRASE = 6, 120
YES, NO = "是", "否"


class Asked(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"  # 选一个
    YES_NO = "yes_no"  # 是或否
    NUMBER = "number"  # 数字
    WORDS = "words"  # 几个字


ASKED_NAMES = {Asked.CHOICE: "选一个", Asked.YES_NO: "是或否", Asked.NUMBER: "数字", Asked.WORDS: "几个字"}


@dataclass(frozen=True)
class Question:
    """One thing a kind asks of whoever reports it."""

    key: str
    ask: str
    type: Asked
    options: tuple[str, ...] = ()
    is_required: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        return (YES, NO) if self.type == Asked.YES_NO else self.options

    @property
    def stored(self) -> dict[str, Any]:
        """As `questions_of` reads it back."""
        return {
            "key": self.key,
            "ask": self.ask,
            "type": self.type.value,
            **({"options": list(self.options)} if self.options else {}),
            **({"is_required": True} if self.is_required else {}),
        }


class Wrong(ValueError):
    """What a secretary or a reporter wrote cannot stand; the sentence says why and what to do. `key` names the question."""

    def __init__(self, sentence: str, key: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.key = sentence, key


def questions_of(stored: Iterable[Mapping[str, Any]]) -> tuple[Question, ...]:
    """The questions as kept with a kind.

    Raises:
        Wrong: one that could not be asked, or answered.
    """
    found = tuple(_question(one) for one in stored)
    if len(found) > MOST_QUESTIONS:
        raise Wrong(f"一类事最多问 {MOST_QUESTIONS} 个问题，问多了居民就不报了。")
    if len({one.key for one in found}) != len(found):
        raise Wrong("两个问题用了同一个代号，请改一个。")
    return found


def _question(one: Mapping[str, Any]) -> Question:
    key, ask = str(one.get("key", "")), str(one.get("ask", "")).strip()
    if not re.fullmatch(r"[a-z][a-z0-9]{0,15}", key):
        raise Wrong("问题的代号用小写字母开头，不超过 16 个字母数字。", key)
    if not 1 <= len(ask) <= LONGEST_ASK:
        raise Wrong(f"问题请写 1 到 {LONGEST_ASK} 个字。", key)
    try:
        type = Asked(one.get("type", ""))
    except ValueError:
        raise Wrong(f"“{ask}”请选怎样回答。", key) from None
    options = tuple(str(each).strip() for each in one.get("options", ()) if str(each).strip())
    if type != Asked.CHOICE:
        options = ()
    elif not 2 <= len(set(options)) == len(options) <= MOST_OPTIONS or any(len(o) > LONGEST_OPTION for o in options):
        raise Wrong(f"“{ask}”要有 2 到 {MOST_OPTIONS} 个不同的选项，每个不超过 {LONGEST_OPTION} 个字。", key)
    return Question(key, ask, type, options, bool(one.get("is_required")))


def said_to(question: Question, given: str) -> str:
    """The answer as it is kept and shown; "" where nothing was said.

    Raises:
        Wrong: it is no answer to this question.
    """
    said = given.strip()
    if not said:
        return ""
    if question.choices and said not in question.choices:
        raise Wrong(f"“{question.ask}”请从{'、'.join(question.choices)}里选一个。", question.key)
    if question.type == Asked.NUMBER and not re.fullmatch(r"[0-9]{1,6}", said):
        raise Wrong(f"“{question.ask}”请写数字。", question.key)
    if len(said) > LONGEST_ANSWER:
        raise Wrong(f"“{question.ask}”请写短一点，不超过 {LONGEST_ANSWER} 个字。", question.key)
    return said


def answers_in(
    questions: Sequence[Question], given: Mapping[str, str], *, must_answer: bool = True
) -> list[dict[str, str]]:
    """What was answered, in the questions' order and words, as a matter keeps it: [{"key", "ask", "said"}, …].

    Questions change and matters stay, so the question is kept with its answer. Answers to what was not asked are left out.

    Raises:
        Wrong: a wrong answer; or none to a question that must be answered, where `must_answer`.
    """
    answers = []
    for question in questions:
        said = said_to(question, given.get(question.key, ""))
        if said:
            answers.append({"key": question.key, "ask": question.ask, "said": said})
        elif question.is_required and must_answer:
            raise Wrong(f"请答一下：{question.ask}。", question.key)
    return answers


def phrases_of(stored: Mapping[str, Any], endings: Iterable[str]) -> dict[str, list[str]]:
    """Ready answers by ending; endings without one are left out.

    Raises:
        Wrong: too many, or one too long to be read.
    """
    found = {}
    for ending in endings:
        phrases = [str(each).strip() for each in stored.get(ending, ()) if str(each).strip()]
        if len(phrases) > MOST_PHRASES or any(len(each) > LONGEST_PHRASE for each in phrases):
            raise Wrong(f"每种结果最多 {MOST_PHRASES} 句常用答复，每句不超过 {LONGEST_PHRASE} 个字。")
        if phrases:
            found[ending] = phrases
    return found


def may_stand_under(path: Sequence[str], height: int, above: Sequence[str]) -> str:
    """Why the kind at `path`, with `height` levels of its own (itself included), may not stand under `above`; "" where it may."""
    if path and path[-1] in above:
        return "不能把一类放到它自己下面。"
    if len(above) + height > DEEPEST:
        return f"类别最多 {DEEPEST} 层，放到那里就超过了。请选高一层的上级。"
    return ""
