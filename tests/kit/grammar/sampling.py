"""Grammars of schemas, and texts drawn from them, as by a model without any sense."""

import random
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from seedbed.kit.form import Verifier
from seedbed.kit.grammar.gbnf import Grammar
from seedbed.kit.grammar.nodes import Choice, Node, One, Ref, Row, Times
from seedbed.kit.grammar.read import read

Depths: TypeAlias = Mapping[str, int]
_NEVER = 1 << 20


def grammar(schema: object) -> str:
    made = Grammar()
    made.rule("root", made.schema(schema))
    return made.text()


def fits(schema: object, text: str) -> bool:
    return _verifier(grammar(schema)).verdict(text) is None


@lru_cache(maxsize=8)
def _verifier(gbnf: str) -> Verifier:
    return Verifier("grammar", pattern=gbnf)


def verdict(schema: Mapping[str, object], text: str) -> str | None:
    return Verifier("schema", schema=schema).verdict(text)


def sample(text: str, draw: random.Random) -> str:
    """One text of the grammar."""
    rules = read(text)
    return _Sampler(rules, _depths(rules), draw).text(rules["root"], 12)


class _Sampler:
    def __init__(self, rules: Mapping[str, Node], depths: Depths, draw: random.Random) -> None:
        self._rules, self._depths, self._draw = rules, depths, draw

    def text(self, node: Node, left: int) -> str:
        """A text of the node; with none left, by the shortest way out."""
        match node:
            case One(chars=chars):
                low, high = self._draw.choice(chars.ranges)
                return chr(self._draw.randint(low, min(high, low + 200)))
            case Row(nodes=nodes):
                return "".join(self.text(one, left) for one in nodes)
            case Choice(nodes=nodes):
                shortest = min(_depth(one, self._depths) for one in nodes)
                short = [one for one in nodes if _depth(one, self._depths) == shortest]
                return self.text(self._draw.choice(short if left <= 0 else nodes), left)
            case Times(node=inner, least=least, most=most):
                bound = least + 3 if most is None else min(most, least + 3)
                count = least if left <= 0 else self._draw.randint(least, bound)
                return "".join(self.text(inner, left) for _ in range(count))
            case Ref(name=name):
                return self.text(self._rules[name], left - 1)


def _depths(rules: Mapping[str, Node]) -> Depths:
    """How many rules each rule must go through at least, to its end."""
    depths = dict.fromkeys(rules, _NEVER)
    while True:
        now = {name: 1 + _depth(node, depths) for name, node in rules.items()}
        if now == depths:
            return depths
        depths = now


def _depth(node: Node, depths: Depths) -> int:
    match node:
        case One():
            return 0
        case Row(nodes=nodes):
            return max((_depth(one, depths) for one in nodes), default=0)
        case Choice(nodes=nodes):
            return min(_depth(one, depths) for one in nodes)
        case Times(node=inner, least=least):
            return _depth(inner, depths) if least else 0
        case Ref(name=name):
            return min(depths[name], _NEVER)
