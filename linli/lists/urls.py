from django.urls import path

from . import views_changes
from . import views_desk as views

app_name = "lists"
urlpatterns = [
    path("", views.groups, name="groups"),
    path("save/", views.save, name="save"),
    path("<uuid:group_id>/", views.group, name="group"),
    path("<uuid:group_id>/drop/", views.drop, name="drop"),
    path("change/", views_changes.change, name="change"),
    path("changes/", views_changes.changes, name="changes"),
    path("changes/<uuid:change_id>/", views_changes.change_page, name="change_page"),
    path("changes/<uuid:change_id>/undo/", views_changes.undo, name="undo"),
    path("export/", views.export, name="export"),
    path("exports/", views.exports, name="exports"),
    path("exports/<uuid:export_id>/", views.export_page, name="export_page"),
    path("exports/<uuid:export_id>/decide/", views.decide, name="decide"),
    path("exports/<uuid:export_id>/password/", views.password, name="password"),
    path("exports/<uuid:export_id>/file/", views.fetch, name="fetch"),
]
