"""What happens in lives and households, one small page each; and the pages of a household and a door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.access import Actor, Permission
from linli.core.errors import Invalid, NotFound, Problem
from linli.core.guards import desk
from linli.core.masking import mask_name
from linli.core.tenancy import parse_uuid
from linli.core.trail import VERBS, timeline_of
from linli.core.web import NOBODY, Request, show
from linli.places.models import Dwelling
from linli.places.queries import place_label

from . import actions, homes, likeness, queries
from . import forms_life as forms
from .actions.households import RelationNeeded
from .codes import PopulationClass
from .forms_arriving import ArriveForm
from .models import Household, Resident

TRAIL_SHOWN = 20
Subject = Any


@dataclass(frozen=True)
class Verb:
    """One thing that may happen: its page's words, its form, and the action it ends in."""

    name: str
    title: str  # {who}: the subject in words
    note: str
    button: str
    form: type[forms.LifeForm]
    act: Callable[[Actor, Subject, Any], Any]
    initial: dict[str, Any] = field(default_factory=dict)


def _marry(actor: Actor, resident: Resident, form: forms.MarryForm) -> Any:
    data, spouse = form.cleaned_data, form.people["spouse"]
    mover = {"resident": resident, "spouse": spouse}.get(data["mover"])
    return actions.marry(actor, resident=resident, spouse=spouse, on=data["on"], mover=mover)


def _class(actor: Actor, resident: Resident, form: forms.ClassForm) -> Any:
    return actions.change_class(actor, resident=resident, **form.cleaned_data)


def _guardian(actor: Actor, resident: Resident, form: forms.GuardianForm) -> Any:
    guardian = form.people["guardian"]
    assert guardian is not None
    return actions.name_guardian(actor, resident=resident, guardian=guardian, on=form.cleaned_data["on"])


def _birth(actor: Actor, household: Household, form: forms.BirthForm) -> Any:
    said: dict[str, Any] = {name: form.cleaned_data[name] for name in ("name", "sex", "born_on", "relation_to_head")}
    elders: dict[str, Any] = {name: form.resident(name) for name in ("mother", "father", "guardian")}
    return actions.register_birth(actor, household=household, **said, **elders)


def _split(actor: Actor, household: Household, form: forms.SplitForm) -> Any:
    head = form.resident("head")
    assert head is not None
    members = {UUID(key): form.relations.get(UUID(key), "") for key in form.cleaned_data["leaving"]}
    door, on = form.cleaned_data["door"], form.cleaned_data["on"]
    return actions.split_household(actor, household=household, head=head, members=members, on=on, dwelling=door)


def _head(actor: Actor, household: Household, form: forms.HeadForm) -> Any:
    head, on = form.resident("head"), form.cleaned_data["on"]
    assert head is not None
    return actions.change_head(actor, household=household, head=head, on=on, relations=form.relations)


def _join(actor: Actor, household: Household, form: forms.JoinForm) -> Any:
    into = homes.households_visible_to(actor).get(pk=form.cleaned_data["into"])
    on = form.cleaned_data["on"]
    return actions.join_households(actor, into=into, household=household, relations=form.relations, on=on)


def _merge(actor: Actor, household: Household, form: forms.MergeHouseholdForm) -> Any:
    other = homes.households_visible_to(actor).get(pk=form.cleaned_data["into"])
    return actions.merge_households(actor, keep=household, drop=other, because=form.cleaned_data["because"])


def _form(actor: Actor, dwelling: Dwelling, form: forms.FormHouseholdForm) -> Any:
    head = form.resident("head")
    assert head is not None
    members = {key: said for key, said in form.relations.items() if said != "none"}
    on = form.cleaned_data["on"]
    return actions.form_household(actor, dwelling=dwelling, head=head, members=members, on=on)


OF_PERSON = (
    Verb(
        "marry",
        "给{who}登记结婚",
        "双方都在册的，两份档案一起改，以前的日子照旧。",
        "登记结婚",
        forms.MarryForm,
        _marry,
    ),
    Verb(
        "divorce",
        "给{who}登记离婚",
        "配偶在册的，两份档案一起改。住处不变，搬走另办迁出。",
        "登记离婚",
        forms.DivorceForm,
        lambda actor, who, form: actions.divorce(actor, resident=who, on=form.cleaned_data["on"]),
    ),
    Verb(
        "widow",
        "给{who}登记丧偶",
        "写配偶去世的日期。配偶在册的，请先为配偶登记去世。",
        "登记丧偶",
        forms.WidowForm,
        lambda actor, who, form: actions.widow(actor, resident=who, on=form.cleaned_data["on"]),
    ),
    Verb(
        "change_class",
        "变更{who}的人口类别",
        "从那一天起按新的类别统计，以前的不变。",
        "变更类别",
        forms.ClassForm,
        _class,
    ),
    Verb(
        "leave",
        "给{who}登记外出",
        "人不住这里了，户口和所在的户还在。回来时办“返回”。",
        "登记外出",
        forms.LeaveForm,
        lambda actor, who, form: actions.leave_for(actor, resident=who, **form.cleaned_data),
    ),
    Verb(
        "come_back",
        "给{who}登记返回",
        "回到户口所在的门牌，还在原来那一户。",
        "登记返回",
        forms.ReturnForm,
        lambda actor, who, form: actions.come_back(actor, resident=who, on=form.cleaned_data["on"]),
    ),
    Verb(
        "register_at",
        "登记{who}的户籍地",
        "户口本上的门牌和住的门牌可以不是一处（人户分离）。",
        "登记户籍地",
        forms.RegisterAtForm,
        lambda actor, who, form: actions.register_at(
            actor, resident=who, dwelling=form.cleaned_data["door"], on=form.cleaned_data["on"]
        ),
    ),
    Verb(
        "name_guardian",
        "给{who}指定监护人",
        "从那一天起由这位监护人代办，以前的监护人到此为止。",
        "指定监护人",
        forms.GuardianForm,
        _guardian,
    ),
)
OF_HOUSEHOLD = (
    Verb(
        "birth",
        "给{who}登记新生儿",
        "还没有证件也能登记，从出生那天起算住在这一户。",
        "登记出生",
        forms.BirthForm,
        _birth,
    ),
    Verb("split", "{who}分户", "分出去的人另立一户；留下的人不变。", "办理分户", forms.SplitForm, _split),
    Verb(
        "change_head",
        "变更{who}的户主",
        "每个人与户主的关系会按新户主重算，算不出来的请您选。",
        "变更户主",
        forms.HeadForm,
        _head,
    ),
    Verb(
        "move",
        "{who}整户迁居",
        "住在这一户的人一起搬，户籍地不变。",
        "办理迁居",
        forms.MoveForm,
        lambda actor, home, form: actions.move_household(
            actor, household=home, dwelling=form.cleaned_data["door"], on=form.cleaned_data["on"]
        ),
    ),
    Verb(
        "join",
        "{who}并入另一户",
        "这一户的人都转到那一户，住到那一户的门牌，这一户随之撤户。",
        "办理并户",
        forms.JoinForm,
        _join,
    ),
    Verb(
        "merge_household",
        "{who}和哪一户是同一户",
        "同一户登记了两次才办：那一户并进来，谁也不搬，以后可以撤销。真的搬到一起，请办并户。",
        "合并重复的户",
        forms.MergeHouseholdForm,
        _merge,
    ),
)


def _arrive(actor: Actor, dwelling: Dwelling, form: ArriveForm) -> Any:
    data, who = form.cleaned_data, form.people["who"]
    household = homes.households_visible_to(actor).filter(pk=parse_uuid(data["household"]) or NOBODY).first()
    home = {"dwelling": dwelling, "household": household, "relation_to_head": data["relation_to_head"]}
    stay = {"from_on": data["on"], "population_class": data["population_class"] or PopulationClass.REGISTERED}
    if who is not None:
        return actions.move_over(actor, resident=who, **home, **stay)
    said = {name: data[name] for name in ("name", "sex", "birth_on")}
    plan = actions.ResidentPlan(
        **said,
        id=data["id"],
        id_number=data["id_number"] or None,
        phone=data["phone"] or None,
        dwelling=dwelling,
        relation_to_head="" if household is None else data["relation_to_head"],
        **stay,
    )
    return actions.register_once(actor, plan, household=household, relation_to_head=data["relation_to_head"])


OF_DOOR = (
    Verb(
        "arrive",
        "{who}来了一位",
        "在册的人从原来的住处迁过来；不在册的，在这里登记。",
        "登记住进来",
        ArriveForm,
        _arrive,
    ),
    Verb("form_household", "{who}立户", "住在这里还没有户的人，立成一户。", "立户", forms.FormHouseholdForm, _form),
)
DONE = {verb.name: f"已{verb.button.removeprefix('办理')}。" for verb in (*OF_PERSON, *OF_HOUSEHOLD, *OF_DOOR)}
DONE |= {
    "merge": "已合并成一份。",
    "split_records": "已分回两份。",
    "merge_household": "已合并成一户。",
    "split_households": "已分回两户。",
}


# Pages


def _household(actor: Actor, household_id: UUID) -> Household:
    row = homes.households_visible_to(actor).filter(pk=household_id).first()
    if row is None:
        raise NotFound("没有找到这一户。可能是网址少了几个字，或这一户不在您的片区。请从房屋页进去找。")
    return row


def _door(actor: Actor, dwelling_id: UUID) -> Dwelling:
    row = homes.doors_of_people_visible_to(actor).filter(pk=dwelling_id).first()
    if row is None:
        raise NotFound("没有找到这套房屋。可能是网址少了几个字，或它不在您的片区。请从楼栋页进去找。")
    return row


def _resident(actor: Actor, resident_id: UUID) -> Resident:
    row = queries.residents_visible_to(actor).filter(pk=resident_id).first()
    if row is None:
        raise NotFound("没有找到这位居民。可能是网址少了几个字，或这位居民不住在您的片区。请在居民清单里再找一次。")
    return row


@require_safe
@desk(Permission.RESIDENTS_SEE)
def household(request: Request, household_id: UUID) -> HttpResponse:
    """One household: who belongs to it and as what, who did, and what happened to it."""
    if survivor := homes.survivor_of(household_id):
        return redirect("residents:household", survivor)
    row = _household(request.actor, household_id)
    home = homes.home_of(row)
    entries = timeline_of(row).order_by("-at", "-id")[:TRAIL_SHOWN]
    context = {
        "home": home,
        "dwelling_id": row.dwelling_id,
        "past": homes.past_members_of(row),
        "trail": [(VERBS.get(entry.verb, entry.verb), entry.at) for entry in entries],
        "verbs": _links(request, _offered(row, len(home.members)), row.pk),
        "merges": likeness.merges_of(row.pk) if request.actor.may(Permission.RESIDENTS_LINK) else [],
        "did": DONE.get(request.GET.get("did", "")),
    }
    return show(request, "residents/desk/household.html", "body", context)


@require_safe
@desk(Permission.RESIDENTS_SEE)
def dwelling(request: Request, dwelling_id: UUID) -> HttpResponse:
    """One door: who lives there, who is only registered there, its households, and who lived there before."""
    row = _door(request.actor, dwelling_id)
    found = homes.behind(row)
    context = {
        "place": place_label(dwelling=row),
        "building": row.entrance.building,
        "behind": found,
        "verbs": _links(request, OF_DOOR if found.alone else OF_DOOR[:1], row.pk),
        "did": DONE.get(request.GET.get("did", "")),
    }
    return show(request, "residents/desk/dwelling.html", "body", context)


def _offered(row: Household, members: int) -> tuple[Verb, ...]:
    """What makes sense of the household: one person neither splits nor changes heads with anybody."""
    if row.dissolved_on is not None or not members:
        return ()
    return tuple(verb for verb in OF_HOUSEHOLD if members > 1 or verb.name not in {"split", "change_head"})


def _links(request: Request, verbs: tuple[Verb, ...], key: UUID) -> list[tuple[str, str]]:
    if not request.actor.may(Permission.RESIDENTS_LINK):
        return []
    return [(verb.button, reverse(f"residents:{verb.name}", args=[key])) for verb in verbs]


# Forms


def _run(
    request: Request, verb: Verb, subject: Subject, who: str, back: tuple[str, str], **more: Any
) -> HttpResponseBase:
    asked = {"actor": request.actor, "subject": subject, "initial": dict(verb.initial), **more}
    form = verb.form(request.POST if request.method == "POST" else None, **asked)
    if request.method == "POST" and form.is_valid():
        try:
            verb.act(request.actor, subject, form)
            return redirect(f"{back[0]}?did={verb.name}")
        except RelationNeeded as problem:
            form.ask_relations(problem.facts["people"])
            form.add_error(None, problem.message)
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    before, _, after = verb.title.partition("{who}")
    context = {"verb": verb, "before": before, "who": who, "after": after, "form": form}
    context |= {"back": back[0], "back_words": back[1]}
    status = Invalid.status if request.method == "POST" else 200
    return render(request, "residents/desk/verb.html", context, status=status)


def of_person(verb: Verb) -> Callable[..., HttpResponseBase]:
    @require_http_methods(["GET", "HEAD", "POST"])
    @desk(Permission.RESIDENTS_LINK)
    def view(request: Request, resident_id: UUID) -> HttpResponseBase:
        row = _resident(request.actor, resident_id)
        name = mask_name(row.name)
        return _run(request, verb, row, name, (reverse("residents:page", args=[row.pk]), name))

    return view


def of_household(verb: Verb) -> Callable[..., HttpResponseBase]:
    @require_http_methods(["GET", "HEAD", "POST"])
    @desk(Permission.RESIDENTS_LINK)
    def view(request: Request, household_id: UUID) -> HttpResponseBase:
        row = _household(request.actor, household_id)
        more: dict[str, Any] = {"members": homes.members_of(row)}
        if issubclass(verb.form, forms.OtherHouseholdForm):
            more |= _others(request, row)
        label = place_label(dwelling=row.dwelling)
        return _run(request, verb, row, label, (reverse("residents:household", args=[row.pk]), "这一户"), **more)

    return view


def _others(request: Request, row: Household) -> dict[str, Any]:
    """The other households behind the door that was written; behind the same one where none was."""
    door = request.POST.get("door", "").strip() or row.dwelling.door
    found = homes.households_visible_to(request.actor).filter(dissolved_on=None).exclude(pk=row.pk)
    held = found.filter(dwelling__door=door)[:8]
    others = {}
    for each in held:
        home = homes.home_of(each)
        others[str(each.pk)] = f"{home.label} {home.head or '没有户主'}等 {len(home.members)} 人"
    return {"others": others, "initial": {"door": door} if others else {}}


def of_door(verb: Verb) -> Callable[..., HttpResponseBase]:
    @require_http_methods(["GET", "HEAD", "POST"])
    @desk(Permission.RESIDENTS_LINK)
    def view(request: Request, dwelling_id: UUID) -> HttpResponseBase:
        row = _door(request.actor, dwelling_id)
        more = {"members": homes.behind(row).alone}
        if verb.form is forms.FormHouseholdForm and request.method != "POST" and not more["members"]:
            return redirect("residents:dwelling", row.pk)  # everybody has a household by now
        label = place_label(dwelling=row)
        return _run(request, verb, row, label, (reverse("residents:dwelling", args=[row.pk]), "房屋"), **more)

    return view
