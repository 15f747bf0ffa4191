"""Who somebody is and what they may open. `actor_for` is the single maker of Actors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from linli.core import clock, tenancy
from linli.core.access import GRANTS, HELD_WITHOUT_POST, KEEPERS, ROLE_NAMES, Actor, Duty, Permission, Role
from linli.core.masking import mask_phone
from linli.core.models import TrailEntry
from linli.places import queries as places
from linli.places.models import Community, SubArea
from linli.places.rules import parse_door
from linli.residents import queries as residents
from linli.residents.models import Resident
from linli.residents.queries import ResidentCard
from linli.residents.searching import search_residents

from . import sessions
from .models import Account, LinkState, Post, ResidentLink, Token


def actor_for(
    account: Account | None,
    community: Community | None,
    *,
    via: str = "page",
    code: str | None = None,
    request_id: UUID | None = None,
) -> Actor:
    """The Actor of `account` in `community` today: its duties there, and the residents it is confirmed to be.

    Without an account: somebody not signed in. Without a community: an account that holds nothing yet. `code` is the
    community's current area code where the caller has it already (street officials' posts reach by code).
    """
    if account is None:
        return Actor("visitor", community_id=community.id if community else None, via=via, request_id=request_id)
    if community is None:
        return Actor(f"account {account.pk}", account_id=account.pk, via=via, request_id=request_id)
    with nullcontext() if tenancy.is_active(community.id) else tenancy.active(community.id):
        held = _held_in(community, account.pk, code=code or places.code_of(community.id))
    return Actor(
        f"account {account.pk}",
        account_id=account.pk,
        community_id=community.id,
        duties=held.duties,
        speaks_for=held.speaks_for,
        answers_for=held.answers_for,
        because=held.because,
        because_until=held.because_until,
        via=via,
        request_id=request_id,
    )


# Every request inside a community asks this first, so it is one statement, written out: composing the two by the ORM costs as much
# as all else before the view. Which posts count is `posts_in`'s rule; a test holds the two together.
HELD_IN = f"""
SELECT role, sub_area_id, NULL::timestamptz FROM accounts_post
 WHERE account_id = %(account)s AND valid_from <= %(today)s AND (valid_to IS NULL OR valid_to > %(today)s)
   AND (community_id = %(community)s OR role IN ({", ".join(f"'{role}'" for role in KEEPERS)})
        OR (role = '{Role.STREET_OFFICIAL}' AND street_code = %(street)s))
UNION ALL
SELECT '{Role.RESIDENT}', resident_id, NULL FROM accounts_residentlink
 WHERE community_id = %(community)s AND account_id = %(account)s AND state = '{LinkState.CONFIRMED}'
UNION ALL
SELECT '{Role.PARTNER}', held.organisation_id, NULL FROM accounts_partyseat AS seat
  JOIN organisations_organisationpost AS held ON held.community_id = seat.community_id AND held.id = seat.post_id
 WHERE seat.community_id = %(community)s AND seat.account_id = %(account)s AND held.span @> %(today)s::date
UNION ALL
SELECT '{Role.EMERGENCY}', id, until FROM accounts_emergency
 WHERE community_id = %(community)s AND account_id = %(account)s AND closed_at IS NULL AND until > %(now)s
"""


@dataclass(frozen=True)
class _Held:
    """What an account holds in a community now."""

    duties: frozenset[Duty]
    speaks_for: frozenset[UUID]
    answers_for: frozenset[UUID] = frozenset()
    because: UUID | None = None
    because_until: datetime | None = None


def _held_in(community: Community, account_id: UUID, *, code: str) -> _Held:
    """The account's duties that count today in `community` (which is active), and the residents it is confirmed to be."""
    wanted: dict[str, Any] = {
        "account": account_id,
        "today": clock.today(),
        "now": clock.now(),
        "community": community.id,
        "street": code[:9],
    }
    with connection.cursor() as cursor:
        cursor.execute(HELD_IN, wanted)
        rows = cursor.fetchall()
    duties = frozenset(Duty(Role(role), patch) for role, patch, _ in rows if role not in HELD_WITHOUT_POST)
    speaks_for = frozenset(resident for role, resident, _ in rows if role == Role.RESIDENT)
    if answers_for := frozenset(organisation for role, organisation, _ in rows if role == Role.PARTNER):
        duties |= {Duty(Role.PARTNER)}
    opened = next(((row_id, until) for role, row_id, until in rows if role == Role.EMERGENCY), None)
    # It widens a post and falls with it.
    if opened and any(Permission.EMERGENCY_OPEN in GRANTS[duty.role] for duty in duties):
        return _Held(duties | {Duty(Role.EMERGENCY)}, speaks_for, answers_for, *opened)
    return _Held(duties, speaks_for, answers_for)


def operator(community_id: int | None = None, *, via: str = "command") -> Actor:
    """Whoever runs commands on the machine: an administrator without an account."""
    return Actor("operator", community_id=community_id, duties=frozenset({Duty(Role.ADMINISTRATOR)}), via=via)


def actor_of_session(session_key: str, code: str) -> Actor | None:
    """The Actor of a live session in the community with `code`; None when either is unknown (for the live streams)."""
    session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(session_key)
    account = auth.get_user(SimpleNamespace(session=session, META={}))  # type: ignore[arg-type]
    found = places.community_by_code(code)
    if not isinstance(account, Account) or found is None or session.get(sessions.MUST):
        return None
    if sessions.why_over(session, is_staff=account.is_staff_account):
        return None
    return actor_for(account, found.community, code=found.code, via="live")


def posts_today() -> QuerySet[Post]:
    """Posts that count today."""
    today = clock.today()
    return Post.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today), valid_from__lte=today)


def posts_in(community: Community, *, code: str | None = None) -> QuerySet[Post]:
    """Posts that count today in `community`: its own, those of its street's officials, and the administrators'."""
    code = code or places.code_of(community.id)
    return posts_today().filter(
        Q(community_id=community.id) | Q(role=Role.STREET_OFFICIAL, street_code=code[:9]) | Q(role__in=KEEPERS)
    )


def posts_visible_to(actor: Actor) -> QuerySet[Post]:
    """Posts of the active community, past ones too, for whoever may grant them there; by role, then by day."""
    if not actor.may(Permission.POSTS_GRANT) or actor.community_id is None:
        return Post.objects.none()
    rows = Post.objects.filter(community_id=actor.community_id).select_related("account")
    return rows.order_by("role", "-valid_from", "id")


def role_words(post: Post, sub_area_names: dict[UUID, str] | None = None) -> str:
    """A post in words: 小区专员（一片区）."""
    words = ROLE_NAMES[Role(post.role)]
    patch = (sub_area_names or {}).get(post.sub_area_id) if post.sub_area_id else None
    return f"{words}({patch})" if patch else words


def sub_area_names() -> dict[UUID, str]:
    """Names of the active community's patches, in their order."""
    return dict(SubArea.objects.order_by("order", "code").values_list("id", "name"))


@dataclass(frozen=True)
class Door:
    """Somewhere an account may go from the first page: a community, as what, and where that is."""

    community_name: str
    words: str
    url: str


STREET = "/street/"
"""Where the board over several communities stands."""


def doors_of(account: Account) -> list[Door]:
    """Desks first, then homes; by code. A street's or an administrator's posts open all their communities' desks."""
    everywhere = {known.community.id: known for known in places.communities()}
    desks: dict[int, set[str]] = {}
    for post in posts_today().filter(account=account):
        if Permission.DESK_OPEN not in GRANTS[Role(post.role)]:
            continue
        for known in _reach_of(post, everywhere):
            desks.setdefault(known.community.id, set()).add(ROLE_NAMES[Role(post.role)])
    known_desks = [known for known in everywhere.values() if known.community.id in desks]
    homes = [known for known in everywhere.values() if known.community.id in account.lives_in]
    return [
        *(Door(k.community.name, "、".join(sorted(desks[k.community.id])), f"/c/{k.code}/desk/") for k in known_desks),
        *(Door(k.community.name, "居民", f"/c/{k.code}/") for k in homes),
    ]


def actor_above(account: Account | None, *, request_id: UUID | None = None) -> Actor:
    """The Actor of `account` outside all communities, with what it is for the whole platform: one of the three keepers."""
    if account is None:
        return Actor("visitor", request_id=request_id)
    roles = posts_today().filter(account=account, role__in=KEEPERS).values_list("role", flat=True)
    duties = frozenset(Duty(Role(role)) for role in roles)
    return Actor(f"account {account.pk}", account_id=account.pk, duties=duties, request_id=request_id)


def keeper_door_of(account: Account) -> Door | None:
    """Where one of the three keepers works; None for everybody else."""
    actor = actor_above(account)
    if actor.may(Permission.ACCOUNTS_KEEP):
        return Door("账号", "开通、停用、重设", "/keepers/")
    if actor.may(Permission.SECURITY_KEEP):
        return Door("登录安全", "会话、锁定、第二步验证", "/keepers/")
    return Door("平台留痕", "登录、账号和岗位的每一步", "/keepers/trail/") if actor.may(Permission.TRAIL_SEE) else None


def board_door_of(account: Account) -> Door | None:
    """The board over the communities one oversees; None for everybody else."""
    return Door("街道看板", "各社区并排看", STREET) if communities_overseen_by(account) else None


OVERSEERS = (Role.STREET_OFFICIAL, Role.ADMINISTRATOR)


def communities_overseen_by(account: Account) -> list[places.KnownCommunity]:
    """The communities of the account's streets, all for an administrator; by code. [] for everybody else."""
    posts = list(posts_today().filter(account=account, role__in=OVERSEERS))
    everywhere = {known.community.id: known for known in places.communities()} if posts else {}
    reached = {known.community.id for post in posts for known in _reach_of(post, everywhere)}
    return [known for known in everywhere.values() if known.community.id in reached]


def street_of(account: Account) -> str:
    """The name of the one street the account is an official of; "" for none, for several, and where no name is known."""
    posts = posts_today().filter(account=account, role=Role.STREET_OFFICIAL)
    codes = set(posts.values_list("street_code", flat=True))
    named = places.area_chain(codes.pop() or "") if len(codes) == 1 else []
    return named[-1].name if named and named[-1].level == "street" else ""


def roles_above(account: Account) -> list[Role]:
    """What the account is over several communities today."""
    held = set(posts_today().filter(account=account, role__in=OVERSEERS).values_list("role", flat=True))
    return [role for role in OVERSEERS if role in held]


def leads_a_street(account: Account) -> bool:
    """Whether the account is an official of a street today."""
    return posts_today().filter(account=account, role=Role.STREET_OFFICIAL).exists()


def open_communities() -> list[Door]:
    """Every community a resident may step into, by code."""
    return [Door(known.community.name, "居民", f"/c/{known.code}/") for known in places.communities()]


def _reach_of(post: Post, everywhere: dict[int, places.KnownCommunity]) -> list[places.KnownCommunity]:
    if post.community_id is not None:
        return [everywhere[post.community_id]] if post.community_id in everywhere else []
    street = post.street_code or ""  # an administrator's is empty: every code begins with that
    return [known for known in everywhere.values() if known.code.startswith(street)]


def links_of(actor: Actor) -> QuerySet[ResidentLink]:
    """The actor's own links in the active community, newest first."""
    if actor.account_id is None:
        return ResidentLink.objects.none()
    return (
        ResidentLink.objects.filter(account_id=actor.account_id)
        .select_related("resident")
        .order_by("-requested_at", "id")
    )


def open_links_visible_to(actor: Actor) -> QuerySet[ResidentLink]:
    """Requests waiting for a decision, for whoever may confirm them; longest waiting first."""
    if not actor.may(Permission.RESIDENTS_LINK):
        return ResidentLink.objects.none()
    return ResidentLink.objects.filter(state=LinkState.REQUESTED).order_by("requested_at", "id")


@dataclass(frozen=True)
class Candidate:
    """A resident a request may mean, and what speaks for it."""

    card: ResidentCard
    same_phone: bool
    same_name: bool
    same_door: bool

    @property
    def weight(self) -> int:
        return self.same_phone + self.same_name + self.same_door


@dataclass(frozen=True)
class WaitingLink:
    """A request with the residents it may mean, the likeliest first."""

    link: ResidentLink
    phone: str  # masked, "" for none
    candidates: tuple[Candidate, ...]


def with_candidates(actor: Actor, links: Iterable[ResidentLink]) -> list[WaitingLink]:
    """Requests with whom they may mean, as far as the actor may see them: same phone, name or door in the register."""
    waiting = list(links)
    accounts = Account.objects.in_bulk([link.account_id for link in waiting])
    return [_waiting(actor, link, accounts.get(link.account_id)) for link in waiting]


def _waiting(actor: Actor, link: ResidentLink, account: Account | None) -> WaitingLink:
    phone = account.phone if account and account.phone else ""
    at_door = search_residents(actor, link.stated_door) if parse_door(link.stated_door) else Resident.objects.none()
    behind = set(at_door.values_list("pk", flat=True)[:20])
    meant = Q(name=link.stated_name) | Q(pk__in=behind)
    if phone:
        meant |= Q(phone_index=phone)
    rows = residents.with_cards(residents.residents_visible_to(actor).filter(meant, died_on=None))[:20]
    found = [
        Candidate(
            residents.card_of(row), bool(phone) and row.phone == phone, row.name == link.stated_name, row.pk in behind
        )
        for row in rows
    ]
    found.sort(key=lambda candidate: -candidate.weight)
    return WaitingLink(link, mask_phone(phone) if phone else "", tuple(found[:5]))


def accounts_of_residents(resident_ids: Any) -> dict[UUID, list[UUID]]:
    """The accounts confirmed to be each of these residents of the active community."""
    found: dict[UUID, list[UUID]] = {}
    rows = ResidentLink.objects.filter(resident_id__in=list(resident_ids), state=LinkState.CONFIRMED)
    for resident_id, account_id in rows.order_by("id").values_list("resident_id", "account_id"):
        found.setdefault(resident_id, []).append(account_id)
    return found


def staff_of(community: Community, role: Role, *, sub_area_id: UUID | None = None) -> list[Account]:
    """Active accounts holding `role` in `community` today (in one patch, where given); by name."""
    posts = posts_in(community).filter(role=role, account__is_active=True)
    if sub_area_id is not None:
        posts = posts.filter(sub_area_id=sub_area_id)
    return list(Account.objects.filter(id__in=posts.values("account_id")).order_by("display_name", "id"))


def specialists_by_patch(community: Community, code: str) -> dict[UUID, str]:
    """Who serves each sub-area of `community` today, by name; several are parted by 、."""
    posts = posts_in(community, code=code).filter(role=Role.SPECIALIST, account__is_active=True)
    found: dict[UUID, list[str]] = {}
    for patch, name in posts.order_by("account__display_name").values_list("sub_area_id", "account__display_name"):
        if patch and name:
            found.setdefault(patch, []).append(name)
    return {patch: "、".join(names) for patch, names in found.items()}


def holders_of(community_id: int, permission: Permission) -> set[UUID]:
    """The active accounts that hold `permission` in the community today, by one of their posts there."""
    community = Community.objects.get(pk=community_id)
    roles = [role for role, granted in GRANTS.items() if permission in granted]
    return {account.pk for role in roles for account in staff_of(community, role)}


def tokens_of(actor: Actor) -> QuerySet[Token]:
    """The actor's own tokens, newest first."""
    if actor.account_id is None:
        return Token.objects.none()
    return Token.objects.filter(account_id=actor.account_id).order_by("-made_at", "id")


def token_hash(secret: str) -> bytes:
    """What is kept of a token. It is 256 random bits, so a plain digest does (nothing to guess, nothing to salt)."""
    return hashlib.sha256(secret.encode()).digest()


def token_by_secret(secret: str) -> Token | None:
    """The live token with this secret, its account active; else None."""
    token = Token.objects.select_related("account").filter(hash=token_hash(secret)).first()
    if token is None or not token.is_live_at(clock.now()) or not token.account.is_active:
        return None
    return token


def display_names(account_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """What colleagues are called on pages, by account; accounts that are gone are left out."""
    wanted = {key for key in account_ids if key is not None}
    return dict(Account.objects.filter(pk__in=wanted).values_list("pk", "display_name")) if wanted else {}


def colleagues(account_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """What those of them are called who have a staff account."""
    wanted = {key for key in account_ids if key is not None}
    rows = Account.objects.filter(pk__in=wanted, username__isnull=False)
    return {row.pk: row.display_name or str(row.username) for row in rows.only("display_name", "username")}


def last_full_look(actor: Actor) -> datetime | None:
    """When somebody last read a full number of those the actor speaks for; `rights` tells who, and why."""
    entries = TrailEntry.objects.filter(subject_id__in=actor.speaks_for, verb="resident.revealed")
    return entries.order_by("-at").values_list("at", flat=True).first()


def phone_of(account_id: UUID | None) -> str | None:
    """The account's own phone, in full: callers record that somebody looked."""
    return Account.objects.filter(pk=account_id).values_list("phone", flat=True).first() if account_id else None
