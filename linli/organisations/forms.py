"""Request text to typed values, for the desk's pages of organisations."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from linli.core import clock
from linli.core.access import Actor
from linli.core.inputs import DayInput
from linli.core.tenancy import parse_uuid
from linli.places.models import Building, Dwelling, Entrance, Estate, SubArea
from linli.places.queries import search_places
from linli.residents.models import Resident
from linli.residents.searching import search_residents

from . import queries
from .kinds import GROUPS, Role, kinds, venue_kinds
from .models import Organisation, OrganisationPlace

WHOLE_COMMUNITY = "whole"
NO_SUCH_PLACE = "没有找到这个地方。楼栋写成 48幢，单元写成 48-2，门牌写成 48-2-301。"


class DayField(forms.DateField):
    """A day, as browsers send it; empty is today where it is `or_today`."""

    def __init__(self, *, label: str, or_today: bool = False, **kwargs: Any) -> None:
        self.or_today = or_today
        kwargs.setdefault("required", not or_today)
        kwargs.setdefault("help_text", "不填就是今天。" if or_today else "")
        super().__init__(
            label=label,
            widget=DayInput(),
            error_messages={"invalid": "日期请写成 2026-11-20 这样。", "required": "请选一个日期。"},
            **kwargs,
        )

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        return day or (clock.today() if self.or_today else None)


def where_choices(actor: Actor, *, with_estates: bool = False) -> list[tuple[str, str]]:
    """Sub-areas (all, or a specialist's own), and the whole community for who keeps all of it."""
    areas = SubArea.objects.order_by("order", "code")
    if not queries.keeps_all(actor):
        return [(f"area:{row.pk}", row.name) for row in areas.filter(pk__in=actor.sub_area_ids)]
    found = [(WHOLE_COMMUNITY, queries.organisations.WHOLE), *((f"area:{row.pk}", row.name) for row in areas)]
    if with_estates:
        found += [(f"estate:{row.pk}", f"{row.name}小区") for row in Estate.objects.order_by("name")]
    return found


def place_chosen(value: str) -> dict[str, Any]:
    """What a choice of `where_choices` means: {} for the whole community, else the row under its target's name."""
    what, _, key = value.partition(":")
    model: Any = {"area": SubArea, "estate": Estate}.get(what)
    row_id = parse_uuid(key)
    if model is None or row_id is None:
        return {}
    return {"sub_area" if what == "area" else what: model.objects.get(pk=row_id)}


def place_typed(actor: Actor, text: str) -> dict[str, Any]:
    """The building, entrance or dwelling that was typed, under its target's name; {} for nothing. Raises ValidationError."""
    if not text.strip():
        return {}
    found = search_places(actor, text)
    if len(found) != 1:
        raise forms.ValidationError(NO_SUCH_PLACE)
    place = found[0]
    if place.dwelling_id:
        return {"dwelling": Dwelling.objects.select_related("entrance__building__grid").get(pk=place.dwelling_id)}
    if place.entrance_id:
        return {"entrance": Entrance.objects.select_related("building__grid").get(pk=place.entrance_id)}
    return {"building": Building.objects.select_related("grid__sub_area").get(pk=place.building_id)}


class ActorForm(forms.Form):
    """A form whose choices depend on who fills it."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class NarrowForm(forms.Form):
    """What the list is narrowed to, in the address. What cannot be read narrows nothing."""

    group = forms.ChoiceField(required=False, choices=list(GROUPS.items()))
    sub_area = forms.CharField(required=False, max_length=16)
    day = forms.DateField(required=False)
    due = forms.BooleanField(required=False)

    def wanted(self) -> dict[str, Any]:
        self.is_valid()
        return {
            "group": self.cleaned_data.get("group") or "party",
            "sub_area": SubArea.objects.filter(code=self.cleaned_data.get("sub_area") or "").first(),
            "day": self.cleaned_data.get("day") or clock.today(),
            "due": bool(self.cleaned_data.get("due")),
        }


class AddForm(ActorForm):
    """A new organisation with whom one turns to, in one go."""

    kind = forms.ChoiceField(label="是哪一类", error_messages={"required": "请从列出的组织类型里选一种。"})
    name = forms.CharField(
        label="名称",
        max_length=60,
        error_messages={"required": "请写上组织的名称。"},
        help_text="和牌子或证书上的一样。",
    )
    where = forms.ChoiceField(label="服务哪里", error_messages={"required": "请选服务的片区。"})
    words = forms.CharField(
        label="做什么、能帮什么", max_length=200, required=False, help_text="写在清单上，例如：每月为老人义诊一次。"
    )
    contact = forms.CharField(label="负责人或联系人", max_length=40, required=False)
    phone = forms.CharField(
        label="联系电话", max_length=40, required=False, help_text="加密保存，平时只显示后四位。可不填。",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    parent = forms.ChoiceField(label="上级组织", required=False, help_text="党组织要选；别的组织可不选。")
    credit_code = forms.CharField(
        label="统一社会信用代码", max_length=40, required=False, help_text="18 位，单位和社会组织才有。可不填。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )  # fmt: skip
    from_on = DayField(label="从哪天起", or_today=True)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        keeps_all = queries.keeps_all(actor)
        offered = [kind for kind in kinds().values() if keeps_all or not kind.is_party]
        grouped = [(words, [(k.code, k.name) for k in offered if k.group == group]) for group, words in GROUPS.items()]
        self.offer("kind", [("", "请选择"), *((words, of) for words, of in grouped if of)])
        self.offer("where", where_choices(actor))
        parents = queries.running_on(queries.organisations_visible_to(actor), clock.today()).filter(
            kind__in=[kind.code for kind in kinds().values() if kind.is_party]
        )
        self.offer("parent", [("", "没有上级"), *((str(row.pk), row.name) for row in parents)])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("phone") and not data.get("contact"):
            self.add_error("contact", "写了电话，请也写上是谁的电话。")
        return data

    @property
    def parent_row(self) -> Organisation | None:
        parent = self.cleaned_data.get("parent")
        return Organisation.objects.get(pk=parent) if parent else None


class ChangeForm(forms.Form):
    """What an organisation is called and does."""

    name = forms.CharField(label="名称", max_length=60, error_messages={"required": "请写上组织的名称。"})
    words = forms.CharField(label="做什么、能帮什么", max_length=200, required=False)
    credit_code = forms.CharField(
        label="统一社会信用代码", max_length=40, required=False, help_text="18 位。可不填。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )  # fmt: skip


class PostForm(ActorForm):
    """Somebody takes up a post: a resident found by name and door, or a contact known by name."""

    role = forms.ChoiceField(label="职务", widget=forms.RadioSelect, error_messages={"required": "请选一个职务。"})
    name = forms.CharField(label="姓名", max_length=40, error_messages={"required": "请写上姓名。"})
    door = forms.CharField(
        label="住在哪一户", max_length=24, required=False, help_text="本社区居民写上门牌，就和档案连起来。可不填。"
    )
    phone = forms.CharField(
        label="联系电话", max_length=40, required=False, help_text="不是本社区居民才填，加密保存。可不填。",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    building = forms.CharField(
        label="管哪一幢", max_length=24, required=False, help_text="红管家才填，例如 48幢。可不填。"
    )
    from_on = DayField(label="从哪天起", or_today=True)
    until = DayField(label="到哪天为止", required=False, help_text="没有定就不填。")
    succeeding = forms.BooleanField(label="接替现任，前任同一天离任", required=False)

    def __init__(self, *args: Any, actor: Actor, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        roles = organisation.of_kind.roles
        self.offer("role", [(role.value, role.label) for role in roles])
        if Role.STEWARD not in roles:
            del self.fields["building"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["resident"] = self._resident(data.get("name", ""), data.get("door", ""))
        data["building_row"] = self._building(data.get("building", "")) if data.get("role") == Role.STEWARD else None
        return data

    def _resident(self, name: str, door: str) -> Resident | None:
        if not door or not name:
            return None
        found = list(search_residents(self.actor, door).filter(name="".join(name.split()))[:2])
        if len(found) != 1:
            self.add_error("door", "这一户没有登记这位居民。请对照门牌和姓名；不是本社区居民就不填门牌。")
            return None
        return found[0]

    def _building(self, text: str) -> Building | None:
        try:
            building: Building | None = place_typed(self.actor, text).get("building")
        except forms.ValidationError:
            building = None
        if building is None:
            self.add_error("building", "请写上红管家管哪一幢，例如 48幢。")
        return building


class PlaceForm(ActorForm):
    """One more place that an organisation serves or stands in."""

    bond = forms.ChoiceField(
        label="关系", choices=OrganisationPlace.Bond.choices, widget=forms.RadioSelect, initial="serves"
    )
    where = forms.ChoiceField(label="片区或小区", required=False)
    spot = forms.CharField(
        label="或者写楼栋、单元、门牌", max_length=24, required=False, help_text="例如 48幢、48-2、48-2-301。可不填。"
    )
    from_on = DayField(label="从哪天起", or_today=True)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.offer("where", where_choices(actor, with_estates=True))

    def clean_spot(self) -> dict[str, Any]:
        return place_typed(self.actor, self.cleaned_data["spot"])

    @property
    def target(self) -> dict[str, Any]:
        return self.cleaned_data["spot"] or place_chosen(self.cleaned_data["where"])


class TermForm(forms.Form):
    """A term of office or a contract, with both its days."""

    label = forms.CharField(
        label="届次或合同号", max_length=40, error_messages={"required": "请写上，例如“第三届”或合同编号。"}
    )
    from_on = DayField(label="从哪天起")
    until = DayField(label="到哪天为止", help_text="这一天起不再有效。")


class EndForm(forms.Form):
    """The day from which something is no longer so."""

    on = DayField(label="从哪天起不再是", or_today=True)


class ReasonForm(forms.Form):
    """What a number is looked at for."""

    reason = forms.CharField(
        label="用途",
        min_length=4,
        max_length=200,
        help_text="会和您的账号、时间一起记下。例如：联系共建活动。",
        error_messages={
            "required": "请写明查看的用途，例如“联系共建活动”。",
            "min_length": "请把用途写清楚一些（至少 4 个字），例如“联系共建活动”。",
            "max_length": "用途最多 200 个字，请写短一些。",
        },
    )


class LeadForm(ActorForm):
    """What venues and projects share: where, and which organisation."""

    where = forms.ChoiceField(label="属于哪个片区", error_messages={"required": "请选片区。"})
    organisation = forms.ChoiceField(required=False)
    from_on = DayField(label="从哪天起", or_today=True)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.offer("where", where_choices(actor))
        running = queries.running_on(queries.organisations_visible_to(actor), clock.today())
        running = running.exclude(kind="stairwell_group").order_by("pinyin", "id")
        self.offer("organisation", [("", "没有"), *((str(row.pk), row.name) for row in running)])

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "where"}
        organisation: UUID | None = parse_uuid(data.get("organisation") or "")
        data["organisation"] = Organisation.objects.get(pk=organisation) if organisation else None
        return data | {"sub_area": place_chosen(self.cleaned_data["where"]).get("sub_area")}


class VenueForm(LeadForm):
    """A place where people meet."""

    field_order = ("name", "kind", "where", "building", "spot", "area_m2", "capacity", "opening", "organisation")

    name = forms.CharField(label="名称", max_length=60, error_messages={"required": "请写上阵地的名称。"})
    kind = forms.ChoiceField(
        label="用来做什么", choices=lambda: [*venue_kinds().items()], error_messages={"required": "请选一类用途。"}
    )
    building = forms.CharField(label="在哪一幢", max_length=24, required=False, help_text="例如 48幢。不在楼里就不填。")
    spot = forms.CharField(label="具体位置", max_length=60, required=False, help_text="例如：一楼东侧。可不填。")
    area_m2 = forms.IntegerField(label="面积（平方米）", required=False, min_value=1, max_value=100_000)
    capacity = forms.IntegerField(label="能坐多少人", required=False, min_value=1, max_value=10_000)
    opening = forms.CharField(
        label="开放时间", max_length=60, required=False, help_text="例如：周一至周五 8:30–17:00。可不填。"
    )
    keeper = forms.CharField(label="管理人", max_length=40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].label = "哪个组织管理"

    def clean_building(self) -> Building | None:
        building: Building | None = place_typed(self.actor, self.cleaned_data["building"]).get("building")
        if self.cleaned_data["building"].strip() and building is None:
            raise forms.ValidationError(NO_SUCH_PLACE)
        return building

    def values(self) -> dict[str, Any]:
        data = super().values()
        where = data.pop("spot")
        return data | {"where": where}


class ProjectForm(LeadForm):
    """What is done again and again under one name."""

    field_order = ("name", "for_whom", "words", "where", "organisation", "from_on")

    name = forms.CharField(label="名称", max_length=60, error_messages={"required": "请写上项目的名称。"})
    for_whom = forms.CharField(
        label="为了谁", max_length=60, error_messages={"required": "请写上服务对象，例如：独居老人。"}
    )
    words = forms.CharField(
        label="做什么",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请用一两句话写清楚做什么。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].label = "哪个组织牵头"
