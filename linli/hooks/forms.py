"""Request text to typed values for the pages of hooks; forms never save."""

from __future__ import annotations

from typing import Any

from django import forms

from .queries import verbs_offered


class HookForm(forms.Form):
    """Where to, for whom, of what."""

    name = forms.CharField(
        label="给谁用", max_length=60, help_text="例如：街道数据平台。", error_messages={"required": "请写一下给谁用。"}
    )
    url = forms.CharField(
        label="推送地址",
        max_length=300,
        help_text="对方给的网址，以 https:// 开头。",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        error_messages={"required": "请写推送地址。"},
    )
    verbs = forms.MultipleChoiceField(
        label="推送哪些事",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一种。", "invalid_choice": "请从列出的里面选。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        verbs = self.fields["verbs"]
        assert isinstance(verbs, forms.MultipleChoiceField)
        verbs.choices = list(verbs_offered().items())
