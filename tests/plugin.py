"""Loaded by pytest before Django: a throw-away PostgreSQL for this run, and in it one database per worker, copied from a template.

The template is migrated as `linli_owner`; the tests run as `linli_app`, the role that serves. Nothing here touches a running linli.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
TEMPLATE = "linli_template"
ROLES = ("APP", "AUDIT", "OWNER")


def _start_cluster() -> None:
    """In the process that runs pytest: start PostgreSQL, make the roles and the migrated template."""
    from linli.ops.postgres import Cluster
    from linli.ops.provision import provision

    home = Path(tempfile.mkdtemp(prefix="linli-test-"))
    home.chmod(0o711)
    cluster = Cluster(home / "pg", durable=False)
    cluster.start()
    # As a last resort only: a killed pytest takes the cluster with it, by the launcher's own rules.
    atexit.register(lambda: (cluster.stop(), shutil.rmtree(home, ignore_errors=True)))
    secrets = home / "secrets.json"
    logins = provision(cluster.admin_url, database=TEMPLATE, secrets=secrets)
    os.environ.update(
        LINLI_TEST_ADMIN_URL=cluster.admin_url,
        LINLI_PROFILE="test",
        LINLI_HOME=str(home / "home"),
        LINLI_SECRETS=str(secrets),
        LINLI_DB_APP=logins.app,
        LINLI_DB_AUDIT=logins.audit,
        LINLI_DB_OWNER=logins.owner,
        LINLI_LOG="ERROR",
        DJANGO_SETTINGS_MODULE="config.settings",
    )
    command = [sys.executable, "-m", "django", "migrate", "--database", "owner", "--verbosity", "0", "--skip-checks"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"the test database could not be migrated:\n{done.stdout}{done.stderr}")


def _own_database() -> None:
    """This worker's database, and a home of its own for files."""
    name = f"linli_test_{WORKER}"
    owner = urlsplit(os.environ["LINLI_DB_OWNER"]).username
    with psycopg.connect(os.environ["LINLI_TEST_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name}")
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {owner}")
        admin.execute(f"GRANT CONNECT ON DATABASE {name} TO linli_app, linli_audit")
    for role in ROLES:
        os.environ[f"LINLI_DB_{role}"] = os.environ[f"LINLI_DB_{role}"].replace(f"/{TEMPLATE}", f"/{name}", 1)
    home = Path(os.environ["LINLI_HOME"]) / WORKER
    home.mkdir(parents=True, exist_ok=True)
    os.environ["LINLI_HOME"] = str(home)


if "LINLI_TEST_ADMIN_URL" not in os.environ:
    _start_cluster()
# With workers, this process only deals out the tests. `-n 0` is the same process for all: it, too, leaves the template alone.
_workers = re.search(r"(?:^| )(?:-n|--numprocesses)[= ]?(\w+)", " ".join(sys.argv[1:]))
if WORKER != "main" or _workers is None or _workers[1] == "0":
    _own_database()
