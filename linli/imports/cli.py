"""`linli import FILE`: a roster into the register from the command line; and the process beside the worker that takes half of a large one."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import Any

FIRST = 10
"""So many differences are shown before anything is written."""


def register(words: Any) -> None:
    word = words.add_parser("import", help="导入花名册：先说会改什么，再写入")
    word.add_argument("file", type=Path, help="表格文件（.xlsx、.xls、WPS 或 .csv），原样就行")
    word.add_argument("--community", metavar="代码", help="社区的十二位区划代码；只有一个社区时可以不写")
    word.add_argument("--as", dest="username", metavar="用户名", help="以谁的名义导入；不写就用系统的用户名")
    word.add_argument("--sender", default="", help="谁给的表；收到过同样的表，就按上次确认的各列来")
    word.add_argument("--dry-run", action="store_true", help="只说会改什么，什么也不写")
    word.add_argument("--yes", action="store_true", help="不再询问，直接写入")
    word.set_defaults(run=_import, needs_database=True)
    hand = words.add_parser("import-hand", help="由后台进程启动：分担大的导入")
    hand.set_defaults(run=_hand, needs_database=True)


def _hand(_args: argparse.Namespace) -> int:
    from . import hands, jobs

    return hands.obey(jobs.do)


def _import(args: argparse.Namespace) -> int:
    """Exit code 0: done, or looked at; 1: not done, with the reason; 2: a person has to decide first."""
    from linli.core.errors import Problem

    from . import telling

    try:
        content = args.file.read_bytes()
    except OSError as error:
        return _refuse(f"打不开 {args.file}：{error.strerror}。请检查文件名。")
    try:
        session = telling.Session.open(code=args.community or "", username=args.username or getpass.getuser())
        batches = session.take_in(content, name=args.file.name, sender=args.sender)
    except Problem as problem:
        return _refuse(problem.message)
    return max(_one(session, batch, args) for batch in batches)


def _one(session: Any, batch: Any, args: argparse.Namespace) -> int:
    if batch.sheet:
        print(f"工作表“{batch.sheet}”")
    asked = session.asked_columns(batch)
    for words in asked:
        print(f"  这一列没有认出来，这次不导入：{words}")
    batch = session.judge(batch)
    if batch is None or batch.trouble:
        return _refuse(batch.trouble if batch else "没有一列认得出是姓名。请在网页上确认各列，再导入。")
    for line in session.told(batch, first=FIRST):
        print(f"  {line}")
    if args.dry_run:
        session.forget(batch)
        print("  只是看看，什么也没有写。")
        return 0
    if batch.counts["undecided"]:
        print(f"  有 {batch.counts['undecided']} 行要人来定。请在网页“导入花名册”里定好，再写入。")
        return 2
    if not session.writes(batch):
        print("  没有要写入的行。")
        session.forget(batch)
        return 0
    if not args.yes and not _agrees():
        print("  没有写入。它还在网页“导入花名册”里，可以以后再写。")
        return 1
    done = session.write(batch)
    print(f"  写入了 {done.rows_done} 行。30 天内可以在网页上整批撤销。")
    return 0


def _agrees() -> bool:
    return sys.stdin.isatty() and input("  写入档案吗？写入请输入 是：").strip() in {"是", "y", "yes"}


def _refuse(words: str) -> int:
    print(f"没有导入：{words}", file=sys.stderr)
    return 1
