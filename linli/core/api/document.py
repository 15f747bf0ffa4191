"""From ninja's OpenAPI document to one that is true in every detail, and from that to what the docs page shows. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MEDIA_TYPE = "application/problem+json"
CODE = {
    "in": "path",
    "name": "code",
    "required": True,
    "description": "社区的 12 位区划代码",
    "schema": {"type": "string", "pattern": "^[0-9]{12}$"},
}
METHODS = ("get", "post", "put", "patch", "delete")


def finish(document: Any, *, community_prefix: str) -> Any:
    """`document`, completed in place: the community's code, problems as problem+json, no null in a query string, sorted schemas."""
    problems: dict[str, Any] = {}
    for url, operations in document["paths"].items():
        for operation in operations.values():
            operation["parameters"] = [_in_a_url(parameter) for parameter in operation["parameters"]]
            if url.startswith(community_prefix):
                operation["parameters"].insert(0, CODE)
            operation["responses"] = {str(s): _shared(problems, s, r) for s, r in operation["responses"].items()}
    parts = document["components"]
    parts["schemas"] = dict(sorted(parts["schemas"].items()))
    parts["responses"] = dict(sorted(problems.items()))
    return document


def _shared(problems: dict[str, Any], status: int, response: Any) -> Any:
    """A problem's response is told once, under `components`; any other stays where it is."""
    if status < 400:
        return response
    name = f"Problem{status}"
    schema = response["content"].popitem()[1]
    problems[name] = {"description": response["description"], "content": {MEDIA_TYPE: schema}}
    return {"$ref": f"#/components/responses/{name}"}


def _in_a_url(parameter: dict[str, Any]) -> dict[str, Any]:
    """A query or header is there or not; it is never null."""
    schema = dict(parameter["schema"])
    schema.pop("title", None)
    options = [option for option in schema.pop("anyOf", []) if option != {"type": "null"}]
    if options:
        schema = {**options[0], **schema} if len(options) == 1 else {"anyOf": options, **schema}
    return {**parameter, "schema": schema}


@dataclass(frozen=True)
class FieldRow:
    """One line of a table in the docs page."""

    name: str
    place: str
    kind: str
    is_required: bool
    words: str


@dataclass(frozen=True)
class OperationRow:
    """One operation in the docs page."""

    id: str
    method: str
    url: str
    summary: str
    words: str
    fields: tuple[FieldRow, ...]
    answers: tuple[FieldRow, ...]
    statuses: tuple[str, ...]


@dataclass(frozen=True)
class OperationGroup:
    """The operations under one tag, in the document's order."""

    name: str
    rows: tuple[OperationRow, ...]


PLACES = {"path": "网址", "query": "查询参数", "header": "请求头", "body": "请求体"}


def operations_of(document: Any) -> list[OperationGroup]:
    """What the docs page lists."""
    groups: dict[str, list[OperationRow]] = {}
    for url, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in METHODS:
                groups.setdefault(operation["tags"][0], []).append(_row(document, url, method, operation))
    return [OperationGroup(name, tuple(rows)) for name, rows in groups.items()]


def _row(document: Any, url: str, method: str, operation: Any) -> OperationRow:
    statuses = sorted(operation["responses"])
    shown = operation["responses"][statuses[0]]["content"].get("application/json", {}).get("schema", {})
    parameters = tuple(
        FieldRow(p["name"], PLACES[p["in"]], _kind(document, p["schema"]), p["required"], p.get("description", ""))
        for p in operation["parameters"]
    )
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return OperationRow(
        id=operation["operationId"],
        method=method.upper(),
        url=url,
        summary=operation["summary"],
        words=operation.get("description", ""),
        fields=(*parameters, *_fields(document, body, "请求体")),
        answers=tuple(_fields(document, shown, "")),
        statuses=tuple(statuses),
    )


def _fields(document: Any, schema: Any, place: str, above: str = "") -> Iterator[FieldRow]:
    """The fields of an object; those of a list's items too, as `items[].id`."""
    schema = _resolved(document, schema)
    required = set(schema.get("required", ()))
    for name, inner in schema.get("properties", {}).items():
        yield FieldRow(above + name, place, _kind(document, inner), name in required, inner.get("description", ""))
        if name == "items" and not above:
            yield from _fields(document, inner["items"], place, "items[].")


def _resolved(document: Any, schema: Any) -> Any:
    if len(schema.get("allOf", ())) == 1:
        return _resolved(document, schema["allOf"][0])
    if reference := schema.get("$ref"):
        return document["components"]["schemas"][reference.rsplit("/", 1)[-1]]
    return schema


def _kind(document: Any, schema: Any) -> str:
    """A type in few words: uuid, text ≤ 1000, solved | explained, [MatterOut]."""
    if "$ref" in schema or "allOf" in schema:
        schema = {"title": "", **_resolved(document, schema)}
    if options := schema.get("anyOf"):
        return " | ".join(_kind(document, option) for option in options)
    if choices := schema.get("enum"):
        return " | ".join(str(choice) for choice in choices)
    if schema.get("type") == "array":
        return f"[{_kind(document, schema.get('items', {}))}]"
    kind = schema.get("format") or schema.get("type", "any")
    if kind == "object":
        return schema.get("title") or "object"
    if "maxLength" in schema:
        return f"{kind} ≤ {schema['maxLength']}"
    if "maximum" in schema and "minimum" in schema:
        return f"{kind} {schema['minimum']}–{schema['maximum']}"
    return str(kind)
