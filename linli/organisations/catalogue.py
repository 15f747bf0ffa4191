"""What the register of organisations knows; see linli/core/catalogue.py for what an element says."""

from typing import Any

from linli.core.catalogue import Element, Sensitivity, TimeBasis, Type

PARTY = "街道党工委"
RULES = "中国共产党党内统计和党务公开的规定；个人信息保护法第十三条第三项"
KIND, VENUE_KIND = "organisations.kinds.kinds", "organisations.kinds.venue_kinds"
ROLE = "organisations.kinds.Role"
PERIOD = TimeBasis.PERIOD


def _of(model: str, word: str, **fields: tuple[Any, ...]) -> list[Element]:
    """Plain elements of a model: its field's name to what it is called, its type and what people write over it."""
    found = []
    for field, (name, type_, *aliases) in fields.items():
        lists = {"kind": VENUE_KIND if model == "Venue" else KIND, "bond": f"organisations.{model}.Bond"}
        found.append(
            Element(
                f"{word}.{field}",
                name,
                aliases[0] if aliases else (),
                type=type_,
                code_list=lists[field] if type_ is Type.CODE else "",
                time_basis=PERIOD if type_ is Type.SPAN else TimeBasis.PRESENT,
                model_field=f"organisations.{model}.{field}",
            )
        )
    return found


def _personal(
    code: str, name: str, field: str, aliases: tuple[str, ...] = (), **more: str | Type | TimeBasis
) -> Element:
    return Element(
        code,
        name,
        aliases,
        owner_department=PARTY,
        sensitivity=Sensitivity.PERSONAL,
        legal_basis=RULES,
        model_field=f"organisations.{field}",
        **more,  # type: ignore[arg-type]
    )


T = Type
ELEMENTS = (
    *_of(
        "Organisation",
        "organisation",
        name=("组织名称", T.TEXT, ("支部名称", "党支部", "所属党组织", "单位名称")),
        kind=("组织类型", T.CODE, ("党组织类型",)),
        parent=("上级组织", T.REFERENCE, ("上级党组织",)),
        credit_code=("统一社会信用代码", T.TEXT, ("信用代码",)),
        words=("组织做什么", T.TEXT, ("共建内容", "可提供资源")),
        order=("组织顺序", T.NUMBER),
        span=("组织起止日期", T.SPAN, ("成立时间",)),
        source=("组织来源", T.TEXT),
        confirmed_on=("组织核实日期", T.DATE),
        check_by=("组织下次核实", T.DATE),
    ),
    *_of(
        "OrganisationTerm",
        "organisation_term",
        organisation=("届期的组织", T.REFERENCE),
        label=("届次或合同号", T.TEXT, ("届次", "合同编号")),
        span=("届期起止", T.SPAN, ("任期", "合同期")),
    ),
    _personal("organisation_post.organisation", "任职的组织", "OrganisationPost.organisation", type=T.REFERENCE),
    _personal("organisation_post.role", "职务", "OrganisationPost.role", ("党内职务",), type=T.CODE, code_list=ROLE),
    _personal(
        "organisation_post.resident",
        "任职的居民",
        "OrganisationPost.resident",
        ("支部书记", "党组织书记"),
        type=T.REFERENCE,
    ),
    _personal("organisation_post.name", "联系人", "OrganisationPost.name", ("负责人",)),
    _personal("organisation_post.phone", "联系人电话", "OrganisationPost.phone", ("负责人电话",)),
    _personal("organisation_post.building", "红管家的楼栋", "OrganisationPost.building", type=T.REFERENCE),
    _personal(
        "organisation_post.span", "任职起止", "OrganisationPost.span", ("任职时间",), type=T.SPAN, time_basis=PERIOD
    ),
    *_of(
        "OrganisationPlace",
        "organisation_place",
        organisation=("服务范围的组织", T.REFERENCE),
        bond=("与地点的关系", T.CODE),
        sub_area=("服务片区", T.REFERENCE, ("党组织所在片区",)),
        estate=("服务小区", T.REFERENCE),
        building=("服务楼栋", T.REFERENCE),
        entrance=("服务单元", T.REFERENCE),
        dwelling=("驻在房屋", T.REFERENCE),
        span=("服务起止", T.SPAN),
    ),
    *_of(
        "Venue",
        "venue",
        name=("阵地名称", T.TEXT, ("场所名称",)),
        kind=("阵地类型", T.CODE),
        sub_area=("阵地片区", T.REFERENCE),
        building=("阵地楼栋", T.REFERENCE),
        where=("阵地位置", T.TEXT),
        area_dm2=("阵地面积", T.NUMBER),
        capacity=("可容纳人数", T.NUMBER),
        opening=("开放时间", T.TEXT),
        organisation=("阵地管理单位", T.REFERENCE),
        span=("阵地起止日期", T.SPAN),
        source=("阵地来源", T.TEXT),
        confirmed_on=("阵地核实日期", T.DATE),
        check_by=("阵地下次核实", T.DATE),
    ),
    _personal("venue.keeper", "阵地管理人", "Venue.keeper"),
    *_of(
        "Project",
        "project",
        name=("项目名称", T.TEXT),
        sub_area=("项目片区", T.REFERENCE),
        organisation=("牵头组织", T.REFERENCE),
        for_whom=("服务对象", T.TEXT),
        words=("项目内容", T.TEXT),
        span=("项目起止日期", T.SPAN),
        source=("项目来源", T.TEXT),
        confirmed_on=("项目核实日期", T.DATE),
        check_by=("项目下次核实", T.DATE),
    ),
)
