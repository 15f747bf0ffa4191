"""What linli knows, element by element. Each app lists its own in `catalogue.py`.

Forms, imports, exports and the page of one's own data are built from these lists, so that a fact is asked for once and
named the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps


class Type(StrEnum):
    """How a value is written down."""

    TEXT = "text"
    CODE = "code"  # one of `code_list`
    NUMBER = "number"  # whole, in `unit`
    DATE = "date"
    MOMENT = "moment"
    SPAN = "span"  # from a day up to, not including, another
    TRUTH = "truth"
    REFERENCE = "reference"  # leads to another record
    SHAPE = "shape"  # GeoJSON, WGS-84


class TimeBasis(StrEnum):
    """What time a value speaks of."""

    LASTING = "lasting"  # 不随时间变化，有误才更正
    PRESENT = "present"  # 现在的样子
    PERIOD = "period"  # 有起止日期
    POINT = "point"  # 某一时刻发生


class Sensitivity(StrEnum):
    """What knowing it could do to the person it is about (PIPL articles 4 and 28)."""

    PLAIN = "plain"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


@dataclass(frozen=True)
class Element:
    """One fact the platform can answer.

    `code` is stable and dotted (`resident.name`); `aliases` are the headings people put over it in their tables;
    `model_field` is `app.Model.field`, or empty for what is computed; `owner_department` is who vouches for it
    (一数一源); `legal_basis` says why it may be kept, for everything personal.
    """

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    type: Type = Type.TEXT
    code_list: str = ""
    unit: str = ""
    time_basis: TimeBasis = TimeBasis.PRESENT
    owner_department: str = "社区居委会"
    sensitivity: Sensitivity = Sensitivity.PLAIN
    legal_basis: str = ""
    model_field: str = ""

    def __post_init__(self) -> None:
        if self.sensitivity is not Sensitivity.PLAIN and not self.legal_basis:
            raise ValueError(f"{self.code} is {self.sensitivity} and names no legal basis")
        if (self.type is Type.CODE) != bool(self.code_list):
            raise ValueError(f"{self.code}: a code list belongs to elements of type code, and to them alone")


@cache
def elements() -> dict[str, Element]:
    """Every app's elements by code. Raises ValueError when two share a code."""
    found: dict[str, Element] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.catalogue"
        if not config.name.startswith("linli.") or config.name == "linli.core" or find_spec(name) is None:
            continue
        for element in getattr(import_module(name), "ELEMENTS", ()):
            if element.code in found:
                raise ValueError(f"two elements are called {element.code}")
            found[element.code] = element
    return found


def fields_known(known: Iterable[Element]) -> frozenset[str]:
    """The model fields (`app.Model.field`) that the given elements answer from."""
    return frozenset(element.model_field for element in known if element.model_field)
