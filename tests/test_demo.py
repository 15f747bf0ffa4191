"""The demo community: its plans alone, then a small one really built."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any

import pytest
from django.db import transaction

from linli.core import clock, trail
from linli.core.identifiers import parse_id_number
from linli.core.models import StoredFile, TrailEntry
from linli.core.tenancy import active
from linli.demo import cast as who
from linli.demo import play, seed, settle
from linli.demo import words as bank
from linli.demo.geography import SITES, House, footprint, lay_out, overlap
from linli.demo.known_matters import known_matters
from linli.demo.matters_story import PROMISES, MatterPlan, matters_of
from linli.demo.people import HOUSEHOLDS, Person, population
from linli.matters import actions, queries
from linli.matters.actions.kinds import USUAL_KINDS
from linli.matters.bulk import Batch
from linli.matters.models import OPEN, DayCount, Matter, Note, Queue, RoutingRule, State
from linli.notices.models import Message, MessageState
from linli.organisations.kinds import kinds
from linli.organisations.models import Organisation, OrganisationPost
from linli.places.models import Community
from linli.residents.models import Resident
from linli.worktime.rules import after_calendar_days

MAIN, SIBLING, ELSEWHERE = SITES
TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 4, 40, tzinfo=UTC)


@pytest.fixture(scope="module")
def houses() -> list[House]:
    return lay_out(MAIN)


@pytest.fixture(scope="module")
def people(houses: list[House]) -> list[Person]:
    return population(MAIN, houses, TODAY)


@pytest.fixture(scope="module")
def story(people: list[Person]) -> list[MatterPlan]:
    return tell(people, NOON)


def tell(people: list[Person], now: datetime) -> list[MatterPlan]:
    holders = Random(3).sample([person for person in people if person.phone and 20 <= person.age < 85], 110)
    return matters_of(MAIN, people, holders, now, count=1170)


# -- the plans


def test_four_sub_areas_have_fifty_to_fifty_eight_buildings_in_two_or_three_grids(houses: list[House]) -> None:
    patches = Counter(house.patch for house in houses)
    assert len(patches) == 4 and all(50 <= many <= 58 for many in patches.values())
    grids = Counter(patch for patch, _ in {(house.patch, house.grid) for house in houses})
    assert all(2 <= many <= 3 for many in grids.values())
    assert [house.number for house in houses] == list(range(1, len(houses) + 1))
    assert all(houses[number - 1].entrances >= 2 for number in (9, 48))


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_no_two_buildings_share_ground(site: Any) -> None:
    planned = lay_out(site)
    assert not [(a.number, b.number) for a, b in combinations(planned, 2) if overlap(a.corners, b.corners)]


def test_shapes_that_cross_or_contain_each_other_overlap() -> None:
    square = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))
    inside = ((0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5))
    diamond = ((3.0, 1.0), (4.0, 2.0), (3.0, 3.0), (1.9, 2.0))
    beside = ((2.0, 0.0), (4.0, 0.0), (4.0, 1.0), (2.0, 1.0))
    assert overlap(square, inside) and overlap(inside, square)
    assert not overlap(square, beside) and not overlap(inside, diamond)
    assert overlap(square, ((1.9, 1.9), (3.0, 1.9), (3.0, 3.0), (1.9, 3.0)))


def test_footprints_are_closed_polygons_by_the_canal(houses: list[House]) -> None:
    for house in houses:
        (ring,) = footprint(MAIN, house)["coordinates"]
        assert ring[0] == ring[-1] and len(ring) == 5
        assert all(abs(x - 120.139) < 0.006 and abs(y - 30.317) < 0.006 for x, y in ring)


@pytest.mark.parametrize("today", [TODAY, date(2027, 3, 1), date(2028, 2, 29)])
def test_almost_one_in_five_is_over_eighty_whenever_it_is_built(houses: list[House], today: date) -> None:
    people = population(MAIN, houses, today)
    assert 5000 <= len(people) <= 6500
    assert 0.19 <= sum(over_eighty(person, today) for person in people) / len(people) <= 0.20
    assert all(many >= 1500 for many in Counter(person.patch for person in people).values())
    assert all(person.birth_on <= person.from_on <= today for person in people)


def over_eighty(person: Person, today: date) -> bool:
    year = person.birth_on.year + 80
    return (year, person.birth_on.month, person.birth_on.day) <= (today.year, today.month, today.day)


def test_numbers_belong_to_nobody(people: list[Person]) -> None:
    phones = [person.phone for site in SITES for person in population(site, lay_out(site), TODAY) if person.phone]
    assert all(re.fullmatch("100[0-9]{8}", phone) for phone in phones)
    assert len(set(phones)) == len(phones)
    for person in people:
        parsed = parse_id_number(person.id_number, today=TODAY)
        assert person.id_number.startswith("990105")
        assert (parsed.birth_on, parsed.sex) == (person.birth_on, person.sex)
    assert len({person.id_number for person in people}) == len(people)


def test_categories_have_plausible_shares(people: list[Person]) -> None:
    kinds = Counter(each.kind for person in people for each in person.belongs)
    alone = [person for person in people if person.is_in("living_alone")]
    assert all(person.age >= 65 for person in alone) and 0.08 < len(alone) / len(people) < 0.16
    assert 0.08 < kinds["party_member"] / len(people) < 0.16 and 0.02 < kinds["disabled"] / len(people) < 0.06
    assert 0.004 < kinds["subsistence_allowance"] / len(people) < 0.015
    assert len(HOUSEHOLDS) > 5 and len({person.name for person in people}) > 3000


def test_the_same_day_gives_the_same_plan(people: list[Person], story: list[MatterPlan]) -> None:
    again = population(MAIN, lay_out(MAIN), TODAY)
    assert again == people
    assert tell(again, NOON) == story
    assert known_matters(NOON) == known_matters(NOON)


@pytest.mark.parametrize("now", [NOON, NOON + timedelta(hours=14), datetime(2027, 2, 28, 23, 59, tzinfo=UTC)])
def test_nothing_happens_before_its_time_or_after_now(people: list[Person], now: datetime) -> None:
    for plan in [*tell(people, now), *known_matters(now)]:
        moments = [plan.at, *(step.at for step in plan.steps)]
        assert moments == sorted(moments) and moments[-1] <= now, plan


def test_the_story_reads_like_three_months_of_work(story: list[MatterPlan]) -> None:
    assert 1150 <= len(story) <= 1300
    assert {plan.kind for plan in story} == {kind.code for kind in USUAL_KINDS if not kind.parent}
    assert 0.05 <= sum(map(is_late, story)) / len(story) <= 0.11
    ends = Counter(plan.steps[-1].verb if plan.steps else "reported" for plan in story)
    assert ends["confirm"] > 400 and ends["call_back"] > 200 and 10 <= ends["refuse"] <= 60
    verbs = Counter(step.verb for plan in story for step in plan.steps)
    assert verbs["pass"] > 40 and 10 <= verbs["reopen"] <= 60
    hours = Counter(plan.at.hour for plan in story)
    assert sum(hours[h] for h in range(5)) < 30 < hours[8] and hours[19] > hours[13]


def is_late(plan: MatterPlan) -> bool:
    answers = [step.at for step in plan.steps if step.verb == "feed_back"]
    is_refused = any(step.verb == "refuse" for step in plan.steps)
    return not is_refused and (answers[0] if answers else NOON) >= after_calendar_days(plan.at, PROMISES[plan.kind])


def test_words_are_plain_and_whole() -> None:
    cases = [case for kind in bank.CASES.values() for case in kind]
    texts = [text for case in cases for text in (case.report, case.note, case.answer)]
    assert len(cases) >= 80 and len(set(texts)) == len(texts)
    assert not [text for text in texts if re.search("无效|非法|禁止|系统错误|异常|操作失败", text)]
    assert all(any(case.fits(month) for case in kind) for kind in bank.CASES.values() for month in range(1, 13))


# -- built for real


@pytest.fixture
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_a_small_demo_is_built_once_and_adds_up(committed_db: None, quick_passwords: None, monkeypatch: Any) -> None:
    now, lines = clock.now(), []
    monkeypatch.setattr(seed, "seed", lambda now, say, built=seed.seed: built(now, scale=0.04, say=say))
    assert seed.seed_if_empty(say=lines.append)
    assert not seed.seed_if_empty(say=lines.append)
    assert len(lines) == 7 and Community.objects.count() == 4
    for community_id in (1, 2, 3):
        with active(community_id):
            check_register(community_id)
            check_matters(now)
            check_figures(now)
    with active(1):
        check_the_cast(now)


def check_register(community_id: int) -> None:
    residents = list(Resident.objects.all())
    assert len(residents) > 50
    assert all(not resident.phone or resident.phone.startswith("100") for resident in residents)
    held = [resident.id_number for resident in residents if resident.id_number]
    assert all(number.startswith("990105") for number in held) and len(set(held)) == len(held)
    registered = TrailEntry.objects.filter(verb="resident.registered").values_list("subject_id", flat=True)
    assert set(registered) == {resident.id for resident in residents}


def check_matters(now: datetime) -> None:
    matters = list(Matter.objects.select_related("kind"))
    notes = set(Note.objects.values_list("id", flat=True))
    numbers = [matter.number for matter in sorted(matters, key=lambda matter: (matter.reported_at, matter.number))]
    assert len(matters) >= 5 and len(numbers) == len(set(numbers))
    days = [number.partition("-")[0] for number in numbers]
    assert days == sorted(days)  # within a day, those told afterwards come by their hour, not by their number
    for matter in matters:
        entries = list(TrailEntry.objects.filter(subject_id=matter.id).order_by("at", "id"))
        verbs = [entry.verb for entry in entries]
        assert entries[0].verb == "matter.reported" and entries[0].at == matter.reported_at
        assert [(entry.verb, entry.at) for entry in entries if entry.at > now and entry.via != "job"] == []
        assert {entry.via for entry in entries} <= {trail.REPLAYED, "job"}  # the clock's own job tells of deadlines
        assert state_after(verbs) == matter.state, verbs
        assert {json_id for entry in entries if (json_id := entry.facts.get("note_id"))} <= {str(id) for id in notes}
        answered = [entry.at for entry in entries if entry.verb == "matter.fed_back"]
        assert matter.fed_back_at == (answered[-1] if answered and matter.state in ("fed_back", "closed") else None)


def state_after(verbs: list[str]) -> str:
    after = {
        "reported": State.REPORTED, "accepted": State.ACCEPTED, "passed": State.REPORTED, "reopened": State.ACCEPTED,
        "fed_back": State.FED_BACK, "confirmed": State.CLOSED, "called_back": State.CLOSED, "refused": State.REFUSED,
        "handover.offered": State.HANDED_ON, "handover.accepted": State.ACCEPTED, "handover.returned": State.ACCEPTED,
    }  # fmt: skip
    state = ""
    for verb in verbs:
        state = after.get(verb.removeprefix("matter."), state)
    return state


def check_figures(now: datetime) -> None:
    total, month = 0, now.astimezone(clock.SHANGHAI).date().replace(day=1)
    for _ in range(5):
        figures = queries.month_figures(month)
        assert figures.total.total == sum(row.total for row in figures.rows)
        assert all(sum(row.by_outcome.values()) == row.total for row in [*figures.rows, figures.total])
        total, month = total + figures.total.total, (month - timedelta(days=1)).replace(day=1)
    assert total == Matter.objects.count()


def check_the_cast(now: datetime) -> None:
    assert {name for name, _ in who.SIGN_INS} > {"社区书记 赵敏", "系统管理员 管理员"}
    wang = Resident.objects.get(name="王芳", phone_index="10012340001")
    assert wang.residences.get().dwelling.door == "48-2-301"
    states = Counter(Matter.objects.filter(reporter=wang.links.get().account_id).values_list("state", flat=True))
    assert states == {"closed": 2, "fed_back": 1, "accepted": 1}
    open_matters = Matter.objects.filter(state__in=OPEN)
    for sub_area in settle.SubArea.objects.all():
        assert open_matters.filter(sub_area=sub_area).count() >= 3
        assert open_matters.filter(sub_area=sub_area, due_at__lte=now).exists()
    assert StoredFile.objects.filter(purpose="report").exists() and StoredFile.objects.filter(purpose="after").exists()
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.DELIVERED}
    assert OrganisationPost.objects.filter(role="secretary", organisation__kind="general_branch").count() == 4
    assert {Organisation.objects.filter(kind=kind).exists() for kind in kinds()} == {True}
    assert OrganisationPost.objects.filter(role="steward").exists()


def test_production_never_gets_a_demo(settings: Any) -> None:
    settings.LINLI_PROFILE, settings.IS_DEMO = "production", False
    with pytest.raises(seed.NotForProduction):
        seed.seed_if_empty()


def test_a_batch_leaves_the_rows_that_single_actions_leave(db: None, quick_passwords: None) -> None:
    now = clock.now().replace(microsecond=0)
    with clock.at(now - timedelta(days=110)):
        planned = lay_out(ELSEWHERE)
        here = settle.set_up(ELSEWHERE, planned, population(ELSEWHERE, planned, now.date()))
        settle.appoint([here])
        settle.register(here)
        settle.open_accounts(here, many=2, from_day=clock.today(), to_day=clock.today())
    plans = one_of_each(matters_of(ELSEWHERE, here.people, here.holders, now, count=700))
    assert {step.verb for plan in plans for step in plan.steps} == {
        "accept", "pass", "refuse", "note", "feed_back", "confirm", "reopen", "call_back",
    }  # fmt: skip
    with active(here.id):
        RoutingRule.objects.all().delete()  # a batch tells what has been: its story knows who took it
        for kind in here.kinds.values():
            kind.side = Queue.FRONT
        singly = left_by(here, plans, actions)
        with transaction.atomic():
            batch = Batch()
            with batch:
                batched = left_by(here, plans, batch, finish=batch._write)
                batch._matters, batch._notes, batch._entries = {}, [], []
    assert batched == singly


def one_of_each(plans: list[MatterPlan]) -> list[MatterPlan]:
    """Plans that differ in what is done to them, reported from different sides, some on one day."""
    kept: dict[tuple[object, ...], MatterPlan] = {}
    for plan in plans:
        kept.setdefault(tuple(step.verb for step in plan.steps), plan)
        kept.setdefault((plan.source, bool(plan.photo)), plan)
    return sorted([*kept.values(), *plans[:5]], key=lambda plan: plan.at)


def left_by(here: settle.Settled, plans: list[MatterPlan], verbs: Any, finish: Any = lambda: None) -> dict[str, Any]:
    """The rows that playing `plans` leaves, with ids replaced by what they stand for; undone afterwards."""
    undo = transaction.savepoint()
    played = [play.play_one(here, plan, verbs).id for plan in plans]
    finish()
    numbers = {matter.id: matter.number for matter in Matter.objects.filter(id__in=played)}
    words = {str(note.id): (numbers[note.matter_id], note.verb, note.words) for note in Note.objects.all()}
    rows = {
        "matters": sorted(
            (
                content_of(matter, {"id", "routed_by", "routed_because"})
                for matter in Matter.objects.filter(id__in=played)
            ),
            key=str,
        ),
        "notes": sorted((*words[str(note.id)], note.made_by, note.made_at) for note in Note.objects.all()),
        "days": sorted(DayCount.objects.values_list("day", "last")),
        "files": sorted((numbers[f.owner_id], f.purpose, f.name, f.made_at) for f in StoredFile.objects.all()),
        "trail": sorted(
            json.dumps([numbers[entry.subject_id], plainly(entry.facts, words), content_of(entry, LOOSE)], default=str)
            for entry in TrailEntry.objects.filter(subject_id__in=played)
        ),
    }
    transaction.savepoint_rollback(undo)
    return rows


LOOSE = {"id", "subject_id", "facts", "xact"}


def content_of(row: Any, without: set[str]) -> dict[str, Any]:
    fields = [field.attname for field in row._meta.concrete_fields if field.attname not in without]
    return {name: bytes(value) if isinstance(value := getattr(row, name), memoryview) else value for name in fields}


def plainly(facts: dict[str, Any], words: dict[str, Any]) -> dict[str, Any]:
    shown = {
        name: value for name, value in facts.items() if name not in ("rule", "to")
    }  # a batch has no rules to go by
    if shown.get("note_id"):
        shown["note_id"] = words[shown["note_id"]]
    if "file_ids" in shown:
        shown["file_ids"] = len(shown["file_ids"])
    return shown
