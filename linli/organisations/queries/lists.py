"""The five lists of a sub-area (五张清单), drawn from the registers for any day: nobody keeps them by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.masking import mask_name
from linli.places.models import SubArea

from ..kinds import Role, codes_in
from ..models import Confirmed, Organisation, OrganisationPost, Project, Venue
from .organisations import (
    WHOLE,
    heads_of,
    holder_name,
    in_sub_area,
    keeps_all,
    may_keep,
    organisations_visible_to,
    places_of,
    running_on,
)


@dataclass(frozen=True)
class ListKind:
    """One of the five lists: what its columns are called, and what it says when it is empty."""

    code: str
    name: str
    heads: tuple[str, ...]
    if_empty: str


LISTS = {
    each.code: each
    for each in (
        ListKind("partners", "共建单位", ("单位", "类型", "联系人", "服务范围", "能帮什么"), "登记共建单位后列在这里。"),
        ListKind("venues", "活动阵地", ("阵地", "类型", "管理", "位置", "面积和开放"), "登记活动阵地后列在这里。"),
        ListKind("projects", "品牌项目", ("项目", "状态", "牵头", "服务对象", "做什么"), "登记品牌项目后列在这里。"),
        ListKind("groups", "社群组织", ("名称", "类型", "负责人", "活动范围", "做什么"), "登记社会组织和队伍后列在这里。"),
        ListKind("auxiliary", "辅助力量", ("名称", "类型", "负责人", "服务范围", "做什么"), "登记业委会、物业、网格和志愿力量后列在这里。"),
    )
}  # fmt: skip


@dataclass(frozen=True)
class ListRow:
    """One line of a list. `page` is the page that shows it; `cells` follow the list's heads after the first."""

    id: UUID
    page: str
    name: str
    cells: tuple[str, str, str, str]
    since: date
    confirmed_on: date | None
    check_by: date | None
    is_due: bool
    may_confirm: bool = False

    @property
    def confirm_page(self) -> str:
        """Where a tap says that it is still so."""
        return CONFIRM_PAGES[self.page]


CONFIRM_PAGES = {
    "organisations:page": "organisations:confirm",
    "organisations:venue": "organisations:confirm_venue",
    "organisations:project": "organisations:confirm_project",
}


@dataclass(frozen=True)
class FiveList:
    """One of the five lists of a sub-area on a day."""

    kind: ListKind
    rows: list[ListRow]

    @property
    def due(self) -> int:
        """How many lines want to be looked at again."""
        return sum(row.is_due for row in self.rows)

    @property
    def confirmed_on(self) -> date | None:
        """The day up to which every line was confirmed: the oldest of them; None where one never was."""
        days = [row.confirmed_on for row in self.rows]
        return min((day for day in days if day), default=None) if all(days) else None


def venues_visible_to(actor: Actor) -> QuerySet[Venue]:
    """The community's venues, also former ones, for who works at its desk; by name."""
    rows = Venue.objects.select_related("sub_area", "building", "organisation").order_by("name", "id")
    return rows if actor.may(Permission.DESK_OPEN) else rows.none()


def projects_visible_to(actor: Actor) -> QuerySet[Project]:
    """The community's projects, also finished ones, for who works at its desk; by name."""
    rows = Project.objects.select_related("sub_area", "organisation").order_by("name", "id")
    return rows if actor.may(Permission.DESK_OPEN) else rows.none()


def five_lists(actor: Actor, sub_area: SubArea, day: date) -> list[FiveList]:
    """The five lists of the sub-area as they stood on that day, in their order; what is of the whole community stands on each."""
    derived = {code: codes_in(list=code) for code in LISTS}
    wanted = [code for codes in derived.values() for code in codes]
    there = running_on(organisations_visible_to(actor).filter(kind__in=wanted), day)
    organisations = list(in_sub_area(there, sub_area, day))
    heads, places = heads_of(actor, organisations, day), places_of(organisations, day)
    rank = {code: at for at, code in enumerate(wanted)}
    organisations.sort(key=lambda row: (rank[row.kind], row.order, row.name))
    rows: dict[str, list[ListRow]] = {
        code: [
            _of_organisation(row, heads.get(row.pk, ""), places.get(row.pk, []))
            for row in organisations
            if row.kind in codes
        ]
        for code, codes in derived.items()
    }
    here = Q(sub_area=sub_area) | Q(sub_area=None)
    rows["venues"] = [_of_venue(actor, row) for row in venues_visible_to(actor).filter(here, span__contains=day)]
    rows["projects"] = [_of_project(row, day) for row in _projects_of(actor, sub_area, day)]
    rows["auxiliary"] += _stewards(actor, sub_area, day)
    return [FiveList(kind, _confirmable(actor, rows[code])) for code, kind in LISTS.items()]


def _confirmable(actor: Actor, rows: list[ListRow]) -> list[ListRow]:
    """The rows, each that is due saying whether the actor keeps what it is of."""
    if not actor.may(Permission.ORGANISATIONS_KEEP):
        return rows
    if keeps_all(actor):
        return [replace(row, may_confirm=row.is_due) for row in rows]
    due: dict[str, list[UUID]] = {}
    for row in rows:
        if row.is_due:
            due.setdefault(row.page, []).append(row.id)
    asked = Organisation.objects.filter(pk__in=due.get("organisations:page", ()))
    kept = {each.pk for each in asked if may_keep(actor, each)}
    for page, model in (("organisations:venue", Venue), ("organisations:project", Project)):
        mine = model.objects.filter(pk__in=due.get(page, ()), sub_area__in=actor.sub_area_ids)
        kept |= set(mine.values_list("pk", flat=True))
    return [replace(row, may_confirm=row.is_due and row.id in kept) for row in rows]


def _projects_of(actor: Actor, sub_area: SubArea, day: date) -> QuerySet[Project]:
    """What ran on that day, and what was already planned for later."""
    here = Q(sub_area=sub_area) | Q(sub_area=None)
    return projects_visible_to(actor).filter(here, Q(span__contains=day) | Q(span__startswith__gt=day))


def _since(row: Confirmed, name: str, page: str, cells: tuple[str, str, str, str]) -> ListRow:
    due = row.is_due_on(clock.today())
    return ListRow(row.pk, page, name, cells, row.from_on, row.confirmed_on, row.check_by, due)


def _of_organisation(row: Organisation, head: str, places: Sequence[str]) -> ListRow:
    return _since(row, row.name, "organisations:page", (row.of_kind.name, head, "、".join(places), row.words))


def _of_venue(actor: Actor, row: Venue) -> ListRow:
    keeper = row.keeper if actor.may(Permission.RESIDENTS_SEE) else mask_name(row.keeper)
    kept_by = " ".join(filter(None, [row.organisation.name if row.organisation else "", keeper]))
    where = (row.building.name if row.building else "") + row.where or (row.sub_area.name if row.sub_area else WHOLE)
    facts = [f"{row.area_m2} 平方米" if row.area_m2 else "", f"{row.capacity} 人" if row.capacity else "", row.opening]
    return _since(
        row, row.name, "organisations:venue", (row.get_kind_display(), kept_by, where, "，".join(filter(None, facts)))
    )


def _of_project(row: Project, day: date) -> ListRow:
    state = "筹备中" if row.from_on > day else "进行中"
    lead = row.organisation.name if row.organisation else ""
    return _since(row, row.name, "organisations:project", (state, lead, row.for_whom, row.words))


def _stewards(actor: Actor, sub_area: SubArea, day: date) -> list[ListRow]:
    """The 楼栋红管家 of the sub-area's buildings; each stands on the page of the branch that named them."""
    held = OrganisationPost.objects.filter(
        role=Role.STEWARD, building__grid__sub_area=sub_area, span__contains=day
    ).select_related("building", "resident", "organisation")
    rows = held.order_by("building__number", "id") if actor.may(Permission.DESK_OPEN) else held.none()
    return [_of_steward(actor, post, post.building.name if post.building else "") for post in rows]


def _of_steward(actor: Actor, post: OrganisationPost, building: str) -> ListRow:
    branch = post.organisation
    return ListRow(
        id=branch.pk,
        page="organisations:page",
        name=f"{building}红管家",
        cells=(Role.STEWARD.label, holder_name(actor, post), building, branch.name),
        since=post.from_on,
        confirmed_on=branch.confirmed_on,
        check_by=branch.check_by,
        is_due=branch.is_due_on(clock.today()),
    )
