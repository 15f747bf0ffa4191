"""Drafts: what somebody is writing is kept on the server, so that a dead battery, a sign-out or another phone loses at most five seconds.

An app says once which fields of a form are kept (`let_keep`, in its apps.py); nothing else ever is, so a password or a code cannot be.
A view fills its forms (`fill`) and forgets the draft when the form is sent (`forget_draft`); templates and app.js do the rest. Saving a
draft is no deed: it changes nothing anybody else can see, so it leaves no trail.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.forms import BaseForm, Field
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, FileInput, PasswordInput
from django.utils.datastructures import MultiValueDict

from . import clock, files, subjects
from .access import Actor
from .errors import Invalid, NotAllowed, NotFound
from .models import Draft, StoredFile
from .tenancy import parse_uuid
from .trail import kind_of
from .uploads import CleanFile

MOST_CHARACTERS = 20_000
MOST_DRAFTS = 60
"""Of one account in one community; the oldest make room."""
KEPT_FOR = timedelta(days=30)

Values = Mapping[str, list[str]]
Photos = list[tuple[str, CleanFile]]


class DraftTooLong(Invalid):
    status: ClassVar[int] = 413
    code, message = "draft.too_long", "写得太长，草稿存不下了。请先提交这一部分，其余的再报一件。"


@dataclass(frozen=True)
class Keeping:
    """Which fields of a form are kept; with `starts` also those whose names begin so, for a form's questions may be data.

    With `about`, each row of that kind has a draft of its own: `note-<id>`."""

    name: str
    fields: frozenset[str]
    about: str = ""
    starts: str = ""

    def keeps(self, name: str) -> bool:
        return name in self.fields or bool(self.starts and name.startswith(self.starts))


_kept_forms: dict[str, Keeping] = {}


def let_keep(name: str, fields: Collection[str], *, about: str = "", starts: str = "") -> None:
    """Keep the inputs called `fields` of the form `name`, and those that begin with `starts`.

    `about` is a subject kind that `core.subjects` knows."""
    _kept_forms[name] = Keeping(name, frozenset(fields), about, starts)


def inputs_of(form: type[BaseForm], prefix: str = "") -> frozenset[str]:
    """The input names of a form class that may be kept: all but files and passwords."""
    start = f"{prefix}-" if prefix else ""
    fields: dict[str, Field] = form.base_fields  # type: ignore[attr-defined]
    return frozenset(
        start + name for name, each in fields.items() if not isinstance(each.widget, FileInput | PasswordInput)
    )


def key_of(name: str, subject_id: UUID | None = None) -> str:
    """The key of a form's draft: `report`, or `note-<id of the row it is about>`."""
    return f"{name}-{subject_id}" if subject_id else name


def keeping_of(actor: Actor, key: str) -> Keeping:
    """What is kept under `key`, for whoever may see the row it is about.

    Raises:
        NotFound: no app keeps such a form, or the row is not the actor's to see.
    """
    if key in _kept_forms and not _kept_forms[key].about:
        return _kept_forms[key]
    name, _, rest = key.partition("-")
    keeping, subject_id = _kept_forms.get(name), parse_uuid(rest)
    if keeping is None or not keeping.about or subject_id is None:
        raise NotFound()
    if not subjects.may_see(actor, keeping.about, subject_id):
        raise NotFound()
    return keeping


@transaction.atomic
def save_draft(actor: Actor, *, key: str, values: Values, page: UUID | None = None) -> Draft | None:
    """Keep `values` as the actor's draft of the form `key`; the last one wins, from whichever phone.

    `page` is one rendering of the form in one tab. None when that page, or a later one of the same browser, has sent the form
    already: a saving that was still on its way must not bring back what has arrived.

    Raises:
        NotAllowed: nobody is signed in.
        NotFound: nothing is kept under `key`, or it is about something the actor may not see.
        DraftTooLong: more than MOST_CHARACTERS.
    """
    account_id = _account_of(actor)
    keeping = keeping_of(actor, key)
    kept = {name: list(given) for name, given in values.items() if keeping.keeps(name)}
    text = json.dumps(kept, ensure_ascii=False)
    if len(text) > MOST_CHARACTERS:
        raise DraftTooLong()
    draft, is_new = Draft.objects.select_for_update().get_or_create(
        account=account_id, form=key, defaults={"values": text, "saved_at": clock.now()}
    )
    if is_new:
        _make_room(account_id)
        return draft
    if page is not None and draft.sent_page is not None and _is_no_later(page, draft.sent_page):
        return None
    draft.values, draft.saved_at = text, clock.now()
    draft.save(update_fields=["values", "saved_at"])
    return draft


BROWSER = (1 << 48) - 1
"""A page's id is a UUIDv7 whose last 48 bits are the browser's own (drafts.js), so that its pages stand in an order."""


def _is_no_later(page: UUID, sent: UUID) -> bool:
    """Whether `page` is the one that was sent, or one the same browser had shown before it. Of two browsers nobody knows."""
    if page == sent:
        return True
    is_ordered = page.version == sent.version == 7 and page.int & BROWSER == sent.int & BROWSER
    return is_ordered and page.int >> 80 <= sent.int >> 80


def _account_of(actor: Actor) -> UUID:
    if actor.account_id is None:
        raise NotAllowed("请先登录。您写的还留在这一页。")
    return actor.account_id


def _make_room(account_id: UUID) -> None:
    newest_first = Draft.objects.filter(account=account_id).order_by("-saved_at", "-id")
    _drop(newest_first[MOST_DRAFTS:])


@transaction.atomic
def forget_draft(actor: Actor, *, key: str, page: UUID | None = None) -> None:
    """The form `key` has been sent, or is to be begun anew: its draft and its photos are gone. `page` as in `save_draft`."""
    if actor.account_id is None:
        return
    rows = Draft.objects.select_for_update()
    if page is None:
        draft = rows.filter(account=actor.account_id, form=key).first()
        if draft is None:
            return
    else:  # the page is remembered even where nothing was kept yet: its first saving may still be on its way
        draft, _ = rows.get_or_create(account=actor.account_id, form=key, defaults={"saved_at": clock.now()})
    files.drop(files.files_of(draft))
    if page is not None and draft.sent_page is not None and _is_no_later(page, draft.sent_page):
        page = draft.sent_page
    draft.values, draft.sent_page, draft.saved_at = None, page, clock.now()
    draft.save()


def _drop(drafts: Iterable[Draft]) -> int:
    gone = list(drafts)
    for draft in gone:
        files.drop(files.files_of(draft))
        draft.delete()
    return len(gone)


def forget_old() -> int:
    """Drop the active community's drafts that nobody has touched for KEPT_FOR; how many."""
    return _drop(Draft.objects.filter(saved_at__lt=clock.now() - KEPT_FOR))


def values_of(draft: Draft | None) -> dict[str, list[str]]:
    """What is written in `draft`, by input name; empty without one."""
    kept: dict[str, list[str]] = json.loads(draft.values) if draft is not None and draft.values else {}
    return kept


def drafts_of(actor: Actor, keys: Iterable[str]) -> dict[str, Draft]:
    """The actor's drafts that hold something, by key: one query, however many forms a page has."""
    if actor.account_id is None:
        return {}
    rows = Draft.objects.filter(account=actor.account_id, form__in=list(keys)).filter(Q(values__isnull=False))
    return {row.form: row for row in rows}


def as_data(values: Values) -> MultiValueDict[str, str]:
    """Kept values as a form takes what was posted."""
    return MultiValueDict({name: list(given) for name, given in values.items()})


def posted(data: Any) -> dict[str, list[str]]:
    """What a QueryDict holds, as `save_draft` takes it."""
    return {name: data.getlist(name) for name in data}


# --- forms


@dataclass
class Kept:
    """What a form knows of its draft; templates read it as `form.kept`."""

    key: str
    draft: Draft | None = None
    photos: list[StoredFile] = field(default_factory=list)
    is_brought_back: bool = False


def fill(actor: Actor, forms: Mapping[str, BaseForm], *, with_photos: bool = False) -> None:
    """Give each form (by key) its draft: what is typed nowhere yet begins with what was kept. Posted forms keep what was posted."""
    drafts = drafts_of(actor, forms)
    for key, form in forms.items():
        draft = drafts.get(key)
        kept = form.kept = Kept(key, draft)  # type: ignore[attr-defined]
        if draft is None:
            continue
        if with_photos:
            kept.photos = files.files_of(draft)
        if not form.is_bound:
            kept.is_brought_back = _begin_with(form, values_of(draft)) or bool(kept.photos)


def _begin_with(form: BaseForm, values: Values) -> bool:
    """Set the initial values; whether any of them says something the form would not have said by itself."""
    is_changed = False
    for name, each in form.fields.items():
        given = values.get(form.add_prefix(name))
        if given is None:
            if isinstance(each.widget, CheckboxInput) and values:
                form.initial[name] = False
            continue
        before = form.get_initial_for_field(each, name)
        value: Any = given if isinstance(each.widget, CheckboxSelectMultiple) else given[-1] if given else ""
        form.initial[name] = value
        is_changed |= not each.widget.is_hidden and str(value) != str("" if before is None else before)
    return is_changed


# --- photos: kept when a form comes back or waits to be checked, because a browser cannot choose them again by itself


@transaction.atomic
def save_photos(
    actor: Actor, draft: Draft, *, purpose: str, added: Photos, dropped: Collection[str] = ()
) -> list[StoredFile]:
    """Keep `added` with `draft`, take away those whose ids stand in `dropped`; what is there now."""
    unwanted = [file for file in files.files_of(draft) if str(file.id) in dropped]
    files.drop(unwanted)
    files.keep(actor, draft, added, purpose=purpose)
    return files.files_of(draft)


def may_see_draft(actor: Actor, draft_id: UUID) -> bool:
    """A draft, and what is kept with it, is its writer's alone."""
    return actor.account_id is not None and Draft.objects.filter(pk=draft_id, account=actor.account_id).exists()


subjects.let_see(kind_of(Draft), may_see_draft)
