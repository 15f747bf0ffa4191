"""Every field about people is plain, personal or sensitive, with its purpose and the law it rests on."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from linli.core.catalogue import Sensitivity
from linli.core.privacy import Held, declared, is_about_people
from linli.residents.models import Resident
from linli.rights import classes
from linli.rights.models import RightsRequest

PEOPLE = [model for model in apps.get_models() if is_about_people(model)]


def test_every_field_about_people_is_classed_with_purpose_and_basis():
    assert classes.unclassed(PEOPLE) == [], "say so in the app's catalogue, or in linli/rights/data/purposes.toml"
    for purpose in classes.purposes().values():
        assert all((purpose.purpose, purpose.basis, purpose.kept, purpose.seen)), purpose.label


def test_a_field_that_nobody_classed_is_found(monkeypatch):
    bare = classes.Purpose("rights", "用途", "依据", "一年", "本人")
    monkeypatch.setattr(classes, "purposes", lambda: {"rights": bare})
    assert "rights.RightsRequest.words" in classes.unclassed([RightsRequest])


def test_what_is_sealed_or_masked_is_never_called_plain():
    for model in PEOPLE:
        for name, held in declared(model).items():
            if held in {Held.ENCRYPTED, Held.MASKED}:
                assert classes.class_of(model, name) is not Sensitivity.PLAIN, f"{model._meta.label}.{name}"


def test_an_index_has_the_class_of_what_it_finds():
    assert classes.class_of(Resident, "id_number_index") is classes.class_of(Resident, "id_number")


def test_the_file_names_nothing_that_is_gone():
    for purpose in classes.purposes().values():
        for name in (*purpose.plain, *purpose.personal, *purpose.sensitive):
            model_name, _, field = name.partition(".")
            model: type[models.Model] = apps.get_model(purpose.label, model_name)
            if field != "*":
                model._meta.get_field(field)
