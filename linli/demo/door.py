"""The demo's front door: who one would like to be, with what to try. One tap signs in; part of the demo profile alone."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import auth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from linli.accounts import sessions
from linli.accounts.models import Account
from linli.core import tenancy, trail
from linli.core.access import Actor
from linli.core.errors import NotFound
from linli.core.ui import QUIET_COOKIE

from .cast import PASSWORD, UNIT_NAME, UNIT_PHONE

BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class Visitor:
    """Somebody one may be: a resident by phone, a colleague by username. `tries` says what is worth doing as them."""

    key: str
    name: str
    role: str
    place: str
    icon: str
    tries: tuple[str, ...]
    is_resident: bool = False
    lands: str = "/"


VISITORS = (
    Visitor(
        "10012340001", "王芳", "居民", "仓基新村 48幢2单元301", "person",
        ("三楼的灯修好了，去确认、打个分", "报一件新的，再当李娜看它自己出现"), is_resident=True,
    ),
    Visitor(
        "lina", "李娜", "小区专员", "仓基新村东一片", "matters",
        ("两件超时的排在最前", "接一单，记一笔，答复，再当王芳看看", "按 ? 看键盘能做的"),
    ),
    Visitor(
        "chenjianguo", "陈建国", "全能社工", "仓基新村后台", "form",
        ("接专员转来的事", "有电话要打的居民，打完记一下"),
    ),
    Visitor(
        "zhaomin", "赵敏", "社区书记", "仓基新村", "chart",
        ("月表里每个数字点开，就是那几件事", "两份关联申请等确认", "谁做过什么，留痕里一条不少"),
    ),
    Visitor(
        UNIT_PHONE, UNIT_NAME, "接办单位", "安居物业项目经理", "wrench",
        ("社区转来的事，接收、拍照反馈", "办不了的写一句退回去"), is_resident=True, lands="/c/330105002053/party/",
    ),
    Visitor(
        "zhouguoping", "周国平", "街道干部", "湖墅街道", "building",
        ("同时看两个社区，超时的排在前面", "隔壁街道的小天竺进不去"),
    ),
    Visitor(
        "admin", "管理员", "系统管理员", "全部社区", "gear",
        ("任免岗位", "看不到居民档案，本来就不该看到"),
    ),
    Visitor(
        "security", "安全管理员", "安全管理员", "全部账号", "lock",
        ("谁在哪里登录着，一按就退出", "重设丢了的第二步，要和系统管理员两个人"),
    ),
    Visitor(
        "audit", "审计管理员", "审计管理员", "全部社区", "eye",
        ("谁做过什么、谁看过谁，都看得见", "什么也改不了，本来就不该改"),
    ),
)  # fmt: skip
NEIGHBOURS = (
    Visitor("zhengtao", "郑涛", "社区书记", "卖鱼桥，同一个街道", "chart", ("看不到仓基新村的一件事",)),
    Visitor("wujing", "吴静", "小区专员", "卖鱼桥北片", "matters", ("另一个社区的清单",)),
    Visitor("fengli", "冯丽", "社区书记", "小天竺，另一个街道", "chart", ("湖墅街道的干部进不来这里",)),
)


class NobodyHere(NotFound):
    code, message = "demo.nobody", "示范社区还没有建好。请等二十秒，再点一次。"


def _only_in_the_demo() -> None:
    if not settings.IS_DEMO:
        raise Http404


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Who would you like to be?"""
    _only_in_the_demo()
    context = {"visitors": VISITORS, "neighbours": NEIGHBOURS, "password": PASSWORD}
    return render(request, "demo/door.html", context)


@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Be somebody: whoever one was is signed out, and the session begins anew."""
    _only_in_the_demo()
    asked = request.POST.get("who", "")
    visitor = next((one for one in (*VISITORS, *NEIGHBOURS) if one.key == asked), None)
    found = Account.objects.filter(**_named(visitor)).first() if visitor else None
    if found is None:
        raise NobodyHere()
    with tenancy.active(tenancy.PLATFORM):
        trail.record(Actor("demo", account_id=found.pk, via="demo"), "session.signed_in", found, how="demo")
    auth.logout(request)
    auth.login(request, found, backend=BACKEND)
    sessions.begin(request, found.pk, how="demo")
    return redirect(visitor.lands if visitor else "/")


def _named(visitor: Visitor) -> dict[str, str]:
    return {"phone_index": visitor.key} if visitor.is_resident else {"username": visitor.key}


@require_POST
def quiet(request: HttpRequest) -> HttpResponse:
    """Put the demo's banner away until the browser is closed."""
    _only_in_the_demo()
    back = request.POST.get("next", "")
    is_ours = back.startswith("/") and not back.startswith(("//", "/\\"))
    response = redirect(back if is_ours else "/")
    response.set_cookie(QUIET_COOKIE, "1", secure=True, httponly=True, samesite="Lax")
    return response
