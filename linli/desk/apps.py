from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "linli.desk"
    label = "desk"
    verbose_name = "工作台首页"

    def ready(self) -> None:
        from linli.core import trail

        trail.verbs({"first_day.put_aside": "首日步骤先放着", "first_day.taken_up": "首日步骤接着做"})
