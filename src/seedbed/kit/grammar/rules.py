"""The ground of GBNF: rules with names, quoted text, and classes of characters.

Floor 1. What is written here is read alike by llama.cpp and by xgrammar: names of small letters,
digits and hyphens, escapes of a fixed length, and no character in a class that either of them would
take for syntax.
"""

import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

MOST_RULES = 4_000
MOST_TEXT = 400_000
"""Rules and characters that a grammar may have."""

_SPELLED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SYNTAX = frozenset('"\\[]^-')
_RUNS_ON = re.compile(r"(?<=[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xff])(?=[0-9A-Fa-f])")
"""Between a letter that xgrammar keeps as `\\x` and its number, and one that it then takes for a
further digit of it."""
_LETTERS = ((0, 0xD7FF), (0xE000, 0x10FFFF))
"""Every character that UTF-8 can write."""


class BadGrammar(ValueError):
    """What should become a grammar cannot; the sentence says where and why."""


class TooLarge(BadGrammar):
    """The grammar would be larger than an engine should be given."""


def literal(text: str) -> str:
    r"""Text as GBNF quotes it, cut where xgrammar would take a letter for a digit.

    >>> print(literal('say "hi"\n'))
    "say \"hi\"\n"
    >>> print(literal("größer"))
    "größ" "er"
    """
    return " ".join(map(_quoted, _RUNS_ON.split(text)))


def _quoted(text: str) -> str:
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{"".join(_SPELLED.get(letter) or _shown(letter) for letter in text)}"'


def either(expressions: Iterable[str]) -> str:
    """One of the expressions, as one that can stand in a sequence; doubles are left out."""
    kept = list(dict.fromkeys(expressions))
    return kept[0] if len(kept) == 1 else f"({' | '.join(kept)})"


def times(least: int, most: int | None) -> str:
    """What stands behind an expression that is repeated; `None` is without end.

    >>> times(0, None), times(1, None), times(0, 1), times(2, None), times(2, 2), times(2, 3)
    ('*', '+', '?', '{2,}', '{2}', '{2,3}')
    """
    match least, most:
        case 0, None:
            return "*"
        case 1, None:
            return "+"
        case 0, 1:
            return "?"
        case _, None:
            return f"{{{least},}}"
        case _:
            return f"{{{least}}}" if least == most else f"{{{least},{most}}}"


@dataclass(frozen=True, slots=True)
class Chars:
    """A set of characters: ranges of code points, in order, that neither touch nor overlap."""

    ranges: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, *parts: str) -> Self:
        """The set of these: a character by itself, or two for a range.

        >>> Chars.of("az", "_").write()
        '[_a-z]'
        """
        return cls.spanning((ord(part[0]), ord(part[-1])) for part in parts)

    @classmethod
    def spanning(cls, ranges: Iterable[tuple[int, int]]) -> Self:
        """The set of these ranges, which may overlap; what UTF-8 cannot write is left out."""
        joined: list[tuple[int, int]] = []
        cut = [
            (max(low, least), min(high, most))
            for low, high in ranges
            for least, most in _LETTERS
            if max(low, least) <= min(high, most)
        ]
        for low, high in sorted(cut):
            if joined and low <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(joined[-1][1], high))
            else:
                joined.append((low, high))
        return cls(tuple(joined))

    def __or__(self, other: "Chars") -> "Chars":
        return Chars.spanning((*self.ranges, *other.ranges))

    def __sub__(self, other: "Chars") -> "Chars":
        return (self.rest() | other).rest()

    def __contains__(self, letter: str) -> bool:
        return any(low <= ord(letter) <= high for low, high in self.ranges)

    def rest(self) -> "Chars":
        """Every character that is not in the set."""
        gaps: list[tuple[int, int]] = []
        begin = 0
        for low, high in self.ranges:
            gaps.append((begin, low - 1))
            begin = high + 1
        return Chars.spanning([*gaps, (begin, 0x10FFFF)])

    def write(self) -> str:
        """The set as a class of GBNF; it must not be empty."""
        rest = self.rest().ranges
        negated = 0 < len(rest) < len(self.ranges) and rest[-1][1] < 0x80  # xgrammar has no more
        # Letters that cannot be seen come last, so that no digit of a number stands behind them.
        ranges = sorted(rest if negated else self.ranges, key=lambda span: span[0] < ord(" "))
        return f"[{'^' if negated else ''}{''.join(_range(low, high) for low, high in ranges)}]"


class Rules:
    """Rules under names, which become the text of a grammar."""

    def __init__(self) -> None:
        self._bodies: dict[str, str] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._alike: dict[str, int] = {}
        self._size = 0

    def has(self, name: str) -> bool:
        """Whether there is a rule of that name."""
        return name in self._bodies

    def rule(self, name: str, body: str) -> str:
        """Put a rule under a name like that one, and return the name that it got.

        The start is the first that is named `root`. A second rule of a name gets a number, unless
        its body is that of one before.

        Raises:
            TooLarge: there are too many, or they are too long.
        """
        plain = _plain(name)
        known = self._names.get((plain, body))
        if known in self._bodies:
            return known
        taken = self.reserve(plain)
        self.define(taken, body)
        self._names[plain, body] = taken
        return taken

    def reserve(self, name: str) -> str:
        """Take a name whose body comes later, so that it may speak of itself.

        Raises:
            TooLarge: there are too many.
        """
        plain = taken = _plain(name)
        while taken in self._bodies:
            self._alike[plain] = self._alike.get(plain, 1) + 1
            taken = f"{plain}-{self._alike[plain]}"
        if len(self._bodies) >= MOST_RULES:
            raise TooLarge(f"the grammar would have more than {MOST_RULES:,} rules")
        self._bodies[taken] = ""
        return taken

    def define(self, name: str, body: str) -> None:
        """Give a reserved name its body.

        Raises:
            TooLarge: the grammar is too long with it.
        """
        self._size += len(name) + len(body)
        if self._size > MOST_TEXT:
            raise TooLarge(f"the grammar would have more than {MOST_TEXT:,} characters")
        self._bodies[name] = body

    @contextmanager
    def undone(self) -> Generator[None]:
        """Take back the rules that were made within, where it ends in an error."""
        rules, size = len(self._bodies), self._size
        try:
            yield
        except BadGrammar:
            self._size = size
            while len(self._bodies) > rules:
                self._bodies.popitem()
            raise

    def text(self) -> str:
        """The whole grammar, its start first where there is one."""
        bodies = dict(self._bodies)
        if "root" in bodies:
            bodies = {"root": bodies.pop("root"), **bodies}
        return "".join(f"{name} ::= {body}\n" for name, body in bodies.items())


def _plain(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return plain if plain[:1].isalpha() else f"r-{plain}".rstrip("-")


def _range(low: int, high: int) -> str:
    if low == high:
        return _member(low)
    return f"{_member(low)}{'-' if high > low + 1 else ''}{_member(high)}"


def _member(code: int) -> str:
    letter = chr(code)
    return f"\\u{code:04X}" if letter in _SYNTAX else _SPELLED.get(letter) or _shown(letter)


def _shown(letter: str) -> str:
    """The letter itself where it can be seen, and its number where it cannot."""
    code = ord(letter)
    if letter == " " or letter.isprintable():
        return letter
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
