"""The desk: today's list, one matter with its steps, reporting for somebody, the month's table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from linli.core import clock, files, live
from linli.core.access import Permission
from linli.core.drafts import key_of
from linli.core.drafts_aside import bring_back, keep_posted, sent
from linli.core.errors import Conflict, Invalid, NotFound, Problem
from linli.core.guards import desk
from linli.core.tenancy import parse_uuid
from linli.core.web import Request, address_of, keeping, show

from . import actions, queries
from .forms import ChangeKindForm, FeedBackForm, HandlingForm, WordsForm
from .forms_clock import AskForm, DecideForm, PauseForm
from .forms_handovers import SuperviseForm, desk_handovers
from .forms_list import ListForm, month_of, months_back
from .forms_routing import AssignForm
from .models import Ending, Handover, Matter
from .rules import OUTCOME_NAMES, Outcome

PAGE_SIZE = 30
MONTHS_OFFERED = 13
RATINGS = [(5, "5 分，来得快办得好"), (4, "4 分"), (3, "3 分"), (2, "2 分"), (1, "1 分，没起作用")]
COUNTED = frozenset({"open", "mine", "waiting"})  # the boxes `desk_counts` counts


def matter_visible(request: Request, matter_id: UUID, *, is_shown: bool = True) -> Matter:
    """The matter, if the actor may see it; what a page shows around it is loaded only when it `is_shown`."""
    rows = queries.matters_visible_to(request.actor)
    matter = (rows if is_shown else rows.select_related(None)).filter(pk=matter_id).first()
    if matter is None:
        raise NotFound("没有找到这件事。它可能属于别的片区，或网址少了几个字。请在清单里按编号找。")
    return matter


@require_safe
@desk()
def matters(request: Request) -> HttpResponse:
    """Today first: what is open, what is late; filters live in the address."""
    form = ListForm(request.GET)
    wanted = form.wanted
    # The navigation counts too, and must not say another number than the list.
    counts = request.desk_counts = queries.desk_counts(request.actor)  # type: ignore[attr-defined]
    kinds = list(queries.kinds_offered())
    narrowed = [
        *_narrowed(wanted, {kind.code: kind.name for kind in kinds}),
        *queries.places_in_words(wanted),
        *wanted.more_words,
    ]
    paginator = Paginator(queries.desk_list(request.actor, wanted), PAGE_SIZE)
    if not narrowed and wanted.box in COUNTED:
        paginator.count = getattr(counts, wanted.box)  # counted already
    page = paginator.get_page(request.GET.get("page"))
    page_of, accept_of = address_of(request, "matters:desk_matter"), address_of(request, "matters:accept")
    rows = queries.desk_rows(request.actor, page.object_list)
    opened = _opened(request)
    context = {
        "page": page,
        "lines": [
            (
                row,
                page_of(row.matter.id),
                accept_of(row.matter.id),
                str(row.matter.id),
                stamp_of(row.matter),
                _look(row, opened),
            )
            for row in rows
        ],
        "open_id": opened and opened.id,
        "pane": opened and _pane(request, opened),
        "list_url": _without_open(request),
        "wanted": wanted,
        "narrowed": narrowed,
        "counts": counts,
        "kinds": kinds,
        "tabs": [
            ("open", "待办", counts.open),
            ("mine", "我在办", counts.mine),
            ("waiting", "待居民确认", counts.waiting),
            ("all", "全部", None),
        ],
        "may_report": request.actor.may(Permission.MATTERS_REPORT_FOR_OTHERS),
        **live.context_for(request.community_code, live.position()),
    }
    return show(request, "matters/desk/list.html", "list", context)


def _opened(request: Request) -> Matter | None:
    """The matter `?open=` names, beside the list; one that may not be seen is simply not opened."""
    matter_id = parse_uuid(request.GET.get("open", ""))
    return queries.matters_visible_to(request.actor).filter(pk=matter_id).first() if matter_id else None


def _without_open(request: Request) -> str:
    """This list's own address, filters and page kept, nothing opened beside it."""
    query = request.GET.copy()
    query.pop("open", None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _look(row: queries.DeskRow, opened: Matter | None) -> SafeString:
    """The row's classes, worked out here once: a template asks for each of them anew."""
    names = (
        "is-late" if row.is_late and row.matter.is_open else "",
        "may-take" if row.may_accept else "",
        "is-chosen" if opened and opened.pk == row.matter.pk else "",
    )
    return format_html(' class="{}"', " ".join(filter(None, names))) if any(names) else SafeString("")


def stamp_of(matter: Matter) -> str:
    """What of a matter the list shows as changed: a page that has another stamp for the row marks it."""
    return f"{matter.state}.{matter.queue}.{matter.reopened_count}.{str(matter.handler)[-6:]}"


def _narrowed(wanted: queries.DeskFilter, kind_names: dict[str, str]) -> list[str]:
    """The filters in force, in words; empty when the whole box is shown."""
    words = (
        f"{wanted.month:%Y年%-m月}上报" if wanted.month else "",
        kind_names.get(wanted.kind, wanted.kind),
        OUTCOME_NAMES[Outcome(wanted.outcome)] if wanted.outcome else "",
        "超时" if wanted.is_late else "",
        f"“{wanted.words}”" if wanted.words else "",
    )
    return [word for word in words if word]


@require_safe
@desk()
def matter(request: Request, matter_id: UUID) -> HttpResponse:
    """One matter with what may be done about it now."""
    return matter_page(request, matter_visible(request, matter_id))


def _pane(request: Request, row: Matter) -> str:
    """The body of the matter's page, to stand beside the list."""
    return render_to_string("matters/desk/matter.html#body", _context(request, row), request)


def matter_page(request: Request, row: Matter, *, status: int = 200, **forms: Any) -> HttpResponse:
    context = {
        **_context(request, row, **forms),
        **live.context_for(request.community_code, live.position(), kind="matters.matter", subject_id=row.pk),
        **forms,
    }
    return show(request, "matters/desk/matter.html", "body", context, status=status)


def _context(
    request: Request, row: Matter, *, posted_handover: tuple[Handover, str, Form] | None = None, **forms: Any
) -> dict[str, Any]:
    """The page with a form for each step, each with what its writer had begun; those in `forms` have just been posted."""
    page = queries.page_of(request.actor, row)
    steps: dict[str, Form] = {
        "note_form": HandlingForm(prefix="note"),
        "feed_back_form": FeedBackForm(prefix="answer", initial={"ending": Ending.SOLVED}),
        "pass_form": WordsForm(prefix="pass"),
        "refuse_form": WordsForm(prefix="refuse"),
        "call_back_form": WordsForm(prefix="call"),
        "reply_form": WordsForm(prefix="reply"),
    }
    if page.may_handle and row.is_open:
        if queries.may_assign(request.actor):
            steps["assign_form"] = AssignForm(queries.loads(), prefix="assign")
        steps["kind_form"] = ChangeKindForm(prefix="kind", initial={"to": row.kind.code})
    ask = queries.ask_of(request.actor, row) if row.is_open else None
    may_ask = ask is None and queries.may_ask(request.actor, row)
    if may_ask:
        tomorrow = clock.today() + clock.ONE_DAY
        steps["pause_form"] = PauseForm(prefix="pause", initial={"until": tomorrow})
        steps["extend_form"] = AskForm(
            prefix="extend", initial={"until": max(tomorrow, page.until.date() + clock.ONE_DAY)}
        )
    if ask and ask.may_decide:
        steps["decide_form"] = DecideForm(prefix="decide")
    steps |= {name: form for name, form in forms.items() if isinstance(form, Form)}
    if page.may_handle:
        bring_back(
            request,
            {key_of(str(form.prefix), row.pk): form for form in steps.values() if form.prefix != "supervise"},
            with_photos=True,
        )
    has_called = any(each.verb == "whistle.blown" for each in page.steps)
    may_call = request.actor.may(Permission.UNITS_CALL)
    calls = {"calls": queries.calls_of(row) if has_called else [], "may_call": may_call, "ratings": RATINGS}
    may_supervise = request.actor.may(Permission.MATTERS_SUPERVISE)
    steps.setdefault("supervise_form", SuperviseForm(prefix="supervise"))
    return {
        "page": page,
        **calls,
        "ask": ask,
        "may_ask": may_ask,
        "may_supervise": may_supervise,
        "outs": desk_handovers(page.handovers, posted_handover),
        **steps,
    }


@require_POST
@desk(Permission.MATTERS_HANDLE)
def accept(request: Request, matter_id: UUID) -> HttpResponse:
    return _plain_step(request, matter_id, actions.accept_matter)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def put_back(request: Request, matter_id: UUID) -> HttpResponse:
    """Undo taking it, while nothing has been done to it."""
    return _plain_step(request, matter_id, actions.put_back)


def _plain_step(request: Request, matter_id: UUID, act: Callable[..., Matter]) -> HttpResponse:
    """A step that takes no words; where a colleague was first, the page says who and what."""
    row = matter_visible(request, matter_id, is_shown=False)
    try:
        act(request.actor, matter=row)
    except Conflict as problem:
        return matter_conflict(request, matter_id, problem)
    return redirect("matters:desk_matter", matter_id)


def matter_conflict(request: Request, matter_id: UUID, problem: Problem, words: str = "", **forms: Any) -> HttpResponse:
    """The matter as it is now, what the colleague did to it, and what the reader wrote herself, which is not lost."""
    row = matter_visible(request, matter_id)
    steps = queries.page_of(request.actor, row).steps
    shown = {"message": problem.message, "step": steps[-1] if steps else None, "mine": words}
    return matter_page(request, row, status=problem.status, conflict=shown, **forms)


def _step(
    request: Request, matter_id: UUID, form: Form, name: str, act: Callable[[Matter, dict[str, Any]], Any]
) -> HttpResponse:
    """Run one step from its form; what the step refuses at a field stands at that field, with everything typed kept."""
    row = matter_visible(request, matter_id, is_shown=False)
    key = key_of(str(form.prefix), row.pk)
    bring_back(request, {key: form}, with_photos=True)
    if form.is_valid():
        try:
            act(row, form.cleaned_data)
            sent(request, key)
            return redirect("matters:desk_matter", matter_id)
        except Invalid as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        except Conflict as problem:
            keep_posted(request, key, form)
            return keeping(
                matter_conflict(
                    request, matter_id, problem, form.cleaned_data["words"], **{name: form, "open_form": name}
                )
            )
    keep_posted(request, key, form)
    return keeping(
        matter_page(request, matter_visible(request, matter_id), status=422, **{name: form, "open_form": name})
    )


@require_POST
@desk(Permission.MATTERS_HANDLE)
def pass_on(request: Request, matter_id: UUID) -> HttpResponse:
    def act(row: Matter, data: dict[str, Any]) -> None:
        actions.pass_to_back_office(request.actor, matter=row, reason=data["words"])

    response = _step(request, matter_id, WordsForm(request.POST, prefix="pass"), "pass_form", act)
    if response.status_code != 302:
        return response
    # A specialist may no longer see what the back office now has; the list is where she goes on.
    if request.headers.get("HX-Request") != "true":
        return redirect("matters:desk_list")
    if "/matters/" in request.headers.get("HX-Current-URL", ""):
        return HttpResponse(status=200, headers={"HX-Redirect": reverse("matters:desk_list")})
    return render(request, "matters/desk/passed.html")


@require_POST
@desk(Permission.MATTERS_SEE_ALL)
def assign(request: Request, matter_id: UUID) -> HttpResponse:
    form = AssignForm(queries.loads(), request.POST, prefix="assign")

    def act(row: Matter, data: dict[str, Any]) -> None:
        actions.assign_matter(request.actor, matter=row, to=UUID(data["to"]), words=data["words"])

    return _step(request, matter_id, form, "assign_form", act)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def change_kind(request: Request, matter_id: UUID) -> HttpResponse:
    form = ChangeKindForm(request.POST, prefix="kind")

    def act(row: Matter, data: dict[str, Any]) -> None:
        actions.change_kind(request.actor, matter=row, kind=form.tree.by_code[data["to"]], words=data["words"])

    return _step(request, matter_id, form, "kind_form", act)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def refuse(request: Request, matter_id: UUID) -> HttpResponse:
    def act(row: Matter, data: dict[str, Any]) -> None:
        actions.refuse_matter(request.actor, matter=row, reason=data["words"])

    return _step(request, matter_id, WordsForm(request.POST, prefix="refuse"), "refuse_form", act)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def note(request: Request, matter_id: UUID) -> HttpResponse:
    form = HandlingForm(request.POST, request.FILES, prefix="note")

    def act(row: Matter, data: dict[str, Any]) -> None:
        before, after = form.photos_in("before"), form.photos_in("after")
        actions.note_handling(request.actor, matter=row, words=data["words"], before=before, after=after)

    return _step(request, matter_id, form, "note_form", act)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def feed_back(request: Request, matter_id: UUID) -> HttpResponse:
    form = FeedBackForm(request.POST, request.FILES, prefix="answer")

    def act(row: Matter, data: dict[str, Any]) -> None:
        actions.feed_back(
            request.actor,
            matter=row,
            ending=Ending(data["ending"]),
            words=data["words"],
            before=form.photos_in("before"),
            after=form.photos_in("after"),
        )

    return _step(request, matter_id, form, "feed_back_form", act)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def call_back(request: Request, matter_id: UUID) -> HttpResponse:
    def act(row: Matter, data: dict[str, Any]) -> None:
        actions.close_by_call_back(request.actor, matter=row, words=data["words"])

    return _step(request, matter_id, WordsForm(request.POST, prefix="call"), "call_back_form", act)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def contact(request: Request, matter_id: UUID) -> HttpResponse:
    """The phone number to call, shown once; the trail says who looked."""
    row = matter_visible(request, matter_id)
    phone = actions.reveal_contact(request.actor, matter=row)
    return matter_page(request, row, phone=phone, has_revealed=True)


@require_safe
@desk(Permission.FIGURES_SEE)
def month(request: Request) -> HttpResponse:
    """The month's table; every figure opens the list it counts."""
    today = clock.today()
    wanted = month_of(request.GET.get("month", "")) or today.replace(day=1)
    tables: list[Any] = list(queries.month_tables_visible_to(request.actor).filter(month=wanted)[:5])
    for table in tables:
        table.file = next(iter(files.files_of(table)), None)
    figures = queries.month_figures(wanted)
    context = {
        "figures": figures,
        "lines": list(zip(figures.codes, figures.rows, strict=True)),
        "months": months_back(today, MONTHS_OFFERED),
        "tables": tables,
        "outcomes": [(outcome, OUTCOME_NAMES[outcome]) for outcome in Outcome],
        "may_export": request.actor.may(Permission.FIGURES_EXPORT),
        **live.context_for(request.community_code, live.position()),
    }
    return show(request, "matters/desk/month.html", "tables", context)


@require_POST
@desk(Permission.FIGURES_EXPORT)
def ask_month_table(request: Request) -> HttpResponse:
    wanted = month_of(request.POST.get("month", "")) or clock.today().replace(day=1)
    actions.ask_for_month_table(request.actor, month=wanted)
    response = redirect("matters:month")
    response["Location"] += f"?month={wanted:%Y-%m}"
    return response
