"""Who may do what: one table that the street office can read, and the Actor that carries it through a request.

What a row's *state* allows is not access: that is `NEXT` and each app's `rules.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from .errors import NotAllowed


class Role(StrEnum):
    """What a person is in an area. Values are stored in posts."""

    RESIDENT = "resident"  # 居民: anyone signed in
    PARTNER = "partner"  # 接办单位: answers for an organisation of the register, and sees what was handed to it alone
    SPECIALIST = "specialist"  # 小区专员, in one sub-area
    BACK_OFFICE = "back_office"  # 全能社工, in one community
    SECRETARY = "secretary"  # 社区书记
    STREET_OFFICIAL = "street_official"  # 街道干部, over the communities of a street
    ADMINISTRATOR = "administrator"  # 系统管理员: accounts and posts, no residents' records
    SECURITY_ADMINISTRATOR = "security_administrator"  # 安全管理员: sessions, locks, second steps
    AUDIT_ADMINISTRATOR = "audit_administrator"  # 审计管理员: reads the trail, changes nothing
    EMERGENCY = (
        "emergency"  # 紧急查看: no post but an hour's wider reading, opened with a reason and reviewed afterwards
    )


ROLE_NAMES = {
    Role.RESIDENT: "居民",
    Role.PARTNER: "接办单位",
    Role.SPECIALIST: "小区专员",
    Role.BACK_OFFICE: "全能社工",
    Role.SECRETARY: "社区书记",
    Role.STREET_OFFICIAL: "街道干部",
    Role.ADMINISTRATOR: "系统管理员",
    Role.SECURITY_ADMINISTRATOR: "安全管理员",
    Role.AUDIT_ADMINISTRATOR: "审计管理员",
    Role.EMERGENCY: "紧急查看",
}

HELD_WITHOUT_POST = (Role.RESIDENT, Role.PARTNER, Role.EMERGENCY)
"""What nobody is appointed to: it comes with signing in, with a post in an organisation of the register, with an emergency."""

KEEPERS = (Role.ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR)
"""The three separated administrators (三权分立), each over the whole platform: nobody is two of them at once."""


class Permission(StrEnum):
    """One business power. Each is asked for by at least one action or query."""

    DESK_OPEN = "desk.open"  # 进入工作台
    PLACES_SEE = "places.see"  # 查看楼栋房屋
    PLACES_KEEP = "places.keep"  # 登记片区、小区、楼栋房屋
    RESIDENTS_SEE = "residents.see"  # 查看居民(隐去号码)
    RESIDENTS_LOCATE = "residents.locate"  # 在全街道查居民住在哪个社区、归谁管(隐去姓名号码,不给门牌)
    RESIDENTS_REVEAL = "residents.reveal"  # 说明理由后查看完整号码
    RESIDENTS_EXPORT = "residents.export"  # 导出居民名单
    EXPORTS_AGREE = "exports.agree"  # 同意他人导出较大的名单
    RESIDENTS_CHANGE_MANY = "residents.change_many"  # 批量修改居民
    ORGANISATIONS_KEEP = "organisations.keep"  # 登记组织、阵地和项目(专员限本片区)
    REGISTER_IMPORT = "register.import"  # 导入花名册
    RESIDENTS_LINK = "residents.link"  # 确认账号与居民档案的关联
    CORRECTIONS_CONFIRM = "corrections.confirm"  # 核准别人申请的更正
    RIGHTS_HANDLE = "rights.handle"  # 答复个人信息请求、登记书面同意
    MATTERS_SEE_PATCH = "matters.see_patch"  # 查看本片区事项
    MATTERS_SEE_ALL = "matters.see_all"  # 查看本社区全部事项
    MATTERS_REPORT_FOR_OTHERS = "matters.report_for_others"  # 代居民上报
    STICKERS_KEEP = "stickers.keep"  # 制作、停用贴码
    HOTLINE_TAKE = "hotline.take"  # 收 12345 工单表
    MATTERS_HANDLE = "matters.handle"  # 受理、处置、反馈
    MATTERS_ARRANGE = "matters.arrange"  # 编排事项类别和分派规则
    VISITS_SEE = "visits.see"  # 查看走访率
    VISITS_MAKE = "visits.make"  # 走访、记下走访、交给同事
    VISITS_KEEP = "visits.keep"  # 定走访规则、开启加访
    MATTERS_SUPERVISE = "matters.supervise"  # 督办
    UNITS_CALL = "units.call"  # 吹哨叫单位到场、评分
    HANDOVERS_ANSWER = "handovers.answer"  # 接收、反馈、退回转给本单位的事
    CLOCK_DECIDE = "clock.decide"  # 审批暂停计时和延期(自己提的由别人批)
    WORKTIME_KEEP = "worktime.keep"  # 设定上班时间和特定日
    FIGURES_SEE = "figures.see"  # 查看统计与月表
    FIGURES_EXPORT = "figures.export"  # 生成月表文件
    MESSAGES_SEE = "messages.see"  # 查看通知发送情况
    POSTS_GRANT = "posts.grant"  # 任免岗位
    TRAIL_SEE = "trail.see"  # 查看操作留痕
    ACCOUNTS_KEEP = "accounts.keep"  # 开通、停用账号，重设密码
    EMERGENCY_OPEN = "emergency.open"  # 紧急时打开一小时的全社区查看
    EMERGENCY_REVIEW = "emergency.review"  # 事后复核紧急查看
    HOOKS_KEEP = "hooks.keep"  # 设对外推送的地址
    SECURITY_KEEP = "security.keep"  # 结束会话，解锁，同意重设第二步验证


P = Permission
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.RESIDENT: frozenset(),
    Role.PARTNER: frozenset({P.HANDOVERS_ANSWER}),
    Role.SPECIALIST: frozenset(
        {
            P.DESK_OPEN,
            P.PLACES_SEE,
            P.RESIDENTS_SEE,
            P.RESIDENTS_REVEAL,
            P.RESIDENTS_EXPORT,
            P.RESIDENTS_CHANGE_MANY,
            P.RESIDENTS_LINK,
            P.ORGANISATIONS_KEEP,
            P.RIGHTS_HANDLE,
            P.MATTERS_SEE_PATCH,
            P.MATTERS_REPORT_FOR_OTHERS,
            P.STICKERS_KEEP,
            P.MATTERS_HANDLE,
            P.VISITS_SEE,
            P.VISITS_MAKE,
            P.EMERGENCY_OPEN,
        }
    ),
    Role.BACK_OFFICE: frozenset(
        {
            P.DESK_OPEN,
            P.PLACES_SEE,
            P.RESIDENTS_SEE,
            P.RESIDENTS_REVEAL,
            P.RESIDENTS_EXPORT,
            P.EXPORTS_AGREE,
            P.RESIDENTS_CHANGE_MANY,
            P.RESIDENTS_LINK,
            P.CORRECTIONS_CONFIRM,
            P.ORGANISATIONS_KEEP,
            P.RIGHTS_HANDLE,
            P.REGISTER_IMPORT,
            P.MATTERS_SEE_ALL,
            P.MATTERS_REPORT_FOR_OTHERS,
            P.STICKERS_KEEP,
            P.HOTLINE_TAKE,
            P.MATTERS_HANDLE,
            P.VISITS_SEE,
            P.VISITS_MAKE,
            P.FIGURES_SEE,
            P.FIGURES_EXPORT,
            P.MESSAGES_SEE,
        }
    ),
    Role.SECRETARY: frozenset(Permission)
    - {P.ACCOUNTS_KEEP, P.SECURITY_KEEP, P.EMERGENCY_OPEN, P.RESIDENTS_LOCATE, P.HANDOVERS_ANSWER},
    Role.STREET_OFFICIAL: frozenset(
        {
            P.DESK_OPEN,
            P.EMERGENCY_OPEN,
            P.PLACES_SEE,
            P.RESIDENTS_LOCATE,
            P.MATTERS_SUPERVISE,
            P.MATTERS_SEE_ALL,
            P.VISITS_SEE,
            P.CLOCK_DECIDE,
            P.FIGURES_SEE,
            P.FIGURES_EXPORT,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {P.DESK_OPEN, P.PLACES_KEEP, P.POSTS_GRANT, P.MESSAGES_SEE, P.ACCOUNTS_KEEP, P.HOOKS_KEEP}
    ),
    Role.SECURITY_ADMINISTRATOR: frozenset({P.SECURITY_KEEP}),
    Role.AUDIT_ADMINISTRATOR: frozenset({P.DESK_OPEN, P.TRAIL_SEE, P.EMERGENCY_REVIEW}),
    Role.EMERGENCY: frozenset({P.DESK_OPEN, P.PLACES_SEE, P.RESIDENTS_SEE, P.RESIDENTS_REVEAL, P.MATTERS_SEE_ALL}),
}


@dataclass(frozen=True)
class Duty:
    """A post that counts in the active community today; `sub_area_id` narrows it to one patch."""

    role: Role
    sub_area_id: UUID | None = None


@dataclass(frozen=True)
class Actor:
    """Who acts, made once a request, so that access needs no database.

    `label` is for logs and tests, never shown; `speaks_for` holds ids of residents the account is confirmed to be or to act for.
    """

    label: str
    account_id: UUID | None = None
    community_id: int | None = None
    duties: frozenset[Duty] = frozenset()
    speaks_for: frozenset[UUID] = frozenset()
    answers_for: frozenset[UUID] = frozenset()  # organisations of the active community, by a post held in them today
    because: UUID | None = None  # the emergency that is open: everything done meanwhile says so on the trail
    because_until: datetime | None = None
    via: str = "page"  # page, api, job, demo, command: recorded in the trail
    request_id: UUID | None = field(default=None, compare=False)

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """Everything the actor's duties grant in the active community."""
        return frozenset().union(*(GRANTS[duty.role] for duty in self.duties))

    @property
    def is_signed_in(self) -> bool:
        return self.account_id is not None

    @property
    def is_staff(self) -> bool:
        return any(duty.role is not Role.PARTNER for duty in self.duties)

    @cached_property
    def sub_area_ids(self) -> frozenset[UUID]:
        """The patches the actor serves as a specialist."""
        return frozenset(duty.sub_area_id for duty in self.duties if duty.sub_area_id)

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise NotAllowed without `permission` in the active community; its sentence names who may, and who can open it."""
        if not self.may(permission):
            raise NotAllowed(
                f"这一步由{holders_of(permission)}来办。工作需要时，请社区书记给您开通。", permission=permission.value
            )


def holders_of(permission: Permission) -> str:
    """The roles that hold `permission`, in words."""
    holders = [role for role in Role if permission in GRANTS[role] and role is not Role.EMERGENCY]
    return "、".join(ROLE_NAMES[role] for role in holders)


SYSTEM = Actor("system", via="job")
"""The machine itself, for jobs: it holds no permission; what a job may do is decided by the job."""
