"""Accounts, posts and links for tests, made through the actions. Names are invented, numbers cannot be assigned."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import AttestedCredentialData

from linli.accounts import actions, queries
from linli.accounts.models import Account, Passkey, ResidentLink
from linli.core.access import Actor, Role
from linli.core.tenancy import active
from linli.places.models import Community
from linli.residents.models import Resident

_n = count(1)
PASSWORD = "long enough 4 all"
OPERATOR = queries.operator()


def phone_number() -> str:
    """A number nobody can hold: mobile prefixes begin with 13 to 19."""
    return f"100{next(_n):08}"


def make_staff(username: str | None = None, *, password: str | None = PASSWORD, display_name: str = "李娜") -> Account:
    return actions.add_account(
        OPERATOR, username=username or f"staff{next(_n)}", password=password, display_name=display_name
    )


def make_holder(role: Role, *, community: Community | None = None, **scope: Any) -> Account:
    """A staff account with one post from today on."""
    account = make_staff()
    actions.grant_post(OPERATOR, account=account, role=role, community=community, **scope)
    return account


def make_resident_account(phone: str | None = None) -> Account:
    return actions.add_account(OPERATOR, phone=phone or phone_number())


def actor_of(account: Account, community: Community) -> Actor:
    return queries.actor_for(account, community)


def link_to(account: Account, resident: Resident, *, by: Actor, community: Community) -> ResidentLink:
    """The whole way: asked, then confirmed."""
    with active(community.id):
        link = actions.request_link(actor_of(account, community), name=resident.name, door="48-2-301")
        return actions.confirm_link(by, link=link, resident=resident)


def some_id() -> UUID:
    return UUID(int=next(_n))


def make_passkey(account: Account) -> Passkey:
    """A key in some device, whose private half nobody has."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    held = AttestedCredentialData.create(bytes(16), account.pk.bytes, public)
    return Passkey.objects.create(
        account=account, credential_id=held.credential_id, credential=bytes(held), name="Windows 电脑上的 Edge"
    )
