from django.urls import path

from . import views_desk as views
from . import views_policies as policies

app_name = "visits"
urlpatterns = [
    path("", views.due, name="list"),
    path("hand-over/", views.hand_over, name="hand_over"),
    path("doors/<uuid:dwelling_id>/", views.door, name="door"),
    path("sessions/<uuid:session_id>/", views.session, name="session"),
    path("people/<uuid:resident_id>/", views.person, name="person"),
    path("plans/<uuid:plan_id>/drop/", views.drop, name="drop"),
    path("rate/", policies.rate, name="rate"),
    path("policies/", policies.policies, name="policies"),
    path("policies/add/", policies.add, name="add_policy"),
    path("policies/<uuid:policy_id>/", policies.policy, name="policy"),
    path("policies/<uuid:policy_id>/end/", policies.end, name="end_policy"),
    path("rounds/start/", policies.start_round, name="start_round"),
    path("rounds/<uuid:round_id>/end/", policies.end_round, name="end_round"),
]
