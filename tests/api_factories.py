"""What the API's tests share: callers with tokens, and matters in every state under ids that are known beforehand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connections
from django.test import Client

from linli.accounts import actions as accounts
from linli.accounts.models import Account, Scope
from linli.accounts.queries import actor_for
from linli.core.tenancy import active
from linli.matters import actions, queries
from linli.matters.models import Ending, Matter, MatterKind
from linli.residents import actions as register
from tests.cast import Cast, Place, make_cast
from tests.helpers import empty_database

BANNED = ("无效", "非法", "禁止", "系统错误", "异常", "操作失败")
REPORT = {"kind": "repair", "words": "二楼路灯不亮", "where": "48-2"}
BOTH = (Scope.READ, Scope.WRITE)
STATES = ("reported", "passed", "accepted", "fed_back", "closed", "refused")
MATTER_IDS = {name: UUID(f"0190a000-0000-7000-8000-00000000000{i}") for i, name in enumerate(STATES)}


@contextmanager
def cast_for_a_module(blocker: Any) -> Iterator[Cast]:
    """The cast, committed once for many tests, each of which undoes what it does; the owner empties the database afterwards."""
    try:
        with blocker.unblock():
            cast = make_cast()
            connections.close_all()
        yield cast
    finally:
        with blocker.unblock():
            empty_database()
            connections.close_all()


def token_of(account: Account, *, scopes: tuple[str, ...] = BOTH, **more: Any) -> str:
    """A new token's secret."""
    _, secret = accounts.make_token(actor_for(account, None), account=account, name="测试", scopes=scopes, **more)
    return secret


@dataclass
class Caller:
    """Somebody who calls the API with a bearer token (None: nobody), in one community."""

    secret: str | None
    code: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"host": "localhost", **headers}
        if self.secret:
            sent["authorization"] = f"Bearer {self.secret}"
        url = path if path.startswith("/") else f"/api/c/{self.code}/{path}"
        raw = body if isinstance(body, bytes | str) else None
        client = Client(headers=sent, raise_request_exception=False)
        if body is None:
            return client.generic(method, url)
        if raw is not None:
            return client.generic(method, url, raw, content_type="application/json")
        return getattr(client, method.lower())(url, body, content_type="application/json")

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, {} if body is None else body, **headers)


def caller(cast: Cast, name: str | None, place: Place | None = None, **token: Any) -> Caller:
    """`name` of the cast with a fresh token, in 仓基新村 or in `place`."""
    secret = token_of(cast.accounts[name], **token) if name else None
    return Caller(secret, (place or cast.here).code)


def matters_in_every_state(cast: Cast) -> dict[str, Matter]:
    """One matter of 王芳's in each of STATES, handled by 李娜, under MATTER_IDS."""
    wang, lina = cast.actor("王芳"), cast.actor("李娜")
    with active(cast.here.id):
        kind, spot = MatterKind.objects.get(code="leak"), queries.spot_named("48-2-301")
        made = {
            name: actions.report_matter(wang, id=matter_id, kind=kind, words=f"厨房滴水,{name}", spot=spot)
            for name, matter_id in MATTER_IDS.items()
        }
        actions.pass_to_back_office(lina, matter=made["passed"], reason="要找施工队")
        actions.refuse_matter(lina, matter=made["refused"], reason="请找物业")
        for name in ("accepted", "fed_back", "closed"):
            actions.accept_matter(lina, matter=made[name])
        for name in ("fed_back", "closed"):
            actions.feed_back(lina, matter=made[name], ending=Ending.SOLVED, words="换了垫圈")
        actions.confirm_matter(wang, matter=made["closed"], rating=5, words="快")
        return {name: Matter.objects.get(pk=matter.pk) for name, matter in made.items()}


def register_rows(cast: Cast) -> dict[str, str]:
    """One row of each kind the register's addresses name: 王芳's household, a category, a document, a request, a merge."""
    zhao, fang, ma = cast.actor("赵敏"), cast.residents["王芳"], cast.residents["老马"]
    with active(cast.here.id):
        door, since = cast.here.door("48-2-301"), date(2025, 1, 1)
        home = register.form_household(zhao, dwelling=door, head=fang, members={}, on=since)
        category = register.grant_category(zhao, resident=fang, kind="volunteer", from_on=since)
        paper = register.add_document(zhao, resident=fang, kind="511", number="12345678")
        asked = register.request_correction(cast.actor("李娜"), fang, "name", "王方", "对照身份证")
        twins = register.register_many(zhao, [register.ResidentPlan(name="周小舟", dwelling=door) for _ in range(2)])
        merge = register.merge_residents(zhao, keep=twins[0], drop=twins[1])
    rows = {
        "household": home,
        "dwelling": door,
        "category": category,
        "document": paper,
        "correction": asked,
        "merge": merge,
        "other": ma,
    }
    return {f"{name}_id": str(row.pk) for name, row in rows.items()}


def problem(response, status, code=None):
    """The response as a problem, having looked that it is a proper one."""
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status and body["title"] and body["type"] == f"urn:linli:problem:{body['code']}"
    assert not any(word in body["detail"] for word in BANNED)
    assert re.search("[\u4e00-\u9fff]", body["detail"])
    assert code is None or body["code"] == code
    return body


def shown(response, status=200):
    assert response.status_code == status, response.content.decode()
    return response.json()
