from __future__ import annotations

from datetime import timedelta

import pytest

from linli.accounts import actions as accounts
from linli.core import clock
from linli.core.access import Actor, Role
from linli.core.db import IdTaken
from linli.core.errors import Invalid, NotAllowed
from linli.core.ids import uuid7
from linli.core.models import TrailEntry
from linli.core.states import OutOfTurn
from linli.matters import actions, queries
from linli.matters.models import Ending, Matter, MatterKind, Note, Queue, Source, State
from linli.matters.queries import Spot

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(here):
    return MatterKind.objects.get(code="leak")


@pytest.fixture
def spot(here):
    return queries.spot_named("48-2-301")


@pytest.fixture
def report(as_wang, kind, spot):
    def make(actor=as_wang, **changed):
        return actions.report_matter(actor, **{"kind": kind, "words": "厨房顶上滴水", "spot": spot, **changed})

    return make


@pytest.fixture
def matter(report):
    return report()


@pytest.fixture
def accepted(matter, as_specialist):
    return actions.accept_matter(as_specialist, matter=matter)


@pytest.fixture
def answered(accepted, as_specialist):
    return actions.feed_back(as_specialist, matter=accepted, ending=Ending.SOLVED, words="已请物业换了水管")


def verbs(row):
    return list(TrailEntry.objects.filter(subject_id=row.id).order_by("at", "id").values_list("verb", flat=True))


def test_a_report_gets_a_number_a_promise_and_the_patch_of_its_building(matter, cast):
    assert matter.number == f"{clock.today():%y%m%d}-0001"
    assert matter.sub_area_id == cast.here.sub_areas[0].id and matter.queue == Queue.FRONT
    assert matter.dwelling.door == "48-2-301" and matter.due_at > matter.reported_at + timedelta(days=3)
    assert verbs(matter) == ["matter.reported"]


def test_numbers_count_up_within_the_day_and_the_community(report):
    assert [report(words=f"第{i}件").number[-4:] for i in range(3)] == ["0001", "0002", "0003"]


def test_the_same_id_again_is_the_same_matter_and_leaves_one_trail(report):
    key = uuid7()
    first, again = report(id=key), report(id=key)
    assert first.pk == again.pk and Matter.objects.count() == 1 and verbs(first) == ["matter.reported"]
    assert report(words="另一件").number.endswith("0002"), "a repeated report uses up no number"


def test_the_same_id_with_other_words_or_by_another_is_refused_bare(report, as_specialist):
    key = uuid7()
    report(id=key)
    with pytest.raises(IdTaken) as refused:
        report(id=key, words="改了")
    assert refused.value.facts == {}
    with pytest.raises(IdTaken):
        report(as_specialist, id=key)


def test_a_place_without_a_specialist_goes_to_the_back_office(report, cast):
    from linli.accounts.models import Post

    assert report(spot=Spot(note="小区东门口")).queue == Queue.BACK
    accounts.end_post(cast.actor("管理员"), post=Post.objects.get(account=cast.accounts["李娜"]))
    assert report(words="又一件").queue == Queue.BACK


def test_words_are_needed_and_strangers_must_sign_in(report):
    with pytest.raises(actions.WordsMissing):
        report(words="  ")
    with pytest.raises(NotAllowed):
        report(Actor("路过"))


def test_only_staff_report_for_a_resident_they_name(report, cast, as_specialist):
    contact = actions.Contact(name="王桂英", resident=cast.residents["王桂英"])
    with pytest.raises(NotAllowed):
        report(contact=contact)
    matter = report(as_specialist, contact=contact, source=Source.DESK)
    entry = TrailEntry.objects.get(subject_id=matter.id)
    assert (entry.account_id, entry.on_behalf_of) == (as_specialist.account_id, cast.residents["王桂英"].id)
    assert queries.matters_of(cast.actor("王桂英")).get() == matter, "it is hers to follow, rate and reopen"


def test_the_specialist_of_the_patch_takes_it_once(matter, as_specialist):
    taken = actions.accept_matter(as_specialist, matter=matter)
    assert (taken.state, taken.handler) == (State.ACCEPTED, as_specialist.account_id)
    actions.accept_matter(as_specialist, matter=matter)
    assert verbs(matter) == ["matter.reported", "matter.accepted"]


def test_another_patch_and_residents_may_not_take_it(matter, as_other_specialist, as_wang, as_official):
    with pytest.raises(actions.NotYours):
        actions.accept_matter(as_other_specialist, matter=matter)
    for actor in (as_wang, as_official):
        with pytest.raises(NotAllowed):
            actions.accept_matter(actor, matter=matter)
    assert verbs(matter) == ["matter.reported"]


def test_a_colleague_comes_second(accepted, as_secretary):
    with pytest.raises(actions.AlreadyTaken):
        actions.accept_matter(as_secretary, matter=accepted)


def test_passing_on_leaves_it_to_the_back_office(accepted, as_specialist, as_back_office):
    passed = actions.pass_to_back_office(as_specialist, matter=accepted, reason="要查图纸")
    assert (passed.state, passed.queue, passed.handler) == (State.REPORTED, Queue.BACK, None)
    with pytest.raises(actions.NotYours):
        actions.accept_matter(as_specialist, matter=passed)
    assert actions.accept_matter(as_back_office, matter=passed).handler == as_back_office.account_id
    assert Note.objects.get(verb="matter.passed").words == "要查图纸"


def test_refusing_needs_a_reason_and_ends_it(matter, as_specialist):
    with pytest.raises(actions.WordsMissing):
        actions.refuse_matter(as_specialist, matter=matter, reason="")
    assert actions.refuse_matter(as_specialist, matter=matter, reason="属于物业,电话在楼道").state == State.REFUSED
    with pytest.raises(OutOfTurn):
        actions.accept_matter(as_specialist, matter=matter)


def test_handling_needs_something_said_and_the_right_turn(matter, accepted, as_specialist, report):
    with pytest.raises(actions.WordsMissing):
        actions.note_handling(as_specialist, matter=accepted, words="")
    actions.note_handling(as_specialist, matter=accepted, words="已上门查看")
    with pytest.raises(OutOfTurn):
        actions.note_handling(as_specialist, matter=report(words="没受理的"), words="早了")


def test_the_reporter_confirms_and_rates_once(answered, as_wang):
    done = actions.confirm_matter(as_wang, matter=answered, rating=5, words="很快")
    assert (done.state, done.rating, done.closed_at is not None) == (State.CLOSED, 5, True)
    assert actions.confirm_matter(as_wang, matter=answered, rating=5).rating == 5
    with pytest.raises(Exception, match="已经评过"):
        actions.confirm_matter(as_wang, matter=answered, rating=1)
    assert verbs(answered)[-2:] == ["matter.confirmed", "matter.rated"]


def test_a_rating_may_follow_the_confirmation(answered, as_wang):
    actions.confirm_matter(as_wang, matter=answered)
    assert actions.confirm_matter(as_wang, matter=answered, rating=3).rating == 3
    with pytest.raises(Invalid):
        actions.confirm_matter(as_wang, matter=answered, rating=9)


def test_only_the_reporter_confirms_and_reopens(answered, as_specialist, cast):
    for actor in (as_specialist, cast.actor("老马")):
        with pytest.raises(actions.NotTheReporter):
            actions.confirm_matter(actor, matter=answered)
        with pytest.raises(actions.NotTheReporter):
            actions.reopen_matter(actor, matter=answered, words="没好")


def test_there_is_nothing_to_confirm_before_the_answer(accepted, as_wang):
    with pytest.raises(OutOfTurn):
        actions.confirm_matter(as_wang, matter=accepted)
    with pytest.raises(OutOfTurn):
        actions.reopen_matter(as_wang, matter=accepted, words="没好")


def test_reopening_goes_back_to_the_handler_with_a_new_promise(answered, as_wang, as_specialist):
    with clock.at(clock.now() + timedelta(days=2)):
        again = actions.reopen_matter(as_wang, matter=answered, words="又滴水了")
        assert (again.state, again.handler, again.ending) == (State.ACCEPTED, as_specialist.account_id, "")
        assert again.reopened_count == 1 and again.due_at > clock.now() + timedelta(days=3)


def test_after_fifteen_days_it_is_a_new_matter(answered, as_wang):
    actions.confirm_matter(as_wang, matter=answered)
    with clock.at(clock.now() + timedelta(days=15, minutes=1)), pytest.raises(actions.TooLateToReopen):
        actions.reopen_matter(as_wang, matter=answered, words="又滴水了")


def test_a_call_back_closes_for_those_without_a_phone(answered, as_specialist, as_other_specialist):
    with pytest.raises(actions.WordsMissing):
        actions.close_by_call_back(as_specialist, matter=answered, words="")
    with pytest.raises(actions.NotYours):
        actions.close_by_call_back(as_other_specialist, matter=answered, words="电话回访:满意")
    assert actions.close_by_call_back(as_specialist, matter=answered, words="电话回访:满意").state == State.CLOSED


def test_looking_at_the_phone_leaves_a_trail(accepted, as_specialist, as_other_specialist, as_official):
    assert actions.reveal_contact(as_specialist, matter=accepted) == "10012340001"
    assert verbs(accepted)[-1] == "matter.contact_revealed"
    for actor in (as_other_specialist, as_official):
        with pytest.raises(NotAllowed):
            actions.reveal_contact(actor, matter=accepted)


def test_the_trail_holds_no_words_names_or_numbers(answered, as_wang):
    actions.confirm_matter(as_wang, matter=answered, rating=5, words="谢谢李娜")
    held = str(list(TrailEntry.objects.filter(subject_id=answered.id).values_list("facts", flat=True)))
    assert "滴水" not in held and "李娜" not in held and "100123" not in held


def test_roles_are_recorded(accepted):
    assert list(
        TrailEntry.objects.filter(subject_id=accepted.id).order_by("at", "id").values_list("role", flat=True)
    ) == [Role.RESIDENT, Role.SPECIALIST]


def test_whoever_asked_is_told_and_a_colleague_is_not(matter, report, cast, as_specialist):
    from linli.matters.jobs import tell_reporter
    from linli.notices.models import Message

    def told(row):
        entry = TrailEntry.objects.get(subject_id=row.id, verb="matter.reported")
        for _ in range(2):
            tell_reporter(community_id=cast.here.id, entry_id=str(entry.id))
        return list(Message.objects.filter(about_id=row.id).values_list("recipient_account", "recipient"))

    grandmother = cast.residents["王桂英"]
    for_her = report(as_specialist, source=Source.DESK, contact=actions.Contact(resident=grandmother))
    for_nobody_known = report(as_specialist, source=Source.DESK, words="路过的人说的")
    assert told(matter) == [(cast.accounts["王芳"].id, None)]
    assert told(for_her) == [(None, grandmother.id)] and told(for_nobody_known) == []
