"""Taking people into the register: one at the counter or thousands from a list, through the same rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor
from linli.core.copy import add_rows, maker
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, Problem
from linli.core.identifiers import normalise_name, normalise_phone, parse_id_number
from linli.core.ids import uuid7
from linli.core.pinyin import initials_of, pinyin_of
from linli.core.trail import record_many
from linli.places.models import Dwelling
from linli.residents.check_rules import first_check, home_check
from linli.residents.codelists import code_list
from linli.residents.codes import CATEGORY_KINDS, PopulationClass, Relation, ResidenceKind, Sex
from linli.residents.models import Category, Household, Residence, Resident

from .changes import CategoryHeld, CategoryUnknown, LivesElsewhere, NotYet, begins, require_in_reach, require_keeper


class IdNumberTaken(Conflict):
    code = "resident.id_number_taken"
    message = "这个身份证号已经登记过了。请先搜索这位居民，看看是不是同一个人。"


class HouseholdFormedMeanwhile(Conflict):
    code, message = "resident.household_formed", "这一户刚刚被登记了。请再试一次。"


class CodeUnknown(Invalid):
    code, message = "resident.code_unknown", "没有这个选项。请从列表里选一个。"


@dataclass(frozen=True)
class CategoryPlan:
    """A category to register with a person; `kind` is a code of CATEGORY_KINDS."""

    kind: str
    from_on: date
    to_on: date | None = None
    certificate_number: str | None = None
    decided_on: date | None = None
    source: str = ""
    level: str = ""
    decision: str = ""


@dataclass(frozen=True)
class ResidentPlan:
    """A person to register, as written by people; where they live, and since when.

    Sex and date of birth are taken from the ID number where they are left out; what is given counts before it.
    Persons with the same `dwelling` and `household` (any word) form one household; who is `Relation.HEAD` heads it.
    `id` is the person's, where the caller chose it; `household_id` names a household that may be formed over several calls.
    """

    name: str
    sex: str = Sex.UNKNOWN
    birth_on: date | None = None
    id_number: str | None = None
    phone: str | None = None
    dwelling: Dwelling | None = None
    from_on: date | None = None
    kind: str = ResidenceKind.LIVED
    population_class: str = PopulationClass.REGISTERED
    relation_to_head: str = ""
    household: str = ""
    categories: tuple[CategoryPlan, ...] = field(default=())
    former_name: str = ""
    ethnicity: str = ""
    education: str = ""
    marital_status: str = ""
    political_status: str = ""
    employment: str = ""
    employer: str = ""
    source: str = ""
    confirmed_on: date | None = None
    id: UUID | None = None
    household_id: UUID | None = None


def register_resident(actor: Actor, plan: ResidentPlan) -> Resident:
    """One person, with residence and categories where the plan has them. Raises what `register_many` does."""
    return register_many(actor, [plan])[0]


@transaction.atomic
def register_many(actor: Actor, plans: Sequence[ResidentPlan]) -> list[Resident]:
    """Persons, their households, residences and categories; all or none, in the order of the plans.

    Each person has a trail entry for being registered, and one for each residence and category.

    Raises:
        NotAllowed: may not keep the register; or a specialist, for a dwelling outside her sub-areas.
        NameWrong, IdNumberWrong, PhoneWrong, NotYet, DateOutOfOrder, CategoryUnknown: what was written cannot be used;
            `facts["row"]` is the plan's place in the list, from 0.
        IdNumberTaken: somebody in the community has that ID number.
        CategoryHeld: one person has the same kind twice in an overlapping time.
    """
    require_keeper(actor)
    make, today = maker(Resident, noted_at=clock.now()), clock.today()
    residents = []
    for row, plan in enumerate(plans):
        try:
            residents.append(_resident(plan, make, today=today))
            if plan.dwelling is not None:
                require_in_reach(actor, dwelling=plan.dwelling)
        except Problem as problem:
            problem.facts["row"] = row
            raise
    with constraint("resident_one_id_number", broken=IdNumberTaken):
        add_rows(Resident, residents)
    record_many(actor, "resident.registered", residents)
    people = list(zip(residents, plans, strict=True))
    _settle(actor, people, _form_households(actor, people))
    _categorise(actor, people)
    return residents


def _resident(plan: ResidentPlan, make: Callable[..., Resident], *, today: date) -> Resident:
    name = normalise_name(plan.name)
    document = parse_id_number(plan.id_number, today=today) if plan.id_number else None
    birth_on = plan.birth_on or (document.birth_on if document else None)
    if birth_on is not None and birth_on > today:
        raise NotYet("出生日期还没有到。请对照证件再看一遍。", field="birth_on")
    sex = document.sex if document and plan.sex == Sex.UNKNOWN else plan.sex
    return make(
        id=plan.id or uuid7(),
        name=name,
        pinyin=pinyin_of(name),
        initials=initials_of(name),
        sex=Sex(sex).value,
        birth_on=birth_on,
        id_number=document.number if document else None,
        phone=normalise_phone(plan.phone) if plan.phone else None,
        former_name=normalise_name(plan.former_name) if plan.former_name else "",
        ethnicity=code_in_list("ethnicity", plan.ethnicity),
        education=code_in_list("education", plan.education),
        marital_status=code_in_list("marital_status", plan.marital_status),
        political_status=code_in_list("political_status", plan.political_status),
        employment=code_in_list("employment", plan.employment),
        employer=plan.employer,
        source=plan.source,
        confirmed_on=plan.confirmed_on,
        check_by=first_check(bool(plan.phone), plan.confirmed_on),
    )


def planned(plan: ResidentPlan) -> Resident:
    """The person as `plan` would be registered, not written."""
    return _resident(plan, Resident, today=clock.today())


def code_in_list(key: str, code: str) -> str:
    """`code`, which must be "" or in the list `key`. Raises CodeUnknown."""
    if code and code not in code_list(key).codes:
        raise CodeUnknown(field=key)
    return code


People = Sequence[tuple[Resident, ResidentPlan]]
HouseholdKey = tuple[UUID, str]


def _form_households(actor: Actor, people: People) -> dict[HouseholdKey, Household]:
    households: dict[HouseholdKey, Household] = {}
    make = maker(Household)
    for resident, plan in people:
        if plan.dwelling is None or not plan.household:
            continue
        key = (plan.dwelling.id, plan.household)
        if key not in households:
            households[key] = make(id=plan.household_id or uuid7(), dwelling_id=plan.dwelling.id)
        if plan.relation_to_head == Relation.HEAD:
            households[key].head_id = resident.id
    named = {plan.household_id for _, plan in people if plan.household_id}
    there = set(Household.objects.filter(pk__in=named).values_list("pk", flat=True)) if named else set()
    new = [household for household in households.values() if household.pk not in there]
    with constraint("residents_household_pkey", broken=HouseholdFormedMeanwhile):
        add_rows(Household, new)
    record_many(actor, "household.formed", new)
    for household in households.values():
        if household.pk in there and household.head_id:
            Household.objects.filter(pk=household.pk, head=None).update(head=household.head_id)
    return households


def _settle(actor: Actor, people: People, households: dict[HouseholdKey, Household]) -> None:
    settled = [(resident, plan, plan.dwelling) for resident, plan in people if plan.dwelling is not None]
    make, today = maker(Residence), clock.today()
    residences = []
    for resident, plan, dwelling in settled:
        household = households.get((dwelling.id, plan.household)) if plan.household else None
        residences.append(
            make(
                resident_id=resident.id,
                dwelling_id=dwelling.id,
                household_id=household.id if household else None,
                kind=ResidenceKind(plan.kind).value,
                population_class=PopulationClass(plan.population_class).value,
                relation_to_head=plan.relation_to_head and Relation(plan.relation_to_head).value,
                span=begins(plan.from_on or today),
                source=plan.source,
                confirmed_on=plan.confirmed_on,
                check_by=home_check(plan.confirmed_on),
            )
        )
    with constraint("residence_one_at_once", broken=LivesElsewhere):
        add_rows(Residence, residences)
    record_many(actor, "resident.moved_in", [resident for resident, _, _ in settled])


def _categorise(actor: Actor, people: People) -> None:
    wanted = [(resident, each) for resident, plan in people for each in plan.categories]
    if any(each.kind not in CATEGORY_KINDS for _, each in wanted):
        raise CategoryUnknown(field="kind")
    categories = [
        Category(
            resident=resident,
            kind=each.kind,
            span=begins(each.from_on, each.to_on),
            certificate_number=each.certificate_number or None,
            decided_on=each.decided_on,
            source=each.source,
            level=each.level,
            decision=each.decision,
        )
        for resident, each in wanted
    ]
    with constraint("category_one_of_a_kind", broken=CategoryHeld):
        add_rows(Category, categories)
    record_many(actor, "category.granted", [resident for resident, _ in wanted])
