from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from linli.core import clock
from linli.core.access import Role
from linli.core.errors import NotAllowed
from linli.core.models import TrailEntry
from linli.core.privacy import undeclared_fields, wrong_declarations
from linli.core.tenancy import active
from linli.organisations import actions, kinds, queries, rules
from linli.organisations.kinds import Role as Post
from linli.organisations.models import Organisation, OrganisationPlace, OrganisationPost, Venue
from linli.places.tests.factories import SIBLING_CODE, VISITOR, Neighbourhood, neighbourhood, resident_actor, staff
from linli.residents import actions as residents
from linli.residents.tests.factories import register

DAY = date(2024, 1, 1)
CODE = "91350100M000100Y43"


@pytest.fixture
def zhao():
    return staff(Role.SECRETARY)


@pytest.fixture
def tree(here: Neighbourhood, zhao) -> dict[str, Organisation]:
    def add(kind: str, name: str, **more) -> Organisation:
        return actions.add_organisation(zhao, kind=kind, name=name, from_on=DAY, **more)

    committee = add("committee", "仓基新村社区党委")
    west = add("general_branch", "西片党总支", parent=committee, sub_area=here.west, order=2)
    east = add("general_branch", "东片党总支", parent=committee, sub_area=here.east, order=1)
    branch = add("branch", "第一党支部", parent=east, sub_area=here.east)
    stairwell = add("stairwell_group", "48幢楼道党小组", parent=branch, sub_area=here.east)
    return {"committee": committee, "west": west, "east": east, "branch": branch, "stairwell": stairwell}


def partner(actor, name: str = "清渠诊所", **more) -> Organisation:
    return actions.add_organisation(actor, kind="partner_unit", name=name, from_on=DAY, **more)


def test_the_tree_is_told_from_the_top(tree, zhao, django_assert_num_queries) -> None:
    with django_assert_num_queries(3):
        told = [(node.depth, node.branch.name) for node in queries.branch_tree(zhao)]
    assert told == [
        (0, "仓基新村社区党委"),
        (1, "东片党总支"),
        (2, "第一党支部"),
        (3, "48幢楼道党小组"),
        (1, "西片党总支"),
    ]


def test_every_level_has_its_place(tree, zhao) -> None:
    for kind, parent in (
        ("branch", None),
        ("committee", tree["committee"]),
        ("stairwell_group", tree["east"]),
        ("general_branch", tree["branch"]),
    ):
        with pytest.raises(actions.OutOfPlace):
            actions.add_organisation(zhao, kind=kind, name="放错的", parent=parent, from_on=DAY)
    assert Organisation.objects.count() == TrailEntry.objects.filter(verb="organisation.added").count() == 5


def test_a_name_is_held_by_one_at_a_time(tree, zhao) -> None:
    with pytest.raises(actions.OrganisationNamed):
        actions.add_organisation(zhao, kind="interest_team", name="第一党支部", from_on=DAY)
    team = actions.add_organisation(zhao, kind="interest_team", name="太极队", from_on=DAY)
    actions.end_organisation(zhao, organisation=team, on=date(2025, 1, 1))
    again = actions.add_organisation(zhao, kind="interest_team", name="太极队", from_on=date(2025, 1, 1))
    assert again.pk != team.pk


def test_one_secretary_at_a_time_and_the_next_may_follow_the_same_day(tree, zhao) -> None:
    first, second = register("王芳"), register("李敏")
    east = tree["east"]
    given_once = actions.give_post(zhao, organisation=east, role="secretary", resident=first, from_on=DAY)
    assert actions.give_post(zhao, organisation=east, role="secretary", resident=first, from_on=DAY) == given_once
    with pytest.raises(actions.SeatTaken):
        actions.give_post(zhao, organisation=east, role="secretary", resident=second, from_on=date(2025, 1, 1))
    actions.give_post(
        zhao, organisation=east, role="secretary", resident=second, from_on=date(2025, 1, 1), succeeding=True
    )
    spans = OrganisationPost.objects.filter(organisation=east).order_by("span").values_list("resident", "span")
    assert [(who, span.lower, span.upper) for who, span in spans] == [
        (first.pk, DAY, date(2025, 1, 1)),
        (second.pk, date(2025, 1, 1), None),
    ]
    assert [node.secretary for node in queries.branch_tree(zhao, date(2024, 6, 1))][1] == "王芳"
    assert [node.secretary for node in queries.branch_tree(zhao)][1] == "李敏"
    assert TrailEntry.objects.filter(verb="organisation_post.given", touches__contains=[second.pk]).count() == 1


def test_one_steward_a_building_whichever_branch_names_them(here: Neighbourhood, tree, zhao) -> None:
    steward = {"role": Post.STEWARD, "building": here.buildings[48]}
    actions.give_post(zhao, organisation=tree["east"], resident=register("王芳"), from_on=DAY, **steward)
    with pytest.raises(actions.StewardThere):
        actions.give_post(zhao, organisation=tree["branch"], resident=register("李敏"), from_on=DAY, **steward)
    with pytest.raises(actions.RoleUnknown):
        actions.give_post(zhao, organisation=tree["east"], role=Post.STEWARD, name="陈明", from_on=DAY)


def test_the_dead_take_no_post(tree, zhao) -> None:
    wang = residents.record_death(staff(Role.BACK_OFFICE), resident=register("王芳"), died_on=DAY)
    with pytest.raises(actions.SecretaryDied):
        actions.give_post(zhao, organisation=tree["east"], role="secretary", resident=wang, from_on=DAY)


def test_who_keeps_what(here: Neighbourhood, tree, zhao) -> None:
    lina = staff(Role.SPECIALIST, sub_area=here.east)
    for actor in (staff(Role.STREET_OFFICIAL), staff(Role.ADMINISTRATOR), resident_actor(), VISITOR):
        with pytest.raises(NotAllowed):
            partner(actor)
    for refused in (
        lambda: partner(lina),  # the whole community
        lambda: partner(lina, sub_area=here.west),
        lambda: actions.add_organisation(
            lina, kind="branch", name="二支部", parent=tree["east"], sub_area=here.east, from_on=DAY
        ),
        lambda: actions.give_post(lina, organisation=tree["east"], role="secretary", name="陈明", from_on=DAY),
        lambda: actions.give_post(
            lina, organisation=tree["west"], role="steward", name="陈明", building=here.buildings[9], from_on=DAY
        ),
        lambda: actions.end_organisation(lina, organisation=tree["branch"], on=clock.today()),
    ):
        with pytest.raises(actions.OutOfReach):
            refused()
    own = partner(lina, sub_area=here.east)
    actions.give_post(
        lina, organisation=tree["east"], role="steward", name="陈明", building=here.buildings[48], from_on=DAY
    )
    with pytest.raises(actions.OutOfReach):
        actions.add_place(lina, organisation=own, from_on=DAY, sub_area=here.west)
    assert partner(staff(Role.BACK_OFFICE), "青禾抢修队").pk


def test_who_sees_whom(here: Neighbourhood, tree, zhao) -> None:
    actions.give_post(zhao, organisation=tree["east"], role="secretary", resident=register("王小芳"), from_on=DAY)
    assert queries.branch_tree(resident_actor()) == queries.branch_tree(VISITOR) == []
    assert queries.branch_tree(staff(Role.SPECIALIST, sub_area=here.east))[1].secretary == "王小芳"
    assert queries.branch_tree(staff(Role.STREET_OFFICIAL))[1].secretary == "王*芳"


def test_a_contacts_number_is_masked_until_somebody_says_what_for(here: Neighbourhood, zhao) -> None:
    unit = partner(zhao)
    post = actions.give_post(zhao, organisation=unit, role="contact", name="陈明", phone="100 1234 5678", from_on=DAY)
    assert queries.page_of(zhao, unit).posts[0].phone == "100****5678"
    with pytest.raises(actions.ReasonNeeded):
        actions.reveal_phone(zhao, post=post, reason="看")
    with pytest.raises(NotAllowed):
        actions.reveal_phone(staff(Role.STREET_OFFICIAL), post=post, reason="联系共建活动")
    assert actions.reveal_phone(zhao, post=post, reason="联系共建活动") == "10012345678"
    entry = TrailEntry.objects.get(verb="organisation_post.revealed")
    assert entry.facts == {"reason": "联系共建活动"} and "陈明" not in str(TrailEntry.objects.values("facts"))


def test_a_credit_code_is_checked_and_held_once(here: Neighbourhood, zhao) -> None:
    partner(zhao, credit_code=" 91350100-m000100y43 ")
    assert Organisation.objects.get().credit_code == CODE
    with pytest.raises(actions.CodeTaken):
        partner(zhao, "另一家", credit_code=CODE)
    for wrong in (CODE[:-1], CODE[:-1] + "4", "O" + CODE[1:]):
        with pytest.raises(actions.CodeWrong):
            partner(zhao, "又一家", credit_code=wrong)


@given(st.text(rules.ALPHABET, min_size=17, max_size=17))
def test_the_check_character_is_the_one_others_compute(body) -> None:
    assert rules.credit_code_check(body) == uscc.calc_check_digit(body)
    assert rules.credit_code_fault(body + rules.credit_code_check(body)) == ""


@given(st.dates(date(1990, 1, 31), date(2090, 1, 1)), st.integers(1, 36))
def test_months_later_never_skips_a_month(day, months) -> None:
    later = rules.months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


def test_what_ends_takes_posts_places_and_term_with_it_and_stays_to_be_read(here: Neighbourhood, zhao) -> None:
    unit = partner(zhao, sub_area=here.east)
    actions.give_post(zhao, organisation=unit, role="contact", name="陈明", from_on=DAY)
    actions.start_term(zhao, organisation=unit, label="首期", from_on=DAY, until=date(2030, 1, 1))
    end = date(2025, 3, 1)
    actions.end_organisation(zhao, organisation=unit, on=end)
    actions.end_organisation(zhao, organisation=unit, on=date(2025, 4, 1))
    unit.refresh_from_db()
    rows = [unit, unit.posts.get(), unit.places.get(), unit.terms.get()]
    assert [row.span.upper for row in rows] == [end] * 4
    assert names(zhao, here.east, end) == [] and names(zhao, here.east, end - timedelta(days=1)) == ["清渠诊所"]
    with pytest.raises(actions.DayOutOfOrder):
        actions.end_organisation(zhao, organisation=partner(zhao, "另一家"), on=DAY)


def test_terms_follow_one_another(here: Neighbourhood, zhao) -> None:
    company = actions.add_organisation(zhao, kind="property_company", name="安居物业", from_on=DAY)
    actions.start_term(zhao, organisation=company, label="2024", from_on=DAY, until=date(2025, 1, 1))
    with pytest.raises(actions.TermRunning):
        actions.start_term(zhao, organisation=company, label="2025", from_on=date(2024, 12, 31), until=date(2026, 1, 1))
    actions.start_term(zhao, organisation=company, label="2025", from_on=date(2025, 1, 1), until=date(2026, 1, 1))
    assert company.terms.count() == 2


def names(actor, sub_area, day, code: str = "partners") -> list[str]:
    lists = {each.kind.code: each for each in queries.five_lists(actor, sub_area, day)}
    return [row.name for row in lists[code].rows]


def test_where_it_works_decides_on_which_lists_it_stands(here: Neighbourhood, zhao) -> None:
    today = clock.today()
    unit = partner(zhao, sub_area=here.east)
    partner(zhao, "全社区的")
    assert names(zhao, here.east, today) == ["全社区的", "清渠诊所"] and names(zhao, here.west, today) == ["全社区的"]
    behind_the_door = actions.add_place(zhao, organisation=unit, from_on=DAY, dwelling=here.door("9-1-101"))
    assert "清渠诊所" in names(zhao, here.west, today)
    actions.end_place(zhao, place=behind_the_door, on=today)
    assert "清渠诊所" not in names(zhao, here.west, today)
    assert "清渠诊所" in names(zhao, here.west, today - timedelta(days=1))
    actions.add_place(zhao, organisation=unit, from_on=today, estate=here.estate)
    assert "清渠诊所" in names(zhao, here.west, today)
    assert OrganisationPlace.objects.filter(organisation=unit).count() == 3


class Undo(Exception):
    """Takes one example's rows back."""


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 30), st.booleans()), min_size=1, max_size=4),
    st.integers(0, 80),
)
@pytest.mark.django_db
def test_a_list_of_any_day_holds_what_there_was_on_it(spans, day) -> None:
    zhao, since = staff(Role.SECRETARY), date(2025, 1, 1)
    with pytest.raises(Undo), transaction.atomic(), neighbourhood() as here:
        for at, (begins, lasts, is_ended) in enumerate(spans):
            first = since + timedelta(days=begins)
            unit = actions.add_organisation(
                zhao, kind="partner_unit", name=f"单位{at}", from_on=first, sub_area=here.east
            )
            if is_ended:
                actions.end_organisation(zhao, organisation=unit, on=first + timedelta(days=lasts))
        expected = {
            f"单位{at}"
            for at, (begins, lasts, is_ended) in enumerate(spans)
            if begins <= day and (not is_ended or day < begins + lasts)
        }
        assert set(names(zhao, here.east, since + timedelta(days=day))) == expected
        raise Undo


def test_each_of_the_five_lists_has_its_own(here: Neighbourhood, tree, zhao) -> None:
    today = clock.today()
    actions.add_organisation(zhao, kind="interest_team", name="太极队", from_on=DAY, sub_area=here.east)
    actions.add_organisation(zhao, kind="property_company", name="安居物业", from_on=DAY)
    actions.give_post(
        zhao, organisation=tree["east"], role="steward", name="陈明", building=here.buildings[48], from_on=DAY
    )
    actions.put_venue(zhao, name="议事厅", kind="meeting", from_on=DAY, building=here.buildings[48], area_m2=90)
    actions.put_project(zhao, name="理发日", for_whom="老人", words="每月八号", from_on=today + timedelta(days=9))
    told = {code: names(zhao, here.east, today, code) for code in queries.LISTS}
    assert told == {
        "partners": [],
        "venues": ["议事厅"],
        "projects": ["理发日"],
        "groups": ["太极队"],
        "auxiliary": ["安居物业", "48幢红管家"],
    }
    assert names(zhao, here.west, today, "venues") == []
    assert queries.five_lists(zhao, here.west, today)[2].rows[0].cells[0] == "筹备中"


def test_what_was_not_looked_at_for_too_long_is_due_until_somebody_confirms(here: Neighbourhood, zhao) -> None:
    unit = partner(zhao)
    Organisation.objects.update(check_by=clock.today())
    unit.refresh_from_db()
    assert queries.five_lists(zhao, here.east, clock.today())[0].due == 1
    actions.confirm(zhao, row=unit)
    actions.confirm(zhao, row=unit)
    assert queries.five_lists(zhao, here.east, clock.today())[0].due == 0
    assert TrailEntry.objects.filter(verb="organisation.confirmed").count() == 1


def test_a_change_says_what_it_was_before(here: Neighbourhood, zhao) -> None:
    unit = partner(zhao, words="义诊")
    actions.change_organisation(zhao, organisation=unit, name="清渠中医诊所", words="义诊")
    actions.change_organisation(zhao, organisation=unit, name="清渠中医诊所", words="义诊")
    (entry,) = TrailEntry.objects.filter(verb="organisation.changed")
    assert entry.facts == {"before": {"name": "清渠诊所"}}
    assert [row.name for row in queries.search(zhao, "qqzy")] == ["清渠中医诊所"]


def test_kinds_and_posts_in_the_data_fit_together() -> None:
    for kind in kinds.kinds().values():
        assert kind.group in kinds.GROUPS and kind.list in {"", *queries.LISTS} and kind.roles
        assert set(kind.under) <= set(kinds.kinds()) and kind.check_months > 0
        assert len([role for role in kind.roles if role in kinds.SINGLE]) <= 1


def test_the_next_communitys_organisations_are_its_own(tree) -> None:
    with neighbourhood(7002, SIBLING_CODE):
        zheng = staff(Role.SECRETARY)
        assert queries.branch_tree(zheng) == [] and queries.search(zheng, "党").count() == 0
        actions.add_organisation(zheng, kind="committee", name="仓基新村社区党委", from_on=DAY)


@pytest.mark.parametrize("model", [OrganisationPost, Venue])
def test_every_field_says_how_it_is_kept(model) -> None:
    assert undeclared_fields(model) == wrong_declarations(model) == []


def test_the_desks_page_tells_the_tree(cast, browse) -> None:
    page = "/c/330105002053/desk/organisations/"
    assert "还没有登记组织" in browse(cast.accounts["李娜"]).get(page).content.decode()
    with active(cast.here.id):
        zhao = staff(Role.SECRETARY)
        committee = actions.add_organisation(zhao, kind="committee", name="社区党委", from_on=DAY)
        branch = actions.add_organisation(zhao, kind="branch", name="一支部", parent=committee, from_on=DAY)
        actions.give_post(zhao, organisation=branch, role="secretary", resident=register("王小芳"), from_on=DAY)
    told = browse(cast.accounts["李娜"]).get(page).content.decode()
    assert told.index("社区党委") < told.index("一支部") < told.index("王小芳")
    assert "王*芳" in browse(cast.accounts["周国平"]).get(page).content.decode()
    assert browse(cast.accounts["王芳"]).get(page).status_code == 404
    assert browse().get(page).status_code == 302
