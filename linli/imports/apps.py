from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "linli.imports"
    label = "imports"
    verbose_name = "导入"

    def ready(self) -> None:
        from linli.core import subjects, trail, waiting
        from linli.core.access import Permission

        from . import queries

        trail.verbs(
            {
                "import.uploaded": "上传花名册",
                "import.mapped": "确认各列是什么",
                "import.checked": "核对完成",
                "import.decided": "处理拿不准的一行",
                "import.started": "开始导入",
                "import.done": "导入完成",
                "import.undoing": "开始撤销导入",
                "import.undone": "撤销导入",
                "import.dropped": "放弃导入",
                "import.let_go": "到期删除名册的内容",
                "import.file_dropped": "删除名册的原件",
                "import.returned": "取回要改的行",
            }
        )
        trail.follow("import.mapped", "imports.check")
        trail.follow("import.started", "imports.run")
        trail.follow("import.undoing", "imports.undo")
        subjects.let_see("imports.import", queries.may_see_import)
        waiting.join(
            waiting.Kind(
                code="imports",
                name="导入的花名册",
                does="确认各列，看拿不准的行，决定导入",
                icon="download",
                page="imports:list",
                order=50,
                permission=Permission.REGISTER_IMPORT,
                table="imports_import",
                where="state IN ('read', 'checked')",
                since="made_at",
                rows=queries.waiting_for,
            )
        )
