"""Rules on the attributes of files, by which a search is bounded.

Floor 5.
"""

from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt
from typing import Any, cast

from seedbed.core.value import value

ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
"""What compares values of one sort."""


@value
class Rule:
    """`kind` compares the attribute `key` with `to`, or joins `rules` by `and` or `or`."""

    kind: str
    key: str = ""
    to: object = None
    rules: tuple["Rule", ...] = ()


def fits(rule: Rule | None, attributes: Mapping[str, object]) -> bool:
    """Whether attributes are as a rule wants them. One that is missing equals nothing, and what is
    of another type is neither more nor less.
    """
    if rule is None:
        return True
    if rule.kind in {"and", "or"}:
        found = (fits(one, attributes) for one in rule.rules)
        return all(found) if rule.kind == "and" else any(found)
    has = attributes.get(rule.key)
    match rule.kind:
        case "eq" | "ne":
            return _same(has, rule.to) == (rule.kind == "eq")
        case "in" | "nin":
            among = any(_same(has, one) for one in cast("list[object]", rule.to))
            return among == (rule.kind == "in")
        case kind:
            return _sort(has) == _sort(rule.to) != "" and ORDERED[kind](has, rule.to)


def _same(one: object, other: object) -> bool:
    return _sort(one) == _sort(other) != "" and one == other


def _sort(one: object) -> str:
    """Of what sort a value is; a truth is no number."""
    if isinstance(one, bool):
        return "truth"
    if isinstance(one, int | float):
        return "number"
    return "text" if isinstance(one, str) else ""
