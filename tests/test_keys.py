"""The key of the encrypted fields is exchanged while people work: nobody notices, and no value is left behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from linli.core import clock
from linli.core.crypto import field_cipher, key_of
from linli.core.tenancy import active
from linli.ops import exchanging, keys
from linli.ops.processes import CannotRun
from linli.residents.models import Resident
from tests.helpers import as_superuser

ROOT = Path(__file__).resolve().parents[1]

# A web worker or job of the house: started before the rotation, never told of it, writing and reading all the time.
WORKING = """
import itertools, sys
import django
django.setup()
from linli.core.tenancy import active
from linli.residents.models import Resident
print("ready", flush=True)
for n in itertools.count():
    with active(1):
        for resident in Resident.objects.filter(phone__isnull=False).order_by("id"):
            resident.phone = number = f"1001{n % 10000:04d}{len(resident.name):03d}"
            resident.save(update_fields=["phone", "phone_index", "phone_tail_index"])
            assert Resident.objects.get(pk=resident.pk).phone == number
    if n % 20 == 0:
        print(n, flush=True)
"""


@pytest.fixture
def secrets(tmp_path) -> Iterator[Path]:
    """A secrets file of this test's own, followed as a running process follows the real one."""
    path = tmp_path / "secrets.json"
    shutil.copy(os.environ["LINLI_SECRETS"], path)
    with override_settings(LINLI_SECRETS_SEEN=(str(path), path.stat().st_mtime_ns)):
        yield path
    field_cipher.cache_clear()


def stored_keys() -> set[str]:
    with active(1):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT phone FROM residents_resident WHERE phone IS NOT NULL")
            return {key_of(bytes(row[0])) for row in cursor.fetchall()}


def test_a_rotation_under_reads_and_writes_of_other_processes(committed_cast, secrets):
    env = os.environ | {"LINLI_SECRETS": str(secrets), "LINLI_DB_APP": app_url(), "PYTHONPATH": str(ROOT)}
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKING], env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]  # fmt: skip
    try:
        for worker in workers:
            assert worker.stdout.readline() == "ready\n"
        assert stored_keys() == {"1"}

        assert keys.rotate(secrets) == "2"

        assert keys.uses().keys() == {"2"}
        time.sleep(1.0)
        assert stored_keys() == {"2"}  # what they write now, too
        assert [worker.poll() for worker in workers] == [None, None], [worker.communicate() for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
    said = [worker.communicate() for worker in workers]
    assert all("Traceback" not in errors for _, errors in said), said
    keys.retire(secrets, "1")
    assert json.loads(secrets.read_text())["field_keys"].keys() == {"2"}
    with active(1):
        assert Resident.objects.filter(phone__isnull=False).first().phone.startswith("1001")


def app_url() -> str:
    held = settings.DATABASES["default"]
    return os.environ["LINLI_DB_APP"] if held["NAME"] in os.environ["LINLI_DB_APP"] else ""


def test_an_old_key_stays_while_anything_needs_it(committed_cast, secrets):
    with pytest.raises(CannotRun, match="正用密钥 1"):
        keys.retire(secrets, "1")
    keys.add(secrets)
    json_then = json.loads(secrets.read_text())
    json_then["field_key_current"] = "2"
    secrets.write_text(json.dumps(json_then))
    time.sleep(1.1)

    with pytest.raises(CannotRun, match="处内容用着密钥 1"):
        keys.retire(secrets, "1")

    used = keys.uses()
    assert used["1"] > 0
    keys.rotate(secrets)  # an interrupted rotation goes on with the key it had begun with
    assert keys.uses().keys() == {"2"}
    keys.retire(secrets, "1")


def test_a_kept_roster_is_written_again_too(committed_cast, secrets):
    from linli.core.models import StoredFile
    from linli.imports.checking import FILE_CONTEXT

    path = Path(settings.LINLI_FILES) / "1/roster.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(field_cipher().encrypt(b"name,phone", FILE_CONTEXT))
    with active(1):
        StoredFile.objects.create(
            owner_kind="import", owner_id=Resident.objects.first().pk, purpose="roster", path="1/roster.bin", name="x",
            media_type="text/csv", size_bytes=1, sha256=bytes(32), made_at=clock.now(),
        )  # fmt: skip
    try:
        assert keys.rotate(secrets) == "2"
        assert key_of(path.read_bytes()) == "2"
        assert field_cipher().decrypt(path.read_bytes(), FILE_CONTEXT) == b"name,phone"
    finally:
        path.unlink()


def test_a_table_that_was_forgotten_is_seen(committed_cast, secrets, monkeypatch):
    """Planted: the rewrap skips one table. `uses` looks into every one for itself, and `retire` refuses."""
    from linli.core import fields

    monkeypatch.setattr(fields, "rewrap", lambda rows, names: 0)
    keys.rotate(secrets)

    assert keys.uses()["1"] > 0
    with pytest.raises(CannotRun, match="处内容用着密钥 1"):
        keys.retire(secrets, "1")


def test_a_transaction_from_before_holds_the_retirement_up(committed_cast, secrets):
    keys.rotate(secrets)
    held = json.loads(secrets.read_text())
    import psycopg

    with psycopg.connect(app_url()) as old:
        old.execute("CREATE TEMPORARY TABLE writing (n int)")  # it writes: it has a number
        secrets.write_text(json.dumps(held | {"field_key_xact": exchanging.transaction_now()}))
        with pytest.raises(CannotRun, match="没有结束"):
            keys.retire(secrets, "1")
    keys.retire(secrets, "1")


def test_a_damaged_secrets_file_leaves_the_ring_as_it_was(committed_cast, secrets):
    good = secrets.read_text()
    secrets.write_text(good[: len(good) // 2])
    time.sleep(1.1)
    with active(1):
        assert Resident.objects.filter(phone_index="10012340001").exists()
    assert as_superuser("SELECT 1") == 1
