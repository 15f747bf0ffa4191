"""Who works together in the demo: the party tree down to the stairwells, red stewards, companies, teams, partner units; venues and projects.

All names are invented; credit codes carry the district 990105, which does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db.models import QuerySet

from linli.core import clock
from linli.core.access import Actor, Role
from linli.core.tenancy import active
from linli.organisations import actions
from linli.organisations.kinds import Role as Post
from linli.organisations.models import Organisation, Project, Venue
from linli.organisations.rules import credit_code_check
from linli.places.models import SubArea
from linli.residents.codes import PopulationClass

from . import names
from .cast import UNIT_NAME, UNIT_PHONE, colleagues_in
from .people import AREA_CODE, Person
from .settle import Settled

PARTNERS = (
    ("清渠中医门诊部", "每月第二个周三义诊，给行动不便的老人上门量血压"),
    ("北岸银行湖墅支行", "防诈骗讲座，每季度上门替老人办社保卡业务"),
    ("衡石律师事务所", "每周五下午坐班，免费解答房屋和继承问题"),
    ("大兜路实验幼儿园", "借操场和音乐教室，周末亲子活动"),
    ("桥西物流运河分拨站", "快递进小区的约定，困难家庭子女实习岗位"),
    ("青禾电力抢修队", "独居老人家线路检查，换灯换插座"),
    ("运河燃气服务站", "入户安检，教老人用报警器"),
    ("半道红理发店联合工会", "每月八号广场理发，卧床老人上门"),
    ("拱北消防救援站", "楼道清障演练，暑期开放参观"),
    ("湖风超市配送中心", "临期食品公益架，助餐食材"),
    ("知行职业技术学校", "志愿学生教手机，家电小修"),
    ("和睦口腔诊所", "儿童涂氟，老人义齿检查"),
)
MERCHANTS = ("阿兴面馆", "老底子酱园", "小河裁缝铺", "禾穗水果店", "运河边五金", "惠民修鞋配钥匙")
TEAMS = (
    ("太极队", "每天早上七点在健身苑练二十四式"),
    ("葫芦丝队", "周二周五下午排练，重阳节演出"),
    ("运河合唱团", "周三晚上练声，接待街道汇演"),
    ("巧手编织社", "给新生儿织帽子，教邻居钩花"),
    ("墨香书法社", "过年写春联，暑期带孩子练字"),
    ("夕阳红越剧队", "月末在议事厅唱一场"),
)
SOCIAL = (
    ("邻里益家社会工作服务中心", "驻点社工两名，个案和小组服务"),
    ("暖巷为老服务中心", "助浴、陪诊，失能老人照护培训"),
)
VENUES = (
    ("党群服务中心", "party_centre", 260, 80, "每天 8:30–20:00"),
    ("邻里邻亲议事厅", "meeting", 90, 40, "周一至周六 9:00–20:30"),
    ("阳光老人家", "elder", 700, 120, "每天 8:00–17:00"),
    ("阳光食堂", "elder", 210, 96, "每天 6:30–18:30"),
    ("小芽儿托育点", "child", 180, 24, "周一至周五 7:45–18:00"),
    ("河畔书苑", "reading", 120, 36, "全天，晚上十点后刷卡"),
    ("五彩活动室", "culture", 150, 50, "每天 9:00–21:00"),
    ("健康小屋", "health", 60, 12, "周一至周五 8:30–16:30"),
    ("百姓健身苑", "sport", 320, None, "全天"),
    ("运河口袋花园", "outdoor", 540, None, "全天"),
)
PROJECTS = (
    ("银龄互助一对一", "独居和高龄老人", "低龄老人结对，每周两次上门或电话"),
    ("邻里理发日", "老人和残疾居民", "每月八号广场理发，卧床的上门"),
    ("楼道美起来", "全体居民", "清杂物、补墙面、评最美楼道"),
    ("暑期小候鸟", "小学生", "七八月托管，写作业、学游泳、逛运河"),
    ("加装电梯三方议", "老楼居民", "支部牵头，业主、电梯公司一起谈方案"),
)
THIRD_TERM = "第三届"


def found_organisations(here: Settled) -> None:
    """Everything that works here, founded by the secretary at the moment it is called."""
    secretary = next(here.actors[c.name] for c in colleagues_in(here.id) if c.role == Role.SECRETARY)
    with active(here.id):
        _Founder(here, secretary).found()


def keep_current(here: Settled, now: datetime) -> None:
    """Three weeks ago most of what a quarter had made old was confirmed; what was left out waits to be looked at."""
    secretary = next(here.actors[c.name] for c in colleagues_in(here.id) if c.role == Role.SECRETARY)
    with active(here.id), clock.at(now - timedelta(days=21)):
        for row in _a_quarter_old():
            actions.confirm(secretary, row=row)


def _a_quarter_old() -> Iterator[Organisation | Venue | Project]:
    """Three in four of what is looked at every quarter."""
    rows: tuple[QuerySet[Any], ...] = (
        Organisation.objects.filter(kind="partner_unit").order_by("order"),
        Venue.objects.order_by("name"),
        Project.objects.order_by("name"),
    )
    for each in rows:
        yield from (row for at, row in enumerate(each) if at % 4 != 3)


class _Founder:
    def __init__(self, here: Settled, secretary: Actor) -> None:
        self.here, self.actor = here, secretary
        self.secretary = next(c.name for c in colleagues_in(here.id) if c.role == Role.SECRETARY)
        self.dice = Random(f"organisations {here.site.code}")
        self.today = clock.today()
        self.is_large = here.id == 1
        self.able = self._able()

    def found(self) -> None:
        committee = self._add("committee", f"{self.here.site.name}党委")
        actions.give_post(
            self.actor, organisation=committee, role=Post.SECRETARY, name=self.secretary, from_on=self._ago(400, 900)
        )
        for order, patch in enumerate(self.here.site.patches, start=1):
            self._patch(committee, patch.code, patch.name, patch.grids, order)
        self._self_rule()
        self._community()
        self._partners()
        self._venues_and_projects()

    def _able(self) -> dict[str, Iterator[Person]]:
        """Party members of each patch who could lead, in an order drawn once; each is asked once."""
        found = {}
        for patch in self.here.site.patches:
            members = [
                person
                for person in self.here.people
                if person.patch == patch.code
                and person.is_in("party_member")
                and 40 <= person.age <= 78
                and person.population_class == PopulationClass.REGISTERED
            ]
            self.dice.shuffle(members)
            found[patch.code] = iter(members)
        return found

    def _ago(self, least: int, most: int) -> date:
        return self.today - timedelta(days=self.dice.randint(least, most))

    def _add(
        self, kind: str, name: str, *, parent: Organisation | None = None, area: SubArea | None = None,
        order: int = 0, words: str = "", credit_code: str = "",
    ) -> Organisation:  # fmt: skip
        return actions.add_organisation(
            self.actor, kind=kind, name=name, from_on=self._ago(1500, 4000), parent=parent, sub_area=area,
            order=order, words=words, credit_code=credit_code, source="旧台账",
        )  # fmt: skip

    def _serve(self, row: Organisation, patch: str, *roles: Post) -> None:
        """Party members of the patch take the posts, as far as there are some."""
        for role in roles:
            if person := next(self.able[patch], None):
                resident = self.here.residents[person.id_number]
                actions.give_post(
                    self.actor, organisation=row, role=role, resident=resident, from_on=self._ago(200, 1400)
                )

    def _name(self) -> str:
        is_male = self.dice.random() < 0.5
        return names.surname(self.dice) + names.given_name(self.dice, year=1982, is_male=is_male)

    def _general(self, areas: list[SubArea], at: int) -> Organisation:
        return Organisation.objects.filter(kind="general_branch").order_by("order")[at % len(areas)]

    def _contact(self, row: Organisation, role: Post, known: tuple[str, str] | None = None) -> None:
        """Somebody from outside, by name and telephone."""
        name, phone = self._name(), f"100{self.here.id}{self.dice.randrange(10**7):07d}"
        name, phone = known or (name, phone)
        actions.give_post(self.actor, organisation=row, role=role, name=name, phone=phone, from_on=self._ago(100, 1200))

    def _patch(self, committee: Organisation, code: str, name: str, grids: int, order: int) -> None:
        """A general branch with its branches, stairwell groups, stewards, grid force and helpers."""
        area = self.here.sub_areas[code]
        general = self._add("general_branch", f"{name}小区党总支", parent=committee, area=area, order=order)
        self._serve(general, code, Post.SECRETARY, Post.DEPUTY_SECRETARY, Post.MEMBER, Post.MEMBER)
        actions.start_term(
            self.actor, organisation=general, label=THIRD_TERM, from_on=date(2024, 6, 1), until=date(2027, 6, 1)
        )
        buildings = [row for number, row in sorted(self.here.buildings.items()) if row.grid.sub_area_id == area.pk]
        branches = []
        for n in range(1, grids + 1):
            branch = self._add("branch", f"{name}第{'一二三四'[n - 1]}党支部", parent=general, area=area, order=n)
            self._serve(branch, code, Post.SECRETARY)
            branches.append(branch)
        for at, building in enumerate(buildings):
            branch = branches[at * len(branches) // len(buildings)]
            if at % 6 == 0:
                group = self._add(
                    "stairwell_group", f"{building.name}楼道党小组", parent=branch, area=area, order=building.number
                )
                self._serve(group, code, Post.LEADER)
            if at % 9 != 8 and (person := next(self.able[code], None)):
                actions.give_post(
                    self.actor,
                    organisation=general,
                    role=Post.STEWARD,
                    resident=self.here.residents[person.id_number],
                    building=building,
                    from_on=self._ago(100, 1200),
                )
        grid = self._add("grid_force", f"{name}网格力量", area=area, words="走访排查、平安巡查、矛盾上报")
        for _ in range(grids):
            self._contact(grid, Post.GRID_WORKER)
        helpers = self._add("stairwell_help", f"{name}楼道帮帮团", area=area, words="搬重物、修小件、陪老人下楼")
        self._serve(helpers, code, Post.LEADER)

    def _self_rule(self) -> None:
        """The owners' committee, the self-management committee, the property company with its contract."""
        site, first = self.here.site, self.here.site.patches[0].code
        owners = self._add("owners_committee", f"{site.estate}业主委员会", words="维修资金、公共收益、加装电梯")
        self._serve(owners, first, Post.DIRECTOR, Post.VICE_DIRECTOR)
        actions.start_term(
            self.actor, organisation=owners, label=THIRD_TERM, from_on=date(2024, 9, 1), until=date(2029, 9, 1)
        )
        self_managers = self._add(
            "self_management", f"{site.estate}小区自管会", words="三方自治，商量停车、绿化和加装电梯"
        )
        self._serve(self_managers, first, Post.DIRECTOR)
        property_company = self._add(
            "property_company", f"{site.estate}安居物业服务有限公司", words="保洁、保安、电梯和公共照明维修",
            credit_code=self._code("91"),
        )  # fmt: skip
        self._contact(property_company, Post.MANAGER, (UNIT_NAME, UNIT_PHONE) if self.is_large else None)
        actions.start_term(
            self.actor, organisation=property_company, label=f"{self.today.year}年度合同",
            from_on=date(self.today.year, 1, 1), until=date(self.today.year + 1, 1, 1),
        )  # fmt: skip
        volunteers = self._add("volunteer_team", f"{site.estate}志愿服务队", words="活动秩序、助餐配送、上门探望")
        self._serve(volunteers, first, Post.LEADER)

    def _community(self) -> None:
        areas = list(self.here.sub_areas.items())
        teams = TEAMS if self.is_large else TEAMS[:2]
        for at, (name, words) in enumerate(teams):
            code, area = areas[at % len(areas)]
            team = self._add("interest_team", name, area=area if self.is_large else None, order=at, words=words)
            self._serve(team, code, Post.LEADER)
        for at, (name, words) in enumerate(SOCIAL if self.is_large else SOCIAL[:1]):
            centre = self._add("social_organisation", name, order=at, words=words, credit_code=self._code("52"))
            self._contact(centre, Post.LEADER)

    def _partners(self) -> None:
        areas = list(self.here.sub_areas.values())
        for at, (name, words) in enumerate(PARTNERS if self.is_large else PARTNERS[: 3 if self.here.id == 2 else 2]):
            area = areas[at % len(areas)] if at % 3 else None
            unit = self._add("partner_unit", name, area=area, order=at, words=words, credit_code=self._code("91"))
            self._contact(unit, Post.CONTACT)
        for at, name in enumerate(MERCHANTS if self.is_large else MERCHANTS[:1]):
            shop = self._add("merchant", name, area=areas[at % len(areas)], order=at, words="爱心商户，凭长者卡九折")
            self._contact(shop, Post.LEADER)

    def _venues_and_projects(self) -> None:
        areas, buildings = list(self.here.sub_areas.values()), sorted(self.here.buildings.items())
        running = PROJECTS if self.is_large else PROJECTS[:2]
        for at, (name, kind, area_m2, capacity, opening) in enumerate(VENUES if self.is_large else VENUES[:3]):
            _, building = buildings[at * len(buildings) // len(VENUES)]
            actions.put_venue(
                self.actor, name=name, kind=kind, from_on=self._ago(300, 2500), building=building, where="一楼",
                keeper=self._name(), organisation=self._general(areas, at),
                area_m2=area_m2, capacity=capacity, opening=opening,
            )  # fmt: skip
        for at, (name, for_whom, words) in enumerate(running):
            actions.put_project(
                self.actor, name=name, for_whom=for_whom, words=words, from_on=self._ago(200, 1500),
                sub_area=areas[at % len(areas)] if at % 2 else None,
                organisation=self._general(areas, at),
            )  # fmt: skip

    def _code(self, front: str) -> str:
        """An invented credit code that holds together."""
        body = f"{front}{AREA_CODE}{self.dice.randrange(10**8):08d}{self.dice.choice('0123456789ABCDEFGH')}"
        return body + credit_code_check(body)
