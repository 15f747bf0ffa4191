"""Addresses of households, doors and what happens in lives."""

from django.urls import path

from . import views_life, views_merging

LIFE = [
    path("likely/", views_merging.likely, name="likely"),
    path("likely/<uuid:first>/<uuid:second>/", views_merging.merge, name="merge"),
    path("likely/<uuid:first>/<uuid:second>/verdict/", views_merging.verdict, name="verdict"),
    path("merges/<uuid:merge_id>/split/", views_merging.split, name="split_records"),
    path("households/<uuid:household_id>/", views_life.household, name="household"),
    path("dwellings/<uuid:dwelling_id>/", views_life.dwelling, name="dwelling"),
    *(
        path(f"<uuid:resident_id>/{verb.name.replace('_', '-')}/", views_life.of_person(verb), name=verb.name)
        for verb in views_life.OF_PERSON
    ),
    *(
        path(
            f"households/<uuid:household_id>/{verb.name.replace('_', '-')}/",
            views_life.of_household(verb),
            name=verb.name,
        )
        for verb in views_life.OF_HOUSEHOLD
    ),
    *(
        path(f"dwellings/<uuid:dwelling_id>/{verb.name.replace('_', '-')}/", views_life.of_door(verb), name=verb.name)
        for verb in views_life.OF_DOOR
    ),
]
