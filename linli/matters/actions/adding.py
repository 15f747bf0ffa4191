"""What the reporter tells afterwards, while her matter is being handled."""

from __future__ import annotations

from django.db import transaction

from linli.core import files
from linli.core.access import Actor
from linli.core.errors import Conflict
from linli.core.trail import record

from ..models import OPEN, Matter
from .handling import _for_reporter, _note
from .reporting import Photos, WordsMissing


class AnsweredMeanwhile(Conflict):
    code = "matter.answered_meanwhile"
    message = "这件事刚刚已经答复了。还有没办好的，请点“还没办好”，写上您要补充的话。"


@transaction.atomic
def add_to_matter(actor: Actor, *, matter: Matter, words: str, photos: Photos = ()) -> Matter:
    """Add words or photos to an open matter; whoever handles it sees them on its timeline. Nothing else changes.

    Raises:
        WordsMissing: neither words nor a photo.
        NotTheReporter: only whose matter it is.
        AnsweredMeanwhile: it is answered; then it is reopened instead.
    """
    if not (words.strip() or photos):
        raise WordsMissing("请写一句要补充的，或拍一张照片。", field="words")
    row = _for_reporter(actor, matter)
    if row.state not in OPEN:
        raise AnsweredMeanwhile()
    kept = files.keep(actor, row, list(photos), purpose="added")
    note_id = _note(actor, row, "matter.added", words)
    record(actor, "matter.added", row, note_id=note_id, file_ids=[file.id for file in kept])
    return row
