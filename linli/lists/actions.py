"""The verbs of lists: keep a group, ask for a file, agree to somebody else's, fetch it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from linli.core import clock, files
from linli.core.access import Actor, Permission
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.locked_zip import drawn_password, locked_zip
from linli.core.models import StoredFile
from linli.core.states import step
from linli.core.trail import record
from linli.residents import conditions as narrowing
from linli.residents import listing
from linli.residents.conditions import Condition

from . import queries, workbook
from .models import Export, ExportState, Group
from .rules import KEPT_HOURS, REASON_LEAST, TWO_PERSONS_ABOVE

ZIP = "application/zip"


class NameWanted(Invalid):
    code, message = "group.name_wanted", "请给这个分组起个名字，例如“80岁以上独居”。"


class NameTaken(Conflict):
    code, message = "group.name_taken", "您已经有一个同名的分组。请换个名字，或先删掉原来那个。"


class NoConditions(Invalid):
    code, message = "group.no_conditions", "还没有条件，存下来就是全部居民。请先在居民清单里加一个条件。"


class ReasonWanted(Invalid):
    code = "export.reason_wanted"
    message = "请写明导出的用途（至少 4 个字），例如“报送街道高龄津贴核对”。"


class NobodyInIt(Conflict):
    code, message = "export.nobody", "这张名单里现在没有人，没有可以导出的。请换个条件再试。"


class OwnExport(NotAllowed):
    code = "export.own"
    message = "自己申请的导出要由另一个人同意。请把这一页告诉社区书记或后台社工。"


class NotReady(Conflict):
    code = "export.not_ready"
    message = "这个文件现在取不了：还没有生成好，或已经过期。请回到导出记录看看，需要时重新申请。"


class PasswordShown(Conflict):
    code, message = "export.password_shown", "密码已经显示过一次，不能再看。没有记下来的话，请重新导出。"


@transaction.atomic
def save_group(
    actor: Actor,
    *,
    name: str,
    conditions: Sequence[Condition],
    columns: Sequence[str] = (),
    sort: str = "name",
    is_shared: bool = False,
) -> Group:
    """Keep a list's conditions under a name, for oneself or for the whole community.

    Raises:
        NotAllowed, NameWanted, NoConditions, NameTaken (one's own groups have different names).
    """
    actor.require(Permission.RESIDENTS_SEE)
    name, kept = " ".join(name.split())[:24], narrowing.as_data(conditions)
    if not name:
        raise NameWanted(field="name")
    if not kept:
        raise NoConditions(field="name")
    group = Group(
        name=name,
        conditions=kept,
        columns=list(columns),
        sort=sort,
        is_shared=is_shared,
        made_by=account_of(actor),
        made_at=clock.now(),
    )
    try:
        with transaction.atomic():
            group.save(force_insert=True)
    except IntegrityError:
        raise NameTaken(field="name") from None
    record(actor, "group.saved", group, is_shared=is_shared)
    return group


@transaction.atomic
def drop_group(actor: Actor, *, group: Group) -> None:
    """Forget a group: one's own; a shared one also by who sees the trail. Nobody in it is touched. Raises NotAllowed."""
    if group.made_by != actor.account_id:
        actor.require(Permission.TRAIL_SEE)
    record(actor, "group.dropped", group)
    group.delete()


@transaction.atomic
def ask_export(
    actor: Actor,
    *,
    name: str,
    conditions: Sequence[Condition],
    door: str = "",
    columns: Sequence[str],
    sort: str = "name",
    is_unmasked: bool = False,
    reason: str,
) -> Export:
    """Ask for a list as a file. Up to TWO_PERSONS_ABOVE people it is made at once; beyond, when somebody else agrees.

    Raises:
        NotAllowed: without RESIDENTS_EXPORT, or unmasked without RESIDENTS_REVEAL.
        ReasonWanted, NobodyInIt.
    """
    actor.require(Permission.RESIDENTS_EXPORT)
    if is_unmasked:
        actor.require(Permission.RESIDENTS_REVEAL)
    if len(reason.strip()) < REASON_LEAST:
        raise ReasonWanted(field="reason")
    export = Export(
        name=name[:60],
        conditions=narrowing.as_data(conditions),
        door=door,
        columns=[column.code for column in listing.columns_of(columns)],
        sort=sort,
        is_unmasked=is_unmasked,
        reason=reason.strip()[:200],
        made_by=account_of(actor),
        made_at=clock.now(),
    )
    export.count = queries.people_of(actor, export).order_by().count()
    if not export.count:
        raise NobodyInIt()
    export.state = ExportState.WAITING if export.count > TWO_PERSONS_ABOVE else ExportState.MAKING
    export.save(force_insert=True)
    record(actor, "export.asked", export, **_told(export))
    return export


def account_of(actor: Actor) -> UUID:
    """Whoever makes something of a list stands for it. Raises NotAllowed for the machine itself."""
    if actor.account_id is None:
        raise NotAllowed()
    return actor.account_id


def _told(export: Export) -> dict[str, Any]:
    return {
        "count": export.count,
        "columns": export.columns,
        "is_unmasked": export.is_unmasked,
        "reason": export.reason,
    }


@transaction.atomic
def decide_export(actor: Actor, *, export: Export, is_agreed: bool, answer: str = "") -> Export:
    """Agree to an export that somebody else asked for, or do not. The row's lock lets one decision count.

    Raises:
        NotAllowed: without EXPORTS_AGREE; for unmasked numbers also without RESIDENTS_REVEAL.
        OwnExport: it is the actor's own (the database refuses it too).
        OutOfTurn: somebody has decided already.
    """
    actor.require(Permission.EXPORTS_AGREE)
    export = Export.objects.select_for_update().get(pk=export.pk)
    if export.made_by == actor.account_id:
        raise OwnExport()
    if is_agreed and export.is_unmasked:
        actor.require(Permission.RESIDENTS_REVEAL)
    step(export, ExportState.MAKING if is_agreed else ExportState.REFUSED)
    export.decided_by, export.decided_at, export.answer = actor.account_id, clock.now(), answer.strip()[:200]
    export.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    record(actor, "export.agreed" if is_agreed else "export.refused", export, count=export.count)
    return export


@transaction.atomic
def make_file(actor: Actor, *, export: Export, who: str) -> Export:
    """Write the file as `actor`, who asked for it, may see people now; `who` stands on every page of it.

    A list that has grown past the limit since goes back to wait for a second person.
    """
    export = Export.objects.select_for_update().get(pk=export.pk)
    if export.state != ExportState.MAKING:
        return export
    actor.require(Permission.RESIDENTS_EXPORT)
    if export.is_unmasked:
        actor.require(Permission.RESIDENTS_REVEAL)
    rows = listing.sorted_by(listing.with_stays(queries.people_of(actor, export)), export.sort)
    content, count = workbook.written(export, rows, who=who, words=queries.words_of(export))
    export.count = count
    if count > TWO_PERSONS_ABOVE and export.decided_by is None:
        step(export, ExportState.WAITING)
        export.save(update_fields=["state", "count"])
        return export
    now = clock.now()
    export.password = drawn_password()
    inside = f"{export.name}{now.astimezone(clock.SHANGHAI):%Y%m%d}"
    sealed = files.made_here(locked_zip(f"{inside}.xlsx", content, export.password), media_type=ZIP, suffix=".zip")
    files.keep(actor, export, [(f"{inside}.zip", sealed)], purpose="export")
    step(export, ExportState.READY)
    export.expires_at = now + timedelta(hours=KEPT_HOURS)
    export.save(update_fields=["state", "count", "password", "expires_at"])
    record(actor, "export.made", export, **_told(export))
    return export


@transaction.atomic
def show_password(actor: Actor, *, export: Export) -> str:
    """The file's password, once, to who asked for the file. Raises NotReady, PasswordShown."""
    export = Export.objects.select_for_update().get(pk=export.pk)
    if not queries.may_fetch(actor, export):
        raise NotReady()
    if export.password is None:
        raise PasswordShown()
    password, export.password, export.password_shown_at = export.password, None, clock.now()
    export.save(update_fields=["password", "password_shown_at"])
    record(actor, "export.password_shown", export)
    return str(password)


@transaction.atomic
def fetch_file(actor: Actor, *, export: Export) -> StoredFile:
    """The file, to hand it out now; each time is on the trail. Raises NotReady."""
    if not queries.may_fetch(actor, export):
        raise NotReady()
    stored = files.files_of(export)
    if not stored:
        raise NotReady()
    record(actor, "export.fetched", export, count=export.count)
    return stored[0]


@transaction.atomic
def take_all_away(actor: Actor) -> int:
    """Every file of a list goes before its time, because somebody in it may be forgotten; how many. Who needs one asks again."""
    ready = list(Export.objects.select_for_update().filter(state=ExportState.READY).order_by("id"))
    _take_away(actor, ready)
    return len(ready)


@transaction.atomic
def let_expire(actor: Actor) -> int:
    """Take away every file past its time, and what nobody decided on for a week; how many."""
    now = clock.now()
    late = Export.objects.select_for_update().filter(state=ExportState.READY, expires_at__lte=now)
    forgotten = Export.objects.select_for_update().filter(
        state=ExportState.WAITING, made_at__lte=now - timedelta(days=7)
    )
    rows: list[Export] = [*late.order_by("id"), *forgotten.order_by("id")]
    _take_away(actor, rows)
    return len(rows)


def _take_away(actor: Actor, rows: list[Export]) -> None:
    for export in rows:
        files.drop(files.files_of(export))
        step(export, ExportState.EXPIRED)
        export.password = None
        export.save(update_fields=["state", "password"])
        record(actor, "export.expired", export)
