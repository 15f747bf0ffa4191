"""Addresses of the three administrators."""

from django.urls import path

from . import views_keepers as views

app_name = "keepers"
urlpatterns = [
    path("", views.accounts, name="accounts"),
    path("trail/", views.platform_trail, name="trail"),
    path("<uuid:account_id>/", views.account, name="account"),
    path("<uuid:account_id>/password/", views.reset_password, name="reset_password"),
    path("<uuid:account_id>/close/", views.close, name="close"),
    path("<uuid:account_id>/sessions/", views.end_sessions, name="end_sessions"),
    path("<uuid:account_id>/unlock/", views.unlock, name="unlock"),
    path("<uuid:account_id>/second/", views.ask_reset, name="ask_reset"),
    path("<uuid:account_id>/second/<uuid:reset_id>/", views.do_reset, name="do_reset"),
]
