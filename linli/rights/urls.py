"""Addresses within a community: what a resident may do about her own data, and the desk's side of it."""

from django.urls import path

from . import views_desk as desk
from . import views_resident as resident

app_name = "rights"
urlpatterns = [
    path("me/data/", resident.data, name="data"),
    path("me/data/copy.json", resident.copy_json, name="copy_json"),
    path("me/looks/", resident.looks, name="looks"),
    path("desk/readings/", desk.readings, name="readings"),
    path("desk/readings/why/", desk.paused, name="paused"),
]
