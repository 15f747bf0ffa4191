"""Addresses within a community: what a resident may do about her own data, and the desk's side of it."""

from django.urls import path

from . import views_consents as consents
from . import views_correct as correct
from . import views_desk as desk
from . import views_requests as requests
from . import views_resident as resident

app_name = "rights"
urlpatterns = [
    path("me/data/", resident.data, name="data"),
    path("me/data/copy.pdf", resident.copy_pdf, name="copy_pdf"),
    path("me/data/copy.json", resident.copy_json, name="copy_json"),
    path("me/data/<uuid:resident_id>/correct/<slug:field>/", correct.correct, name="correct"),
    path("me/corrections/<uuid:request_id>/withdraw/", correct.withdraw, name="withdraw_correction"),
    path("me/looks/", resident.looks, name="looks"),
    path("me/consents/", consents.mine, name="consents"),
    path("me/consents/<uuid:resident_id>/<slug:purpose>/<slug:step>/", consents.decide, name="decide"),
    path("me/requests/", requests.mine, name="requests"),
    path("me/requests/<uuid:request_id>/withdraw/", requests.withdraw, name="withdraw_request"),
    path("desk/rights/", requests.queue, name="queue"),
    path("desk/rights/retention/", desk.kept, name="kept"),
    path("desk/rights/<uuid:request_id>/", requests.answer, name="answer"),
    path("desk/rights/people/<uuid:resident_id>/", consents.person, name="person_consents"),
    path("desk/rights/people/<uuid:resident_id>/guardian/", consents.guardian, name="guardian"),
    path("desk/rights/people/<uuid:resident_id>/hold/", consents.hold, name="hold"),
    path("desk/readings/", desk.readings, name="readings"),
    path("desk/readings/why/", desk.paused, name="paused"),
]
