"""Groups and who is in them now; exports and changes, and who may see which."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.web import NOBODY
from linli.residents import conditions as narrowing
from linli.residents.conditions import Condition
from linli.residents.models import Resident
from linli.residents.queries import residents_visible_to
from linli.residents.searching import search_residents

from .models import Change, Export, ExportState, Group


def _me(actor: Actor) -> UUID:
    """The actor's account; for the machine an id that nobody has."""
    return actor.account_id or NOBODY


def groups_visible_to(actor: Actor) -> QuerySet[Group]:
    """The actor's own groups and those shared with the community, by name."""
    if not actor.may(Permission.RESIDENTS_SEE):
        return Group.objects.none()
    return Group.objects.filter(Q(made_by=_me(actor)) | Q(is_shared=True)).order_by("name", "id")


def group_members(actor: Actor, group: Group) -> QuerySet[Resident]:
    """Who is in the group today, as far as the actor may see them, by pinyin. Always current: nobody is kept in it."""
    return narrowing.narrowed(residents_visible_to(actor), conditions_of(group))


def conditions_of(kept: Group | Export | Change) -> list[Condition]:
    """The conditions a group, export or change was made with; those on elements that are gone are left out."""
    return narrowing.of_data(kept.conditions)


def words_of(kept: Group | Export | Change) -> str:
    """年龄满 80 周岁，居民类别是独居; 全部居民."""
    return "，".join(each.words for each in conditions_of(kept)) or "全部居民"


def exports_visible_to(actor: Actor) -> QuerySet[Export]:
    """One's own, and for who may agree to those of others, all; the newest first."""
    rows = Export.objects.order_by("-made_at", "-id")
    if actor.may(Permission.EXPORTS_AGREE):
        return rows
    return rows.filter(made_by=_me(actor)) if actor.may(Permission.RESIDENTS_EXPORT) else rows.none()


def exports_waiting_for(actor: Actor) -> QuerySet[Export]:
    """What the actor may agree to: others' exports that wait."""
    if not actor.may(Permission.EXPORTS_AGREE):
        return Export.objects.none()
    return Export.objects.filter(state=ExportState.WAITING).exclude(made_by=_me(actor))


def people_of(actor: Actor, export: Export) -> QuerySet[Resident]:
    """Whom the export is of, as far as the actor may see them now."""
    rows = search_residents(actor, export.door) if export.door else residents_visible_to(actor)
    return narrowing.narrowed(rows, conditions_of(export))


def may_fetch(actor: Actor, export: Export) -> bool:
    """Whether the file may be fetched now: by who asked for it, who still holds the rights, while it lies ready."""
    return (
        export.made_by == actor.account_id
        and export.state == ExportState.READY
        and export.expires_at is not None
        and export.expires_at > clock.now()
        and actor.may(Permission.RESIDENTS_EXPORT)
        and (not export.is_unmasked or actor.may(Permission.RESIDENTS_REVEAL))
    )


def changes_visible_to(actor: Actor) -> QuerySet[Change]:
    """One's own changes of many; all for who sees the trail. The newest first."""
    rows = Change.objects.order_by("-made_at", "-id")
    if actor.may(Permission.TRAIL_SEE):
        return rows
    return rows.filter(made_by=_me(actor)) if actor.may(Permission.RESIDENTS_CHANGE_MANY) else rows.none()


def no_file(actor: Actor, export_id: UUID) -> bool:
    """Files of exports are fetched from their own page, where it is recorded; never by their bare address."""
    return False
