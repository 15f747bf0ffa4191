"""The ways in, at the desk: codes to print, the hotline's sheets."""

from __future__ import annotations

from uuid import UUID

import segno
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.access import Permission
from linli.core.errors import NotFound, Problem
from linli.core.guards import desk
from linli.core.tenancy import parse_uuid
from linli.core.web import Request

from . import actions, queries
from .forms import SheetForm, StickerForm
from .models import Sticker

PAGE_SIZE = 20
PRINTS_MOST = 60


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.STICKERS_KEEP)
def stickers(request: Request) -> HttpResponse:
    """The codes in use, and the form for the next."""
    form = StickerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.put_up_sticker(
                request.actor, label=data["label"], spot=data["where"], kind=form.kinds.get(data["kind"])
            )
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        else:
            return redirect(f"{reverse('intake:prints')}?id={made.pk}")
    page = Paginator(queries.stickers_visible_to(request.actor), PAGE_SIZE).get_page(request.GET.get("page"))
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "intake/desk/stickers.html", {"form": form, "page": page}, status=status)


@require_safe
@desk(Permission.STICKERS_KEEP)
def prints(request: Request) -> HttpResponse:
    """Codes on paper: those named by `id`, else all in use, at most PRINTS_MOST."""
    rows = queries.stickers_visible_to(request.actor)
    if wanted := [found for text in request.GET.getlist("id") if (found := parse_uuid(text))]:
        rows = rows.filter(pk__in=wanted)
    labels = [(row, _code(_address(request, row))) for row in rows[:PRINTS_MOST]]
    return render(request, "intake/desk/prints.html", {"labels": labels})


@require_POST
@desk(Permission.STICKERS_KEEP)
def take_down(request: Request, sticker_id: UUID) -> HttpResponse:
    row = queries.stickers_visible_to(request.actor).filter(pk=sticker_id).first()
    if row is None:
        raise NotFound("没有找到这张贴码，可能已经停用了。请回到“贴码”看看。")
    actions.take_down_sticker(request.actor, sticker=row)
    return redirect("intake:stickers")


def _address(request: HttpRequest, row: Sticker) -> str:
    return request.build_absolute_uri(reverse("intake:scanned", args=[row.token]))


def _code(address: str) -> SafeString:
    """A QR code as SVG; level Q, because a print in a stairwell is scratched."""
    code = segno.make(address, error="q", micro=False)
    return mark_safe(code.svg_inline(omitsize=True, border=2, light="#fff", svgclass="label__code", lineclass=None))  # noqa: S308  # our own


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.HOTLINE_TAKE)
def hotline(request: Request) -> HttpResponse:
    """The sheets so far, and the box for the next."""
    form = SheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = actions.take_in_sheet(request.actor, content=file.read(), name=file.name)
        except Problem as problem:
            form.add_error("file", problem.message)
        else:
            return redirect("intake:sheet", made.pk)
    page = Paginator(queries.sheets_visible_to(request.actor), PAGE_SIZE).get_page(request.GET.get("page"))
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "intake/desk/hotline.html", {"form": form, "page": page}, status=status)


@require_safe
@desk(Permission.HOTLINE_TAKE)
def sheet(request: Request, sheet_id: UUID) -> HttpResponse:
    """What became of one sheet: the matters made, the rows that were no orders."""
    row = queries.sheets_visible_to(request.actor).filter(pk=sheet_id).first()
    if row is None:
        raise NotFound("没有找到这张工单表。请回到“12345 工单”看看。")
    page = Paginator(queries.orders_of(row), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "intake/desk/sheet.html", {"sheet": row, "page": page})
