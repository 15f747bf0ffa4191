"""Drafts: kept for their writer alone, given back to a form, forgotten when it is sent, dropped after a month."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from linli.accounts.queries import actor_for
from linli.core import clock, drafts, files, jobs, subjects
from linli.core.errors import NotAllowed, NotFound
from linli.core.models import Draft, StoredFile
from linli.core.tenancy import active
from linli.matters.actions import report_matter
from linli.matters.models import MatterKind
from linli.matters.queries import Spot

WORDS = {"words": ["三楼的灯不亮"], "place": ["home"]}


def picture():
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(buffer, "PNG")
    return files.clean_uploads([SimpleUploadedFile("p.png", buffer.getvalue(), content_type="image/png")])


def test_what_was_typed_is_kept_and_only_what_the_form_may_keep(as_wang):
    draft = drafts.save_draft(as_wang, key="report", values={**WORDS, "password": ["p"], "code": ["123456"]})
    assert drafts.values_of(draft) == WORDS
    assert drafts.values_of(drafts.drafts_of(as_wang, ["report"])["report"]) == WORDS


def test_words_are_not_readable_in_the_table(as_wang):
    drafts.save_draft(as_wang, key="report", values=WORDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT values FROM core_draft")
        assert "三楼".encode() not in bytes(cursor.fetchone()[0])


def test_the_last_one_wins_and_there_is_one(as_wang):
    drafts.save_draft(as_wang, key="report", values={"words": ["三"]})
    drafts.save_draft(as_wang, key="report", values={"words": ["三楼"]})
    assert [drafts.values_of(row) for row in Draft.objects.all()] == [{"words": ["三楼"]}]


def test_a_draft_is_its_writers_alone(as_wang, as_specialist):
    draft = drafts.save_draft(as_wang, key="report", values=WORDS)
    assert drafts.drafts_of(as_specialist, ["report"]) == {}
    assert subjects.may_see(as_wang, "core.draft", draft.id)
    assert not subjects.may_see(as_specialist, "core.draft", draft.id)


def test_a_stranger_to_a_matter_keeps_nothing_about_it(cast, here, as_wang):
    matter = report_matter(as_wang, kind=MatterKind.objects.first(), words="漏水", spot=Spot(note="门口"))
    own = drafts.key_of("confirm", matter.id)
    assert drafts.save_draft(as_wang, key=own, values={"words": ["好"]})
    for key, actor in ((own, cast.actor("路人")), ("confirm", as_wang), ("nothing", as_wang), ("confirm-x", as_wang)):
        with pytest.raises(NotFound):
            drafts.save_draft(actor, key=key, values={"words": ["好"]})


def test_nobody_signed_in_keeps_nothing(here):
    with pytest.raises(NotAllowed):
        drafts.save_draft(actor_for(None, here.community), key="report", values=WORDS)


def test_too_much_is_not_kept(as_wang):
    with pytest.raises(drafts.DraftTooLong):
        drafts.save_draft(as_wang, key="report", values={"words": ["长" * drafts.MOST_CHARACTERS]})


def test_what_is_still_on_its_way_does_not_bring_back_what_was_sent(as_wang):
    page, other = uuid.uuid4(), uuid.uuid4()
    drafts.save_draft(as_wang, key="report", values=WORDS, page=page)
    drafts.forget_draft(as_wang, key="report", page=page)
    assert drafts.save_draft(as_wang, key="report", values=WORDS, page=page) is None
    assert drafts.drafts_of(as_wang, ["report"]) == {}
    assert drafts.save_draft(as_wang, key="report", values=WORDS, page=other)
    assert drafts.drafts_of(as_wang, ["report"])


def test_the_first_saving_may_be_the_late_one(as_wang):
    page = uuid.uuid4()
    drafts.forget_draft(as_wang, key="report", page=page)
    assert drafts.save_draft(as_wang, key="report", values=WORDS, page=page) is None


def page_at(moment: int, browser: int = 0xABCDEF) -> uuid.UUID:
    """The id of a page as drafts.js makes it: shown at `moment`, in that browser."""
    return uuid.UUID(int=(moment << 80) | (7 << 76) | (8 << 60) | browser)


def test_an_older_page_of_the_same_browser_does_not_bring_back_what_a_newer_one_sent(as_wang):
    older, newer, typed_since = page_at(1000), page_at(2000), page_at(3000)
    drafts.save_draft(as_wang, key="report", values=WORDS, page=older)
    drafts.forget_draft(as_wang, key="report", page=newer)
    assert drafts.save_draft(as_wang, key="report", values=WORDS, page=older) is None
    assert drafts.drafts_of(as_wang, ["report"]) == {}
    assert drafts.save_draft(as_wang, key="report", values=WORDS, page=typed_since)


def test_what_an_older_page_sends_later_does_not_let_the_newer_one_in_again(as_wang):
    drafts.forget_draft(as_wang, key="report", page=page_at(2000))
    drafts.forget_draft(as_wang, key="report", page=page_at(1000))
    assert drafts.save_draft(as_wang, key="report", values=WORDS, page=page_at(1500)) is None


def test_another_browsers_clock_decides_nothing(as_wang):
    drafts.forget_draft(as_wang, key="report", page=page_at(2000))
    assert drafts.save_draft(as_wang, key="report", values=WORDS, page=page_at(1000, browser=0x123456))


class SmallForm(forms.Form):
    words = forms.CharField(initial="", widget=forms.Textarea)
    is_urgent = forms.BooleanField(initial=True, required=False)
    whom = forms.ChoiceField(choices=[("self", "我"), ("neighbour", "邻居")], initial="self", widget=forms.RadioSelect)
    days = forms.MultipleChoiceField(choices=[("1", "一"), ("2", "二")], widget=forms.CheckboxSelectMultiple)
    secret = forms.CharField(widget=forms.PasswordInput)
    photo = forms.FileField()


def test_a_form_begins_with_what_was_kept(as_wang, monkeypatch):
    monkeypatch.setattr(drafts, "_kept_forms", dict(drafts._kept_forms))
    names = drafts.inputs_of(SmallForm, "s")
    assert names == {"s-words", "s-is_urgent", "s-whom", "s-days"}  # no password, no file
    drafts.let_keep("small", names)
    kept = {"s-words": ["灯"], "s-whom": ["neighbour"], "s-days": ["1", "2"]}  # the box was not ticked
    drafts.save_draft(as_wang, key="small", values=kept)

    form = SmallForm(prefix="s")
    drafts.fill(as_wang, {"small": form})
    shown = str(form)
    assert form.kept.is_brought_back and ">\n灯</textarea>" in shown
    assert 'value="neighbour" required id="id_s-whom_1" checked' in shown
    assert shown.count("checked") == 3  # the neighbour and both days, and not the box

    posted = SmallForm({"s-words": "别的"}, prefix="s")
    drafts.fill(as_wang, {"small": posted})
    assert not posted.kept.is_brought_back and "别的" in str(posted)


def test_photos_wait_with_the_draft_and_go_with_it(as_wang, django_capture_on_commit_callbacks):
    draft = drafts.save_draft(as_wang, key="report", values=WORDS)
    first, second = drafts.save_photos(as_wang, draft, purpose="photos", added=[*picture(), *picture()])
    left = drafts.save_photos(as_wang, draft, purpose="photos", added=[], dropped=[str(first.id)])
    assert [file.id for file in left] == [second.id]
    name, again = files.again(second)
    assert (name, again.content) == ("p.png", (Path(settings.LINLI_FILES) / second.path).read_bytes())
    assert again.sha256 == bytes(second.sha256)

    with django_capture_on_commit_callbacks(execute=True):
        drafts.forget_draft(as_wang, key="report")
    assert not StoredFile.objects.exists() and not (Path(settings.LINLI_FILES) / second.path).exists()


def test_drafts_nobody_touches_for_a_month_are_dropped(cast, here, as_wang):
    with clock.at(clock.now() - timedelta(days=31)):
        old = drafts.save_draft(as_wang, key="report", values=WORDS)
        drafts.save_photos(as_wang, old, purpose="photos", added=picture())
    with active(cast.sibling.id):
        neighbour = cast.actor("邻居丁", cast.sibling)
        drafts.save_draft(neighbour, key="report", values=WORDS)
    jobs.forget_old_drafts(timestamp=0)
    assert not Draft.objects.exists() and not StoredFile.objects.exists()
    with active(cast.sibling.id):
        assert Draft.objects.count() == 1


def test_an_account_keeps_a_limited_number(as_wang, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_DRAFTS", 2)
    monkeypatch.setattr(drafts, "_kept_forms", dict(drafts._kept_forms))
    for hours, name in enumerate(("a", "b", "c")):
        drafts.let_keep(name, ["words"])
        with clock.at(clock.now() + timedelta(hours=hours)):
            drafts.save_draft(as_wang, key=name, values=WORDS)
    assert set(Draft.objects.values_list("form", flat=True)) == {"b", "c"}
