"""The desk's front pages within a community; `urls_street` has the board above them."""

from django.urls import path

from .views_desk import figures, find

app_name = "desk"
urlpatterns = [
    path("find/", find.find, name="find"),
    path("figures/", figures.figures, name="figures"),
]
