from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "linli.matters"
    label = "matters"
    verbose_name = "事项"

    def ready(self) -> None:
        from linli.core import subjects, trail

        from . import queries

        trail.verbs(
            {
                "matter.reported": "已上报",
                "matter.accepted": "已受理",
                "matter.put_back": "放回待受理",
                "matter.refused": "不予受理",
                "matter.passed": "转后台办理",
                "matter.noted": "处置记录",
                "matter.fed_back": "已答复",
                "matter.confirmed": "上报人确认办结",
                "matter.rated": "上报人评价",
                "matter.reopened": "上报人要求接着办",
                "matter.called_back": "回访后办结",
                "matter.contact_revealed": "查看联系电话",
                "matter_kind.added": "添加事项类别",
                "month_table.asked": "要月表",
                "month_table.made": "月表已生成",
            }
        )
        for verb in ("matter.reported", "matter.accepted", "matter.fed_back", "matter.refused"):
            trail.follow(verb, "matters.tell_reporter")
        trail.follow("month_table.asked", "matters.make_month_table")
        subjects.let_see("matters.matter", queries.may_see_matter)
        subjects.let_see("matters.monthtable", queries.may_see_month_table)
