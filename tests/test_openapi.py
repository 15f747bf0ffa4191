"""The API's document: kept in the repository as the code tells it, and true where a reader would look first."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from linli.ops import openapi
from linli.ops.openapi import SNAPSHOT, document, main

READ = {"get"}


@pytest.fixture(scope="module")
def described():
    return json.loads(document())


def operations(described):
    return [
        (url, method, operation) for url, methods in described["paths"].items() for method, operation in methods.items()
    ]


def test_the_kept_document_is_what_the_code_says():
    assert SNAPSHOT.read_text(encoding="utf-8") == document(), "run: python -m linli openapi"
    assert main(check=True) == 0


def test_a_kept_document_that_differs_is_told(tmp_path, monkeypatch, capsys):
    old = tmp_path / "openapi.json"
    old.write_text(document().replace('"operationId": "report_matter"', '"operationId": "complain"'), encoding="utf-8")
    monkeypatch.setattr(openapi, "SNAPSHOT", old)
    assert main(check=True) == 1
    assert '"operationId": "complain"' in capsys.readouterr().out
    assert main(check=False) == 0 and old.read_text(encoding="utf-8") == document()


def test_the_document_is_the_same_each_time():
    assert document() == document()


def test_operation_ids_are_readable_and_said_once(described):
    ids = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", one) for one in ids)


def test_every_operation_says_its_problems_and_who_may_call(described):
    for url, method, operation in operations(described):
        statuses = set(operation["responses"])
        assert {"401", "404", "422", "500"} <= statuses, url
        assert method in READ or {"400", "403", "409"} <= statuses, url
        assert operation["security"] and operation["tags"] and re.search("[\u4e00-\u9fff]", operation["summary"]), url
    for name, response in described["components"]["responses"].items():
        assert list(response["content"]) == ["application/problem+json"], name


def test_each_schema_has_a_name_of_its_own():
    """Two models of one name would be one schema in the document, and one of the operations would be told wrongly."""
    from linli.core.api import In, Out

    def below(model):
        return {model}.union(*(below(each) for each in model.__subclasses__()))

    models = [each for each in below(In) | below(Out) if each.__module__.startswith(("linli.", "config."))]
    names = Counter(each.__name__ for each in models)
    assert [name for name, count in names.items() if count > 1] == []


def test_every_path_parameter_is_described(described):
    for url, _, operation in operations(described):
        named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", url)), url


def test_nothing_unknown_and_nothing_unbounded_is_taken(described):
    """Every text a caller may send has a length, every number both ends, every object a list of its fields, or how many it may name."""
    schemas = described["components"]["schemas"]
    for url, _, operation in operations(described):
        for parameter in operation["parameters"]:
            assert bounded(parameter["schema"], schemas), (url, parameter["name"])
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if body:
            assert bounded(body, schemas), url


def bounded(schema, schemas):
    if "$ref" in schema:
        return bounded(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    for word in ("anyOf", "allOf"):
        if word in schema:
            return all(bounded(option, schemas) for option in schema[word])
    kind = schema.get("type")
    if kind == "object" and "patternProperties" in schema:  # words by name: how many, which names, and each
        each = schema["patternProperties"].values()
        is_closed = schema.get("additionalProperties") is False and "maxLength" in schema["propertyNames"]
        return is_closed and "maxProperties" in schema and all(bounded(s, schemas) for s in each)
    if kind == "object":
        return schema.get("additionalProperties") is False and all(
            bounded(s, schemas) for s in schema["properties"].values()
        )
    if kind == "array":
        return "maxItems" in schema and bounded(schema["items"], schemas)
    if kind == "string":
        return bool({"enum", "const", "format", "maxLength"} & set(schema)) or schema.get("pattern", "").endswith(
            "{12}$"
        )
    if kind == "integer":
        return {"minimum", "maximum"} <= set(schema)
    return kind in {"boolean", "null"}
