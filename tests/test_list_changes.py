"""Changing everybody of a list: seen before, done by the verbs of one, taken back as if it had not been."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from linli.core import clock
from linli.core.errors import NotAllowed
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.lists import changing
from linli.lists.changing import Wanted, change_many, preview, undo_change
from linli.lists.models import Change, ChangeKind
from linli.residents import actions as residents
from linli.residents import conditions
from linli.residents.check_rules import confirmed_by
from linli.residents.models import Category, Fact, Resident

SPECIALIST, OTHER, OFFICE, SECRETARY, OFFICIAL = "李娜", "孙伟", "陈建国", "赵敏", "周国平"
DESK = "/c/330105002053/desk"
FROM = date(2025, 7, 1)
HOW = next(iter(confirmed_by()))
KIND = changing.kinds_in_bulk()[0][0]


@pytest.fixture
def here(cast):
    with active(cast.here.id):
        yield cast


WANTED = {
    "confirm": Wanted(ChangeKind.CONFIRM, HOW),
    "grant": Wanted(ChangeKind.GRANT, KIND, on=FROM),
    "end": Wanted(ChangeKind.END, KIND, on=date(2026, 1, 1)),
    "field": Wanted(ChangeKind.FIELD, "education", "20"),
}


def everything() -> list:
    """What the register says, with all its versions: to see that undoing leaves nothing behind."""
    people = Resident.objects.order_by("pk").values_list(
        "pk", "education", "confirmed_on", "check_by", "source", "marks"
    )
    held = Category.of_all_times.order_by("pk").values_list(
        "pk", "kind", "span", "known_from", "known_to", "confirmed_on"
    )
    return [list(people), list(held), Fact.of_all_times.count()]


def done(cast, wanted: Wanted, name: str = SECRETARY) -> Change:
    actor = cast.actor(name)
    count = preview(actor, wanted, []).count
    return change_many(actor, wanted, conditions=[], reason="7月入户走访", expected=count)


@pytest.fixture
def holding(here):
    """王芳 holds the category since 2020, so that it can be ended."""
    wang = Resident.objects.get(name="王芳")
    with clock.at(clock.now() - timedelta(days=30)):
        residents.grant_category(here.actor(OFFICE), resident=wang, kind=KIND, from_on=date(2020, 1, 1))
    return here


@pytest.mark.parametrize("deed", WANTED)
def test_what_is_undone_never_happened(holding, deed: str) -> None:
    before = everything()
    change = done(holding, WANTED[deed])
    assert everything() != before and change.count == change.rows.count() > 0
    assert undo_change(holding.actor(SECRETARY), change=change) == []
    assert everything() == before
    assert undo_change(holding.actor(SECRETARY), change=change) == []  # again changes nothing


@pytest.mark.parametrize("deed", WANTED)
def test_each_record_has_its_entry_under_one_request(holding, deed: str) -> None:
    change = done(holding, WANTED[deed])
    entries = TrailEntry.objects.filter(request_id=change.pk).exclude(subject_id=change.pk)
    assert set(entries.values_list("subject_id", flat=True)) == set(change.rows.values_list("resident_id", flat=True))


def test_who_was_edited_since_is_left_and_listed(here) -> None:
    change = done(here, WANTED["field"])
    wang, ma = Resident.objects.get(name="王芳"), Resident.objects.get(name="老马")
    residents.correct_resident(here.actor(OFFICE), resident=wang, to={"education": "10"}, because="看了毕业证")
    kept = undo_change(here.actor(SECRETARY), change=change)
    assert [row.resident_id for row in kept] == [wang.pk]
    wang.refresh_from_db()
    ma.refresh_from_db()
    assert (wang.education, ma.education) == ("10", "")


def test_the_preview_shows_before_and_after_and_writes_nothing(here) -> None:
    before, entries = everything(), TrailEntry.objects.count()
    seen = preview(here.actor(SECRETARY), WANTED["field"], [])
    assert (seen.count, seen.same) == (Resident.objects.count(), 0)
    assert {(was, will) for _, was, will in seen.first} == {("没有登记", "大学本科")} or seen.first[0][1] == "没有登记"
    assert all("王芳" not in card.name for card, _, _ in seen.first)
    assert everything() == before and TrailEntry.objects.count() == entries


def test_a_specialist_changes_her_own_patch_and_nobody_else(here) -> None:
    change = done(here, WANTED["grant"], SPECIALIST)
    assert set(change.rows.values_list("resident__name", flat=True)) == {"王芳", "王桂英"}
    with pytest.raises(NotAllowed):
        preview(here.actor(OFFICIAL), WANTED["grant"], [])


def test_a_list_that_moved_is_looked_at_again_and_too_long_a_one_refused(here, monkeypatch) -> None:
    with pytest.raises(changing.ListMoved):
        change_many(here.actor(SECRETARY), WANTED["field"], conditions=[], reason="7月入户走访", expected=1)
    with pytest.raises(changing.BasisWanted):
        change_many(here.actor(SECRETARY), WANTED["field"], conditions=[], reason="短", expected=3)
    done(here, WANTED["field"])
    with pytest.raises(changing.NobodyToChange):
        preview(here.actor(SECRETARY), WANTED["field"], [])
    monkeypatch.setattr(changing, "CHANGED_AT_ONCE", 1)
    with pytest.raises(changing.TooManyPeople):
        preview(here.actor(SECRETARY), WANTED["confirm"], [])


def test_what_a_second_person_must_agree_to_is_not_done_in_bulk(here) -> None:
    for wanted in (
        Wanted(ChangeKind.GRANT, "subsistence", on=FROM),
        Wanted(ChangeKind.FIELD, "name", "甲"),
        Wanted(ChangeKind.FIELD, "education", "no such"),
        Wanted(ChangeKind.CONFIRM, "no such"),
    ):
        with pytest.raises(changing.NotInBulk):
            preview(here.actor(SECRETARY), wanted, [])


def test_after_a_month_it_is_too_late_to_undo_as_one(here) -> None:
    change = done(here, WANTED["grant"])
    with clock.at(clock.now() + timedelta(days=31)), pytest.raises(changing.TooLateToUndo):
        undo_change(here.actor(SECRETARY), change=change)


def test_the_way_through_the_pages(cast, browse) -> None:
    boss = browse(cast.accounts[SECRETARY])
    url = f"{DESK}/lists/change/?what=resident.age&op=ge&value=80"
    assert "标记为已核实" in boss.get(url).content.decode()
    typed = {"code": KIND, "on": "2025-07-01", "reason": "7月入户走访"}
    page = boss.post(f"{url}&do=grant", typed)
    assert page.status_code == 200 and "会改 1 位居民，还没有改" in page.content.decode()
    assert boss.post(f"{url}&do=grant", typed | {"on": "2025-02-30"}).status_code == 422
    page = boss.post(f"{url}&do=grant", typed | {"sure": "yes", "count": "1"})
    assert page.status_code == 302
    shown = boss.get(page["Location"]).content.decode()
    assert "改好了 1 位居民" in shown and "王桂英" not in shown
    assert boss.post(f"{page['Location']}undo/").status_code == 302
    assert "已经整批撤销" in boss.get(page["Location"]).content.decode()
    with active(cast.here.id):
        assert not Category.of_all_times.filter(kind=KIND).exists()
        assert conditions.as_data(conditions.of_data(Change.objects.get().conditions)) == [["resident.age", "ge", "80"]]
