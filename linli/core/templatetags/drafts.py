"""The three tags of a form that is kept: where it stands (`draft_note`), what its start tag says, what goes inside it.

    {% draft_note form %}
    <form method="post" {% draft_keep form %}>{% csrf_token %}{% draft_inside form %}

A form no view has filled (`core.drafts.fill`) is left alone by all three.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BaseForm
from django.template.context import Context
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.html import format_html
from django.utils.safestring import SafeString

from linli.core import drafts_aside

register = template.Library()


@register.simple_tag(takes_context=True)
def draft_keep(context: Context, form: BaseForm) -> SafeString:
    """The attributes a script saves by."""
    kept = getattr(form, "kept", None)
    if kept is None:
        return SafeString("")
    url, who = reverse("draft", args=[kept.key]), _writer(context["request"])
    return format_html('data-keep="{}" data-keep-url="{}" data-keep-who="{}"', kept.key, url, who)


def _writer(request: Any) -> str:
    """A mark by which a tab knows its writer again: on a shared phone nobody is shown another's words."""
    return salted_hmac("linli.draft.writer", str(request.actor.account_id)).hexdigest()[:12]


@register.simple_tag(takes_context=True)
def draft_inside(context: Context, form: BaseForm) -> SafeString:
    """The hidden note by which what is sent after the sign-in ran out comes back to its writer."""
    kept = getattr(form, "kept", None)
    note = drafts_aside.note_for(context["request"], kept.key) if kept else ""
    return (
        format_html('<input type="hidden" name="{}" value="{}">', drafts_aside.FIELD, note) if note else SafeString("")
    )


@register.inclusion_tag("core/parts/draft_note.html", takes_context=True)
def draft_note(context: Context, form: BaseForm) -> dict[str, Any]:
    """Before a form that was brought back: since when it waits, and a way to begin anew."""
    kept = getattr(form, "kept", None)
    shown = kept if kept and kept.is_brought_back else None
    return {
        "kept": shown,
        "url": reverse("draft_forget", args=[shown.key]) if shown else "",
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
    }
