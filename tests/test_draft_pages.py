"""Nothing typed is lost: not by an error, not by a check before sending, not by a sign-in that ran out. All without a script."""

from __future__ import annotations

import html
import io
import re
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from linli.core.models import Draft, StoredFile
from linli.core.tenancy import active
from linli.matters.models import Matter, Source

WORDS = "三楼到四楼的灯不亮"
SHORT = {"kind": "repair", "words": WORDS, "place": "home", "whom": "self"}
LONG = {**SHORT, "place": "elsewhere", "where": "小区东门口"}


def picture(name="p.png"):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue(), content_type="image/png")


def text(response):
    return html.unescape(response.content.decode())


@pytest.fixture
def root(cast):
    return f"/c/{cast.here.code}"


@pytest.fixture
def wang(cast, browse):
    return browse(cast.accounts["王芳"])


def rows(cast, model, **filters):
    with active(cast.here.id):
        return list(model.objects.filter(**filters))


def note_on(page):
    """The signed note a form carries."""
    return re.search(r'name="draft" value="([^"]+)"', page.content.decode()).group(1)


def test_three_answers_go_at_once(cast, root, wang):
    sent = wang.post(f"{root}/report/", {**SHORT, "photos": [picture()]})
    assert sent.status_code == 302 and sent["Location"].endswith("/saved/")
    assert len(rows(cast, Matter)) == 1 and len(rows(cast, StoredFile)) == 1
    assert rows(cast, Draft, values__isnull=False) == []


def test_more_answers_are_shown_once_more_and_then_sent(cast, root, wang):
    to_check = wang.post(f"{root}/report/", {**LONG, "photos": [picture()]})
    assert to_check.status_code == 302 and to_check["Location"] == f"{root}/report/check/"
    assert rows(cast, Matter) == []
    page = wang.get(f"{root}/report/check/")
    for words in (WORDS, "小区东门口", "公共设施", "为自己", f'href="{root}/report/?change#id_where"'):
        assert words in text(page), words
    (photo,) = rows(cast, StoredFile, owner_kind="core.draft")
    assert f"{root}/files/{photo.id}/" in text(page)

    form = text(wang.get(f"{root}/report/?change"))  # one answer is changed, everything else is there
    assert WORDS in form and 'value="小区东门口"' in form and f'value="{photo.id}"' in form and "重新写" not in form
    again = wang.post(f"{root}/report/", {**LONG, "where": "小区西门口"}, follow=True)
    assert "小区西门口" in text(again)

    sent = wang.post(f"{root}/report/check/", follow=True)
    assert "收到了" in text(sent) and "小区西门口" in text(sent)
    (matter,) = rows(cast, Matter)
    assert [file.owner_id for file in rows(cast, StoredFile)] == [matter.id]
    assert wang.post(f"{root}/report/check/")["Location"] == f"{root}/report/"  # there is nothing left to send
    assert len(rows(cast, Matter)) == 1


def test_for_a_neighbour_is_checked(cast, root, wang):
    asked = {**SHORT, "whom": "neighbour", "contact_name": "丁奶奶", "contact_phone": "10012340002"}
    page = wang.post(f"{root}/report/", asked, follow=True)
    assert "替邻居：丁奶奶、10012340002" in text(page)
    wang.post(f"{root}/report/check/")
    assert rows(cast, Matter)[0].source == Source.NEIGHBOUR


def test_a_form_with_an_error_keeps_its_photos_too(cast, root, wang):
    page = wang.post(f"{root}/report/", {**LONG, "where": "", "photos": [picture("a.png"), picture("b.png")]})
    assert page.status_code == 422 and "请写一下在哪里" in text(page)
    first, _ = rows(cast, StoredFile, owner_kind="core.draft")
    assert f"{root}/files/{first.id}/" in text(page)
    assert b"".join(wang.get(f"{root}/files/{first.id}/").streaming_content)

    mended = {**SHORT, "photos-drop": [str(first.id)]}
    sent = wang.post(f"{root}/report/", mended)
    assert sent["Location"].endswith("/saved/")
    (matter,) = rows(cast, Matter)
    assert [(file.owner_id, file.name) for file in rows(cast, StoredFile)] == [(matter.id, "b.png")]


def test_kept_photos_count_with_the_new_ones(cast, root, wang):
    wang.post(f"{root}/report/", {**LONG, "where": "", "photos": [picture() for _ in range(4)]})
    page = wang.post(f"{root}/report/", {**SHORT, "photos": [picture() for _ in range(3)]})
    assert page.status_code == 422 and "一次最多 6 张照片" in text(page)


def test_somebody_elses_kept_photo_is_not_hers_to_see_or_drop(cast, root, wang, browse):
    wang.post(f"{root}/report/", {**LONG, "where": "", "photos": [picture()]})
    (photo,) = rows(cast, StoredFile, owner_kind="core.draft")
    for name in ("老马", "李娜", "赵敏"):
        other = browse(cast.accounts[name])
        assert other.get(f"{root}/files/{photo.id}/").status_code == 404
        other.post(f"{root}/report/", {**LONG, "where": "", "photos-drop": [str(photo.id)]})
    assert rows(cast, StoredFile, pk=photo.pk)


def test_what_was_typed_comes_back_on_another_phone_and_can_be_begun_anew(cast, root, wang, browse):
    saved = wang.post(f"{root}/drafts/report/", {"words": WORDS, "kind": "leak"})
    assert saved.status_code == 200 and re.fullmatch(r"\d\d:\d\d", saved.json()["saved_at"])
    other_phone = browse(cast.accounts["王芳"])
    page = text(other_phone.get(f"{root}/report/"))
    assert f"{WORDS}</textarea>" in page and "没写完的" in page and re.search(r'value="leak"[^>]*checked', page)
    begun = other_phone.post(f"{root}/drafts/report/forget/", {"next": f"{root}/report/"}, follow=True)
    assert WORDS not in text(begun) and "没写完的" not in text(begun)


def test_a_form_sent_after_the_sign_in_ran_out_comes_back_filled(cast, root, wang, browse):
    note = note_on(wang.get(f"{root}/report/"))
    wang.logout()
    away = wang.post(f"{root}/report/", {**LONG, "draft": note})
    assert away.status_code == 302 and unquote(away["Location"]) == f"/sign-in/?next={root}/report/"
    session = dict(wang.session.items())
    assert WORDS not in str(session)  # sealed, also in the table of sessions
    wang.force_login(cast.accounts["王芳"], backend="django.contrib.auth.backends.ModelBackend")
    page = text(wang.get(f"{root}/report/"))
    assert f"{WORDS}</textarea>" in page and 'value="小区东门口"' in page


def test_what_was_set_aside_is_shown_to_nobody_else(cast, root, wang):
    note = note_on(wang.get(f"{root}/report/"))
    wang.logout()
    wang.post(f"{root}/report/", {**LONG, "draft": note})
    wang.force_login(cast.accounts["老马"], backend="django.contrib.auth.backends.ModelBackend")
    assert WORDS not in text(wang.get(f"{root}/report/"))
    assert rows(cast, Draft) == [] and "draft" not in wang.session


def test_a_forged_note_sets_nothing_aside(root, browse):
    stranger = browse()
    away = stranger.post(f"{root}/report/", {**LONG, "draft": "eyJhY2NvdW50IjoieCJ9:1abc:xyz"})
    assert away.status_code == 302 and "draft" not in stranger.session


def test_a_step_at_the_desk_keeps_words_and_photos(cast, root, wang, browse):
    wang.post(f"{root}/report/", SHORT)
    (matter,) = rows(cast, Matter)
    lina = browse(cast.accounts["李娜"])
    lina.post(f"{root}/desk/matters/{matter.id}/accept/")
    lina.post(f"{root}/drafts/note-{matter.id}/", {"note-words": "水工到场"})
    page = text(lina.get(f"{root}/desk/matters/{matter.id}/"))
    assert "水工到场</textarea>" in page
    # An answer without words is refused; its photo is kept and goes with the answer that has them.
    wrong = {"answer-ending": "solved", "answer-words": "", "answer-after": picture()}
    assert lina.post(f"{root}/desk/matters/{matter.id}/answer/", wrong).status_code == 422
    lina.post(f"{root}/desk/matters/{matter.id}/answer/", {"answer-ending": "solved", "answer-words": "换好了"})
    assert [file.purpose for file in rows(cast, StoredFile, owner_id=matter.id)] == ["after"]


@pytest.mark.parametrize("path", ["drafts/nothing/", "drafts/note-0/", "drafts/answer/"])
def test_there_is_no_draft_of_a_form_nobody_keeps(root, wang, path):
    assert wang.post(f"{root}/{path}", {"words": "x"}).status_code == 404
