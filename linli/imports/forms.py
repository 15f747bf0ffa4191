"""Request text to typed values for the pages of imports; forms never save."""

from __future__ import annotations

from typing import Any

from django import forms

from .models import Import
from .queries import columns_of, samples_shown
from .rules.columns import Verdict
from .targets import roster_targets

MOST_BYTES = 60 * 1024 * 1024


class UploadForm(forms.Form):
    """The file as the office sent it."""

    file = forms.FileField(
        label="花名册",
        help_text="原样上传就行，不用改格式。.xlsx、.xls、WPS 和 .csv 都可以，最大 60 MB。",
        error_messages={"required": "请选一个表格文件。", "empty": "这个文件是空的。请打开看一眼，再重新选择。"},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.csv,.txt", "class": "input"}),
    )
    sender = forms.CharField(
        label="谁给的表",
        required=False,
        max_length=60,
        help_text="例如“街道民政办”。下次收到同样的表，就不用再认一遍。",
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                "这个文件超过了 60 MB。请只留要导入的那张表，另存为 .xlsx；人数超过十万的，分成几个文件，一个一个上传。"
            )
        return file


class ColumnsForm(forms.Form):
    """One choice a column: what it holds, or that it is not imported."""

    def __init__(self, batch: Import, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns_of(batch)
        held = batch.mapping
        for column in self.columns:
            initial = held.get(str(column.number), None if column.verdict is Verdict.ASKED else column.code)
            self.fields[f"c{column.number}"] = forms.ChoiceField(
                label=column.heading.replace("/", " · ") or f"第 {column.number + 1} 列（没有列名）",
                choices=[("?", "请选一项"), *_choices(column.others)] if initial is None else _choices(column.others),
                initial="?" if initial is None else _shown(initial),
                required=False,  # "" is a choice: not to be imported
                error_messages={"invalid_choice": "请从列表里选一项。"},
            )

    def clean(self) -> dict[str, Any]:
        for column in self.columns:
            if self.cleaned_data.get(f"c{column.number}") == "?":
                label = self.fields[f"c{column.number}"].label
                self.add_error(f"c{column.number}", f"请选“{label}”是什么，不要的选“不导入”。")
        return self.cleaned_data

    @property
    def mapping(self) -> dict[int, str]:
        """What was chosen, by the column's number."""
        return {c.number: self.cleaned_data[f"c{c.number}"] for c in self.columns if self.cleaned_data[f"c{c.number}"]}

    @property
    def lines(self) -> list[tuple[Any, Any, str]]:
        """Each column with its field and a few of its cells, those that are asked first."""
        pairs = [(column, self[f"c{column.number}"], samples_shown(column)) for column in self.columns]
        return sorted(pairs, key=lambda pair: (pair[0].verdict is not Verdict.ASKED, pair[0].number))


def _shown(code: str) -> str:
    return "" if code.startswith("-") else code


def _choices(others: tuple[str, ...]) -> list[tuple[str, Any]]:
    targets = [target for target in roster_targets() if not target.is_passed]
    likely = [(target.code, target.name) for target in targets if target.code in others]
    rest = [(target.code, target.name) for target in targets if target.code not in others]
    none = ("", "不导入")
    return [none, ("可能是", likely), ("别的", rest)] if likely else [none, *rest]
