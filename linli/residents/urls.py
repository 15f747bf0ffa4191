from django.urls import path

from . import views_changes, views_list, views_record
from .urls_life import LIFE

app_name = "residents"
urlpatterns = [
    path("", views_list.residents, name="list"),
    path("search/", views_list.search, name="search"),
    path("<uuid:resident_id>/", views_record.resident, name="page"),
    path("<uuid:resident_id>/reveal/", views_record.reveal, name="reveal"),
    path("<uuid:resident_id>/confirm/", views_record.confirm, name="confirm"),
    path("<uuid:resident_id>/change/<slug:field>/", views_changes.change, name="change"),
    path("<uuid:resident_id>/documents/add/", views_changes.add_document, name="add_document"),
    path("documents/<uuid:document_id>/", views_changes.document, name="document"),
    path("documents/<uuid:document_id>/drop/", views_changes.drop_document, name="drop_document"),
    *LIFE,
]
