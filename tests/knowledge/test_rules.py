"""Rules on attributes hold as they say, and values of two sorts are never compared."""

import pytest

from seedbed.knowledge.rules import Rule, fits

HAS = {"year": 2024, "author": "Ada", "final": True}


@pytest.mark.parametrize(
    ("kind", "key", "to", "holds"),
    [
        ("eq", "author", "Ada", True),
        ("eq", "year", 2024.0, True),
        ("eq", "final", 1, False),
        ("eq", "missing", "Ada", False),
        ("ne", "author", "Bob", True),
        ("ne", "missing", "Ada", True),
        ("gt", "year", 2023, True),
        ("gt", "year", 2024, False),
        ("gte", "year", 2024, True),
        ("lt", "author", "Bob", True),
        ("lte", "year", 2023, False),
        ("gt", "year", "2023", False),
        ("gt", "missing", 1, False),
        ("in", "author", ["Ada", 1], True),
        ("in", "year", ["2024"], False),
        ("nin", "author", ["Ada"], False),
        ("nin", "missing", ["Ada"], True),
    ],
)
def test_a_comparison_holds_or_not(kind: str, key: str, to: object, holds: bool) -> None:
    assert fits(Rule(kind, key, to), HAS) is holds


def test_rules_are_joined() -> None:
    true, false = Rule("eq", "author", "Ada"), Rule("eq", "author", "Bob")
    assert fits(Rule("and", rules=(true, true)), HAS)
    assert not fits(Rule("and", rules=(true, false)), HAS)
    assert fits(Rule("or", rules=(false, true)), HAS)
    assert not fits(Rule("or", rules=(false, false)), HAS)
    assert fits(None, HAS)
