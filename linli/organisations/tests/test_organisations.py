from __future__ import annotations

from datetime import date

import pytest

from linli.core.access import Role
from linli.core.errors import NotAllowed
from linli.core.models import TrailEntry
from linli.core.privacy import undeclared_fields, wrong_declarations
from linli.core.tenancy import active
from linli.organisations import actions, queries
from linli.organisations.models import PartyBranch
from linli.places.tests.factories import SIBLING_CODE, VISITOR, Neighbourhood, neighbourhood, resident_actor, staff
from linli.residents import actions as residents
from linli.residents.tests.factories import register

Kind = PartyBranch.Kind
DAY = date(2024, 1, 1)


@pytest.fixture
def zhao():
    return staff(Role.SECRETARY)


@pytest.fixture
def tree(here: Neighbourhood, zhao) -> dict[str, PartyBranch]:
    committee = actions.add_branch(zhao, name="仓基新村社区党委", kind=Kind.COMMITTEE)
    west = actions.add_branch(
        zhao, name="西片党总支", kind=Kind.GENERAL_BRANCH, parent=committee, sub_area=here.west, order=2
    )
    east = actions.add_branch(
        zhao, name="东片党总支", kind=Kind.GENERAL_BRANCH, parent=committee, sub_area=here.east, order=1
    )
    branch = actions.add_branch(zhao, name="第一党支部", kind=Kind.BRANCH, parent=east)
    stairwell = actions.add_branch(zhao, name="48幢楼道党小组", kind=Kind.STAIRWELL_GROUP, parent=branch)
    return {"committee": committee, "west": west, "east": east, "branch": branch, "stairwell": stairwell}


def test_the_tree_is_told_from_the_top_in_one_query(tree, zhao, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
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
        (Kind.BRANCH, None),
        (Kind.COMMITTEE, tree["committee"]),
        (Kind.STAIRWELL_GROUP, tree["east"]),
        (Kind.GENERAL_BRANCH, tree["branch"]),
    ):
        with pytest.raises(actions.OutOfPlace):
            actions.add_branch(zhao, name="放错的", kind=kind, parent=parent)
    assert PartyBranch.objects.count() == TrailEntry.objects.filter(verb="party_branch.added").count() == 5


def test_a_name_is_given_once(tree, zhao) -> None:
    with pytest.raises(actions.BranchNamed):
        actions.add_branch(zhao, name="第一党支部", kind=Kind.BRANCH, parent=tree["west"])


def test_a_secretary_is_appointed_once_and_the_trail_knows_who_went(tree, zhao) -> None:
    first, second = register("王芳"), register("李敏")
    actions.appoint_secretary(zhao, branch=tree["east"], resident=first, from_on=DAY)
    actions.appoint_secretary(zhao, branch=tree["east"], resident=first, from_on=DAY)
    actions.appoint_secretary(zhao, branch=tree["east"], resident=second, from_on=date(2025, 1, 1))
    entries = list(TrailEntry.objects.filter(verb="party_branch.secretary_appointed").order_by("id"))
    assert [entry.touches for entry in entries] == [[first.pk], [second.pk, first.pk]]
    assert queries.general_branch_of(tree["east"].sub_area).secretary == second


def test_the_dead_are_not_appointed(tree, zhao) -> None:
    wang = residents.record_death(staff(Role.BACK_OFFICE), resident=register("王芳"), died_on=DAY)
    with pytest.raises(actions.SecretaryDied):
        actions.appoint_secretary(zhao, branch=tree["east"], resident=wang, from_on=DAY)


def test_who_builds_the_tree_and_who_sees_it(here: Neighbourhood, tree, zhao) -> None:
    wang = register("王小芳")
    actions.appoint_secretary(zhao, branch=tree["east"], resident=wang, from_on=DAY)
    for actor in (staff(Role.SPECIALIST), staff(Role.BACK_OFFICE), staff(Role.STREET_OFFICIAL), resident_actor()):
        with pytest.raises(NotAllowed):
            actions.add_branch(actor, name="新的", kind=Kind.BRANCH, parent=tree["east"])
        with pytest.raises(NotAllowed):
            actions.appoint_secretary(actor, branch=tree["east"], resident=wang, from_on=DAY)
    assert queries.branch_tree(resident_actor()) == queries.branch_tree(VISITOR) == []
    assert queries.branch_tree(staff(Role.SPECIALIST, sub_area=here.east))[1].secretary == "王小芳"
    assert queries.branch_tree(staff(Role.STREET_OFFICIAL))[1].secretary == "王*芳"


def test_the_next_communitys_tree_is_its_own(tree) -> None:
    with neighbourhood(7002, SIBLING_CODE):
        assert queries.branch_tree(staff(Role.SECRETARY)) == []
        actions.add_branch(staff(Role.SECRETARY), name="仓基新村社区党委", kind=Kind.COMMITTEE)


def test_every_field_says_how_it_is_kept() -> None:
    assert undeclared_fields(PartyBranch) == wrong_declarations(PartyBranch) == []


def test_the_desks_page_tells_the_tree(cast, browse) -> None:
    page = "/c/330105002053/desk/organisations/"
    assert "还没有登记党组织" in browse(cast.accounts["李娜"]).get(page).content.decode()
    with active(cast.here.id):
        committee = actions.add_branch(staff(Role.SECRETARY), name="社区党委", kind=Kind.COMMITTEE)
        branch = actions.add_branch(staff(Role.SECRETARY), name="一支部", kind=Kind.BRANCH, parent=committee)
        actions.appoint_secretary(staff(Role.SECRETARY), branch=branch, resident=register("王小芳"), from_on=DAY)
    told = browse(cast.accounts["李娜"]).get(page).content.decode()
    assert told.index("社区党委") < told.index("— </span>一支部") < told.index("王小芳")
    assert "王*芳" in browse(cast.accounts["周国平"]).get(page).content.decode()
    assert browse(cast.accounts["王芳"]).get(page).status_code == 404
    assert browse().get(page).status_code == 302
