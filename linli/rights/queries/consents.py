"""What somebody agreed to, in which words, and who speaks for a child."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from linli.core import clock
from linli.residents.models import Resident
from linli.residents.models_ties import Tie
from linli.rights import consents, rules
from linli.rights.models import Consent


@dataclass(frozen=True)
class ConsentLine:
    """One purpose for one person: `state` is "given", "again" (the text changed), "withdrawn" or "none"."""

    purpose: consents.Purpose
    version: consents.Version
    state: str
    last: Consent | None


def consents_of(resident: Resident) -> list[ConsentLine]:
    """Every purpose that may be asked of this person, in the order of the texts."""
    today = clock.today()
    is_child = rules.needs_guardian(resident.birth_on, today)
    last: dict[str, Consent] = {}
    for consent in Consent.objects.filter(resident=resident).order_by("given_at", "id"):
        last[consent.purpose] = consent
    lines = []
    for purpose in consents.purposes().values():
        if (purpose.for_children if is_child else not purpose.only_children) or purpose.code in last:
            given = last.get(purpose.code)
            lines.append(ConsentLine(purpose, purpose.on(today), _state(purpose, given), given))
    return lines


def _state(purpose: consents.Purpose, last: Consent | None) -> str:
    if last is None:
        return "none"
    if last.withdrawn_at is not None:
        return "withdrawn"
    return "given" if purpose.counts(last.version, clock.today()) else "again"


def has_consent(resident: Resident, purpose: str) -> bool:
    """Whether the person agrees to `purpose` today, in words that still count. Whoever acts on a consent asks this."""
    found = consents.purposes()[purpose]
    live = Consent.objects.filter(resident=resident, purpose=purpose, withdrawn_at=None).first()
    return live is not None and found.counts(live.version, clock.today())


def guardian_among(ids: Iterable[UUID], ward: Resident) -> Resident | None:
    """The registered guardian of `ward` who is one of these people; None when none is."""
    tie = _guardians(ward).filter(other__in=list(ids)).first()
    return tie.other if tie else None


def guardians_of(ward: Resident) -> list[Tie]:
    """Who answers for the child today, in the register."""
    return list(_guardians(ward))


def _guardians(ward: Resident) -> QuerySet[Tie]:
    rows = Tie.objects.filter(resident=ward, kind=Tie.Kind.GUARDIAN, span__contains=clock.today())
    return rows.select_related("other").order_by("id")
