from django.urls import path

from . import views_desk as views

app_name = "lists"
urlpatterns = [
    path("", views.groups, name="groups"),
    path("save/", views.save, name="save"),
    path("<uuid:group_id>/", views.group, name="group"),
    path("<uuid:group_id>/drop/", views.drop, name="drop"),
    path("export/", views.export, name="export"),
    path("exports/", views.exports, name="exports"),
    path("exports/<uuid:export_id>/", views.export_page, name="export_page"),
    path("exports/<uuid:export_id>/decide/", views.decide, name="decide"),
    path("exports/<uuid:export_id>/password/", views.password, name="password"),
    path("exports/<uuid:export_id>/file/", views.fetch, name="fetch"),
]
