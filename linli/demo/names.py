"""Invented names: surnames by their frequency around Hangzhou, given names by the fashion of the year of birth."""

from __future__ import annotations

from random import Random

SURNAMES = dict(
    [*zip("王陈张李徐周吴沈朱", (66, 62, 60, 52, 44, 42, 41, 40, 36), strict=True),
     *zip("金黄刘胡孙赵章俞杨郑何方", (30, 30, 30, 28, 26, 25, 22, 22, 22, 21, 20, 18), strict=True),
     *zip("林叶潘施蒋陆马汪钱丁姚许高韩", (18, 18, 16, 15, 15, 14, 14, 13, 13, 13, 12, 12, 12, 10), strict=True),
     *zip("郭谢冯董傅楼夏余戴范程宋朋项邵姜鲁屠来蔡杜应童翁毛罗裘倪顾严唐曹柴邱盛骆竺洪田龚卢孟葛", (6,) * 43, strict=True),
     *zip("诸骆茅虞樊包裴凌尹贾薛梁崔任魏邓彭肖曾石", (3,) * 20, strict=True)]
)  # fmt: skip

# (born before, men's names, women's names): a name is drawn from the first row that fits.
FASHIONS: tuple[tuple[int, str, str], ...] = (
    (
        1951,
        "阿根 阿毛 金水 水根 根法 荣生 炳荣 福根 关林 长根 永福 祥林 宝根 锡祥 文炳 德兴 金土 伯康 寿生 庆余 志清 国钧 鸿年 "
        "仁昌 松年 元庆 家骏 柏生 茂林 祖荫 有根 子良 顺泉 明德 云章 连生 士林 树森",
        "桂英 秀英 玉英 阿珍 桂珍 彩英 金娣 月英 杏珍 素珍 凤英 雪珍 玉珍 招娣 爱珍 宝珍 惠芬 美英 瑞珍 秀珠 菊仙 香玉 文珍 "
        "莲英 巧云 荷花 翠英 云仙 兰芳 梅英 水仙 毓秀 婉芳 静娴 蕴珍 阿凤 采莲 雅琴",
    ),
    (
        1966,
        "建国 国强 国良 志明 建华 卫国 建民 永明 国荣 志强 金泉 伟民 关根 海根 忠明 水林 跃进 建平 正华 国庆 新民 文龙 家平 "
        "建中 培林 利民 长明 友根 国平 柏泉 幼林 松林",
        "丽华 美娟 建英 爱娟 惠芳 玲娣 秀娟 月琴 国英 雅芬 文娟 小妹 亚珍 凤仙 建芬 慧珍 丽君 春华 水娟 幼芬 彩珍 素琴 红英 "
        "美华 杏娟 玉琴 佩芳 云娣",
    ),
    (
        1986,
        "伟 勇 军 涛 斌 健 峰 剑 波 晓明 海波 建军 志刚 立新 晓东 文斌 卫东 国华 俊 敏 炜 立峰 晓峰 宏伟 永强 建锋 利锋 群 "
        "旭东 华明 少华 剑锋",
        "芳 丽 敏 静 燕 红 霞 萍 莉 琴 娟 英 晓燕 海燕 丽萍 建红 晓红 雪琴 丽娟 文英 慧 颖 洁 春燕 伟英 晓敏 亚萍 利华 素芳 "
        "玲 虹 群英",
    ),
    (
        2008,
        "杰 浩 超 磊 鑫 凯 宇 鹏 俊杰 天宇 嘉伟 佳豪 晨 旭 晓宇 逸飞 泽 子豪 文杰 一鸣 梦飞 思远 海涛 立恒 承志 铭",
        "婷 佳 倩 莹 雪 梦 佳怡 梦婷 雨婷 思思 佳慧 文静 诗雨 晓蕾 嘉怡 晨曦 璐 瑶 丹 薇 欣怡 露 思琪 佳颖 雯 可",
    ),
    (
        2100,
        "子轩 浩然 宇辰 梓睿 沐宸 一诺 奕辰 皓轩 俊熙 铭泽 嘉懿 昊天 景行 知远 亦辰 书航 星宇 辰逸 乐言 予安",
        "子涵 梓涵 雨桐 欣妍 诗涵 若汐 语彤 一诺 沐瑶 芷晴 可馨 依诺 思妤 苏禾 安然 念慈 清妍 书瑶 知夏 悦溪",
    ),
)


def surname(dice: Random) -> str:
    """A surname, drawn by frequency."""
    return dice.choices(list(SURNAMES), list(SURNAMES.values()))[0]


def given_name(dice: Random, *, year: int, is_male: bool) -> str:
    """A given name as parents chose in that year."""
    men, women = next((men, women) for before, men, women in FASHIONS if year < before)
    return dice.choice((men if is_male else women).split())
