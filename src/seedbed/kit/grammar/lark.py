"""A grammar's rules in the syntax of Lark, as the verifier of grammars reads it.

Floor 1. Each character is a word of its own. The verifier cuts a text into words without looking
back, so with longer ones it would take `x` for a beginning of `xy` and refuse what the grammar has.
"""

from collections.abc import Mapping

from seedbed.kit.grammar.nodes import Choice, Node, One, Ref, Row, Times


def lark(rules: Mapping[str, Node]) -> str:
    """The rules, of which one must be `root`."""
    return _Writer(rules).text()


class _Writer:
    """Writes rules, each group as one of its own: the verifier bounds how deep they are nested."""

    def __init__(self, rules: Mapping[str, Node]) -> None:
        self._rules = rules
        self._names = {name: f"r{at}" for at, name in enumerate(rules)}
        self._groups: list[str] = []

    def text(self) -> str:
        lines = [f"{self._names[name]}: {self._body(node)}" for name, node in self._rules.items()]
        start = f"start: {self._names['root']}"
        return "\n".join(["%llguidance {}", start, *lines, *self._groups, ""])

    def _body(self, node: Node) -> str:
        match node:
            case One(chars=chars):
                ranges = (rf"\u{{{low:X}}}-\u{{{high:X}}}" for low, high in chars.ranges)
                return f"/[{''.join(ranges)}]/"
            case Row(nodes=nodes):
                return " ".join(map(self._one, nodes)) or '""'
            case Choice(nodes=nodes):
                return " | ".join(map(self._one, nodes))
            case Times(node=inner, least=least, most=most):
                return f"{self._one(inner)}{{{least},{'' if most is None else most}}}"
            case Ref(name=name):  # pragma: no branch - the last of the kinds
                return self._names[name]

    def _one(self, node: Node) -> str:
        if isinstance(node, One | Ref):
            return self._body(node)
        name = f"g{len(self._groups)}"
        self._groups.append("")
        self._groups[int(name[1:])] = f"{name}: {self._body(node)}"
        return name
