"""并案: one thing told by several is handled as one, each keeps her number and gets the answer; and what is offered as alike."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.matters import actions, jobs, queries, rules
from linli.matters.models import Ending, Matter, MatterKind, State
from linli.matters.rules import Outcome
from linli.notices.models import Message

pytestmark = pytest.mark.django_db
LAMP = "三楼到四楼的楼道灯不亮了，晚上看不见台阶"


@pytest.fixture
def report(cast, here):
    def make(name, words=LAMP, place="48幢2单元 三楼", kind="repair"):
        return actions.report_matter(
            cast.actor(name), kind=MatterKind.objects.get(code=kind), words=words, spot=queries.spot_named(place)
        )

    return make


@pytest.fixture
def pair(report, as_specialist):
    main = actions.accept_matter(as_specialist, matter=report("王芳"))
    return report("王桂英", "楼道灯三楼四楼都不亮，看不见台阶"), main


def seen_by(actor, matter):
    return queries.page_of(actor, queries.matters_visible_to(actor).get(pk=matter.pk))


def test_both_reporters_get_the_answer_each_under_her_own_number(pair, as_specialist, cast):
    same, main = pair
    actions.merge_matters(as_specialist, matter=same, into=main)
    actions.feed_back(as_specialist, matter=main, ending=Ending.SOLVED, words="整流器换了，灯亮了")
    granny = cast.actor("王桂英")
    hers = seen_by(granny, same)
    assert hers.matter.number == same.number and hers.answer.words == "整流器换了，灯亮了"
    assert main.number not in hers.next_step and not queries.may_see_matter(granny, main.pk)
    entry = TrailEntry.objects.get(verb="matter.fed_back")
    jobs.tell_reporter.func(community_id=main.community_id, entry_id=str(entry.pk))
    told = Message.objects.filter(template="matter_fed_back")
    assert sorted(m.about_id for m in told) == sorted([same.pk, main.pk])
    assert any(same.number in m.body for m in told)


def test_a_merged_matter_cannot_be_handled_apart_until_it_is_parted(pair, as_specialist):
    same, main = pair
    actions.merge_matters(as_specialist, matter=same, into=main)
    for deed in (actions.accept_matter, actions.pass_to_back_office, actions.put_back):
        with pytest.raises(actions.HandledElsewhere):
            deed(as_specialist, matter=same)
    parted = actions.part_matter(as_specialist, matter=same)
    assert (parted.state, parted.merged_into) == (State.REPORTED, None)
    assert actions.accept_matter(as_specialist, matter=same).state == State.ACCEPTED


def test_what_was_merged_before_goes_along(pair, report, as_specialist):
    same, main = pair
    third = report("王芳", "灯还是不亮")
    actions.merge_matters(as_specialist, matter=third, into=same)
    actions.merge_matters(as_specialist, matter=same, into=main)
    assert Matter.objects.get(pk=third.pk).merged_into_id == main.pk


def test_not_into_itself_nor_into_what_is_answered_nor_by_another_patch(pair, as_specialist, as_other_specialist):
    same, main = pair
    with pytest.raises(actions.SameMatter):
        actions.merge_matters(as_specialist, matter=main, into=main)
    with pytest.raises(actions.NotYours):
        actions.merge_matters(as_other_specialist, matter=same, into=main)
    actions.feed_back(as_specialist, matter=main, ending=Ending.SOLVED, words="好了")
    with pytest.raises(actions.NotToMergeInto):
        actions.merge_matters(as_specialist, matter=same, into=main)


def test_the_month_counts_a_merged_matter_once_and_apart(pair, as_specialist):
    same, main = pair
    actions.merge_matters(as_specialist, matter=same, into=main)
    total = queries.month_figures(main.reported_at.date().replace(day=1)).total
    assert (total.total, total.by_outcome[Outcome.MERGED], total.by_outcome[Outcome.OPEN]) == (2, 1, 1)


def test_the_same_thing_is_offered_and_another_is_not(pair, report, as_specialist):
    same, main = pair
    report("王芳", "垃圾桶满了", kind="clean")
    report("老马", LAMP, place="9幢1单元")
    row = queries.matters_visible_to(as_specialist).get(pk=same.pk)
    assert [each.matter.pk for each in queries.likely_same(as_specialist, row)] == [main.pk]


def test_how_similar_ones_ended_stands_beside(pair, as_specialist, as_wang):
    same, main = pair
    actions.feed_back(as_specialist, matter=main, ending=Ending.SOLVED, words="换了整流器")
    actions.confirm_matter(as_wang, matter=main)
    row = queries.matters_visible_to(as_specialist).get(pk=same.pk)
    (before,) = queries.similar_before(as_specialist, row)
    assert (before.matter.pk, before.answer) == (main.pk, "换了整流器")


def test_who_is_about_to_report_the_same_hears_that_it_is_known_and_nothing_else(pair, cast):
    granny = cast.actor("王桂英")
    nearby = queries.told_nearby(queries.home_of(granny), "repair")
    assert {each.place for each in nearby} == {"48幢2单元"} and queries.told_nearby(
        queries.home_of(granny), "dispute"
    ) == []
    client = Client()
    client.force_login(cast.accounts["王桂英"], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/c/{cast.here.code}/report/?kind=repair").content.decode()
    assert "已经有人报过" in page and "看不见台阶" not in page


def test_the_desk_merges_and_parts_on_its_pages(pair, cast):
    same, main = pair
    root, lina = f"/c/{cast.here.code}/desk/matters", Client()
    lina.force_login(cast.accounts["李娜"], backend="django.contrib.auth.backends.ModelBackend")
    page = lina.get(f"{root}/{same.pk}/like/").content.decode()
    assert "可能是同一件" in page and "并到这件" in page
    assert lina.post(f"{root}/{same.pk}/merge/", {"into": str(main.pk)}).status_code == 302
    shown = lina.get(f"{root}/{same.pk}/").content.decode()
    assert "已并案" in shown and main.number in shown and "分开" in shown
    assert same.number in lina.get(f"{root}/{main.pk}/").content.decode()
    assert lina.post(f"{root}/{same.pk}/part/").status_code == 302
    with active(cast.here.id):
        assert Matter.objects.get(pk=same.pk).state == State.REPORTED


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_a_share(one, other):
    assert 0 <= rules.likeness(one, other) <= 1 and rules.likeness(one, other) == rules.likeness(other, one)


@given(st.text(alphabet="灯不亮楼道台阶", min_size=2, max_size=20))
def test_the_same_words_are_alike_altogether(words):
    assert rules.likeness(words, words) == 1
