"""A resident's family, home and what may be written down of them: one tag for the resident's page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import template
from django.template.context import Context
from django.urls import reverse

from linli.core import clock
from linli.core.access import Permission
from linli.residents import homes, likeness, queries
from linli.residents.codes import PopulationClass
from linli.residents.models import Resident
from linli.residents.rules import is_over
from linli.residents.views_life import DONE, OF_PERSON

register = template.Library()
MARRIED = {"20", "21", "22", "23"}
ADULT = 18


@register.inclusion_tag("residents/parts/life.html", takes_context=True)
def life_of(context: Context, resident_id: UUID) -> dict[str, Any]:
    """Family, household, 人户分离, and the verbs that make sense for this person today."""
    request = context["request"]
    resident = Resident.objects.get(pk=resident_id)
    home = homes.current_home(resident)
    away = home if home is not None and home.population_class == PopulationClass.AWAY else None
    held = homes.households_visible_to(request.actor)
    household = held.filter(pk=home.household_id).first() if home is not None and home.household_id else None
    life = {
        "apart": queries.apartness_of(resident),
        "away": away,
        "kin": homes.kin_of(request.actor, resident),
        "household_url": reverse("residents:household", args=[household.pk]) if household else "",
        "verbs": _verbs(request.actor, resident, home, is_away=away is not None),
        "merges": likeness.merges_of(resident.pk) if request.actor.may(Permission.RESIDENTS_LINK) else [],
        "did": DONE.get(request.GET.get("did", "")),
    }
    return {"life": life}


def _verbs(actor: Any, resident: Resident, home: Any, *, is_away: bool) -> list[tuple[str, str]]:
    if resident.died_on is not None or not actor.may(Permission.RESIDENTS_LINK):
        return []
    is_grown = resident.birth_on is None or is_over(resident.birth_on, ADULT, clock.today())
    is_married = resident.marital_status in MARRIED
    offered = {
        "marry": is_grown and not is_married,
        "divorce": is_married,
        "widow": is_married,
        "change_class": home is not None and not is_away,
        "leave": home is not None and not is_away,
        "come_back": is_away,
        "register_at": True,
        "name_guardian": not is_grown or home is None or home.relation_to_head != "0",
    }
    return [
        (verb.button, reverse(f"residents:{verb.name}", args=[resident.pk])) for verb in OF_PERSON if offered[verb.name]
    ]
