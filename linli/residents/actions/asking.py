"""Corrections that a second person has to agree to: asked for, then confirmed, refused or withdrawn.

Which fields and categories need one is data (`second_person`). A resident's own request comes into the same queue.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.states import OutOfTurn, step
from linli.core.trail import record
from linli.residents import queries
from linli.residents.codes import CATEGORY_KINDS
from linli.residents.models import Category, CorrectionRequest, Resident
from linli.residents.models_requests import Asked, Deed
from linli.residents.second_person import category_needs_second, field_needs_second

from .categories import CHANGING, OnlyCorrected, change_category
from .changes import (
    CategoryUnknown,
    NotYet,
    end_category,
    grant_category,
    record_death,
    require_in_reach,
    require_keeper,
)
from .corrections import CORRECTABLE, category_in_form, correct_category, correct_death, correct_resident, in_form
from .facts import as_text

ASKABLE = (*CORRECTABLE, "died_on")
"""Fields somebody may ask to have put right."""


class AskedAlready(Conflict):
    code, message = "correction.asked_already", "这一项已经有一份申请在等核准。请先等它办完，或撤回后重新申请。"


class NothingDifferent(Invalid):
    code, message = "correction.nothing_different", "这和现在登记的一样，不用更正。请再看看要改的是不是这一项。"


class WhyNeeded(Invalid):
    code, message = "correction.why_needed", "请写明为什么要改（2 到 200 个字），例如“对照身份证，抄错一位”。"


class OwnRequest(NotAllowed):
    code = "correction.own"
    message = "自己提的申请要由另一位同事核准。请告诉一位全能社工或社区书记来看。"


@transaction.atomic
def request_correction(
    actor: Actor,
    resident: Resident,
    field: str,
    value: Any,
    because: str,
    *,
    since: date | None = None,
    evidence: str = "",
) -> CorrectionRequest:
    """Ask that `field` of ASKABLE should say `value` (None or "": nothing), always or since a day. Nothing is changed yet.

    Residents ask for themselves and for whom they speak; anybody else keeps the register and has the resident in reach.

    Raises:
        NotAllowed; what `correct_resident` raises of a value that cannot be.
        NothingDifferent: that is what stands there.
        AskedAlready: a request about the field is open; the database decides.
        WhyNeeded: no reason that says something.
    """
    is_own = _may_ask(actor, resident)
    if field not in ASKABLE:
        raise LookupError(f"{field} is not asked for here")
    wanted, held = _value_of(field, value), getattr(resident, field)
    if wanted == held:
        raise NothingDifferent(field="value")
    if since is not None and since > clock.today():
        raise NotYet("这一天还没有到。请填已经变了的那一天。", field="since")
    return _ask(
        actor,
        resident=resident,
        deed=Deed.CHANGE if since else Deed.CORRECT,
        field=field,
        value=as_text(wanted),
        held=as_text(held),
        since=since,
        because=because,
        evidence=evidence,
        is_own=is_own,
    )


@transaction.atomic
def request_category(
    actor: Actor, *, resident: Resident, kind: str, plan: Mapping[str, Any], because: str, evidence: str = ""
) -> CorrectionRequest:
    """Ask that `resident` should count as `kind`; `plan` is what `grant_category` takes besides (dates as dates)."""
    _may_ask(actor, resident)
    if kind not in CATEGORY_KINDS:
        raise CategoryUnknown(field="kind")
    value = json.dumps({name: as_text(each) for name, each in plan.items()}, ensure_ascii=False, sort_keys=True)
    return _ask(
        actor,
        resident=resident,
        deed=Deed.GRANT,
        field=kind,
        value=value,
        held=None,
        since=plan.get("from_on"),
        because=because,
        evidence=evidence,
        is_own=False,
    )


@transaction.atomic
def request_category_end(
    actor: Actor, *, category: Category, on: date, because: str, evidence: str = ""
) -> CorrectionRequest:
    """Ask that the category should end: `on` is the first day it no longer holds."""
    _may_ask(actor, category.resident)
    return _ask(
        actor,
        resident=category.resident,
        deed=Deed.END,
        field=category.kind,
        value=str(category.pk),
        held=None,
        since=on,
        because=because,
        evidence=evidence,
        is_own=False,
    )


@transaction.atomic
def request_category_change(
    actor: Actor,
    *,
    category: Category,
    to: Mapping[str, Any],
    because: str,
    on: date | None = None,
    evidence: str = "",
) -> CorrectionRequest:
    """Ask that the category should say `to`: since a day (what `change_category` takes), or always (`correct_category`).

    Raises what they raise of values; NothingDifferent, AskedAlready, WhyNeeded.
    """
    _may_ask(actor, category.resident)
    if on is not None and set(to) - set(CHANGING):
        raise OnlyCorrected(field="from_on")
    if on is not None and on > clock.today():
        raise NotYet(field="on")
    wanted = category_in_form(category.kind, {name: each for name, each in to.items() if name != "from_on"})
    if to.get("from_on"):
        wanted["from_on"] = to["from_on"]
    held = {name: getattr(category, name) if name != "from_on" else category.span.lower for name in wanted}
    if wanted == held:
        raise NothingDifferent(field=next(iter(to), None))
    said = {name: as_text(each) for name, each in wanted.items()}
    return _ask(
        actor,
        resident=category.resident,
        deed=Deed.ALTER if on else Deed.AMEND,
        field=category.kind,
        value=json.dumps({"category": str(category.pk), "to": said}, ensure_ascii=False, sort_keys=True),
        held=json.dumps({name: as_text(each) for name, each in held.items()}, ensure_ascii=False, sort_keys=True),
        since=on,
        because=because,
        evidence=evidence,
        is_own=False,
    )


# Written, or asked where a second person has to agree


def put_category(
    actor: Actor, *, resident: Resident, kind: str, plan: Mapping[str, Any], because: str, evidence: str = ""
) -> Category | CorrectionRequest:
    """Begin the category, or ask a second person where the kind needs one."""
    if category_needs_second(kind):
        return request_category(actor, resident=resident, kind=kind, plan=plan, because=because, evidence=evidence)
    return grant_category(actor, resident=resident, kind=kind, **plan)


def put_category_end(
    actor: Actor, *, category: Category, on: date, because: str, evidence: str = ""
) -> Category | CorrectionRequest:
    """End the category, or ask a second person where the kind needs one."""
    if category_needs_second(category.kind):
        return request_category_end(actor, category=category, on=on, because=because, evidence=evidence)
    return end_category(actor, category=category, on=on)


def put_category_right(
    actor: Actor,
    *,
    category: Category,
    to: Mapping[str, Any],
    because: str,
    on: date | None = None,
    evidence: str = "",
) -> Category | CorrectionRequest:
    """Change the category since a day, or correct it; or ask a second person where the kind needs one."""
    if category_needs_second(category.kind):
        return request_category_change(actor, category=category, to=to, because=because, on=on, evidence=evidence)
    _reason(because, "because")
    if on is not None:
        return change_category(actor, category=category, to=to, on=on)
    return correct_category(actor, category=category, to=to)


def put_death(
    actor: Actor, *, resident: Resident, died_on: date, because: str, evidence: str = ""
) -> CorrectionRequest | None:
    """Write the death, or ask a second person where it needs one; the request, or None when it is written."""
    if field_needs_second("died_on"):
        return request_correction(actor, resident, "died_on", died_on, because, evidence=evidence)
    if resident.died_on is None:
        record_death(actor, resident=resident, died_on=died_on)
    else:
        correct_death(actor, resident=resident, died_on=died_on, because=because)
    return None


def put_right(
    actor: Actor,
    *,
    resident: Resident,
    field: str,
    value: Any,
    because: str,
    since: date | None = None,
    evidence: str = "",
    source: str = "",
) -> CorrectionRequest | None:
    """Write the field, or ask a second person where the field needs one; the request, or None when it is written."""
    if field_needs_second(field):
        return request_correction(actor, resident, field, value, because, since=since, evidence=evidence)
    if not 2 <= len(" ".join(because.split())) <= 200:
        raise WhyNeeded(field="because")
    wanted = in_form(field, value)
    if wanted == getattr(resident, field):
        raise NothingDifferent(field="value")
    correct_resident(actor, resident=resident, to={field: value}, because=because, since=since, source=source)
    return None


@transaction.atomic
def confirm_correction(actor: Actor, *, request: CorrectionRequest) -> CorrectionRequest:
    """The second person agrees, and it is written. Of two at once one wins; the other is told.

    Raises:
        OwnRequest: whoever asked. NotAllowed: may not decide. OutOfTurn: decided or withdrawn meanwhile.
        Whatever the write itself raises, when the register has moved on.
    """
    request = _locked(actor, request)
    step(request, Asked.CONFIRMED)
    _decide(actor, request)
    _carry_out(actor, request)
    record(actor, "correction.confirmed", request, touches=[request.resident_id], **facts_of(request))
    return request


@transaction.atomic
def refuse_correction(actor: Actor, *, request: CorrectionRequest, answer: str) -> CorrectionRequest:
    """The second person does not agree, and says why. Raises what `confirm_correction` does, and WhyNeeded."""
    answer = _reason(answer, "answer")
    request = _locked(actor, request)
    step(request, Asked.REFUSED)
    _decide(actor, request, answer)
    record(actor, "correction.refused", request, touches=[request.resident_id], **facts_of(request))
    return request


@transaction.atomic
def withdraw_correction(actor: Actor, *, request: CorrectionRequest) -> CorrectionRequest:
    """Whoever asked takes it back. Raises NotAllowed, OutOfTurn."""
    request = CorrectionRequest.objects.select_for_update().get(pk=request.pk)
    if actor.account_id != request.requested_by:
        raise NotAllowed("申请由提出的人撤回。不该改的，请选“不核准”并写明原因。")
    step(request, Asked.WITHDRAWN)
    request.decided_at = clock.now()
    request.save(update_fields=["state", "decided_at"])
    record(actor, "correction.withdrawn", request, touches=[request.resident_id], **facts_of(request))
    return request


def _may_ask(actor: Actor, resident: Resident) -> bool:
    """Whether it is the actor's own record; raises NotAllowed for who may not ask at all."""
    if actor.account_id is None:
        raise NotAllowed("请先登录，再提更正申请。")
    if resident.pk in actor.speaks_for:
        return True
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    return False


def _value_of(field: str, value: Any) -> Any:
    if field != "died_on":
        return in_form(field, value)
    if value and value > clock.today():
        raise NotYet(field="value")
    return value or None


def _reason(text: str, field: str) -> str:
    text = " ".join(text.split())
    if not 2 <= len(text) <= 200:
        raise WhyNeeded(field=field)
    return text


def _ask(actor: Actor, *, because: str, evidence: str, **asked: Any) -> CorrectionRequest:
    assert actor.account_id is not None  # _may_ask has seen to it
    with constraint("correction_one_open", broken=AskedAlready):
        request = CorrectionRequest.objects.create(
            because=_reason(because, "because"),
            evidence=" ".join(evidence.split())[:200],
            requested_by=actor.account_id,
            requested_at=clock.now(),
            **asked,
        )
    record(actor, "correction.requested", request, touches=[request.resident_id], **facts_of(request))
    return request


def facts_of(request: CorrectionRequest) -> dict[str, Any]:
    return {
        "deed": request.deed,
        "field": request.field,
        "account": request.requested_by,
        "is_own": request.is_own,
    }


def _locked(actor: Actor, request: CorrectionRequest) -> CorrectionRequest:
    request = CorrectionRequest.objects.select_for_update().select_related("resident").get(pk=request.pk)
    if request.state != Asked.REQUESTED:
        raise OutOfTurn("这份申请已经有人办了。请刷新看看结果。", state=request.state)
    if actor.account_id is None or actor.account_id == request.requested_by:
        raise OwnRequest()
    if not queries.may_decide(actor, request):
        actor.require(Permission.CORRECTIONS_CONFIRM)
        raise NotAllowed()
    return request


def _decide(actor: Actor, request: CorrectionRequest, answer: str = "") -> None:
    request.decided_by, request.decided_at, request.answer = actor.account_id, clock.now(), answer
    request.save(update_fields=["state", "decided_by", "decided_at", "answer"])


def _carry_out(actor: Actor, request: CorrectionRequest) -> None:
    resident = request.resident
    if request.deed == Deed.GRANT:
        plan: dict[str, Any] = json.loads(request.value or "{}")
        for name in {"from_on", "to_on", "decided_on"} & plan.keys():
            plan[name] = date.fromisoformat(plan[name]) if plan[name] else None
        words: dict[str, Any] = {
            name: each if each is not None or name.endswith("_on") else "" for name, each in plan.items()
        }
        grant_category(actor, resident=resident, kind=request.field, **words)
    elif request.deed == Deed.END:
        assert request.since is not None
        end_category(actor, category=_category(str(request.value)), on=request.since)
    elif request.deed in {Deed.AMEND, Deed.ALTER}:
        _carry_out_category(actor, request)
    elif request.field == "died_on":
        _carry_out_death(actor, request)
    else:
        value: Any = request.value or ""
        if request.field == "birth_on":
            value = date.fromisoformat(value) if value else None
        source = "本人申请" if request.is_own else "两人核准"
        to = {request.field: value}
        correct_resident(actor, resident=resident, to=to, because=request.because, since=request.since, source=source)


def _category(key: str) -> Category:
    """The category a request is about. Raises OutOfTurn where it is there no longer."""
    category = Category.objects.filter(pk=key).first()
    if category is None:
        raise OutOfTurn("这个类别后来已经撤回了，这份申请用不上了。请选“不核准”并写明原因。")
    return category


def _carry_out_category(actor: Actor, request: CorrectionRequest) -> None:
    said = json.loads(request.value or "{}")
    to: dict[str, Any] = {
        name: (date.fromisoformat(each) if each else None) if name.endswith("_on") else each or ""
        for name, each in said["to"].items()
    }
    category = _category(said["category"])
    if request.since is not None:
        change_category(actor, category=category, to=to, on=request.since)
    else:
        correct_category(actor, category=category, to=to)


def _carry_out_death(actor: Actor, request: CorrectionRequest) -> None:
    died_on = date.fromisoformat(request.value) if request.value else None
    if request.resident.died_on is None and died_on is not None:
        record_death(actor, resident=request.resident, died_on=died_on)
    else:
        correct_death(actor, resident=request.resident, died_on=died_on, because=request.because)
