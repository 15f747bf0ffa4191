"""Who works in the demo, and how to sign in. All invented; the password is open and the demo refuses to run in production."""

from __future__ import annotations

from dataclasses import dataclass

from linli.core.access import Role

PASSWORD = "linli-demo-380"  # noqa: S105  (shown openly: the demo holds nobody real)


UNIT_PHONE, UNIT_NAME = "10012340080", "周建平"
"""The property company's manager in 仓基新村: the demo's way into an organisation's inbox."""


@dataclass(frozen=True)
class Colleague:
    """One member of staff: `patch` for specialists, `street` for street officials; `community` 0 for those above one.

    Without `signs_in` the account has no password: a colleague who is only there to have done things.
    """

    name: str
    username: str
    role: Role
    community: int = 0
    patch: str = ""
    street: str = ""
    signs_in: bool = True


S, B, C = Role.SPECIALIST, Role.BACK_OFFICE, Role.SECRETARY
COLLEAGUES = (
    Colleague("赵敏", "zhaomin", C, 1),
    Colleague("陈建国", "chenjianguo", B, 1),
    Colleague("陆婷", "luting", B, 1),
    Colleague("李娜", "lina", S, 1, "E1"),
    Colleague("孙伟", "sunwei", S, 1, "E2"),
    Colleague("周洁", "zhoujie", S, 1, "W1"),
    Colleague("陈立", "chenli", S, 1, "W2"),
    Colleague("郑涛", "zhengtao", C, 2),
    Colleague("唐亮", "tangliang", B, 2, signs_in=False),
    Colleague("吴静", "wujing", S, 2, "N"),
    Colleague("何军", "hejun", S, 2, "S", signs_in=False),
    Colleague("冯丽", "fengli", C, 3),
    Colleague("毛丹", "maodan", S, 3, "A", signs_in=False),
    Colleague("周国平", "zhouguoping", Role.STREET_OFFICIAL, street="330105002"),
    Colleague("韩雪", "hanxue", Role.STREET_OFFICIAL, street="330105015", signs_in=False),
    Colleague("管理员", "admin", Role.ADMINISTRATOR),
    Colleague("安全管理员", "security", Role.SECURITY_ADMINISTRATOR),
    Colleague("审计管理员", "audit", Role.AUDIT_ADMINISTRATOR),
)

SIGN_INS: list[tuple[str, str]] = [
    ("居民 王芳（48幢2单元301）", "/sign-in/ 手机号 10012340001，验证码显示在页面上"),
    ("物业 周建平（接办单位）", f"/sign-in/ 手机号 {UNIT_PHONE}，再打开 /c/330105002053/party/"),
    *(
        (f"{what} {name}", f"/sign-in/staff/ 用户名 {username}，密码 {PASSWORD}")
        for what, name, username in (
            ("小区专员（东一片）", "李娜", "lina"),
            ("全能社工（后台）", "陈建国", "chenjianguo"),
            ("社区书记", "赵敏", "zhaomin"),
            ("街道干部（湖墅）", "周国平", "zhouguoping"),
            ("系统管理员", "管理员", "admin"),
            ("安全管理员", "安全管理员", "security"),
            ("审计管理员", "审计管理员", "audit"),
        )
    ),
]
"""Who, and how: printed when the demo starts."""


def colleagues_in(community_id: int) -> list[Colleague]:
    """Staff of one community, the secretary first."""
    return [each for each in COLLEAGUES if each.community == community_id]


def specialist_of(community_id: int, patch: str) -> str:
    """The name of the patch's specialist."""
    return next(c.name for c in COLLEAGUES if (c.community, c.patch, c.role) == (community_id, patch, S))


def back_office_of(community_id: int) -> list[str]:
    """Names of the back office; where there is none, the secretary does its work."""
    names = [c.name for c in COLLEAGUES if c.community == community_id and c.role == B]
    return names or [c.name for c in COLLEAGUES if c.community == community_id and c.role == C]
