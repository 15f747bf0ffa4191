"""Numbers that identify people are readable nowhere: not in the data directory, the WAL, a dump, a log, an error page or an address.

A whole house is opened as `linli serve` opens it, with its real processes and logs. Canary values are put through its pages, its API, an
import, drafts and what goes wrong; then every byte it left behind is searched. Names, addresses and what people write in a matter are kept
as plain text, so that they can be searched and sorted: no canary is put there, and docs/security.md says so.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from linli.core.identifiers import check_digit
from linli.ops.home import Home
from linli.ops.postgres import Cluster
from linli.ops.provision import ROLES, Logins, ensure_secrets, with_login
from tests.canaries import forms_of, look_in, look_through, zipped
from tests.ops.house import ROOT, House, linli, wait_until


def number(birth: str, sequence: int) -> str:
    body = f"990105{birth}{sequence:03d}"
    return body + check_digit(body)


BY_PAGE, BY_ROSTER, WRONG = number("19410203", 717), number("19420304", 727), number("19430405", 737)[:-1] + "#"
PHONE, PHONE_OF_ROSTER, PHONE_AT_DOOR, PHONE_BY_API = "10017393551", "10017393662", "10017393773", "10017393884"
CERTIFICATE, PASSPORT, PERMIT = "ZX7739-204417-残", "EK7739204", "JZ7739204417"
DIAGNOSIS = "尿毒症每周三次透析"
CANARIES = [
    BY_PAGE,
    BY_ROSTER,
    WRONG[:-1],
    PHONE,
    PHONE_OF_ROSTER,
    PHONE_AT_DOOR,
    PHONE_BY_API,
    CERTIFICATE,
    PASSPORT,
    PERMIT,
    DIAGNOSIS,
]
PLANTED = ["10019911223", number("19500101", 747), "糖尿病酮症酸中毒"]
TOKEN = "linliCanary" * 3
CSRF = (TOKEN + "x" * 32)[:32]

# What has no page yet is written by the house's own code, as its jobs and pages write it.
SET_UP = f"""
import json
import django
django.setup()
from datetime import date
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from linli.core.tenancy import active
from linli.residents.models import Category, Document, Residence, Resident
from linli.core.fields import encrypted_fields
from tests.cast import make_cast

cast = make_cast()
with active(1):
    wang = cast.residents["王桂英"]
    Resident.objects.filter(pk=wang.pk).get()
    wang.id_number = {BY_PAGE!r}
    wang.save()
    Document.objects.create(resident=wang, kind="414", number={PASSPORT!r})
    from django.db.backends.postgresql.psycopg_any import DateRange
    Category.objects.create(resident=wang, kind="disabled", level="一级", certificate_number={CERTIFICATE!r}, span=DateRange(date(2020, 1, 1), None))
    home = Residence.objects.filter(resident=wang)[0]
    home.permit_number = {PERMIT!r}
    home.save()

def session_of(account):
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    return session.session_key

print(json.dumps({{name: session_of(cast.accounts[name]) for name in ("陈建国", "李娜", "王芳")}} | {{"wang": str(wang.pk), "code": cast.here.code}}))
"""


@dataclass
class Answer:
    status: int
    body: str
    location: str


@dataclass
class Lived:
    """A house people worked in, and what was seen of it from outside."""

    house: House
    home: Home
    told: dict[str, str]
    addresses: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def ask(self, who: str, path: str, form: dict[str, str] | None = None, **options: object) -> Answer:
        """One request as a browser sends it; `path` begins inside the community."""
        connection = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=60)
        whole = path if path.startswith(("/api", "/sign")) else f"/c/{self.told['code']}{path}"
        origin = f"http://localhost:{self.house.port}"
        headers = {"Host": f"localhost:{self.house.port}", "Origin": origin, "Cookie": f"__Host-csrf={CSRF}"}
        if who:
            headers["Cookie"] += f"; __Host-linli={self.told[who]}"
        headers["X-CSRFToken"] = CSRF
        body: bytes | None = None
        if "json" in options:
            headers["Content-Type"], body = "application/json", str(options["json"]).encode()
        elif form is not None:
            headers["Content-Type"], body = multipart(form | {"csrfmiddlewaretoken": CSRF}, options.get("file"))
        connection.request("POST" if body is not None else "GET", whole, body, headers)
        got = connection.getresponse()
        text = got.read().decode(errors="replace")
        answer = Answer(got.status, text, got.headers.get("Location", ""))
        self.addresses += [
            whole,
            answer.location,
            *(value for name, value in got.headers.items() if name.startswith("HX-")),
        ]
        if answer.status >= 500 or (answer.status >= 400 and "<form" not in text):
            self.problems.append((f"{whole} {answer.status}", text))
        return answer

    def superuser(self) -> psycopg.Connection:
        return psycopg.connect(Cluster(self.home.path).admin_url.replace("/postgres?", "/linli?"), autocommit=True)

    def dump(self) -> bytes:
        """pg_dump of everything, as the superuser: what anybody who may dump at all would have."""
        program, env = Cluster(self.home.path).tool("pg_dump")
        assert program is not None
        return subprocess.run([str(program), "linli", "--inserts"], env=env, capture_output=True, check=True).stdout


def multipart(form: dict[str, str], file: object = None) -> tuple[str, bytes]:
    parts = [
        f'--linli\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in form.items()
    ]
    if file:
        head = '--linli\r\nContent-Disposition: form-data; name="file"; filename="高龄.csv"\r\nContent-Type: text/csv\r\n\r\n'
        parts.append(head.encode() + str(file).encode() + b"\r\n")
    return "multipart/form-data; boundary=linli", b"".join(parts) + b"--linli--\r\n"


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    """The house, opened, lived in, and still open: what memory would have written late is written by then."""
    place = Path(tempfile.mkdtemp(prefix="linli-home-"))
    place.chmod(0o711)
    by_message = {"LINLI_MESSAGE_PROVIDERS": '{"sms": "linli.notices.port.always_deliver"}'}
    house = House(place / "home", "serve", module="linli", LINLI_LOG="DEBUG", **by_message)
    house.wait_for("按 Ctrl-C 停止")
    home = Home(place / "home", "production")
    url, passwords = Cluster(home.path).admin_url, ensure_secrets(home.path / "secrets.json")["database_passwords"]
    logins = Logins(*(with_login(url, user=role, password=passwords[role], database="linli") for role in ROLES))
    env = home.environment(logins, "app", "audit", "owner") | {
        "LINLI_SECRETS": str(home.path / "secrets.json"),
        "LINLI_LOG": "DEBUG",
    }
    env = {name: value for name, value in env.items() if not name.startswith("LINLI_TEST")}
    done = subprocess.run([sys.executable, "-c", SET_UP], env=env, cwd=ROOT, capture_output=True, text=True)
    try:
        assert done.returncode == 0, done.stderr[-3000:]
        (home.log / "set-up.log").write_text(done.stderr)
        one = Lived(house, home, json.loads(done.stdout.splitlines()[-1]))
        live_in(one)
        yield one
    finally:
        house.process.terminate()
        house.process.wait(30)
        shutil.rmtree(place, ignore_errors=True)


def live_in(one: Lived) -> None:
    """Everything people do with such values. Each step is checked to have happened: a search after nothing finds nothing."""
    root = "/desk"
    assert one.ask("陈建国", f"{root}/find/", {"q": BY_PAGE}).status == 200
    assert one.ask("陈建国", f"{root}/residents/search/", {"q": PHONE}).status in {200, 302}
    shown = one.ask(
        "陈建国", f"{root}/residents/{one.told['wang']}/reveal/", {"field": "id_number", "reason": "核对低保材料"}
    )
    assert shown.status in {200, 302, 422}, (one.home.log / "web.log").read_text()[-3000:]
    assert one.ask("陈建国", f"{root}/residents/{one.told['wang']}/").status == 200
    a_roster(one)
    drafts_and_reports(one)
    sign_ins(one)
    what_goes_wrong(one)


def a_roster(one: Lived) -> None:
    """An import by the real worker, with a row that is wrong."""
    rows = [
        "姓名,身份证号,联系电话,住址,备注",
        f"周阿大,{BY_ROSTER},{PHONE_OF_ROSTER},48-1-101,{DIAGNOSIS}",
        f"周阿二,{WRONG},1001739366,48-1-102,{DIAGNOSIS}",
    ]
    sent = one.ask("陈建国", "/desk/imports/", {"sender": "街道民政办"}, file="\r\n".join(rows))
    assert sent.status == 302, sent.body[:2000]
    page = sent.location.removeprefix(f"/c/{one.told['code']}")
    looked = one.ask("陈建国", page).body
    choices = {name: value for name, value in _selected(looked).items() if name.startswith("c")}
    mapped = one.ask("陈建国", f"{page}columns/", choices)
    assert mapped.status == 302, mapped.body[:3000]
    with one.superuser() as server:
        wait_until(lambda: _one(server, "SELECT state FROM imports_import") == "checked", seconds=60)
        one.ask("陈建国", page)
        one.ask("陈建国", f"{page}?show=wrong")
        assert one.ask("陈建国", f"{page}start/", {}).status == 302
        wait_until(
            lambda: _one(server, "SELECT count(*) FROM residents_resident WHERE name = '周阿大'") == 1, seconds=60
        )
        wait_until(lambda: _one(server, "SELECT state FROM imports_import") == "done", seconds=60)
    found = one.ask("陈建国", "/desk/find/", {"q": PHONE_OF_ROSTER}).body
    assert "48-1-101" in found, found  # it is held, and found by its index
    assert one.ask("陈建国", f"{page}wrong/").status == 200


def drafts_and_reports(one: Lived) -> None:
    kept = one.ask("王芳", "/drafts/report/", {"words": DIAGNOSIS, "kind": "repair"})
    assert kept.status == 200, kept.body
    gone = {"words": DIAGNOSIS, "kind": "repair", "place": "home", "whom": "self"}
    assert one.ask("", "/report/", gone).status in {200, 302, 401, 403}
    body = {
        "kind": "repair",
        "words": "楼道灯不亮",
        "contact_phone": PHONE_BY_API,
        "id": str(uuid4()),
        "id_number": BY_PAGE,
    }
    one.ask("王芳", f"/api/c/{one.told['code']}/matters", json=json.dumps(body))
    one.ask("王芳", f"/api/c/{one.told['code']}/matters", json=json.dumps(body)[:-3])


def sign_ins(one: Lived) -> None:
    assert one.ask("", "/sign-in/", {"phone": PHONE}).status in {200, 302}
    assert one.ask("", "/sign-in/", {"phone": f"{PHONE_AT_DOOR}9"}).status in {200, 422}
    for _ in range(6):
        assert one.ask("", "/sign-in/staff/", {"username": PHONE_AT_DOOR, "password": BY_PAGE}).status in {
            200,
            302,
            403,
            422,
            429,
        }


def what_goes_wrong(one: Lived) -> None:
    """A server error with all of it in the request: the database does not have the table the page wants."""
    with one.superuser() as server:
        for table, path, form in (
            ("residents_resident", "/desk/find/", {"q": BY_PAGE}),
            ("imports_import", "/desk/imports/", {"sender": DIAGNOSIS}),
            ("core_draft", "/drafts/report/", {"words": DIAGNOSIS + PHONE}),
            ("accounts_signincode", "/sign-in/", {"phone": PHONE_AT_DOOR}),
        ):
            server.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
            try:
                file = f"姓名,电话\r\n周,{PHONE}" if "imports" in path else None
                assert one.ask("" if "sign" in path else "陈建国", path, form, file=file).status == 500, path
            finally:
                server.execute(f"ALTER TABLE {table}_away RENAME TO {table}")
    assert len(one.problems) >= 4


def _one(server: psycopg.Connection, query: str) -> object:
    row = server.execute(query).fetchone()
    return row[0] if row else None


def _selected(page: str) -> dict[str, str]:
    """The choices a page's selects stand at; where one asks, not to be imported."""
    import re

    found = {}
    for name, inside in re.findall(r'<select[^>]*name="(c\d+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', inside)
        found[name] = "" if chosen is None or chosen[1] == "?" else chosen[1]
    return found


def settled(one: Lived) -> None:
    with one.superuser() as server:
        server.execute("CHECKPOINT")


def test_no_canary_lies_anywhere_in_the_home(lived):
    """Data directory, WAL, logs, files, trail heads, secrets, sessions, jobs: everything the house wrote."""
    settled(lived)
    assert look_through(lived.home.path, CANARIES) == []


def test_no_canary_is_in_a_dump(lived):
    dump = lived.dump()
    assert len(dump) > 100_000 and "周阿大".encode() in dump  # it is a whole dump; names are plain
    assert look_in("dump", dump, CANARIES) == []


def test_no_canary_is_in_a_backup(lived):
    store = lived.home.path.with_name("backup")
    done = linli(lived.home.path, "backup", "--to", str(store), LINLI_PROFILE="production")
    assert done.returncode == 0, done.stderr
    assert look_through(store, [*CANARIES, "周阿大", "仓基新村"]) == []  # here not even names


def test_no_canary_is_in_an_address_or_on_a_page_of_a_problem(lived):
    assert look_in("addresses", "\n".join(lived.addresses).encode(), CANARIES) == []
    for where, body in lived.problems:
        assert look_in(where, body.encode(), CANARIES) == []


def test_no_canary_is_among_the_arguments_of_jobs_or_on_the_trail(lived):
    with lived.superuser() as server:
        jobs = server.execute("SELECT args::text FROM procrastinate_jobs").fetchall()
        trail = server.execute("SELECT facts::text FROM core_trailentry").fetchall()
    assert trail
    assert look_in("jobs and trail", json.dumps([jobs, trail], ensure_ascii=False).encode(), CANARIES) == []


def test_nothing_is_left_in_temporary_files(lived):
    left = [
        path for path in Path(tempfile.gettempdir()).glob("linli-import-*") if path.stat().st_mtime > time.time() - 600
    ]
    for path in left:
        assert look_in(str(path), path.read_bytes(), CANARIES) == []


# the search itself


def test_planted_leaks_are_found_in_the_data_the_wal_a_dump_and_a_log(lived):
    """Planted: a plain column, a bytea, a job's argument, a log line, a gzip file, a file name and UTF-16."""
    phone, person, illness = PLANTED
    with lived.superuser() as server:
        server.execute("CREATE TABLE planted (a text, b bytea, c jsonb)")
        server.execute("INSERT INTO planted VALUES (%s, %s, %s)", [phone, person.encode(), json.dumps({"x": illness})])
    (lived.home.log / "planted.log").write_text(f"INFO form={{'phone': '{phone}'}} \\n")
    (lived.home.path / "planted.gz").write_bytes(b"head" + zipped(f"x {person} y"))
    (lived.home.path / "planted.bin").write_bytes(illness.encode("utf-16-le"))
    (lived.home.path / f"roster-{phone}.txt").write_text("")
    settled(lived)
    try:
        found = look_through(lived.home.path, PLANTED)
        where = {hit.where for hit in found}
        assert any("pg_wal" in each for each in where) and any("data/base" in each for each in where)
        assert {"log/planted.log", "planted.gz (gzip)", "planted.bin", f"name of roster-{phone}.txt"} <= where
        in_dump = {(hit.canary, hit.form) for hit in look_in("dump", lived.dump(), PLANTED)}
        assert {(phone, "utf-8"), (person, "hex"), (illness, "utf-8")} <= in_dump
    finally:
        with lived.superuser() as server:
            server.execute("DROP TABLE planted")
        for path in [
            *lived.home.path.glob("planted.*"),
            *lived.home.path.glob("roster-*"),
            lived.home.log / "planted.log",
        ]:
            path.unlink()


@pytest.mark.parametrize("form", forms_of(DIAGNOSIS))
def test_every_form_of_a_value_is_recognised(form):
    needle = forms_of(DIAGNOSIS)[form]
    assert [hit.form for hit in look_in("x", b"ab" + needle + b"cd", [DIAGNOSIS]) if hit.form == form] == [form]
    assert look_in("x", os.urandom(4096), [DIAGNOSIS]) == []
