from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from linli.accounts import actions, queries
from linli.accounts.models import LinkState, Post, ResidentLink
from linli.core import clock
from linli.core.access import Role
from linli.core.errors import NotAllowed
from linli.core.models import TrailEntry
from linli.core.states import OutOfTurn
from linli.core.tenancy import PLATFORM, active
from linli.places.models import SubArea
from linli.residents.models import Resident

from .factories import OPERATOR, actor_of, link_to, make_holder, make_resident_account, make_staff

pytestmark = pytest.mark.django_db


def verbs(community_id):
    with active(community_id):
        return list(TrailEntry.objects.order_by("id").values_list("verb", flat=True))


def make_resident(name="王芳", **more):
    return Resident.objects.create(name=name, noted_at=clock.now(), **more)


@pytest.fixture
def patch(in_here):
    return SubArea.objects.create(code="E", name="东片")


# Posts


def test_a_secretary_appoints_specialists_and_back_office_in_her_community_only(as_secretary, here, next_door, patch):
    account = make_staff()
    post = actions.grant_post(as_secretary, account=account, role=Role.SPECIALIST, community=here, sub_area_id=patch.pk)
    assert post.counts_on(clock.today())
    for refused in (
        {"role": Role.BACK_OFFICE, "community": next_door},
        {"role": Role.SECRETARY, "community": here},
        {"role": Role.STREET_OFFICIAL, "street_code": "330105002"},
        {"role": Role.ADMINISTRATOR},
    ):
        with pytest.raises(NotAllowed):
            actions.grant_post(as_secretary, account=account, **refused)
    assert verbs(here.id)[-1] == "post.granted"


def test_others_appoint_nobody(here, wang):
    back_office = actor_of(make_holder(Role.BACK_OFFICE, community=here), here)
    for actor in (back_office, actor_of(wang, here)):
        with pytest.raises(NotAllowed):
            actions.grant_post(actor, account=make_staff(), role=Role.BACK_OFFICE, community=here)


def test_what_a_post_names_fits_its_role(here, next_door, patch):
    account = make_staff()
    for wrong in (
        {"role": Role.SPECIALIST, "community": here},
        {"role": Role.SECRETARY, "community": here, "sub_area_id": patch.pk},
        {"role": Role.SPECIALIST, "community": next_door, "sub_area_id": patch.pk},
        {"role": Role.STREET_OFFICIAL, "street_code": "33010"},
        {"role": Role.STREET_OFFICIAL, "community": here},
        {"role": Role.ADMINISTRATOR, "community": here},
    ):
        with pytest.raises(actions.posts.PostScope):
            actions.grant_post(OPERATOR, account=account, **wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": Role.SECRETARY},
        {"role": Role.ADMINISTRATOR, "street_code": "330105002"},
        {"role": Role.STREET_OFFICIAL, "street_code": "３３０１０５００２"},
        {"role": Role.RESIDENT},
    ],
)
def test_the_database_refuses_a_post_whose_scope_does_not_fit(here, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(account=make_staff(), **wrong)


def test_the_same_post_is_not_held_twice_on_a_day_but_may_be_held_again_after(here):
    account, today = make_staff(), clock.today()

    def grant(begin, end):
        return actions.grant_post(
            OPERATOR,
            account=account,
            role=Role.SECRETARY,
            community=here,
            from_on=today + timedelta(days=begin),
            until_on=today + timedelta(days=end),
        )

    grant(0, 10)
    with pytest.raises(actions.posts.PostHeld):
        grant(9, 20)
    grant(10, 20)


def test_ending_a_post_twice_leaves_one_trace(here, secretary, as_secretary):
    colleague = make_holder(Role.BACK_OFFICE, community=here)
    post = colleague.posts.get()
    actions.end_post(as_secretary, post=post)
    actions.end_post(as_secretary, post=post)
    assert not actor_of(colleague, here).is_staff
    assert verbs(here.id).count("post.ended") == 1


def test_a_post_that_has_not_begun_ends_as_never_held(here):
    account = make_staff()
    later = clock.today() + timedelta(days=5)
    post = actions.grant_post(OPERATOR, account=account, role=Role.SECRETARY, community=here, from_on=later)
    actions.end_post(OPERATOR, post=post)
    post.refresh_from_db()
    assert post.valid_from == post.valid_to == later


# Accounts


def test_usernames_are_taken_once_and_passwords_are_not_common(here):
    make_staff("zhaomin")
    with pytest.raises(actions.accounts.UsernameTaken):
        make_staff("zhaomin")
    with pytest.raises(actions.accounts.UsernameOdd):
        make_staff("赵敏")
    with pytest.raises(actions.accounts.PasswordWeak):
        make_staff("zhaomin2", password="password123")
    assert verbs(PLATFORM).count("account.added") == 1


def test_only_an_administrator_closes_an_account(as_secretary, secretary):
    colleague = make_staff()
    with pytest.raises(actions.accounts.AdministratorsOnly):
        actions.close_account(as_secretary, account=colleague)
    actions.close_account(OPERATOR, account=colleague)
    actions.close_account(OPERATOR, account=colleague)
    assert verbs(PLATFORM).count("account.closed") == 1


# Links


def test_staff_confirm_and_the_account_speaks_for_the_resident(in_here, wang, as_secretary):
    resident = make_resident()
    assert actor_of(wang, in_here).speaks_for == frozenset()

    link_to(wang, resident, by=as_secretary, community=in_here)

    assert actor_of(wang, in_here).speaks_for == {resident.pk}
    wang.refresh_from_db()
    assert wang.lives_in == [in_here.id]


def test_the_same_phone_in_the_register_does_not_confirm_by_itself(in_here, wang):
    make_resident(phone=wang.phone)
    actions.request_link(actor_of(wang, in_here), name="王芳", door="48-2-301")
    assert actor_of(wang, in_here).speaks_for == frozenset()


def test_one_request_at_a_time_and_a_confirmed_one_is_not_doubled(in_here, wang, as_secretary):
    resident, actor = make_resident(), actor_of(wang, in_here)
    link_to(wang, resident, by=as_secretary, community=in_here)
    again = actions.request_link(actor, name="王芳", door="48-2-301")
    with pytest.raises(actions.links.LinkAsked):
        actions.request_link(actor, name="王芳", door="48-2-301")
    with pytest.raises(actions.links.LinkKnown):
        actions.confirm_link(as_secretary, link=again, resident=resident)
    mother = make_resident("李秀英")
    actions.confirm_link(as_secretary, link=again, resident=mother)
    assert actor_of(wang, in_here).speaks_for == {resident.pk, mother.pk}


def test_residents_and_the_one_concerned_confirm_nothing(in_here, wang, secretary, as_secretary):
    resident, actor = make_resident(), actor_of(wang, in_here)
    link = actions.request_link(actor, name="王芳", door="48-2-301")
    own = actions.request_link(as_secretary, name="赵敏", door="48-2-302")
    for by, which in ((actor, link), (as_secretary, own)):
        with pytest.raises(NotAllowed):
            actions.confirm_link(by, link=which, resident=resident)
    assert ResidentLink.objects.filter(state=LinkState.CONFIRMED).count() == 0


def test_a_refusal_needs_a_reason_and_is_final(in_here, wang, as_secretary):
    link = actions.request_link(actor_of(wang, in_here), name="王芳", door="48-2-301")
    with pytest.raises(actions.links.ReasonMissing):
        actions.refuse_link(as_secretary, link=link, reason=" ")
    actions.refuse_link(as_secretary, link=link, reason="门牌对不上")
    with pytest.raises(OutOfTurn):
        actions.confirm_link(as_secretary, link=link, resident=make_resident())


def test_ending_a_link_acts_at_once_and_others_cannot(in_here, wang, as_secretary):
    link = link_to(wang, make_resident(), by=as_secretary, community=in_here)
    stranger = actor_of(make_resident_account(), in_here)
    with pytest.raises(NotAllowed):
        actions.end_link(stranger, link=link)
    actions.end_link(actor_of(wang, in_here), link=link)
    assert actor_of(wang, in_here).speaks_for == frozenset()


def test_candidates_say_what_speaks_for_them_and_the_likeliest_comes_first(in_here, wang, as_secretary):
    make_resident("王芳")
    likely = make_resident("王芳", phone=wang.phone)
    make_resident("李四")
    actions.request_link(actor_of(wang, in_here), name="王芳", door="48-2-301")
    (waiting,) = queries.with_candidates(as_secretary, queries.open_links_visible_to(as_secretary))
    assert [(c.card.id == likely.pk, c.same_phone, c.same_name) for c in waiting.candidates] == [
        (True, True, True),
        (False, False, True),
    ]
    assert wang.phone not in repr(waiting)


# Tokens


def test_a_token_is_its_owners_to_make_and_stop_and_only_a_digest_is_kept(here, secretary, as_secretary):
    token, secret = actions.make_token(as_secretary, account=secretary, name="看板")
    token.refresh_from_db()
    assert secret.startswith(token.prefix) and len(secret) > 40
    assert secret.encode() not in bytes(token.hash)
    stranger = actor_of(make_staff(), here)
    with pytest.raises(NotAllowed):
        actions.revoke_token(stranger, token=token)
    with pytest.raises(NotAllowed):
        actions.make_token(stranger, account=secretary, name="别人的")
    actions.revoke_token(as_secretary, token=token)
    actions.revoke_token(as_secretary, token=token)
    assert verbs(PLATFORM).count("token.revoked") == 1


def test_the_trail_of_signing_in_and_posts_holds_no_names_or_numbers(here, wang, secretary):
    asked = actions.ask_code(phone=wang.phone, address="192.0.2.1")
    actions.check_code(code_id=asked.id, digits=asked.shown)
    for community_id in (PLATFORM, here.id):
        with active(community_id):
            text = str(list(TrailEntry.objects.values_list("facts", flat=True)))
            assert wang.phone not in text and "李娜" not in text and secretary.username not in text


# The first page


def test_the_first_page_knows_every_door(here, next_door, in_here, wang, as_secretary):
    official = make_holder(Role.STREET_OFFICIAL, street_code="330105002")
    assert [door.url for door in queries.doors_of(official)] == [
        "/c/330105002051/desk/",
        "/c/330105002053/desk/",
    ]
    board = queries.board_door_of(official)
    assert board is not None and board.url == "/street/"
    assert (queries.doors_of(wang), queries.board_door_of(wang)) == ([], None)
    link_to(wang, make_resident(), by=as_secretary, community=here)
    wang.refresh_from_db()
    assert [door.url for door in queries.doors_of(wang)] == ["/c/330105002053/"]


def test_an_actor_holds_the_posts_that_count_today_and_no_others(here, next_door, patch):
    """`actor_for` reads by a statement of its own; `posts_in` says the rule."""
    made = {
        Role.SPECIALIST: {"community": here, "sub_area_id": patch.pk},
        Role.BACK_OFFICE: {"community": here},
        Role.SECRETARY: {"community": next_door},
        Role.STREET_OFFICIAL: {"street_code": "330105002"},
        Role.ADMINISTRATOR: {},
    }
    holders = [make_holder(role, **{"community": None, **scope}) for role, scope in made.items()]
    elsewhere = make_holder(Role.STREET_OFFICIAL, street_code="330105015")
    gone, ahead = (make_holder(Role.BACK_OFFICE, community=here) for _ in range(2))
    Post.objects.filter(account=gone).update(
        valid_from=clock.today() - timedelta(days=9), valid_to=clock.today() - timedelta(days=1)
    )
    Post.objects.filter(account=ahead).update(valid_from=clock.today() + timedelta(days=1))
    for account in (*holders, elsewhere, gone, ahead):
        for community in (here, next_door):
            rule = set(queries.posts_in(community).filter(account=account).values_list("role", "sub_area_id"))
            held = {(duty.role.value, duty.sub_area_id) for duty in actor_of(account, community).duties}
            assert held == rule, (account.pk, community.id)
    assert actor_of(holders[0], here).duties and not actor_of(gone, here).duties
