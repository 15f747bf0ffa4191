"""An import as somebody at a terminal goes through it: the same verbs and jobs as on the page, done here and now, and told in lines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from linli.accounts import queries as accounts
from linli.accounts.models import Account
from linli.core.access import Actor
from linli.core.errors import NotFound
from linli.core.tenancy import PLATFORM, active
from linli.places.models import Community
from linli.places.queries import community_by_code

from . import actions, jobs, queries
from .models import Import, ImportRow, Verdict
from .rules.columns import Verdict as ColumnVerdict

PAUSE_SECONDS = 0.3


@dataclass(frozen=True)
class Session:
    """Who imports, and where."""

    community: Community
    actor: Actor

    @classmethod
    def open(cls, *, code: str, username: str) -> Session:
        """Raises NotFound with what to write instead."""
        if code:
            known = community_by_code(code)
            community = known.community if known else None
        else:
            all_here = list(Community.objects.filter(is_active=True).exclude(pk=PLATFORM)[:2])
            community = all_here[0] if len(all_here) == 1 else None
        if community is None:
            raise NotFound("没有找到这个社区。请用 --community 写十二位区划代码。")
        account = Account.objects.filter(username=username).first()
        if account is None:
            raise NotFound(f"没有叫 {username} 的账号。请用 --as 写登录时的用户名。")
        return cls(community, accounts.actor_for(account, community, via="cli"))

    def take_in(self, content: bytes, *, name: str, sender: str) -> list[Import]:
        with active(self.community.pk):
            return actions.take_in(self.actor, content=content, name=name, sender=sender)

    def asked_columns(self, batch: Import) -> list[str]:
        """Headings nobody recognised: from here they cannot be asked about."""
        asked = [column for column in queries.columns_of(batch) if column.verdict is ColumnVerdict.ASKED]
        return [column.heading or f"第 {column.number + 1} 列" for column in asked]

    def judge(self, batch: Import) -> Import | None:
        """The import judged; None when no column is the name."""
        mapping = {int(number): code for number, code in batch.mapping.items()}
        with active(self.community.pk):
            try:
                actions.confirm_columns(self.actor, batch=batch, mapping=mapping, is_remembered=False)
            except actions.NameMissing:
                actions.drop(self.actor, batch=batch)
                return None
        return self._finished(batch)

    def told(self, batch: Import, *, first: int) -> Iterator[str]:
        """How many rows of each kind, and the first that want a look, masked as on the page."""
        counts = batch.counts
        parts = [f"{verdict.label} {counts[verdict.value]}" for verdict in Verdict if counts[verdict.value]]
        yield f"共 {batch.rows_total} 行：{'，'.join(parts) or '没有一行'}。"
        with active(self.community.pk):
            rows = ImportRow.objects.filter(batch=batch).exclude(verdict__in=[Verdict.NEW, Verdict.SAME])
            for shown in queries.rows_shown(self.actor, rows.order_by("number")[:first]):
                changes = [
                    f"{s.name} {s.held or '（空）'} → {s.told}" for s in shown.sides if s.is_different and s.held
                ]
                said = "；".join([*shown.reasons, *changes])
                yield f"第 {shown.row.number} 行 {shown.who} {Verdict(shown.row.verdict).label}：{said}"

    def writes(self, batch: Import) -> int:
        with active(self.community.pk):
            return queries.to_write(batch).count()

    def write(self, batch: Import) -> Import:
        with active(self.community.pk):
            actions.start(self.actor, batch=batch)
        return self._finished(batch)

    def forget(self, batch: Import) -> None:
        with active(self.community.pk):
            actions.drop(self.actor, batch=batch)

    def _finished(self, batch: Import) -> Import:
        """The import once nothing is under way: done here, or by a worker that was quicker to take it."""
        while True:
            jobs.work_on(self.community.pk, batch.pk)
            with active(self.community.pk):
                batch = Import.objects.get(pk=batch.pk)
            if batch.state not in jobs.UNDER_WAY:
                return batch
            time.sleep(PAUSE_SECONDS)
