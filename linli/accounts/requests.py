"""A request after `accounts.middleware`, with what only this app needs of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from linli.core.web import Request as CommunityRequest

from .models import Account, Token


class Request(CommunityRequest):
    """Whose account and token this request came with."""

    account: Account | None
    token: Token | None
    request_id: UUID
    urlconf: Any
