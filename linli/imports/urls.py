from django.urls import path

from . import views_desk as views

app_name = "imports"
urlpatterns = [
    path("", views.imports, name="list"),
    path("<uuid:import_id>/", views.page, name="page"),
    path("<uuid:import_id>/columns/", views.columns, name="columns"),
    path("<uuid:import_id>/decide/", views.decide, name="decide"),
    path("<uuid:import_id>/start/", views.start, name="start"),
    path("<uuid:import_id>/drop/", views.drop, name="drop"),
    path("<uuid:import_id>/undo/", views.undo, name="undo"),
    path("<uuid:import_id>/wrong/", views.wrong, name="wrong"),
]
