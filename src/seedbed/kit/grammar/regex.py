r"""Regular expressions as grammars.

Floor 1. Python's own parser reads them; of its syntax that part is served which RE2 has too:
letters, classes, groups, alternatives, repetitions, and anchors at the two ends. `\d`, `\w` and
`\s` are of ASCII. Lazy repetitions match what greedy ones do, since the whole text is matched.

An engine may not repeat what can be empty, so `(a?)*` is written as `a*`.
"""

import importlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias, cast

from seedbed.kit.grammar.nodes import EMPTY, Choice, Node, One, Row, Times, can_be_empty, row, write
from seedbed.kit.grammar.rules import BadGrammar, Chars, TooLarge, either, literal

_MOST_LETTERS = 4_096
_MOST_DEPTH = 48
_MOST_TIMES = 256
"""How often a repetition may be asked for, by itself and with those around it."""
_MOST_TEXT = 100_000
_ENDLESS = 1 << 31

_CATEGORIES = {
    "CATEGORY_DIGIT": Chars.of("09"),
    "CATEGORY_NOT_DIGIT": Chars.of("09").rest(),
    "CATEGORY_WORD": Chars.of("az", "AZ", "09", "_"),
    "CATEGORY_NOT_WORD": Chars.of("az", "AZ", "09", "_").rest(),
    "CATEGORY_SPACE": Chars.of(" ", "\t\n", "\f\r"),
    # what any of the libraries calls a space, so that none of them finds one here
    "CATEGORY_NOT_SPACE": Chars.of(
        " ", "\t\r", "\x1c\x1f", "\x85", "\xa0", "\u1680", "\u2000\u200a", "\u2028\u2029",
        "\u202f", "\u205f", "\u3000", "\ufeff",
    ).rest(),
}  # fmt: skip
_NEGATED = {
    **_CATEGORIES,
    "CATEGORY_SPACE": _CATEGORIES["CATEGORY_NOT_SPACE"].rest(),
    "CATEGORY_NOT_SPACE": _CATEGORIES["CATEGORY_SPACE"].rest(),
}
"""The same in a class of what is not there: too much is left out of it, and never too little."""
_UNSERVED = {
    "ASSERT": "lookaround",
    "ASSERT_NOT": "lookaround",
    "GROUPREF": "a backreference",
    "GROUPREF_EXISTS": "a condition",
    "ATOMIC_GROUP": "an atomic group",
    "POSSESSIVE_REPEAT": "a possessive repetition",
}
_Any: TypeAlias = Any  # what Python's parser finds has no types
_Items: TypeAlias = "Sequence[tuple[object, Any]]"

_SETTING = re.compile(r"\(\?[#a-zA-OQ-Z-]")
_BEGINNINGS = {"AT_BEGINNING", "AT_BEGINNING_STRING"}
_ENDS = {"AT_END", "AT_END_STRING"}


_NAMED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_ESCAPED = Chars.of('"', "\\", "\x00\x1f")
_HIDDEN = tuple(chr(code) for code in range(0x20) if chr(code) not in _NAMED)
_FEW = 4
"""More control characters than that are not worth their place, unless they are all there is."""


class BadPattern(BadGrammar):
    """A regular expression that cannot be read, or uses what no grammar has."""


def pattern_text(pattern: str) -> str:
    """An expression of the texts that the pattern matches whole.

    Raises:
        BadPattern: it cannot be read, or no grammar has what it uses.
        TooLarge: the expression would be too long.
    """
    return _short(write(_Reader(search=EMPTY).read(pattern)))


def pattern_string(pattern: str) -> str:
    """An expression of the JSON strings in whose value the pattern is found.

    Raises:
        BadPattern: it cannot be read, or no grammar has what it uses.
        TooLarge: the expression would be too long.
    """
    anything = Times(One(Chars(()).rest()), 0, None)
    body = _short(write(_Reader(search=anything).read(pattern), in_string, _quoted))
    return f'"\\"" {body} "\\""'


def _parser() -> Callable[[str], _Items]:
    return cast("Callable[[str], _Items]", importlib.import_module("re._parser").parse)


def _short(text: str) -> str:
    if len(text) > _MOST_TEXT:
        raise TooLarge(f"the pattern becomes a grammar of more than {_MOST_TEXT:,} characters")
    return text


class _Reader:
    """Turns what Python's parser finds into nodes.

    `search` stands wherever the pattern has no anchor: what may come before and after a match.
    """

    def __init__(self, *, search: Node) -> None:
        self._search = search

    def read(self, pattern: str) -> Node:
        _look_over(pattern)
        try:
            items = _parser()(pattern)
        except (ValueError, OverflowError, RecursionError, re.error) as error:
            raise BadPattern(f"the pattern cannot be read: {error}") from error
        return self._row(items, lead=True, tail=True, times=1)

    def _row(self, found: _Items, *, lead: bool, tail: bool, times: int) -> Node:
        items = [(str(op), value) for op, value in found]
        if lead and items and str(items[0][1]) in _BEGINNINGS:
            lead, items = False, items[1:]
        if tail and items and str(items[-1][1]) in _ENDS:
            tail, items = False, items[:-1]
        if not items:
            return self._search if lead or tail else EMPTY
        last = len(items) - 1
        nodes = [
            self._node(op, value, lead=lead and at == 0, tail=tail and at == last, times=times)
            for at, (op, value) in enumerate(items)
        ]
        return row(nodes)

    def _node(self, op: str, value: _Any, *, lead: bool, tail: bool, times: int) -> Node:
        if op == "SUBPATTERN":
            *_, inner = value
            return self._row(inner, lead=lead, tail=tail, times=times)
        if op == "BRANCH":
            rows = [self._row(inner, lead=lead, tail=tail, times=times) for inner in value[1]]
            return Choice(tuple(dict.fromkeys(rows)))
        around = [self._search] if lead else []
        behind = [self._search] if tail else []
        return row([*around, self._atom(op, value, times=times), *behind])

    def _atom(self, op: str, value: _Any, *, times: int) -> Node:
        match op:
            case "LITERAL":
                return One(_filled(Chars.spanning([(value, value)])))
            case "NOT_LITERAL":
                return One(Chars.spanning([(value, value)]).rest())
            case "ANY":
                return One(Chars.of("\n").rest())
            case "IN":
                return One(_class(value))
            case "MAX_REPEAT" | "MIN_REPEAT":
                return self._times(*value, times=times)
            case "AT":
                raise BadPattern(f"the pattern has {_anchor(str(value))}, which is not served")
            case _:
                raise BadPattern(f"the pattern has {_UNSERVED[op]}, which is not served")

    def _times(self, least: int, most: int, inner: _Items, *, times: int) -> Node:
        least, bound = int(least), None if int(most) >= _ENDLESS else int(most)
        asked = max(least, bound or 1) * times
        if max(asked, least) > _MOST_TIMES:
            raise BadPattern(
                f"the pattern repeats something up to {asked:,} times; {_MOST_TIMES:,} is the most"
            )
        node = self._row(inner, lead=False, tail=False, times=max(asked, 1))
        if bound is None and can_be_empty(node):
            parts = tuple(dict.fromkeys(_parts(node)))
            return Times(Choice(parts), 0, None) if parts else EMPTY
        return EMPTY if bound == 0 or node == EMPTY else Times(node, least, bound)


def _look_over(pattern: str) -> None:
    """Refuse what would be read in other ways elsewhere, or cost too much to read."""
    if len(pattern) > _MOST_LETTERS:
        raise BadPattern(f"the pattern has {len(pattern):,} letters; {_MOST_LETTERS:,} is the most")
    depth, within, begun = 0, False, 0
    letters = enumerate(pattern)
    for at, letter in letters:
        if letter == "\\":
            next(letters, None)
        elif within:
            if letter == "[" or (letter in "-&~|" and pattern[at + 1 : at + 2] == letter):
                raise BadPattern(f"the pattern has {letter!r} in a class at {at}; put \\ before it")
            within = letter != "]" or at == begun
        elif letter == "[":
            within, begun = True, at + 1 + pattern.startswith("^", at + 1)
        elif _SETTING.match(pattern, at):
            raise BadPattern(f"the pattern has flags or a comment at {at}, which are not served")
        else:
            depth += (letter == "(") - (letter == ")")
            if depth > _MOST_DEPTH:
                raise BadPattern(f"the pattern nests more than {_MOST_DEPTH} groups")


def _anchor(name: str) -> str:
    return "a word boundary" if "BOUNDARY" in name else "an anchor within"


def _class(members: Sequence[tuple[object, Any]]) -> Chars:
    negated = bool(members) and str(members[0][0]) == "NEGATE"
    categories = _NEGATED if negated else _CATEGORIES
    ranges: list[tuple[int, int]] = []
    for op, value in members[negated:]:
        match str(op):
            case "LITERAL":
                ranges.append((value, value))
            case "RANGE":
                ranges.append(value)
            case _:
                ranges += categories[str(value)].ranges
    chars = Chars.spanning(ranges)
    return _filled(chars.rest() if negated else chars)


def _filled(chars: Chars) -> Chars:
    if not chars.ranges:
        raise BadPattern("the pattern has a class without a character that can be written")
    return chars


def _parts(node: Node) -> Iterator[Node]:
    """Nodes that are never empty, and of which an endless repetition is one of `node`."""
    match node:
        case One():
            yield node
        case Row(nodes=nodes) | Choice(nodes=nodes) if can_be_empty(node):
            for inner in nodes:
                yield from _parts(inner)
        case Times(node=inner) if can_be_empty(node):
            yield from _parts(inner)
        case _:
            yield node


def in_string(chars: Chars) -> str:
    """A set of characters, as JSON writes them within a string."""
    plain = chars - _ESCAPED
    spelled = [plain.write()] if plain.ranges else []
    spelled += [literal(named) for letter, named in _NAMED.items() if letter in chars]
    hidden = [letter for letter in _HIDDEN if letter in chars]
    if len(hidden) == len(_HIDDEN):
        for high in (0, 1):
            lows = "".join(f"{low:x}" for low in range(16) if chr(16 * high + low) in chars)
            spelled += [f'"\\\\u00{high}" [{lows}]'] if lows else []
    elif len(hidden) <= _FEW or not spelled:
        spelled += [literal(_quoted(letter)) for letter in hidden]
    return either(spelled)


def _quoted(letter: str) -> str:
    return json.dumps(letter, ensure_ascii=False)[1:-1]
