"""Handing a matter on: to an organisation, which takes it, answers and is checked, or gives it back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from linli.accounts import actions as accounts
from linli.accounts.models import Account, PartySeat
from linli.accounts.queries import actor_for
from linli.core import clock, files
from linli.core.access import Role
from linli.core.errors import NotAllowed
from linli.core.models import StoredFile, TrailEntry
from linli.core.states import OutOfTurn
from linli.core.tenancy import active
from linli.matters import actions, jobs, queries
from linli.matters.models import Ending, Handover, HandoverState, Matter, MatterKind, State
from linli.notices.models import Message
from linli.organisations import actions as organisations
from tests.isolation_world import picture

pytestmark = pytest.mark.django_db
SINCE = date(2024, 3, 1)


@pytest.fixture
def company(as_secretary):
    row = organisations.add_organisation(as_secretary, kind="property_company", name="安居物业", from_on=SINCE)
    organisations.give_post(
        as_secretary, organisation=row, role="manager", name="周师傅", phone="10030000001", from_on=SINCE
    )
    return row


@pytest.fixture
def matter(as_wang, as_specialist):
    row = actions.report_matter(
        as_wang,
        kind=MatterKind.objects.get(code="repair"),
        words="三楼灯不亮",
        spot=queries.spot_named("48-2-301"),
        photos=files.clean_uploads([picture()]),
    )
    return actions.accept_matter(as_specialist, matter=row)


@pytest.fixture
def hand_on(as_specialist, matter, company):
    def do(organisation=company, **changed):
        asked = {"asked": "请换灯，拍照反馈", "answer_by": clock.today() + timedelta(days=1)}
        return actions.hand_on(as_specialist, matter=matter, organisation=organisation, **{**asked, **changed})

    return do


@pytest.fixture
def as_unit(hand_on, cast):
    """周师傅, once something was handed to his company."""

    def actor():
        account = Account.objects.get(phone_index="10030000001")
        return actor_for(account, cast.here.community, code=cast.here.code)

    return actor


def state_of(row):
    return type(row).objects.get(pk=row.pk).state


def verbs(row):
    return list(TrailEntry.objects.filter(subject_id=row.pk).order_by("at", "id").values_list("verb", flat=True))


def test_a_matter_goes_out_is_taken_answered_checked_and_only_then_answered_for(
    hand_on, as_unit, as_specialist, matter
):
    handover = hand_on()
    assert state_of(matter) == State.HANDED_ON
    with pytest.raises(OutOfTurn):
        actions.feed_back(as_specialist, matter=matter, ending=Ending.SOLVED, words="好了")
    actions.take_handover(as_unit(), handover=handover)
    actions.answer_handover(as_unit(), handover=handover, words="换了灯泡", photos=files.clean_uploads([picture()]))
    assert state_of(matter) == State.HANDED_ON, "an answer that nobody has checked is none"
    actions.accept_answer(as_specialist, handover=handover)
    assert (state_of(handover), state_of(matter)) == (HandoverState.ACCEPTED, State.ACCEPTED)
    actions.feed_back(as_specialist, matter=matter, ending=Ending.SOLVED, words="好了")
    assert verbs(matter)[2:] == [
        "handover.offered",
        "handover.taken",
        "handover.answered",
        "handover.accepted",
        "matter.fed_back",
    ]


def test_with_several_out_the_matter_waits_for_the_last(hand_on, as_specialist, as_secretary, matter):
    group = organisations.add_organisation(as_secretary, kind="volunteer_team", name="志愿队", from_on=SINCE)
    first, second = hand_on(), hand_on(group)
    actions.withdraw_handover(as_specialist, handover=first)
    assert state_of(matter) == State.HANDED_ON
    actions.return_handover(as_specialist, handover=second, reason="电话里说没有人手")
    assert state_of(matter) == State.ACCEPTED


def test_the_same_organisation_has_it_once_and_may_have_it_again_afterwards(hand_on, as_specialist):
    first = hand_on()
    with pytest.raises(actions.WithThemAlready):
        hand_on()
    actions.withdraw_handover(as_specialist, handover=first)
    assert hand_on().pk != first.pk


def test_an_answer_found_wanting_goes_back_with_why(hand_on, as_unit, as_specialist, matter):
    handover = hand_on()
    actions.answer_handover(as_unit(), handover=handover, words="换了")
    with pytest.raises(actions.WordsMissing):
        actions.send_again(as_specialist, handover=handover, reason=" ")
    row = actions.send_again(as_specialist, handover=handover, reason="还是不亮")
    assert (row.state, row.again_count, row.answered_at) == (HandoverState.AGAIN, 1, None)
    assert actions.answer_handover(as_unit(), handover=handover, words="换了整流器").state == HandoverState.ANSWERED


def test_a_unit_gives_it_back_with_why(hand_on, as_unit, matter):
    handover = hand_on()
    with pytest.raises(actions.WordsMissing):
        actions.return_handover(as_unit(), handover=handover, reason="")
    row = actions.return_handover(as_unit(), handover=handover, reason="不是我们的设施")
    assert (row.state, row.reason, state_of(matter)) == (HandoverState.RETURNED, "不是我们的设施", State.ACCEPTED)


def test_another_unit_residents_and_other_patches_may_do_nothing(
    hand_on, as_unit, as_wang, as_other_specialist, as_secretary, cast
):
    handover = hand_on()
    other = organisations.add_organisation(as_secretary, kind="partner_unit", name="诊所", from_on=SINCE)
    post = organisations.give_post(
        as_secretary, organisation=other, role="contact", name="陈明", phone="10030000002", from_on=SINCE
    )
    seat = accounts.open_seat(as_secretary, post=post)
    clinic = actor_for(Account.objects.get(pk=seat.account_id), cast.here.community, code=cast.here.code)
    for actor in (clinic, as_wang, as_other_specialist):
        with pytest.raises(actions.NotYourUnit):
            actions.take_handover(actor, handover=handover)
        assert not queries.handovers_visible_to(actor).exists()
    with pytest.raises(NotAllowed):
        actions.accept_answer(as_unit(), handover=handover)


def test_the_unit_sees_its_handover_and_not_the_matter(hand_on, as_unit, matter):
    handover = hand_on(shares_photos=True)
    unit = as_unit()
    assert [row.pk for row in queries.handovers_visible_to(unit)] == [handover.pk]
    assert not queries.matters_visible_to(unit).exists() and not queries.may_see_matter(unit, matter.pk)
    given = StoredFile.objects.filter(owner_id=handover.pk)
    assert given.count() == 1 and given.get().sha256 == StoredFile.objects.get(owner_id=matter.pk).sha256
    assert not unit.is_staff and {duty.role for duty in unit.duties} == {Role.PARTNER}


def test_whoever_leaves_the_organisation_sees_nothing_from_that_day(hand_on, as_unit, as_secretary, company):
    hand_on()
    assert as_unit().answers_for == {company.pk}
    organisations.end_post(as_secretary, post=company.posts.get(), on=clock.today())
    assert as_unit().answers_for == frozenset() and not queries.handovers_visible_to(as_unit()).exists()


def test_the_contact_is_shown_only_where_it_was_given_along_and_the_trail_says_who_looked(hand_on, as_unit, matter):
    handover = hand_on()
    with pytest.raises(actions.NotYourUnit):
        actions.reveal_contact_to(as_unit(), handover=handover)
    Handover.objects.filter(pk=handover.pk).update(shares_contact=True)
    assert actions.reveal_contact_to(as_unit(), handover=handover) == "10012340001"
    entry = TrailEntry.objects.get(verb="matter.contact_revealed")
    assert (entry.subject_id, entry.role) == (matter.pk, "partner")


def test_what_desk_and_unit_say_to_each_other_is_not_the_residents_to_read(
    hand_on, as_unit, as_specialist, as_wang, matter
):
    handover = hand_on(asked="房主难说话，请客气些")
    actions.answer_handover(as_unit(), handover=handover, words="内部：换了灯")
    row = queries.matters_visible_to(as_wang).get(pk=matter.pk)
    hers = queries.page_of(as_wang, row)
    assert [step.title for step in hers.steps[2:]] == ["转给安居物业办", "安居物业已反馈，等核查"]
    assert not any("房主" in step.words or "内部" in step.words for step in hers.steps)
    desk = queries.page_of(as_specialist, queries.matters_visible_to(as_specialist).get(pk=matter.pk))
    assert any("房主" in step.words for step in desk.steps) and desk.to_check
    assert "安居物业" in hers.next_step


def test_the_photos_of_a_checked_answer_become_the_matters_own(hand_on, as_unit, as_specialist, as_wang, matter):
    handover = hand_on()
    actions.answer_handover(as_unit(), handover=handover, words="换了", photos=files.clean_uploads([picture()]))
    assert not queries.may_see_handover(as_wang, handover.pk)
    actions.accept_answer(as_specialist, handover=handover)
    hers = queries.page_of(as_wang, queries.matters_visible_to(as_wang).get(pk=matter.pk))
    assert [file.purpose for file in hers.steps[-1].photos] == ["after"]


def test_a_day_that_is_past_and_nothing_asked_are_refused(hand_on):
    with pytest.raises(actions.DayPast):
        hand_on(answer_by=clock.today() - timedelta(days=1))
    with pytest.raises(actions.WordsMissing):
        hand_on(asked="  ")


def test_the_unit_is_told_once_however_often_the_job_runs(hand_on, cast):
    hand_on()
    entry = TrailEntry.objects.get(verb="handover.offered")
    for _ in range(2):
        jobs.tell_unit.func(community_id=cast.here.id, entry_id=str(entry.pk))
    message = Message.objects.get(template="handover_offered")
    assert message.recipient_account == PartySeat.objects.get().account_id


def test_the_likeliest_are_offered_first_and_who_has_it_is_left_out(hand_on, as_specialist, matter, company):
    row = queries.matters_visible_to(as_specialist).get(pk=matter.pk)
    near, _ = queries.parties_for(as_specialist, row)
    assert [party.organisation for party in near] == [company] and near[0].is_reached
    hand_on()
    near, others = queries.parties_for(as_specialist, row)
    assert near == [] and not any(p.organisation == company for there in others.values() for p in there)


class TestPages:
    """By link and code on the phone, and at the desk, without a script."""

    def browser(self, account=None):
        client = Client()
        if account:
            client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def test_by_link_and_code_to_the_inbox_and_an_answer(self, hand_on, cast, matter):
        handover = hand_on()
        seat, root = PartySeat.objects.get(), f"/c/{cast.here.code}"
        phone = self.browser()
        door = phone.get(f"{root}/u/{seat.code}/")
        assert "100****0001" in door.content.decode() and "10030000001" not in door.content.decode()
        asked = phone.post(f"{root}/u/{seat.code}/")
        assert asked["Location"] == "/sign-in/code/"
        code = phone.session["sign_in"]["shown"]
        entered = phone.post("/sign-in/code/", {"code": code})
        assert entered["Location"] == f"{root}/party/"
        inbox = phone.get(f"{root}/party/").content.decode()
        assert "1 件要办" in inbox and "请换灯" in inbox
        page = phone.get(f"{root}/party/{handover.pk}/").content.decode()
        assert (
            "三楼灯不亮" in page
            and "接收，我们来办" in page
            and "王" not in page.split("居民说")[1].split("</section>")[0]
        )
        assert phone.post(f"{root}/party/{handover.pk}/take/").status_code == 302
        empty = phone.post(f"{root}/party/{handover.pk}/answer/", {"handover-words": ""})
        assert empty.status_code == 422 and "请写一句做了什么" in empty.content.decode()
        done = phone.post(
            f"{root}/party/{handover.pk}/answer/", {"handover-words": "换好了", "handover-photos": picture()}
        )
        assert done.status_code == 302
        with active(cast.here.id):
            assert state_of(handover) == HandoverState.ANSWERED
        assert phone.get(f"{root}/desk/").status_code == 404 and phone.get(f"{root}/u/nothing/").status_code == 404

    def test_a_wrong_link_and_a_left_post_open_nothing(self, hand_on, cast, company, as_secretary):
        hand_on()
        seat, root = PartySeat.objects.get(), f"/c/{cast.here.code}"
        organisations.end_post(as_secretary, post=company.posts.get(), on=clock.today())
        assert self.browser().get(f"{root}/u/{seat.code}/").status_code == 404
        assert self.browser().post(f"{root}/u/{seat.code}/").status_code == 404

    def test_the_desk_hands_on_checks_and_asks_again(self, cast, company, matter):
        root, lina = f"/c/{cast.here.code}", self.browser(cast.accounts["李娜"])
        form = lina.get(f"{root}/desk/matters/{matter.pk}/hand-on/").content.decode()
        assert "安居物业（项目经理 周师傅）" in form
        sent = {"first": str(company.pk), "asked": "请换灯", "answer_by": str(clock.today()), "shares_photos": "on"}
        wrong = lina.post(f"{root}/desk/matters/{matter.pk}/hand-on/", {**sent, "asked": ""})
        assert wrong.status_code == 422
        assert lina.post(f"{root}/desk/matters/{matter.pk}/hand-on/", sent).status_code == 302
        with active(cast.here.id):
            handover = Handover.objects.get()
        record = {f"record-{handover.pk.hex[-8:]}-words": "周师傅电话说换好了"}
        assert lina.post(f"{root}/desk/handovers/{handover.pk}/answer/", record).status_code == 302
        page = lina.get(f"{root}/desk/matters/{matter.pk}/").content.decode()
        assert "核查通过" in page and "待核查" in page and "周师傅电话说换好了" in page
        assert "待核查" in lina.get(f"{root}/desk/").content.decode()
        none = lina.post(f"{root}/desk/handovers/{handover.pk}/again/", {})
        assert none.status_code == 422 and "哪里还没办好" in none.content.decode()
        assert lina.post(f"{root}/desk/handovers/{handover.pk}/accept/").status_code == 302
        with active(cast.here.id):
            assert Matter.objects.get(pk=matter.pk).state == State.ACCEPTED
