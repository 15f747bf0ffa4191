"""`linli backup`, `linli restore`, and the process that receives the WAL all day (`linli wal`)."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from linli.core.clock import SHANGHAI
from linli.core.kept import BACKUP_DAYS
from linli.ops.backup.store import Store, read_json, write_json
from linli.ops.home import Home
from linli.ops.postgres import Cluster
from linli.ops.processes import CannotRun
from linli.ops.provision import ensure_secrets

KEEP = 7
EXTERNAL = (
    "数据库是外部的（DATABASE_URL 或 LINLI_DB_…），邻里不备份它，也不收它的 WAL：请数据库管理员做连续归档和恢复演练。\n"
    "另外要一起备份的有：{home}/files（照片和附件）、{home}/trail-heads（留痕封签）、{secrets}（密钥，单独存放）。"
)


def register(words: Any) -> None:
    backup = words.add_parser("backup", help="备份：完整的一份，并从此连续接收每一笔改动")
    backup.add_argument("--to", metavar="目录", help="存在哪里（最好是另一块盘）；第一次要写，以后记着")
    backup.add_argument("--keep", type=int, metavar="份", help=f"留几份完整备份（默认 {KEEP}）")
    backup.add_argument("--days", type=int, metavar="天", help=f"最多留多少天（默认 {BACKUP_DAYS}）；最新的一份总留着")
    backup.set_defaults(run=_backup, needs_database=False)
    restore = words.add_parser("restore", help="从备份恢复；--verify 只演练，不动任何数据")
    restore.add_argument("--verify", action="store_true", help="演练：恢复到临时目录，逐表核对，再清掉")
    restore.add_argument("--to", metavar="目录", help="恢复成一个新的 LINLI_HOME")
    restore.add_argument("--from", dest="source", metavar="目录", help="备份所在的目录；不写就用备份时记下的")
    restore.add_argument("--secrets", metavar="文件", help="另存的密钥文件 secrets.json；不写就用现在的")
    restore.add_argument("--until", default="", metavar="时间", help="只恢复到这一刻，例如 2026-11-25T10:00+08:00")
    restore.add_argument("--scratch", metavar="目录", help="演练用的临时目录放在哪里")
    restore.set_defaults(run=_restore, needs_database=False)
    wal = words.add_parser("wal")
    wal.set_defaults(run=_wal, needs_database=False)
    proof = words.add_parser("proof")
    proof.set_defaults(run=_proof, needs_database=True)


# -- what is remembered in the home


def noted(home: Home) -> dict[str, Any]:
    """Where this home's backup goes and how many are kept; {} where nobody has said so yet."""
    return read_json(home.path / "backup.json") or {}


def store_of(home: Home) -> Store | None:
    held = noted(home)
    return Store(Path(held["directory"])) if held else None


def keys_of(secrets: Path) -> Any:
    """The ring backups are sealed with, as the secrets file has it at any time."""
    from linli.ops.backup.sealing import FollowingKeys

    ensure_secrets(secrets)
    return FollowingKeys(secrets)


def is_due(home: Home, *, now: float) -> bool:
    """Whether the house makes its weekly backup by itself: after seven days in the small hours, after eight at any hour."""
    store = store_of(home)
    bases = store.list_bases() if store is not None else []
    if not bases:
        return False  # nobody has said where to, or the disk is not there: doctor says so
    days = (now - bases[-1].at) / (24 * 3600)
    return days > 8 or (days > 7 and 2 <= datetime.fromtimestamp(now, SHANGHAI).hour < 5)


def clock(at: float) -> str:
    return datetime.fromtimestamp(at, SHANGHAI).strftime("%m-%d %H:%M:%S")


def is_external() -> bool:
    return bool(os.environ.get("DATABASE_URL")) or Home.given_logins() is not None


def _refuse_external(home: Home) -> None:
    if is_external():
        raise CannotRun(EXTERNAL.format(home=home.path, secrets=home.secrets))


# -- the words


def _backup(args: argparse.Namespace) -> int:
    home = Home.of_environment()
    _refuse_external(home)
    held = noted(home)
    directory = args.to or held.get("directory")
    if not directory:
        raise CannotRun("请写上备份存在哪里，最好是另一块盘：linli backup --to /mnt/backup/linli")
    keep = args.keep or held.get("keep", KEEP)
    if keep < 1:
        raise CannotRun("至少要留 1 份备份。")
    days = args.days or held.get("days", BACKUP_DAYS)
    if days < 8:
        raise CannotRun("备份每周做一份，至少要留 8 天。")
    if not (Cluster(home.path).data / "PG_VERSION").exists():
        raise CannotRun(f"{home.path} 里还没有数据。请先运行邻里，再备份。")
    store = Store(Path(directory))
    if home.path == store.path or home.path in store.path.parents:
        raise CannotRun(f"{store.path} 在数据目录里面：数据丢了，备份也就丢了。请换一个地方。")
    base, mark = _back_up(home, store, keep=keep, days=days)
    words = f"，{sum(int(count) for count, _ in mark.tables.values())} 行已记下核对值" if mark else ""
    print(f"备份做好了：{store.bases / base.name}，{base.size_bytes / 1024**2:.0f} MB，用 {base.seconds} 秒{words}。")
    print(f"密钥不在备份里。请把 {home.secrets} 另存一份在别处：没有它，备份打不开。")
    if store.path.stat().st_dev == home.path.stat().st_dev:
        print("备份和数据在同一块盘上，盘坏了会一起丢。请换到另一块盘：linli backup --to 目录")
    return 0


def _back_up(home: Home, store: Store, *, keep: int, days: int) -> Any:
    from linli.ops.backup.taking import back_up

    database = home.open_database()
    try:
        assert database.cluster is not None
        made = back_up(
            home.path, database.cluster, store, keys_of(home.secrets), database=database.name, keep=keep, days=days
        )
        write_json(home.path / "backup.json", {"directory": str(store.path), "keep": keep, "days": days})
    finally:
        database.close()
    return made


def backup_now(home: Home) -> None:
    """Another base backup, where and as the last one was made."""
    held, store = noted(home), store_of(home)
    assert store is not None
    _back_up(home, store, keep=held.get("keep", KEEP), days=held.get("days", BACKUP_DAYS))


def _restore(args: argparse.Namespace) -> int:
    if args.verify == bool(args.to):
        raise CannotRun("请写一样：--verify（演练，不动任何数据）或 --to 目录（真的恢复）。")
    home = Home.of_environment()
    secrets = Path(args.secrets) if args.secrets else home.secrets
    if not secrets.exists():
        raise CannotRun(f"没有找到密钥文件 {secrets}。备份要用它才打得开：请取来另存的那一份，用 --secrets 写上。")
    store = Store(Path(args.source)) if args.source else store_of(home)
    if store is None:
        if is_external():
            _refuse_external(home)
        raise CannotRun("还没有备份过。请先运行 linli backup --to 目录；或用 --from 写上备份所在的目录。")
    _ = store.system
    return _drill(home, store, secrets, args) if args.verify else _for_real(store, secrets, args)


def _for_real(store: Store, secrets: Path, args: argparse.Namespace) -> int:
    from linli.ops.backup.restoring import restore_to

    target = Path(args.to).expanduser().resolve()
    found = restore_to(store, keys_of(secrets), secrets, target, until=args.until)
    print(f"恢复好了，用 {found.seconds['rto']} 秒。打开它：LINLI_HOME={target} linli serve")
    print("打开后请马上给它另做一份备份：linli backup --to 新目录")
    return int(bool(found.wrong))


def _drill(home: Home, store: Store, secrets: Path, args: argparse.Namespace) -> int:
    from linli.ops.backup.restoring import verify
    from linli.ops.backup.taking import new_mark

    bases = store.list_bases()
    cluster = Cluster(home.path)
    noted_one = store_of(home)
    is_ours = noted_one is not None and noted_one.path == store.path and not is_external()
    lives = is_ours and cluster.data.exists() and cluster.answers()
    marks = [mark for mark in store.list_marks() if bases and mark.timeline == bases[-1].timeline]
    mark = marks[-1] if marks else None
    state = store.state()
    if lives and bases and time.time() - state.seen_at < 5:
        print("邻里开着：先记下现在每张表的内容，再从备份恢复出来比。", flush=True)
        mark = new_mark(cluster, store, database=home.database_of(""), timeline=bases[-1].timeline) or mark
        state = store.state()
    found = verify(store, keys_of(secrets), secrets, mark=mark, scratch=Path(args.scratch) if args.scratch else None)
    behind = max(0.0, state.seen_at - state.received_at) if state.lsn != state.server else 0.0
    write_json(
        store.path / "drill.json",
        {"at": time.time(), "is_good": not found.wrong, "wrong": found.wrong, "seconds": found.seconds},
    )
    if found.wrong:
        print(f"演练没有通过，{len(found.wrong)} 处不对。")
        return 1
    print(
        f"演练通过。最多丢多少（RPO）：收到的和数据库里的相差 {behind:.1f} 秒，最后看见 {clock(state.seen_at)}；"
        f"多久能用（RTO）：{found.seconds['rto']} 秒，连核对一共 {found.seconds['all']} 秒。临时目录已清掉。"
    )
    return 0


def _wal(_args: argparse.Namespace) -> int:
    """Receive until SIGTERM; started by `linli serve` and `demo` once a backup was made."""
    from linli.ops.backup.mirror import Mirror
    from linli.ops.backup.receiver import Receiver

    is_asked_to_stop = False

    def stop(_signum: int, _frame: object) -> None:
        nonlocal is_asked_to_stop
        is_asked_to_stop = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    home = Home.of_environment()
    store = store_of(home)
    if store is None:
        raise CannotRun("还没有备份过。请先运行 linli backup --to 目录。")
    keys, mirror = keys_of(home.secrets), Mirror(home.path, store, keys_of(home.secrets))
    tidy = partial(_tidy, home, store, mirror)
    Receiver(Cluster(home.path).admin_url, store, keys, mirror, tidy=tidy).run(lambda: is_asked_to_stop)
    return 0


def _tidy(home: Home, store: Store, mirror: Any) -> None:
    """Drop what is past its days, so that it goes in time even in weeks in which no backup succeeds."""
    held = noted(home)
    with store.lock("base") as is_ours:  # a backup under way tidies up for itself
        if is_ours and store.prune(held.get("keep", KEEP), days=held.get("days", BACKUP_DAYS), now=time.time()):
            mirror.forget_deleted()


def _proof(_args: argparse.Namespace) -> int:
    from linli.ops.backup.proof import look

    wrong, words = look()
    print(words, file=sys.stderr if wrong else sys.stdout)
    return int(wrong)
