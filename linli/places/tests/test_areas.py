from __future__ import annotations

import argparse
import gzip
from datetime import date
from pathlib import Path
from time import perf_counter

import pytest
from django.db import ProgrammingError, connection, transaction

from linli.places import cli, queries
from linli.places.areas import UnfitAreaList, load_areas
from linli.places.models import Area

HEADER = "code,level,name,parent_code\n"
SMALL = "33,province,浙江省,\n3301,city,杭州市,33\n330105,county,拱墅区,3301\n330105002,street,湖墅街道,330105\n"


@pytest.fixture
def lists(tmp_path: Path):
    def write(text: str, name: str = "areas.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_enclosed_list_of_zhejiang_loads_fast_and_once(committed_db: None) -> None:
    started = perf_counter()
    first = load_areas()
    assert perf_counter() - started < 3
    assert (first.read, first.added, first.closed) == (27036, 27036, 0)
    again = load_areas()
    assert (again.added, again.closed) == (0, 0)
    assert Area.objects.count() == 27036
    assert [area.name for area in queries.area_chain("330105002053")] == [
        "浙江省",
        "杭州市",
        "拱墅区",
        "湖墅街道",
        "仓基新村社区",
    ]
    assert [area.name for area in queries.areas_under("330105002")][:3] == ["卖鱼桥社区", "双荡弄社区", "仓基新村社区"]


def test_next_years_list_ends_what_it_no_longer_has(committed_db: None, lists) -> None:
    load_areas(lists(HEADER + SMALL + "330105002053,community,仓基新村社区,330105002\n42,province,湖北省,\n"))
    later = HEADER + SMALL.replace("湖墅街道", "新湖墅街道") + "330105002054,community,霞湾巷社区,330105002\n"
    done = load_areas(lists(later), valid_from=date(2024, 6, 30))
    assert (done.added, done.closed) == (2, 2)
    before, after = date(2023, 12, 31), date(2024, 6, 30)
    assert queries.area_chain("330105002053", on=before)[-1].name == "仓基新村社区"
    assert queries.area_chain("330105002053", on=after)[-1].name == "新湖墅街道"
    assert queries.area_chain("42", on=after)[-1].name == "湖北省"  # the list spoke of one province
    with pytest.raises(UnfitAreaList, match="older"):
        load_areas(lists(HEADER + SMALL))


@pytest.mark.parametrize(
    "text",
    [
        "name,code\n",
        HEADER + "33,kingdom,浙江省,\n",
        HEADER + "３３,province,浙江省,\n",
        HEADER + "331,province,浙江省,\n",
        HEADER + "33,province,,\n",
        HEADER + "33,province,浙江省,,more\n",
    ],
)
def test_what_is_no_list_of_areas_is_refused_whole(committed_db: None, lists, text: str) -> None:
    with pytest.raises(UnfitAreaList):
        load_areas(lists(text))
    assert Area.objects.count() == 0


def test_the_serving_role_cannot_change_areas(db: None) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        Area.objects.create(code="33", level="province", name="浙江省", valid_from=date(2023, 1, 1))


def test_the_command_says_what_it_did_and_what_is_wrong(committed_db: None, lists, tmp_path: Path, capsys) -> None:
    packed = tmp_path / "areas.csv.gz"
    packed.write_bytes(gzip.compress((HEADER + SMALL).encode()))
    parser = argparse.ArgumentParser()
    cli.register(parser.add_subparsers())

    def run(*words: str) -> int:
        args = parser.parse_args(["areas", *words])
        return int(args.run(args))

    assert run("load", str(packed)) == 0
    assert "新增 4 行" in capsys.readouterr().out
    assert run("show", "330105002") == 0
    assert "拱墅区" in capsys.readouterr().out
    assert run("show", "99") == 1
    assert run("load", str(tmp_path / "nothing.csv")) == 1
    assert run("load", str(lists("x\n"))) == 1
    assert connection.is_usable()
