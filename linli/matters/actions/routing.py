"""The rules by which matters find their place: laid out once, each community's own afterwards."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from linli.accounts import queries_duty as duty
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid
from linli.core.trail import record

from ..models import MatterKind, RoutingRule


class RuleNamed(Conflict):
    code, message = "routing_rule.named", "已经有一条叫这个名字的规则，请换一个名字。"


class RuleWrong(Invalid):
    code, message = "routing_rule.wrong", "这条规则缺一点，请补上再存。"


USUAL_RULES: tuple[dict[str, Any], ...] = (
    {"name": "紧急的事先到片区专员", "grade": "urgent", "target": "front"},
    {"name": "同一幢楼反复出现", "pattern": "like", "at_least": 3, "days": 30, "within": "building", "target": "back"},
    {"name": "一个片区里集中出现", "pattern": "like", "at_least": 8, "days": 7, "within": "sub_area", "target": "back"},
    {"name": "说不清归哪类的新问题", "kind": "other", "target": "back"},
    {"name": "半年没有过的事", "pattern": "new", "days": 180, "target": "back"},
)
"""前后台: what is intensive, alike or new to the back office; the scattered rest to the front. The numbers are ours."""


@transaction.atomic
def set_up_routing(actor: Actor) -> list[RoutingRule]:
    """Lay out the usual rules where a community has none; all there are afterwards."""
    if not RoutingRule.objects.exists():
        kinds = {kind.code: kind for kind in MatterKind.objects.filter(level=1)}
        rows = [
            RoutingRule(order=order, **{**plan, "kind": kinds.get(plan.get("kind", ""))})
            for order, plan in enumerate(USUAL_RULES)
            if plan.get("kind", "") in ("", *kinds)
        ]
        for rule in RoutingRule.objects.bulk_create(rows):
            record(actor, "routing_rule.added", rule)
    return list(RoutingRule.objects.all())


FIELDS = frozenset(
    {
        "name", "kind", "sub_area", "source", "grade", "pattern", "at_least", "days", "within", "target", "person",
    }
)  # fmt: skip


@transaction.atomic
def add_rule(actor: Actor, **said: Any) -> RoutingRule:
    """One more rule, asked after the others.

    Raises:
        RuleWrong, RuleNamed
    """
    actor.require(Permission.MATTERS_ARRANGE)
    last = RoutingRule.objects.order_by("-order").values_list("order", flat=True).first()
    rule = RoutingRule(order=0 if last is None else last + 1, **_checked(said))
    with constraint("routing_rule_name", broken=RuleNamed):
        rule.save(force_insert=True)
    record(actor, "routing_rule.added", rule)
    return rule


@transaction.atomic
def change_rule(actor: Actor, *, rule: RoutingRule, **said: Any) -> RoutingRule:
    """Change what a rule asks and where it sends; matters that it sent keep their reason. The same again changes nothing.

    Raises:
        RuleWrong, RuleNamed
    """
    actor.require(Permission.MATTERS_ARRANGE)
    row = RoutingRule.objects.select_for_update().get(pk=rule.pk)
    checked = _checked(said)
    changed = sorted(name for name, value in checked.items() if getattr(row, name) != value)
    if not changed:
        return row
    for name in changed:
        setattr(row, name, checked[name])
    with constraint("routing_rule_name", broken=RuleNamed):
        row.save(update_fields=changed)
    record(actor, "routing_rule.changed", row, changed=changed)
    return row


@transaction.atomic
def switch_rule(actor: Actor, *, rule: RoutingRule, is_on: bool) -> RoutingRule:
    """Let a rule be asked, or not, from now on."""
    actor.require(Permission.MATTERS_ARRANGE)
    row = RoutingRule.objects.select_for_update().get(pk=rule.pk)
    if row.is_on == is_on:
        return row
    row.is_on = is_on
    row.save(update_fields=["is_on"])
    record(actor, "routing_rule.changed", row, changed=["is_on"])
    return row


@transaction.atomic
def shift_rule(actor: Actor, *, rule: RoutingRule, by: int) -> RoutingRule:
    """Ask a rule earlier (-1) or later (1); at the end it stays where it is."""
    actor.require(Permission.MATTERS_ARRANGE)
    rows = list(RoutingRule.objects.select_for_update().order_by("order", "id"))
    at = next(index for index, each in enumerate(rows) if each.pk == rule.pk)
    to = min(max(at + by, 0), len(rows) - 1)
    row = rows[at]
    if to == at:
        return row
    rows.insert(to, rows.pop(at))
    for order, each in enumerate(rows):
        each.order = order
    RoutingRule.objects.bulk_update(rows, ["order"])
    record(actor, "routing_rule.changed", row, changed=["order"])
    return row


def _checked(said: dict[str, Any]) -> dict[str, Any]:
    assert set(said) <= FIELDS, said
    if not said["name"].strip():
        raise RuleWrong("请给这条规则起个名字，以后看得懂为什么。", field="name")
    pattern = said.get("pattern", "")
    if pattern and not 1 <= (said.get("days") or 0) <= (366 if pattern == "like" else 1000):
        raise RuleWrong("请写近几天。", field="days")
    if pattern == "like" and not 2 <= (said.get("at_least") or 0) <= 500:
        raise RuleWrong("请写至少几件，2 件以上才算反复。", field="at_least")
    if said["target"] == RoutingRule.Target.PERSON and said.get("person") not in duty.handling_staff():
        raise RuleWrong("请选交给哪位同事。", field="person")
    at_least = said.get("at_least") or 0
    return {
        **said,
        "name": said["name"].strip(),
        "days": (said.get("days") or 0) if pattern else 0,
        "at_least": at_least if pattern == "like" else 0,
        "person": said.get("person") if said["target"] == RoutingRule.Target.PERSON else None,
    }
