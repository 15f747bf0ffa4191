from django.urls import path

from . import views_desk

app_name = "places"
urlpatterns = [
    path("", views_desk.buildings, name="buildings"),
    path("buildings/<uuid:building_id>/", views_desk.building, name="building"),
]
