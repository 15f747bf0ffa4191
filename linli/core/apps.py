from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "linli.core"
    label = "core"
    verbose_name = "平台"

    def ready(self) -> None:
        from .protect import on_migrate

        post_migrate.connect(on_migrate, dispatch_uid="linli.core.protect")
