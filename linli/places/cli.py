"""`linli areas load FILE` and `linli areas show CODE`."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any


def register(subparsers: Any) -> None:
    """Add the word `areas` to linli's command line; each command's `run(args)` returns the exit code."""
    areas = subparsers.add_parser("areas", help="区划代码：装入、查看")
    words = areas.add_subparsers(dest="areas_word", required=True, metavar="load|show")
    load = words.add_parser("load", help="装入区划代码表（csv 或 csv.gz:code,level,name,parent_code）")
    load.add_argument("file", type=Path, nargs="?", help="文件；不写就用自带的浙江省代码表")
    load.add_argument("--from", dest="valid_from", type=date.fromisoformat, help="启用日期，例如 2023-06-30")
    load.set_defaults(run=load_command)
    show = words.add_parser("show", help="查看一个代码属于哪里、下面有什么")
    show.add_argument("code", help="区划代码，2 到 12 位")
    show.set_defaults(run=show_command)


def load_command(args: argparse.Namespace) -> int:
    """Load a list of areas as the owner. Exit code 0; 1 with the reason in words."""
    from .areas import VALID_FROM_2023, ZHEJIANG, UnfitAreaList, load_areas

    started = perf_counter()
    try:
        done = load_areas(args.file or ZHEJIANG, valid_from=args.valid_from or VALID_FROM_2023)
    except (OSError, UnfitAreaList) as broken:
        print(f"没有装入：{broken}。请检查文件后再试。")
        return 1
    seconds = perf_counter() - started
    print(f"读到 {done.read:,} 行，新增 {done.added:,} 行，停用 {done.closed:,} 行，用时 {seconds:.1f} 秒。")
    return 0


def show_command(args: argparse.Namespace) -> int:
    """Print the chain from the province down and the number of areas below. Exit code 1 for an unknown code."""
    from . import queries

    chain = queries.area_chain(args.code)
    if not chain or chain[-1].code != args.code:
        print(f"没有找到代码 {args.code}。先用 linli areas load 装入代码表，或看看位数对不对（2、4、6、9、12 位）。")
        return 1
    for depth, area in enumerate(chain):
        print(f"{'  ' * depth}{area.code} {area.name}（{area.get_level_display()}，{area.valid_from} 起）")
    below = queries.areas_under(args.code)
    if below:
        print(f"下面有 {len(below)} 个：{'、'.join(area.name for area in below[:12])}{' …' if len(below) > 12 else ''}")
    return 0
