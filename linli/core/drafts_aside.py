"""What was being sent when the sign-in had run out: set aside in the browser's own session, taken up after signing in again.

Only a page of ours can have something set aside: it carries a signed note of who wrote on it, which form it was and where it stood.
Whoever signs in next takes it up only when she is who wrote it; a shared phone shows nobody another's words.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

from django.core import signing
from django.forms import BaseForm
from django.http import HttpRequest

from . import drafts
from .access import Actor
from .crypto import CannotDecrypt, field_cipher
from .errors import Problem
from .tenancy import current_id, parse_uuid
from .web import Request

FIELD = "draft"
"""The hidden input that carries the note."""
PAGE_FIELD = "draft_page"
OURS = frozenset({FIELD, PAGE_FIELD, "csrfmiddlewaretoken"})
_SALT, _SESSION, _CONTEXT = "linli.draft", "draft", b"session.draft"
_LONGEST = 30 * 24 * 3600


@dataclass(frozen=True)
class Note:
    """Whose form it is, in which community, under which key, and where it stands."""

    account: str
    community: int
    key: str
    path: str


def note_for(request: Request, key: str) -> str:
    """The signed note for a form on this page; "" when nobody is signed in."""
    if request.actor.account_id is None:
        return ""
    # A form that comes back with its errors stands at the address it was sent to; the page it belongs on is in its first note.
    posted = _note_in(request)
    path = posted.path if posted else request.get_full_path()
    return signing.dumps(asdict(Note(str(request.actor.account_id), current_id(), key, path)), salt=_SALT)


def _note_in(request: HttpRequest) -> Note | None:
    try:
        return Note(**signing.loads(request.POST.get(FIELD, ""), salt=_SALT, max_age=_LONGEST))
    except (signing.BadSignature, TypeError):
        return None


def set_aside(request: HttpRequest) -> str:
    """Keep what is being posted until its writer has signed in again; where its form stands, "" for a form that keeps nothing."""
    note = _note_in(request)
    if note is None:
        return ""
    values = {name: given for name, given in drafts.posted(request.POST).items() if name not in OURS}
    text = json.dumps({"note": asdict(note), "values": values}, ensure_ascii=False)
    if values and len(text) <= drafts.MOST_CHARACTERS:  # a page that only asks "send it?" has its answers in the draft
        sealed = field_cipher().encrypt(text.encode(), _CONTEXT)
        request.session[_SESSION] = base64.b64encode(sealed).decode()
    return note.path


def take_up(request: Request, actor: Actor) -> None:
    """Make what was set aside a draft of `actor`'s, if it is hers and of the active community; called where forms are filled."""
    if _SESSION not in request.session or not actor.is_signed_in:
        return
    try:
        held = json.loads(field_cipher().decrypt(base64.b64decode(request.session[_SESSION]), _CONTEXT))
    except (CannotDecrypt, ValueError):
        del request.session[_SESSION]
        return
    note = Note(**held["note"])
    if note.account == str(actor.account_id):
        if note.community != current_id():
            return  # it waits for the community it was written in
        with suppress(Problem):  # what it was about is gone, or no longer hers to see
            drafts.save_draft(actor, key=note.key, values=held["values"])
    del request.session[_SESSION]


# --- what a view does with its kept forms


def bring_back(request: Request, forms: Mapping[str, BaseForm], *, with_photos: bool = False) -> None:
    """Give each form (by key) what its writer had not finished, also what she was sending when she had to sign in."""
    take_up(request, request.actor)
    drafts.fill(request.actor, forms, with_photos=with_photos)


def keep_posted(request: Request, key: str, form: BaseForm) -> None:
    """Keep what was posted, with the photos that could be read (`form.new_photos`): the form comes back, or waits to be checked."""
    values = drafts.posted(request.POST)
    try:
        draft = drafts.save_draft(request.actor, key=key, values=values)
    except Problem:
        return  # the page still shows it all; only too much cannot be kept
    for name, added in getattr(form, "new_photos", {}).items():
        if draft is not None:
            drafts.save_photos(request.actor, draft, purpose=name, added=added, dropped=values.get(f"{name}-drop", ()))
    drafts.fill(request.actor, {key: form}, with_photos=True)


def sent(request: Request, key: str) -> None:
    """The form has arrived: forget its draft, and what its page may still be saving."""
    drafts.forget_draft(request.actor, key=key, page=parse_uuid(request.POST.get(PAGE_FIELD, "")))
