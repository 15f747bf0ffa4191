"""`linli community add CODE NAME`: an empty community, ready for its first day."""

from __future__ import annotations

import argparse
import sys
from typing import Any


def register(subparsers: Any) -> None:
    """Add the word `community` to linli's command line; `run(args)` returns the exit code."""
    words = subparsers.add_parser("community", help="社区：新建").add_subparsers(required=True, metavar="add")
    add = words.add_parser("add", help="新建一个空的社区，接着在网页上做首日准备")
    add.add_argument("code", help="社区代码，12 位")
    add.add_argument("name", help="名称，例如 大浒弄社区")
    add.set_defaults(run=add_command, needs_database=True)


def add_command(args: argparse.Namespace) -> int:
    """Make the community with the usual kinds of matters. Exit code 0; 1 with the reason in words."""
    from django.db import transaction
    from django.db.models import Max

    from linli.accounts.queries import operator
    from linli.core.errors import Problem
    from linli.core.tenancy import active
    from linli.matters.actions import set_up_kinds, set_up_routing
    from linli.places.actions import set_up_community
    from linli.places.models import Community

    try:
        with transaction.atomic():
            following = (Community.objects.aggregate(most=Max("id"))["most"] or 0) + 1
            community = set_up_community(operator(), id=following, name=args.name, code=args.code)
            with active(community.id):
                set_up_kinds(operator(community.id))
                set_up_routing(operator(community.id))
    except Problem as problem:
        print(problem.message, file=sys.stderr)
        return 1
    print(f"{args.name}（{args.code}）建好了。接下来：linli post grant 用户名 secretary --community {args.code}")
    print(f"书记登录后打开 /c/{args.code}/desk/first-day/，照着五步做。")
    return 0
