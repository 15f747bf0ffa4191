"""The process beside the worker that takes half of a large import."""

from __future__ import annotations

import argparse
from typing import Any


def register(words: Any) -> None:
    hand = words.add_parser("import-hand", help="由后台进程启动：分担大的导入")
    hand.set_defaults(run=_hand, needs_database=True)


def _hand(_args: argparse.Namespace) -> int:
    from . import hands, jobs

    return hands.obey(jobs.do)
