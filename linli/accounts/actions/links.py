"""An account asks to be known as a register entry; a person decides. Neither a phone nor a name alone is proof."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from linli.accounts.models import Account, LinkState, ResidentLink
from linli.core import clock, tenancy, trail
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.identifiers import normalise_name
from linli.core.states import step
from linli.residents.models import Resident


class LinkAsked(Conflict):
    code, message = "accounts.link_asked", "您的申请正在等社工确认，不用再交一次。要改内容，请先撤回原来的申请。"


class LinkKnown(Conflict):
    code, message = "accounts.link_known", "这位居民已经和这个账号关联好了，不用再确认。"


class DoorMissing(Invalid):
    code, message = "accounts.door_missing", "请写上门牌，例如 48幢2单元301，社工好核对。"


class ReasonMissing(Invalid):
    code, message = "accounts.reason_missing", "请写一句原因，申请人会看到，例如：门牌对不上，请带身份证来服务大厅。"


@transaction.atomic
def request_link(actor: Actor, *, name: str, door: str) -> ResidentLink:
    """Ask to be known in the active community as the resident `name` behind `door`, both as typed.

    Raises:
        NotAllowed: not signed in.
        NameWrong, DoorMissing
        LinkAsked: an earlier request still waits.
    """
    if actor.account_id is None:
        raise NotAllowed()
    door = door.strip()[:80]
    if not door:
        raise DoorMissing(field="door")
    with constraint("link_asked_once", broken=LinkAsked):
        link = ResidentLink.objects.create(
            account_id=actor.account_id, stated_name=normalise_name(name), stated_door=door, requested_at=clock.now()
        )
    _remember_home(actor.account_id, tenancy.current_id())
    trail.record(actor, "link.requested", link)
    return link


def _remember_home(account_id: UUID, community_id: int) -> None:
    account = Account.objects.select_for_update().get(pk=account_id)
    if community_id not in account.lives_in:
        account.lives_in = sorted([*account.lives_in, community_id])
        account.save(update_fields=["lives_in"])


@transaction.atomic
def confirm_link(actor: Actor, *, link: ResidentLink, resident: Resident) -> ResidentLink:
    """Staff have checked that the account belongs to `resident`.

    Raises:
        NotAllowed: the actor may not confirm links, or would confirm their own.
        OutOfTurn: already decided.
        LinkKnown: this account is confirmed to be this resident already.
    """
    actor.require(Permission.RESIDENTS_LINK)
    link = ResidentLink.objects.select_for_update().get(pk=link.pk)
    if link.account_id == actor.account_id:
        raise NotAllowed("自己的申请请让同事来确认。")
    if link.state == LinkState.CONFIRMED and link.resident_id == resident.pk:
        return link
    step(link, LinkState.CONFIRMED)
    link.resident, link.decided_at, link.decided_by = resident, clock.now(), actor.account_id
    with constraint("link_live_once", broken=LinkKnown):
        link.save()
    trail.record(actor, "link.confirmed", link, touches=[resident.pk], resident_id=resident.pk, account=link.account_id)
    return link


@transaction.atomic
def refuse_link(actor: Actor, *, link: ResidentLink, reason: str) -> ResidentLink:
    """Staff could not confirm it; `reason` is shown to the one who asked.

    Raises:
        NotAllowed, OutOfTurn, ReasonMissing
    """
    actor.require(Permission.RESIDENTS_LINK)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    link = ResidentLink.objects.select_for_update().get(pk=link.pk)
    if link.state == LinkState.REFUSED:
        return link
    step(link, LinkState.REFUSED)
    link.decided_at, link.decided_by, link.reason = clock.now(), actor.account_id, reason.strip()[:200]
    link.save()
    trail.record(actor, "link.refused", link, account=link.account_id)
    return link


@transaction.atomic
def end_link(actor: Actor, *, link: ResidentLink) -> ResidentLink:
    """End a link or withdraw a request: its own account does, or staff who confirm links. It acts at the next request.

    Raises:
        NotAllowed, OutOfTurn
    """
    if link.account_id != actor.account_id or actor.account_id is None:
        actor.require(Permission.RESIDENTS_LINK)
    link = ResidentLink.objects.select_for_update().get(pk=link.pk)
    if link.state == LinkState.ENDED:
        return link
    step(link, LinkState.ENDED)
    link.ended_at = clock.now()
    link.save(update_fields=["state", "ended_at"])
    touched = [link.resident_id] if link.resident_id else []
    trail.record(actor, "link.ended", link, touches=touched, account=link.account_id)
    return link
