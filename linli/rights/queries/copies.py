"""A person's own copy of everything held (PIPL article 45), in the one shape that data/person-copy.schema.json describes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from linli.core import clock
from linli.core.access import Actor
from linli.residents.models import Resident
from linli.residents.queries import residents_visible_to

from .held import held_of
from .readings import looks_at

SCHEMA = Path(__file__).resolve().parent.parent / "data/person-copy.schema.json"
FORMAT = "linli.person-copy/1"
LOOKED_DAYS = 180


def own_residents(actor: Actor) -> list[Resident]:
    """The register entries the actor is confirmed to be or to act for, by pinyin."""
    return list(residents_visible_to(actor).filter(pk__in=actor.speaks_for))


def copy_of(actor: Actor, community: str) -> dict[str, Any]:
    """Everything held of those the actor speaks for, in full, with where it is from, and who saw it."""
    return {
        "format": FORMAT,
        "made_at": clock.now().astimezone(clock.SHANGHAI).isoformat(timespec="seconds"),
        "community": community,
        "people": [_person(resident) for resident in own_residents(actor)],
        "looked": [
            {"at": look.at.astimezone(clock.SHANGHAI).isoformat(timespec="seconds"), "who": look.who, "what": look.what}
            | ({"why": look.why} if look.why else {})
            for look in looks_at(actor, days=LOOKED_DAYS)
        ],
    }


def _person(resident: Resident) -> dict[str, Any]:
    return {
        "name": resident.name,
        "sections": [
            {
                "code": section.code,
                "name": section.name,
                "records": [
                    {
                        "facts": [
                            {"code": line.code, "label": line.label, "value": line.value} for line in record.lines
                        ],
                        "source": record.source,
                        "confirmed_on": record.confirmed_on.isoformat() if record.confirmed_on else None,
                    }
                    for record in section.records
                ],
            }
            for section in held_of(resident)
        ],
    }


@cache
def schema() -> dict[str, Any]:
    """The JSON schema (2020-12) of a copy."""
    return json.loads(SCHEMA.read_text(encoding="utf-8"))
