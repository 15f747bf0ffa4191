from django.urls import path

from . import views_behalf as behalf
from . import views_calling as calling
from . import views_clock as clock
from . import views_desk as desk
from . import views_handovers as handovers
from . import views_kinds as kinds
from . import views_lookup as lookup
from . import views_merging as merging
from . import views_party as party
from . import views_resident as resident
from . import views_routing as routing
from . import views_supervision as supervision

app_name = "matters"
urlpatterns = [
    path("", resident.home, name="home"),
    path("report/", resident.report, name="report"),
    path("report/kind/", resident.kind_parts, name="kind_parts"),
    path("report/check/", resident.check_report, name="check_report"),
    path("matters/", resident.mine, name="mine"),
    path("look-up/", lookup.look_up, name="look_up"),
    path("matters/<uuid:matter_id>/", resident.matter, name="matter"),
    path("matters/<uuid:matter_id>/saved/", resident.saved, name="saved"),
    path("matters/<uuid:matter_id>/promise.ics", resident.calendar, name="calendar"),
    path("matters/<uuid:matter_id>/add/", resident.add, name="add"),
    path("matters/<uuid:matter_id>/confirm/", resident.confirm, name="confirm"),
    path("matters/<uuid:matter_id>/reopen/", resident.reopen, name="reopen"),
    path("desk/", desk.matters, name="desk_list"),
    path("desk/report/", behalf.report, name="desk_report"),
    path("desk/report/find/", behalf.find_person, name="find_person"),
    path("desk/kinds/", kinds.kinds, name="kinds"),
    path("desk/kinds/<uuid:kind_id>/", kinds.kind, name="kind"),
    path("desk/kinds/<uuid:kind_id>/shift/", kinds.shift_kind, name="shift_kind"),
    path("desk/routing/", routing.routing, name="routing"),
    path("desk/routing/add/", routing.add_rule, name="add_rule"),
    path("desk/routing/<uuid:rule_id>/", routing.rule, name="rule"),
    path("desk/routing/<uuid:rule_id>/shift/", routing.shift_rule, name="shift_rule"),
    path("desk/routing/<uuid:rule_id>/switch/", routing.switch_rule, name="switch_rule"),
    path("desk/on-duty/", routing.on_duty, name="on_duty"),
    path("desk/on-duty/<uuid:absence_id>/end/", routing.end_absence, name="end_absence"),
    path("desk/month/", desk.month, name="month"),
    path("desk/month/ask/", desk.ask_month_table, name="ask_month_table"),
    path("desk/matters/<uuid:matter_id>/", desk.matter, name="desk_matter"),
    path("desk/matters/<uuid:matter_id>/slip/", behalf.slip, name="slip"),
    path("desk/matters/<uuid:matter_id>/accept/", desk.accept, name="accept"),
    path("desk/matters/<uuid:matter_id>/put-back/", desk.put_back, name="put_back"),
    path("desk/matters/<uuid:matter_id>/pass/", desk.pass_on, name="pass"),
    path("desk/matters/<uuid:matter_id>/kind/", desk.change_kind, name="change_kind"),
    path("desk/matters/<uuid:matter_id>/assign/", desk.assign, name="assign"),
    path("desk/matters/<uuid:matter_id>/refuse/", desk.refuse, name="refuse"),
    path("desk/matters/<uuid:matter_id>/note/", desk.note, name="note"),
    path("desk/matters/<uuid:matter_id>/answer/", desk.feed_back, name="feed_back"),
    path("desk/matters/<uuid:matter_id>/call-back/", desk.call_back, name="call_back"),
    path("desk/matters/<uuid:matter_id>/hand-on/", handovers.hand_on, name="hand_on"),
    path("desk/handovers/<uuid:handover_id>/accept/", handovers.accept_answer, name="accept_answer"),
    path("desk/handovers/<uuid:handover_id>/again/", handovers.send_again, name="send_again"),
    path("desk/handovers/<uuid:handover_id>/withdraw/", handovers.withdraw, name="withdraw_handover"),
    path("desk/handovers/<uuid:handover_id>/answer/", handovers.record_answer, name="record_answer"),
    path("desk/handovers/<uuid:handover_id>/return/", handovers.record_return, name="record_return"),
    path("desk/matters/<uuid:matter_id>/like/", merging.like, name="like"),
    path("desk/matters/<uuid:matter_id>/merge/", merging.merge, name="merge"),
    path("desk/matters/<uuid:matter_id>/part/", merging.part, name="part"),
    path("desk/units/", calling.units, name="units"),
    path("desk/matters/<uuid:matter_id>/call/", calling.call, name="call_units"),
    path("desk/called/<uuid:unit_id>/arrive/", calling.desk_arrive, name="called_arrive"),
    path("desk/called/<uuid:unit_id>/result/", calling.desk_result, name="called_result"),
    path("desk/called/<uuid:unit_id>/rate/", calling.rate, name="called_rate"),
    path("desk/calls/<uuid:call_id>/end/", calling.end, name="end_call"),
    path("party/called/<uuid:unit_id>/", calling.called, name="party_called"),
    path("party/called/<uuid:unit_id>/arrive/", calling.party_arrive, name="party_arrive"),
    path("party/called/<uuid:unit_id>/result/", calling.party_result, name="party_result"),
    path("desk/supervisions/", supervision.supervisions, name="supervisions"),
    path("desk/matters/<uuid:matter_id>/supervise/", supervision.supervise, name="supervise"),
    path("desk/supervisions/<uuid:supervision_id>/answer/", supervision.answer, name="answer_supervision"),
    path("desk/supervisions/<uuid:supervision_id>/end/", supervision.end, name="end_supervision"),
    path("party/", party.inbox, name="party"),
    path("party/<uuid:handover_id>/", party.handover, name="party_handover"),
    path("party/<uuid:handover_id>/take/", party.take, name="party_take"),
    path("party/<uuid:handover_id>/answer/", party.answer, name="party_answer"),
    path("party/<uuid:handover_id>/return/", party.give_back, name="party_return"),
    path("party/<uuid:handover_id>/contact/", party.contact, name="party_contact"),
    path("desk/asks/", clock.asks, name="asks"),
    path("desk/matters/<uuid:matter_id>/pause/", clock.pause, name="pause"),
    path("desk/matters/<uuid:matter_id>/extend/", clock.extend, name="extend"),
    path("desk/matters/<uuid:matter_id>/decide/", clock.decide, name="decide"),
    path("desk/matters/<uuid:matter_id>/withdraw/", clock.withdraw, name="withdraw"),
    path("desk/matters/<uuid:matter_id>/resume/", clock.resume, name="resume"),
    path("desk/matters/<uuid:matter_id>/contact/", desk.contact, name="contact"),
]
