"""States live in one table on the model (`NEXT`); `step` obeys it and the documents draw it."""

from __future__ import annotations

from typing import Any

from .errors import Conflict


class OutOfTurn(Conflict):
    code, message = "state.out_of_turn", "这一步已经办过了，或还轮不到这一步。请刷新页面看看现在进行到哪里。"


def may_step(row: Any, to: str) -> bool:
    """Whether `row`, a model with `state` and a `NEXT` table, may go from its state to `to`."""
    return to in row.NEXT[row.state]


def step(row: Any, to: str) -> None:
    """Set `row.state` to `to` (the caller saves); the row must be locked or fresh.

    Raises:
        OutOfTurn: `NEXT` knows no such step.
    """
    if not may_step(row, to):
        raise OutOfTurn(state=row.state, wanted=to)
    row.state = to
