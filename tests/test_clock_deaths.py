"""Two thousand deadlines pass while the worker is killed again and again, and while two work side by side: missed 0, doubled 0."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest

from linli.core import clock
from linli.core.clock import SHANGHAI
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.matters import queries
from linli.matters.bulk import Batch
from linli.matters.models import ClockMark, Matter, MatterKind
from linli.notices.models import Message

MANY = 2000
REPORTED = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
OVER = "2026-11-27T08:31:00+08:00"  # three calendar days are over since midnight, the secretary is not yet told
WORK = "import django; django.setup(); from linli.matters.jobs import look_at_clocks as job; job.func(community_id=1)"


def worker() -> subprocess.Popen[bytes]:
    """A process that looks at the clocks as the job does, at the moment OVER."""
    return subprocess.Popen([sys.executable, "-c", WORK], env={**os.environ, "LINLI_NOW": OVER})


@pytest.fixture
def deadlines(committed_cast):
    """MANY matters in 李娜's hands, all due; she has a telephone, so each is told by a message."""
    cast = committed_cast
    account = cast.accounts["李娜"]
    account.phone = "10012340077"
    account.save()
    with active(cast.here.id), Batch() as batch:
        kind, spot = MatterKind.objects.get(code="leak"), queries.spot_named("48-2-301")
        reporter, handler = cast.actor("王芳"), cast.actor("李娜")
        for n in range(MANY):
            with clock.at(REPORTED + timedelta(seconds=n)):
                row = batch.report_matter(reporter, kind=kind, words=f"第{n}件", spot=spot)
                batch.accept_matter(handler, matter=row)
    return cast


def made(cast) -> int:
    with active(cast.here.id):
        return ClockMark.objects.count()


def kill_at_work(cast, dice) -> bool:
    """Start a worker, let it commit something, and kill it a moment nobody chose later; False when it had finished."""
    before, process = made(cast), worker()
    while process.poll() is None and made(cast) == before:
        time.sleep(0.02)
    time.sleep(dice.uniform(0, 0.4))
    is_alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return is_alive


@pytest.mark.slow
def test_killed_workers_lose_nothing_and_double_nothing(deadlines):
    dice = random.Random(11)
    kills = sum(kill_at_work(deadlines, dice) for _ in range(8))
    assert made(deadlines) > 0, "nothing was committed before a worker died"
    pair = [worker(), worker()]  # two at once finish what is left
    assert [process.wait(timeout=400) for process in pair] == [0, 0]
    assert kills >= 6

    with active(deadlines.here.id):
        ids = set(Matter.objects.values_list("id", flat=True))
        overdue = Counter(ClockMark.objects.filter(mark="overdue").values_list("matter_id", flat=True))
        said = Counter(TrailEntry.objects.filter(verb="matter.overdue").values_list("subject_id", flat=True))
        told = Counter(Message.objects.filter(template="matter_overdue").values_list("about_id", flat=True))
        assert len(ids) == MANY
        for found in (overdue, said, told):
            assert ids - set(found) == set(), "missed"
            assert {row: n for row, n in found.items() if n > 1} == {}, "doubled"
        assert not Matter.objects.filter(look_at__lte=datetime.fromisoformat(OVER)).exists()
