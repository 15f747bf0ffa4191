"""An import whose worker, web and database are killed (kill -9) while it runs: every row once, and taken back as if never.

Real processes: the house as `linli serve` opens it. What is in the register is counted and hashed past it, as the superuser.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from bench.kit import roster
from linli.ops.home import DATABASE
from linli.ops.postgres import Cluster
from tests.ops.house import ROOT, House, environment, linli
from tests.ops.roster_town import COMMUNITY, USER

REGISTER = (
    "residents_resident",
    "residents_fact",
    "residents_household",
    "residents_residence",
    "residents_category",
    "residents_document",
)
VICTIMS = {"worker": " linli worker", "web": " granian ", "database": "postgres -D", "hand": " linli import-hand"}


class Town:
    """The house, the files, and what stands in its database."""

    def __init__(self, house: House, folder: Path, people: int) -> None:
        self.house, self.folder, self.people = house, folder, people
        self.url = Cluster(house.home).admin_url
        self.dice = random.Random(people)

    def do(self, *words: str) -> None:
        command = [sys.executable, "-m", "tests.ops.roster_town", *words]
        done = subprocess.run(
            command, env=environment(self.house.home), cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def ask(self, query: str) -> object:
        """The answer, when the database is there to give one."""
        deadline = time.monotonic() + 60
        while True:
            try:
                with psycopg.connect(self.url, dbname=DATABASE) as connection:
                    row = connection.execute(query).fetchone()
                    return row[0] if row else None
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, self.house.said
                time.sleep(0.1)

    def state(self) -> str:
        return str(self.ask("SELECT state FROM imports_import ORDER BY made_at DESC LIMIT 1"))

    def count(self, table: str, what: str = "*") -> int:
        found = self.ask(f"SELECT count({what}) FROM {table} WHERE community_id = {COMMUNITY}")
        assert isinstance(found, int)
        return found

    def hash(self) -> dict[str, object]:
        """Every register table as it stands, whatever the order of its rows. What is encrypted counts by its blind index."""
        plain = "(to_jsonb(t) - '{phone,id_number,value,number,certificate_number,permit_number}'::text[])::text"
        one = f"coalesce(sum(hashtextextended({plain}, 0)::numeric), 0)::text || ' ' || count(*)"
        return {table: self.ask(f"SELECT {one} FROM {table} t WHERE community_id = {COMMUNITY}") for table in REGISTER}

    def kill(self, victim: str) -> bool:
        """Whether such a process was there to be killed."""
        for pid in sorted(self.house.all_pids()):
            with suppress(OSError):
                if VICTIMS[victim] in Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode():
                    os.kill(pid, signal.SIGKILL)
                    return True
        return False

    def wait_for(self, state: str, victims: list[str]) -> None:
        """Until the import is in `state`; on the way the victims die, one by one, at moments nobody chose."""
        deadline = time.monotonic() + 120 + 45 * len(victims)
        waiting = list(victims)
        while (now := self.state()) != state:
            assert time.monotonic() < deadline, (now, (self.house.home / "log/worker.log").read_text()[-3000:])
            time.sleep(self.dice.uniform(0.05, 1.0))
            if waiting and self.kill(waiting[0]):
                waiting.pop(0)


@pytest.fixture
def town(request, open_house, tmp_path):
    people = request.param
    house = open_house("serve", module="linli", LINLI_PROFILE="production").wait_for("按 Ctrl-C 停止")
    town = Town(house, tmp_path, people)
    town.do("found", str(people))
    roster.write_roster(tmp_path / "all.xlsx", people=people)
    # Some are known already, with another phone: the import corrects them, and taking it back must put that back too.
    rows = list(roster.roster_rows(people))[: max(20, people // 500)]
    lines = [",".join(roster.HEADS), *(",".join(map(str, [*row[:5], f"1009{row[0]:07d}", *row[6:]])) for row in rows)]
    (tmp_path / "known.csv").write_text("\n".join(lines))
    done = linli(house.home, "import", str(tmp_path / "known.csv"), "--as", USER, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert town.count("residents_resident") == len(rows)
    return town


def check(town: Town, *, checking: list[str], writing: list[str], undoing: list[str]) -> None:
    before = town.hash()
    town.do("begin", str(town.folder / "all.xlsx"))
    town.wait_for("checked", checking)
    assert town.hash() == before
    town.do("start")
    town.wait_for("done", writing)
    people = town.people
    assert town.count("residents_resident") == town.count("residents_resident", "DISTINCT id_number_index") == people
    assert town.count("residents_residence") == people
    registered = "core_trailentry WHERE verb = 'resident.registered' AND true"
    assert town.ask(f"SELECT count(*) - count(DISTINCT subject_id) FROM {registered}") == 0
    assert town.ask(f"SELECT count(*) FROM {registered}") == people
    town.do("undo")
    town.wait_for("undone", undoing)
    assert town.hash() == before


@pytest.mark.parametrize("town", [2000], indirect=True)
def test_three_kills_and_every_row_is_there_once(town):
    check(town, checking=["worker"], writing=["database"], undoing=["worker"])


@pytest.mark.slow
@pytest.mark.parametrize("town", [50_000], indirect=True)
def test_ten_kills_of_a_large_import_and_every_row_is_there_once(town):
    check(
        town,
        checking=["worker", "hand", "database"],
        writing=["hand", "worker", "database", "web", "worker"],
        undoing=["worker", "database"],
    )
