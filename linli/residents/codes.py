"""Code lists of people: national ones by their number, ours by a word. A new category is a new line here."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from linli.core.catalogue import Sensitivity


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


@dataclass(frozen=True)
class CategoryKind:
    """One kind of category a resident may belong to for a time."""

    code: str
    name: str
    sensitivity: Sensitivity


# Ages are no category: being over 80 is computed from the date of birth on the day somebody asks.
CATEGORY_KINDS: dict[str, CategoryKind] = {
    kind.code: kind
    for kind in (
        CategoryKind("living_alone", "独居", Sensitivity.PERSONAL),
        CategoryKind("empty_nest", "空巢", Sensitivity.PERSONAL),
        CategoryKind("subsistence_allowance", "低保", Sensitivity.SENSITIVE),
        CategoryKind("extreme_hardship", "特困", Sensitivity.SENSITIVE),
        CategoryKind("near_subsistence", "低保边缘", Sensitivity.SENSITIVE),
        CategoryKind("disabled", "残疾", Sensitivity.SENSITIVE),
        CategoryKind("bereaved_of_only_child", "失独", Sensitivity.SENSITIVE),
        CategoryKind("entitled_veteran", "优抚", Sensitivity.PERSONAL),
        CategoryKind("child_in_difficulty", "困境儿童", Sensitivity.SENSITIVE),
        CategoryKind("unemployed", "失业登记", Sensitivity.PERSONAL),
        CategoryKind("party_member", "党员", Sensitivity.PERSONAL),
        CategoryKind("volunteer", "志愿者", Sensitivity.PLAIN),
    )
}


def category_name(code: str) -> str:
    """The kind's Chinese name; the code itself for a kind no longer in the table."""
    return CATEGORY_KINDS[code].name if code in CATEGORY_KINDS else code
