"""Code lists of people: national ones by their number, ours by a word. A new category is a new line in its data file."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from linli.core.catalogue import Sensitivity

from .codelists import rows_of


class Sex(models.TextChoices):
    """GB/T 2261.1-2003."""

    UNKNOWN = "0", "未知"
    MALE = "1", "男"
    FEMALE = "2", "女"
    UNSTATED = "9", "未说明"


class Relation(models.TextChoices):
    """Relation to the head of the household, the one-digit list of GB/T 4761-2008."""

    HEAD = "0", "本人"
    SPOUSE = "1", "配偶"
    SON = "2", "子"
    DAUGHTER = "3", "女"
    GRANDCHILD = "4", "孙辈"
    PARENT = "5", "父母"
    GRANDPARENT = "6", "祖父母或外祖父母"
    SIBLING = "7", "兄弟姐妹"
    OTHER = "8", "其他"


class ResidenceKind(models.TextChoices):
    """A person may be registered at one door and live behind another (人户分离)."""

    LIVED = "lived", "实际居住"
    REGISTERED = "registered", "户籍所在"


class PopulationClass(models.TextChoices):
    """How the community counts a person who is here, or should be."""

    REGISTERED = "registered", "户籍"
    MIGRANT = "migrant", "流动"
    ABROAD = "abroad", "境外"
    AWAY = "away", "外出"
    NOMINAL = "nominal", "空挂"


class HouseholdKind(models.TextChoices):
    """How people are counted together: as a family, or behind one number as staff, students or monks are."""

    FAMILY = "family", "家庭户"
    COLLECTIVE = "collective", "集体户"


@dataclass(frozen=True)
class CategoryKind:
    """One kind of category a resident may belong to for a time.

    `levels` may be given under `level_name` (残疾等级: 一级 …); `check_months` is how long it may be believed before
    somebody should look again.
    """

    code: str
    name: str
    sensitivity: Sensitivity
    group: str = ""
    level_name: str = ""
    levels: tuple[str, ...] = ()
    has_certificate: bool = False
    check_months: int = 12


def _kind(line: dict[str, str]) -> CategoryKind:
    return CategoryKind(
        code=line["code"],
        name=line["name"],
        sensitivity=Sensitivity(line["sensitivity"]),
        group=line["group"],
        level_name=line["level_name"],
        levels=tuple(filter(None, line["levels"].split("|"))),
        has_certificate=line["has_certificate"] == "yes",
        check_months=int(line["check_months"]),
    )


# Data, in data/category_kind.csv. Being over 80 is computed from the date of birth on the day somebody asks; 高龄 is the
# grant that a community decided on.
CATEGORY_KINDS: dict[str, CategoryKind] = {line["code"]: _kind(line) for line in rows_of("category_kind")}


def category_name(code: str) -> str:
    """The kind's Chinese name; the code itself for a kind no longer in the table."""
    return CATEGORY_KINDS[code].name if code in CATEGORY_KINDS else code
