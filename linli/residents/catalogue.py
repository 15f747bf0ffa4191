"""What the register of people knows; see linli/core/catalogue.py for what an element says.

The legal basis of the register itself is the statutory duty of residents' committees to help the street with public
services to residents (PIPL article 13 (3)); aid and disability rest on their own regulations.
"""

from functools import partial

from linli.core.catalogue import Element, Sensitivity, TimeBasis, Type

from .catalogue_ties import TIES

REGISTER = "个人信息保护法第十三条第三项；城市居民委员会组织法第三条"
AID = "社会救助暂行办法；个人信息保护法第十三条第三项"
POLICE, CIVIL = "公安局", "民政局"
PERSONAL, SENSITIVE = Sensitivity.PERSONAL, Sensitivity.SENSITIVE
LASTING, PERIOD = TimeBasis.LASTING, TimeBasis.PERIOD

person = partial(Element, sensitivity=PERSONAL, legal_basis=REGISTER)
residence = partial(person, time_basis=PERIOD)
aid = partial(Element, sensitivity=SENSITIVE, legal_basis=AID, owner_department=CIVIL)


def _history(code: str, name: str, model: str) -> list[Element]:
    """What every versioned row says of itself: when it was believed, and how sure it is."""
    listed = [
        ("known_from", "知悉起", Type.MOMENT),
        ("known_to", "知悉止", Type.MOMENT),
        ("stands_for", "现行版本", Type.REFERENCE),
        ("source", "来源", Type.TEXT),
        ("confirmed_on", "最近核实", Type.DATE),
        ("check_by", "下次核实", Type.DATE),
    ]
    skipped = {"fact": {"stands_for", "confirmed_on", "check_by"}, "category": {"source"}}.get(code, set())
    return [
        person(f"{code}.{field}", f"{name}{label}", type=type, model_field=f"residents.{model}.{field}")
        for field, label, type in listed
        if field not in skipped
    ]


def _requests() -> list[Element]:
    """A correction that waits for a second person."""
    listed = [
        ("resident", "所属居民", Type.REFERENCE),
        ("deed", "种类", Type.TEXT),
        ("field", "项目", Type.TEXT),
        ("since", "从哪天起", Type.DATE),
        ("because", "理由", Type.TEXT),
        ("evidence", "依据", Type.TEXT),
        ("is_own", "是否本人申请", Type.TRUTH),
        ("state", "状态", Type.TEXT),
        ("requested_by", "申请人", Type.REFERENCE),
        ("requested_at", "申请时间", Type.MOMENT),
        ("decided_by", "核准人", Type.REFERENCE),
        ("decided_at", "核准时间", Type.MOMENT),
        ("answer", "答复", Type.TEXT),
    ]
    model = "residents.CorrectionRequest"
    return [
        *(
            person(f"correction.{name}", f"更正申请{label}", type=type, model_field=f"{model}.{name}")
            for name, label, type in listed
        ),
        *(
            Element(
                f"correction.{name}",
                f"更正申请{label}",
                sensitivity=SENSITIVE,
                legal_basis=REGISTER,
                model_field=f"{model}.{name}",
            )
            for name, label in (("value", "应为"), ("held", "原为"))
        ),
    ]


ELEMENTS = (
    person(
        "resident.name",
        "姓名",
        ("居民姓名", "人员姓名", "老人姓名"),
        owner_department=POLICE,
        model_field="residents.Resident.name",
    ),
    person("resident.pinyin", "姓名拼音", model_field="residents.Resident.pinyin"),
    person("resident.find_keys", "姓名检索", model_field="residents.Resident.find_keys"),
    person("resident.initials", "姓名首字母", model_field="residents.Resident.initials"),
    person(
        "resident.sex",
        "性别",
        type=Type.CODE,
        code_list="GB/T 2261.1",
        time_basis=LASTING,
        owner_department=POLICE,
        model_field="residents.Resident.sex",
    ),
    person(
        "resident.birth_on",
        "出生日期",
        ("出生年月", "出生年月日", "生日"),
        type=Type.DATE,
        time_basis=LASTING,
        owner_department=POLICE,
        model_field="residents.Resident.birth_on",
    ),
    person("resident.age", "年龄", ("周岁", "实足年龄"), type=Type.NUMBER, unit="周岁"),
    Element(
        "resident.id_number",
        "身份证号",
        ("身份证", "身份证号码", "公民身份号码", "证件号码"),
        time_basis=LASTING,
        owner_department=POLICE,
        sensitivity=SENSITIVE,
        legal_basis=REGISTER,
        model_field="residents.Resident.id_number",
    ),
    person(
        "resident.phone",
        "联系电话",
        ("电话", "手机", "手机号", "手机号码", "联系方式"),
        model_field="residents.Resident.phone",
    ),
    person(
        "resident.died_on",
        "去世日期",
        ("死亡日期", "死亡时间"),
        type=Type.DATE,
        time_basis=TimeBasis.POINT,
        owner_department="卫生健康局",
        model_field="residents.Resident.died_on",
    ),
    person(
        "resident.former_name",
        "曾用名",
        owner_department=POLICE,
        model_field="residents.Resident.former_name",
    ),
    person(
        "resident.ethnicity",
        "民族",
        type=Type.CODE,
        code_list="GB/T 3304",
        time_basis=LASTING,
        owner_department=POLICE,
        model_field="residents.Resident.ethnicity",
    ),
    person(
        "resident.education",
        "学历",
        ("文化程度", "受教育程度", "最高学历"),
        type=Type.CODE,
        code_list="GB/T 4658",
        model_field="residents.Resident.education",
    ),
    person(
        "resident.marital_status",
        "婚姻状况",
        ("婚姻", "婚否", "婚姻情况"),
        type=Type.CODE,
        code_list="GB/T 2261.2",
        owner_department=CIVIL,
        model_field="residents.Resident.marital_status",
    ),
    person(
        "resident.political_status",
        "政治面貌",
        ("政治面目",),
        type=Type.CODE,
        code_list="GB/T 4762",
        model_field="residents.Resident.political_status",
    ),
    person(
        "resident.employment",
        "从业状况",
        ("就业状况", "就业情况"),
        type=Type.CODE,
        code_list="GB/T 2261.4",
        model_field="residents.Resident.employment",
    ),
    person(
        "resident.employer", "工作单位", ("单位", "单位名称", "就业单位"), model_field="residents.Resident.employer"
    ),
    person("resident.source", "档案来源", model_field="residents.Resident.source"),
    person(
        "resident.confirmed_on",
        "最近核实日期",
        ("核实日期", "核实时间"),
        type=Type.DATE,
        time_basis=TimeBasis.POINT,
        model_field="residents.Resident.confirmed_on",
    ),
    person(
        "resident.check_by",
        "下次核实日期",
        type=Type.DATE,
        time_basis=TimeBasis.POINT,
        model_field="residents.Resident.check_by",
    ),
    person("resident.marks", "逐项核实", model_field="residents.Resident.marks"),
    person("resident.merged_into", "已并入的档案", type=Type.REFERENCE, model_field="residents.Resident.merged_into"),
    *_history("fact", "事实", "Fact"),
    person("fact.resident", "事实所属居民", type=Type.REFERENCE, model_field="residents.Fact.resident"),
    person("fact.field", "事实项目", model_field="residents.Fact.field"),
    Element(
        "fact.value",
        "事实内容",
        time_basis=PERIOD,
        sensitivity=SENSITIVE,
        legal_basis=REGISTER,
        model_field="residents.Fact.value",
    ),
    residence("fact.span", "事实起止", type=Type.SPAN, model_field="residents.Fact.span"),
    *_history("document", "证件", "Document"),
    person("document.resident", "证件所属居民", type=Type.REFERENCE, model_field="residents.Document.resident"),
    person(
        "document.kind",
        "证件类型",
        ("证件种类", "证件类别"),
        type=Type.CODE,
        code_list="GA/T 517",
        model_field="residents.Document.kind",
    ),
    Element(
        "document.number",
        "其他证件号码",
        ("护照号", "护照号码", "通行证号码"),
        time_basis=PERIOD,
        sensitivity=SENSITIVE,
        legal_basis=REGISTER,
        model_field="residents.Document.number",
    ),
    residence(
        "document.span",
        "证件有效期",
        ("有效期限", "有效期"),
        type=Type.SPAN,
        model_field="residents.Document.span",
    ),
    person("document.note", "证件说明", ("无证件原因", "未办证原因"), model_field="residents.Document.note"),
    *_requests(),
    person("document.issued_in", "签发国家或地区", ("国籍", "国籍或地区"), model_field="residents.Document.issued_in"),
    Element(
        "resident.noted_at",
        "登记时间",
        ("采集时间", "录入时间"),
        type=Type.MOMENT,
        time_basis=TimeBasis.POINT,
        model_field="residents.Resident.noted_at",
    ),
    *_history("household", "户", "Household"),
    person(
        "household.kind",
        "户类型",
        ("户别", "户口性质"),
        type=Type.CODE,
        code_list="residents.HouseholdKind",
        model_field="residents.Household.kind",
    ),
    person(
        "household.dissolved_on",
        "撤户日期",
        type=Type.DATE,
        time_basis=TimeBasis.POINT,
        model_field="residents.Household.dissolved_on",
    ),
    person("household.dwelling", "户所在房屋", type=Type.REFERENCE, model_field="residents.Household.dwelling"),
    person(
        "household.number",
        "户号",
        ("户口簿号", "家庭编号"),
        owner_department=POLICE,
        model_field="residents.Household.number",
    ),
    person(
        "household.head",
        "户主",
        ("户主姓名",),
        type=Type.REFERENCE,
        owner_department=POLICE,
        model_field="residents.Household.head",
    ),
    residence("residence.resident", "居住人", type=Type.REFERENCE, model_field="residents.Residence.resident"),
    residence(
        "residence.dwelling",
        "现住址",
        ("居住地址", "家庭住址", "住址", "现居住地", "户籍地址"),
        type=Type.REFERENCE,
        model_field="residents.Residence.dwelling",
    ),
    residence("residence.household", "所属户", type=Type.REFERENCE, model_field="residents.Residence.household"),
    residence(
        "residence.kind",
        "居住性质",
        ("人户情况", "是否人户分离"),
        type=Type.CODE,
        code_list="residents.ResidenceKind",
        model_field="residents.Residence.kind",
    ),
    residence(
        "residence.population_class",
        "人口类别",
        ("人口类型", "人员类别", "户籍类型"),
        type=Type.CODE,
        code_list="residents.PopulationClass",
        model_field="residents.Residence.population_class",
    ),
    residence(
        "residence.relation_to_head",
        "与户主关系",
        ("与户主的关系", "家庭关系"),
        type=Type.CODE,
        code_list="GB/T 4761",
        owner_department=POLICE,
        model_field="residents.Residence.relation_to_head",
    ),
    residence(
        "residence.span",
        "居住起止日期",
        ("入住时间", "迁入日期", "迁出日期", "居住时间"),
        type=Type.SPAN,
        model_field="residents.Residence.span",
    ),
    *_history("residence", "居住", "Residence"),
    residence(
        "residence.reason", "居住事由", ("来杭事由", "流入原因", "外出原因"), model_field="residents.Residence.reason"
    ),
    residence(
        "residence.whereabouts",
        "外出去向",
        ("去向", "流出地", "外出地址"),
        model_field="residents.Residence.whereabouts",
    ),
    Element(
        "residence.permit_number",
        "居住证号",
        ("居住证编号", "暂住证号"),
        time_basis=PERIOD,
        owner_department=POLICE,
        sensitivity=SENSITIVE,
        legal_basis=REGISTER,
        model_field="residents.Residence.permit_number",
    ),
    residence(
        "residence.permit_until",
        "居住证到期",
        ("居住证有效期", "居住证到期日期"),
        type=Type.DATE,
        model_field="residents.Residence.permit_until",
    ),
    *_history("category", "类别", "Category"),
    aid(
        "category.level",
        "类别级别",
        ("残疾等级", "失能等级", "级别"),
        time_basis=PERIOD,
        model_field="residents.Category.level",
    ),
    aid(
        "category.decision",
        "认定文号",
        ("文号", "审批文号"),
        time_basis=PERIOD,
        model_field="residents.Category.decision",
    ),
    person(
        "category.resident",
        "类别对象",
        type=Type.REFERENCE,
        time_basis=PERIOD,
        model_field="residents.Category.resident",
    ),
    aid(
        "category.kind",
        "居民类别",
        ("人员标签", "困难类型", "特殊人群", "对象类别"),
        type=Type.CODE,
        code_list="residents.CATEGORY_KINDS",
        time_basis=PERIOD,
        model_field="residents.Category.kind",
    ),
    aid(
        "category.span",
        "类别起止日期",
        ("享受起始时间", "认定起止时间"),
        type=Type.SPAN,
        time_basis=PERIOD,
        model_field="residents.Category.span",
    ),
    aid(
        "category.certificate_number",
        "证件编号",
        ("低保证号", "残疾证号", "残疾人证号", "证书编号"),
        time_basis=PERIOD,
        model_field="residents.Category.certificate_number",
    ),
    aid(
        "category.decided_on",
        "认定日期",
        ("审批日期", "批准日期"),
        type=Type.DATE,
        time_basis=TimeBasis.POINT,
        model_field="residents.Category.decided_on",
    ),
    Element(
        "category.source",
        "类别来源",
        ("数据来源", "信息来源"),
        owner_department=CIVIL,
        sensitivity=PERSONAL,
        legal_basis=AID,
        model_field="residents.Category.source",
    ),
    *TIES,
)
