"""The secretary's forms for where matters go: a rule, a try, who is away; and giving one matter to a colleague."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from linli.places.models import SubArea

from . import queries
from .forms_kinds import in_groups
from .models import Grade, RoutingRule, Source
from .models_routing import PATTERNS, WITHINS


def _choose(form: forms.Form, name: str, choices: Sequence[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


class RuleForm(forms.Form):
    """One rule: what must be so, and where the matter goes then. What is left empty is not asked."""

    name = forms.CharField(
        label="名称", max_length=40, error_messages={"required": "请给这条规则起个名字，以后看得懂为什么。"}
    )
    kind = forms.ChoiceField(label="类别", required=False)
    sub_area = forms.ChoiceField(label="片区", required=False)
    source = forms.ChoiceField(label="来源", required=False)
    grade = forms.ChoiceField(label="层级", required=False)
    pattern = forms.ChoiceField(
        label="看不看次数",
        required=False,
        widget=forms.RadioSelect,
        choices=PATTERNS,
    )
    days = forms.IntegerField(label="近几天", required=False, min_value=1, max_value=1000)
    at_least = forms.IntegerField(
        label="至少几件", required=False, min_value=2, max_value=500, help_text="连这一件在内。"
    )
    within = forms.ChoiceField(
        label="在哪里数",
        required=False,
        widget=forms.RadioSelect,
        choices=WITHINS,
    )
    target = forms.ChoiceField(
        label="交给",
        widget=forms.RadioSelect,
        choices=RoutingRule.Target.choices,
        error_messages={"required": "请选交给谁。"},
    )
    person = forms.ChoiceField(label="哪位同事", required=False)

    def __init__(self, *args: Any, rule: RoutingRule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tree = queries.all_kinds()
        self.areas = {area.code: area for area in SubArea.objects.order_by("order", "code")}
        _choose(self, "kind", [("", "不论哪一类"), *in_groups(self.tree)])
        _choose(self, "sub_area", [("", "不论哪个片区"), *((code, area.name) for code, area in self.areas.items())])
        _choose(self, "source", [("", "不论来源"), *Source.choices])
        _choose(self, "grade", [("", "不论层级"), *Grade.choices])
        people = [(str(load.account_id), f"{load.name}（{load.role}，{load.words}）") for load in queries.loads()]
        _choose(self, "person", [("", "不指定"), *people])
        self.initial.update({"pattern": "", "within": "building", **(_begun(rule) if rule else {})})

    @property
    def said(self) -> dict[str, Any]:
        """As `actions.add_rule` takes it."""
        data = self.cleaned_data
        return {
            **{name: data[name] for name in ("name", "source", "grade", "pattern", "target")},
            "kind": self.tree.by_code.get(data["kind"]),
            "sub_area": self.areas.get(data["sub_area"]),
            "days": data["days"] or 0,
            "at_least": data["at_least"] or 0,
            "within": data["within"] or "community",
            "person": UUID(data["person"]) if data["person"] else None,
        }


def _begun(rule: RoutingRule) -> dict[str, Any]:
    plain = ("name", "source", "grade", "pattern", "within", "target")
    return {
        **{name: getattr(rule, name) for name in plain},
        "kind": rule.kind.code if rule.kind else "",
        "sub_area": rule.sub_area.code if rule.sub_area else "",
        "days": rule.days or None,
        "at_least": rule.at_least or None,
        "person": str(rule.person or ""),
    }


class TryForm(forms.Form):
    """A matter as it might come in."""

    kind = forms.ChoiceField(label="哪一类", error_messages={"required": "请选一类。"})
    where = forms.CharField(label="在哪里", max_length=120, required=False, help_text="48-2-301、48幢，或不写。")
    source = forms.ChoiceField(label="谁报的", choices=Source.choices, initial=Source.RESIDENT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tree = queries.kinds_to_report()
        _choose(self, "kind", in_groups(self.tree))


class AbsenceForm(forms.Form):
    """Who is away, from and to, and who stands in."""

    who = forms.ChoiceField(label="谁不在岗", error_messages={"required": "请选一位同事。"})
    from_on = forms.DateField(
        label="从哪天起",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "请选日期。"},
    )
    last_on = forms.DateField(
        label="到哪天（这天也不在）",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "请选日期。"},
    )
    cover = forms.ChoiceField(label="谁顶岗", required=False, help_text="顶岗的同事这几天能看、能办这个片区的事。")

    def __init__(self, loads: Sequence[queries.Load], today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(load.account_id), f"{load.name}（{load.role}）") for load in loads]
        _choose(self, "who", [("", "请选"), *people])
        covers = [(str(load.account_id), f"{load.name}（{load.role}，{load.words}）") for load in loads]
        _choose(self, "cover", [("", "没有人顶，新来的先到后台"), *covers])
        self.initial.update({"from_on": today, "last_on": today})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("from_on"), data.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", "这一天比第一天还早。请改成第一天或以后。")
        return data


class AssignForm(forms.Form):
    """A colleague for one matter, the least burdened first."""

    to = forms.ChoiceField(label="派给谁", error_messages={"required": "请选一位同事。"})
    words = forms.CharField(label="说明", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, loads: Sequence[queries.Load], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = [load for load in loads if load.away_until is None]
        _choose(
            self,
            "to",
            [("", "请选"), *((str(load.account_id), f"{load.name}（{load.role}，{load.words}）") for load in here)],
        )
