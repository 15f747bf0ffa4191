"""Printed codes: whoever stands there says neither where it is nor, mostly, what it is about."""

from __future__ import annotations

import pytest

from linli.core.models import TrailEntry
from linli.intake import actions, queries
from linli.intake.models import Sticker
from linli.matters.actions import report_matter
from linli.matters.models import Matter, MatterKind, Source
from linli.matters.queries import spot_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(browse):
    return browse()


@pytest.fixture
def wang_browser(browse, cast):
    return browse(cast.accounts["王芳"])


@pytest.fixture
def hydrant(here, as_specialist):
    return actions.put_up_sticker(
        as_specialist,
        label="48幢2单元一楼消防栓",
        spot=spot_named("48幢2单元"),
        kind=MatterKind.objects.get(code="fire"),
    )


def test_a_scanned_code_says_where_it_is_and_what_is_reported_there(hydrant, wang_browser, here):
    page = wang_browser.get(f"/c/{here.code}/q/{hydrant.token}/").content.decode()
    assert "48幢2单元一楼消防栓" in page and "这里没有正在办的事" in page
    form = wang_browser.get(f"/c/{here.code}/report/?at={hydrant.token}&kind=fire").content.decode()
    assert 'value="here"' in form and "48幢2单元一楼消防栓" in form


def test_a_report_from_a_code_goes_to_its_patch_with_the_place_filled_in(hydrant, wang_browser, here, cast):
    form = {"kind": "fire", "words": "被电动车挡住了", "place": "here", "at": hydrant.token, "whom": "self"}
    assert wang_browser.post(f"/c/{here.code}/report/", form).status_code == 302
    matter = Matter.objects.get()
    assert (matter.source, matter.place_note) == (Source.STICKER, "48幢2单元一楼消防栓")
    assert matter.building == hydrant.building and matter.entrance == hydrant.entrance
    assert matter.sub_area == cast.here.sub_areas[0]


def test_who_scans_sees_what_is_under_way_but_not_what_was_said(hydrant, wang_browser, browser, here, as_wang):
    place = queries.place_of(hydrant.token)
    report_matter(as_wang, kind=hydrant.kind, words="王芳的电话是 10012340001", spot=place.spot)
    page = browser.get(f"/c/{here.code}/q/{hydrant.token}/").content.decode()
    assert "1 件正在办" in page and "消防隐患" in page
    assert "王芳" not in page and "10012340001" not in page


def test_a_code_taken_down_leads_to_the_ordinary_form(hydrant, as_specialist, browser, here):
    actions.take_down_sticker(as_specialist, sticker=hydrant)
    actions.take_down_sticker(as_specialist, sticker=hydrant)
    answer = browser.get(f"/c/{here.code}/q/{hydrant.token}/")
    assert answer.status_code == 302 and answer["Location"].endswith("/report/")
    verbs = TrailEntry.objects.filter(subject_id=hydrant.pk).values_list("verb", flat=True)
    assert sorted(verbs) == ["sticker.put_up", "sticker.taken_down"]


def test_a_code_of_another_community_is_nobodys_here(hydrant, browser, cast):
    answer = browser.get(f"/c/{cast.sibling.code}/q/{hydrant.token}/")
    assert answer.status_code == 302 and "消防栓" not in answer.content.decode()


def test_a_specialist_marks_her_own_patch_alone(here, as_specialist, cast):
    mine = as_specialist.sub_area_ids
    west = next(number for number, row in cast.here.buildings.items() if row.grid.sub_area_id not in mine)
    with pytest.raises(actions.NotYourPatch):
        actions.put_up_sticker(as_specialist, label="电梯", spot=spot_named(f"{west}幢"))
    assert not Sticker.objects.exists()


def test_a_code_without_a_label_is_refused(here, as_specialist):
    with pytest.raises(actions.LabelMissing):
        actions.put_up_sticker(as_specialist, label="  ")
