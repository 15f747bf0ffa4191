"""What accounts know of people; see linli/core/catalogue.py for what an element says."""

from __future__ import annotations

from linli.core.catalogue import Element, Sensitivity, TimeBasis, Type

DUTY = "《居民委员会组织法》：办理本居住地区的公共事务"
CONSENT = "本人登录时提供（《个人信息保护法》第十三条第一款第一项）"
SECURITY = "《网络安全法》：登录与操作留痕"


def _own(code: str, name: str, field: str, type: Type = Type.TEXT, basis: str = SECURITY, **more: object) -> Element:
    return Element(
        code,
        name,
        type=type,
        sensitivity=Sensitivity.PERSONAL,
        legal_basis=basis,
        model_field=f"accounts.{field}",
        **more,  # type: ignore[arg-type]
    )


M, T, R = Type.MOMENT, Type.TRUTH, Type.REFERENCE
ELEMENTS = [
    _own("account.username", "用户名", "Account.username"),
    _own("account.password", "密码摘要", "Account.password"),
    _own("account.last_login", "最近登录", "Account.last_login", M),
    _own("account.phone", "登录手机号", "Account.phone", basis=CONSENT, aliases=("手机号", "联系电话")),
    _own("account.phone_index", "登录手机号摘要", "Account.phone_index", basis=CONSENT),
    _own("account.display_name", "称呼", "Account.display_name", basis=DUTY),
    _own("account.is_active", "账号启用", "Account.is_active", T),
    _own("account.joined_at", "账号开通时间", "Account.joined_at", M, time_basis=TimeBasis.POINT),
    _own("account.session_epoch", "登录批次", "Account.session_epoch", Type.NUMBER),
    _own("account.lives_in", "居住社区", "Account.lives_in", R, basis=CONSENT),
    _own("post.account", "任职账号", "Post.account", R, basis=DUTY),
    _own("post.role", "岗位", "Post.role", Type.CODE, basis=DUTY, code_list="core.Role"),
    _own("post.community", "任职社区", "Post.community", R, basis=DUTY),
    _own("post.sub_area", "任职片区", "Post.sub_area_id", R, basis=DUTY),
    _own("post.street", "任职街道", "Post.street_code", basis=DUTY),
    _own("post.valid_from", "任职日期", "Post.valid_from", Type.DATE, basis=DUTY, time_basis=TimeBasis.PERIOD),
    _own("post.valid_to", "卸任日期", "Post.valid_to", Type.DATE, basis=DUTY, time_basis=TimeBasis.PERIOD),
    _own("party_seat.post", "接办席位任职", "PartySeat.post", R, basis=DUTY),
    _own("party_seat.account", "接办席位账号", "PartySeat.account_id", R, basis=DUTY),
    _own("party_seat.code", "接办链接代码", "PartySeat.code", basis=DUTY),
    _own("party_seat.made_by", "谁开通接办", "PartySeat.made_by", R, basis=DUTY),
    _own("party_seat.made_at", "接办开通时间", "PartySeat.made_at", M, basis=DUTY, time_basis=TimeBasis.POINT),
    _own("absence.account", "不在岗账号", "Absence.account_id", R, basis=DUTY),
    _own("absence.cover", "顶岗账号", "Absence.cover_id", R, basis=DUTY),
    _own("absence.from_on", "不在岗起始", "Absence.from_on", Type.DATE, basis=DUTY, time_basis=TimeBasis.PERIOD),
    _own("absence.until_on", "回岗日期", "Absence.until_on", Type.DATE, basis=DUTY, time_basis=TimeBasis.PERIOD),
    _own("absence.posts", "顶岗岗位", "Absence.posts", R, basis=DUTY),
    _own("absence.noted_at", "不在岗登记时间", "Absence.noted_at", M, basis=DUTY, time_basis=TimeBasis.POINT),
    _own("sign_in_code.phone", "验证码手机号", "SignInCode.phone"),
    _own("sign_in_code.phone_index", "验证码手机号摘要", "SignInCode.phone_index"),
    _own("sign_in_code.address_index", "网络地址摘要", "SignInCode.address_index"),
    _own("sign_in_code.code_hash", "验证码摘要", "SignInCode.code_hash"),
    _own("sign_in_code.made_at", "验证码生成时间", "SignInCode.made_at", M, time_basis=TimeBasis.POINT),
    _own("sign_in_code.expires_at", "验证码失效时间", "SignInCode.expires_at", M, time_basis=TimeBasis.POINT),
    _own("sign_in_code.tries_left", "验证码剩余次数", "SignInCode.tries_left", Type.NUMBER),
    _own("sign_in_code.used_at", "验证码使用时间", "SignInCode.used_at", M, time_basis=TimeBasis.POINT),
    _own("resident_link.account", "关联账号", "ResidentLink.account_id", R, basis=CONSENT),
    _own("resident_link.resident", "关联居民", "ResidentLink.resident", R, basis=CONSENT),
    _own(
        "resident_link.state",
        "关联状态",
        "ResidentLink.state",
        Type.CODE,
        basis=CONSENT,
        code_list="accounts.LinkState",
    ),
    _own("resident_link.stated_name", "自述姓名", "ResidentLink.stated_name", basis=CONSENT),
    _own("resident_link.stated_door", "自述门牌", "ResidentLink.stated_door", basis=CONSENT),
    _own("resident_link.requested_at", "关联申请时间", "ResidentLink.requested_at", M, time_basis=TimeBasis.POINT),
    _own("resident_link.decided_at", "关联处理时间", "ResidentLink.decided_at", M, time_basis=TimeBasis.POINT),
    _own("resident_link.decided_by", "关联处理人", "ResidentLink.decided_by", R, basis=DUTY),
    _own("resident_link.ended_at", "关联解除时间", "ResidentLink.ended_at", M, time_basis=TimeBasis.POINT),
    _own("resident_link.reason", "关联处理说明", "ResidentLink.reason", basis=DUTY),
]
