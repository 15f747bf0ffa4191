"""The sheet of everything at /styles/: each component as a template that is shown, and whose text is the code to copy.

A sample is `templates/styles/samples/<component>.html`. Its first line is a comment that names it:
`{# 按什么分组 | 名字 | 什么时候用 #}`, with `| whole` when it needs a page of its own (bars, dialogs, walls).
A component without a sample fails tests/test_styles.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django import forms
from django.core.paginator import Paginator

from . import clock
from .templatetags.ui import icon_names
from .ui import Look, NavItem

SAMPLES = Path(__file__).resolve().parent / "templates/styles/samples"
HEAD = re.compile(r"{# (?P<group>[^|]+) \| (?P<title>[^|]+) \| (?P<words>[^|]+?)(?P<whole> \| whole)? #}\n")
GROUPS = ("底子", "框架", "做事", "填写", "看", "状态", "特别的场合")
THEMES = (
    ("白墙", Look(mode="normal", theme="light")),
    ("白墙，长辈版", Look(mode="care", theme="light")),
    ("夜运河", Look(mode="normal", theme="dark")),
    ("夜运河，长辈版", Look(mode="care", theme="dark")),
)


@dataclass(frozen=True)
class Sample:
    """One component: `name` is its style sheet's and its anchor; `code` is what is shown and what one copies."""

    name: str
    group: str
    title: str
    words: str
    is_whole: bool
    code: str

    @property
    def template(self) -> str:
        return f"styles/samples/{self.name}.html"

    def answers(self, asked: str) -> bool:
        """Whether somebody who typed `asked` may mean this one."""
        return asked.lower() in f"{self.name} {self.title} {self.words} {self.code}".lower()


def read(path: Path) -> Sample:
    """The sample in `path`; ValueError when its first line does not name it."""
    text = path.read_text(encoding="utf-8")
    head = HEAD.match(text)
    if head is None or head["group"] not in GROUPS:
        raise ValueError(f"{path.name}: no heading, or a group that is not in GROUPS")
    return Sample(
        path.stem, head["group"], head["title"], head["words"], bool(head["whole"]), text[head.end() :].strip()
    )


@cache
def samples() -> dict[str, Sample]:
    """All samples by name, group by group."""
    found = [read(path) for path in sorted(SAMPLES.glob("*.html"))]
    return {sample.name: sample for sample in sorted(found, key=lambda sample: GROUPS.index(sample.group))}


class SampleForm(forms.Form):
    kind = forms.ChoiceField(
        label="什么事", choices=[("leak", "漏水"), ("lift", "电梯"), ("more", "别的事")], widget=forms.RadioSelect
    )
    name = forms.CharField(label="老人姓名", help_text="和身份证上一样。少数民族名字中间用·")
    phone = forms.CharField(
        label="联系电话",
        error_messages={"required": "请填写老人的联系电话。没有电话可选“由社工上门”。"},
    )
    stage = forms.ChoiceField(label="办到哪一步", choices=[("wait", "等材料"), ("doing", "办理中")])
    words = forms.CharField(label="情况", widget=forms.Textarea, required=False)
    children = forms.IntegerField(
        label="带几个孩子", min_value=0, max_value=5, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    agreed = forms.BooleanField(label="他本人同意由社工代办", required=False)
    photos = forms.FileField(label="照片", required=False)


def sample_data() -> dict[str, Any]:
    """What the samples are shown with. Everybody in it is invented."""
    now = clock.now()
    data = {"kind": "leak", "name": "沈阿根", "phone": "", "stage": "doing", "children": "2"}
    return {
        "form": SampleForm(data, auto_id="s_%s"),
        "page": Paginator(range(230), 20).page(2),
        "look_is_new": True,
        "care_is_new": True,
        "icons": {"lift": "lift", "leak": "drop"},
        "icon_names": sorted(icon_names()),
        "soon_at": now + timedelta(minutes=26),
        "since": now - timedelta(hours=6),
        "late_at": now - timedelta(minutes=12),
        "later_at": now + timedelta(days=2),
        "now": now,
        "kept": {"key": "sample", "draft": {"saved_at": now - timedelta(hours=14)}},
        "nav": [
            NavItem("首页", "#a", "home", is_tab=True, is_current=True),
            NavItem("我的事项", "#b", "matters", count=2, is_tab=True),
            NavItem("我的", "#c", "person", is_tab=True),
        ],
        "two_versions": [
            {"name": "phone", "label": "电话", "theirs": "100****0417", "mine": "100****0418"},
            {"name": "lives", "label": "住法", "theirs": "独居", "mine": "和女儿一起住"},
            {"name": "note", "label": "备注", "theirs": "", "mine": "耳朵背，敲门要重些。"},
        ],
    }
