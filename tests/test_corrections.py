"""A second person: asked for, agreed to by somebody else, and by one of two."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from linli.core.errors import NotAllowed
from linli.core.models import TrailEntry
from linli.core.states import OutOfTurn
from linli.core.tenancy import active
from linli.residents import actions, history, queries
from linli.residents.models import Category, CorrectionRequest, Residence
from linli.residents.models_requests import Asked
from tests.helpers import race


@pytest.fixture
def wang(cast, here):
    return cast.residents["王桂英"]


def ask(actor, wang, field="name", value="王桂瑛", because="对照身份证，抄错一个字", **more):
    return actions.request_correction(actor, wang, field, value, because, **more)


def test_a_name_waits_for_a_second_person_and_is_then_right_always(as_specialist, as_back_office, wang):
    request = actions.put_right(as_specialist, resident=wang, field="name", value="王桂瑛", because="对照身份证")
    wang.refresh_from_db()
    assert (request.state, wang.name) == (Asked.REQUESTED, "王桂英")
    actions.confirm_correction(as_back_office, request=request)
    wang.refresh_from_db()
    assert (wang.name, wang.initials) == ("王桂瑛", "wgy")
    assert history.value_of(wang, "name", on=date(2021, 1, 1)) == "王桂瑛"
    verbs = set(TrailEntry.objects.filter(subject_id=request.pk).values_list("verb", flat=True))
    assert verbs == {"correction.requested", "correction.confirmed"}
    assert "王桂" not in str(list(TrailEntry.objects.values_list("facts", flat=True)))


def test_what_needs_no_second_person_is_written_at_once(as_specialist, wang):
    assert (
        actions.put_right(
            as_specialist, resident=wang, field="education", value="70", because="本人说", source="居民本人说"
        )
        is None
    )
    wang.refresh_from_db()
    assert (wang.education, wang.marks["education"]["source"]) == ("70", "居民本人说")


def test_nobody_confirms_their_own_request_not_even_past_the_action(as_secretary, wang):
    request = ask(as_secretary, wang)
    with pytest.raises(actions.OwnRequest):
        actions.confirm_correction(as_secretary, request=request)
    with pytest.raises(IntegrityError, match="correction_by_a_second"), transaction.atomic():
        CorrectionRequest.objects.filter(pk=request.pk).update(
            state=Asked.CONFIRMED, decided_by=as_secretary.account_id
        )


def test_a_specialist_asks_and_may_not_decide(as_specialist, as_back_office, wang):
    request = ask(as_back_office, wang)
    with pytest.raises(NotAllowed):
        actions.confirm_correction(as_specialist, request=request)


def test_one_next_door_and_one_of_another_patch_neither_ask_nor_decide(
    as_outsider, as_other_specialist, as_specialist, wang
):
    for stranger in (as_outsider, as_other_specialist):
        with pytest.raises(NotAllowed):
            ask(stranger, wang)
    request = ask(as_specialist, wang)
    with pytest.raises(NotAllowed):
        actions.confirm_correction(as_outsider, request=request)
    assert not queries.corrections_visible_to(as_outsider).exists()
    assert not queries.corrections_visible_to(as_other_specialist).exists()


def test_one_asks_once_and_for_something_else_with_a_reason(as_specialist, wang):
    for wrong, problem in (
        ({"value": "王桂英"}, actions.NothingDifferent),
        ({"because": "改"}, actions.WhyNeeded),
        ({"since": date(2099, 1, 1)}, actions.NotYet),
    ):
        with pytest.raises(problem):
            ask(as_specialist, wang, **wrong)
    ask(as_specialist, wang)
    with pytest.raises(actions.AskedAlready):
        ask(as_specialist, wang, value="王贵英")


def test_a_refusal_says_why_and_changes_nothing(as_specialist, as_back_office, wang):
    request = ask(as_specialist, wang)
    with pytest.raises(actions.WhyNeeded):
        actions.refuse_correction(as_back_office, request=request, answer=" ")
    actions.refuse_correction(as_back_office, request=request, answer="身份证上就是英字")
    wang.refresh_from_db()
    assert wang.name == "王桂英"
    with pytest.raises(OutOfTurn):
        actions.confirm_correction(as_back_office, request=request)
    ask(as_specialist, wang)  # and may be asked anew


def test_whoever_asked_may_take_it_back_and_nobody_else(as_specialist, as_back_office, wang):
    request = ask(as_specialist, wang)
    with pytest.raises(NotAllowed):
        actions.withdraw_correction(as_back_office, request=request)
    assert actions.withdraw_correction(as_specialist, request=request).state == Asked.WITHDRAWN


def test_a_resident_asks_for_herself_and_any_clerk_of_hers_decides_what_needs_no_second(
    cast, as_wang, as_specialist, as_other_specialist, here
):
    wang = cast.residents["王芳"]
    request = ask(as_wang, wang, field="employer", value="拱墅小学", because="换了单位")
    assert request.is_own
    with pytest.raises(NotAllowed):
        actions.confirm_correction(as_other_specialist, request=request)
    actions.confirm_correction(as_specialist, request=request)
    wang.refresh_from_db()
    assert (wang.employer, wang.marks["employer"]["source"]) == ("拱墅小学", "本人申请")
    with pytest.raises(NotAllowed):
        ask(as_wang, cast.residents["王桂英"])


def test_a_death_is_written_when_a_second_person_agrees_and_can_be_taken_back_the_same_way(
    as_specialist, as_back_office, wang
):
    day = date(2026, 3, 1)
    request = ask(as_specialist, wang, field="died_on", value=day, because="家属送来证明")
    actions.confirm_correction(as_back_office, request=request)
    wang.refresh_from_db()
    stay = Residence.objects.get(resident=wang)
    assert (wang.died_on, stay.span.upper) == (day, date(2026, 3, 2))
    undo = ask(as_back_office, wang, field="died_on", value=None, because="同名同姓，弄错了人")
    with pytest.raises(NotAllowed):
        actions.confirm_correction(as_specialist, request=undo)


def test_a_death_written_of_the_wrong_person_is_undone_with_what_ended_by_it(as_secretary, as_back_office, wang):
    request = ask(as_secretary, wang, field="died_on", value=date(2026, 3, 1), because="家属送来证明")
    actions.confirm_correction(as_back_office, request=request)
    wang.refresh_from_db()
    undo = ask(as_back_office, wang, field="died_on", value=None, because="同名同姓，弄错了人")
    actions.confirm_correction(as_secretary, request=undo)
    wang.refresh_from_db()
    assert (wang.died_on, Residence.objects.get(resident=wang).span.upper) == (None, None)


def test_an_allowance_begins_and_ends_with_two_people(as_specialist, as_back_office, wang):
    plan = {"from_on": date(2026, 1, 1), "source": "街道名册", "decision": "拱民〔2026〕1号"}
    request = actions.request_category(
        as_specialist, resident=wang, kind="subsistence_allowance", plan=plan, because="街道批下来了"
    )
    actions.confirm_correction(as_back_office, request=request)
    category = Category.objects.get(resident=wang, kind="subsistence_allowance")
    assert (category.span.lower, category.decision) == (date(2026, 1, 1), "拱民〔2026〕1号")
    end = actions.request_category_end(as_specialist, category=category, on=date(2026, 6, 1), because="收入超过标准")
    actions.confirm_correction(as_back_office, request=end)
    category.refresh_from_db()
    assert category.span.upper == date(2026, 6, 1)


def test_of_many_who_confirm_at_once_one_wins(committed_cast):
    cast = committed_cast
    with active(cast.here.id):
        request = ask(cast.actor("李娜"), cast.residents["王桂英"])
        deciders = [cast.actor("陈建国"), cast.actor("赵敏")]

    def confirm(i):
        with active(cast.here.id):
            return actions.confirm_correction(deciders[i % 2], request=request)

    results = race(8, confirm)
    assert sum(isinstance(each, CorrectionRequest) for each in results) == 1, results
    assert sum(isinstance(each, OutOfTurn) for each in results) == 7
    with active(cast.here.id):
        assert TrailEntry.objects.filter(verb="resident.corrected").count() == 1
