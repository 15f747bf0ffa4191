from django.urls import path

from . import views_desk

app_name = "organisations"
urlpatterns = [path("", views_desk.branches, name="branches")]
