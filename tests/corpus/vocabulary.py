"""The corpus's own words for what a column means. One row of a roster is about one person: "the person" below.

serial            the row's number in the list
name              the person's own name. Where a list holds one row a household, 户主姓名 is the person's name
sex               the person's sex, in words or digits
birth             the person's day (or only month) of birth
age               the person's age in whole years
id                the person's own identity number, whole or damaged
phone             the person's own phone number, or several in one cell
address_lived     where the person lives, in one text: a whole address or only a door (48-2-301)
address_registered  where the person's registration (户籍) is, in one text
building          the number of the building (幢, 栋, 号楼) alone
entrance          the number of the entrance (单元) alone
room              the number of the door inside the entrance (室) alone
household_no      a number that all members of a household share (户号, 户编号)
relation_to_head  what the person is to the head of the household (户主, 妻, 长子)
population_class  registered here, registered elsewhere, floating, registered but gone (户籍, 人户分离, 流动, 空挂)
from_date         the day since which the person lives here (入住, 迁入, 来杭)
died_on           the day of death
groups_text       a text naming the groups the person belongs to (独居、低保)
ethnicity         the person's 民族
education         the person's schooling (学历, 文化程度)
marital           whether the person is married
political         the person's 政治面貌
employment        whether and as what the person works (就业状态), in one word
employer          where the person works now, by name
area_words        the name of an area the door lies in: street, community, grid or 小区
signature         an empty column to sign, stamp or fingerprint in
flag:low_income           yes or no: 低保
flag:extreme_hardship     yes or no: 特困 (once 五保, 三无)
flag:low_margin           yes or no: 低边 (低保边缘)
flag:disabled             yes or no: 残疾, or holds a certificate
card:disabled             the number of the person's own 残疾人证
card:low_income           the number of the household's 低保证
level:disabled            the level of the person's disability, in words or digits
level:extreme_hardship    how a person in extreme hardship is provided for: 分散, 集中
flag:living_alone         yes or no: 独居
flag:empty_nest           yes or no: 空巢
flag:lost_only_child      yes or no: 失独 (计生特殊家庭)
flag:veteran              yes or no: 退役军人
flag:child_in_difficulty  yes or no: 困境儿童
flag:unemployed           yes or no: 失业, 无业
flag:party                yes or no: 党员
flag:volunteer            yes or no: 志愿者
other             none of these: another person's name, phone or number (户主, 子女, 监护人, 房东, 网格员), the number of a
                  card without a word above, any date that is not one of the three above, an amount, a remark, a column without
                  a heading, anything about dogs and cars
"""

from __future__ import annotations

import re


def _defined() -> dict[str, str]:
    """The words above and what they mean; a line that begins with a blank goes on with the word before it."""
    words: dict[str, str] = {}
    last = ""
    for line in (__doc__ or "").splitlines()[1:]:
        if found := re.match(r"([a-z_:]+)\s{2,}(.+)", line):
            last = found[1]
            words[last] = found[2]
        elif line.startswith(" ") and last:
            words[last] += " " + line.strip()
    return words


WORDS = _defined()

TROUBLES = {
    "id_lost_digits": "Excel stored the number as a number: only 15 digits are true, the rest are zeros",
    "id_old": "an old number of 15 digits",
    "id_check_digit": "two digits changed places, so the check digit is wrong",
    "two_phones": "one cell holds two numbers",
    "birth_month_lost_zero": "October written as a number: 1938.1 stands for 1938.10",
    "birth_only_month": "the day of birth is not told",
    "birth_disagrees": "the date of birth differs from the identity number",
    "sex_disagrees": "the sex differs from the identity number",
    "ditto": "the cell says 同上: it repeats the cell above",
    "merged_above": "the cell is the lower part of a merged cell: the value stands above",
    "character_lost": "the file's encoding could not hold a rare character of the name and wrote ?",
    "duplicate_person": "the same person stands in an earlier row",
}
"""What may be wrong with one cell of a data row. A reader may cope with it or ask; it must not pass it over."""

SKIPPED = {
    "units": "元, 平方米, 周岁 under the headings",
    "codes": "甲 乙 1 2 3 under the headings",
    "example": "a row that shows how to fill in the table, with a person who does not exist",
    "blank": "nothing in it",
    "section": "the name of a part of the list, across all columns",
    "subtotal": "小计",
    "total": "合计",
    "heading": "the headings once more, because a printed page began",
    "title": "the title once more",
}
"""Why a row under the headings is not a person."""
