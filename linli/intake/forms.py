"""Request text to typed values for the ways in; forms never save."""

from __future__ import annotations

from typing import Any

from django import forms

from linli.matters.queries import Spot, kinds_offered, spot_named

MOST_BYTES = 10 * 1024 * 1024


class StickerForm(forms.Form):
    """A place to mark: what stands on the print, where it is, what is mostly reported there."""

    label = forms.CharField(
        label="贴在哪里",
        max_length=60,
        help_text="居民扫码后看到的就是这几个字，例如“48幢2单元一楼消防栓”。",
        error_messages={"required": "请写一下贴在哪里。", "max_length": "请控制在 60 个字以内。"},
    )
    where = forms.CharField(
        label="楼栋单元", required=False, max_length=60, help_text="例如 48幢2单元。不在楼里的可以不填。"
    )
    kind = forms.ChoiceField(label="多半会报什么", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = {kind.code: kind for kind in kinds_offered()}
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [("", "都有可能"), *((code, each.name) for code, each in self.kinds.items())]

    def clean_where(self) -> Spot:
        words = self.cleaned_data["where"].strip()
        spot = spot_named(words) if words else Spot()
        if words and spot.building is None:
            raise forms.ValidationError("没有找到这栋楼。请写成“48幢2单元”这样，或先不填。")
        return spot


class SheetForm(forms.Form):
    """The hotline's sheet as it was sent."""

    file = forms.FileField(
        label="工单表",
        help_text="12345 系统里导出的表，原样上传。.xlsx、.xls 和 .csv 都可以。",
        error_messages={"required": "请选一个表格文件。", "empty": "这个文件是空的。请打开看一眼，再重新选择。"},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.csv", "class": "input"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("这个文件超过了 10 MB。请只留工单那张表，另存为 .xlsx，再上传。")
        return file
