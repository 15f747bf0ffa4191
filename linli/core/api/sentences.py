"""What pydantic finds wrong, as sentences that say what to do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

OURS = "linli."
"""Errors raised by our own types begin with this; their message is a Chinese sentence already."""

Context = Mapping[str, Any]
_SENTENCES: dict[str, str | Callable[[Context], str]] = {
    "missing": "这一项还没有写，请补上。",
    "extra_forbidden": "接口没有这一项。请对照接口文档，去掉它或改正拼写。",
    "string_type": "请写成文字。",
    "string_too_short": lambda c: f"请至少写 {c['min_length']} 个字。",
    "string_too_long": lambda c: f"写得有点长，请控制在 {c['max_length']} 个字以内。",
    "int_type": "请写成整数。",
    "int_parsing": "请写成整数。",
    "int_from_float": "请写成整数。",
    "bool_type": "请写成 true 或 false。",
    "greater_than_equal": lambda c: f"请写 {c['ge']} 或更大的数。",
    "less_than_equal": lambda c: f"请写 {c['le']} 或更小的数。",
    "enum": lambda c: f"请从这些里选一个：{_choices(c)}。",
    "literal_error": lambda c: f"请从这些里选一个：{_choices(c)}。",
    "model_attributes_type": "请写成 JSON 对象，例如 {\"words\": \"…\"}。",
    "model_type": "请写成 JSON 对象，例如 {\"words\": \"…\"}。",
    "list_type": "请写成列表。",
    "query_unknown": "接口没有这个查询参数。请对照接口文档，去掉它或改正拼写。",
    "query_twice": "这个查询参数写了不止一次，请只留一个。",
}  # fmt: skip
_OTHERWISE = "写法对不上，请对照接口文档看一看。"


def _choices(context: Context) -> str:
    return str(context.get("expected", "")).replace("'", "").replace(" or ", "、").replace(", ", "、")


def sentence_for(found: Mapping[str, Any]) -> dict[str, str]:
    """One of pydantic's errors (type, loc, msg, ctx) as {"field", "detail"}; the whole body is called "body"."""
    kind, context = str(found["type"]), found.get("ctx") or {}
    if kind.startswith(OURS):
        return {"field": _field(found["loc"]), "detail": str(found["msg"])}
    words = _SENTENCES.get(kind, _OTHERWISE)
    return {"field": _field(found["loc"]), "detail": words if isinstance(words, str) else words(context)}


def _field(place: tuple[Any, ...]) -> str:
    """`words` of ("body", "data", "words"): where it came from and the name of the view's parameter say nothing outside."""
    source, *rest = (str(part) for part in place)
    inside = rest[1:] if source in {"body", "form"} else rest[-1:]
    return ".".join(inside) or source
