from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "linli.rights"
    label = "rights"
    verbose_name = "个人信息权利"

    def ready(self) -> None:
        from linli.core import trail, waiting
        from linli.core.access import Permission

        from . import queries

        trail.verbs(
            {
                "resident.listed": "在清单上看到居民",
                "resident.opened": "打开居民档案",
                "reading.unusual": "查看居民异常多",
                "reading.explained": "说明为什么看这么多",
                "consent.given": "同意一项用途",
                "consent.withdrawn": "撤回同意",
                "rights.asked": "提出个人信息请求",
                "rights.withdrawn": "撤回个人信息请求",
                "rights.answered": "答复个人信息请求",
                "resident.forgotten": "到期删除，查证没有留下",
                "retention.applied": "清理到期的记录",
                "hold.placed": "法律保全",
                "hold.lifted": "解除法律保全",
                "data.copied": "取走自己的信息",
            }
        )
        trail.follow("rights.answered", "linli.rights.jobs.tell_of_answer")
        trail.follow("reading.unusual", "linli.rights.jobs.tell_of_reading")
        waiting.join(
            waiting.Kind(
                code="rights",
                name="信息请求",
                does="居民要更正、删除或说明，期限内答复",
                icon="form",
                page="rights:queue",
                order=30,
                permission=Permission.RIGHTS_HANDLE,
                table="rights_rightsrequest",
                where="state = 'asked'",
                since="asked_at",
                rows=queries.waiting_requests,
            )
        )
