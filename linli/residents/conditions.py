"""What a list of people may be narrowed by: conditions as data (`element · operator · value`), on elements of the field catalogue.

`traits()` is built from the catalogue: what a person is, where and as what they live today, what they count as today, which
documents they have. What names one person alone (name, numbers, pinyin) is no trait: conditions stand in addresses and in saved
groups, and the one box finds a person better. Of an encrypted field one may ask whether it is there.

A condition is asked of today, whenever it is asked: a saved list of conditions is always current.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.datastructures import MultiValueDict

from linli.core import clock
from linli.core.catalogue import Element, Type, elements
from linli.core.fields import EncryptedTextField
from linli.core.privacy import Held
from linli.places.models import Building, SubArea

from . import rules
from .codelists import code_list, code_lists
from .codes import CATEGORY_KINDS
from .models import Category, Document, Resident
from .queries import lived_today

MOST = 8
"""Conditions in one list: more than that nobody reads."""
TEXT_MOST, OLDEST = 40, 150

OPERATORS = {
    "is": "是",
    "not": "不是",
    "ge": "满",
    "lt": "不满",
    "since": "不早于",
    "before": "早于",
    "ago": "早于多少天前",
    "ahead": "在今后多少天内",
    "contains": "含有",
    "filled": "已登记",
    "empty": "没有登记",
}
NEEDS_NO_VALUE = frozenset({"filled", "empty"})
_THERE = ("filled", "empty")
_BY_TYPE = {
    Type.CODE: ("is", "not", *_THERE),
    Type.NUMBER: ("ge", "lt", *_THERE),
    Type.DATE: ("since", "before", "ago", "ahead", *_THERE),
    Type.TEXT: ("contains", *_THERE),
}
_SKIPPED = {"pinyin", "initials", "name", "former_name", "find_keys", "number", "known_from", "known_to"}


@dataclass(frozen=True)
class Trait:
    """One thing people may be told apart by. `code` is the catalogue's; `unit` follows the value."""

    code: str
    label: str
    group: str
    operators: tuple[str, ...]
    control: str  # choice, number, date, text
    unit: str = ""


@dataclass(frozen=True)
class Condition:
    """`trait · operator · value`; `value` is as it stands in the address."""

    trait: Trait
    operator: str
    value: str

    @property
    def is_whole(self) -> bool:
        """Whether it says enough to narrow anything."""
        return self.operator in NEEDS_NO_VALUE or _read(self) is not None

    @property
    def control(self) -> str:
        """What its value is chosen with; days count as numbers, nothing is asked where nothing is needed."""
        if self.operator in NEEDS_NO_VALUE:
            return ""
        return "number" if self.operator in {"ago", "ahead"} else self.trait.control

    @property
    def unit(self) -> str:
        return "天" if self.operator in {"ago", "ahead"} else self.trait.unit

    @cached_property
    def choices(self) -> list[tuple[str, str]]:
        """What it may be chosen from, asked once: a large community has a thousand houses."""
        return choices_of(self.trait)

    @property
    def words(self) -> str:
        """The condition as people say it: 年龄满 80 周岁 · 学历没有登记."""
        if self.operator in NEEDS_NO_VALUE:
            return f"{self.trait.label}{OPERATORS[self.operator]}"
        if self.operator == "ago":
            return f"{self.trait.label}早于 {self.value} 天前"
        if self.operator == "ahead":
            return f"{self.trait.label}在今后 {self.value} 天内"
        value = dict(self.choices).get(self.value, self.value)
        unit = f" {self.trait.unit}" if self.trait.unit else ""
        space = "" if self.trait.control == "choice" else " "
        return f"{self.trait.label}{OPERATORS[self.operator]}{space}{value}{unit}"


@cache
def traits() -> dict[str, Trait]:
    """Every trait by its code, in the catalogue's order."""
    found = {}
    for element in elements().values():
        trait = _trait(element)
        if trait is not None:
            found[trait.code] = trait
    for code, label in (("place.sub_area", "片区"), ("place.building", "楼栋")):
        found[code] = Trait(code, label, "住处", ("is", "not", *_THERE), "choice")
    return found


def _trait(element: Element) -> Trait | None:
    if element.code == "resident.age":
        return Trait(element.code, element.name, "本人", ("ge", "lt", *_THERE), "number", element.unit)
    model, field = _field_of(element)
    if field is None or model.__name__ not in {"Resident", "Residence", "Category", "Document", "Household"}:
        return None
    group = {"Resident": "本人", "Category": "类别", "Document": "证件"}.get(model.__name__, "住处")
    if isinstance(field, EncryptedTextField):
        return Trait(element.code, element.name, group, _THERE, "")
    if field.name in _SKIPPED or element.type not in _BY_TYPE:
        return None
    if element.type is Type.CODE:
        return Trait(element.code, element.name, group, _BY_TYPE[Type.CODE], "choice")
    if element.type is Type.TEXT and model.privacy.get(field.name) is not Held.PLAIN:
        return None
    control = {Type.DATE: "date", Type.NUMBER: "number"}.get(element.type, "text")
    return Trait(element.code, element.name, group, _BY_TYPE[element.type], control)


def _field_of(element: Element) -> tuple[Any, Any]:
    app, _, rest = element.model_field.partition(".")
    if app != "residents":
        return None, None
    model_name, _, name = rest.partition(".")
    model: type[Model] = apps.get_model(app, model_name)
    try:
        return model, model._meta.get_field(name)
    except FieldDoesNotExist:
        return None, None


def choices_of(trait: Trait) -> list[tuple[str, str]]:
    """What a trait's value may be chosen from, with the words for it."""
    if trait.control != "choice":
        return []
    if trait.code == "place.sub_area":
        return [(str(area.pk), area.name) for area in SubArea.objects.order_by("order", "id")]
    if trait.code == "place.building":
        rows = Building.objects.order_by("number", "id").values_list("pk", "name")
        return [(str(pk), name) for pk, name in rows]
    if trait.code == "category.kind":
        return [(kind.code, kind.name) for kind in CATEGORY_KINDS.values()]
    _, field = _field_of(elements()[trait.code])
    if field.choices:
        return [(str(code), str(name)) for code, name in field.choices]
    key = "document_kind" if trait.code == "document.kind" else field.name
    return code_list(key).choices(on=clock.today()) if key in code_lists() else []


def parse(asked: MultiValueDict) -> list[Condition]:
    """The conditions of an address: `what`, `op` and `value`, as often as there are. What cannot be read is left out."""
    listed = zip(asked.getlist("what"), asked.getlist("op"), asked.getlist("value"), strict=False)
    return of_data(listed)


def of_data(listed: Iterable[Sequence[str]]) -> list[Condition]:
    """Conditions from triples of text, as groups keep them."""
    found = []
    for code, operator, value in listed:
        trait = traits().get(code)
        if trait is None:
            continue
        known = operator if operator in trait.operators else trait.operators[0]
        found.append(Condition(trait, known, value.strip()[:TEXT_MOST]))
    return found[:MOST]


def as_data(conditions: Iterable[Condition]) -> list[list[str]]:
    """Whole conditions as a group keeps them."""
    return [[each.trait.code, each.operator, each.value] for each in conditions if each.is_whole]


def as_query(conditions: Iterable[Condition]) -> str:
    """Conditions as they stand in an address."""
    pairs: list[tuple[str, str]] = []
    for each in conditions:
        pairs += [("what", each.trait.code), ("op", each.operator), ("value", each.value)]
    return urlencode(pairs)


def begun(code: str) -> Condition | None:
    """A condition on the trait `code` that still wants its value; None for no trait."""
    trait = traits().get(code)
    return Condition(trait, trait.operators[0], "") if trait else None


def narrowed(rows: QuerySet[Resident], conditions: Iterable[Condition]) -> QuerySet[Resident]:
    """Those of `rows` that meet every whole condition today.

    What is said of a category after its kind is said of the same one: 类别是残疾 and 级别是一级 is one disability of that level.
    """
    wanted = [each for each in conditions if each.is_whole]
    for each in wanted:
        if not each.trait.code.startswith("category."):
            rows = rows.filter(_met(each))
    for meant in _by_category([each for each in wanted if each.trait.code.startswith("category.")]):
        rows = rows.filter(meant)
    return rows


def _by_category(conditions: list[Condition]) -> list[Any]:
    found: list[Any] = []
    held: QuerySet[Category] | None = None
    for each in conditions:
        field = each.trait.code.removeprefix("category.")
        opens = field == "kind" and each.operator == "is"
        if each.operator in {"not", "empty"}:
            met = _counted().filter(kind=each.value) if field == "kind" and each.operator == "not" else None
            base = met if met is not None else _counted().filter(_of_field(field, each, positive=True))
            found.append(~Exists(base))
            continue
        if opens or held is None:
            if held is not None:
                found.append(Exists(held))
            held = _counted()
        held = held.filter(_of_field(field, each))
    return [*found, Exists(held)] if held is not None else found


def _counted() -> QuerySet[Category]:
    return Category.objects.filter(resident=OuterRef("pk"), span__contains=clock.today())


def _met(condition: Condition) -> Any:
    """The condition on a resident, for all but categories."""
    code, operator = condition.trait.code, condition.operator
    model, _, field = code.partition(".")
    if code == "resident.age":
        return _of_age(condition)
    if model == "resident":
        return _of_field(field, condition)
    if model == "document":
        rows: QuerySet[Any] = Document.objects.filter(resident=OuterRef("pk"))
    else:
        rows = lived_today()
    path = {
        "place.sub_area": "dwelling__entrance__building__grid__sub_area",
        "place.building": "dwelling__entrance__building",
    }.get(code, f"household__{field}" if model == "household" else field)
    met = Exists(rows.filter(_of_field(path, condition, positive=True)))
    return ~met if operator in {"not", "empty"} else met


def _of_age(condition: Condition) -> Q:
    if condition.operator in NEEDS_NO_VALUE:
        return Q(birth_on__isnull=condition.operator == "empty")
    latest = rules.latest_birth_of(int(condition.value), clock.today())
    met = Q(birth_on__lte=latest) if condition.operator == "ge" else Q(birth_on__gt=latest)
    return met & Q(died_on=None)


def _of_field(path: str, condition: Condition, *, positive: bool = False) -> Q:
    """What is asked of one column; `positive` asks "not" and "empty" as their opposite, for a NOT EXISTS around it."""
    value = _read(condition)
    operator = condition.operator
    if positive and operator in {"not", "empty"}:
        operator = "is" if operator == "not" else "filled"
    is_text = condition.trait.control in {"choice", "text"} and not path.endswith(("sub_area", "building"))
    nothing = Q(**{f"{path}__isnull": True}) | (Q(**{path: ""}) if is_text else Q())
    match operator:
        case "is":
            return Q(**{path: value})
        case "not":
            return ~Q(**{path: value})
        case "empty":
            return nothing
        case "filled":
            return ~nothing
        case "contains":
            return Q(**{f"{path}__contains": value})
        case "since":
            return Q(**{f"{path}__gte": value})
        case "before":
            return Q(**{f"{path}__lt": value})
        case "ago":
            return Q(**{f"{path}__lt": clock.today() - timedelta(days=int(condition.value))})
        case _:  # ahead
            today = clock.today()
            return Q(**{f"{path}__gte": today, f"{path}__lte": today + timedelta(days=int(condition.value))})


def _read(condition: Condition) -> Any:
    """The value typed, as the database compares it; None for what cannot be read, which narrows nothing."""
    most = OLDEST if condition.trait.code == "resident.age" else 36500
    reads: dict[str, Callable[[str], Any]] = {
        "number": lambda text: _whole(text, most),
        "date": _day,
        "text": str,
        "choice": str,
    }
    control = condition.control
    if not control or not condition.value:
        return None
    if control == "choice" and condition.value not in dict(condition.choices):
        return None
    return reads[control](condition.value)


def _whole(text: str, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and int(text) <= most else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
