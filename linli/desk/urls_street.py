"""Addresses above the communities."""

from django.urls import path

from . import views_street

app_name = "street"
urlpatterns = [
    path("", views_street.board, name="board"),
    path("find/", views_street.find, name="find"),
]
