"""The tags pages are written with: icons, states, deadlines, fields. Built in (settings), so no template loads them.

Nothing here decides anything: a tag turns a value that a query answered into words and shapes. No tag writes a
style attribute or a script, because the Content-Security-Policy refuses both.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select, Textarea, Widget
from django.http import QueryDict
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from linli.core import clock as core_clock
from linli.core import ui

register = template.Library()

SPRITE = "linli/icons.svg"
SPRITE_FILE = Path(__file__).resolve().parent.parent / "static" / SPRITE
TONE_ICONS = {"": "info", "wait": "clock", "doing": "sync", "late": "late", "alarm": "bell", "done": "check"}
SOON_PERCENT = 70  # a deadline that has used this much of its time is shown as soon
WEEKDAYS = "一二三四五六日"


@cache
def icon_names() -> frozenset[str]:
    """Every icon the sprite holds."""
    return frozenset(re.findall(r'id="i-([a-z0-9-]+)"', SPRITE_FILE.read_text(encoding="utf-8")))


@register.simple_tag
@cache  # a list shows the same few icons a hundred times
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An icon of the sprite; `size` is "", "s" (beside text) or "l". With a `label` it is read aloud.

    Raises KeyError for a name the sprite lacks, except in production, where a page matters more than its icon.
    """
    if name not in icon_names() and settings.IS_DEMO:
        raise KeyError(f"no icon {name!r} in the sprite")
    said = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    more = f" icon--{size}" if size else ""
    return format_html('<svg class="icon{}" {}><use href="{}#i-{}"/></svg>', more, said, static(SPRITE), name)


@register.simple_tag
@lru_cache(512)  # the words and tones of states, a few dozen in all
def chip(label: str, tone: str = "", name: str = "") -> SafeString:
    """A state: a word and a shape. `tone` is "", wait, doing, late, alarm or done; `name` replaces the tone's icon."""
    more = f" chip--{tone}" if tone else ""
    return format_html('<span class="chip{}">{}{}</span>', more, icon(name or TONE_ICONS[tone]), label)


@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """A disc with the last character of a name; `size` is "", "s" or "l". Decoration: the name stands beside it."""
    more = f" avatar--{size}" if size else ""
    return format_html('<span class="avatar{}" aria-hidden="true">{}</span>', more, name[-1:] or "?")


@register.simple_tag
def clock(words: str, part: float = 0, tone: str = "") -> SafeString:
    """A dial burnt down by `part` (0 to 100) with its words. `tone` is "", soon, late or done."""
    burnt = max(0, min(100, round(part)))
    return format_html(
        '<span class="clock{}"><svg class="clock__dial" viewBox="0 0 20 20" aria-hidden="true">'
        '<circle cx="10" cy="10" r="8"/><circle cx="10" cy="10" r="8" pathLength="100" stroke-dasharray="{} 100"/>'
        "</svg>{}</span>",
        f" clock--{tone}" if tone else "",
        burnt,
        words,
    )


@register.simple_tag
def deadline(due_at: datetime | None, since: datetime | None = None, done: bool = False) -> SafeString:
    """The clock of something due at `due_at` that has been running since `since`; "" when nothing is due."""
    if due_at is None:
        return SafeString("")
    if done:
        return clock("已办", 100, "done")
    now = core_clock.now()
    left = due_at - now
    if left <= timedelta(0):
        return clock(f"超时 {spell(-left)}", 100, "late")
    whole = (due_at - since) if since and since < due_at else None
    part = 100 * (1 - left / whole) if whole else 0
    tone = "soon" if part >= SOON_PERCENT else ""
    return clock(f"还剩 {spell(left)}" if left < timedelta(hours=1) or tone else f"{_until(due_at)}前", part, tone)


def spell(span: timedelta) -> str:
    """A span in its largest fitting unit: 12 分, 3 小时, 2 天. Begun minutes count whole, begun hours do not."""
    minutes = max(1, math.ceil(span.total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} 分"
    return f"{minutes // 60} 小时" if minutes < 24 * 60 else f"{minutes // (24 * 60)} 天"


def _until(moment: datetime) -> str:
    there = moment.astimezone(core_clock.SHANGHAI)
    return f"{there:%H:%M} " if there.date() == core_clock.today() else day(there.date(), with_weekday=False)


@register.filter
def when(value: datetime | date | None) -> str:
    """A moment as one says it: 今天 15:20, 昨天 10:04, 11月20日 10:32, with another year's number; "" for None."""
    if value is None:
        return ""
    if not isinstance(value, datetime):
        return day(value, with_weekday=False)
    there = value.astimezone(core_clock.SHANGHAI)
    return f"{_near(there.date()) or day(there.date(), with_weekday=False)} {there:%H:%M}"


@register.filter(name="day")
def day_filter(value: date | None) -> str:
    """A date with its weekday: 11月20日 星期五."""
    return "" if value is None else day(value)


def day(value: date, *, with_weekday: bool = True) -> str:
    """`value` as 11月20日, with the year when it is not this one."""
    if isinstance(value, datetime):
        value = value.astimezone(core_clock.SHANGHAI).date()
    year = "" if value.year == core_clock.today().year else f"{value.year}年"
    return f"{year}{value.month}月{value.day}日" + (f" 星期{WEEKDAYS[value.weekday()]}" if with_weekday else "")


def _near(value: date) -> str:
    return {0: "今天", 1: "昨天", -1: "明天"}.get((core_clock.today() - value).days, "")


@register.filter
def tel(number: str) -> str:
    """A phone number as a link takes it: digits and a leading plus only."""
    return re.sub(r"(?!^\+)[^0-9]", "", number)


@register.simple_tag(takes_context=True)
def duty_phone(context: Context) -> str:
    """The phone somebody answers, also on pages rendered without context processors; "" when nobody has set one."""
    return context.get("duty_phone") or ui.duty_phone_of(context.get("here"))


@register.simple_tag(takes_context=True)
def nav_items(context: Context) -> list[ui.NavItem]:
    """The context's `nav` with the item one is in marked; [] without one."""
    request = context.get("request")
    return ui.mark_current(context.get("nav") or (), request.path if request else "")


@register.inclusion_tag("core/parts/back.html")
def back(url: str, words: str) -> dict[str, Any]:
    """The start of an inner page's bar: an arrow to `url` and where one is."""
    return {"url": url, "words": words}


@register.inclusion_tag("core/parts/trail_item.html")
def trail_item(
    what: str, when: str = "", more: str = "", tone: str = "", photos: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """One entry of `<ol class="trail">`. `tone` is "", now, late or next; a photo has url, alt and words."""
    return {"what": what, "when": when, "more": more, "tone": tone, "photos": photos}


@register.inclusion_tag("core/parts/empty.html")
def empty(title: str, words: str = "", url: str = "", action: str = "", art: str = "houses") -> dict[str, Any]:
    """What a list shows when there is nothing: what it is for, and one thing to do.

    `art` is a drawing by its mood: houses (nothing here yet), moored (all is done), search (nothing found), letter
    (nothing came), gate (not for you); one file each in core/parts/drawings.
    """
    return {"title": title, "words": words, "url": url, "action": action, "art": f"core/parts/drawings/{art}.html"}


@register.simple_tag
def progress(part: float, words: str, rest: float = 0) -> SafeString:
    """A bar filled to `part` percent, `rest` more in the colour of what is still asked; `words` are read aloud."""
    done = max(0, min(100, round(part, 1)))
    asked = max(0, min(100 - done, round(rest, 1)))
    more = format_html('<rect x="{}" width="{}" height="1"/>', done, asked) if asked else ""
    return format_html(
        '<svg class="progress" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect width="{}" height="1"/>{}</svg>',
        words,
        done,
        more,
    )


@register.inclusion_tag("core/parts/steps.html")
def steps(*names: str, at: int = 1) -> dict[str, Any]:
    """Where one is in a form of several pages: the names in order, `at` counted from 1."""
    return {"names": names, "at": at, "name": names[at - 1]}


@register.inclusion_tag("core/parts/skeleton.html")
def skeleton(lines: int = 3) -> dict[str, Any]:
    """The place of a part that is still coming; the last line is shorter."""
    return {"lines": range(lines)}


@register.inclusion_tag("core/parts/toast.html", takes_context=True)
def toast(context: Context, words: str, undo: str = "", action: str = "撤回") -> dict[str, Any]:
    """What went well, and for ten seconds the way back: `undo` is the address that a button posts to."""
    return {"words": words, "undo": undo, "action": action, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("core/parts/conflict.html")
def conflict(fields: Sequence[Mapping[str, str]], who: str, when: str) -> dict[str, Any]:
    """Two versions of one form, side by side: each field has name, label, theirs and mine, and one of them is chosen.

    Stands in a form; posts `name` as "theirs" or "mine". Mine is chosen at first: nothing typed is dropped unasked.
    """
    return {"fields": fields, "who": who, "when": when}


@register.inclusion_tag("core/parts/pages.html", takes_context=True)
def pages(context: Context, page: Page[Any], unit: str = "件") -> dict[str, Any]:
    """Where one is in a long list, with links that keep the rest of the address (`page` is the parameter)."""
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    steps: list[tuple[int | None, str]] = []
    for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1):
        if isinstance(number, int):
            query["page"] = str(number)
            steps.append((number, query.urlencode()))
        else:
            steps.append((None, ""))
    hrefs = {number: href for number, href in steps if number}
    around = {"before": hrefs.get(page.number - 1), "after": hrefs.get(page.number + 1)}
    return {"page": page, "unit": unit, "steps": steps, **around}


@register.inclusion_tag("core/parts/field.html")
def field(
    bound: BoundField,
    help: str = "",
    aside: str = "",
    icons: Mapping[str, str] | None = None,
    max_photos: int = 6,
    fill: bool = False,
    stepper: bool = False,
) -> dict[str, Any]:
    """Label, hint, error and input of one form field, tied together for a screen reader.

    `aside` stands small beside the label (an optional field says 可不填 by itself, unless its hint does); `icons` maps
    a choice's value to an icon; `fill` lets choices share the width. A file input takes up to `max_photos` pictures.
    With `stepper` a small number gets a button to each side.
    """
    widget = bound.field.widget
    kind, shown_help = "stepper" if stepper else _kind(widget), help or bound.help_text
    attrs: dict[str, Any] = {"class": " ".join(filter(None, [widget.attrs.get("class"), _css_class(kind)]))}
    described = [f"{bound.auto_id}_helptext"] * bool(shown_help) + [f"{bound.auto_id}_error"] * bool(bound.errors)
    if described and kind != "choices":
        attrs["aria-describedby"] = " ".join(described)
    if kind == "photos":
        attrs.setdefault("accept", widget.attrs.get("accept", "image/*"))
    if kind == "area":
        # Ten rows are Django's default, not somebody's wish.
        attrs["rows"] = 4 if str(widget.attrs.get("rows")) == "10" else widget.attrs["rows"]
    is_free = not bound.field.required and kind != "check" and "不" not in shown_help
    optional = ("可不拍" if kind == "photos" else "可不填") if is_free else ""
    return {
        "bound": bound,
        "kind": kind,
        "help": shown_help,
        "described": " ".join(described),
        "aside": aside or optional,
        "max_photos": max_photos,
        "kept": bound.form.kept_photos(bound.name) if hasattr(bound.form, "kept_photos") else [],  # by its draft
        "fill": fill,
        "input": "" if kind == "choices" else bound.as_widget(attrs=attrs),
        "choices": _choices(bound, icons or {}) if kind == "choices" else [],
    }


def _kind(widget: Widget) -> str:
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, FileInput):
        return "photos"
    if isinstance(widget, CheckboxInput):
        return "check"
    if isinstance(widget, Select):
        return "select"
    return "area" if isinstance(widget, Textarea) else "plain"


def _css_class(kind: str) -> str:
    return {"photos": "photos__input", "check": "", "hidden": "", "stepper": "stepper__number"}.get(kind, "input")


def _choices(bound: BoundField, icons: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"tag": option.tag(), "label": option.choice_label, "icon": icons.get(str(option.data["value"]), "")}
        for option in bound.subwidgets
        if option.choice_label
    ]


@register.inclusion_tag("core/parts/errors.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """Everything wrong with `form`, in the words that stand at the fields, each a link to its field."""
    found = [("", message) for message in form.non_field_errors()]
    for bound in form:
        first = f"{bound.auto_id}_0" if _kind(bound.field.widget) == "choices" else bound.auto_id
        found += [("" if bound.is_hidden else first, message) for message in bound.errors]
    return {"found": found}
