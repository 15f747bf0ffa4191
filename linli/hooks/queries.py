"""Addresses and tellings as the pages show them."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from linli.core.access import Actor, Permission
from linli.core.trail import VERBS

from . import rules
from .models import Delivery, DeliveryState, Hook


def verbs_offered() -> dict[str, str]:
    """Verbs an address may want, with their words."""
    return {verb: words for verb, words in VERBS.items() if verb.partition(".")[0] in rules.OFFERED}


def hooks_visible_to(actor: Actor) -> QuerySet[Hook]:
    """Addresses of the community, those in use first, with `waiting` and `failed`."""
    rows = Hook.objects.annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state__in=(DeliveryState.WAITING, DeliveryState.SENDING))),
        failed=Count("deliveries", filter=Q(deliveries__state=DeliveryState.FAILED)),
    )
    return rows.order_by("stopped_at", "-made_at", "id") if actor.may(Permission.HOOKS_KEEP) else rows.none()


def deliveries_visible_to(actor: Actor, hook: Hook) -> QuerySet[Delivery]:
    rows = hook.deliveries.order_by("-made_at", "-id")
    return rows if actor.may(Permission.HOOKS_KEEP) else rows.none()
