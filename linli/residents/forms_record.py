"""Request text to typed values, for the pages that keep one record right."""

from __future__ import annotations

from typing import Any

from django import forms

from linli.core import clock
from linli.core.identifiers import NAME_MAX
from linli.core.inputs import DayInput

from .check_rules import confirmed_by
from .codelists import code_list
from .codes import CATEGORY_KINDS
from .document_rules import NONE_YET, document_rules
from .models import Category

HOW_ERRORS = {"required": "请选一种核实方式，例如“居民本人说”。", "invalid_choice": "请从列出的方式里选一种。"}
DATE_ERRORS = {"required": "请填日期。", "invalid": "日期没有认出来。请写成 2026-03-01 这样。"}


def how_field(label: str) -> forms.ChoiceField:
    """How somebody made sure, the usual way chosen."""
    return forms.ChoiceField(
        label=label,
        choices=list(confirmed_by().items()),
        initial=next(iter(confirmed_by())),
        widget=forms.RadioSelect,
        error_messages=HOW_ERRORS,
    )


def date_field(label: str, **more: Any) -> forms.DateField:
    widget = DayInput()
    return forms.DateField(label=label, widget=widget, error_messages=DATE_ERRORS, **more)


class ConfirmForm(forms.Form):
    """`what` is a field, `home:<id>`, or nothing for the whole record."""

    how = how_field("怎么核实的")
    what = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)


class ChangeForm(forms.Form):
    """A new value for one field: put right, or changed since a day."""

    CORRECT, CHANGE = "correct", "change"

    value = forms.CharField(required=False, strip=True, max_length=NAME_MAX)
    what = forms.ChoiceField(
        label="是哪一种",
        choices=[(CHANGE, "情况变了，原来登记的没有错"), (CORRECT, "一直是这样，原来登记错了")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选是情况变了，还是原来登记错了。"},
    )
    since = date_field("从哪天起变的", required=False, help_text="“情况变了”才用填。不记得哪一天，就填知道的那一天。")
    how = how_field("怎么知道的")
    because = forms.CharField(
        label="原因",
        max_length=200,
        help_text="会留在档案的经过里。例如：对照身份证，原来抄错一位。",
        error_messages={"required": "请写明为什么要改，例如“对照身份证，抄错一位”。"},
    )
    evidence = forms.CharField(
        label="依据", required=False, max_length=200, help_text="核准的同事会看到。例如：身份证原件、派出所证明。"
    )

    def __init__(self, *args: Any, field: str, label: str, needs_second: bool, may_change: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = value_field(field, label)
        self.order_fields(["value"])
        if not needs_second:
            del self.fields["evidence"]
        if not may_change:
            del self.fields["since"]
            self.fields["what"].widget = forms.HiddenInput()
            self.fields["what"].initial = self.CORRECT
        else:
            self.fields["since"].initial = clock.today()

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("what") == self.CHANGE and not typed.get("since") and "since" not in self.errors:
            self.add_error("since", "请填从哪天起变的。不记得哪一天，就填知道的那一天。")
        return typed


def value_field(field: str, label: str) -> forms.Field:
    if field in {"birth_on", "died_on"}:
        return date_field(label, required=False, help_text="照着证件或证明填；原来不该有的就空着。")
    if field in {"sex", "ethnicity", "education", "marital_status", "political_status", "employment"}:
        choices = [("", "没有登记"), *code_list(field).choices(on=clock.today())]
        if field == "sex":
            choices = [choice for choice in choices if choice[0] in {"1", "2"}]
        return forms.ChoiceField(label=f"新的{label}", choices=choices, required=field == "sex")
    attrs = {"autocomplete": "off"}
    if field == "phone":
        attrs |= {"inputmode": "tel"}
    needed = field in {"name", "id_number"}
    return forms.CharField(
        label=f"新的{label}",
        max_length=NAME_MAX,
        required=needed,
        strip=True,
        widget=forms.TextInput(attrs=attrs),
        help_text="" if needed else "不用了就空着。",
        error_messages={"required": f"请填写{label}。"},
    )


class DocumentForm(forms.Form):
    """A document as it lies on the counter."""

    kind = forms.ChoiceField(label="哪种证件", error_messages={"required": "请选一种证件。"})
    number = forms.CharField(
        label="证件号码",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        help_text="照着证件抄，空格和横线不用管。选“暂无证件”的不填。",
    )
    from_on = date_field("签发日期", required=False)
    last_on = date_field("有效期到", required=False, help_text="证件上写的最后一天。长期有效的空着。")
    issued_in = forms.CharField(
        label="签发国家或地区", required=False, max_length=3, help_text="护照要填三个字母，例如日本是 JPN。"
    )
    note = forms.CharField(
        label="说明", required=False, max_length=100, help_text="暂无证件的写明原因，例如：新生儿，户口待报。"
    )
    how = how_field("怎么知道的")
    is_compared = forms.BooleanField(label="对照过证件，没有抄错", required=False)

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["kind"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "请选"), *((rule.kind, rule.name) for rule in document_rules().values())]
        self.fields["how"].initial = "papers"
        if kind:
            del self.fields["kind"]
            if kind == NONE_YET:
                for name in ("number", "from_on", "last_on", "issued_in", "is_compared"):
                    del self.fields[name]
            elif not document_rules()[kind].wants_country:
                del self.fields["issued_in"]
        if not self.is_bound or "is_compared" not in self.fields:
            self.fields.pop("is_compared", None)


class AnswerForm(forms.Form):
    """Why a request is not agreed to; whoever asked reads it."""

    answer = forms.CharField(
        label="为什么不核准",
        min_length=2,
        max_length=200,
        error_messages={
            "required": "请写明为什么不核准，申请的人会看到。",
            "min_length": "请把原因写清楚一些，申请的人会看到。",
        },
    )


BECAUSE_ERRORS = {"required": "请写明原因，例如“街道批下来了”。"}


class GrantForm(forms.Form):
    """A category as its papers say it."""

    kind = forms.ChoiceField(label="哪一类", error_messages={"required": "请选一类。"})
    level = forms.ChoiceField(label="级别", required=False, help_text="残疾、失能、优抚等才用选，别的不选。")
    from_on = date_field("从哪天起")
    certificate_number = forms.CharField(
        label="证件编号", required=False, max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    decision = forms.CharField(label="认定文号", required=False, max_length=60)
    decided_on = date_field("认定日期", required=False)
    source = forms.CharField(label="来源", required=False, max_length=40, help_text="例如：街道民政名册。")
    because = forms.CharField(
        label="原因", max_length=200, help_text="例如：街道批下来了。", error_messages=BECAUSE_ERRORS
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, level = self.fields["kind"], self.fields["level"]
        assert isinstance(kind, forms.ChoiceField) and isinstance(level, forms.ChoiceField)
        kind.choices = [("", "请选"), *((each.code, each.name) for each in CATEGORY_KINDS.values())]
        levels = dict.fromkeys(word for each in CATEGORY_KINDS.values() for word in each.levels)
        level.choices = [("", "不分级别"), *((word, word) for word in levels)]
        self.fields["from_on"].initial = clock.today()


class PutCategoryForm(forms.Form):
    """What a category should say: put right (it was always so), or changed since a day."""

    CORRECT, CHANGE = "correct", "change"

    what = forms.ChoiceField(
        label="是哪一种",
        choices=[(CHANGE, "情况变了，原来登记的没有错"), (CORRECT, "一直是这样，原来登记错了")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选是情况变了，还是原来登记错了。"},
    )
    on = date_field("从哪天起变的", required=False, help_text="“情况变了”才用填。以前的那一段照旧留着。")
    from_on = date_field("起始日期", required=False, help_text="“登记错了”才能改。")
    level = forms.ChoiceField(label="级别", required=False)
    certificate_number = forms.CharField(
        label="证件编号",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="要改才填；空着就还是原来的。",
    )
    decision = forms.CharField(label="认定文号", required=False, max_length=60)
    decided_on = date_field("认定日期", required=False)
    because = forms.CharField(
        label="原因", max_length=200, help_text="例如：复评后改为二级。", error_messages=BECAUSE_ERRORS
    )
    evidence = forms.CharField(
        label="依据", required=False, max_length=200, help_text="核准的同事会看到。例如：新发的残疾证。"
    )

    def __init__(self, *args: Any, category: Category, needs_second: bool, **kwargs: Any) -> None:
        self.category = category
        held = {name: getattr(category, name) for name in ("level", "decision", "decided_on")}
        kwargs["initial"] = held | {"from_on": category.span.lower, "on": clock.today()}
        super().__init__(*args, **kwargs)
        kind, level = CATEGORY_KINDS.get(category.kind), self.fields["level"]
        assert isinstance(level, forms.ChoiceField)
        level.choices = [("", "不分级别"), *((word, word) for word in (kind.levels if kind else ()))]
        if len(level.choices) == 1:
            del self.fields["level"]
        if not needs_second:
            del self.fields["evidence"]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("what") == self.CHANGE and not typed.get("on") and "on" not in self.errors:
            self.add_error("on", "请填从哪天起变的。不记得哪一天，就填知道的那一天。")
        if not self.errors and not self.wanted:
            self.add_error(None, "和现在登记的一样，没有要改的。请改好一项再保存。")
        return typed

    @property
    def is_change(self) -> bool:
        return bool(self.cleaned_data.get("what") == self.CHANGE)

    @property
    def wanted(self) -> dict[str, Any]:
        """The fields that should say something else; a certificate left empty stays what it is."""
        typed = self.cleaned_data
        said: dict[str, Any] = {name: typed[name] for name in ("level", "decision", "decided_on") if name in typed}
        if typed.get("certificate_number"):
            said["certificate_number"] = typed["certificate_number"]
        wanted = {name: value for name, value in said.items() if value != getattr(self.category, name)}
        if not self.is_change and typed.get("from_on") and typed["from_on"] != self.category.span.lower:
            wanted["from_on"] = typed["from_on"]
        return wanted


class EndForm(forms.Form):
    """From which day it no longer holds, and why."""

    on = date_field("从哪天起终止", help_text="从这一天起就不算了。")
    because = forms.CharField(
        label="原因",
        max_length=200,
        help_text="例如：收入超过标准、证件到期。",
        error_messages={"required": "请写明为什么终止，例如“收入超过标准”。"},
    )


class WhenForm(forms.Form):
    """Which day is asked about, and whose knowledge."""

    on = date_field("看哪一天的情况", help_text="那一天他住在哪里、是什么情况。")
    known_on = date_field(
        "按哪一天知道的来看",
        required=False,
        help_text="空着就按现在知道的。要看“当时报表为什么那样填”，就填报表那一天。",
    )
