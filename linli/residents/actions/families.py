"""Birth, marriage, its end, and who looks after a child: what happens to two people at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid
from linli.core.identifiers import normalise_name
from linli.core.trail import record
from linli.core.versions import supersede
from linli.residents import rules
from linli.residents.codes import PopulationClass, Relation
from linli.residents.models import Fact, Household, Resident, Tie

from .changes import NotYet, begins, move_in, require_in_reach, require_keeper
from .facts import put_fields
from .households import close_if_empty, live, lock_households, refuse_headless
from .intake import ResidentPlan, register_resident
from .staying import homes_on, lock_people, resettle, stay_on

MARRIED, WIDOWED, DIVORCED = "20", "30", "40"  # GB/T 2261.2
MARRIED_KINDS = {"20", "21", "22", "23"}
GUARDED_UNDER = 14  # years; PIPL article 31: a guardian answers for them


class GuardianNeeded(Invalid):
    code = "resident.guardian_needed"
    message = "孩子不满 14 周岁，要登记监护人。请选父母或另外一位。"


class AlreadyMarried(Conflict):
    code = "resident.already_married"
    message = "其中一位在这一天登记着另一段婚姻。请先办那一段的离婚或丧偶。"


class NotMarried(Conflict):
    code, message = "resident.not_married", "这位居民那一天没有登记在婚。请先核对婚姻状况。"


class SpouseLives(Conflict):
    code, message = "resident.spouse_lives", "登记的配偶没有登记去世。请先为配偶登记去世，再登记丧偶。"


class WithOneself(Invalid):
    code, message = "resident.with_oneself", "两边选了同一个人。请换一位。"


class LaterStatus(Conflict):
    code = "resident.later_status"
    message = "这一天以后已经登记过新的婚姻状况。请先核对那一次的日期。"


class HomesUnknown(Conflict):
    code, message = "resident.no_household", "对方那一天没有登记住在哪一户。请先给对方立户，或不选一起住。"


@transaction.atomic
def register_birth(
    actor: Actor,
    *,
    name: str,
    sex: str,
    born_on: date,
    household: Household,
    mother: Resident | None = None,
    father: Resident | None = None,
    guardian: Resident | None = None,
    relation_to_head: str = "",
    source: str = "",
) -> Resident:
    """A child is born into `household`: a person without any document, who lives behind its door from the first day.

    The guardian is the mother or the father where nobody else is named. The same child of the same parents again is
    given back as it is.

    Raises:
        NotAllowed, NameWrong, NotYet, HouseholdGone, WithOneself.
        GuardianNeeded: not 14 yet, and nobody to answer for the child.
    """
    require_keeper(actor)
    require_in_reach(actor, dwelling=household.dwelling)
    (household,) = lock_households(household)
    if born_on > clock.today():
        raise NotYet("出生日期还没有到。请对照出生证再看一遍。", field="born_on")
    guardian = guardian or mother or father
    if guardian is None and not rules.is_over(born_on, GUARDED_UNDER, clock.today()):
        raise GuardianNeeded(field="mother")
    if mother is not None and father is not None and mother.pk == father.pk:
        raise WithOneself(field="father")
    parents = [each for each in (mother, father) if each is not None]
    if born := _born_before(name, born_on, parents or ([guardian] if guardian else [])):
        return born
    live(household, born_on)
    child = register_resident(actor, ResidentPlan(name=name, sex=sex, birth_on=born_on, source=source or "出生登记"))
    move_in(
        actor,
        resident=child,
        dwelling=household.dwelling,
        household=household,
        from_on=born_on,
        population_class=PopulationClass.REGISTERED,
        relation_to_head=relation_to_head,
    )
    for kind, other in ((Tie.Kind.MOTHER, mother), (Tie.Kind.FATHER, father), (Tie.Kind.GUARDIAN, guardian)):
        if other is not None:
            Tie.objects.create(resident=child, other=other, kind=kind, span=begins(born_on), source="出生登记")
    record(actor, "resident.born", child, touches=[household.pk, *(each.pk for each in parents)], on=born_on)
    for parent in parents:
        record(actor, "resident.had_child", parent, touches=[child.pk], on=born_on)
    return child


def _born_before(name: str, born_on: date, elders: Iterable[Resident]) -> Resident | None:
    ties = Tie.objects.filter(other__in=[each.pk for each in elders], resident__birth_on=born_on)
    tie = ties.filter(resident__name=normalise_name(name)).select_related("resident").first()
    return tie.resident if tie else None


@transaction.atomic
def name_guardian(actor: Actor, *, resident: Resident, guardian: Resident, on: date) -> Tie:
    """From that day on `guardian` answers for the resident; the one before does no longer.

    Raises NotAllowed, NotYet, HasDied, WithOneself, BeganThatDay.
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    if resident.pk == guardian.pk:
        raise WithOneself(field="guardian")
    lock_people([resident, guardian], on)
    before = Tie.objects.filter(resident=resident, kind=Tie.Kind.GUARDIAN, span__contains=on).first()
    if before is not None and before.other_id == guardian.pk:
        return before
    if before is not None:
        supersede(before, span=begins(before.span.lower, on))
    tie = Tie.objects.create(resident=resident, other=guardian, kind=Tie.Kind.GUARDIAN, span=begins(on))
    record(actor, "resident.guardian_named", resident, touches=[tie.pk, guardian.pk], on=on)
    return tie


@transaction.atomic
def marry(
    actor: Actor,
    *,
    resident: Resident,
    on: date,
    spouse: Resident | None = None,
    mover: Resident | None = None,
    relation_to_head: str = "",
) -> Resident:
    """`resident` marries that day; `spouse` is the other one, where both are in the register.

    `mover` is the one of the two who lives in the other's household from that day on, as the head's spouse where the
    other heads it, else as `relation_to_head` (其他 where nothing is said). The same again changes nothing.

    Raises:
        NotAllowed, NotYet, HasDied, WithOneself.
        AlreadyMarried: one of them is, to somebody else. LaterStatus: a later change of status is written down.
        HomesUnknown: the other has no household to move into. HeadStays: the mover heads people who stay.
    """
    require_keeper(actor)
    both = [resident, *([spouse] if spouse else [])]
    for person in both:
        require_in_reach(actor, resident=person)
    if spouse is not None and spouse.pk == resident.pk:
        raise WithOneself(field="spouse")
    if mover is not None:  # households before people, as everywhere: nobody waits in a circle
        lock_households(*(home.household for home in homes_on(both, on) if home.household is not None))
    people = lock_people(both, on)
    if _is_married_since(people[resident.pk], spouse, on):
        return people[resident.pk]
    for person in people.values():
        set_marital(person, MARRIED, on)
    if spouse is not None:
        with constraint("tie_one_at_once", broken=AlreadyMarried):
            for one, other in ((resident, spouse), (spouse, resident)):
                Tie.objects.create(resident=one, other=other, kind=Tie.Kind.SPOUSE, span=begins(on))
    for person in people.values():
        other_ids = [key for key in people if key != person.pk]
        record(actor, "resident.married", person, touches=other_ids, on=on)
    if mover is not None and spouse is not None:
        host = resident if mover.pk == spouse.pk else spouse
        _move_together(actor, people[mover.pk], people[host.pk], relation_to_head, on)
    return people[resident.pk]


def _is_married_since(person: Resident, spouse: Resident | None, on: date) -> bool:
    if spouse is not None:
        return Tie.objects.filter(resident=person, other=spouse, kind=Tie.Kind.SPOUSE, span__startswith=on).exists()
    told = Fact.objects.filter(resident=person, field="marital_status", span__startswith=on)
    return person.marital_status in MARRIED_KINDS and told.exists()


def set_marital(person: Resident, status: str, on: date) -> None:
    """The marital status since that day. Raises LaterStatus, and AlreadyMarried for a second marriage."""
    if Fact.objects.filter(resident=person, field="marital_status", span__startswith__gt=on).exists():
        raise LaterStatus(field="on")
    if status == MARRIED and Tie.objects.filter(resident=person, kind=Tie.Kind.SPOUSE, span__contains=on).exists():
        raise AlreadyMarried()
    put_fields(person, {"marital_status": status}, since=on)
    person.save(update_fields=["marital_status", "marks"])


def _move_together(actor: Actor, mover: Resident, host: Resident, relation: str, on: date) -> None:
    theirs, before = stay_on(host, on), stay_on(mover, on)
    if theirs is None or theirs.household is None:
        raise HomesUnknown(field="mover")
    household = live(theirs.household, on)
    if before is not None and before.household_id == household.pk:
        return
    if before is not None:
        refuse_headless(before.household, [mover.pk], on)
    relation = Relation.SPOUSE if household.head_id == host.pk else relation or Relation.OTHER
    resettle(actor, mover, dwelling=theirs.dwelling, household=household, relation=Relation(relation), on=on)
    if before is not None:
        close_if_empty(actor, before.household, on)


@transaction.atomic
def divorce(actor: Actor, *, resident: Resident, on: date) -> Resident:
    """The marriage ends that day, for both where both are in the register. Where each lives is said by moves.

    Raises NotAllowed, NotYet, HasDied, NotMarried, LaterStatus.
    """
    return _end_marriage(actor, resident, on, DIVORCED, "resident.divorced")


@transaction.atomic
def widow(actor: Actor, *, resident: Resident, on: date) -> Resident:
    """The resident's husband or wife died that day.

    Raises:
        NotAllowed, NotYet, HasDied, NotMarried, LaterStatus.
        SpouseLives: the spouse is in the register, and nobody wrote down the death.
    """
    tie = Tie.objects.filter(resident=resident, kind=Tie.Kind.SPOUSE, span__contains=on).select_related("other").first()
    if tie is not None and tie.other.died_on is None:
        raise SpouseLives()
    return _end_marriage(actor, resident, on, WIDOWED, "resident.widowed")


def _end_marriage(actor: Actor, resident: Resident, on: date, status: str, verb: str) -> Resident:
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    ties = Tie.objects.filter(resident=resident, kind=Tie.Kind.SPOUSE, span__contains=on)
    others: list[UUID] = list(ties.values_list("other_id", flat=True)) if status == DIVORCED else []
    people = lock_people(Resident.objects.filter(pk__in=[resident.pk, *others]), on)
    person = people[resident.pk]
    if person.marital_status == status and _ended_on(person, on):
        return person
    if person.marital_status not in MARRIED_KINDS and not ties.exists():
        raise NotMarried()
    for tie in (
        Tie.objects.select_for_update()
        .filter(kind=Tie.Kind.SPOUSE, span__contains=on)
        .filter(resident__in=[resident.pk, *ties.values_list("other_id", flat=True)])
    ):
        supersede(tie, span=begins(tie.span.lower, on))
    for each in people.values():
        set_marital(each, status, on)
        record(actor, verb, each, touches=[key for key in people if key != each.pk], on=on)
    return person


def _ended_on(person: Resident, on: date) -> bool:
    return Fact.objects.filter(resident=person, field="marital_status", span__startswith=on).exists()
