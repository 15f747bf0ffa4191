from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "linli.rights"
    label = "rights"
    verbose_name = "个人信息权利"

    def ready(self) -> None:
        from linli.core import trail

        trail.verbs(
            {
                "resident.listed": "在清单上看到居民",
                "resident.opened": "打开居民档案",
                "reading.unusual": "查看居民异常多",
                "reading.explained": "说明为什么看这么多",
                "data.copied": "取走自己的信息",
            }
        )
        trail.follow("reading.unusual", "linli.rights.jobs.tell_of_reading")
