"""吹哨报到: several units called at once; who came in time, what they did, how it was rated, and the rate over the year."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from linli.accounts.models import Account
from linli.accounts.queries import actor_for
from linli.core import clock
from linli.core.errors import Invalid, NotAllowed
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.matters import actions, jobs, queries
from linli.matters.models import CalledUnit, MatterKind, WhistleCall
from linli.notices.models import Message
from linli.organisations import actions as organisations

pytestmark = pytest.mark.django_db
SINCE = date(2024, 3, 1)


@pytest.fixture
def units(as_secretary):
    found = []
    for at, (kind, name) in enumerate((("property_company", "安居物业"), ("partner_unit", "消防站"))):
        row = organisations.add_organisation(as_secretary, kind=kind, name=name, from_on=SINCE)
        organisations.give_post(
            as_secretary, organisation=row, role="contact", name="联系人", phone=f"1003000000{at}", from_on=SINCE
        )
        found.append(row)
    return found


@pytest.fixture
def matter(as_wang):
    kind, spot = MatterKind.objects.get(code="fire"), queries.spot_named("48-2-301")
    return actions.report_matter(as_wang, kind=kind, words="通道堵死了", spot=spot)


@pytest.fixture
def call(as_secretary, matter, units):
    def blow(**changed):
        asked = {
            "units": units,
            "lead": units[1],
            "respond_by": clock.now() + timedelta(hours=2),
            "words": "一起清通道",
        }
        return actions.call_units(as_secretary, matter=matter, **{**asked, **changed})

    return blow


def of(cast, phone):
    account = Account.objects.get(phone_index=phone)
    return actor_for(account, cast.here.community, code=cast.here.code)


def unit_of(call, organisation):
    return CalledUnit.objects.get(call=call, organisation=organisation)


def test_each_unit_says_that_it_is_there_and_what_it_did(call, units, cast, as_secretary):
    blown = call()
    company, fire = (unit_of(blown, unit) for unit in units)
    assert (company.is_lead, fire.is_lead) == (False, True)
    him = of(cast, "10030000000")
    with pytest.raises(actions.NotThereYet):
        actions.tell_result(him, unit=company, words="清了")
    arrived = actions.arrive(him, unit=company)
    assert arrived.came_in_time(blown.respond_by) and actions.arrive(him, unit=company).arrived_at == arrived.arrived_at
    assert actions.tell_result(him, unit=company, words="拉走两车").result == "拉走两车"
    with pytest.raises(actions.NotYourUnit):
        actions.arrive(him, unit=fire)
    assert actions.rate_unit(as_secretary, unit=company, rating=5).rating == 5
    with pytest.raises(Invalid):
        actions.rate_unit(as_secretary, unit=company, rating=6)


def test_the_rate_is_those_in_time_of_those_called(call, units, as_secretary, as_specialist):
    blown = call(respond_by=clock.now() + timedelta(minutes=1))
    actions.arrive(as_specialist, unit=unit_of(blown, units[0]))
    with clock.at(clock.now() + timedelta(hours=1)):
        actions.arrive(as_specialist, unit=unit_of(blown, units[1]))
        actions.end_call(as_secretary, call=blown)
        records = {record.organisation.name: record for record in queries.unit_records(as_secretary)}
    assert {name: record.percent for name, record in records.items()} == {"安居物业": 100, "消防站": 0}
    assert queries.unit_records(as_specialist) == []


def test_one_at_a_time_with_somebody_to_lead_and_an_hour_to_come(call, units, as_secretary, as_specialist, matter):
    for changed, refused in (
        ({"units": []}, actions.UnitsMissing),
        ({"lead": units[0], "units": [units[1]]}, actions.UnitsMissing),
        ({"respond_by": clock.now()}, actions.HourPast),
        ({"words": " "}, actions.WordsMissing),
    ):
        with pytest.raises(refused):
            call(**changed)
    blown = call()
    with pytest.raises(actions.CalledAlready):
        call()
    actions.end_call(as_secretary, call=blown)
    assert call().pk != blown.pk
    with pytest.raises(NotAllowed):
        actions.call_units(
            as_specialist,
            matter=matter,
            units=units,
            lead=units[0],
            respond_by=clock.now() + timedelta(hours=1),
            words="x",
        )


def test_every_unit_is_told_once(call, cast):
    call()
    entry = TrailEntry.objects.get(verb="whistle.blown")
    for _ in range(2):
        jobs.tell_called.func(community_id=cast.here.id, entry_id=str(entry.pk))
    assert Message.objects.filter(template="whistle_blown").count() == 2


def test_the_pages_take_it_through(call, units, cast, matter):
    def browser(account):
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    root, boss = f"/c/{cast.here.code}", browser(cast.accounts["赵敏"])
    assert "安居物业" in boss.get(f"{root}/desk/matters/{matter.pk}/call/").content.decode()
    by = (clock.now() + timedelta(hours=2)).astimezone(clock.SHANGHAI)
    sent = {
        "words": "一起清通道",
        "units": [str(u.pk) for u in units],
        "lead": str(units[1].pk),
        "respond_by": f"{by:%Y-%m-%dT%H:%M}",
    }
    assert boss.post(f"{root}/desk/matters/{matter.pk}/call/", {**sent, "lead": ""}).status_code == 422
    assert boss.post(f"{root}/desk/matters/{matter.pk}/call/", sent).status_code == 302
    with active(cast.here.id):
        blown, unit = WhistleCall.objects.get(), CalledUnit.objects.get(organisation=units[0])
        fire = CalledUnit.objects.get(organisation=units[1])
        phone = browser(Account.objects.get(phone_index="10030000000"))
    assert "社区吹哨，请到场" in phone.get(f"{root}/party/").content.decode()
    assert "我们到了" in phone.get(f"{root}/party/called/{unit.pk}/").content.decode()
    assert phone.get(f"{root}/party/called/{fire.pk}/").status_code == 404
    assert phone.post(f"{root}/party/called/{unit.pk}/arrive/").status_code == 302
    assert phone.post(f"{root}/party/called/{unit.pk}/result/", {"result-words": ""}).status_code == 422
    assert phone.post(f"{root}/party/called/{unit.pk}/result/", {"result-words": "拉走两车"}).status_code == 302
    page = boss.get(f"{root}/desk/matters/{matter.pk}/").content.decode()
    assert "2 家到了 1 家" in page and "拉走两车" in page
    assert boss.post(f"{root}/desk/called/{fire.pk}/result/", {"words": "来了"}).status_code == 409
    assert boss.post(f"{root}/desk/called/{unit.pk}/rate/", {"rating": "5"}).status_code == 302
    assert boss.post(f"{root}/desk/calls/{blown.pk}/end/").status_code == 302
    assert "100%" in boss.get(f"{root}/desk/units/").content.decode()
