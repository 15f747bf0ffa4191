from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "linli.accounts"
    label = "accounts"
    verbose_name = "账号与岗位"

    def ready(self) -> None:
        from linli.core import colleagues, trail, waiting  # needs the app registry
        from linli.core.access import Permission
        from linli.core.drafts import inputs_of, let_keep

        from . import queries, queries_emergencies
        from .forms import LinkForm

        colleagues.let_name(queries.display_names)

        let_keep("link", inputs_of(LinkForm))

        trail.verbs(
            {
                "session.signed_in": "登录",
                "session.refused": "登录没有通过",
                "session.signed_out": "退出登录",
                "session.ended_everywhere": "在所有设备上退出",
                "session.ended": "结束一个登录",
                "session.ended_others": "结束其他登录",
                "session.outlived": "登录到时自动退出",
                "second_step.app_added": "绑定验证器",
                "second_step.codes_made": "生成备用码",
                "second_step.passkey_added": "登记通行密钥",
                "second_step.passkey_dropped": "删除通行密钥",
                "session.ended_by_keeper": "替人结束登录",
                "second_step.reset_asked": "申请重设第二步",
                "second_step.reset": "重设第二步",
                "account.unlocked": "解除登录锁定",
                "emergency.opened": "打开紧急查看",
                "emergency.closed": "结束紧急查看",
                "emergency.reviewed": "复核紧急查看",
                "account.added": "开通账号",
                "account.closed": "停用账号",
                "account.password_changed": "更换密码",
                "account.password_reset": "重设密码",
                "absence.noted": "登记不在岗",
                "absence.ended": "回岗",
                "post.granted": "任命岗位",
                "post.ended": "免去岗位",
                "link.requested": "申请关联档案",
                "link.confirmed": "确认关联档案",
                "link.refused": "没有确认关联",
                "link.ended": "解除关联",
                "party_seat.opened": "开通单位接办链接",
                "token.made": "生成接口口令",
                "token.revoked": "停用接口口令",
            }
        )
        waiting.join(
            waiting.Kind(
                code="links",
                name="关联申请",
                does="核对是不是本人，确认后他能看自己的档案",
                icon="id",
                page="me:links",
                order=20,
                permission=Permission.RESIDENTS_LINK,
                table="accounts_residentlink",
                where="state = 'requested'",
                since="requested_at",
                rows=queries.open_links_visible_to,
            )
        )
        waiting.join(
            waiting.Kind(
                code="emergencies",
                name="紧急查看",
                does="看当时为什么打开、看了什么，写下复核意见",
                icon="late",
                page="me:emergency",
                order=60,
                permission=Permission.EMERGENCY_REVIEW,
                table="accounts_emergency",
                where="reviewed_at IS NULL",
                since="opened_at",
                rows=queries_emergencies.unreviewed_for,
            )
        )
