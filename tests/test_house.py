"""Promises no one rereads: glossary, generated documents, migrations, personal fields, rooms of the apps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from linli.core import tenancy
from linli.core.access import GRANTS, ROLE_NAMES, Permission, Role
from linli.core.privacy import Held, is_about_people, undeclared_fields, wrong_declarations
from linli.core.trail import VERBS
from linli.ops import docs

ROOT = Path(__file__).resolve().parents[1]
OURS = [m for m in apps.get_models() if m.__module__.startswith("linli.")]
APPS = sorted({m._meta.app_label for m in OURS} | {"ops", "demo"})


def source_files():
    return [p for p in (ROOT / "linli").rglob("*.py") if "migrations" not in p.parts and "tests" not in p.parts]


@pytest.mark.parametrize("model", OURS, ids=lambda m: m.__name__)
def test_the_glossary_knows_every_model(model):
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    assert re.search(rf"\| `?{model.__name__}`? \|", glossary), f"{model.__name__} is not in docs/glossary.md"


def test_the_glossary_has_no_two_words_for_one_thing():
    rows = re.findall(r"^\| ([^|]+) \| `?(\w+)`? \|", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.M)
    codes = [code for _, code in rows]
    assert len(rows) > 30 and len(codes) == len(set(codes)), sorted({c for c in codes if codes.count(c) > 1})


@pytest.mark.parametrize("page", docs.PAGES)
def test_generated_documents_match_the_code(page):
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == docs.HEAD + docs.PAGES[page](), "run ./run docs"


@pytest.mark.django_db
def test_migrations_match_the_models():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("model", [m for m in OURS if is_about_people(m)], ids=lambda m: m.__name__)
def test_every_field_about_people_is_declared_and_kept_so(model):
    assert undeclared_fields(model) == []
    assert wrong_declarations(model) == []


def test_models_that_lead_to_a_person_are_about_people():
    leads = {
        m
        for m in OURS
        if issubclass(m, tenancy.TenantModel)
        and any(
            f.is_relation and f.remote_field and f.remote_field.model.__name__ == "Resident"
            for f in m._meta.local_fields
        )
    }
    assert {m.__name__ for m in leads if not is_about_people(m)} <= {"Household"}, "say what these hold"


def test_numbers_that_name_one_person_are_encrypted():
    for model in OURS:
        for field in model._meta.local_concrete_fields:
            if re.fullmatch(r"(id_number|phone|contact_phone|certificate_number)", field.name):
                assert model.privacy[field.name] is Held.ENCRYPTED, f"{model.__name__}.{field.name}"


@pytest.mark.parametrize("app", APPS)
def test_every_app_says_what_it_is_for(app):
    readme = ROOT / "linli" / app / "README.md"
    assert readme.exists() and 3 <= len(readme.read_text(encoding="utf-8").splitlines()) <= 30


def test_every_role_and_permission_is_named_and_used():
    assert set(ROLE_NAMES) == set(Role) == set(GRANTS)
    text = "".join(p.read_text(encoding="utf-8") for p in source_files() if p.name != "access.py")
    assert [p.name for p in Permission if f"Permission.{p.name}" not in text] == []


def test_every_trail_verb_is_noun_and_past_with_chinese_words():
    for verb, words in VERBS.items():
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", verb) and re.search(r"[\u4e00-\u9fff]", words), verb


def test_the_clock_is_the_only_source_of_now():
    pattern = re.compile(r"datetime\.now\(|date\.today\(|timezone\.now\(|time\.time\(")
    allowed = {"clock.py"}
    found = [
        str(p.relative_to(ROOT))
        for p in source_files()
        if pattern.search(p.read_text(encoding="utf-8")) and p.name not in allowed and "ops" not in p.parts
    ]
    assert found == []


def test_files_stay_short_enough_to_read():
    long = {
        str(p.relative_to(ROOT)): n
        for p in source_files()
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 420
    }
    assert long == {}
