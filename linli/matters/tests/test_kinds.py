"""Kinds as a tree: what a kind holds, what it asks, how a community arranges it, and what a matter keeps of it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from linli.core import files
from linli.core.db import IdTaken
from linli.core.errors import Invalid, NotAllowed
from linli.core.models import TrailEntry
from linli.core.states import OutOfTurn
from linli.matters import actions, queries, rules_kinds
from linli.matters.finding import found_by
from linli.matters.models import Ending, Evidence, Grade, Matter, MatterKind
from linli.matters.rules_kinds import Asked, Question, Wrong

SINCE = {"key": "since", "ask": "从什么时候开始", "type": "choice", "options": ["今天", "很久了"]}


@pytest.fixture
def kind(db, here):
    return lambda code: MatterKind.objects.get(code=code)


@pytest.fixture
def report(as_wang, here):
    def make(code, **more):
        spot = queries.spot_named("48-2-301")
        kind = queries.kinds_to_report().by_code[code]
        return actions.report_matter(as_wang, kind=kind, words="有件事", spot=spot, **more)

    return make


@pytest.fixture
def photo():
    return "p.jpg", files.made_here(b"jpeg", media_type="image/jpeg", suffix=".jpg")


# --- the usual tree


def test_the_usual_tree_has_eleven_tops_and_over_forty_ends_and_can_be_asked(here, db):
    tree = queries.kinds_to_report()
    ends = [kind for top in tree.tops for kind in tree.below(top)]
    assert len(tree.tops) == 11 and len(ends) >= 40
    for kind in tree.rows:
        assert len(kind.asks) <= rules_kinds.MOST_QUESTIONS
        assert kind.held("grade") in Grade.values and kind.held("evidence") in Evidence.values
        assert rules_kinds.phrases_of(kind.held("templates"), Ending.values) == kind.held("templates")
        assert kind.path[-1] == kind.code and len(kind.path) == kind.level


def test_a_kind_has_from_above_what_it_does_not_say_itself(kind):
    roof = queries.with_those_above(kind("leak-roof"))[-1]
    assert roof.held("side") == "back" and roof.parent.held("side") == "front"
    assert roof.held("duplicate_metres") == 20 and [q.key for q in roof.asks] == ["since", "below"]


def test_laying_out_again_keeps_what_the_community_changed(as_secretary, kind):
    actions.change_kind_settings(as_secretary, kind=kind("repair-light"), name="路灯", is_offered=False)
    actions.move_kind(as_secretary, kind=kind("repair-light"), parent=kind("clean"))
    before = MatterKind.objects.count()

    actions.set_up_kinds(as_secretary)

    light = kind("repair-light")
    assert (light.name, light.is_offered, light.path) == ("路灯", False, ["clean", "repair-light"])
    assert MatterKind.objects.count() == before


def test_the_database_refuses_a_kind_on_a_sixth_level_or_off_its_path(here, db):
    for wrong in ({"path": ["a", "b", "c", "d", "e", "f"], "level": 6}, {"path": ["a"], "level": 2}):
        row = MatterKind.objects.get(code="leak-roof")
        with pytest.raises(IntegrityError), transaction.atomic():
            MatterKind.objects.filter(pk=row.pk).update(**wrong)


# --- arranging


def test_a_kind_moves_with_all_under_it_and_never_under_itself_or_too_deep(as_secretary, kind):
    inner = actions.add_kind(as_secretary, name="灯罩", parent=kind("repair-light"))
    actions.move_kind(as_secretary, kind=kind("repair-light"), parent=kind("clean-tree"))
    inner.refresh_from_db()
    assert inner.path == ["clean", "clean-tree", "repair-light", inner.code] and inner.level == 4

    with pytest.raises(actions.KindMoved):
        actions.move_kind(as_secretary, kind=kind("clean"), parent=kind("repair-light"))
    last = actions.add_kind(as_secretary, name="灯泡", parent=inner)
    with pytest.raises(actions.KindMoved):
        actions.add_kind(as_secretary, name="再细", parent=last)
    with pytest.raises(actions.KindMoved):
        actions.move_kind(as_secretary, kind=kind("clean-tree"), parent=kind("leak-pipe"))


def test_order_changes_among_those_beside_it(as_secretary, kind):
    actions.shift_kind(as_secretary, kind=kind("repair"), by=-1)
    assert [each.code for each in queries.kinds_offered()][:2] == ["repair", "leak"]
    entries = TrailEntry.objects.count()
    actions.shift_kind(as_secretary, kind=kind("repair"), by=-1)  # first already
    assert TrailEntry.objects.count() == entries


def test_only_the_secretary_arranges_and_names_stay_apart(as_specialist, as_secretary, kind):
    for act in (
        lambda: actions.add_kind(as_specialist, name="新类"),
        lambda: actions.change_kind_settings(as_specialist, kind=kind("leak"), name="漏"),
        lambda: actions.move_kind(as_specialist, kind=kind("leak-roof"), parent=None),
        lambda: actions.shift_kind(as_specialist, kind=kind("leak"), by=1),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(actions.KindWrong):
        actions.add_kind(as_secretary, name="漏水渗水")
    with pytest.raises(actions.KindWrong):
        actions.change_kind_settings(as_secretary, kind=kind("leak"), questions=[{**SINCE, "options": ["只有一个"]}])


def test_with_a_hidden_kind_all_under_it_are_hidden(as_secretary, kind):
    actions.change_kind_settings(as_secretary, kind=kind("repair"), is_offered=False)
    assert not {"repair", "repair-light"} & set(queries.kinds_to_report().by_code)


# --- reporting and what becomes of it


def test_answers_are_kept_in_words_and_found(report, as_specialist):
    matter = report("leak-drain", answers={"since": "今天", "where": "楼前路面", "nobody": "问过"})

    assert [(each["ask"], each["said"]) for each in matter.answers] == [
        ("从什么时候开始", "今天"),
        ("冒到哪里了", "楼前路面"),
    ]
    assert [found.id for found in found_by(as_specialist, "楼前路面", limit=5)] == [matter.id]


def test_a_question_that_must_be_answered_is_asked_again_and_nothing_is_kept(report):
    with pytest.raises(actions.AnswerWrong) as refused:
        report("repair-lift")
    assert refused.value.field == "ask-trapped" and not Matter.objects.exists()
    with pytest.raises(actions.AnswerWrong):
        report("repair-lift", answers={"trapped": "也许"})
    assert report("repair-lift", answers={"trapped": "否"}).grade == Grade.URGENT


def test_answers_count_in_what_makes_two_reports_the_same(report):
    first = report("leak", answers={"since": "今天"})
    again = report("leak", id=first.id, answers={"since": "今天"})
    assert again == first
    with pytest.raises(IdTaken):
        report("leak", id=first.id, answers={"since": "很久了"})


def test_the_right_kind_brings_its_own_promise_counted_from_the_report(report, as_specialist, kind):
    matter = report("noise")
    changed = actions.change_kind(as_specialist, matter=matter, kind=kind("fire-cable"), words="是从窗口拉线")

    assert changed.due_at == queries.promised_at(changed.kind, matter.reported_at) < matter.due_at
    assert changed.kind.code == "fire-cable" and changed.grade == Grade.URGENT
    entry = TrailEntry.objects.get(verb="matter.kind_changed")
    assert (entry.facts["was"], entry.facts["is_now"]) == ("noise", "fire-cable")
    entries = TrailEntry.objects.count()
    actions.change_kind(as_specialist, matter=matter, kind=kind("fire-cable"))
    assert TrailEntry.objects.count() == entries


def test_a_kind_is_corrected_only_while_the_matter_is_open_and_by_who_handles_it(report, as_specialist, as_wang, kind):
    matter = report("noise")
    with pytest.raises(NotAllowed):
        actions.change_kind(as_wang, matter=matter, kind=kind("fire"))
    actions.accept_matter(as_specialist, matter=matter)
    actions.feed_back(as_specialist, matter=matter, ending=Ending.SOLVED, words="说好了")
    with pytest.raises(OutOfTurn):
        actions.change_kind(as_specialist, matter=matter, kind=kind("fire"))


def test_solved_needs_a_photo_where_the_kind_says_so_and_the_other_endings_do_not(report, as_specialist, photo):
    matter = actions.accept_matter(as_specialist, matter=report("fire-cable"))
    with pytest.raises(Invalid) as refused:
        actions.feed_back(as_specialist, matter=matter, ending=Ending.SOLVED, words="收走了")
    assert refused.value.field == "after" and "照片" in refused.value.message
    assert actions.feed_back(as_specialist, matter=matter, ending=Ending.EXPLAINED, words="线不是飞线").ending

    other = actions.accept_matter(as_specialist, matter=report("fire-cable"))
    actions.note_handling(as_specialist, matter=other, words="已收线", after=[photo])
    assert actions.feed_back(as_specialist, matter=other, ending=Ending.SOLVED, words="收走了").ending == Ending.SOLVED


def test_the_month_counts_a_kind_under_its_top(report):
    report("repair-light"), report("repair")
    figures = queries.month_figures(Matter.objects.first().reported_at.date().replace(day=1))
    row = dict(zip(figures.codes, figures.rows, strict=True))["repair"]
    assert row.total == 2 == figures.total.total and "repair-light" not in figures.codes


# --- rules


questions = st.builds(
    Question,
    key=st.sampled_from(["a", "b", "c"]),
    ask=st.just("问"),
    type=st.sampled_from(Asked),
    options=st.just(("甲", "乙")),
    is_required=st.booleans(),
)
said = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(["", " ", "甲", "是", "7", "长" * 80]))


@given(st.lists(questions, max_size=4, unique_by=lambda q: q.key), said)
def test_what_is_kept_answers_what_was_asked_and_every_must_is_answered(asked, given_words):
    try:
        kept = rules_kinds.answers_in(asked, given_words)
    except Wrong:
        return
    by_key = {question.key: question for question in asked}
    assert [each["key"] for each in kept] == [q.key for q in asked if given_words.get(q.key, "").strip()]
    assert {q.key for q in asked if q.is_required} <= {each["key"] for each in kept}
    for each in kept:
        question = by_key[each["key"]]
        assert not question.choices or each["said"] in question.choices


@given(st.lists(questions, max_size=4, unique_by=lambda q: q.key))
def test_a_question_comes_back_as_it_was_stored(asked):
    plain = [q if q.type == Asked.CHOICE else Question(q.key, q.ask, q.type, (), q.is_required) for q in asked]
    assert list(rules_kinds.questions_of([q.stored for q in plain])) == plain
