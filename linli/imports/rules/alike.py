"""Whether a row may be about somebody the register knows under another number, or none. Pure; a person decides, never this."""

from __future__ import annotations

from dataclasses import dataclass

from .facts import Facts


@dataclass(frozen=True)
class Alike:
    """Why two may be one: the column that says so, in words; the lower the rank the likelier."""

    rank: int
    column: str
    words: str


def alike(told: Facts, held: Facts) -> Alike | None:
    """`told` by a row, `held` of somebody whose name sounds the same; None where nothing speaks for it, or a number against it."""
    name = "同名" if told.name == held.name else "读音相同"
    if told.id_number and held.id_number:
        if differ_little(told.id_number, held.id_number):
            return Alike(0, "resident.id_number", f"档案里有一位{name}的居民，身份证号只差一两位。请对照证件。")
        return None
    is_same_birth = told.birth_on is not None and told.birth_on == held.birth_on
    is_same_door = bool(told.door) and told.door == held.door
    if is_same_birth and is_same_door:
        return Alike(1, "resident.name", f"档案里有一位{name}、同生日、同住址的居民，多半是同一个人。")
    if is_same_birth:
        return Alike(2, "resident.name", f"档案里有一位{name}、同生日的居民，可能是同一个人。")
    if is_same_door and told.birth_on and held.birth_on:
        return Alike(3, "resident.birth_on", f"档案里有一位{name}、同住址的居民，出生日期差一点。请对照证件。")
    if is_same_door:
        return Alike(4, "resident.name", f"档案里有一位{name}、同住址的居民，可能是同一个人。")
    if not told.id_number and told.birth_on is None:
        return Alike(
            5 + (told.name != held.name),
            "resident.name",
            f"没有身份证号，也没有出生日期。档案里有{name}的居民，分不清是不是。",
        )
    return None


def differ_little(one: str, other: str) -> bool:
    """Up to two places apart, or two neighbours changed round: what slips when a number is typed."""
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) <= 2
