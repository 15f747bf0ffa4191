"""A new community's first day: which steps there are, which are done, which come next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from linli.accounts.queries import posts_today
from linli.core.access import Actor, Permission, Role
from linli.core.tenancy import current_id
from linli.matters.models import Matter
from linli.places.models import Building, Dwelling, Grid, SubArea
from linli.residents.models import Resident

from ..models import CARD, FirstDayChoice, FirstDayStep


@dataclass(frozen=True)
class Guide:
    """A step as it is explained: why, how, who may do it, the page that does it, and what says that it is done."""

    step: FirstDayStep
    why: str
    how: str
    button: str
    page: str
    needs: Permission
    others: str  # who does it, for who may not
    is_done: Callable[[], bool]
    held: Callable[[], str]


def _specialists() -> int:
    return posts_today().filter(community_id=current_id(), role=Role.SPECIALIST).count()


GUIDES = (
    Guide(
        FirstDayStep.AREAS,
        why="事项按片区派给小区专员；片区下面的网格，楼栋要归到里面。",
        how="一行写一个片区，后面写几个网格。",
        button="划片区",
        page="desk:first_day_areas",
        needs=Permission.PLACES_KEEP,
        others="由社区书记或系统管理员来做。",
        is_done=lambda: Grid.objects.exists(),
        held=lambda: f"{SubArea.objects.count()} 个片区，{Grid.objects.count()} 个网格",
    ),
    Guide(
        FirstDayStep.BUILDINGS,
        why="有了门牌，居民报事不用打字，社工一看就知道去哪一户。",
        how="一行写一批一样的楼，例如：1-20幢 3单元 6层 每层2户。先看一遍再登记。",
        button="登记楼栋",
        page="desk:first_day_buildings",
        needs=Permission.PLACES_KEEP,
        others="由社区书记或系统管理员来做。",
        is_done=lambda: Dwelling.objects.exists(),
        held=lambda: f"{Building.objects.count()} 幢楼，{Dwelling.objects.count()} 户",
    ),
    Guide(
        FirstDayStep.PEOPLE,
        why="知道谁住在哪一户、电话是多少，才能回话和上门。",
        how="先登记一位试试，名单可以以后慢慢补。",
        button="登记居民",
        page="desk:first_day_people",
        needs=Permission.RESIDENTS_LINK,
        others="居民档案由社区书记和社工登记，系统管理员不看也不填。",
        is_done=lambda: Resident.objects.exists(),
        held=lambda: f"{Resident.objects.count()} 位居民",
    ),
    Guide(
        FirstDayStep.STAFF,
        why="每个片区有一位专员，居民报的事才有人接。",
        how="写上同事的名字和用户名，选好片区；没有账号的一起开通。",
        button="安排岗位",
        page="desk:first_day_staff",
        needs=Permission.POSTS_GRANT,
        others="由社区书记或系统管理员来做。",
        is_done=lambda: _specialists() > 0,
        held=lambda: f"{_specialists()} 位专员在岗",
    ),
    Guide(
        FirstDayStep.MATTER,
        why="走一遍从记下到答复的全程，大家就都会用了。",
        how="替一位居民记一件真的事，例如楼道灯不亮。",
        button="记第一件事",
        page="matters:desk_report",
        needs=Permission.MATTERS_REPORT_FOR_OTHERS,
        others="由社区书记或社工来做。",
        is_done=lambda: Matter.objects.exists(),
        held=lambda: f"{Matter.objects.count()} 件事项",
    ),
)


@dataclass(frozen=True)
class Step:
    """A step of this community's first day, for one reader."""

    guide: Guide
    is_done: bool
    is_aside: bool
    may_do: bool
    held: str  # what there is already, "" before anything

    @property
    def is_settled(self) -> bool:
        return self.is_done or self.is_aside


@dataclass(frozen=True)
class FirstDay:
    """The whole list; `next` is what to do now, None when nothing is left."""

    steps: list[Step]
    is_card_aside: bool

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if not step.is_settled), None)

    @property
    def percent(self) -> int:
        return 100 * self.done // len(self.steps)


def first_day_of(actor: Actor) -> FirstDay:
    """The active community's first day as it stands now."""
    aside = _aside()
    steps = []
    for guide in GUIDES:
        is_done = guide.is_done()
        steps.append(
            Step(
                guide=guide,
                is_done=is_done,
                is_aside=not is_done and guide.step in aside,
                may_do=actor.may(guide.needs),
                held=guide.held() if is_done else "",
            )
        )
    return FirstDay(steps, CARD in aside)


def card_of(actor: Actor) -> FirstDay | None:
    """What today's page shows of it to who keeps the places: nothing when it is done, or was put aside."""
    if not actor.may(Permission.PLACES_KEEP) or CARD in _aside():
        return None
    # From the last step backwards: a community at work has matters and is asked no more than that.
    if all(guide.is_done() for guide in reversed(GUIDES)):
        return None
    day = first_day_of(actor)
    return day if day.next else None


def _aside() -> set[str]:
    return set(FirstDayChoice.objects.filter(is_aside=True).values_list("step", flat=True))
