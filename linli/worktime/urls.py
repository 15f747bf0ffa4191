from django.urls import path

from . import views_desk as desk

app_name = "worktime"
urlpatterns = [
    path("", desk.month, name="month"),
    path("day/", desk.set_day, name="set_day"),
    path("day/clear/", desk.clear_day, name="clear_day"),
    path("week/", desk.set_week, name="set_week"),
]
