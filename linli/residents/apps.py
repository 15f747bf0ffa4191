from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    name = "linli.residents"
    label = "residents"
    verbose_name = "居民"

    def ready(self) -> None:
        from linli.core import subjects, trail, waiting
        from linli.core.access import Permission

        from . import asked, queries

        trail.verbs(
            {
                "resident.registered": "登记居民",
                "resident.phone_changed": "更改电话",
                "resident.corrected": "更正居民信息",
                "resident.uncorrected": "撤回更正",
                "resident.taken_back": "撤回登记",
                "resident.home_corrected": "更正住处",
                "resident.home_uncorrected": "撤回住址更正",
                "resident.move_taken_back": "撤回迁居",
                "category.corrected": "更正类别的级别、证号或认定日期",
                "category.changed": "变更类别的级别、证号或认定日期",
                "category.uncorrected": "撤销对类别的更正",
                "category.taken_back": "撤回类别",
                "resident.died": "登记去世",
                "resident.revealed": "查看完整号码",
                "resident.moved_in": "迁入登记",
                "resident.moved_out": "迁出登记",
                "category.granted": "登记类别",
                "category.ended": "终止类别",
                "household.formed": "立户",
                "household.split": "分户",
                "household.joined": "并户",
                "household.head_changed": "变更户主",
                "household.moved": "整户迁居",
                "household.dissolved": "撤户",
                "resident.regrouped": "变更所在户",
                "resident.class_changed": "变更人口类别",
                "resident.went_away": "登记外出",
                "resident.came_back": "登记返回",
                "resident.registered_at": "登记户籍地",
                "resident.born": "出生登记",
                "resident.had_child": "登记子女",
                "resident.guardian_named": "指定监护人",
                "resident.married": "结婚登记",
                "resident.divorced": "离婚登记",
                "resident.merged": "合并档案",
                "resident.split": "撤销合并",
                "resident.told_apart": "判定不是同一人",
                "household.merged": "合并户",
                "household.unmerged": "撤销合并户",
                "resident.widowed": "丧偶登记",
                "resident.confirmed": "核实",
                "resident.changed": "变更居民信息",
                "document.added": "登记证件",
                "document.corrected": "更正证件",
                "document.dropped": "注销证件",
                "correction.requested": "申请更正",
                "correction.confirmed": "核准更正",
                "correction.refused": "没有核准更正",
                "correction.withdrawn": "撤回更正申请",
            }
        )
        subjects.let_see("residents.resident", queries.may_see_resident)
        waiting.join(
            waiting.Kind(
                code="corrections",
                name="更正申请",
                does="两边对照着看，核准或退回",
                icon="pen",
                page="residents:corrections",
                order=10,
                permission=Permission.RESIDENTS_LINK,
                table="residents_correctionrequest",
                where="state = 'requested'",
                since="requested_at",
                rows=asked.to_decide,
            )
        )
