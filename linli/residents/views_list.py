"""The desk's list of people: narrowed by conditions, in chosen columns and order, page by page; and the box over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_POST, require_safe

from linli.core.access import Actor, Permission
from linli.core.guards import desk
from linli.core.tenancy import parse_uuid
from linli.core.web import Request, address_of, show

from . import conditions as narrowing
from . import listing, queries
from .conditions import Condition
from .forms import NarrowForm, SearchForm
from .models import Resident
from .searching import nearest, search_residents

FOUND_MOST = 60
PAGE = "residents/desk/list.html"


@dataclass(frozen=True)
class Shelf:
    """A saved list beside this one: its name and where it opens."""

    name: str
    url: str


SHELVES: list[Callable[[Request], list[Shelf]]] = []
"""What apps above put beside the list (groups)."""


@dataclass(frozen=True)
class Asked:
    """A list as its address says: conditions, a door, columns, order."""

    conditions: list[Condition]
    door: str
    columns: list[listing.Column]
    sort: str

    @classmethod
    def of(cls, asked: MultiValueDict[str, str]) -> Asked:
        sort = asked.get("sort") or "name"
        door = NarrowForm(asked).wanted("door")
        return cls(
            narrowing.parse(asked),
            door,
            listing.columns_of(asked.getlist("col")),
            sort if sort in listing.SORTS else "name",
        )

    def rows(self, actor: Actor) -> Any:
        """Everybody on it whom the actor may see, by pinyin."""
        rows = search_residents(actor, self.door) if self.door else queries.residents_visible_to(actor)
        return narrowing.narrowed(rows, self.conditions)

    def query(self, without: Condition | None = None) -> str:
        """The address of this list, its first page."""
        kept = [each for each in self.conditions if each is not without]
        more: list[tuple[str, str]] = [("door", self.door)] if self.door else []
        codes = [column.code for column in self.columns]
        if codes != list(listing.USUAL):
            more += [("col", code) for code in codes]
        if self.sort != "name":
            more.append(("sort", self.sort))
        return "&".join(filter(None, (narrowing.as_query(kept), urlencode(more))))


@require_safe
@desk(Permission.RESIDENTS_SEE)
def residents(request: Request) -> HttpResponse:
    """Everybody the reader may see, as the address narrows them."""
    return people_page(request, Asked.of(request.GET))


def people_page(request: Request, asked: Asked, *, group: Any = None) -> HttpResponse:
    """The page of a list; `group` is the saved one it shows, for its name."""
    added = narrowing.begun(request.GET.get("add", ""))
    whole = [each for each in asked.conditions if each.is_whole]
    rows = asked.rows(request.actor)
    page = listing.sliced(
        listing.with_stays(rows),
        asked.sort,
        after=parse_uuid(request.GET.get("after", "")),
        before=parse_uuid(request.GET.get("before", "")),
    )
    query = asked.query()
    context = {
        "search": SearchForm(),
        "asked": asked,
        "group": group,
        "chips": [(each, asked.query(without=each)) for each in whole],
        "begun": [*asked.conditions, *([added] if added else [])],
        "is_open": added is not None or len(whole) < len(asked.conditions) or "tools" in request.GET,
        "lines": _addressed(request, listing.lines_of(page.rows, asked.columns)),
        "page": page,
        "query": query,
        "count": (count := listing.count_of(rows)),
        "count_words": listing.count_words(count),
        "is_all": not (whole or asked.door),
    }
    return show(request, PAGE, "list", context | _tools(request, asked))


def _tools(request: Request, asked: Asked) -> dict[str, Any]:
    traits = sorted(narrowing.traits().values(), key=lambda trait: ("本人", "住处", "类别", "证件").index(trait.group))
    chosen = {column.code for column in asked.columns}
    return {
        "traits": [(group, list(each)) for group, each in groupby(traits, key=lambda trait: trait.group)],
        "operators": narrowing.OPERATORS,
        "columns": [(column, column.code in chosen) for column in listing.COLUMNS.values() if column.code != "name"],
        "sorts": [(code, words, code == asked.sort) for code, (words, _, _) in listing.SORTS.items()],
        "shelves": [shelf for found in SHELVES for shelf in found(request)],
        "may_keep": request.actor.may(Permission.RESIDENTS_LINK),
    }


def _addressed(request: Request, lines: list[listing.Line]) -> list[tuple[listing.Line, str]]:
    address = address_of(request, "residents:page")
    return [(line, address(line.id)) for line in lines]


def _with_all(rows: QuerySet[Resident]) -> QuerySet[Resident]:
    return queries.with_cards(listing.with_stays(rows))


@require_POST
@desk(Permission.RESIDENTS_SEE)
def search(request: Request) -> HttpResponse:
    """Whom the one box finds; the first FOUND_MOST, and nothing of it in the address."""
    form = SearchForm(request.POST)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    asked = Asked.of(MultiValueDict())
    rows = queries.residents_visible_to(request.actor)
    found = nearest(rows, words, FOUND_MOST + 1, dress=_with_all) if words else []
    context = {
        "search": form,
        "asked": asked,
        "words": words,
        "lines": _addressed(request, listing.lines_of(found[:FOUND_MOST], asked.columns)),
        "count": min(len(found), FOUND_MOST),
        "has_more": len(found) > FOUND_MOST,
    }
    return show(request, PAGE, "list", context)
