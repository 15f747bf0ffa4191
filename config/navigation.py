"""Where one may go from here: residents' tabs, the desk's side by permission, and the way between the two.

Worked out only when a page shows it (a part that htmx swaps in does not); what has no address is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from linli.accounts import queries as accounts
from linli.core import tenancy, waiting
from linli.core.access import ROLE_NAMES, Actor, Permission, Role
from linli.core.ui import NavItem
from linli.desk.queries import first_day
from linli.matters import queries as matters
from linli.visits import queries as visits


def nav(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav`, `home_url` (where the brand leads) and, for staff, `me` (name, role) and `who_opens`."""
    community, actor = getattr(request, "community", None), getattr(request, "actor", None)
    if actor is None or (not actor.is_signed_in and community is None):
        return {}
    to = _addresses_of(request)
    if community is None:
        return _above(request, to)
    if not tenancy.is_active(community.id):
        return {}  # the page of a failure, drawn after the community was left: what is counted here is out of reach
    is_desk = request.path_info.startswith(f"/c/{request.community_code}/desk/")  # type: ignore[attr-defined]
    items = _desk if is_desk else _resident
    found: dict[str, Any] = {"nav": SimpleLazyObject(lambda: items(request, actor, to))}
    found["help_url"] = to("help_desk" if is_desk else "help")
    if home := to("matters:desk_list" if is_desk else "matters:home"):
        found["home_url"] = home
    if is_desk and request.path_info == to("matters:desk_list"):
        found["first_day"] = SimpleLazyObject(lambda: first_day.card_of(actor))
    if is_desk and actor.is_staff:
        found["who_opens"] = SimpleLazyObject(lambda: _who_opens(community))
        found["me"] = {"name": getattr(getattr(request, "account", None), "display_name", ""), "role": _roles(actor)}
    return found


def _who_opens(community: Any) -> list[str]:
    """Who can give a colleague a right here: named on the page that refuses one."""
    return [account.display_name for account in accounts.staff_of(community, Role.SECRETARY) if account.display_name]


Address = Callable[[str], str]


def _above(request: HttpRequest, to: Address) -> dict[str, Any]:
    """Outside the communities only the street's board has a side: its communities, and the way to one's other doors."""
    board = to("street:board")
    account: Any = getattr(request, "account", None)
    if account is not None and request.path_info.startswith(to("keepers:accounts") or "-"):
        return _keepers(account, to)
    if not board or not request.path_info.startswith(board):
        return {}

    def items() -> list[NavItem]:
        return _shown(
            NavItem("各社区", board, "chart", is_tab=True),
            NavItem("街道查找", to("street:find"), "search", is_tab=True) if accounts.leads_a_street(account) else None,
            *(NavItem(door.community_name, door.url, "home", group=door.words) for door in accounts.doors_of(account)),
            NavItem("别的去处", to("accounts:home") + "?choose=1", "go", group="换个地方"),
        )

    role = "、".join(ROLE_NAMES[role] for role in accounts.roles_above(account))
    me = {"name": account.display_name, "role": role}
    return {"nav": SimpleLazyObject(items), "home_url": board, "me": me}


def _keepers(account: Any, to: Address) -> dict[str, Any]:
    """The three administrators' side: what is theirs, then the communities they may open."""
    actor = accounts.actor_above(account)
    may = actor.may
    home = to("keepers:accounts") if not may(Permission.TRAIL_SEE) else to("keepers:trail")

    def items() -> list[NavItem]:
        keeps = may(Permission.ACCOUNTS_KEEP) or may(Permission.SECURITY_KEEP)
        return _shown(
            NavItem("账号与登录", to("keepers:accounts"), "people", is_tab=True) if keeps else None,
            NavItem("平台留痕", to("keepers:trail"), "lock", is_tab=True) if may(Permission.TRAIL_SEE) else None,
            *(NavItem(door.community_name, door.url, "home", group=door.words) for door in accounts.doors_of(account)),
            NavItem("别的去处", to("accounts:home") + "?choose=1", "go", group="换个地方"),
        )

    me = {"name": account.display_name, "role": "、".join(ROLE_NAMES[duty.role] for duty in actor.duties)}
    return {"nav": SimpleLazyObject(items), "home_url": home, "me": me}


def _addresses_of(request: HttpRequest) -> Address:
    """The address of a named page as this request reverses it; "" for a page that is not mounted."""

    def address(name: str) -> str:
        try:
            return reverse(name, urlconf=getattr(request, "urlconf", None))
        except NoReverseMatch:
            return ""

    return address


def _roles(actor: Actor) -> str:
    held = {duty.role for duty in actor.duties}
    return "、".join(ROLE_NAMES[role] for role in Role if role in held)


def _shown(*items: NavItem | None) -> list[NavItem]:
    return [item for item in items if item is not None and item.url]


def _resident(request: HttpRequest, actor: Actor, to: Address) -> list[NavItem]:
    waiting = matters.mine_counts(actor).waiting if actor.is_signed_in else 0
    # Whom the community asked to walk a door or two for it.
    errands = 0 if actor.is_staff or not actor.is_signed_in else visits.errands_of(actor).count()
    return _shown(
        NavItem("首页", to("matters:home"), "home", is_tab=True),
        # Who answers for an organisation came for what was handed to it: five tabs do not fit the largest letters.
        NavItem(
            "我的事项", to("matters:mine"), "matters", count=waiting, is_tab=not actor.may(Permission.HANDOVERS_ANSWER)
        ),
        NavItem("代走访", to("errands:list"), "walk", count=errands, group="请您帮忙") if errands else None,
        NavItem("我的", to("me:page"), "person", is_tab=True),
        _party(actor, to) if actor.may(Permission.HANDOVERS_ANSWER) else None,
        NavItem("工作台", to("matters:desk_list"), "form", is_tab=True) if actor.may(Permission.DESK_OPEN) else None,
    )


def _party(actor: Actor, to: Address) -> NavItem:
    """What was handed to the organisations one answers for."""
    return NavItem("接办", to("matters:party"), "form", count=matters.count_of_inbox(actor), is_tab=True)


def _desk(request: HttpRequest, actor: Actor, to: Address) -> list[NavItem]:
    may = actor.may
    today = NavItem("今天", to("matters:desk_list"), "matters", is_tab=True)
    if may(Permission.MATTERS_SEE_ALL) or may(Permission.MATTERS_SEE_PATCH):
        # The list has counted already; the side must say the same number.
        counts = getattr(request, "desk_counts", None) or matters.desk_counts(actor)
        today = NavItem("今天", today.url, "matters", count=counts.open, is_late=bool(counts.late), is_tab=True)
    sees_people = may(Permission.RESIDENTS_SEE)
    may_emergency = may(Permission.EMERGENCY_OPEN) or may(Permission.EMERGENCY_REVIEW)
    return _shown(
        today,
        _waiting(request, actor, to),
        NavItem("居民", to("residents:list"), "people", is_tab=True) if sees_people else None,
        NavItem("走访", to("visits:list"), "walk") if may(Permission.VISITS_MAKE) else None,
        NavItem("楼栋", to("places:buildings"), "building", is_tab=True) if may(Permission.PLACES_SEE) else None,
        NavItem("组织", to("organisations:list"), "family") if may(Permission.PLACES_SEE) else None,
        NavItem("吹哨报到", to("matters:units"), "sound", group="办事") if may(Permission.UNITS_CALL) else None,
        NavItem("督办", to("matters:supervisions"), "warn", group="办事")
        if may(Permission.MATTERS_SUPERVISE)
        else None,
        NavItem("核实情况", to("residents:freshness"), "check", group="档案") if sees_people else None,
        NavItem("分组", to("lists:groups"), "star", group="档案") if sees_people else None,
        NavItem("更正申请", to("residents:corrections"), "pen", group="档案")
        if may(Permission.RESIDENTS_LINK)
        else None,
        NavItem("疑似重复", to("residents:likely"), "people", group="档案") if may(Permission.RESIDENTS_LINK) else None,
        NavItem("导入", to("imports:list"), "download", group="档案") if may(Permission.REGISTER_IMPORT) else None,
        NavItem("导出记录", to("lists:exports"), "lock", group="档案") if may(Permission.RESIDENTS_EXPORT) else None,
        NavItem("这个月", to("desk:figures"), "chart", group="看总数") if may(Permission.FIGURES_SEE) else None,
        NavItem("月表", to("matters:month"), "form", group="看总数") if may(Permission.FIGURES_SEE) else None,
        NavItem("走访率", to("visits:rate"), "chart", group="看总数") if may(Permission.VISITS_SEE) else None,
        NavItem("12345 工单", to("intake:hotline"), "phone", group="收件") if may(Permission.HOTLINE_TAKE) else None,
        NavItem("贴码", to("intake:stickers"), "print", group="收件") if may(Permission.STICKERS_KEEP) else None,
        NavItem("关联申请", to("me:links"), "id", group="管理") if may(Permission.RESIDENTS_LINK) else None,
        NavItem("信息请求", to("rights:queue"), "form", group="管理") if may(Permission.RIGHTS_HANDLE) else None,
        NavItem("通知", to("notices:messages"), "message", group="管理") if may(Permission.MESSAGES_SEE) else None,
        NavItem("工作日历", to("worktime:month"), "calendar", group="管理"),
        NavItem("首日准备", to("desk:first_day"), "check", group="管理") if may(Permission.PLACES_KEEP) else None,
        NavItem("事项类别", to("matters:kinds"), "form", group="管理") if may(Permission.MATTERS_ARRANGE) else None,
        NavItem("对外推送", to("hooks:hooks"), "go", group="管理") if may(Permission.HOOKS_KEEP) else None,
        NavItem("分派规则", to("matters:routing"), "go", group="管理") if may(Permission.MATTERS_ARRANGE) else None,
        NavItem("值守与顶岗", to("matters:on_duty"), "walk", group="管理") if may(Permission.MATTERS_ARRANGE) else None,
        NavItem("岗位", to("me:posts"), "gear", group="管理") if may(Permission.POSTS_GRANT) else None,
        NavItem("紧急查看", to("me:emergency"), "late", group="管理") if may_emergency else None,
        NavItem("查看记录", to("rights:readings"), "eye", group="管理") if may(Permission.TRAIL_SEE) else None,
        NavItem("操作留痕", to("me:trail"), "lock", group="管理") if may(Permission.TRAIL_SEE) else None,
        NavItem("居民页面", to("matters:home"), "home", group="换个地方"),
        NavItem("街道看板", to("street:board"), "chart", group="换个地方") if _is_above(actor) else None,
    )


def _waiting(request: HttpRequest, actor: Actor, to: Address) -> NavItem | None:
    """All that waits for a decision, under one number; the page that lists it has counted already."""
    if not waiting.kinds_for(actor):
        return None
    found = getattr(request, "waiting", None)
    found = waiting.waiting_for(actor) if found is None else found
    return NavItem("等您处理", to("desk:waiting"), "bell", count=sum(each.count for each in found))


def _is_above(actor: Actor) -> bool:
    return any(duty.role in accounts.OVERSEERS for duty in actor.duties)
