from django.urls import path

from .views_desk import lists, organisations

app_name = "organisations"
urlpatterns = [
    path("", organisations.organisations, name="list"),
    path("add/", organisations.add, name="add"),
    path("lists/", lists.five_lists, name="lists"),
    path("lists/sheet/", lists.five_sheet, name="sheet"),
    path("venues/add/", lists.add_venue, name="add_venue"),
    path("venues/<uuid:venue_id>/", lists.venue, name="venue"),
    path("venues/<uuid:venue_id>/confirm/", lists.confirm_venue, name="confirm_venue"),
    path("venues/<uuid:venue_id>/end/", lists.end_venue, name="end_venue"),
    path("projects/add/", lists.add_project, name="add_project"),
    path("projects/<uuid:project_id>/", lists.project, name="project"),
    path("projects/<uuid:project_id>/confirm/", lists.confirm_project, name="confirm_project"),
    path("projects/<uuid:project_id>/end/", lists.end_project, name="end_project"),
    path("posts/<uuid:post_id>/end/", organisations.end_post, name="end_post"),
    path("posts/<uuid:post_id>/reveal/", organisations.reveal, name="reveal"),
    path("places/<uuid:place_id>/end/", organisations.end_place, name="end_place"),
    path("<uuid:organisation_id>/", organisations.organisation, name="page"),
    path("<uuid:organisation_id>/change/", organisations.change, name="change"),
    path("<uuid:organisation_id>/confirm/", organisations.confirm, name="confirm"),
    path("<uuid:organisation_id>/end/", organisations.end, name="end"),
    path("<uuid:organisation_id>/posts/", organisations.add_post, name="add_post"),
    path("<uuid:organisation_id>/places/", organisations.add_place, name="add_place"),
    path("<uuid:organisation_id>/terms/", organisations.start_term, name="start_term"),
]
