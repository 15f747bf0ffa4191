"""How sure the register is: houses gone through lately and long ago, documents of people from elsewhere, corrections that wait.

Everything through the register's own actions, each at its moment.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from linli.core import clock
from linli.core.access import Actor
from linli.core.identifiers import check_digit
from linli.core.tenancy import active
from linli.residents import actions as residents
from linli.residents.document_rules import icao_check_digit
from linli.residents.models import Resident

from .cast import back_office_of
from .hours import at_time
from .people import Person
from .settle import Settled

HOUSES = 5
"""Houses in a patch that its specialist has gone through in the last weeks."""
PAPERS = (
    ("hmt_permit", "H{n:08d}", "", 700),
    ("hmt_residence", "810000{born}{n:03d}", "mod_11_2", 1200),
    ("511", "{n:08d}", "", 45),
    ("hmt_residence", "830000{born}{n:03d}", "mod_11_2", -20),
    ("foreign_permanent", "933840{born}{n:03d}", "mod_11_2", 2400),
    ("foreign_permanent_old", "USA3301{short}{n:01d}", "icao_7_3_1", 60),
    ("414", "TK{n:07d}", "", 900),
)
"""Kind, pattern, its check digit, and for how many days it is still good. The numbers are nobody's."""


def keep_records(here: Settled, now: datetime, *, spared: set[str]) -> None:
    """Houses confirmed, documents written, phones changed and corrections asked for, in this community."""
    dice = Random(f"records {here.site.code}")
    living = [person for person in here.people if person.id_number not in spared]
    with active(here.id):
        _go_through_houses(here, living, now, dice)
        _write_documents(here, living, now)
        _change_phones(here, living, now, dice)
        _ask_for_corrections(here, living, now)


def _clerk(here: Settled) -> Actor:
    return here.actors[back_office_of(here.id)[0]]


def _go_through_houses(here: Settled, living: list[Person], now: datetime, dice: Random) -> None:
    """The specialists' houses, a few of each patch, on days of the last two months."""
    by_house: dict[tuple[str, str], list[Person]] = {}
    for person in living:
        by_house.setdefault((person.patch, person.door.split("-")[0]), []).append(person)
    for patch in sorted({patch for patch, _ in by_house}):
        mine = sorted(house for house in by_house if house[0] == patch)
        for house in dice.sample(mine, min(HOUSES, len(mine))):
            day = now.date() - timedelta(days=dice.randrange(2, 60))
            with clock.at(at_time(day, 15, dice.randrange(60))):
                for person in by_house[house]:
                    row = _alive(here, person)
                    if row is not None and dice.random() < 0.85:
                        residents.confirm_record(
                            _clerk(here), resident=row, how=dice.choice(("self", "visit", "papers"))
                        )


def _write_documents(here: Settled, living: list[Person], now: datetime) -> None:
    grown = [person for person in living if 25 <= person.age < 70 and person.population_class == "migrant"]
    with clock.at(now - timedelta(days=30)):
        for n, (person, (kind, pattern, check, days)) in enumerate(zip(grown, PAPERS, strict=False), start=1):
            row = _alive(here, person)
            if row is None:
                continue
            born = f"{person.birth_on:%Y%m%d}"
            body = pattern.format(n=n + here.id * 10, born=born, short=born[2:]) if check != "icao_7_3_1" else ""
            if check == "icao_7_3_1":
                body = pattern.format(n=n % 10, born=born, short=born[2:])
            digit = {"mod_11_2": check_digit, "icao_7_3_1": icao_check_digit}.get(check, lambda _: "")(body)
            residents.add_document(
                _clerk(here),
                resident=row,
                kind=kind,
                number=body + digit,
                last_on=now.date() + timedelta(days=days),
                issued_in="JPN" if kind == "414" else "",
                source="看了证件",
            )


def _change_phones(here: Settled, living: list[Person], now: datetime, dice: Random) -> None:
    with_phone = [person for person in living if person.phone]
    for n, person in enumerate(dice.sample(with_phone, min(6, len(with_phone)))):
        row = _alive(here, person)
        day = now.date() - timedelta(days=10 + 9 * n)
        if row is not None:
            with clock.at(at_time(day, 10, 5 * n)):
                residents.change_phone(_clerk(here), resident=row, phone=f"100{77000000 + here.id * 100 + n:08d}")


def _ask_for_corrections(here: Settled, living: list[Person], now: datetime) -> None:
    """Three requests that wait: a name, a birth date, an allowance."""
    rows = [row for person in living if person.age >= 60 and (row := _alive(here, person)) is not None][:3]
    if len(rows) < 3:
        return
    named, born, poor = rows
    clerk, colleague = _clerk(here), here.actors["陆婷"]
    yesterday = now.date() - timedelta(days=1)
    with clock.at(at_time(yesterday, 9, 12)):
        residents.request_correction(
            clerk,
            named,
            "name",
            f"{named.name[:-1]}珍",
            "对照身份证，最后一个字抄错了",
            evidence="身份证原件，正反面看过",
        )
    if born.birth_on is not None:
        with clock.at(at_time(yesterday, 14, 5)):
            residents.request_correction(
                colleague,
                born,
                "birth_on",
                born.birth_on - timedelta(days=1) if born.birth_on.day > 1 else born.birth_on + timedelta(days=1),
                "户口簿上早一天",
                evidence="户口簿复印件",
            )
    with clock.at(at_time(yesterday, 16, 40)):
        plan = {"from_on": date(now.year, now.month, 1), "source": "街道民政", "decision": "湖墅民〔演示〕12号"}
        residents.request_category(
            clerk, resident=poor, kind="near_subsistence", plan=plan, because="街道审核通过，本月起享受"
        )


def _alive(here: Settled, person: Person) -> Resident | None:
    row = here.residents[person.id_number]
    return Resident.objects.filter(pk=row.pk, died_on=None).first()
