"""The desk's front pages within a community; `urls_street` has the board above them."""

from django.urls import path

from .views_desk import figures, find, first_day, waiting

app_name = "desk"
urlpatterns = [
    path("find/", find.find, name="find"),
    path("waiting/", waiting.page, name="waiting"),
    path("figures/", figures.figures, name="figures"),
    path("first-day/", first_day.checklist, name="first_day"),
    path("first-day/areas/", first_day.areas, name="first_day_areas"),
    path("first-day/buildings/", first_day.buildings, name="first_day_buildings"),
    path("first-day/people/", first_day.people, name="first_day_people"),
    path("first-day/staff/", first_day.staff, name="first_day_staff"),
    path("first-day/put-aside/", first_day.put_aside, name="put_aside"),
    path("first-day/take-up/", first_day.take_up, name="take_up"),
]
