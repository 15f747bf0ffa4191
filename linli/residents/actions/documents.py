"""Documents of people: written, renewed, put right, handed in. The number is checked by its kind's own rules."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from linli.core import clock
from linli.core.access import Actor
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid
from linli.core.trail import record
from linli.core.versions import supersede, withdraw
from linli.residents.document_rules import NONE_YET, document_rules, read_document_number
from linli.residents.models import Document, Resident

from .changes import require_in_reach, require_keeper


class DocumentTaken(Conflict):
    code = "document.taken"
    message = "这个证件号码已经登记在一位居民名下。请先搜索这位居民，看看是不是同一个人。"


class DocumentDates(Invalid):
    code, message = "document.dates", "到期日期要晚于签发日期。请对照证件上的有效期限。"


class ReasonForNone(Invalid):
    code, message = "document.reason_for_none", "请写明为什么还没有证件（4 到 100 个字），例如“新生儿，户口待报”。"


class CountryNeeded(Invalid):
    code, message = "document.country_needed", "请写签发国家或地区的三个字母，在护照资料页上，例如日本是 JPN。"


@transaction.atomic
def add_document(
    actor: Actor,
    *,
    resident: Resident,
    kind: str,
    number: str = "",
    from_on: date | None = None,
    last_on: date | None = None,
    issued_in: str = "",
    note: str = "",
    source: str = "",
    is_compared: bool = False,
) -> Document:
    """A document of `resident`, good from `from_on` up to and including `last_on`; either may be unknown.

    The kind `none_yet` has no number and needs a reason in `note`. The same document again changes its dates only.

    Raises:
        NotAllowed, DocumentWrong, DocumentDoubtful, DocumentDates, CountryNeeded, ReasonForNone.
        DocumentTaken: somebody in the community has that number of that kind.
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    resident = Resident.objects.select_for_update(no_key=True).get(pk=resident.pk)
    wanted = _in_form(kind, number, from_on, last_on, issued_in, note, is_compared)
    same = Document.objects.select_for_update().filter(resident=resident, kind=kind)
    same = same if kind == NONE_YET else same.filter(number_index=wanted["number"])
    earlier = same.first()
    if earlier is not None:
        return _write(actor, earlier, wanted, source)
    with constraint("document_held_once", broken=DocumentTaken):
        today = clock.today()
        made = Document.objects.create(resident=resident, kind=kind, source=source, confirmed_on=today, **wanted)
    record(actor, "document.added", resident, touches=[made.pk], kind=kind)
    return made


@transaction.atomic
def correct_document(
    actor: Actor,
    *,
    document: Document,
    number: str = "",
    from_on: date | None = None,
    last_on: date | None = None,
    issued_in: str = "",
    note: str = "",
    source: str = "",
    is_compared: bool = False,
) -> Document:
    """What was written down wrongly of the document, as it should have been. Raises what `add_document` does."""
    require_keeper(actor)
    document = Document.objects.select_for_update().select_related("resident").get(pk=document.pk)
    require_in_reach(actor, resident=document.resident)
    wanted = _in_form(document.kind, number, from_on, last_on, issued_in, note, is_compared)
    return _write(actor, document, wanted, source)


@transaction.atomic
def drop_document(actor: Actor, *, document: Document) -> None:
    """The person has no such document (any more): it leaves the record, and stays in what was known."""
    require_keeper(actor)
    document = Document.objects.select_for_update().select_related("resident").get(pk=document.pk)
    require_in_reach(actor, resident=document.resident)
    withdraw(document)
    record(actor, "document.dropped", document.resident, touches=[document.pk], kind=document.kind)


def _write(actor: Actor, document: Document, wanted: dict[str, object], source: str) -> Document:
    changed = [name for name, value in wanted.items() if getattr(document, name) != value]
    if not changed:
        return document
    more = {"source": source, "confirmed_on": clock.today()}
    with constraint("document_held_once", broken=DocumentTaken):
        supersede(document, **wanted, **more)
    record(actor, "document.corrected", document.resident, touches=[document.pk], kind=document.kind, changed=changed)
    return document


def _in_form(
    kind: str, number: str, from_on: date | None, last_on: date | None, issued_in: str, note: str, is_compared: bool
) -> dict[str, object]:
    note = " ".join(note.split())
    if kind == NONE_YET:
        if not 4 <= len(note) <= 100:
            raise ReasonForNone(field="note")
        return {"number": None, "span": DateRange(None, None, "()"), "issued_in": "", "note": note}
    plain = read_document_number(kind, number, today=clock.today(), is_compared=is_compared)
    if last_on == date.max:  # how 长期 is written in other registers
        last_on = None
    if from_on and last_on and last_on <= from_on:
        raise DocumentDates(field="last_on")
    country = issued_in.strip().upper()
    if document_rules()[kind].wants_country and not (len(country) == 3 and country.isascii() and country.isalpha()):
        raise CountryNeeded(field="issued_in")
    span = DateRange(from_on, last_on + timedelta(days=1) if last_on else None, "[)" if from_on else "()")
    return {"number": plain, "span": span, "issued_in": country[:3], "note": note[:100]}
