"""Numbers between bounds, as grammars.

Floor 1. Digits are bounded: sixteen before the point, sixteen behind it, two in the exponent; a
number with bounds of its own has no exponent.
"""

import math
from collections.abc import Iterator

from seedbed.kit.grammar.rules import either, literal

_MOST_DIGITS = 16
_FRACTION = '("." [0-9]{1,16})?'
_EXPONENT = r"([Ee] [+\u002D]? [0-9]{1,2})?"
_WHOLE = f'("0" | [1-9] [0-9]{{0,{_MOST_DIGITS - 1}}})'


def integer_text(low: int | None, high: int | None) -> str:
    """The integers from `low` to `high`, both included, of which `low` is not the greater.

    >>> integer_text(0, 25)
    '([0-9] | "1" [0-9] | "2" [0-5])'
    """
    if low is None and high is None:
        return f'"-"? {_WHOLE}'
    ways: list[str] = []
    if low is None or low < 0:
        ways += [
            '"-" ' + way for way in _whole(max(1, -high) if high is not None else 1, _not(low))
        ]
    if high is None or high >= 0:
        ways += _whole(max(0, low or 0), high)
    return either(ways)


def number_text(low: float | None, high: float | None) -> str:
    """The numbers from `low` to `high`, as far as whole bounds tell them.

    A bound that is no whole number is widened to the next one, and one that is excluded is
    included: what that lets through is for verification to find.
    """
    if low is None and high is None:
        return f'"-"? {_WHOLE} {_FRACTION} {_EXPONENT}'
    ways: list[str] = []
    if low is None or low < 0:
        least = max(0.0, -high) if high is not None else 0.0
        ways += ['"-" ' + way for way in _fractions(least, None if low is None else -low)]
    if high is None or high >= 0:
        ways += _fractions(max(0.0, low or 0.0), high)
    return either(ways)


def _not(low: int | None) -> int | None:
    return None if low is None else -low


def _fractions(low: float, high: float | None) -> Iterator[str]:
    """Numbers from `low` to `high`, neither of them negative."""
    if high is None and low == 0:
        yield f"{_WHOLE} {_FRACTION} {_EXPONENT}"
        return
    below = None if high is None else math.ceil(high) - 1
    if below is None or math.floor(low) <= below:
        yield f"{either(_whole(math.floor(low), below))} {_FRACTION}"
    if high is not None and high == math.floor(high):
        yield f'{literal(str(math.floor(high)))} ("." "0"{{1,16}})?'


def _whole(low: int, high: int | None) -> Iterator[str]:
    """Whole numbers from `low` to `high`, neither of them negative."""
    if high is None:
        high = 10 ** max(_MOST_DIGITS, len(str(low))) - 1
    first, last = len(str(low)), len(str(high))
    for length in range(first, last + 1):
        least = str(low) if length == first else "1" + "0" * (length - 1)
        most = str(high) if length == last else "9" * length
        yield from _between(least, most)


def _between(low: str, high: str) -> Iterator[str]:
    """Digits from `low` to `high`, which are of one length."""
    rest = len(low) - 1
    if low == high:
        yield literal(low)
    elif rest == 0:
        yield f"[{low}-{high}]"
    elif low[0] == high[0]:
        yield from (f"{literal(low[0])} {way}" for way in _between(low[1:], high[1:]))
    else:
        first, last = int(low[0]), int(high[0])
        if low[1:] != "0" * rest:
            yield from (f"{literal(low[0])} {way}" for way in _between(low[1:], "9" * rest))
            first += 1
        whole = high[1:] == "9" * rest
        top = last if whole else last - 1
        if first <= top:
            digit = f"[{first}-{top}]" if first < top else literal(str(first))
            yield f"{digit} [0-9]{f'{{{rest}}}' if rest > 1 else ''}"
        if not whole:
            yield from (f"{literal(high[0])} {way}" for way in _between("0" * rest, high[1:]))
