"""Agreeing and taking it back; for a child under 14 the guardian in the register does."""

from __future__ import annotations

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, NotAllowed, NotFound
from linli.core.trail import record
from linli.residents.models import Resident
from linli.residents.queries import may_see_resident
from linli.rights import consents, queries, rules
from linli.rights.models import Consent, Way


class ConsentChanged(Conflict):
    code, message = "rights.consent_changed", "这段文字刚刚改过。请再看一遍新的文字，再决定同不同意。"


class ConsentGiven(Conflict):
    code, message = "rights.consent_given", "这一项已经同意过了，不用再办。请刷新看看现在的样子。"


class NeedsGuardian(NotAllowed):
    code = "rights.needs_guardian"
    message = "未满十四周岁，要由登记的监护人来同意。请监护人带户口簿到服务大厅，或请社工上门办。"


def may_decide_for(actor: Actor, resident: Resident) -> bool:
    """Whether the actor may agree for the person by herself: it is she, or, of a child, a confirmed guardian."""
    if rules.needs_guardian(resident.birth_on, clock.today()):
        return queries.guardian_among(actor.speaks_for, resident) is not None
    return resident.pk in actor.speaks_for


@transaction.atomic
def give_consent(
    actor: Actor,
    *,
    resident: Resident,
    purpose: str,
    version: int,
    way: str = Way.PAGE,
    note: str = "",
    guardian: Resident | None = None,
) -> Consent:
    """Agree to `version` of the text of `purpose`; staff write down what was signed or said (`way`, `note`).

    What was given under an earlier version is closed by it. The same again returns the row and leaves no trail.

    Raises:
        NotFound: no such purpose, or a resident the actor does not see.
        NotAllowed, NeedsGuardian: neither the person, nor a child's confirmed guardian, nor staff who may write it down.
        ConsentChanged: the text is another one by now.
    """
    found = consents.purposes().get(purpose)
    if found is None or not may_see_resident(actor, resident.pk):
        raise NotFound()
    if found.on(clock.today()).number != version:
        raise ConsentChanged()
    is_child = rules.needs_guardian(resident.birth_on, clock.today())
    if way == Way.PAGE:
        if not may_decide_for(actor, resident):
            raise NeedsGuardian() if is_child else NotAllowed()
        guardian = queries.guardian_among(actor.speaks_for, resident) if is_child else None
    else:
        actor.require(Permission.RIGHTS_HANDLE)
        if is_child and (guardian is None or queries.guardian_among([guardian.pk], resident) is None):
            raise NeedsGuardian()
    now = clock.now()
    live = Consent.objects.select_for_update().filter(resident=resident, purpose=purpose, withdrawn_at=None).first()
    if live is not None and live.version == version:
        return live
    if live is not None:
        live.withdrawn_at, live.withdrawn_by, live.withdrawn_way = now, actor.account_id, way
        live.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_way"])
    with constraint("consent_once_at_a_time", broken=ConsentGiven):
        consent = Consent.objects.create(
            resident=resident,
            purpose=purpose,
            version=version,
            guardian=guardian,
            given_at=now,
            given_by=actor.account_id,
            way=way,
            note=" ".join(note.split())[:120],
        )
    record(actor, "consent.given", consent, touches=[resident.pk], purpose=purpose, version=version, way=way)
    return consent


@transaction.atomic
def withdraw_consent(actor: Actor, *, resident: Resident, purpose: str, way: str = Way.PAGE) -> Consent | None:
    """Take it back: as easy as giving it (PIPL article 15). None when there is nothing to take back.

    Raises:
        NotFound, NotAllowed, NeedsGuardian: as for giving.
    """
    if not may_see_resident(actor, resident.pk):
        raise NotFound()
    if way != Way.PAGE:
        actor.require(Permission.RIGHTS_HANDLE)
    elif not may_decide_for(actor, resident):
        raise NeedsGuardian() if rules.needs_guardian(resident.birth_on, clock.today()) else NotAllowed()
    live = Consent.objects.select_for_update().filter(resident=resident, purpose=purpose, withdrawn_at=None).first()
    if live is None:
        return None
    live.withdrawn_at, live.withdrawn_by, live.withdrawn_way = clock.now(), actor.account_id, way
    live.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_way"])
    record(actor, "consent.withdrawn", live, touches=[resident.pk], purpose=purpose, way=way)
    return live
