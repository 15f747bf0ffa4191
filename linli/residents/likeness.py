"""Which records may be of one person: found by rule, decided by somebody who looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.masking import mask_id_number, mask_name, mask_phone
from linli.core.tenancy import current_id

from .codelists import code_list
from .models import Merge, Resident
from .queries import ResidentCard, cards_of, residents_visible_to

MOST = 50
LATER_DAYS = 30
"""How long a pair that was put off stays away."""

# Names that sound alike to an ear from the south: zh and z, n and l, -ng and -n are one. What sounds alike has like first letters, n
# and l being one: the database matches those by hashing, and hears only the few pairs that are left. Two ID numbers that
# differ and do not end alike are two people, whatever else is the same.
_SOUND = r"regexp_replace(regexp_replace(regexp_replace({}.pinyin, '\m([zcs])h', '\1', 'g'), 'ng\M', 'n', 'g'), '\mn', 'l', 'g')"
SQL = rf"""
WITH people AS (
  SELECT id, name, pinyin, translate(initials, 'n', 'l') AS letters, birth_on, phone_index, id_number_index, id_tail_index
    FROM residents_resident WHERE community_id = %(community)s AND merged_into_id IS NULL
), met AS (
  SELECT a.id AS first, b.id AS second FROM people a
    JOIN people b ON a.birth_on = b.birth_on AND a.letters = b.letters AND a.id < b.id
  UNION SELECT a.id, b.id FROM people a
    JOIN people b ON a.birth_on = b.birth_on AND a.id_tail_index = b.id_tail_index AND a.id < b.id
  UNION SELECT a.id, b.id FROM people a
    JOIN people b ON a.phone_index = b.phone_index AND a.letters = b.letters AND a.id < b.id
), heard AS (
  SELECT a.id AS first, b.id AS second,
         coalesce(a.birth_on = b.birth_on, false) AS born,
         coalesce(a.id_tail_index = b.id_tail_index AND a.birth_on = b.birth_on, false) AS by_tail,
         a.name = b.name AS named,
         {_SOUND.format("a")} = {_SOUND.format("b")} AS sounds,
         coalesce(a.phone_index = b.phone_index, false) AS phoned,
         coalesce(a.id_number_index <> b.id_number_index, false) AS are_two
    FROM met JOIN people a ON a.id = met.first JOIN people b ON b.id = met.second
), pairs AS (
  SELECT first, second, by_tail, born AND named AS by_name, born AND sounds AS by_sound, phoned AND sounds AS by_phone, are_two
    FROM heard WHERE by_tail OR (sounds AND (born OR phoned))
)
SELECT p.first, p.second, p.by_tail, p.by_name, p.by_sound, p.by_phone
  FROM pairs p LEFT JOIN residents_likenessverdict v
    ON v.community_id = %(community)s AND v.first_id = p.first AND v.second_id = p.second
   AND (v.says = 'apart' OR v.given_at > %(since)s)
 WHERE v.id IS NULL AND (p.by_tail OR NOT p.are_two)
 ORDER BY p.by_tail DESC, p.by_name DESC, p.by_phone DESC, p.first
 LIMIT %(most)s
"""


@dataclass(frozen=True)
class Pair:
    """Two like records, masked, and why they are thought alike."""

    first: ResidentCard
    second: ResidentCard
    why: tuple[str, ...]


def likely_pairs(actor: Actor) -> list[Pair]:
    """Pairs of records that may be of one person, the surest first; those judged apart, or put off lately, are left out."""
    if not actor.may(Permission.RESIDENTS_LINK):
        return []
    asked: dict[str, Any] = {
        "community": current_id(),
        "since": clock.now() - timedelta(days=LATER_DAYS),
        "most": 4 * MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL, asked)
        found = cursor.fetchall()
    ids = {key for row in found for key in row[:2]}
    cards = {card.id: card for card in cards_of(residents_visible_to(actor).filter(pk__in=ids))}
    pairs = [
        Pair(cards[first], cards[second], _why(*flags))
        for first, second, *flags in found
        if first in cards and second in cards
    ]
    return pairs[:MOST]


def _why(by_tail: bool, by_name: bool, by_sound: bool, by_phone: bool) -> tuple[str, ...]:
    said = []
    if by_tail:
        said.append("出生日期和身份证号末四位一样")
    if by_name:
        said.append("姓名和出生日期一样")
    elif by_sound:
        said.append("姓名读音相近，出生日期一样")
    if by_phone:
        said.append("电话一样，姓名读音相近")
    return tuple(said)


@dataclass(frozen=True)
class Side:
    """One field, as the two records say it, masked; `differs` where both say something and not the same."""

    name: str
    label: str
    first: str
    second: str
    differs: bool


def label_of(name: str) -> str:
    """What a field of a resident is called."""
    return next(str(each.verbose_name) for each in Resident._meta.concrete_fields if each.name == name)


SHOWN = (
    "name",
    "sex",
    "birth_on",
    "id_number",
    "phone",
    "former_name",
    "ethnicity",
    "education",
    "marital_status",
    "political_status",
    "employment",
    "employer",
)


def sides_of(first: Resident, second: Resident) -> list[Side]:
    """What each record says of the person, field by field; fields neither says anything of are left out."""
    rows = []
    for name in SHOWN:
        one, other = _shown(first, name), _shown(second, name)
        if one or other:
            differs = bool(one and other and getattr(first, name) != getattr(second, name))
            rows.append(Side(name, label_of(name), one, other, differs))
    return rows


def _shown(person: Resident, name: str) -> str:
    value = getattr(person, name)
    if value in {None, ""}:
        return ""
    if name in {"name", "former_name"}:
        return mask_name(value)
    if name == "id_number":
        return mask_id_number(value)
    if name == "phone":
        return mask_phone(value)
    if name == "birth_on":
        return f"{value.year}年"
    if name == "sex":
        return "" if value in {"0", "9"} else person.get_sex_display()
    if name == "employer":
        return str(value)
    return code_list(name).name(value)


def merges_of(resident_id: UUID) -> list[Merge]:
    """Records that became part of this one and still are, the last first."""
    return list(Merge.objects.filter(kept=resident_id, undone_at=None).order_by("-merged_at"))


def merge_of(kind: str, kept: UUID, dropped: UUID) -> Merge | None:
    """The merge of these two that still holds; None where there is none."""
    return Merge.objects.filter(kind=kind, kept=kept, dropped=dropped, undone_at=None).first()
