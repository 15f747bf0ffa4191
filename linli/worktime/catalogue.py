"""What a community's working time knows; see linli/core/catalogue.py for what an element says."""

from functools import partial

from linli.core.catalogue import Element, TimeBasis, Type

lasting = partial(Element, time_basis=TimeBasis.LASTING)

ELEMENTS = (
    lasting("shift.weekday", "班次星期", type=Type.NUMBER, model_field="worktime.Shift.weekday"),
    lasting("shift.opens_minute", "班次开始", type=Type.NUMBER, unit="分", model_field="worktime.Shift.opens_minute"),
    lasting("shift.closes_minute", "班次结束", type=Type.NUMBER, unit="分", model_field="worktime.Shift.closes_minute"),
    lasting("special_day.day", "特定日", type=Type.DATE, model_field="worktime.SpecialDay.day"),
    lasting("special_day.is_working", "特定日上班", type=Type.TRUTH, model_field="worktime.SpecialDay.is_working"),
    lasting("special_day.reason", "特定日原因", model_field="worktime.SpecialDay.reason"),
)
