from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "linli.notices"
    label = "notices"
    verbose_name = "通知"

    def ready(self) -> None:
        # These need the app registry.
        from linli.accounts.actions import send_codes_by
        from linli.core import trail

        from .port import send_code

        trail.verbs(
            {
                "message.queued": "准备通知",
                "message.sent": "通知已发出",
                "message.delivered": "通知已送达",
                "message.failed": "这种方式没有送到",
                "message.undeliverable": "没有能送达的方式",
                "message.called": "电话已告知",
                "message.not_answered": "电话没有接通",
                "message.number_seen": "查看号码拨打电话",
            }
        )
        trail.follow("message.queued", "linli.notices.jobs.deliver")
        trail.follow("link.confirmed", "linli.notices.jobs.tell_about_link")
        trail.follow("link.refused", "linli.notices.jobs.tell_about_link")
        for verb in ("correction.confirmed", "correction.refused"):
            trail.follow(verb, "linli.notices.jobs.tell_about_correction")
        trail.follow("emergency.opened", "linli.notices.jobs.tell_of_emergency")
        trail.follow("import.done", "linli.notices.jobs.tell_about_import")
        send_codes_by(send_code)
