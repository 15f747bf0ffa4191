from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "linli.intake"
    label = "intake"
    verbose_name = "收件"

    def ready(self) -> None:
        from linli.core import trail
        from linli.matters import marked

        from . import queries

        trail.verbs(
            {
                "sticker.put_up": "做贴码",
                "sticker.taken_down": "停用贴码",
                "hotline_sheet.taken_in": "收 12345 工单表",
            }
        )
        marked.READERS.append(queries.place_of)
