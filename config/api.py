"""The API: who may call it, and which app answers where."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from linli import __version__
from linli.accounts import queries as accounts
from linli.core.api import Api, Out, Page, answers
from linli.core.api.files import router as files
from linli.core.web import Request
from linli.matters.api import router as matters
from linli.matters.api.clock import router as deadlines
from linli.matters.api.handovers import router as handovers
from linli.notices.api import router as notices
from linli.organisations.api import router as organisations
from linli.places.api import router as places
from linli.residents.api import routers as residents
from linli.visits.api import router as visits

DESCRIPTION = """\
邻里的开放接口。凡是网页上能办的事，有权限的程序也能办：每次调用都按账号在这个社区的岗位来判断能看什么、能办什么。

- 登录：请求头 `Authorization: Bearer <接口口令>`。口令在“我的”页面生成，分“查看”和“办理”两种范围。
- 社区：地址里的 `{code}` 是社区的 12 位区划代码；看不到的和不存在的都回答 404。
- 分页：`limit` 最多 100；把上一页的 `next` 原样放进 `cursor`，到 `null` 为止。
- 不重复：上报、登记居民时自己定一个编号（`id` 或请求头 `Idempotency-Key`），网断了放心再发一次；别的登记同样的再发一次，什么也不变。
- 两个人才能改的（姓名、身份证号、出生日期、去世、低保等类别）：回答 202 和一份申请，另一位同事核准以后才写入。
- 合并过的居民和户：回答 410，`successor` 是现在的编号。
- 没有办成时：回答是 `application/problem+json`(RFC 9457)，`detail` 说下一步怎么办，`code` 固定不变，`instance` 是这次请求的编号。
- 时间都带时区；姓名、电话和身份证号都已遮盖。"""


class BearerToken:
    """An API token in the Authorization header; `accounts.middleware` has looked it up."""

    openapi_security_schema = {"type": "http", "scheme": "bearer", "description": "接口口令"}

    def __call__(self, request: HttpRequest) -> Any:
        return request.actor if request.token is not None else None  # type: ignore[attr-defined]


class SessionCookie:
    """The browser's session, for our own pages; what changes something needs the CSRF token too."""

    openapi_security_schema = {"type": "apiKey", "in": "cookie", "name": "__Host-linli", "description": "网页登录"}

    def __call__(self, request: HttpRequest) -> Any:
        return request.actor if request.actor.is_signed_in else None  # type: ignore[attr-defined]


class CommunityOut(Out):
    """可以进入的社区，和以什么身份"""

    code: str = Field(description="区划代码，用在地址里")
    name: str
    as_role: str = Field(description="岗位或“居民”")


class CommunityList(Page[CommunityOut]):
    """可以进入的社区，先是工作的，再是居住的"""


root = Router(tags=["社区"])


@root.get("/communities", response=answers(CommunityList), summary="我能进入的社区")
def list_communities(request: Request):
    token = request.token  # type: ignore[attr-defined]
    doors = accounts.doors_of(request.account)  # type: ignore[attr-defined]
    found = [CommunityOut(code=door.url.split("/")[2], name=door.community_name, as_role=door.words) for door in doors]
    if token is not None and token.community_id is not None:
        found = [one for one in found if one.code == accounts.places.code_of(token.community_id)]
    return CommunityList(items=found, next=None)


api = Api(title="邻里 API", version=__version__, description=DESCRIPTION, auth=[BearerToken(), SessionCookie()])
api.add_router("", root)
for router in (places, *residents, organisations, matters, visits, notices, files, handovers, deadlines):
    api.add_router("/c/{code}", router)
