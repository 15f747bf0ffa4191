"""`linli account add`, `linli post grant`, `linli token make`: the first accounts, and accounts for other systems."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from getpass import getpass
from typing import Any

from linli.core.access import HELD_WITHOUT_POST, ROLE_NAMES, Role


def register(subparsers: Any) -> None:
    """Add the words `account`, `post` and `token` to linli's command line; each `run(args)` returns the exit code."""
    account = subparsers.add_parser("account", help="账号：开通").add_subparsers(required=True, metavar="add")
    add = account.add_parser("add", help="开通一个工作人员账号；密码从键盘输入，或由管道传入")
    add.add_argument("username", help="用户名：小写字母、数字、点、短横")
    add.add_argument("--name", default="", help="称呼，例如 李娜")
    add.add_argument("--no-password", action="store_true", help="不设密码，只用接口口令（给别的系统用）")
    add.set_defaults(run=add_command, needs_database=True)

    post = subparsers.add_parser("post", help="岗位：任命").add_subparsers(required=True, metavar="grant")
    grant = post.add_parser("grant", help="任命一个岗位，从今天起")
    grant.add_argument("username")
    roles = [role.value for role in Role if role not in HELD_WITHOUT_POST]
    grant.add_argument("role", choices=roles, help="、".join(f"{role} {ROLE_NAMES[Role(role)]}" for role in roles))
    grant.add_argument("--community", help="社区代码，12 位")
    grant.add_argument("--sub-area", help="片区编号（小区专员）")
    grant.add_argument("--street", help="街道代码，9 位（街道干部）")
    grant.set_defaults(run=grant_command, needs_database=True)

    token = subparsers.add_parser("token", help="接口口令：生成").add_subparsers(required=True, metavar="make")
    make = token.add_parser("make", help="为一个账号生成接口口令，只显示这一次")
    make.add_argument("username")
    make.add_argument("name", help="给谁用，例如 街道数据看板")
    make.add_argument("--write", action="store_true", help="除了查看，也可以办理")
    make.add_argument("--community", help="只在这个社区有效：社区代码，12 位")
    make.add_argument("--days", type=int, default=365, help="有效天数，1 到 365")
    make.set_defaults(run=make_command, needs_database=True)


def _told(work: Any) -> int:
    """Run `work`; an expected problem is told in its own words. 0 done, 1 not."""
    from linli.core.errors import Problem

    try:
        print(work())
    except Problem as problem:
        print(problem.message, file=sys.stderr)
        return 1
    return 0


def add_command(args: argparse.Namespace) -> int:
    from . import actions, queries

    password = None
    if not args.no_password:
        password = getpass("密码：") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")

    def work() -> str:
        actor = queries.operator()
        actions.add_account(actor, username=args.username, password=password, display_name=args.name)
        return f"账号 {args.username} 开通了。下一步：linli post grant {args.username} 岗位"

    return _told(work)


def _account(username: str) -> Any:
    from linli.core.errors import NotFound

    from .models import Account

    account = Account.objects.filter(username=username).first()
    if account is None:
        raise NotFound(f"没有用户名 {username}。先开通：linli account add {username}")
    return account


def _community(code: str | None) -> Any:
    from linli.core.errors import NotFound
    from linli.places import queries as places

    if code is None:
        return None
    found = places.community_by_code(code)
    if found is None:
        raise NotFound(f"没有代码是 {code} 的社区。请核对 12 位代码，或先建立社区。")
    return found.community


def grant_command(args: argparse.Namespace) -> int:
    from . import actions, queries

    def work() -> str:
        community = _community(args.community)
        post = actions.grant_post(
            queries.operator(),
            account=_account(args.username),
            role=Role(args.role),
            community=community,
            sub_area_id=_sub_area(community, args.sub_area),
            street_code=args.street,
        )
        return f"已任命：{args.username}，{ROLE_NAMES[Role(post.role)]}，{post.valid_from} 起。"

    return _told(work)


def _sub_area(community: Any, code: str | None) -> Any:
    from linli.core import tenancy
    from linli.core.errors import NotFound
    from linli.places.models import SubArea

    if code is None or community is None:
        return None
    with tenancy.active(community.id):
        row = SubArea.objects.filter(code=code).first()
        if row is None:
            raise NotFound(
                f"没有编号是 {code} 的片区。现有：{'、'.join(SubArea.objects.values_list('code', flat=True))}"
            )
        return row.pk


def make_command(args: argparse.Namespace) -> int:
    from . import actions, queries
    from .models import Scope

    def work() -> str:
        _, secret = actions.make_token(
            queries.operator(),
            account=_account(args.username),
            name=args.name,
            scopes=[Scope.READ, Scope.WRITE] if args.write else [Scope.READ],
            community=_community(args.community),
            life=timedelta(days=args.days),
        )
        return secret

    return _told(work)
