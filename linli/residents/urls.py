from django.urls import path

from . import views_desk, views_list

app_name = "residents"
urlpatterns = [
    path("", views_list.residents, name="list"),
    path("search/", views_list.search, name="search"),
    path("<uuid:resident_id>/", views_desk.resident, name="page"),
    path("<uuid:resident_id>/reveal/", views_desk.reveal, name="reveal"),
]
