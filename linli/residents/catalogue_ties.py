"""What the register knows of ties between people, and of two records of one person."""

from __future__ import annotations

from functools import partial

from linli.core.catalogue import Element, Sensitivity, TimeBasis, Type

BASIS = "个人信息保护法第十三条第三项；民法典第二十七条、第一千零四十九条"

person = partial(Element, sensitivity=Sensitivity.PERSONAL, legal_basis=BASIS)
tie = partial(person, time_basis=TimeBasis.PERIOD)

TIES = (
    tie("tie.resident", "亲属所属居民", type=Type.REFERENCE, model_field="residents.Tie.resident"),
    tie("tie.other", "亲属或监护人", ("监护人", "亲属"), type=Type.REFERENCE, model_field="residents.Tie.other"),
    tie(
        "tie.kind",
        "亲属关系",
        ("监护关系",),
        type=Type.CODE,
        code_list="residents.Tie",
        model_field="residents.Tie.kind",
    ),
    tie("tie.span", "亲属关系起止", type=Type.SPAN, model_field="residents.Tie.span"),
    tie("tie.known_from", "亲属知悉起", type=Type.MOMENT, model_field="residents.Tie.known_from"),
    tie("tie.known_to", "亲属知悉止", type=Type.MOMENT, model_field="residents.Tie.known_to"),
    tie("tie.stands_for", "亲属现行版本", type=Type.REFERENCE, model_field="residents.Tie.stands_for"),
    tie("tie.source", "亲属来源", model_field="residents.Tie.source"),
    tie("tie.confirmed_on", "亲属最近核实", type=Type.DATE, model_field="residents.Tie.confirmed_on"),
    tie("tie.check_by", "亲属下次核实", type=Type.DATE, model_field="residents.Tie.check_by"),
    person("merge.kind", "合并的是", type=Type.CODE, code_list="residents.Merge", model_field="residents.Merge.kind"),
    person("merge.kept", "合并保留的档案", type=Type.REFERENCE, model_field="residents.Merge.kept"),
    person("merge.dropped", "合并并入的档案", type=Type.REFERENCE, model_field="residents.Merge.dropped"),
    person("merge.merged_at", "合并时间", type=Type.MOMENT, model_field="residents.Merge.merged_at"),
    person("merge.merged_by", "合并人", type=Type.REFERENCE, model_field="residents.Merge.merged_by"),
    person("merge.because", "合并理由", model_field="residents.Merge.because"),
    Element(
        "merge.undo",
        "合并撤销所需",
        sensitivity=Sensitivity.SENSITIVE,
        legal_basis=BASIS,
        model_field="residents.Merge.undo",
    ),
    person("merge.undone_at", "合并撤销时间", type=Type.MOMENT, model_field="residents.Merge.undone_at"),
    person("verdict.first", "疑似重复之一", type=Type.REFERENCE, model_field="residents.LikenessVerdict.first"),
    person("verdict.second", "疑似重复之二", type=Type.REFERENCE, model_field="residents.LikenessVerdict.second"),
    person(
        "verdict.says",
        "重复判定",
        type=Type.CODE,
        code_list="residents.LikenessVerdict",
        model_field="residents.LikenessVerdict.says",
    ),
    person("verdict.given_at", "重复判定时间", type=Type.MOMENT, model_field="residents.LikenessVerdict.given_at"),
    person("verdict.given_by", "重复判定人", type=Type.REFERENCE, model_field="residents.LikenessVerdict.given_by"),
)
