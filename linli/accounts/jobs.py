"""Keeping what signing in leaves behind no longer than it is needed."""

from __future__ import annotations

from procrastinate.contrib.django import app

from . import actions


@app.periodic(cron="17 3 * * *")
@app.task(name="linli.accounts.jobs.forget_codes", queueing_lock="linli.accounts.jobs.forget_codes", pass_context=False)
def forget_codes(timestamp: int) -> None:
    """Every night: codes that no limit counts any more, with the phones in them, and sessions that have ended."""
    actions.forget_codes()
