"""Asking the community to correct, delete or explain what it holds, and its answer."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.states import step
from linli.core.trail import record
from linli.residents.models import Resident
from linli.residents.queries import may_see_resident
from linli.rights import queries, rules
from linli.rights.models import Outcome, RequestKind, RequestState, RightsRequest

WORDS_MAX = 500


class RequestOpen(Conflict):
    code = "rights.request_open"
    message = "您这一类请求已经在办了，不用再提。想补充，可以先撤回，写全了再提。"


class WordsMissing(Invalid):
    code, message = "rights.words_missing", "请写一两句：哪里不对、应该是什么，或想删掉哪些。"


class AnswerMissing(Invalid):
    code, message = "rights.answer_missing", "请写几句答复：办了什么；没有办的，依据哪条规定、到什么时候。"


class MustBeKept(Conflict):
    code = "rights.must_be_kept"
    message = "现在还不能全部删除，原因列在上面。请选“办了一部分”或“没有办”，并把原因写给居民。"


@transaction.atomic
def ask_request(actor: Actor, *, resident: Resident, kind: str, words: str) -> RightsRequest:
    """Ask on behalf of a person the actor speaks for; answered within LINLI_RIGHTS_DAYS working days.

    Raises:
        NotAllowed: the actor does not speak for the person.
        WordsMissing: fewer than 4 characters. RequestOpen: one of this kind still waits.
    """
    if resident.pk not in actor.speaks_for or actor.account_id is None:
        raise NotAllowed()
    words = words.strip()
    if len(words) < 4:
        raise WordsMissing(field="words")
    with constraint("rights_request_open_once", broken=RequestOpen):
        row = RightsRequest.objects.create(
            resident=resident,
            kind=RequestKind(kind),
            words=words[:WORDS_MAX],
            asked_at=clock.now(),
            asked_by=actor.account_id,
            due_on=rules.after_working_days(clock.today(), settings.LINLI_RIGHTS_DAYS),
        )
    record(actor, "rights.asked", row, touches=[resident.pk], kind=row.kind)
    return row


@transaction.atomic
def withdraw_request(actor: Actor, *, request: RightsRequest) -> RightsRequest:
    """The asker needs it no longer. Raises NotAllowed, OutOfTurn."""
    row = RightsRequest.objects.select_for_update().get(pk=request.pk)
    if row.asked_by != actor.account_id:
        raise NotAllowed()
    if row.state != RequestState.WITHDRAWN:
        step(row, RequestState.WITHDRAWN)
        row.save(update_fields=["state"])
        record(actor, "rights.withdrawn", row, touches=[row.resident_id])
    return row


@transaction.atomic
def answer_request(actor: Actor, *, request: RightsRequest, outcome: str, answer: str) -> RightsRequest:
    """Answer in words; the asker is told and reads it on her page.

    Raises:
        NotAllowed: without RIGHTS_HANDLE, of one's own request, or of a person out of sight.
        AnswerMissing: fewer than 6 characters. OutOfTurn: answered or withdrawn already.
        MustBeKept: deletion is promised although the law asks to keep it.
    """
    actor.require(Permission.RIGHTS_HANDLE)
    row = RightsRequest.objects.select_for_update().select_related("resident").get(pk=request.pk)
    if row.asked_by == actor.account_id or row.resident_id in actor.speaks_for:
        raise NotAllowed("自己的请求请让同事来答复。")
    if not may_see_resident(actor, row.resident_id):
        raise NotAllowed()
    answer = answer.strip()
    if len(answer) < 6:
        raise AnswerMissing(field="answer")
    if row.kind == RequestKind.DELETE and outcome == Outcome.DONE and queries.reasons_to_keep(row.resident):
        raise MustBeKept(field="outcome")
    step(row, RequestState.ANSWERED)
    row.outcome, row.answer = Outcome(outcome), answer[:WORDS_MAX]
    row.answered_at, row.answered_by = clock.now(), actor.account_id
    row.save(update_fields=["state", "outcome", "answer", "answered_at", "answered_by"])
    record(actor, "rights.answered", row, touches=[row.resident_id], outcome=row.outcome, account=row.asked_by)
    return row
