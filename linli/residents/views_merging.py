"""Like records: looked at side by side, told apart or made one; and a merge taken back."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.access import Permission
from linli.core.errors import Invalid, NotFound, Problem
from linli.core.guards import desk
from linli.core.masking import mask_name
from linli.core.web import Request, show

from . import actions, homes, likeness, queries
from .models import LikenessVerdict, Merge, Resident


class VerdictForm(forms.Form):
    says = forms.ChoiceField(choices=LikenessVerdict.Says.choices)


class MergeForm(forms.Form):
    """Which record stays, and from which one the fields come where both say something else."""

    keep = forms.ChoiceField(
        label="保留哪一份",
        widget=forms.RadioSelect,
        choices=[("first", "第一份"), ("second", "第二份")],
        initial="first",
        help_text="编号和网址用保留的那一份，另一份并进来。两份的经过都留着，不会少。",
    )

    def __init__(self, *args: object, sides: list[likeness.Side], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.differing = [side for side in sides if side.differs]
        for side in self.differing:
            self.fields[side.name] = forms.ChoiceField(
                label=f"{side.label}用哪一份的",
                widget=forms.RadioSelect,
                choices=[("first", f"{side.first}（第一份）"), ("second", f"{side.second}（第二份）")],
                initial="first",
            )

    def taken(self, keep: str) -> list[str]:
        """The fields that come from the record that does not stay."""
        return [side.name for side in self.differing if self.cleaned_data[side.name] != keep]


@require_safe
@desk(Permission.RESIDENTS_LINK)
def likely(request: Request) -> HttpResponse:
    """Pairs of records that may be of one person, the surest first."""
    pairs = likeness.likely_pairs(request.actor)
    return show(request, "residents/desk/likely.html", "list", {"pairs": pairs, "most": likeness.MOST})


def _pair(request: Request, first: UUID, second: UUID) -> tuple[Resident, Resident]:
    held = {row.pk: row for row in queries.residents_visible_to(request.actor).filter(pk__in=[first, second])}
    if len(held) < 2:
        raise NotFound("没有找到这两份档案。可能已经合并，或有一位不住在您的片区。请回到“疑似重复”看看。")
    return held[first], held[second]


@require_POST
@desk(Permission.RESIDENTS_LINK)
def verdict(request: Request, first: UUID, second: UUID) -> HttpResponse:
    """Two people, or later."""
    one, other = _pair(request, first, second)
    form = VerdictForm(request.POST)
    if form.is_valid():
        actions.give_verdict(request.actor, one=one, other=other, says=form.cleaned_data["says"])
    return redirect("residents:likely")


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.RESIDENTS_LINK)
def merge(request: Request, first: UUID, second: UUID) -> HttpResponseBase:
    """Side by side: what each says, which stays, and what is taken from the other."""
    one, other = _pair(request, first, second)
    sides = likeness.sides_of(one, other)
    form = MergeForm(request.POST if request.method == "POST" else None, sides=sides)
    if request.method == "POST" and form.is_valid():
        side = form.cleaned_data["keep"]
        keep, drop = (one, other) if side == "first" else (other, one)
        try:
            actions.merge_residents(request.actor, keep=keep, drop=drop, take=form.taken(side))
            return redirect(f"{reverse('residents:page', args=[keep.pk])}?did=merge")
        except Problem as problem:
            form.add_error(None, problem.message)
    context = {
        "form": form,
        "sides": sides,
        "name": mask_name(one.name),
        "first": queries.card_of(one),
        "second": queries.card_of(other),
        "homes": (queries.residences_of(one)[:3], queries.residences_of(other)[:3]),
    }
    status = Invalid.status if request.method == "POST" else 200
    return render(request, "residents/desk/merge.html", context, status=status)


@require_POST
@desk(Permission.RESIDENTS_LINK)
def split(request: Request, merge_id: UUID) -> HttpResponseBase:
    """Two people after all; what was changed since stays where it is and is named."""
    row = Merge.objects.filter(pk=merge_id).first()
    of_people = row is not None and row.kind == Merge.Kind.RESIDENT
    may_see = queries.may_see_resident if of_people else homes.may_see_household
    if row is None or not may_see(request.actor, row.kept):
        raise NotFound("没有找到这次合并。可能已经撤销，请打开原来的档案看看。")
    split_again = actions.split_residents if of_people else actions.split_households
    told = split_again(request.actor, merge=row)
    page, did = ("residents:page", "split_records") if of_people else ("residents:household", "split_households")
    if not told.left:
        return redirect(f"{reverse(page, args=[row.kept])}?did={did}")
    context = {
        "left": told.left,
        "kept_url": reverse(page, args=[row.kept]),
        "dropped_url": reverse(page, args=[row.dropped]),
        "back_words": "居民" if of_people else "这一户",
        "unit": "份" if of_people else "户",
    }
    return render(request, "residents/desk/split.html", context)
