"""Plays planned matters through the verbs of `linli.matters`, each at its own moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from linli.core import clock, trail
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.matters import jobs
from linli.matters.actions import Contact, Photos
from linli.matters.bulk import Batch
from linli.matters.models import NOT_THE_REPORTERS, Matter
from linli.matters.queries import Spot
from linli.notices import jobs as sending
from linli.notices.models import Message

from .matters_story import REPORTER, MatterPlan, Place, Step
from .pictures import picture
from .settle import Settled

MESSAGES_FOR = timedelta(hours=40)
"""Messages about the last steps are there to look at; what was told months ago is not kept."""


def play(here: Settled, plans: Iterable[MatterPlan]) -> int:
    """All matters in one batch; how many."""
    count = 0
    with active(here.id), Batch() as batch:
        for plan in plans:
            play_one(here, plan, batch)
            count += 1
    return count


def play_one(here: Settled, plan: MatterPlan, verbs: Any) -> Matter:
    """One matter by `verbs`: a Batch, or the module `linli.matters.actions`."""
    reporter = here.actors[plan.account or plan.by]
    resident = here.residents[plan.for_id_number] if plan.for_id_number else None
    with clock.at(plan.at):
        matter: Matter = verbs.report_matter(
            reporter,
            kind=here.kinds[plan.kind],
            words=plan.words,
            spot=_spot(here, plan.place),
            source=plan.source,
            contact=Contact(plan.contact_name, plan.contact_phone or None, resident),
            photos=_photos(plan.photo),
        )
    for step in plan.steps:
        actor = reporter if step.by == REPORTER else here.actors[step.by]
        with clock.at(step.at):
            matter = _do(verbs, actor, matter, step)
    return matter


def _do(verbs: Any, actor: Any, matter: Matter, step: Step) -> Matter:
    deeds = {
        "accept": lambda: verbs.accept_matter(actor, matter=matter),
        "pass": lambda: verbs.pass_to_back_office(actor, matter=matter, reason=step.words),
        "refuse": lambda: verbs.refuse_matter(actor, matter=matter, reason=step.words),
        "note": lambda: verbs.note_handling(actor, matter=matter, words=step.words, before=_photos(step.photo)),
        "feed_back": lambda: verbs.feed_back(
            actor, matter=matter, ending=step.ending, words=step.words, after=_photos(step.photo)
        ),
        "confirm": lambda: verbs.confirm_matter(actor, matter=matter, rating=step.rating, words=step.words),
        "reopen": lambda: verbs.reopen_matter(actor, matter=matter, words=step.words),
        "call_back": lambda: verbs.close_by_call_back(actor, matter=matter, words=step.words),
    }
    done: Matter = deeds[step.verb]()
    return done


def _spot(here: Settled, place: Place) -> Spot:
    building = here.buildings[place.building] if place.building else None
    dwelling = here.dwellings[place.door] if place.door else None
    entrance = dwelling.entrance if dwelling else here.entrances.get((place.building or 0, place.entrance or 0))
    return Spot(building, entrance, dwelling, place.note)


def _photos(name: str) -> Photos:
    return [(f"{name}.jpg", picture(name))] if name else []


def tell_reporters(here: Settled, now: datetime) -> int:
    """The messages that followed the last days' steps, by the same jobs that send them in daily life; how many."""
    with active(here.id):
        told = [verb for verb in trail.VERBS if jobs.tell_reporter.name in trail.followers_of(verb)]
        recent = TrailEntry.objects.filter(verb__in=told, at__gte=now - MESSAGES_FOR)
        # What a colleague wrote down for somebody at the counter was told there and then.
        asked = Matter.objects.exclude(source__in=NOT_THE_REPORTERS).values("id")
        entries = list(recent.filter(subject_id__in=asked).order_by("at", "id"))
        for entry in entries:
            with clock.at(entry.at + timedelta(seconds=2)):
                jobs.tell_reporter(community_id=here.id, entry_id=str(entry.id))
                for message in Message.objects.filter(once_key=f"{entry.verb}:{entry.id}"):
                    sending.send_one(here.id, message.id)
        return len(entries)
