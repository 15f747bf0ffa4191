"""The demo's front door; mounted in the demo profile alone (config.urls)."""

from django.urls import path

from . import door

app_name = "demo"
urlpatterns = [
    path("", door.choose, name="door"),
    path("enter/", door.enter, name="enter"),
    path("quiet/", door.quiet, name="quiet"),
]
