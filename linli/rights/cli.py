"""`linli purge [--dry-run]`: forget whoever's time is over, community by community, and say what was proven."""

from __future__ import annotations

import argparse
from typing import Any


def register(words: Any) -> None:
    purge = words.add_parser("purge", help="到了保存期限的居民信息：删除，并查证没有留下")
    purge.add_argument("--dry-run", action="store_true", help="只看有多少、按哪条规则，不删")
    purge.add_argument("--again", action="store_true", help="恢复备份以后：把已经删过、又回来的人再删掉")
    purge.add_argument("--community", metavar="代码", default="", help="只办一个社区")
    purge.set_defaults(run=_purge, needs_database=True)


def _purge(args: argparse.Namespace) -> int:
    """Exit code 1 when something was found to be left."""
    from linli.core import tenancy
    from linli.core.access import SYSTEM
    from linli.places import queries as places

    from . import actions, queries

    left = 0
    for known in places.communities():
        if args.community and known.code != args.community:
            continue
        if args.again:
            with tenancy.active(known.community.id):
                again = actions.forget_again(SYSTEM)
            if again:
                print(f"{known.community.name}：又回来的 {len(again)} 位")
            left += sum(_say(proof) for proof in again)
            continue
        with tenancy.active(known.community.id):
            due = queries.due_to_forget()
            print(f"{known.community.name}：{len(due)} 位到期")
            for rule in sorted({rule.name for _, rule in due}):
                print(f"  {rule} {sum(each.name == rule for _, each in due)} 位")
            if args.dry_run:
                continue
            proofs = actions.forget_due(SYSTEM)
        left += sum(_say(proof) for proof in proofs)
    return 1 if left else 0


def _say(proof: Any) -> int:
    """Say what one proof found; in how many places something is left."""
    found = "没有留下" if proof.is_clean else f"还留在 {'、'.join(proof.left)}"
    until = proof.in_backups_until
    backups = f"；最后一份有这个人的备份 {until:%Y-%m-%d} 前删除" if until else ""
    searched = f"{proof.tables} 张表 {proof.rows} 行、{proof.opened} 个加密值、{proof.files} 份名册原件"
    print(f"  删除一位，查了 {searched}：{found}{backups}")
    return len(proof.left)
