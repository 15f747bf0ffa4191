from django.urls import path

from . import views_desk as views

app_name = "notices"
urlpatterns = [
    path("", views.messages, name="messages"),
    path("calls/", views.calls, name="calls"),
    path("<uuid:message_id>/number/", views.number, name="number"),
    path("<uuid:message_id>/done/", views.done, name="done"),
    path("<uuid:message_id>/no-answer/", views.no_answer, name="no_answer"),
]
