"""How long backups keep what is deleted, as `linli backup` noted it for this home."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from .clock import SHANGHAI

BACKUP_DAYS = 35
"""After how many days a backup is dropped, where nobody has said otherwise (`linli backup --days`)."""


def backups_hold_until(moment: datetime) -> date | None:
    """The last day on which a backup may still hold what was deleted at `moment`; None where this house makes none.

    A backup older than the noted days is dropped within the hour, if there is a newer one; a newer one is made every week.
    """
    try:
        noted: dict[str, Any] = json.loads(Path(settings.LINLI_BACKUP_NOTE).read_text())
    except (OSError, ValueError):
        return None
    days = int(noted.get("days", BACKUP_DAYS))
    return (moment.astimezone(SHANGHAI) + timedelta(days=days)).date()
