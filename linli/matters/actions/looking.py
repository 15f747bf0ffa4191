"""Looking a matter up by its number and the last four digits of a phone: for who does not sign in."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction

from linli.accounts.rules import in_words, wait_for_next
from linli.core import clock
from linli.core.crypto import blind_index
from linli.core.errors import Invalid, TooMany

from .. import queries
from ..models import LookUpTry
from ..queries import LookedUp

PER_NUMBER = ((5, timedelta(hours=1)), (10, timedelta(days=1)))
"""Ten thousand tails and ten tries a day: guessing one takes years. Ours."""
PER_ADDRESS = ((20, timedelta(hours=1)), (60, timedelta(days=1)))
KEPT = timedelta(days=1)


class NothingFound(Invalid):
    code = "matter.look_up_nothing"
    message = "编号和手机后四位对不上。请看看短信或凭条上的编号；报的时候没留电话的，请打社区电话问。"


class LookUpTooOften(TooMany):
    code = "matter.look_up_too_often"


def look_up(*, number: str, tail: str, address: str) -> LookedUp:
    """The matter with `number`, if the phone that was left for it ends in `tail`; asked for from network `address`.

    A number that is not there and a tail that is wrong are answered alike, and counted alike: the caller must keep what
    this writes although it raises.

    Raises:
        NothingFound: the two do not belong together.
        LookUpTooOften: too many wrong tries for the number or from the address.
    """
    number_index, address_index = blind_index("look_up_number", number), blind_index("look_up_address", address)
    with transaction.atomic():
        _one_at_a_time(number_index, address_index)
        now = clock.now()
        recent = LookUpTry.objects.filter(made_at__gt=now - KEPT)
        wait = max(
            wait_for_next(rows.values_list("made_at", flat=True), now, limits)
            for rows, limits in (
                (recent.filter(number_index=number_index), PER_NUMBER),
                (recent.filter(address_index=address_index), PER_ADDRESS),
            )
        )
        if wait > timedelta(0):
            raise LookUpTooOften(
                f"试的次数多了，请 {in_words(wait)}后再查，或打社区电话报编号问。",
                retry_after=-(-wait // timedelta(seconds=1)),
            )
        found = queries.looked_up(number, tail)
        if found is None:
            LookUpTry.objects.create(number_index=number_index, address_index=address_index, made_at=now)
    if found is None:
        raise NothingFound()
    return found


def forget_tries() -> int:
    """Tries older than a day are of no more use; how many were forgotten."""
    many, _ = LookUpTry.objects.filter(made_at__lte=clock.now() - KEPT).delete()
    return many


def _one_at_a_time(*keys: bytes) -> None:
    """Those trying the same number or from the same address queue up, always in the same order: a race is no way round."""
    with connection.cursor() as cursor:
        for key in sorted(keys):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key[:8], signed=True)])
