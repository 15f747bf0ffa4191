"""Who looked at whom: every reading leaves a line, the person can read it, and unusual reading is told, slowed, asked about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from linli.core import clock
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.core.trail import timeline_of
from linli.notices.models import Message
from linli.residents.models import Resident
from linli.rights import actions, jobs, queries, rules
from linli.rights.models import ReadingHour
from tests.helpers import race

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # 12:00 in Hangzhou
NIGHT = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)  # 23:00


@pytest.fixture
def root(cast):
    return f"/c/{cast.here.code}"


def of(verb):
    return list(TrailEntry.objects.filter(verb=verb).order_by("at", "id"))


def read(actor, ids, **more):
    return actions.note_reading(actor, actions.Reading("residents:list", ids, **more))


def test_a_list_is_one_line_with_everybody_on_it(cast, browse, root):
    browse(cast.accounts["赵敏"]).get(f"{root}/desk/residents/")

    with active(cast.here.id):
        (entry,) = of("resident.listed")
        assert set(entry.touches) == {r.id for r in cast.residents.values() if r.community_id == cast.here.id}
        assert entry.account_id == cast.accounts["赵敏"].id and entry.facts["page"] == "residents:list"


def test_what_was_typed_to_find_somebody_is_not_kept(cast, browse, root):
    browse(cast.accounts["赵敏"]).post(f"{root}/desk/residents/search/", {"q": "王芳"})

    with active(cast.here.id):
        (entry,) = of("resident.listed")
        assert "王芳" not in str(entry.facts) and len(entry.touches) == 1


def test_a_record_opened_is_about_that_person_and_not_in_its_history(cast, browse, root):
    wang = cast.residents["王芳"]
    browse(cast.accounts["赵敏"]).get(f"{root}/desk/residents/{wang.id}/")

    with active(cast.here.id):
        (entry,) = of("resident.opened")
        assert entry.subject_id == wang.id
        assert "resident.opened" not in [each.verb for each in timeline_of(wang)]


def test_the_api_and_the_find_box_leave_lines_too(cast, browse, root):
    boss = browse(cast.accounts["赵敏"])
    boss.get(f"/api{root}/residents")
    boss.post(f"{root}/desk/find/", {"q": "王"})

    with active(cast.here.id):
        assert [entry.facts["page"] for entry in of("resident.listed")] == ["api", "desk:find"]


def test_looking_at_oneself_is_no_reading(cast, browse, root):
    browse(cast.accounts["王芳"]).get(f"{root}/me/")
    browse(cast.accounts["王芳"]).get(f"{root}/me/data/")

    with active(cast.here.id):
        assert of("resident.listed") == of("resident.opened") == []


def test_the_person_reads_who_looked_by_post_and_the_name_with_a_full_number(cast, browse, root):
    wang, boss = cast.residents["王芳"], browse(cast.accounts["赵敏"])
    boss.get(f"{root}/desk/residents/")
    boss.get(f"{root}/desk/residents/{wang.id}/")
    boss.post(f"{root}/desk/residents/{wang.id}/reveal/", {"field": "phone", "reason": "通知领取老年卡"})

    page = browse(cast.accounts["王芳"]).get(f"{root}/me/looks/").content.decode()

    assert "社区书记 赵敏" in page and "通知领取老年卡" in page
    assert page.count("赵敏") == 1  # who merely opened it is a post
    assert "在清单上看到您" in page and "打开了您的档案" in page


def test_another_persons_looks_are_not_mine(cast, as_wang, as_secretary):
    read(as_secretary, [cast.residents["王桂英"].id])

    assert queries.looks_at(as_wang) == []


def test_lists_of_one_day_are_one_line(cast, as_wang, as_secretary):
    for minute in range(3):
        with clock.at(NOON + timedelta(minutes=minute)):
            read(as_secretary, [cast.residents["王芳"].id])

    with clock.at(NOON + timedelta(hours=1)):
        (look,) = queries.looks_at(as_wang)
    assert look.times == 3


def strangers(count):
    from linli.core.ids import uuid7

    return [uuid7() for _ in range(count)]


def test_unusual_reading_is_told_once_to_those_who_watch(cast, here, as_back_office):
    limits = rules.Limits()
    with clock.at(NOON):
        for _ in range(limits.people_told + 5):
            (person,) = strangers(1)
            actions.note_reading(as_back_office, actions.Reading("residents:page", [person], opened=person))

    (entry,) = of("reading.unusual")
    jobs.tell_of_reading(community_id=here.id, entry_id=str(entry.id))
    jobs.tell_of_reading(community_id=here.id, entry_id=str(entry.id))
    told = set(Message.objects.filter(template="reading_unusual").values_list("recipient_account", flat=True))
    assert told >= {cast.accounts["赵敏"].id, cast.accounts["审计员"].id}
    assert cast.accounts["陈建国"].id not in told


def test_by_night_a_part_of_it_is_unusual():
    assert not rules.is_unusual(rules.Tally(opened=40), rules.Limits().at_hour(12))
    assert rules.is_unusual(rules.Tally(opened=40), rules.Limits().at_hour(23))
    assert rules.is_unusual(rules.Tally(opened=40), rules.Limits().at_hour(3))


def test_the_wait_begins_where_it_is_told_grows_and_ends_at_its_most():
    limits = rules.Limits()
    waits = [rules.delay_seconds(rules.Tally(opened=n), limits) for n in range(400)]
    assert waits[limits.people_told - 1] == 0 < waits[limits.people_told]
    assert waits == sorted(waits) and waits[-1] == limits.slowest_seconds


def test_whoever_read_too_much_is_asked_why_and_goes_on_at_once(cast, browse, root, settings):
    settings.LINLI_READING = {"people_told": 2, "people_asked": 3, "slowest_seconds": 0}
    boss, wang = browse(cast.accounts["陈建国"]), cast.residents["王芳"]
    address = f"{root}/desk/residents/{wang.id}/"
    with clock.at(NOON):
        assert [boss.get(address).status_code for _ in range(3)] == [200, 200, 200]
        answer = boss.get(address)
        assert answer.status_code == 302 and "/desk/readings/why/" in answer["Location"]
        assert boss.get(f"/api{root}/residents/{wang.id}").status_code == 429
        assert boss.get(f"{root}/desk/").status_code == 200  # other work goes on

        assert boss.post(answer["Location"], {"because": "急"}).status_code == 422
        answer = boss.post(f"{root}/desk/readings/why/", {"because": "台风转移，逐户核对", "next": address})
        assert answer["Location"] == address
        assert boss.get(address).status_code == 200
    with active(cast.here.id):
        (entry,) = of("reading.explained")
        assert entry.facts["because"] == "台风转移，逐户核对"


def test_the_reason_does_not_lead_to_another_site(cast, browse, root, settings):
    answer = browse(cast.accounts["陈建国"]).post(
        f"{root}/desk/readings/why/", {"because": "台风转移，逐户核对", "next": "https://example.org/"}
    )
    assert answer["Location"].startswith(root)


def test_a_failed_page_counts_nothing(cast, browse, root):
    wang = cast.residents["王芳"]
    browse(cast.accounts["赵敏"]).post(f"{root}/desk/residents/{wang.id}/reveal/", {"field": "phone", "reason": ""})

    with active(cast.here.id):
        assert not ReadingHour.objects.exists() and of("resident.opened") == []


def test_only_who_watches_the_trail_sees_all_readings(cast, browse, root):
    browse(cast.accounts["陈建国"]).get(f"{root}/desk/residents/")

    assert browse(cast.accounts["李娜"]).get(f"{root}/desk/readings/").status_code == 403
    page = browse(cast.accounts["赵敏"]).get(f"{root}/desk/readings/").content.decode()
    assert "陈建国（全能社工）" in page
    wang, gone = cast.residents["王芳"].id, strangers(1)[0]
    assert "位居民" in browse(cast.accounts["赵敏"]).get(f"{root}/desk/readings/?resident={wang}").content.decode()
    assert "没有符合" in browse(cast.accounts["赵敏"]).get(f"{root}/desk/readings/?resident={gone}").content.decode()


def test_of_pages_read_at_once_every_one_is_counted_and_one_tells(committed_cast):
    cast = committed_cast

    def look(_):
        with active(cast.here.id), clock.at(NOON):
            actor = cast.actor("陈建国")
            person = Resident.objects.order_by("id").first().pk
            for _ in range(5):
                actions.note_reading(actor, actions.Reading("residents:page", [person], opened=person))

    assert [error for error in race(30, look) if error] == []
    with active(cast.here.id):
        (row,) = ReadingHour.objects.all()
        assert row.opened == 150
        assert len(of("reading.unusual")) == 1
