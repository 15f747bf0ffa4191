"""Who was forgotten, as a list of ids outside the database: a restore brings an older state back, and applies the list to it.

One file a community, `LINLI_HOME/forgotten/<community>.jsonl`, one line a person: id, rule, moment. Ids lead to nothing once their rows are gone. The
trail is the truth; the list is written after the commit, and `catch_up` adds what a crash in between left out.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from uuid import UUID

from django.conf import settings

from linli.core import clock
from linli.core.models import TrailEntry


def _file(community_id: int) -> Path:
    return Path(settings.LINLI_FORGOTTEN) / f"{community_id}.jsonl"


def note(community_id: int, resident_id: UUID, rule: str) -> None:
    """Add one line, in one write: two processes never mix theirs."""
    path = _file(community_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = json.dumps({"id": str(resident_id), "rule": rule, "at": clock.now().isoformat(timespec="seconds")}) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def listed(community_id: int) -> dict[UUID, str]:
    """Who is on the list, with the rule that said so. A line cut off by a crash is passed over."""
    try:
        lines = _file(community_id).read_text().splitlines()
    except OSError:
        return {}
    found = {}
    for line in lines:
        try:
            told = json.loads(line)
            found[UUID(told["id"])] = str(told["rule"])
        except (ValueError, KeyError):
            continue
    return found


def catch_up(community_id: int) -> int:
    """Put those of the active community's trail on the list that are missing there; how many."""
    known = listed(community_id)
    entries = TrailEntry.objects.filter(verb="resident.forgotten").values_list("subject_id", "facts")
    missing = {subject: facts["rule"] for subject, facts in entries if subject not in known}
    for subject, rule in missing.items():
        note(community_id, subject, rule)
    return len(missing)
