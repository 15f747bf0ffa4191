"""What the API takes and gives: strict in, plain out. Each type says in the OpenAPI document exactly what it accepts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from linli.core.masking import mask_id_number, mask_phone

from .sentences import OURS

# Control characters but for tab, line feed and carriage return: PostgreSQL refuses NUL, and none of the others is somebody's word.
_CONTROLS = "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f"
_HAS_CONTROLS = re.compile(f"[{_CONTROLS}]")
_IN_DOCUMENT = "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f"
ANY_TEXT = f"^[^{_IN_DOCUMENT}]*$"
SOME_TEXT = f"^[^{_IN_DOCUMENT}]*[^\\s{_IN_DOCUMENT}][^{_IN_DOCUMENT}]*$"

CANONICAL_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# RFC 3339, read with the eyes of somebody who types: the offset is what people forget, and `+` is a space in a query string.
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})")
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_SAYS_MOMENT = "请写成带时区的时间，例如 2026-11-22T09:30:00+08:00（在网址里，加号要写成 %2B）。"

T = TypeVar("T")


def refuse(name: str, sentence: str) -> PydanticCustomError:
    """An error whose Chinese `sentence` reaches the caller as it is."""
    return PydanticCustomError(f"{OURS}{name}", sentence)


class In(BaseModel):
    """What a caller sends: a field the document does not know is refused, never passed over."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Out(BaseModel):
    """What a caller gets."""

    model_config = ConfigDict(from_attributes=True)


def _without_controls(value: str) -> str:
    if _HAS_CONTROLS.search(value):
        raise refuse("controls", "里面有看不见的控制字符，请删掉后重新输入。")
    return value


def _with_words(value: str) -> str:
    if not value.strip():
        raise refuse("blank", "请写上内容，不要只有空格。")
    return _without_controls(value)


def text(max_length: int) -> Any:
    """A text of at most `max_length` characters, maybe empty, without control characters."""
    return Annotated[
        str, Field(max_length=max_length, json_schema_extra={"pattern": ANY_TEXT}), AfterValidator(_without_controls)
    ]


def words(max_length: int) -> Any:
    """Like `text`, but something must be said."""
    extra: JsonDict = {"pattern": SOME_TEXT}
    return Annotated[
        str, Field(min_length=1, max_length=max_length, json_schema_extra=extra), AfterValidator(_with_words)
    ]


def matching(pattern: str, *, says: str, max_length: int) -> Any:
    """A text that `pattern` fits from end to end; `says` is the sentence for one that does not."""
    compiled = re.compile(pattern)

    def fits(value: str) -> str:
        if not compiled.fullmatch(value):
            raise refuse("pattern", says)
        return value

    extra: JsonDict = {"pattern": f"^({pattern})$"}
    return Annotated[str, Field(max_length=max_length, json_schema_extra=extra), AfterValidator(fits)]


def _canonical(value: Any) -> Any:
    if isinstance(value, UUID) or (isinstance(value, str) and CANONICAL_UUID.fullmatch(value)):
        return value
    raise refuse("uuid", "请写成 UUID，例如 0192f0c1-7c1e-7e3a-9b0a-2f6d1c4e8a55。")


def _moment(value: Any) -> Any:
    if isinstance(value, datetime) or (isinstance(value, str) and MOMENT.fullmatch(value)):
        return value
    raise refuse("moment", _SAYS_MOMENT)


def _in_utc(value: datetime) -> datetime:
    """PostgreSQL knows no offset beyond ±15:59; the ends of the calendar stay the ends."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return FIRST if value.year == 1 else LAST


def _whole(value: Any) -> Any:
    if isinstance(value, str):  # from the query string
        if not re.fullmatch(r"-?[0-9]{1,9}", value):
            raise refuse("whole", "请写成整数。")
        return int(value)
    if isinstance(value, float) and value.is_integer():  # in JSON, 2.0 is a whole number too
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise refuse("whole", "请写成整数。")
    return value


Id = Annotated[UUID, BeforeValidator(_canonical), WithJsonSchema({"type": "string", "format": "uuid"})]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_moment),
    AfterValidator(_in_utc),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def whole(low: int, high: int) -> Any:
    """A whole number, both ends included."""
    return Annotated[int, Field(ge=low, le=high), BeforeValidator(_whole)]


# In what people wrote themselves: eleven digits of a mobile number, eighteen of an ID number, in any of the ways they are typed.
_MOBILE = re.compile(r"(?<![0-9])1[0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])")
_ID_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")


def mask_numbers(said: str) -> str:
    """`said` with whole phone and ID numbers masked: people write their neighbours' into a report."""
    said = _ID_NUMBER.sub(lambda found: mask_id_number(found.group()), said)
    return _MOBILE.sub(lambda found: mask_phone(re.sub("[ -]", "", found.group())), said)
