"""Read a grammar in GBNF, and find what would harm an engine that is given it.

Floor 1. What is read is what llama.cpp and xgrammar both have: rules of texts, classes, groups,
alternatives and repetitions. Where the two differ (a dot, classes with what is not ASCII in them,
names) the grammar is read here and written anew, so that both are given one meaning.
"""

import graphlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from seedbed.kit.grammar.nodes import (
    EMPTY,
    Choice,
    Node,
    One,
    Ref,
    Row,
    Times,
    can_be_empty,
    holds,
    row,
    write,
)
from seedbed.kit.grammar.rules import MOST_TEXT, BadGrammar, Chars, Rules, TooLarge

_MOST_DEPTH = 64
_MOST_TIMES = 256
_MOST_ROUNDS = 50
_SHOWN = 40

_TOKEN = re.compile(
    r"""(?P<blank>(?:[ \t\r\n]|\#[^\n]*)+)
    | (?P<rule>[A-Za-z][A-Za-z0-9_-]*(?=[ \t]*::=)) [ \t]* ::=
    | (?P<name>[A-Za-z][A-Za-z0-9_-]*)
    | "(?P<text>(?:[^"\\\n]|\\.)*)"
    | \[(?P<set>\^?(?:[^\]\\\n]|\\.)*)\]
    | (?P<times>[*+?]|\{[ ]*[0-9]{1,9}[ ]*(?:,[ ]*(?:[0-9]{1,9})?[ ]*)?\})
    | (?P<sign>[()|.])""",
    re.VERBOSE,
)
_LETTER = re.compile(
    r"\\(?:x(?P<x>[0-9A-Fa-f]{2})|u(?P<u>[0-9A-Fa-f]{4})|U(?P<U>[0-9A-Fa-f]{8})|(?P<one>.))"
    r"|(?P<raw>[^\\])"
)
_NAMED = {"n": "\n", "r": "\r", "t": "\t", **{sign: sign for sign in "\\\"'[]^-/"}}


@dataclass(frozen=True, slots=True)
class _Token:
    """A word of a grammar, and the line that it stands in."""

    kind: str
    text: str
    line: int


def read(text: str) -> dict[str, Node]:
    """The rules of a grammar, by name.

    Raises:
        BadGrammar: it cannot be read; the sentence names the line.
        TooLarge: it is too long, or nested too deep.
    """
    if len(text) > MOST_TEXT:
        raise TooLarge(f"the grammar has {len(text):,} characters; {MOST_TEXT:,} is the most")
    rules: dict[str, Node] = {}
    tokens = [*_tokens(text)]
    begins = [at for at, token in enumerate(tokens) if token.kind == "rule"]
    if not tokens:
        raise BadGrammar("the grammar is empty")
    if begins[:1] != [0]:
        raise BadGrammar(f"line {tokens[0].line}: a rule begins with its name and `::=`")
    for begin, end in zip(begins, [*begins[1:], len(tokens)], strict=True):
        name = tokens[begin].text
        if name in rules:
            raise BadGrammar(f"line {tokens[begin].line}: rule {name!r} is there twice")
        rules[name] = _Body(tokens[begin + 1 : end], tokens[begin].line).node()
    return rules


def refuse(rules: Mapping[str, Node]) -> None:
    """Refuse rules that are no grammar, or that no engine could follow to an end.

    Raises:
        BadGrammar: there is no `root`; a rule is missing, never ends, begins with itself, or
            repeats without end what can be empty.
    """
    if "root" not in rules:
        raise BadGrammar("the grammar has no rule `root`")
    for name, node in rules.items():
        for ref in _refs(node):
            if ref not in rules:
                raise BadGrammar(f"rule {name!r} names a rule {ref[:_SHOWN]!r}, which there is not")
    ending = _of_which(rules, lambda node, known: holds(node, known, one=True))
    for name in rules.keys() - ending:
        raise BadGrammar(f"rule {name!r} never ends: it always leads back to itself")
    empty = _of_which(rules, can_be_empty)
    for name, node in rules.items():
        if any(can_be_empty(inner, empty) for inner in _endless(node)):
            raise BadGrammar(f"rule {name!r} repeats without end what can be empty")
    order = graphlib.TopologicalSorter({name: [*_first(n, empty)] for name, n in rules.items()})
    try:
        order.prepare()
    except graphlib.CycleError as error:
        raise BadGrammar(f"rule {error.args[1][0]!r} begins with itself") from error


def rewritten(text: str) -> str:
    """A grammar, written so that every engine gives it one meaning.

    Raises:
        BadGrammar: it cannot be read, or no engine could follow it.
        TooLarge: it is too large.
    """
    read_rules = read(text)
    refuse(read_rules)
    rules = Rules()
    names = {"root": rules.reserve("root")}
    names |= {name: rules.reserve(name) for name in read_rules if name != "root"}
    for name, node in read_rules.items():
        rules.define(names[name], write(_renamed(node, names)))
    return rules.text()


class _Body:
    """The body of one rule, read from its first word to its last."""

    def __init__(self, tokens: list[_Token], line: int) -> None:
        self._tokens, self._at, self._line = tokens, 0, line

    def node(self) -> Node:
        node = self._choice(0)
        if self._at < len(self._tokens):
            raise self._bad("a ')' too many")
        return node

    def _choice(self, depth: int) -> Node:
        if depth > _MOST_DEPTH:
            raise TooLarge(f"line {self._line}: groups are nested more than {_MOST_DEPTH} deep")
        ways = [self._row(depth)]
        while self._is("|"):
            self._at += 1
            ways.append(self._row(depth))
        return ways[0] if len(ways) == 1 else Choice(tuple(ways))

    def _row(self, depth: int) -> Node:
        nodes: list[Node] = []
        while self._at < len(self._tokens) and not self._is("|") and not self._is(")"):
            token = self._tokens[self._at]
            self._at, self._line = self._at + 1, token.line
            if token.kind != "times":
                nodes.append(self._atom(token, depth))
            elif not nodes:
                raise self._bad(f"{token.text!r} repeats nothing")
            else:
                nodes[-1] = self._times(nodes[-1], token.text)
        return row(nodes)

    def _atom(self, token: _Token, depth: int) -> Node:
        match token.kind:
            case "name":
                return Ref(token.text)
            case "text":
                letters = [letter for letter, _ in _letters(token)]
                return row([_one(letter) for letter in letters])
            case "set":
                return One(_chars(token))
            case _ if token.text == ".":
                return One(Chars(()).rest())
            case _:
                node = self._choice(depth + 1)
                if not self._is(")"):
                    raise self._bad("a ')' is missing")
                self._at += 1
                return node

    def _times(self, node: Node, sign: str) -> Node:
        counts = {"*": ("0", ""), "+": ("1", ""), "?": ("0", "1")}
        least, comma, most = sign.strip("{} ").partition(",")
        least, most = counts.get(sign, (least, most.strip() if comma else least))
        bounds = int(least), int(most) if most else None
        if max(bounds[0], bounds[1] or 0) > _MOST_TIMES:
            raise self._bad(f"{sign} repeats too often; {_MOST_TIMES:,} is the most")
        if bounds[1] is not None and bounds[1] < bounds[0]:
            raise self._bad(f"{sign} asks for more than it allows")
        return EMPTY if bounds[1] == 0 or node == EMPTY else Times(node, *bounds)

    def _is(self, sign: str) -> bool:
        rest = self._tokens[self._at : self._at + 1]
        return bool(rest) and rest[0].kind == "sign" and rest[0].text == sign

    def _bad(self, why: str) -> BadGrammar:
        return BadGrammar(f"line {self._line}: {why}")


def _tokens(text: str) -> Iterator[_Token]:
    at, line = 0, 1
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            shown = text[at : at + _SHOWN].splitlines()[0]
            raise BadGrammar(f"line {line}: {shown!r} cannot be read")
        kind = str(found.lastgroup)
        if kind != "blank":
            yield _Token(kind, found[kind], line)
        at, line = found.end(), line + found[0].count("\n")


def _letters(token: _Token) -> Iterator[tuple[str, bool]]:
    """The characters of a text or class, and whether each stands there as it is."""
    for found in _LETTER.finditer(token.text):
        kind = str(found.lastgroup)
        letter = found[kind]
        if kind == "one":
            letter = _NAMED.get(letter, "")
        elif kind != "raw":
            code = int(letter, 16)
            letter = chr(code) if code < 0x110000 else ""
        if not letter or "\ud800" <= letter <= "\udfff":
            raise BadGrammar(f"line {token.line}: {found[0]!r} is no character")
        yield letter, kind == "raw"


@lru_cache(maxsize=1_024)
def _one(letter: str) -> One:
    return One(Chars.of(letter))


@lru_cache(maxsize=1_024)
def _chars(token: _Token) -> Chars:
    letters = [*_letters(token)]
    negated = letters[:1] == [("^", True)]
    letters = letters[1:] if negated else letters
    ranges: list[tuple[int, int]] = []
    while letters:
        low = high = letters.pop(0)[0]
        if len(letters) > 1 and letters[0] == ("-", True):
            high = letters[1][0]
            letters = letters[2:]
        if high < low:
            raise BadGrammar(f"line {token.line}: the range {low}-{high} is the wrong way round")
        ranges.append((ord(low), ord(high)))
    chars = Chars.spanning(ranges)
    chars = chars.rest() if negated else chars
    if not chars.ranges:
        raise BadGrammar(f"line {token.line}: a class has no character")
    return chars


def _below(node: Node) -> tuple[Node, ...]:
    match node:
        case Row(nodes=nodes) | Choice(nodes=nodes):
            return nodes
        case Times(node=inner):
            return (inner,)
        case _:
            return ()


def _refs(node: Node) -> Iterator[str]:
    """The rules that a node names."""
    if isinstance(node, Ref):
        yield node.name
    for inner in _below(node):
        yield from _refs(inner)


def _endless(node: Node) -> Iterator[Node]:
    """What is repeated without end."""
    if isinstance(node, Times) and node.most is None:
        yield node.node
    for inner in _below(node):
        yield from _endless(inner)


def _first(node: Node, empty: frozenset[str]) -> Iterator[str]:
    """The rules that a node can begin with."""
    if isinstance(node, Ref):
        yield node.name
    for inner in _below(node):
        yield from _first(inner, empty)
        if isinstance(node, Row) and not can_be_empty(inner, empty):
            break


def _of_which(
    rules: Mapping[str, Node], is_so: Callable[[Node, frozenset[str]], bool]
) -> frozenset[str]:
    """The rules of which something is so, as follows from those of which it is already known."""
    known: frozenset[str] = frozenset()
    order = [*rules]
    for round_ in range(_MOST_ROUNDS):
        before = known
        for name in order if round_ % 2 else reversed(order):
            if name not in known and is_so(rules[name], known):
                known |= {name}
        if known == before:
            return known
    raise TooLarge("the grammar's rules lead through one another too often")


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    match node:
        case Ref(name=name):
            return Ref(names[name])
        case Row(nodes=nodes):
            return Row(tuple(_renamed(inner, names) for inner in nodes))
        case Choice(nodes=nodes):
            return Choice(tuple(_renamed(inner, names) for inner in nodes))
        case Times(node=inner, least=least, most=most):
            return Times(_renamed(inner, names), least, most)
        case One():  # pragma: no branch - the last of the kinds
            return node
