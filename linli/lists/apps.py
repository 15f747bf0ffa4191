from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "linli.lists"
    label = "lists"
    verbose_name = "名单"

    def ready(self) -> None:
        from linli.core import subjects, trail, waiting
        from linli.core.access import Permission
        from linli.residents import views_list

        from . import queries, views_desk

        trail.verbs(
            {
                "group.saved": "存下分组",
                "group.dropped": "删除分组",
                "export.asked": "申请导出名单",
                "export.agreed": "同意导出名单",
                "export.refused": "不同意导出名单",
                "export.made": "生成导出文件",
                "export.password_shown": "查看导出文件的密码",
                "export.fetched": "下载导出文件",
                "export.expired": "导出文件过期",
                "change.made": "批量修改居民",
                "change.undone": "撤销批量修改",
                "change.taken_back": "撤回批量修改里的改动",
            }
        )
        trail.follow("export.asked", "lists.make")
        trail.follow("export.agreed", "lists.make")
        subjects.let_see("lists.export", queries.no_file)
        views_list.SHELVES.append(views_desk.shelf)
        waiting.join(
            waiting.Kind(
                code="exports",
                name="导出名单",
                does="看用途和人数，同意或退回",
                icon="lock",
                page="lists:exports",
                order=40,
                permission=Permission.EXPORTS_AGREE,
                table="lists_export",
                where="state = 'waiting'",
                since="made_at",
                rows=queries.exports_waiting_for,
            )
        )
