"""The field catalogue is whole: what a model knows about people stands in it, and what stands in it is there."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

import pytest
from django.apps import apps
from django.db import models

from linli.core.catalogue import Element, Sensitivity, Type, elements, fields_known
from linli.core.privacy import BASE_FIELDS, Held, declared, is_about_people

# Apps that keep records of the house's own running (messages sent, accounts, files, rosters on their way in, lists on their way out) and answer no form from above.
ANSWER_NO_FORM = {"core", "accounts", "notices", "imports", "lists", "rights"}


def people_models() -> list[type[models.Model]]:
    return [
        model for model in apps.get_models() if is_about_people(model) and model._meta.app_label not in ANSWER_NO_FORM
    ]


def test_there_are_models_about_people() -> None:
    assert {"residents.resident", "residents.category"} <= {model._meta.label_lower for model in people_models()}


@pytest.mark.parametrize("model", people_models(), ids=lambda model: model._meta.label)
def test_every_field_about_people_stands_in_the_catalogue(model: type[models.Model]) -> None:
    known, how = fields_known(elements().values()), declared(model)
    missing = [
        field.name
        for field in model._meta.local_concrete_fields
        # A blind index says nothing of its own: it follows the field it finds.
        if field.name not in BASE_FIELDS and how.get(field.name) is not Held.INDEX
        if f"{model._meta.label}.{field.name}" not in known
    ]
    assert missing == [], f"add these to {model._meta.app_config.name}.catalogue"


def test_every_element_answers_from_a_field_there_is() -> None:
    for element in elements().values():
        if element.model_field:
            app, model, field = element.model_field.split(".")
            apps.get_model(app, model)._meta.get_field(field)


def test_what_is_kept_encrypted_or_masked_is_not_called_plain() -> None:
    by_field = {element.model_field: element for element in elements().values()}
    for model in people_models():
        for name, held in declared(model).items():
            if held in {Held.ENCRYPTED, Held.MASKED}:
                element = by_field.get(f"{model._meta.label}.{name}")
                assert element is None or element.sensitivity is not Sensitivity.PLAIN, element


def test_no_heading_means_two_things_in_one_app() -> None:
    for config in apps.get_app_configs():
        name = f"{config.name}.catalogue"
        if config.name.startswith("linli.") and config.name != "linli.core" and find_spec(name):
            listed = getattr(importlib.import_module(name), "ELEMENTS", ())
            headings = [heading for element in listed for heading in (element.name, *element.aliases)]
            assert len(headings) == len(set(headings)), name


def test_an_element_about_people_says_why_it_may_be_kept() -> None:
    with pytest.raises(ValueError, match="legal basis"):
        Element("x.y", "某项", sensitivity=Sensitivity.PERSONAL)
    with pytest.raises(ValueError, match="code list"):
        Element("x.y", "某项", type=Type.CODE)
    with pytest.raises(ValueError, match="code list"):
        Element("x.y", "某项", code_list="GB/T 2261.1")
