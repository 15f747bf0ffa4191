from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "linli.matters"
    label = "matters"
    verbose_name = "事项"

    def ready(self) -> None:
        from linli.core import subjects, trail, waiting
        from linli.core.access import Permission
        from linli.core.drafts import inputs_of, let_keep

        from . import forms, forms_clock, forms_handovers, forms_kinds, forms_routing, queries

        trail.verbs(
            {
                "matter.reported": "已上报",
                "matter.accepted": "已受理",
                "matter.put_back": "放回待受理",
                "matter.refused": "不予受理",
                "matter.passed": "转后台办理",
                "matter.noted": "处置记录",
                "matter.added": "上报人补充",
                "matter.fed_back": "已答复",
                "matter.confirmed": "上报人确认办结",
                "matter.rated": "上报人评价",
                "matter.reopened": "上报人要求接着办",
                "matter.called_back": "回访后办结",
                "matter.contact_revealed": "查看联系电话",
                "handover.offered": "转办",
                "handover.taken": "单位接收",
                "handover.answered": "单位反馈",
                "handover.accepted": "核查通过",
                "handover.again": "要求重办",
                "handover.returned": "单位退单",
                "handover.withdrawn": "收回转办",
                "supervision.opened": "督办",
                "supervision.answered": "回复督办",
                "supervision.ended": "结束督办",
                "matter.merged": "并案",
                "matter.joined": "别人报的并到这件",
                "matter.parted": "分开另办",
                "whistle.blown": "吹哨，叫几个单位到场",
                "whistle.arrived": "单位报到",
                "whistle.told": "单位说了办的结果",
                "whistle.rated": "给单位评分",
                "whistle.ended": "结束吹哨",
                "matter.pause_asked": "申请暂停计时",
                "matter.paused": "暂停计时",
                "matter.pause_declined": "暂停计时没有同意",
                "matter.resumed": "恢复计时",
                "matter.extension_asked": "申请延期",
                "matter.extended": "延长期限",
                "matter.extension_declined": "延期没有同意",
                "matter.ask_withdrawn": "撤回申请",
                "matter.due_soon": "期限快到了，已提醒",
                "matter.untaken": "过了受理时限，已提醒",
                "matter.slow": "过了处置时限，已提醒",
                "matter.overdue": "超时，已催办",
                "matter.raised": "超时，已报上级",
                "matter_kind.added": "添加事项类别",
                "matter_kind.changed": "修改事项类别",
                "matter_kind.moved": "移动事项类别",
                "matter.kind_changed": "更正类别",
                "pause_reason.added": "添加暂停原因",
                "matter.assigned": "派给同事",
                "routing_rule.added": "添加分派规则",
                "routing_rule.changed": "修改分派规则",
                "month_table.asked": "要月表",
                "month_table.made": "月表已生成",
            }
        )
        told = ("reported", "accepted", "fed_back", "refused", "merged", "paused", "resumed", "extended")
        for verb in (f"matter.{deed}" for deed in told):
            trail.follow(verb, "matters.tell_reporter")
        for verb in ("handover.offered", "handover.again"):
            trail.follow(verb, "matters.tell_unit")
        trail.follow("whistle.blown", "matters.tell_called")
        trail.follow("matter.assigned", "matters.tell_assigned")
        trail.follow("matter.reported", "matters.tell_assigned")
        trail.follow("month_table.asked", "matters.make_month_table")
        subjects.let_see("matters.matter", queries.may_see_matter)
        subjects.let_see("matters.handover", queries.may_see_handover)
        subjects.let_see("matters.monthtable", queries.may_see_month_table)
        let_keep("report", inputs_of(forms.ReportForm), starts=forms_kinds.ASK)
        let_keep("desk_report", inputs_of(forms.DeskReportForm), starts=forms_kinds.ASK)
        let_keep(
            "desk_report_for",
            inputs_of(forms.DeskReportForm),
            about="residents.resident",
            starts=forms_kinds.ASK,
        )
        steps: dict[str, type[forms.forms.Form]] = {
            "add": forms.AddForm,
            "note": forms.HandlingForm,
            "answer": forms.FeedBackForm,
            "pass": forms.WordsForm,
            "refuse": forms.WordsForm,
            "call": forms.WordsForm,
            "kind": forms.ChangeKindForm,
            "assign": forms_routing.AssignForm,
            "reopen": forms.WordsForm,
            "reply": forms.WordsForm,
            "pause": forms_clock.AskForm,
            "extend": forms_clock.AskForm,
            "decide": forms.WordsForm,
        }
        for name, form in steps.items():
            let_keep(name, inputs_of(form, name), about="matters.matter")
        let_keep("handover", inputs_of(forms_handovers.AnswerForm, "handover"), about="matters.handover")
        let_keep("confirm", inputs_of(forms.RatingForm), about="matters.matter")
        for order, code, name, table, rows in (
            (60, "pauses", "暂停计时的申请", "matters_pause", queries.pauses_to_decide),
            (61, "extensions", "延期的申请", "matters_extension", queries.extensions_to_decide),
        ):
            waiting.join(
                waiting.Kind(
                    code=code,
                    name=name,
                    does="看为什么，同意或不同意",
                    icon="clock",
                    page="matters:asks",
                    order=order,
                    permission=Permission.CLOCK_DECIDE,
                    table=table,
                    where="state = 'asked'",
                    since="asked_at",
                    rows=rows,
                )
            )
