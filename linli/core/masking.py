"""Personal data as it is shown unasked: enough to recognise, not enough to take away. Pure; never raises.

Source: the design's masking defaults (PIPL articles 28 and 51); the full value needs a permission and a reason.
"""

from __future__ import annotations

import re
import unicodedata

from .identifiers import split_name

STAR = "*"


def mask_name(name: str) -> str:
    """王*强 · 王* · 欧阳** · 买***·*** · J*** S****: a first character and, of three or four in Chinese, the last."""
    if re.search(r"[\u00b7\s]", name) or (name and name[0].isascii()):
        first, rest = name[:1], name[1:]
        if " " in name and name.isascii():
            return " ".join(word[:1] + STAR * (len(word) - 1) for word in name.split(" "))
        return first + re.sub(r"[^\u00b7\s]", STAR, rest)
    if len(name) < 2:
        return STAR * len(name)
    surname, given = split_name(name)
    if len(surname) == 2 or len(given) < 2:
        return surname + STAR * len(given)
    return surname + STAR * (len(given) - 1) + given[-1]


def mask_id_number(number: str) -> str:
    """330***********1234: the first three and last four; of a shorter document the last two, or none."""
    if len(number) >= 15:
        return number[:3] + STAR * (len(number) - 7) + number[-4:]
    return STAR * (len(number) - 2) + number[-2:] if len(number) >= 8 else STAR * len(number)


def mask_phone(phone: str) -> str:
    """138****1234 for a mobile number, 0571-****1234 for a landline, the last two for anything else."""
    if re.fullmatch(r"1[0-9]{10}", phone):
        return phone[:3] + STAR * 4 + phone[-4:]
    area, hyphen, number = phone.partition("-")
    if hyphen and re.fullmatch(r"0[0-9]{2,3}", area) and re.fullmatch(r"[0-9]{7,8}", number):
        return area + hyphen + STAR * (len(number) - 4) + number[-4:]
    return STAR * (len(phone) - 2) + phone[-2:] if len(phone) >= 6 else STAR * len(phone)


_NUMERAL = "0-9A-Za-z〇零一二三四五六七八九十百甲乙丙丁东南西北中"
# A building by its own word; failing that by the street number; failing that by what comes before the first "-2-301".
_TO_BUILDING = (
    re.compile(rf".*?[{_NUMERAL}]+(?:号楼|幢|栋|座)"),
    re.compile(r".*?[0-9]+(?:[-之][0-9]+)?号(?!室|房|门|单元|铺)"),
    re.compile(r"[^0-9]*[0-9]+(?=\s*[-–—#][0-9])"),
)
_INSIDE = re.compile(r"[0-9A-Za-z〇零一二三四五六七八九十百]+(?:号?单元|楼|层|室|房|户|门|号)|[0-9]{3,}")


def mask_address(address: str) -> str:
    """The address up to and with its building; what is inside (entrance, floor, room, notes) is left out."""
    address = unicodedata.normalize("NFKC", address)
    for pattern in _TO_BUILDING:
        if building := pattern.match(address):
            return building.group()
    inside = _INSIDE.search(address)
    return address[: inside.start()].rstrip() if inside else address
