"""Request text to typed values. Forms never save; what they cannot read they say in a sentence at the field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from linli.core import files
from linli.core.drafts import Kept, Photos
from linli.core.errors import Invalid, Problem
from linli.core.identifiers import normalise_phone
from linli.core.ids import uuid7
from linli.core.models import StoredFile
from linli.core.uploads import CleanFile
from linli.places.models import Dwelling
from linli.residents.models import Resident

from . import queries
from .actions import Contact
from .forms_kinds import AsksByKind, in_groups, what_field
from .marked import marked
from .models import Consent, Ending, Source
from .queries import Spot, spot_named

HERE, HOME, STAIRS, ELSEWHERE = "here", "home", "stairs", "elsewhere"
SHARED = frozenset({"repair", "stairs", "fire", "clean"})  # kinds that mostly mean the stairs, not one's own door
MOST_UNCHECKED = 3
MAX_PHOTOS = 6
TOO_MANY_PHOTOS = f"一次最多 {MAX_PHOTOS} 张照片，请留下最能说明情况的几张。"


@dataclass(frozen=True)
class Answer:
    """One line of the page on which answers are checked; `anchor` is the id of the input it was given in."""

    label: str
    said: str
    anchor: str
    photos: Sequence[StoredFile] = ()


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Up to MAX_PHOTOS pictures; `cleaned_data` holds (name, CleanFile) pairs, checked and stripped."""

    widget = ManyFilesInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", f"可不拍。最多 {MAX_PHOTOS} 张，照片里的位置信息会自动去掉。")
        super().__init__(**kwargs)
        self.widget.attrs.update(accept="image/*", multiple=True)

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, CleanFile]]:
        uploads: list[UploadedFile] = [item for item in (data if isinstance(data, list | tuple) else [data]) if item]
        if len(uploads) > MAX_PHOTOS:
            raise forms.ValidationError(TOO_MANY_PHOTOS)
        try:
            return files.clean_uploads(uploads)
        except Problem as problem:
            raise forms.ValidationError(problem.message, code=problem.code) from problem


class PhotosForm(forms.Form):
    """A form with photos. Those its draft keeps (`core.drafts.fill`) count with the new ones, but for those dropped by their box."""

    kept: Kept | None = None

    def kept_photos(self, name: str) -> list[StoredFile]:
        """The photos of the field `name` that are kept already and still wanted, oldest first."""
        if self.kept is None:
            return []
        html_name = self.add_prefix(name)
        dropped = self.data.getlist(f"{html_name}-drop") if isinstance(self.data, MultiValueDict) else []
        return [file for file in self.kept.photos if file.purpose == html_name and str(file.id) not in dropped]

    def photos_in(self, name: str) -> Photos:
        """All photos of the field `name`, kept and new, as an action takes them."""
        return [*map(files.again, self.kept_photos(name)), *self.cleaned_data[name]]

    @property
    def new_photos(self) -> dict[str, Photos]:
        """What has just been uploaded and could be read, by input name: for the draft."""
        names = [name for name, each in self.fields.items() if isinstance(each, PhotosField)]
        return {self.add_prefix(name): self.cleaned_data.get(name) or [] for name in names}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, each in self.fields.items():
            if isinstance(each, PhotosField) and len(data.get(name) or []) + len(self.kept_photos(name)) > MAX_PHOTOS:
                self.add_error(name, TOO_MANY_PHOTOS)
        return data


class ReportForm(AsksByKind, PhotosForm):
    """A resident's report: what, where, for whom. The place is chosen from the register; her own door is one tap."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    at = forms.CharField(widget=forms.HiddenInput, required=False, max_length=12)
    kind = forms.ChoiceField(
        label="是什么事", widget=forms.RadioSelect, error_messages={"required": "请选一类。说不清就选“其他事情”。"}
    )
    what = what_field()
    words = forms.CharField(
        label="说说情况",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="一两句话就够，例如：三楼楼道灯不亮，晚上看不见。",
        error_messages={
            "required": "请写一两句话，说清楚是什么事。",
            "max_length": "写得有点长，请控制在 1000 字以内，细节可以拍照。",
        },
    )
    place = forms.ChoiceField(label="在哪里", widget=forms.RadioSelect, error_messages={"required": "请选一下在哪里。"})
    where = forms.CharField(
        label="楼栋门牌或地点", required=False, max_length=120, help_text="例如 48-2-301、48幢2单元，或“小区东门口”。"
    )
    photos = PhotosField(label="拍照")
    whom = forms.ChoiceField(
        label="为谁上报",
        choices=[("self", "为自己"), ("neighbour", "替邻居")],
        initial="self",
        widget=forms.RadioSelect,
        required=False,
    )
    contact_name = forms.CharField(label="邻居怎么称呼", required=False, max_length=80)
    contact_phone = forms.CharField(
        label="邻居的电话",
        required=False,
        max_length=30,
        help_text="没有可以不填。",
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )

    def __init__(self, home: Dwelling | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.home = home
        token = self.data.get(self.add_prefix("at"), "") if self.is_bound else self.initial.get("at", "")
        self.here = marked(str(token)[:12])
        at_mark = {HERE: self.here.label} if self.here else {}
        self.lay_out()
        places_known = {} if home is None else {HOME: f"我家（{home.door}）", STAIRS: "我家楼道和楼下"}
        self.places = {**at_mark, **places_known, ELSEWHERE: "别的地方"}
        _choices_of(self, "place").choices = list(self.places.items())
        begins_at = STAIRS if self.initial.get("kind") in SHARED else HOME
        self.initial.setdefault("place", HERE if self.here else begins_at if home else ELSEWHERE)
        self.initial.setdefault("id", uuid7())

    @property
    def as_scanned(self) -> dict[str, str]:
        """What a scanned code says by itself."""
        return {"at": self.here.token, "place": HERE} if self.here else {}

    def clean_contact_phone(self) -> str | None:
        return _phone(self.cleaned_data["contact_phone"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("place") == ELSEWHERE and not data.get("where", "").strip():
            self.add_error("where", "请写一下在哪里，门牌或地点都可以。")
        if data.get("whom") == "neighbour" and not (data.get("contact_name") or data.get("contact_phone")):
            self.add_error("contact_name", "请写一下邻居怎么称呼，我们好上门找对人。")
        return data

    @property
    def is_to_be_checked(self) -> bool:
        """Whether more than three answers were given, so that they are shown once more before they are sent.

        The short way stays short: a kind, words and a photo about one's own door or stairs go at once, because an old person
        must get there in four taps. Naming another place or a neighbour is where people slip, and takes more than three answers.
        """
        data = self.cleaned_data
        given = [data["kind"], data["words"], data["photos"] or self.kept_photos("photos"), data["where"]]
        given += [data["place"] == ELSEWHERE, data["whom"] == "neighbour", data["contact_name"], data["contact_phone"]]
        return sum(map(bool, given)) > MOST_UNCHECKED

    @property
    def answers(self) -> list[Answer]:
        """What was said, in the form's order, in words; each with the input where it is changed."""
        data = self.cleaned_data
        kinds = [self.kinds[data["kind"]], *([self.reported_kind] if data["what"] else [])]
        asked = [
            Answer(str(self.fields[name].label), said, f"id_{name}") for name in self.asked if (said := data[name])
        ]
        said = data["where"] if data["place"] == ELSEWHERE else self.places[data["place"]]
        whom = "、".join(part for part in (data["contact_name"], data["contact_phone"]) if part)
        return [
            Answer("是什么事", "，".join(kind.name for kind in kinds), "id_kind_0"),
            *asked,
            Answer("说说情况", data["words"], "id_words"),
            Answer("在哪里", said, "id_where" if data["place"] == ELSEWHERE else "id_place_0"),
            Answer("照片", "", "id_photos", self.kept_photos("photos")),
            Answer("为谁上报", f"替邻居：{whom}" if data["whom"] == "neighbour" else "为自己", "id_whom_0"),
        ]

    @property
    def spot(self) -> Spot:
        """The place said, matched with the register where it names a door or a building."""
        data = self.cleaned_data
        if self.here is not None and data["place"] == HERE:
            return self.here.spot
        if self.home is not None and data["place"] in (HOME, STAIRS):
            entrance = self.home.entrance
            dwelling = self.home if data["place"] == HOME else None
            return Spot(entrance.building, entrance, dwelling, data.get("where", ""))
        return spot_named(data["where"])

    @property
    def source(self) -> Source:
        """How it came: for a neighbour, by a code somebody scanned, or as everybody reports."""
        if self.cleaned_data["whom"] == "neighbour":
            return Source.NEIGHBOUR
        return Source.STICKER if self.here and self.cleaned_data["place"] == HERE else Source.RESIDENT

    @property
    def contact(self) -> Contact:
        data = self.cleaned_data
        return (
            Contact(name=data["contact_name"], phone=data["contact_phone"])
            if data["whom"] == "neighbour"
            else Contact()
        )


def _choices_of(form: forms.Form, name: str) -> forms.ChoiceField:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    return field


def _phone(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        return normalise_phone(text)
    except Invalid as problem:
        raise forms.ValidationError(problem.message) from problem


class DeskReportForm(AsksByKind, PhotosForm):
    """A report taken at the desk, by phone or at the door, for a resident of the register or somebody not in it."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    resident = forms.UUIDField(widget=forms.HiddenInput, required=False)
    source = forms.ChoiceField(
        label="怎么来的",
        choices=[
            (Source.PHONE, "电话"),
            (Source.COUNTER, "来访"),
            (Source.FOUND, "自己发现"),
            (Source.DESK, "上门或其他"),
        ],
        initial=Source.PHONE,
        widget=forms.RadioSelect,
        required=False,
    )
    kind = forms.ChoiceField(label="类别", widget=forms.RadioSelect, error_messages={"required": "请选一类。"})
    what = what_field()
    words = forms.CharField(
        label="情况",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写一两句情况。"},
    )
    where = forms.CharField(
        label="在哪里",
        max_length=120,
        help_text="48-2-301、48幢2单元，或地点",
        error_messages={"required": "请写门牌或地点。"},
    )
    consent = forms.ChoiceField(
        label="居民怎样同意的",
        required=False,
        choices=Consent.choices,
        widget=forms.RadioSelect,
        help_text="替居民办要征得同意，会和这件事一起记下。自己巡查发现的不用选。",
    )
    contact_name = forms.CharField(label="居民称呼", required=False, max_length=80)
    contact_phone = forms.CharField(
        label="联系电话", required=False, max_length=30, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    photos = PhotosField(label="照片")

    def __init__(self, *args: Any, resident: Resident | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.for_resident = resident
        self.lay_out()
        self.initial.setdefault("id", uuid7())

    def clean_contact_phone(self) -> str | None:
        return _phone(self.cleaned_data["contact_phone"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["source"] = data.get("source") or Source.DESK
        is_for_somebody = self.for_resident or data.get("contact_name") or data.get("contact_phone")
        if is_for_somebody and not data.get("consent") and "consent" not in self.errors:
            self.add_error("consent", "请选一下居民怎样同意您代办：当面、电话，还是家属。")
        return data

    @property
    def contact(self) -> Contact:
        data = self.cleaned_data
        return Contact(data["contact_name"], data["contact_phone"], self.for_resident, data["consent"])


class WordsForm(forms.Form):
    """A step with a sentence: refusing, passing on, reopening, calling back."""

    words = forms.CharField(
        label="说明",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "请控制在 1000 字以内。"},
    )


class ChangeKindForm(WordsForm):
    """The right kind for a matter, from the whole tree, each under what it belongs to."""

    to = forms.ChoiceField(label="应该是哪一类", error_messages={"required": "请选一类。"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tree = queries.kinds_to_report()
        _choices_of(self, "to").choices = in_groups(self.tree)


class AddForm(PhotosForm, WordsForm):
    """What the reporter adds to an open matter."""

    photos = PhotosField(label="拍照", help_text="可不拍。")


class HandlingForm(PhotosForm, WordsForm):
    """A note on the handling, with photos before and after."""

    before = PhotosField(label="处置前照片", help_text="可不拍。")
    after = PhotosField(label="处置后照片", help_text="可不拍。")


class FeedBackForm(HandlingForm):
    """The answer to the reporter: one of the three endings, and words."""

    ending = forms.ChoiceField(
        label="结果", choices=Ending.choices, widget=forms.RadioSelect, error_messages={"required": "请选一个结果。"}
    )


class RatingForm(forms.Form):
    rating = forms.TypedChoiceField(
        label="满意吗",
        coerce=int,
        empty_value=None,
        required=False,
        choices=[(5, "很满意"), (4, "满意"), (3, "一般"), (2, "不太满意"), (1, "不满意")],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(label="想说的话", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
