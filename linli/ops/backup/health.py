"""How the backup is, for `linli doctor`: its age, whether changes still arrive, and when it was last shown to be of use."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from linli.ops.backup.store import Store, lsn_of
from linli.ops.backup.words import clock, is_external, noted
from linli.ops.doctor import Finding, Level
from linli.ops.home import Home

DAY = 24 * 3600
OLD_BASE_DAYS, OLD_DRILL_DAYS = 8, 31
SILENT_SECONDS = 30
FIRST = "运行：linli backup --to 另一块盘上的目录。"


def look(home: Home) -> Iterator[Finding]:
    """What is so, and what to do; nothing where there is nothing to back up yet."""
    if is_external():
        yield Finding(
            "备份",
            Level.LOOK,
            "数据库是外部的，邻里不备份它",
            "请数据库管理员做连续归档和恢复演练；见 docs/how-to/backup.md。",
        )
        return
    if not (home.path / "postgres").exists() and not (home.path / "postgres.path").exists():
        return
    held = noted(home)
    if not held:
        level = Level.WRONG if home.profile == "production" else Level.GOOD
        yield Finding("备份", level, "还没有备份", FIRST)
        return
    store = Store(Path(held["directory"]))
    if not store.path.exists():
        yield Finding("备份", Level.WRONG, f"备份目录 {store.path} 不见了", f"接上那块盘；或{FIRST}")
        return
    yield _bases(store)
    yield _stream(home, store)
    yield _drill(store)
    if store.path.stat().st_dev == home.path.stat().st_dev:
        yield Finding("备份", Level.LOOK, "备份和数据在同一块盘上，盘坏了会一起丢", FIRST)


def _bases(store: Store) -> Finding:
    bases = store.list_bases()
    if not bases:
        return Finding("备份", Level.WRONG, f"{store.path} 里没有做完的备份", "运行：linli backup")
    days = (time.time() - bases[-1].at) / DAY
    says = f"{len(bases)} 份在 {store.path}，最近一份是{_ago(days)}做的（{clock(bases[-1].at)}）"
    if store.state().gap_at > bases[-1].at:
        return Finding("备份", Level.WRONG, f"{says}；之后断过一段，恢复不到断口之后", "马上运行：linli backup")
    if days > OLD_BASE_DAYS:
        return Finding("备份", Level.LOOK, says, "运行：linli backup。每周一次，恢复时要重放的改动才不会太多。")
    return Finding("备份", Level.GOOD, says)


def _stream(home: Home, store: Store) -> Finding:
    state = store.state()
    silent = time.time() - state.seen_at
    if not home.running():
        return Finding("连续备份", Level.GOOD, f"邻里没有打开；最后收到 {clock(state.seen_at)}")
    if silent > SILENT_SECONDS:
        do = f"看日志 {home.log / 'wal.log'}；断得久了数据库会丢掉没收的改动，要重做备份。"
        return Finding("连续备份", Level.WRONG, f"停了，最后收到 {clock(state.seen_at)}", do)
    behind = lsn_of(state.server) - lsn_of(state.lsn)
    return Finding("连续备份", Level.GOOD, f"正在收，{'没有落下' if behind <= 0 else f'还差 {behind // 1024} KB'}")


def _drill(store: Store) -> Finding:
    held = store.drill()
    do = "运行：linli restore --verify"
    if not held:
        return Finding("恢复演练", Level.LOOK, "还没有演练过：没有恢复过的备份不算备份", do)
    days = (time.time() - held["at"]) / DAY
    if not held["is_good"]:
        return Finding(
            "恢复演练", Level.WRONG, f"{_ago(days)}没有通过：{'；'.join(held['wrong'])[:200]}", f"改好后{do}"
        )
    says = f"{_ago(days)}通过，用 {held['seconds'].get('rto', 0)} 秒恢复出来"
    return Finding(
        "恢复演练", Level.LOOK if days > OLD_DRILL_DAYS else Level.GOOD, says, do if days > OLD_DRILL_DAYS else ""
    )


def _ago(days: float) -> str:
    return "今天" if days < 1 else f" {int(days)} 天前"
