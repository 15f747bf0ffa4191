"""Failures we expect. Each is a class beside the action that raises it, with a stable code and a Chinese sentence.

`core.web` turns one into a page or a form line, the API into problem JSON (RFC 9457). A failure we do not expect is a bug: let it fly.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Problem(Exception):
    """An expected failure: `code` is stable and machine-readable, `message` says in plain Chinese what to do next."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "problem"
    message: str = "这一步没有办成，请按页面提示再试，或拨打值班电话。"

    def __init__(self, message: str | None = None, *, field: str | None = None, **facts: Any) -> None:
        if message is not None:
            self.message = message
        self.field, self.facts = field, facts
        super().__init__(self.message)


class Invalid(Problem):
    """What was sent cannot be used as it is; `field` names the input where one is at fault."""

    status, code = 422, "invalid"
    message = "有一处填写需要再看一看。"


class Conflict(Problem):
    """The world has moved on: taken, changed, already done by somebody else."""

    status, code = 409, "conflict"
    message = "别人刚刚改过这条记录，请刷新看看现在的样子再决定。"


class NotAllowed(Problem):
    """The actor may not do this here."""

    status, code = 403, "not_allowed"
    message = "这一步要由负责的工作人员来办，可请社区书记开通。"


class NotFound(Problem):
    """It does not exist, or the actor may not know that it does: the two look the same on purpose."""

    status, code = 404, "not_found"
    message = "没有找到这条记录。可能是网址少了几个字，或它不在您能查看的范围。请从首页进去找。"


class Gone(Problem):
    """It was here under that id and goes on under another; `facts["successor"]` is the id to ask for."""

    status, code = 410, "gone"
    message = "这条记录已经并入另一条。请改用回答里的新编号（successor）再查。"


class TooMany(Problem):
    """Asked too often; `facts["retry_after"]` is in seconds."""

    status, code = 429, "too_many"
    message = "点得太快了，请过几分钟再来。急事请打值班电话，工作人员替您办。"
