from django.apps import AppConfig


class WorktimeConfig(AppConfig):
    name = "linli.worktime"
    label = "worktime"
    verbose_name = "工作时间"

    def ready(self) -> None:
        from linli.core import trail

        trail.verbs(
            {
                "worktime.week_set": "设定上班时间",
                "worktime.day_set": "调整某天上班或休息",
                "worktime.day_cleared": "取消某天的调整",
            }
        )
