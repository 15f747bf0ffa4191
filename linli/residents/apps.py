from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    name = "linli.residents"
    label = "residents"
    verbose_name = "居民"

    def ready(self) -> None:
        from linli.core import subjects, trail

        from . import queries

        trail.verbs(
            {
                "resident.registered": "登记居民",
                "resident.phone_changed": "更改电话",
                "resident.corrected": "更正居民信息",
                "resident.taken_back": "撤回登记",
                "resident.home_corrected": "更正住处",
                "resident.move_taken_back": "撤回迁居",
                "category.taken_back": "撤回类别",
                "resident.died": "登记去世",
                "resident.revealed": "查看完整号码",
                "resident.moved_in": "迁入登记",
                "resident.moved_out": "迁出登记",
                "category.granted": "登记类别",
                "category.ended": "终止类别",
                "household.formed": "立户",
            }
        )
        subjects.let_see("residents.resident", queries.may_see_resident)
