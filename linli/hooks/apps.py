from django.apps import AppConfig


class HooksConfig(AppConfig):
    name = "linli.hooks"
    label = "hooks"
    verbose_name = "对外推送"

    def ready(self) -> None:
        from linli.core import trail

        from . import queries

        trail.verbs({"hook.added": "设推送地址", "hook.stopped": "停用推送地址", "hook.sent_again": "再推送一次"})
        for verb in queries.verbs_offered():
            trail.follow(verb, "hooks.offer")
