"""Request text to typed values, for the desk's front pages; nothing here saves."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django import forms

from linli.accounts.forms import at_its_field
from linli.core.access import ROLE_NAMES, Role
from linli.core.identifiers import normalise_name, normalise_phone
from linli.places.models import Building, Dwelling, Grid, SubArea
from linli.places.queries import doors_matching
from linli.places.rules import BuildingLine, parse_building_line, parse_door

from .actions import AreaLine


class FindForm(forms.Form):
    """What is typed into the one box."""

    q = forms.CharField(max_length=60, required=False, strip=True)


AREA_LINE = re.compile(r"(?P<name>.*?[^0-9\s])[\s,，、:：]*(?P<grids>[1-9][0-9]?)?(?:个?网格)?")
LINES = {"rows": 4}
YEAR = "年份请写四位数字，例如 1985。"


class AreasForm(forms.Form):
    """A sub-area a line, with how many grids it has."""

    lines = forms.CharField(
        label="片区",
        max_length=2000,
        help_text="一行一个，名字后面写有几个网格，例如：东片 3。不写就是 1 个。",
        error_messages={"required": "请至少写一个片区，例如：东片 3。"},
        widget=forms.Textarea(attrs=LINES),
    )

    def clean_lines(self) -> list[AreaLine]:
        found = []
        for line in filter(None, (line.strip() for line in self.cleaned_data["lines"].splitlines())):
            match = AREA_LINE.fullmatch(unicodedata.normalize("NFKC", line))
            if match is None or not 2 <= len(match["name"]) <= 20:
                raise forms.ValidationError(
                    f"“{line[:20]}”看不懂。请写成“东片 3”这样：名字 2 到 20 个字，后面是网格数。"
                )
            found.append(AreaLine(match["name"], int(match["grids"] or 1)))
        return found


class BuildingsForm(forms.Form):
    """Buildings of one estate in one grid, a line for those that are alike."""

    estate = forms.CharField(
        label="小区名字", max_length=40, error_messages={"required": "请写小区名字，例如：仓基新村。"}
    )
    grid: Any = forms.ModelChoiceField(
        label="归到哪个网格",
        queryset=None,
        empty_label=None,
        error_messages={"required": "请选一个网格。", "invalid_choice": "请从列表里选一个网格。"},
    )
    lines = forms.CharField(
        label="楼栋",
        max_length=4000,
        help_text="一行写一批一样的楼：1-20幢 3单元 6层 每层2户。不一样的另起一行。",
        error_messages={"required": "请至少写一行，例如：1-20幢 3单元 6层 每层2户。"},
        widget=forms.Textarea(attrs=LINES),
    )
    built_year = forms.IntegerField(
        label="建成年份",
        required=False,
        min_value=1840,
        max_value=2100,
        error_messages={
            "invalid": YEAR,
            "min_value": YEAR,
            "max_value": YEAR,
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grid: Any = self.fields["grid"]
        grid.queryset = Grid.objects.select_related("sub_area").order_by("sub_area__order", "sub_area__code", "code")
        grid.label_from_instance = lambda row: row.name

    def clean_lines(self) -> list[BuildingLine]:
        found = []
        for line in filter(None, (line.strip() for line in self.cleaned_data["lines"].splitlines())):
            read = parse_building_line(line)
            if read is None:
                raise forms.ValidationError(f"“{line[:30]}”看不懂。请写成“1-20幢 3单元 6层 每层2户”这样，四样都要有。")
            found.append(read)
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        numbers = [number for line in data.get("lines", []) for number in line.numbers]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})[:5]
        if twice:
            self.add_error("lines", f"{'、'.join(f'{n}幢' for n in twice)}写了两次。请留一次。")
        elif data.get("estate"):
            there = Building.objects.filter(estate__name=data["estate"].strip(), number__in=numbers).order_by("number")
            if known := list(there.values_list("number", flat=True)[:6]):
                more = "等" if len(known) > 5 else ""
                self.add_error(
                    "lines", f"{'、'.join(f'{n}幢' for n in known[:5])}{more}已经登记过了。请去掉，只写新的楼。"
                )
        return data


class PersonForm(forms.Form):
    """One resident: the name, the door, a phone to ring."""

    name = forms.CharField(label="姓名", max_length=80, error_messages={"required": "请写居民的姓名。"})
    door = forms.CharField(
        label="门牌",
        max_length=60,
        help_text="例如 48-2-301，或 48幢2单元301。",
        error_messages={"required": "请写门牌，例如 48-2-301。"},
    )
    phone = forms.CharField(
        label="电话",
        max_length=30,
        required=False,
        help_text="没有可以不填。",
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"}),
    )

    def clean_name(self) -> str:
        with at_its_field():
            return normalise_name(self.cleaned_data["name"])

    def clean_phone(self) -> str | None:
        text = self.cleaned_data["phone"].strip()
        with at_its_field():
            return normalise_phone(text) if text else None

    def clean_door(self) -> Dwelling:
        door = parse_door(self.cleaned_data["door"])
        if door is None or door.room is None:
            raise forms.ValidationError("请写到房号，例如 48-2-301。")
        rows = list(Dwelling.objects.filter(doors_matching(door)).select_related("entrance__building__grid")[:2])
        if not rows:
            raise forms.ValidationError("没有登记这个门牌。请再看一遍，或先登记这幢楼。")
        if len(rows) > 1:
            raise forms.ValidationError("有两个小区都有这个门牌。请在前面写上小区名字，例如 仓基新村48-2-301。")
        return rows[0]


class AppointForm(forms.Form):
    """A colleague with or without an account, a post here, and for a specialist the patch."""

    name = forms.CharField(label="同事姓名", max_length=80, error_messages={"required": "请写同事的姓名。"})
    username = forms.CharField(
        label="用户名",
        max_length=40,
        help_text="登录用，一般写姓名拼音。已有账号的写原来的用户名。",
        error_messages={"required": "请写用户名，一般是姓名拼音，例如 lina。"},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(label="岗位", widget=forms.RadioSelect, error_messages={"required": "请选一个岗位。"})
    sub_area: Any = forms.ModelChoiceField(
        label="片区", queryset=None, required=False, empty_label="不分片区", help_text="小区专员要选；别的岗位不用选。"
    )

    def __init__(self, *args: Any, roles: Sequence[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role, area = self.fields["role"], self.fields["sub_area"]
        assert isinstance(role, forms.ChoiceField) and isinstance(area, forms.ModelChoiceField)
        role.choices = [(each.value, ROLE_NAMES[each]) for each in roles]
        area.queryset = SubArea.objects.order_by("order", "code")

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("role") == Role.SPECIALIST and not data.get("sub_area") and "sub_area" not in self.errors:
            self.add_error("sub_area", "请给小区专员选一个片区。")
        return data
