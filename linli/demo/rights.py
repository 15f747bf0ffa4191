"""What residents did about their own data lately: agreed, asked, and who looked. Told of 仓基新村 alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from linli.core import clock
from linli.core.access import Actor
from linli.core.tenancy import active
from linli.residents import actions as residents
from linli.residents.models import Resident
from linli.rights import actions as rights
from linli.rights import consents
from linli.rights.models import Way

from .cast import back_office_of
from .settle import Settled

WANG = "10012340001"


def care_for_data(here: Settled, now: datetime) -> None:
    """王芳 agreed to two purposes (the words of one have changed since) and asks for a correction; colleagues have read her record."""
    if WANG not in here.actors:
        return
    wang = here.actors[WANG]
    clerk = here.actors[back_office_of(here.id)[0]]
    with active(here.id):
        herself = Resident.objects.get(pk=min(wang.speaks_for))
        with clock.at(now - timedelta(days=80)):
            version = consents.purposes()["photos"].on(clock.today()).number
            rights.give_consent(
                clerk, resident=herself, purpose="photos", version=version, way=Way.PAPER, note="同意书第 3 盒"
            )
        with clock.at(now - timedelta(days=20)):
            rights.give_consent(wang, resident=herself, purpose="partners", version=1)
        with clock.at(now - timedelta(days=6)):
            residents.reveal(clerk, resident=herself, field="phone", reason="通知领取志愿者证")
        _look(clerk, herself.pk, now - timedelta(days=6, minutes=1), "residents:page")
        _look(clerk, herself.pk, now - timedelta(days=2), "desk:find")
        with clock.at(now - timedelta(days=1)):
            rights.ask_request(
                wang, resident=herself, kind="correct", words="我已经不在原来的单位上班了，工作单位请改掉。"
            )


def _look(actor: Actor, resident_id: UUID, at: datetime, page: str) -> None:
    opened = resident_id if page == "residents:page" else None
    with clock.at(at):
        rights.note_reading(actor, rights.Reading(page, [resident_id], opened))
