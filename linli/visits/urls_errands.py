from django.urls import path

from . import views_errands as views

app_name = "errands"
urlpatterns = [
    path("", views.errands, name="list"),
    path("<uuid:errand_id>/", views.errand, name="errand"),
]
