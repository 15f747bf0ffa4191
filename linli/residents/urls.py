from django.urls import path

from . import (
    views_categories,
    views_changes,
    views_corrections,
    views_freshness,
    views_history,
    views_list,
    views_record,
)
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
    path("<uuid:resident_id>/categories/add/", views_categories.grant, name="grant"),
    path("categories/<uuid:category_id>/end/", views_categories.end, name="end"),
    path("categories/<uuid:category_id>/put/", views_categories.put, name="put_category"),
    path("<uuid:resident_id>/history/", views_history.person, name="history"),
    path("lived/<uuid:building_id>/", views_history.house, name="lived"),
    path("freshness/", views_freshness.overview, name="freshness"),
    path("freshness/<uuid:building_id>/", views_freshness.building, name="fresh_building"),
    path("corrections/", views_corrections.corrections, name="corrections"),
    path("corrections/<uuid:correction_id>/show/", views_corrections.show_both, name="show_correction"),
    path("corrections/<uuid:correction_id>/confirm/", views_corrections.confirm, name="confirm_correction"),
    path("corrections/<uuid:correction_id>/refuse/", views_corrections.refuse, name="refuse_correction"),
    path("corrections/<uuid:correction_id>/withdraw/", views_corrections.withdraw, name="withdraw_correction"),
    path("documents/<uuid:document_id>/", views_changes.document, name="document"),
    path("documents/<uuid:document_id>/drop/", views_changes.drop_document, name="drop_document"),
    *LIFE,
]
