"""What people write, in one form: ID numbers, phone numbers, names. Pure; "today" is given.

Messages never repeat what was typed: they are shown, and may be logged. `[0-9]` after NFKC everywhere, because
full-width digits would pass for digits otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import ClassVar, Final

from .errors import Invalid

MALE, FEMALE = "1", "2"
"""Sex codes, GB/T 2261.1-2003 (0 unknown and 9 not stated are never derived)."""

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# What most people write is in its form already: thousands of rows need not be taken apart to find that out.
_WHOLE_NUMBER: Final = re.compile(r"[0-9]{17}[0-9X]")
_PLAIN_MOBILE: Final = re.compile(r"(1[3-9][0-9]|100)[0-9]{8}")
_PLAIN_NAME: Final = re.compile(r"[\u4e00-\u9fa5]{2,6}")
_CHECK_DIGITS: Final = "10X98765432"
_CENTENARIAN_SEQUENCES: Final = frozenset({"996", "997", "998", "999"})
_FIRST_BIRTH_YEAR: Final = 1850  # the register keeps the dead, and nobody born before

NAME_MAX: Final = 100
"""Characters of a name: above the 50 that fields must hold at least (民委发〔2016〕33号)."""


class IdNumberWrong(Invalid):
    code: ClassVar[str] = "id_number.wrong"
    message = "请对照身份证再看一遍号码。"


class PhoneWrong(Invalid):
    code: ClassVar[str] = "phone.wrong"
    message = "请对照再看一遍电话号码。手机号是 11 位；座机要带区号。"


class NameWrong(Invalid):
    code: ClassVar[str] = "name.wrong"
    message = "请填写姓名。"


@dataclass(frozen=True)
class IdNumber:
    """A resident ID number (GB 11643-1999) that holds together; staff may record another sex or birth date."""

    number: str  # 18 characters, X in upper case
    birth_on: date
    sex: str  # MALE or FEMALE


def parse_id_number(text: str, *, today: date) -> IdNumber:
    """Read an ID number as typed: spaces, full-width, lower-case x and the old 15 digits are all right.

    Also right: residence permits of Hong Kong, Macau and Taiwan (81, 82, 83…) and foreigners' permanent residence cards
    (9…), which are built the same. The area code need not exist today: districts merge.

    Raises:
        IdNumberWrong: with what to look at.
    """
    number = text
    if not _WHOLE_NUMBER.fullmatch(text):
        number = _squeeze(text).upper()
        _refuse_damage(number)
    if len(number) == 15:
        number = _upgraded(number)
    birth_on = _birth_date(number[6:14], today)
    if check_digit(number) != number[17]:
        # A spreadsheet keeps 15 significant digits of a number.
        if number.endswith("000"):
            raise _look("最后三位是 000，像是表格软件把它当数字存时丢掉了。请对照身份证重新填写。")
        raise _look("身份证号最后一位对不上。请对照证件再看一遍第 7–14 位（出生日期）。")
    return IdNumber(number, birth_on, MALE if int(number[16]) % 2 else FEMALE)


def normalise_id_number(text: str) -> str:
    """The 18 characters to look a person up by; does not ask whether the birth date is past. Raises IdNumberWrong."""
    return parse_id_number(text, today=date.max).number


def check_digit(number: str) -> str:
    """The 18th character for the first 17 digits (ISO 7064 MOD 11-2)."""
    return _CHECK_DIGITS[sum(map(mul, map(int, number[:17]), _WEIGHTS)) % 11]


def _refuse_damage(number: str) -> None:
    """Raise unless it is 15 digits, or 17 and one more or X."""
    if not number:
        raise _look("请填写身份证号。手边没有证件可以先空着，由社工核对后补上。")
    if re.fullmatch(r"[0-9.]+E\+?[0-9]+", number):
        raise _look("这个号码被表格软件改写过，后几位已经丢了。请把那一列设成“文本”，再对照身份证填写。")
    place = re.search(r"[^0-9X]", number) or re.search(r"X(?=.)", number)
    if place:
        hint = _LOOKS_LIKE.get(place.group(), "只有最后一位可以是字母 X")
        raise _look(f"第 {place.start() + 1} 位不是数字，{hint}。请对照身份证改过来。")
    if len(number) not in {15, 18}:
        side = "少了" if len(number) < 18 else "多了"
        raise _look(f"身份证号是 18 位，现在有 {len(number)} 位。请对照证件看看哪里{side}数字。")
    if len(number) == 15 and number.endswith("X"):
        raise _look("15 位的老号码末尾没有字母 X。请对照证件看看是不是少抄了 3 位。")


def _upgraded(number: str) -> str:
    """The 18 characters of a 15-digit number: born in the 1900s, but for the sequences kept for centenarians."""
    century = "18" if number[12:] in _CENTENARIAN_SEQUENCES else "19"
    body = number[:6] + century + number[6:]
    return body + check_digit(body)


def _birth_date(digits: str, today: date) -> date:
    try:
        birth_on = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise _look("第 7–14 位是出生日期，日历上没有这一天。请对照证件再看一遍这 8 位。") from None
    if birth_on > today:
        raise _look("第 7–14 位是出生日期，这一天还没有到。请对照证件再看一遍这 8 位。")
    if birth_on.year < _FIRST_BIRTH_YEAR:
        raise _look("第 7–14 位是出生日期，这个年份太早了。请对照证件再看一遍这 8 位。")
    return birth_on


_LOOKS_LIKE: Final = {"O": "像是把数字 0 打成了字母 O", "I": "像是把数字 1 打成了字母", "L": "像是把数字 1 打成了字母"}


def _look(message: str) -> IdNumberWrong:
    return IdNumberWrong(message, field="id_number")


def normalise_phone(text: str) -> str:
    """A mainland mobile number as 11 digits, or a landline as area code, hyphen and number ("0571-…").

    Accepts +86, 0086, spaces, brackets, hyphens and full-width digits. Numbers beginning with 100 are never assigned
    (demonstration data uses them) and pass for mobile.

    Raises:
        PhoneWrong: with what to do.
    """
    if _PLAIN_MOBILE.fullmatch(text):
        return text
    written = _squeeze(text)
    if re.search(r"[/、,;|]", written):
        raise PhoneWrong("这里像是写了两个号码。请先填一个常用的，另一个另外添加。", field="phone")
    if re.search(r"转|分机|#|[eE][xX][tT]", written):
        raise PhoneWrong("请只填总机号码（带区号），分机号写在备注里。", field="phone")
    digits = re.sub(r"[-().\u2010-\u2015\u2212]", "", written)
    if not digits:
        raise PhoneWrong("请填写联系电话。没有电话可选“无电话，由社工上门”。", field="phone")
    digits, has_country = _without_country(digits)
    if re.match(r"\+|00[1-9]", digits):
        raise PhoneWrong("这是境外号码，目前发不了短信。请填一个内地的手机或座机，境外号码写在备注里。", field="phone")
    if not re.fullmatch(r"[0-9]+", digits):
        raise PhoneWrong("电话号码里有不是数字的字。请对照再看一遍。", field="phone")
    if found := _mobile(digits) or _landline(f"0{digits}" if has_country and digits[0] != "0" else digits):
        return found
    raise _phone_problem(digits)


def _without_country(digits: str) -> tuple[str, bool]:
    """The digits without +86, 0086 or a bare 86 (no mainland number has twelve digits), and whether that was there."""
    rest = re.sub(r"^(\+86|0086|86(?=[0-9]{10,11}$))", "", digits)
    return rest, rest != digits


def _mobile(digits: str) -> str | None:
    return digits if _PLAIN_MOBILE.fullmatch(digits) else None


def _landline(digits: str) -> str | None:
    """With its area code: three digits for 010 and 02x, four for all others. The number itself begins with 2 to 8."""
    split = re.fullmatch(r"(010|02[0-9]|0[3-9][0-9]{2})([2-8][0-9]{6,7})", digits)
    return f"{split[1]}-{split[2]}" if split else None


def _phone_problem(digits: str) -> PhoneWrong:
    if re.fullmatch(r"[2-8][0-9]{6,7}", digits):
        return PhoneWrong("请在座机号码前面加上区号，杭州是 0571。", field="phone")
    if digits.startswith("1") and len(digits) != 11:
        side = "少了" if len(digits) < 11 else "多了"
        return PhoneWrong(f"手机号是 11 位，现在有 {len(digits)} 位。请对照看看哪里{side}数字。", field="phone")
    if digits.startswith("1"):
        return PhoneWrong("没有这样开头的手机号。请对照再看一遍前 3 位。", field="phone")
    return PhoneWrong(field="phone")


# What people type for the · of names (• ‧ ∙ ⋅ ・ ᛫ ● …). Before NFKC too, which would make a full stop of some.
_DOTS: Final = re.compile("\\s*[\u00b7\u2022\u2027\u2219\u22c5\u30fb\u16eb\u0387\u2e31\u25cf\u2024]\\s*")
_HAN: Final = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_DOT_BETWEEN_HAN: Final = re.compile(f"(?<=[{_HAN}])\\s*\\.\\s*(?=[{_HAN}])")
_SPACE_BETWEEN_HAN: Final = re.compile(f"(?<=[{_HAN}])\\s+(?=[{_HAN}])")


def normalise_name(text: str) -> str:
    """A person's name in one form: outer and padding spaces gone, the separator is U+00B7, rare characters kept.

    Raises:
        NameWrong: empty, longer than NAME_MAX characters, or with a character that some other system has already lost.
    """
    if _PLAIN_NAME.fullmatch(text):
        return text
    name = _DOTS.sub("\u00b7", unicodedata.normalize("NFKC", _DOTS.sub("\u00b7", text)))
    # 䶮 has a second, private code point in files made under the old GBK table.
    name = "".join(char for char in name if unicodedata.category(char) != "Cf").replace("\ue863", "䶮")
    name = _DOT_BETWEEN_HAN.sub("\u00b7", name)
    name = _SPACE_BETWEEN_HAN.sub("", " ".join(name.split())).strip("\u00b7 ")
    if not name:
        raise NameWrong("请填写姓名。不知道全名可以先写称呼，例如“王奶奶”。", field="name")
    if len(name) > NAME_MAX:
        raise NameWrong(f"姓名最多 {NAME_MAX} 个字。请看看是不是把别的内容也填进来了。", field="name")
    if any(unicodedata.category(char) in {"Cc", "Co", "Cs", "Cn"} or char in "?\ufffd" for char in name):
        raise NameWrong("名字里有一个字没有认出来（显示成方框或问号）。请用输入法重新打这个字。", field="name")
    return name


COMPOUND_SURNAMES: Final[dict[str, str]] = {
    "欧阳": "ou yang", "上官": "shang guan", "司马": "si ma", "司徒": "si tu", "司空": "si kong", "诸葛": "zhu ge",
    "东方": "dong fang", "东郭": "dong guo", "南宫": "nan gong", "西门": "xi men", "夏侯": "xia hou",
    "皇甫": "huang fu", "尉迟": "yu chi", "公孙": "gong sun", "公冶": "gong ye",
    "慕容": "mu rong", "令狐": "ling hu", "长孙": "zhang sun",
    "宇文": "yu wen", "轩辕": "xuan yuan", "万俟": "mo qi", "淳于": "chun yu", "单于": "chan yu", "澹台": "tan tai",
    "申屠": "shen tu", "钟离": "zhong li", "闾丘": "lv qiu", "闻人": "wen ren", "赫连": "he lian", "濮阳": "pu yang",
    "太叔": "tai shu", "鲜于": "xian yu", "仲孙": "zhong sun", "宗政": "zong zheng", "独孤": "du gu", "呼延": "hu yan",
    "端木": "duan mu", "百里": "bai li", "第五": "di wu", "亓官": "qi guan", "羊舌": "yang she", "梁丘": "liang qiu",
    "左丘": "zuo qiu", "拓跋": "tuo ba", "纳兰": "na lan", "叶赫": "ye he", "完颜": "wan yan", "谷梁": "gu liang",
    "颛孙": "zhuan sun", "宰父": "zai fu", "巫马": "wu ma", "漆雕": "qi diao", "乐正": "yue zheng", "公羊": "gong yang",
    "公西": "gong xi", "壤驷": "rang si", "段干": "duan gan", "夹谷": "jia gu", "微生": "wei sheng", "东里": "dong li",
}  # fmt: skip
"""Surnames of two characters, with their pinyin."""


def split_name(name: str) -> tuple[str, str]:
    """Surname and given name of a normalised Chinese name ("欧阳" alone is a surname of one and a given name)."""
    width = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:width], name[width:]


def _squeeze(text: str) -> str:
    """NFKC, and all white space and invisible characters gone."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char for char in plain if not char.isspace() and unicodedata.category(char) != "Cf")
