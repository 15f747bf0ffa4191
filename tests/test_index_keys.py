"""The key by which numbers are found is exchanged while people work: everybody is found all the time, nobody is there twice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.test import override_settings

from linli.core import crypto
from linli.core.crypto import BLIND_BEFORE, BLIND_NEXT, blind_index, other_blind_indexes
from linli.core.tenancy import active
from linli.ops import exchanging
from linli.ops.processes import CannotRun
from linli.ops.provision import change_secrets, new_key
from linli.residents import actions as residents
from linli.residents.models import Document, Resident
from linli.residents.queries import residents_by_phone
from tests.test_import_flow import number_of
from tests.test_keys import ROOT, app_url

LAST = date(2030, 1, 1)
HERS, OTHERS = number_of("19400102", 1), number_of("19410203", 2)

# Somebody at work all the while: finds whom it knows by number, registers new people, is refused a number that is there.
WORKING = """
import itertools, sys, time
import django
django.setup()
from linli.core.access import SYSTEM
from linli.core.identifiers import check_digit
from linli.core.tenancy import active
from linli.residents.actions.intake import IdNumberTaken
from linli.residents import actions
from linli.residents.models import Resident
from tests.cast import actor_for
from linli.accounts.models import Account
from linli.places.models import Community
me, first = int(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
for n in itertools.count():
    with active(1):
        actor = actor_for(Account.objects.get(username="zhaomin"), Community.objects.get(pk=1), code="330105002053")
        assert Resident.objects.get(id_number_index=first).name == "周阿大"
        assert Resident.objects.filter(phone_index__in=["10020000001", "10099999999"]).count() == 1
        body = f"990105{1950 + me}0101{n % 1000:03d}"
        actions.register_resident(actor, actions.ResidentPlan(name="新来", id_number=body + check_digit(body)))
        assert Resident.objects.filter(id_number_index=body + check_digit(body)).count() == 1
        try:
            actions.register_resident(actor, actions.ResidentPlan(name="周阿大", id_number=first))
        except IdNumberTaken:
            pass
        else:
            raise AssertionError("one number twice")
    print(n, flush=True)
    time.sleep(0.05)
"""


@pytest.fixture
def secrets(tmp_path) -> Iterator[Path]:
    path = tmp_path / "secrets.json"
    shutil.copy(os.environ["LINLI_SECRETS"], path)
    with override_settings(LINLI_SECRETS_SEEN=(str(path), path.stat().st_mtime_ns)):
        yield path
    crypto._blind_keys.cache_clear()


@pytest.fixture
def known(committed_cast, secrets):
    with active(1):
        plan = residents.ResidentPlan(name="周阿大", id_number=HERS, phone="10020000001")
        (row,) = residents.register_many(committed_cast.actor("赵敏"), [plan])
    return row


@pytest.fixture
def here(known):
    """仓基新村, active: not for tests that exchange the key, who would wait for this transaction to end."""
    with active(1):
        yield


def begin(secrets: Path, *, swapped: bool = False) -> None:
    """Two keys hold, as in the middle of an exchange."""
    change_secrets(secrets, lambda held: held.update({BLIND_NEXT: new_key()}))
    if swapped:
        change_secrets(secrets, exchanging._swap)
    crypto._blind_keys()._looked_at = float("-inf")


def indexes() -> set[bytes]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number_index FROM residents_resident WHERE id_number_index IS NOT NULL")
        return {bytes(row[0]) for row in cursor.fetchall()}


def test_an_exchange_under_people_who_find_and_register(committed_cast, secrets):
    with active(1):
        plan = residents.ResidentPlan(name="周阿大", id_number=HERS, phone="10020000001")
        residents.register_many(committed_cast.actor("赵敏"), [plan])
        before = indexes()
    env = os.environ | {"LINLI_SECRETS": str(secrets), "LINLI_DB_APP": app_url(), "PYTHONPATH": str(ROOT)}
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKING, str(n), HERS], env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for n in range(2)
    ]  # fmt: skip
    try:
        for worker in workers:
            assert worker.stdout.readline() == "ready\n"
            assert worker.stdout.readline() == "0\n"

        assert exchanging.rotate_index(secrets) > 0

        assert [worker.poll() for worker in workers] == [None, None], [worker.communicate() for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
    said = [worker.communicate() for worker in workers]
    assert all("Traceback" not in errors for _, errors in said), said
    held = json.loads(secrets.read_text())
    assert BLIND_BEFORE not in held and BLIND_NEXT not in held
    crypto._blind_keys()._looked_at = float("-inf")
    assert other_blind_indexes("phone", "1") == ()
    with active(1):
        assert not before & indexes()
        assert blind_index("id_number", HERS) in indexes()
        assert exchanging.reindex_all() == (0, [])
        numbers = list(Resident.objects.filter(id_number__isnull=False).values_list("id_number", flat=True))
    assert len(numbers) == len(set(numbers)) > 3


@pytest.mark.parametrize("swapped", [False, True])
def test_in_the_middle_everybody_is_found_and_no_number_is_taken_twice(known, here, committed_cast, secrets, swapped):
    begin(secrets, swapped=swapped)
    keeper = committed_cast.actor("赵敏")

    assert list(residents_by_phone("10020000001")) == [known]
    assert list(Resident.objects.filter(id_number_index__in=[OTHERS, HERS])) == [known]
    for many in (1, 300):  # one by one, and by COPY
        plans = [residents.ResidentPlan(name="别人", id_number=number_of("19500101", n)) for n in range(many - 1)]
        with pytest.raises(residents.IdNumberTaken):
            residents.register_many(keeper, [*plans, residents.ResidentPlan(name="周阿大", id_number=HERS)])
    known.refresh_from_db()
    residents.correct_resident(
        keeper, resident=known, to={"phone": "10020000009"}, because="换号"
    )  # her own is no other
    assert list(residents_by_phone("10020000009")) == [known] and not residents_by_phone("10020000001")


def test_a_document_of_another_kind_or_an_earlier_version_is_no_other(known, here, committed_cast, secrets):
    keeper = committed_cast.actor("赵敏")
    document = residents.add_document(keeper, resident=known, kind="hmt_permit", number="H12345678", last_on=LAST)
    begin(secrets, swapped=True)

    residents.correct_document(keeper, document=document, number="H12345679", last_on=LAST)

    assert Document.objects.get(number_index="H12345679").resident_id == known.pk


def test_cut_short_it_goes_on_where_it_stopped(known, committed_cast, secrets, monkeypatch):
    monkeypatch.setattr(exchanging, "NOTICED_SECONDS", 0.0)
    begin(secrets, swapped=True)
    written = json.loads(secrets.read_text())["blind_key"]

    assert exchanging.rotate_index(secrets) > 0

    held = json.loads(secrets.read_text())
    assert held["blind_key"] == written and BLIND_BEFORE not in held


def test_one_number_twice_is_told_by_id_and_the_old_key_stays(known, committed_cast, secrets, monkeypatch):
    monkeypatch.setattr(exchanging, "NOTICED_SECONDS", 0.0)
    begin(secrets, swapped=True)
    with active(1):
        from linli.core.fields import BlindIndexField

        with monkeypatch.context() as blind:
            blind.setattr(BlindIndexField, "_refuse_what_is_there", lambda *_: None)
            residents.register_many(
                committed_cast.actor("赵敏"), [residents.ResidentPlan(name="又一个", id_number=HERS)]
            )
    said: list[str] = []

    with pytest.raises(CannotRun, match="登记了两次"):
        exchanging.rotate_index(secrets, say=said.append)

    assert any(str(known.pk) in each for each in said) and HERS not in str(said)
    assert BLIND_BEFORE in json.loads(secrets.read_text())
