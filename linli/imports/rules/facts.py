"""One row of a roster as typed values, or what is wrong with it, column by column. Nothing is guessed: what cannot be read is said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from linli.core.errors import Problem
from linli.core.identifiers import normalise_name, normalise_phone, parse_id_number
from linli.places.rules import Door, door_of, parse_door
from linli.residents.codelists import code_list
from linli.residents.codes import CATEGORY_KINDS

from ..words import code_written, level_written

SEXES = {
    "男": "1", "男性": "1", "1": "1", "M": "1", "女": "2", "女性": "2", "2": "2", "F": "2",
    "未知": "0", "0": "0", "未说明": "9", "9": "9",
}  # fmt: skip
RELATIONS = {
    "0": ("本人", "户主"),
    "1": ("配偶", "妻", "妻子", "丈夫", "夫", "老伴", "之妻", "之夫"),
    "2": ("子", "儿子", "长子", "次子", "三子", "四子", "独生子", "养子", "继子", "女婿", "婿", "之子"),
    "3": ("女", "女儿", "长女", "次女", "三女", "四女", "独生女", "养女", "继女", "儿媳", "媳", "媳妇", "之女"),
    "4": ("孙", "孙子", "孙女", "外孙", "外孙子", "外孙女", "孙媳", "重孙", "曾孙"),
    "5": ("父", "母", "父亲", "母亲", "父母", "公公", "婆婆", "岳父", "岳母", "继父", "继母"),
    "6": ("祖父", "祖母", "爷爷", "奶奶", "外祖父", "外祖母", "外公", "外婆"),
    "7": ("兄", "弟", "姐", "妹", "哥哥", "弟弟", "姐姐", "妹妹", "兄弟", "姐妹"),
    "8": ("其他", "非亲属", "亲属", "保姆", "侄子", "侄女", "租客"),
}  # fmt: skip
RELATION_OF = {word: code for code, words in RELATIONS.items() for word in words}
CLASSES = {
    "registered": ("人户一致", "户在人在", "户籍", "户籍人口", "常住", "常住人口", "户籍常住", "本地户籍"),
    "migrant": ("流动", "流动人口", "暂住", "暂住人口", "外来", "外来人口", "租客", "寄住"),
    "abroad": ("境外", "境外人员", "外籍"),
    "away": ("外出", "外出人口", "人在户不在", "户在人不在", "人户分离"),
    "nominal": ("空挂", "空挂户"),
}
CLASS_OF = {word: code for code, words in CLASSES.items() for word in words}
CODED = {
    "ethnicity": "民族",
    "education": "学历",
    "marital_status": "婚姻状况",
    "political_status": "政治面貌",
    "employment": "从业状况",
}
"""Fields written in words and kept as codes of the list of the same name."""
ASKED = ("employment",)
"""Fields in which people write anything: a word that is in no list is asked about, and makes nobody's row wrong."""
IN_CLASSES = ("education", "marital_status")
"""Lists in which 20 (已婚) holds all that begins with 2 (初婚, 再婚)."""
EMPLOYER_MAX = 60
CERTIFICATE_MAX = 40
DETAILS = {"level": "等级", "certificate_number": "证号", "decided_on": "认定日期"}
OF_HOUSEHOLD = frozenset(kind.code for kind in CATEGORY_KINDS.values() if kind.has_certificate and kind.group == "救助")
"""Kinds whose certificate is the household's: everybody in it has the number, and not everybody is of the kind."""
YES = frozenset({"是", "有", "√", "✓", "✔", "对", "Y", "y", "1", "○", "●", "yes", "YES", "v", "V"})
NO = frozenset({"否", "无", "没有", "×", "X", "x", "N", "n", "0", "/", "\\", "-", "—", "--", "——", "不是", "no", "NO"})
NOTHING = frozenset({"", "无", "/", "\\", "-", "—", "--", "——", "未知", "不详", "暂无", "空", "N/A", "#N/A"})

_DATE = re.compile(r"((?:1[89]|20)[0-9]{2})\s*[-./年]\s*([0-9]{1,2})(?:\s*[-./月]\s*([0-9]{1,2})?\s*日?)?(?:[ T].*)?")
_SOLID = re.compile(r"((?:1[89]|20)[0-9]{2})([01][0-9])([0-3][0-9])")
EXCEL_ZERO = date(1899, 12, 30)


class WordUnknown(Problem):
    """A word of no list in a cell that can do without: the person is taken in without it, once somebody has said so."""

    code, message = "import.word_unknown", "这一格的说法没有见过。请先空着它，问清楚了再补。"


class CellWrong(Problem):
    """A cell that cannot be read as what its column holds; the message says what to look at."""

    code = "import.cell_wrong"
    message = "这一格没有看懂，请改好再导入。"


@dataclass(frozen=True)
class Facts:
    """What a row says of one person; None and "" where it says nothing. Doors are written 48-2-301."""

    name: str = ""
    id_number: str | None = None
    sex: str | None = None
    birth_on: date | None = None
    phone: str | None = None
    door: str | None = None
    estate: str = ""
    registered_door: str | None = None
    household: str = ""
    relation: str = ""
    population_class: str = ""
    from_on: date | None = None
    died_on: date | None = None
    categories: tuple[str, ...] = ()
    former_name: str = ""
    ethnicity: str = ""
    education: str = ""
    marital_status: str = ""
    political_status: str = ""
    employment: str = ""
    employer: str = ""
    details: dict[str, dict[str, str]] = field(default_factory=dict)
    """Level, certificate_number and decided_on (ISO) of categories, by kind."""

    def as_json(self) -> dict[str, Any]:
        """Without what is empty; dates as text."""
        return {
            key: value.isoformat() if value.__class__ is date else value
            for key, value in self.__dict__.items()
            if value  # nothing that says something is false
        }

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Facts:
        values = {key: value for key, value in held.items() if key in KNOWN}
        for key in DATES:
            if values.get(key):
                values[key] = date.fromisoformat(values[key])
        values["categories"] = tuple(values.get("categories", ()))
        return cls(**values)


KNOWN = frozenset(each.name for each in fields(Facts))
DATES = ("birth_on", "from_on", "died_on")


@dataclass(frozen=True)
class Read:
    """A row read: its facts, what was wrong with it, and what a person is to be asked about it (code of the target, sentence)."""

    facts: Facts
    wrong: tuple[tuple[str, str], ...] = field(default=())
    asked: tuple[tuple[str, str], ...] = field(default=())


def read_row(cells: Mapping[str, object], *, today: date, kinds: Mapping[str, str]) -> Read:
    """The facts of one row. `cells` are values by target code; `kinds` are category codes by their Chinese names.

    Several codes may be `category:<code>` (a mark) or `category.kind` (names in words).
    """
    reader = _Reader(cells, today, kinds)
    return Read(reader.facts(), tuple(reader.wrong), tuple(reader.asked))


class _Reader:
    def __init__(self, cells: Mapping[str, object], today: date, kinds: Mapping[str, str]) -> None:
        self.cells, self.today, self.kinds = cells, today, kinds
        self.wrong: list[tuple[str, str]] = []
        self.asked: list[tuple[str, str]] = []
        self.estate = ""
        self.texts: dict[str, str] = {}

    def facts(self) -> Facts:
        document = self._try("resident.id_number", self._id_number)
        birth_on = self._try("resident.birth_on", self._date)
        if document and birth_on and birth_on != document.birth_on and birth_on.day != 1:
            self._say("resident.birth_on", "出生日期和身份证号里的不一样。请对照证件看哪个对。")
        sex = self._try("resident.sex", lambda text: self._among(text, SEXES, "性别请写“男”或“女”。"))
        if document and sex in ("1", "2") and sex != document.sex:
            self._say("resident.sex", "性别和身份证号第 17 位对不上。请对照证件看哪个对。")
        name = self._try("resident.name", normalise_name)
        if not name and not any(code == "resident.name" for code, _ in self.wrong):
            self._say("resident.name", "这一行没有姓名。请补上，或删掉这一行。")
        return Facts(
            name=name or "",
            id_number=document.number if document else None,
            sex=sex or (document.sex if document else None),
            birth_on=document.birth_on if document else birth_on,
            phone=self._try("resident.phone", self._phone),
            door=self._door(),
            estate=self.estate,
            registered_door=self._plain_door("registered.dwelling"),
            household=self._text("household.number")[:24],
            relation=self._try("residence.relation_to_head", self._relation) or "",
            population_class=self._try("residence.population_class", self._class) or "",
            from_on=self._try("residence.from_on", self._date),
            died_on=self._try("resident.died_on", self._date),
            details=(details := self._details()),
            categories=self._categories(details),
            former_name=self._try("resident.former_name", normalise_name) or "",
            employer=self._try("resident.employer", self._employer) or "",
            **{field: self._coded(field) for field in CODED},
        )

    # -- cells

    def _text(self, code: str) -> str:
        if code not in self.cells:
            return ""
        if code not in self.texts:
            text = cell_text(self.cells[code])
            text = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()
            self.texts[code] = "" if text in NOTHING else text
        return self.texts[code]

    def _say(self, code: str, message: str) -> None:
        self.wrong.append((code, message))

    def _try(self, code: str, read: Any) -> Any:
        if not self._text(code):
            return None
        value = self.cells[code]
        try:
            return (
                read(value)
                if read in (self._date, self._id_number)
                else read(cell_text(value) if read is normalise_name else self._text(code))
            )
        except WordUnknown as problem:
            self.asked.append((code, problem.message))
            return None
        except Problem as problem:
            self._say(code, problem.message)
            return None

    def _among(self, text: str, words: Mapping[str, str], message: str) -> str:
        found = words.get(text)
        if found is None:
            raise CellWrong(message)
        return found

    def _id_number(self, value: object) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 1e15:
            raise CellWrong("这个号码被表格软件当数字存，最后几位已经丢了。请把这一列设成“文本”，重新填写。")
        return parse_id_number(cell_text(value), today=self.today)

    def _date(self, value: object) -> date:
        found = date_in(value)
        if found is None:
            raise CellWrong("日期没有看懂。请写成 1938-05-06 这样。")
        if found > self.today:
            raise CellWrong("这个日期还没有到。请核对年份。")
        return found

    def _phone(self, text: str) -> str:
        if not text.isdecimal():
            text = next((part for part in re.split(r"[,，/、;；\s]+", text) if part), text)
        return normalise_phone(text)

    def _coded(self, field: str) -> str:
        code = f"resident.{field}"
        return (self._try(code, partial(self._code, field)) or "") if code in self.cells else ""

    def _code(self, field: str, text: str) -> str:
        code = code_written(field, text)
        if code is None and field in ASKED:
            raise WordUnknown(f"{CODED[field]}里没有“{text[:12]}”这一项。请先空着它导入，问清楚了再补。")
        if code is None:
            some = "、".join(name for _, name in code_list(field).choices(on=self.today)[:3])
            raise CellWrong(f"{CODED[field]}里没有“{text[:12]}”这一项。请照列表里的说法写，例如{some}；不知道就空着。")
        return code

    def _employer(self, text: str) -> str:
        try:
            employer = normalise_name(text)
        except Problem as problem:
            raise CellWrong("工作单位里有没认出来的字，或写得太长。请改成单位的名称。") from problem
        if len(employer) > EMPLOYER_MAX:
            raise CellWrong(f"工作单位最多 {EMPLOYER_MAX} 个字。请只写单位的名称。")
        return employer

    def _class(self, text: str) -> str:
        return self._among(text, CLASS_OF, "人口类别请写户籍、流动、境外、外出或空挂。")

    def _relation(self, text: str) -> str:
        return RELATION_OF.get(text) or RELATION_OF.get(text.removesuffix("之").removeprefix("户主")) or "8"

    # -- doors

    def _door(self) -> str | None:
        building, entrance, room = (self._text(f"door.{part}") for part in ("building", "entrance", "room"))
        if room and re.search(r"[^0-9A-Za-z室房]", room):
            return self._plain_door("door.room")
        if building or room:
            written = "-".join(
                re.sub(r"\.0$|幢|栋|号楼|单元|室|房|号", "", part) for part in (building, entrance, room) if part
            )
            door = parse_door(written)
            if door is None or door.room is None:
                self._say("door.room", "幢、单元、室没有写全，找不到是哪一户。请补上。")
                return None
            return short_door(door)
        return self._plain_door("residence.dwelling")

    def _plain_door(self, code: str) -> str | None:
        text = self._text(code)
        if not text:
            return None
        door = _door_in(text)
        if door is None or door.room is None:
            if code != "registered.dwelling":  # many are registered elsewhere: that is no mistake
                self._say(code, "地址里没有看出是哪幢哪室。请写成 48-2-301，或 48幢2单元301室。")
            return None
        if code != "registered.dwelling":
            self.estate = door.estate
        return short_door(door)

    # -- categories

    def _details(self) -> dict[str, dict[str, str]]:
        """What columns of one kind say (残疾等级, 残疾证号); a person who has them is of that kind, but for a household's certificate."""
        found: dict[str, dict[str, str]] = {}
        for code in self.cells:
            detail, _, kind = code.partition(":")
            if detail not in DETAILS or not self._text(code):
                continue
            value = self._try(code, self._date if detail == "decided_on" else self._detail_of(code))
            if not value:  # it cannot be read, or says that the person is none of the kind
                continue
            mark = f"category:{kind}"
            if mark in self.cells and self._text(mark) in NO | {""}:
                if detail == "certificate_number" and kind in OF_HOUSEHOLD:
                    continue  # the number is the household's, this one is not of the kind
                self._say(code, f"写了{DETAILS[detail]}，类别那一列却没有写“是”。请看哪个对。")
                continue
            found.setdefault(kind, {})[detail] = value.isoformat() if isinstance(value, date) else value
        return found

    def _detail_of(self, code: str) -> Any:
        detail, _, kind = code.partition(":")
        return partial(self._level, kind) if detail == "level" else lambda text: self._certificate(code, text)

    def _level(self, kind: str, text: str) -> str:
        level = level_written(kind, text)
        if level is None:
            raise CellWrong(f"{CATEGORY_KINDS[kind].level_name}请写{'、'.join(CATEGORY_KINDS[kind].levels)}中的一个。")
        return level

    def _certificate(self, code: str, text: str) -> str:
        value = self.cells[code]
        if isinstance(value, int | float) and abs(value) >= 1e15:
            raise CellWrong("这个号码被表格软件当数字存，最后几位已经丢了。请把这一列设成“文本”，重新填写。")
        plain = "".join(text.split())
        if not re.search(r"[0-9]{3}", plain) or len(plain) > CERTIFICATE_MAX:
            raise CellWrong("这不像证件编号。请照证件写，没有证就空着。")
        return plain

    def _categories(self, details: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
        found = [
            kind for kind, told in details.items() if kind not in OF_HOUSEHOLD or set(told) != {"certificate_number"}
        ]
        for code in self.cells:
            if code.startswith("category:"):
                text = self._text(code)
                if text in YES or (text and text not in NO):
                    found.append(code.removeprefix("category:"))
        told = self._text("category.kind")
        for word in re.split(r"[,，/、;；\s+]+", told) if told else ():
            plain = word.removesuffix("人员").removesuffix("对象").removesuffix("户").removesuffix("老人")
            if word and (kind := self.kinds.get(word) or self.kinds.get(plain)):
                found.append(kind)
        return tuple(dict.fromkeys(found))


def says_less(field: str, told: str, held: str) -> bool:
    """Whether a row gives only the class (大专) of the code the register already has (大学专科毕业): no difference then."""
    return field in IN_CLASSES and told[1:] == "0" and told[:1] == held[:1]


def cell_text(value: object) -> str:
    """A cell as the words a person sees: whole numbers without a point, dates as 1938-05-06, "" for nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def date_in(value: object) -> date | None:
    """A date as people write it, or as a spreadsheet keeps it (days since 1899-12-30); a month alone is its first day."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if 1 <= value < 80_000:  # up to the year 2119
            return EXCEL_ZERO + timedelta(days=int(value))
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value)).strip()
    match = _DATE.fullmatch(text) or _SOLID.fullmatch(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError:
        return None


@lru_cache(maxsize=1 << 10)  # a family stands together
def _door_in(text: str) -> Door | None:
    return parse_door(estate_part(text))


def estate_part(text: str) -> str:
    """An address from the estate on: 杭州市拱墅区湖墅街道仓基新村48幢2单元301 → 仓基新村48幢2单元301."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    plain = re.sub(r"^.*?(街道|镇|乡)", "", plain)
    return re.sub(r"^.*?社区(?=.)", "", plain)


def short_door(door: Door) -> str:
    """48-2-301; without an entrance 48--301, which fits a building with one."""
    return door_of(door.building, door.entrance or 0, door.room or "").replace("-0-", "--")
