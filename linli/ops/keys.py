"""`linli keys`: exchanging the key of the encrypted fields while the community works.

    add      a new key that everybody can read with; nothing is written with it yet
    rotate   the newest key writes from now on, and every value with an older one is written again
    retire   an old key is thrown away, once nothing is left that needs it

The two other keys are exchanged in `exchanging`: rotate-index (by which numbers are found), rotate-backup.

Running processes look at the secrets file at least once a second (`core.crypto.FollowingRing`): no restart, no signal.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from linli.ops import exchanging
from linli.ops.home import Home
from linli.ops.processes import CannotRun
from linli.ops.provision import change_secrets, ensure_secrets, new_key


def register(words: Any) -> None:
    keys = words.add_parser("keys", help="加密个人信息的密钥：看、换新").add_subparsers(metavar="动作", required=True)
    for name, what, run in (
        ("list", "有哪些密钥，各还有多少内容在用", _list),
        ("add", "加一把新密钥（还不用它写）", _add),
        ("rotate", "换用新密钥，并把旧内容逐条改用它；照常使用，不用停", _rotate),
        ("retire", "扔掉一把没有内容再用的旧密钥", _retire),
        ("rotate-index", "换用新的查找密钥（按号码找人用），并重算每一条；照常使用", _rotate_index),
        ("reindex", "用现在的查找密钥重算每一条（恢复到较早的时刻以后用）", _reindex),
        ("rotate-backup", "换用新的备份密钥，并另做一份备份；照常接收", _rotate_backup),
    ):
        word = keys.add_parser(name, help=what)
        word.set_defaults(run=run, needs_database=name not in {"add", "rotate-backup"})
        if name == "retire":
            word.add_argument("key", metavar="密钥", help="编号，见 keys list")


def _list(_args: argparse.Namespace) -> int:
    held, used = ensure_secrets(_path()), uses()
    for key in sorted({*held["field_keys"], *used}, key=_order):
        now = "，现在用它写" if key == held["field_key_current"] else ""
        gone = "" if key in held["field_keys"] else "，密钥文件里没有它，这些内容打不开"
        print(f"{key}：{used[key]} 处{now}{gone}")
    return int(any(key not in held["field_keys"] for key in used))


def _add(_args: argparse.Namespace) -> int:
    print(f"加了密钥 {add(_path())}，还没有用它写。请把 {_path()} 另存一份，再运行 linli keys rotate。")
    return 0


def _rotate(_args: argparse.Namespace) -> int:
    path = _path()
    key = rotate(path, say=lambda words: print(words, flush=True))
    print(f"都改用密钥 {key} 了。请把 {path} 另存一份；旧密钥过些天用 linli keys retire 扔掉。")
    return 0


def _retire(args: argparse.Namespace) -> int:
    if args.key in ensure_secrets(_path())["backup_keys"]:
        exchanging.retire_backup(Home.of_environment(), args.key)
    else:
        retire(_path(), args.key)
    print(f"扔掉了密钥 {args.key}。另存的旧密钥文件也请换成现在的 {_path()}。")
    return 0


def _rotate_index(_args: argparse.Namespace) -> int:
    count = exchanging.rotate_index(_path(), say=lambda words: print(words, flush=True))
    print(f"查找密钥换好了，重算了 {count} 处。请把 {_path()} 另存一份；旧的已经扔掉。")
    return 0


def _reindex(_args: argparse.Namespace) -> int:
    count, doubles = exchanging.reindex_all()
    print(f"查找的索引重算了 {count} 处。")
    return int(exchanging.say_doubles(doubles, say=print))


def _rotate_backup(_args: argparse.Namespace) -> int:
    key = exchanging.rotate_backup(Home.of_environment(), say=lambda words: print(words, flush=True))
    print(f"备份密钥换成 {key} 了。请把 {_path()} 另存一份；旧的等旧备份都到期，用 linli keys retire 扔掉。")
    return 0


def _path() -> Path:
    return Home.of_environment().secrets


def _order(key: str) -> tuple[int, str]:
    return (int(key) if key.isdigit() else 0, key)


# -- what the words do


def add(path: Path) -> str:
    """A new key in the ring; its id."""
    added = ""

    def change(held: dict[str, Any]) -> None:
        nonlocal added
        added = str(max((_order(key)[0] for key in held["field_keys"]), default=0) + 1)
        held["field_keys"][added] = new_key()

    change_secrets(path, change)
    return added


def rotate(path: Path, *, say: Callable[[str], None] = lambda _: None) -> str:
    """Write with the newest key from now on, and write again what has an older one; the key's id.

    A rotation cut short is taken up by the next one: the newest key is current already, and what is old is found by looking.
    """
    held = ensure_secrets(path)
    newest = max(held["field_keys"], key=_order)
    if newest == held["field_key_current"] and not _has_old(held):
        newest = add(path)
        time.sleep(exchanging.NOTICED_SECONDS)  # everybody can read with it before anybody writes with it
    if newest != held["field_key_current"]:
        change_secrets(path, lambda now: now.update(field_key_current=newest))
    time.sleep(exchanging.NOTICED_SECONDS)
    number = exchanging.wait_for_older_transactions()
    for table, changed in rewrap_all():
        if changed:
            say(f"{table}：{changed} 处改用密钥 {newest}")
    change_secrets(path, lambda now: now.update(field_keys_rewrapped_at=time.time(), field_key_xact=number))
    return newest


def retire(path: Path, key: str) -> None:
    """Take `key` out of the ring for good.

    Raises:
        CannotRun: it is the current one, or something still needs it; says what, and when to try again.
    """
    held = ensure_secrets(path)
    if key not in held["field_keys"]:
        raise CannotRun(f"没有密钥 {key}。有哪些见 linli keys list。")
    if key == held["field_key_current"]:
        raise CannotRun(f"现在正用密钥 {key} 写。请先运行 linli keys rotate 换用新的。")
    if exchanging.writes_from_before(held.get("field_key_xact", 0)):
        raise CannotRun("还有换密钥之前就开始的操作没有结束，它可能还在用旧密钥写。请过几分钟再试。")
    if count := uses()[key]:
        raise CannotRun(
            f"还有 {count} 处内容用着密钥 {key}，扔掉就打不开了。请先运行 linli keys rotate；登录中的草稿等 12 小时。"
        )
    if old := _bases_before(held.get("field_keys_rewrapped_at", time.time())):
        raise CannotRun(
            f"还有 {old} 份备份是改完之前做的，回到那时要用密钥 {key}。请等它们到期，或多做几次 linli backup。"
        )
    change_secrets(path, lambda now: now["field_keys"].pop(key))


def uses() -> Counter[str]:
    """Key id → how many values, files and drafts in sessions were written with it."""
    from django.db import connections

    from linli.core.fields import encrypted_fields

    found: Counter[str] = Counter()
    with connections["owner"].cursor() as cursor:
        for model, fields in encrypted_fields():
            for field in fields:
                column, table = (
                    connections["owner"].ops.quote_name(name) for name in (str(field.column), model._meta.db_table)
                )
                cursor.execute(
                    f"SELECT encode(substring({column} FROM 4 FOR get_byte({column}, 2)), 'escape'), count(*) FROM {table} "
                    f"WHERE {column} IS NOT NULL GROUP BY 1"
                )
                found.update(dict(cursor.fetchall()))
    return found + Counter(_keys_of_files()) + Counter(_keys_of_sessions())


def rewrap_all() -> list[tuple[str, int]]:
    """Write every value of every community again that has an old key, and every kept roster; what changed, by table."""
    from linli.core.fields import encrypted_fields, rewrap

    done = []
    for model, fields in encrypted_fields():
        rows = model._base_manager.using("owner").order_by("pk")
        done.append((str(model._meta.db_table), rewrap(rows, [field.name for field in fields])))
    return [*done, ("files", _rewrap_files())]


def _has_old(held: dict[str, Any]) -> bool:
    return any(key != held["field_key_current"] for key in uses())


# -- values outside the tables


def _rosters() -> list[Any]:
    from linli.core.models import StoredFile

    return list(StoredFile._base_manager.using("owner").filter(purpose="roster"))


def _keys_of_files() -> list[str]:
    from django.conf import settings

    from linli.core.crypto import key_of

    paths = [Path(settings.LINLI_FILES) / file.path for file in _rosters()]
    return [key_of(path.read_bytes()) for path in paths if path.exists()]


def _rewrap_files() -> int:
    """The file first, beside its place, then its row: read between the two it opens all the same."""
    import hashlib

    from django.conf import settings

    from linli.core.crypto import field_cipher
    from linli.imports.checking import FILE_CONTEXT

    count = 0
    for file in _rosters():
        path = Path(settings.LINLI_FILES) / file.path
        if not path.exists() or not field_cipher().needs_rotation(stored := path.read_bytes()):
            continue
        written = field_cipher().encrypt(field_cipher().decrypt(stored, FILE_CONTEXT), FILE_CONTEXT)
        new = path.with_name(path.name + ".new")
        new.write_bytes(written)
        new.chmod(path.stat().st_mode & 0o777)
        new.rename(path)
        file.sha256, file.size_bytes = hashlib.sha256(written).digest(), len(written)
        file.save(using="owner", update_fields=["sha256", "size_bytes"])
        count += 1
    return count


def _keys_of_sessions() -> list[str]:
    import base64

    from linli.accounts.models import Session
    from linli.core.clock import now
    from linli.core.crypto import key_of

    drafts = (row.get_decoded().get("draft") for row in Session.objects.using("owner").filter(expire_date__gt=now()))
    return [key_of(base64.b64decode(draft)) for draft in drafts if draft]


# -- backups from before


def _bases_before(moment: float) -> int:
    from linli.ops.backup.words import store_of

    store = store_of(Home.of_environment())
    return sum(base.at < moment for base in store.list_bases()) if store is not None and store.path.exists() else 0
