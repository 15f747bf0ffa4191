"""An invented community: homes, households and people, made once and the same each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from random import Random

from .names import full_name, id_number, phone_number

AS_OF = date(2025, 9, 30)
CITY, DISTRICT, STREET, COMMUNITY = "杭州市", "拱墅区", "湖墅街道", "仓桥社区"
ESTATES = ("仓基新村", "双荡小区", "运河人家", "桥西苑")
BUILDINGS = {
    "仓基新村": range(40, 53),
    "双荡小区": range(1, 14),
    "运河人家": range(6, 19),
    "桥西苑": range(1, 13),
}
ELSEWHERE = ("河南省周口市", "安徽省阜阳市", "江西省上饶市", "浙江省衢州市", "四川省达州市", "贵州省毕节市")
FLAGS = {
    "low_income": "低保",
    "extreme_hardship": "特困",
    "low_margin": "低边",
    "disabled": "残疾",
    "living_alone": "独居",
    "empty_nest": "空巢",
    "lost_only_child": "失独",
    "veteran": "退役军人",
    "child_in_difficulty": "困境儿童",
    "unemployed": "失业",
    "party": "党员",
    "volunteer": "志愿者",
}


@dataclass
class Household:
    number: str
    estate: str
    building: int
    entrance: int
    room: int
    registered: str
    population_class: str
    since: date
    members: list[Person] = field(default_factory=list)

    @property
    def head(self) -> Person:
        return self.members[0]

    @property
    def grid(self) -> int:
        return ESTATES.index(self.estate) + 1


@dataclass(eq=False)
class Person:
    name: str
    sex: str
    born: date
    id: str
    phone: str
    relation: str
    household: Household
    flags: list[str] = field(default_factory=list)

    @property
    def age(self) -> int:
        return AS_OF.year - self.born.year - ((AS_OF.month, AS_OF.day) < (self.born.month, self.born.day))

    @property
    def truth(self) -> dict[str, object]:
        """Who this is, whatever a roster makes of it."""
        h = self.household
        return {
            "name": self.name,
            "sex": self.sex,
            "born": self.born.isoformat(),
            "id": self.id,
            "phone": self.phone,
            "door": [h.estate, h.building, h.entrance, h.room],
            "household": h.number,
            "flags": self.flags,
        }

    def has(self, flag: str) -> bool:
        return flag in self.flags


FAMILIES: tuple[tuple[float, tuple[tuple[str, str, int, int], ...]], ...] = (
    # how often; relation, sex (? either), youngest and oldest age
    (0.16, (("户主", "?", 66, 101),)),
    (0.18, (("户主", "男", 68, 95), ("妻", "女", 65, 92))),
    (0.04, (("户主", "女", 68, 90), ("丈夫", "男", 70, 95))),
    (0.18, (("户主", "男", 30, 58), ("妻", "女", 28, 56), ("?子", "?", 0, 17))),
    (0.08, (("户主", "男", 34, 58), ("妻", "女", 32, 56), ("长子", "男", 4, 17), ("长女", "女", 1, 15))),
    (
        0.12,
        (
            ("户主", "男", 62, 84),
            ("妻", "女", 60, 82),
            ("长子", "男", 32, 48),
            ("儿媳", "女", 30, 46),
            ("孙?", "?", 1, 17),
        ),
    ),
    (0.06, (("户主", "女", 30, 55), ("?子", "?", 2, 17), ("母亲", "女", 60, 90))),
    (0.12, (("户主", "?", 20, 45),)),
    (0.06, (("户主", "男", 22, 40), ("妻", "女", 21, 38))),
)


class Town:
    """All households of the community, in the order of their doors."""

    def __init__(self, households: int = 620) -> None:
        self.rng = Random("仓桥社区")
        self.order = 0
        doors = [
            (e, b, u, f * 100 + r)
            for e in ESTATES
            for b in BUILDINGS[e]
            for u in (1, 2, 3)
            for f in range(1, 8)
            for r in (1, 2)
        ]
        chosen = sorted(self.rng.sample(range(len(doors)), households))
        self.households = [self._household(n, *doors[i]) for n, i in enumerate(chosen)]
        self.people = [person for household in self.households for person in household.members]

    def _household(self, n: int, estate: str, building: int, entrance: int, room: int) -> Household:
        rng = self.rng
        kind = rng.choices(("户籍人口", "人户分离", "流动人口", "空挂户"), (70, 10, 17, 3))[0]
        here = f"{CITY}{DISTRICT}{STREET}{estate}{building}幢{entrance}单元{room}室"
        registered = here
        if kind == "流动人口":
            registered = f"{rng.choice(ELSEWHERE)}某某县某某镇{rng.randint(1, 90)}号"
        elif kind == "人户分离":
            registered = f"{CITY}上城区某某路{rng.randint(1, 300)}号{rng.randint(1, 9)}幢{rng.randint(101, 603)}室"
        since = date(1985, 1, 1) + timedelta(days=rng.randint(0, 14_800))
        household = Household(f"HS{n + 1:05d}", estate, building, entrance, room, registered, kind, since)
        family = rng.choices([f for _, f in FAMILIES], [w for w, _ in FAMILIES])[0]
        for relation, sex, low, high in family:
            household.members.append(self._person(household, relation, sex, low, high))
        _give_flags(household, rng)
        return household

    def _person(self, household: Household, relation: str, sex: str, low: int, high: int) -> Person:
        rng = self.rng
        if sex == "?":
            sex = rng.choice("男女")
        if relation == "?子":
            relation = "儿子" if sex == "男" else "女儿"
        elif relation == "孙?":
            relation = "孙子" if sex == "男" else "孙女"
        born = AS_OF - timedelta(days=int(rng.uniform(low, high + 0.9) * 365.25) + 1)
        follows = relation in ("儿子", "女儿", "长子", "长女", "孙子", "孙女") and household.head.sex == "男"
        surname = household.head.name[0] if follows and "·" not in household.head.name else ""
        self.order += 1
        return Person(
            name=full_name(rng, sex, born, surname),
            sex=sex,
            born=born,
            id=id_number(born, sex, self.order),
            phone=phone_number(self.order),
            relation=relation,
            household=household,
        )


def _give_flags(household: Household, rng: Random) -> None:
    members = household.members
    old = [m for m in members if m.age >= 60]
    money = rng.choices(("", "low_income", "low_margin"), (84, 9, 7))[0]
    lost = len(old) == len(members) and rng.random() < 0.12
    for m in members:
        if len(members) == 1 and m.age >= 60:
            m.flags.append("living_alone")
            if rng.random() < 0.2:
                m.flags.append("extreme_hardship")
        elif len(old) == len(members):
            m.flags.append("empty_nest")
        if lost:
            m.flags.append("lost_only_child")
        if money and "extreme_hardship" not in m.flags:
            m.flags.append(money)
        if m.age < 18 and (money == "low_income" or rng.random() < 0.08):
            m.flags.append("child_in_difficulty")
        chances = (("disabled", 0.11, 0), ("party", 0.16, 24), ("volunteer", 0.16, 18), ("unemployed", 0.08, 18))
        m.flags += [
            flag
            for flag, chance, least in chances
            if m.age >= least and rng.random() < chance and (flag != "unemployed" or m.age < 60)
        ]
        if m.sex == "男" and m.age > 22 and rng.random() < 0.14:
            m.flags.append("veteran")


@cache
def town() -> Town:
    return Town()


@dataclass(frozen=True)
class Row:
    """One row to draw: a person, and how many rows of the same household follow it from here."""

    person: Person
    run: int = 1
    """Rows of this household, told in its first row; 0 in the others."""
    doubled: bool = False

    @property
    def household(self) -> Household:
        return self.person.household


Rows = Callable[[Random], list[Row]]
_ORDERS: dict[str, Callable[[Person], object]] = {
    "door": lambda p: (ESTATES.index(p.household.estate), p.household.building, p.household.entrance, p.household.room),
    "age": lambda p: p.born,
    "name": lambda p: p.name,
    "grid": lambda p: p.household.grid,
    "relief": lambda p: (not p.has("extreme_hardship"), not p.has("low_income")),
}


def some(n: int, who: Callable[[Person], bool], order: str = "", doubles: int = 0) -> Rows:
    """`n` people of whom `who` is true, in no order or by one of _ORDERS; `doubles` of them stand there twice."""

    def choose(rng: Random) -> list[Row]:
        fit = [p for p in town().people if who(p)]
        if len(fit) < n - doubles:
            raise ValueError(f"the town has only {len(fit)} of these people, not {n - doubles}")
        chosen = rng.sample(fit, n - doubles)
        if order:
            chosen.sort(key=_ORDERS[order])  # type: ignore[arg-type]
        return [Row(p) for p in chosen] + [Row(p, doubled=True) for p in rng.sample(chosen, doubles)]

    return choose


def families(n: int, who: Callable[[Household], bool] = lambda h: True, heads_only: bool = False) -> Rows:
    """`n` households by door with all their members, or only their heads."""

    def choose(rng: Random) -> list[Row]:
        fit = [h for h in town().households if who(h)]
        chosen = sorted(rng.sample(fit, n), key=lambda h: h.number)
        if heads_only:
            return [Row(h.head) for h in chosen]
        return [Row(m, len(h.members) if i == 0 else 0) for h in chosen for i, m in enumerate(h.members)]

    return choose


def flagged(*flags: str) -> Callable[[Person], bool]:
    return lambda p: any(p.has(flag) for flag in flags)


def aged(low: int, high: int = 200) -> Callable[[Person], bool]:
    return lambda p: low <= p.age <= high
