"""Names and numbers of people who do not exist."""

from __future__ import annotations

from datetime import date
from random import Random

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严洪武莫孔汤"
TWO_SYLLABLES = ("欧阳", "诸葛", "上官", "司徒", "夏侯")
OLD_MEN = "根生阿宝福祥金水荣林永康德明国良志坚树仁宝根炳泉鹤年长庚兴发松寿"
OLD_WOMEN = "秀珍阿娣桂英美娟月仙素芬玉莲彩凤菊香惠芳银花巧云杏娥荷珠招弟"
YOUNG_MEN = "浩然子轩宇航俊杰一鸣嘉豪思远梓睿伟强建军志刚晓东海涛鹏飞立新"
YOUNG_WOMEN = "梓涵雨桐欣怡诗琪佳宁可馨婷婷丽娜晓燕海霞静敏红梅雪琴文娟若曦"
UNUSUAL = {
    "男": ("买买提·艾力", "王𬭊", "钱䶮", "张喆", "才让·扎西", "吴犇"),
    "女": ("阿依古丽·吐尔逊", "周䶮", "沈𬭊", "刘赟", "卓玛·央金", "郁璟"),
}
"""With the middle dot, and with characters older systems cannot hold."""

PREFIX = "990105"
"""No division of the country has this code, so no living person has such a number."""

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check_digit(seventeen: str) -> str:
    """GB 11643's last character for the first 17 digits."""
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(seventeen, WEIGHTS, strict=True)) % 11]


def id_number(born: date, sex: str, order: int) -> str:
    """The `order`-th number of this day and sex; odd sequences are men's."""
    sequence = (order * 2 + (1 if sex == "男" else 0)) % 1000
    body = f"{PREFIX}{born:%Y%m%d}{sequence:03d}"
    return body + check_digit(body)


def phone_number(order: int) -> str:
    """Eleven digits beginning with 100, which no operator gives out."""
    return f"100{(order * 7919 + 10_240_611) % 100_000_000:08d}"


def full_name(rng: Random, sex: str, born: date, surname: str = "") -> str:
    """A name of this sex's and generation's fashion; one in sixty is unusual."""
    if not surname and rng.random() < 1 / 60:
        return rng.choice(UNUSUAL[sex])
    if not surname:
        surname = rng.choice(TWO_SYLLABLES) if rng.random() < 0.02 else rng.choice(SURNAMES)
    old, young = (OLD_MEN, YOUNG_MEN) if sex == "男" else (OLD_WOMEN, YOUNG_WOMEN)
    given = old if born.year < 1965 else young
    first = rng.choice(given)
    return surname + (first if rng.random() < 0.3 else first + rng.choice(given))
