"""What the body of a rule is made of, and how it is written.

Floor 1.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from seedbed.kit.grammar.rules import Chars, either, literal, times


@dataclass(frozen=True, slots=True)
class One:
    """One character of a set."""

    chars: Chars


@dataclass(frozen=True, slots=True)
class Row:
    """One after the other; an empty row is the empty text."""

    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of them."""

    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Times:
    """So often; `most` is `None` where there is no end to it."""

    node: "Node"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Ref:
    """Another rule, by its name."""

    name: str


Node: TypeAlias = One | Row | Choice | Times | Ref
EMPTY = Row(())


def row(nodes: Sequence[Node]) -> Node:
    """One after the other, without rows within rows."""
    flat = [one for node in nodes for one in (node.nodes if isinstance(node, Row) else (node,))]
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def can_be_empty(node: Node, known: Container[str] = ()) -> bool:
    """Whether the empty text is one of a node's; `known` are the rules of which that is known."""
    return holds(node, known, one=False)


def holds(node: Node, known: Container[str], *, one: bool) -> bool:
    """Whether something is true of one way through a node, and all the way along it.

    `one` says whether it is true of a character, `known` of which rules it is.
    """
    match node:
        case One():
            return one
        case Row(nodes=nodes):
            return all(holds(inner, known, one=one) for inner in nodes)
        case Choice(nodes=nodes):
            return any(holds(inner, known, one=one) for inner in nodes)
        case Times(node=inner, least=least):
            return least == 0 or holds(inner, known, one=one)
        case Ref(name=name):  # pragma: no branch - the last of the kinds
            return name in known


def write(
    node: Node,
    spell: Callable[[Chars], str] = Chars.write,
    quote: Callable[[str], str] = str,
) -> str:
    """The expression of a node, as one that can stand in a sequence.

    Sets of characters are written by `spell`, single ones by `quote` and then as texts.
    """
    return _Writer(spell, quote).text(node)


@dataclass(frozen=True, slots=True)
class _Writer:
    spell: Callable[[Chars], str]
    quote: Callable[[str], str]

    def text(self, node: Node) -> str:
        match node:
            case One(chars=chars):
                letter = _letter(node)
                return literal(self.quote(letter)) if letter else self.spell(chars)
            case Row(nodes=nodes):
                return f"({' '.join(self._joined(nodes))})" if nodes else '""'
            case Choice(nodes=nodes):
                return either(map(self.text, nodes))
            case Times(node=inner, least=least, most=most):
                once = self.text(inner)
                grouped = f"({once})" if isinstance(inner, Times) else once
                return grouped + times(least, most)
            case Ref(name=name):  # pragma: no branch - the last of the kinds
                return name

    def _joined(self, nodes: Sequence[Node]) -> Iterator[str]:
        """The expressions of a row, letters that follow one another as one text."""
        letters = ""
        for node in nodes:
            letter = _letter(node)
            if not letter and letters:
                yield literal(letters)
                letters = ""
            if letter:
                letters += self.quote(letter)
            else:
                yield self.text(node)
        if letters:
            yield literal(letters)


def _letter(node: Node) -> str:
    """The one character that a node is, if it is one."""
    if isinstance(node, One) and len(node.chars.ranges) == 1:
        low, high = node.chars.ranges[0]
        return chr(low) if low == high else ""
    return ""
