"""What the party tree knows; see linli/core/catalogue.py for what an element says."""

from linli.core.catalogue import Element, Sensitivity, Type

PARTY = "街道党工委"
RULES = "中国共产党党内统计和党务公开的规定；个人信息保护法第十三条第三项"

ELEMENTS = (
    Element(
        "party_branch.name",
        "党组织名称",
        ("支部名称", "党支部", "所属党组织"),
        owner_department=PARTY,
        model_field="organisations.PartyBranch.name",
    ),
    Element(
        "party_branch.kind",
        "党组织层级",
        ("党组织类型",),
        type=Type.CODE,
        code_list="organisations.PartyBranch.Kind",
        owner_department=PARTY,
        model_field="organisations.PartyBranch.kind",
    ),
    Element(
        "party_branch.parent",
        "上级党组织",
        type=Type.REFERENCE,
        owner_department=PARTY,
        model_field="organisations.PartyBranch.parent",
    ),
    Element(
        "party_branch.sub_area",
        "党组织所在片区",
        type=Type.REFERENCE,
        owner_department=PARTY,
        model_field="organisations.PartyBranch.sub_area",
    ),
    Element(
        "party_branch.secretary",
        "书记",
        ("支部书记", "党组织书记"),
        type=Type.REFERENCE,
        owner_department=PARTY,
        sensitivity=Sensitivity.PERSONAL,
        legal_basis=RULES,
        model_field="organisations.PartyBranch.secretary",
    ),
    Element(
        "party_branch.secretary_from",
        "书记任职日期",
        ("任职时间",),
        type=Type.DATE,
        owner_department=PARTY,
        sensitivity=Sensitivity.PERSONAL,
        legal_basis=RULES,
        model_field="organisations.PartyBranch.secretary_from",
    ),
    Element(
        "party_branch.order",
        "党组织顺序",
        type=Type.NUMBER,
        owner_department=PARTY,
        model_field="organisations.PartyBranch.order",
    ),
)
