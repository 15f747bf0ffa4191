"""Exchanging the key of the blind indexes and the key of the backups while everybody works; what `keys` needs for that, too.

The blind indexes: first everybody looks for numbers under both keys (`core.crypto.BLIND_NEXT`), then everybody writes with the new one, then every
index that has the old one is worked out again, then the old key goes. Cut short, the same command goes on where it stopped. While two keys hold,
`BlindIndexField` itself refuses a number that stands there under the other one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from linli.core.crypto import BLIND_BEFORE, BLIND_NEXT
from linli.ops.home import Home
from linli.ops.processes import CannotRun
from linli.ops.provision import change_secrets, ensure_secrets, new_key

# Longer than any process takes to notice the file: then nobody writes with the old key any more.
NOTICED_SECONDS = 2.5
LONG_TRANSACTION_SECONDS = 300.0
BATCH = 500

Doubles = list[tuple[str, str]]
"""Table and id of rows whose number somebody else has under the new key."""


def rotate_index(path: Path, *, say: Callable[[str], None] = lambda _: None) -> int:
    """Find numbers by a new key from now on; how many indexes were worked out again.

    Raises:
        CannotRun: a roster is being checked, an old transaction does not end, or one number stands there twice; says what to do.
    """
    held = ensure_secrets(path)
    if BLIND_NEXT not in held and BLIND_BEFORE not in held:
        held = change_secrets(path, lambda now: now.update({BLIND_NEXT: new_key()}))
    if BLIND_NEXT in held:
        time.sleep(NOTICED_SECONDS)  # everybody looks for both before anybody writes with the new one
        _refuse_while_rosters_are_checked()
        change_secrets(path, _swap)
    time.sleep(NOTICED_SECONDS)
    wait_for_older_transactions()
    say("新的号码都用新密钥了，正在重算旧的……")
    count, doubles = reindex_all()
    if say_doubles(doubles, say=say):
        raise CannotRun("有号码登记了两次，换到一半。请合并或更正上面这些，再运行一次 linli keys rotate-index。")
    change_secrets(path, lambda now: now.pop(BLIND_BEFORE, None))
    return count


def _swap(held: dict[str, Any]) -> None:
    held[BLIND_BEFORE], held["blind_key"] = held["blind_key"], held.pop(BLIND_NEXT)


def _refuse_while_rosters_are_checked() -> None:
    """Rows of one roster are compared with each other by their keys: half of them under another key would hide a row told twice."""
    from linli.imports.models import Import, State

    if Import._base_manager.using("owner").filter(state=State.CHECKING).exists():
        raise CannotRun("有一份花名册正在核对。请等它核对完（几分钟），再运行一次；新密钥已经备好，还没有用。")


def say_doubles(doubles: Doubles, *, say: Callable[[str], None]) -> bool:
    """Say which rows they are, by id; whether there are any."""
    for table, row in doubles:
        say(f"{table} 里编号 {row} 的号码，另一条也有。")
    return bool(doubles)


# -- the indexes


def reindex_all() -> tuple[int, Doubles]:
    """Work out again, with the current key, every index of every community that is not so yet; how many, and those that could not be."""
    from linli.core.fields import blind_fields

    count, doubles = 0, []
    for model, fields in blind_fields():
        held: list[Any] = []
        for pks in _batches(model):
            changed, left, wrong = _reindex(model, fields, pks, waits=False)
            count, held = count + changed, held + left
            doubles += wrong
        for pk in held:  # somebody was at them: one by one, so that nobody waits for anybody in a circle
            changed, _, wrong = _reindex(model, fields, [pk], waits=True)
            count += changed
            doubles += wrong
    return count, doubles


def _batches(model: Any) -> Iterator[list[Any]]:
    pks = list(model._base_manager.using("owner").order_by("pk").values_list("pk", flat=True))
    for at in range(0, len(pks), BATCH):
        yield pks[at : at + BATCH]


def _reindex(model: Any, fields: list[Any], pks: list[Any], *, waits: bool) -> tuple[int, list[Any], Doubles]:
    """How many changed, the rows somebody holds, and the rows whose number is there twice."""
    from django.db import IntegrityError, transaction

    rows = model._base_manager.using("owner")
    changed, doubles = 0, []
    with transaction.atomic(using="owner"):
        mine = rows.filter(pk__in=pks).select_for_update(of=("self",), skip_locked=not waits).order_by("pk")
        names = sorted({name for field in fields for name in (field.of, field.attname)})
        told = {row["pk"]: row for row in mine.values("pk", *names)}
        for pk, row in told.items():
            stale = {f.attname: new for f in fields if (new := f.index_of(row[f.of])) != row[f.attname]}
            if not stale:
                continue
            try:
                with transaction.atomic(using="owner"):
                    changed += rows.filter(pk=pk).update(**stale) and len(stale)
            except IntegrityError:
                doubles.append((str(model._meta.db_table), str(pk)))
    return changed, [pk for pk in pks if pk not in told], doubles


# -- who may still write with the old key


def transaction_now() -> int:
    """A transaction number: whoever writes and has a smaller one began before this moment."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


def writes_from_before(number: int) -> bool:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0]) <= number


def wait_for_older_transactions() -> int:
    """Until nobody writes who may have read the old key; the number from which on nobody did."""
    number, deadline = transaction_now(), time.monotonic() + LONG_TRANSACTION_SECONDS
    while writes_from_before(number):
        if time.monotonic() > deadline:
            raise CannotRun(
                "有一个操作开始了五分钟还没结束，不等了。新内容已用新密钥；请过一会儿再运行 同一条命令，它会接着改完。"
            )
        time.sleep(0.2)
    return number


# -- the key of the backups


def rotate_backup(home: Home, *, say: Callable[[str], None] = lambda _: None) -> str:
    """Seal with a new key from now on: what is received, the files, and a new base backup; the key's id. Nothing stops meanwhile.

    Raises CannotRun: there is no backup yet, or the new one could not be made (what was received until then stays of use).
    """
    from linli.ops.backup.words import backup_now, store_of

    store = store_of(home)
    if store is None or not store.path.exists():
        raise CannotRun("还没有备份过，没有要换的。请先运行 linli backup --to 目录。")
    added = ""

    def add(held: dict[str, Any]) -> None:
        nonlocal added
        numbers = [int(name[1:]) for name in held["backup_keys"] if name[1:].isdigit()]
        added = f"b{max(numbers, default=0) + 1}"
        held["backup_keys"][added] = new_key()
        held["backup_key_current"] = added

    change_secrets(home.secrets, add)
    say("新收到的改动都用新密钥了，正在另做一份完整的备份……")
    backup_now(home)
    count = _seal_files_again(home)
    say(f"照片和附件 {count} 份改用新密钥了。")
    return added


def _seal_files_again(home: Home) -> int:
    from linli.ops.backup.sealing import key_of_file, seal_again
    from linli.ops.backup.store import SEALED
    from linli.ops.backup.words import keys_of, store_of

    store, keys, count = store_of(home), keys_of(home.secrets), 0
    assert store is not None
    for path in list(store.home.rglob(f"*{SEALED}")):
        if key_of_file(path) == keys.current:
            continue
        name = "home/" + str(path.relative_to(store.home))[: -len(SEALED)]
        again, stamp = path.with_name(path.name + ".again"), path.stat()
        try:
            seal_again(path, again, keys, name)
            os.utime(again, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
            if path.stat().st_mtime_ns == stamp.st_mtime_ns:  # not copied anew meanwhile
                again.rename(path)
                count += 1
        finally:
            again.unlink(missing_ok=True)
    return count


def retire_backup(home: Home, key: str) -> None:
    """Take a backup key out of the secrets file. Raises CannotRun: it is the current one, or a file of the backup needs it."""
    from linli.ops.backup.sealing import key_of_file
    from linli.ops.backup.store import PART, SEALED
    from linli.ops.backup.words import store_of

    if key == ensure_secrets(home.secrets)["backup_key_current"]:
        raise CannotRun(f"现在正用备份密钥 {key}。请先运行 linli keys rotate-backup 换用新的。")
    store = store_of(home)
    files = [p for p in store.path.rglob("*") if p.suffix in {SEALED, PART}] if store and store.path.exists() else []
    if count := sum(key_of_file(path) == key for path in files):
        raise CannotRun(f"备份里还有 {count} 个文件用着密钥 {key}，扔掉就打不开了。请等旧备份到期，再试。")
    change_secrets(home.secrets, lambda held: held["backup_keys"].pop(key))
