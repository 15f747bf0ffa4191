"""The matters of the demo's story: a leak that took three sides at one table, a lift, and what 王芳 has under way today."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from linli.core.clock import SHANGHAI
from linli.matters.models import Ending, Source

from .hours import at_time
from .matters_story import REPORTER, MatterPlan, Place, Step

WANG, MOTHER_DOOR, MA = "10012340001", "48-1-102", "10012340003"


def known_matters(now: datetime) -> list[MatterPlan]:
    """They happen in 仓基新村, as they stand at `now`."""
    now = now.astimezone(SHANGHAI)
    today = now.date()
    plans = [_leak(today), _lift(today), _boxes(today), _lamp(now), _mother(now)]
    return [plan.until(now) for plan in plans]


def _step(day: date, ago: int, hour: int, minute: int, verb: str, by: str, words: str = "", **more: object) -> Step:
    return Step(at_time(day - timedelta(days=ago), hour, minute), verb, by, words, **more)  # type: ignore[arg-type]


def _leak(today: date) -> MatterPlan:
    """48幢: the cause is found together, the agreement is written."""
    return MatterPlan(
        at=at_time(today - timedelta(days=74), 19, 42),
        kind="leak",
        words="楼上 401 漏水，厨房顶湿了一片，墙皮往下掉。找过楼上两次，说不是他家的，赔偿也谈不拢。",
        place=Place(48, 2, "48-2-301"),
        source=Source.RESIDENT,
        account=WANG,
        photo="ceiling",
        steps=(
            _step(today, 74, 19, 58, "accept", "李娜"),
            _step(today, 73, 10, 15, "note", "李娜", "到两家都看过，厨房顶湿了约两平方米，楼上先停用水槽。", photo="ceiling"),
            _step(today, 73, 10, 40, "pass", "李娜", "要请物业、社区律师一起看现场，赔偿谈不拢，请后台牵头调解。"),
            _step(today, 73, 11, 5, "accept", "陈建国"),
            _step(today, 71, 14, 30, "note", "陈建国", "和物业师傅、社区律师一起上门，查到是 401 水槽下水管接头老化渗水。"),
            _step(today, 66, 15, 0, "note", "陈建国", "两家在调解室坐下来谈，修管由 401 负责，粉刷费用还差一点。"),
            _step(today, 63, 16, 20, "feed_back", "陈建国", "接头已换好，两家签了书面调解协议，粉刷费用当场付清。",
                  ending=Ending.SOLVED, photo="ceiling-after"),
            _step(today, 63, 20, 11, "confirm", REPORTER, "事情总算了了，谢谢小李和陈师傅跑了这么多趟。", rating=5),
        ),
    )  # fmt: skip


def _lift(today: date) -> MatterPlan:
    """9幢2单元: a wish that takes a season, and is late by the book."""
    return MatterPlan(
        at=at_time(today - timedelta(days=90), 9, 20),
        kind="other",
        words="9幢2单元想加装电梯，六楼几户老人上下楼很吃力。一楼和二楼有人不同意，请社区帮忙商量。",
        place=Place(9, 2, note="加装电梯"),
        source=Source.RESIDENT,
        account=MA,
        steps=(
            _step(today, 90, 9, 47, "accept", "李娜"),
            _step(today, 88, 19, 0, "note", "李娜", "挨家问了十二户，九户同意，两户担心采光和噪声，一户在外地。"),
            _step(today, 80, 15, 0, "note", "李娜", "和电梯公司改了图纸，井道往东移六十厘米，一楼窗前让出来。"),
            _step(today, 71, 19, 30, "note", "李娜", "在邻里邻亲厅开了第二次业主会，图纸和费用分摊当面讲清。"),
            _step(today, 58, 18, 30, "note", "李娜", "第四次上门，一楼同意了，条件是晚上十点后轿厢慢速运行。"),
            _step(today, 45, 10, 0, "note", "李娜", "十二户全部签字，公示期满没有不同意见。"),
            _step(today, 8, 15, 40, "note", "李娜", "电梯装好，今天检验合格。"),
            _step(today, 7, 10, 10, "feed_back", "李娜", "电梯已装好并检验合格，从今天起可以乘坐。维保电话贴在轿厢里。",
                  ending=Ending.SOLVED),
            _step(today, 7, 12, 32, "confirm", REPORTER, "老伴半年没下楼了，今天到河边坐了一下午。", rating=5),
        ),
    )  # fmt: skip


def _boxes(today: date) -> MatterPlan:
    return MatterPlan(
        at=at_time(today - timedelta(days=33), 7, 51),
        kind="stairs",
        words="2单元一楼到二楼堆了好多纸箱，妈妈过来看我都不好走。",
        place=Place(48, 2, note="一楼到二楼之间"),
        source=Source.RESIDENT,
        account=WANG,
        photo="boxes",
        steps=(
            _step(today, 33, 8, 26, "accept", "李娜"),
            _step(
                today, 33, 16, 5, "note", "李娜", "是 102 的大伯捡来卖的，和他商量好先搬到地下室角落。", photo="boxes"
            ),
            _step(
                today, 32, 9, 30, "feed_back", "李娜", "纸箱已搬走，每周三请回收的人上门收一次。", photo="boxes-after"
            ),
            _step(today, 32, 18, 44, "confirm", REPORTER, "很快，谢谢。", rating=4),
        ),
    )


def _lamp(now: datetime) -> MatterPlan:
    """Answered, and waiting for 王芳's word."""
    today = now.date()
    fixed = at_time(today, 9, 26) if now > at_time(today, 9, 40) else at_time(today - timedelta(days=1), 17, 5)
    return MatterPlan(
        at=at_time(today - timedelta(days=3), 20, 6),
        kind="repair",
        words="2单元三楼的灯不亮了，晚上下班回来看不见台阶。",
        place=Place(48, 2, note="三楼转角"),
        source=Source.RESIDENT,
        account=WANG,
        photo="lamp",
        steps=(
            _step(today, 2, 8, 21, "accept", "李娜"),
            Step(fixed - timedelta(minutes=9), "note", "李娜", "声控开关坏了，电工已换新。", photo="lamp"),
            Step(fixed, "feed_back", "李娜", "三楼的灯已换新开关，试过了，一走上来就亮。", photo="lamp-after"),
        ),
    )


def _mother(now: datetime) -> MatterPlan:
    """In hand today, asked by the daughter for her mother next door."""
    yesterday, today = now.date() - timedelta(days=1), now.date()
    taken = at_time(today, 8, 32) if now > at_time(today, 8, 45) else at_time(yesterday, 18, 58)
    return MatterPlan(
        at=at_time(yesterday, 18, 35),
        kind="elder",
        words="妈妈一个人住在 1单元102，八十七了，厨房的灯坏了够不着。她听不清电话，麻烦直接上门。",
        place=Place(48, 1, MOTHER_DOOR),
        source=Source.NEIGHBOUR,
        account=WANG,
        contact_name="王桂英",
        contact_phone="10012340002",
        steps=(Step(taken, "accept", "李娜"),),
    )
