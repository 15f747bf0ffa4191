from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "linli.visits"
    label = "visits"
    verbose_name = "走访"

    def ready(self) -> None:
        from linli.core import subjects, trail
        from linli.residents import views_record

        from . import queries, views_desk
        from .actions.planning import CHANGES

        trail.verbs(
            {
                "visit_policy.added": "定下走访规则",
                "visit_policy.changed": "修改走访规则",
                "visit_policy.ended": "停用走访规则",
                "visit_policy.fell_due": "走访到期",
                "extra_round.started": "开始加访",
                "extra_round.ended": "结束加访",
                "visit_plan.added": "加一次走访",
                "visit_plan.dropped": "这次不用走访",
                "visit_plan.handed_over": "走访交给同事",
                "visit_errand.given": "请志愿者代走",
                "visit_errand.ended": "不用志愿者代走了",
                "visit.recorded": "记下走访",
            }
        )
        for verb in CHANGES:
            trail.follow(verb, "visits.after_change")
        subjects.let_see("visits.visitsession", queries.may_see_session)
        views_record.PANELS.append(views_desk.panel)
