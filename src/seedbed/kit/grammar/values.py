"""What a flat schema says of a value: its types, its bounds, its constants.

Floor 1.
"""

import json
import math
from typing import cast

from seedbed.kit.grammar.flat import (
    ABOUT,
    TYPES,
    BadSchema,
    Impossible,
    Place,
    Words,
    list_of,
    number_of,
)
from seedbed.kit.grammar.rules import Chars, TooLarge, either, literal

_MOST_SPELLED = 24
"""Letters of a name by which a further key is told from it."""
_MOST_PLACES = 200
"""Places of a list that have a schema of their own."""
_MOST_TIMES = 100
"""Longer texts and lists are not bounded by the grammar: xgrammar takes over a second for each
token where it must count to a thousand."""
_MOST_DEPTH = 64

COMMA = '"," " "?'
"""What stands between two members."""
PLAIN = Chars.of('"', "\\", "\x00\x1f").rest()
"""Characters that stand for themselves in a JSON string."""


def types_in(words: Words, place: Place) -> tuple[str, ...]:
    """The types that are said or meant; none where any is.

    Raises:
        BadSchema: there is no such type.
        Impossible: none is left.
    """
    said = words.get("type")
    if said is None:
        return tuple(type_ for type_, about in ABOUT.items() if not words.keys().isdisjoint(about))
    several = [
        str(one) for one in (cast("list[object]", said) if isinstance(said, list) else [said])
    ]
    if not several:
        raise Impossible(f"{place.at('type').pointer}: it is empty")
    for one in several:
        if one not in TYPES:
            raise BadSchema(f"{place.at('type').pointer}: there is no type {one[:40]!r}")
    return tuple(one for one in several if one != "integer" or "number" not in several)


def enum_text(values: list[object], words: Words, place: Place) -> str:
    """An expression of the values that are of the types said.

    Raises:
        Impossible: none is.
        TooLarge: one is nested too deep.
    """
    types = types_in(words, place) if "type" in words else TYPES
    kept = [value for value in values if not _types_of(value).isdisjoint(types)]
    if not kept:
        raise Impossible(f"{place.at('enum').pointer}: none of its values is allowed here")
    return either(_constant(value, place) for value in kept)


def _types_of(value: object) -> frozenset[str]:
    match value:
        case None:
            return frozenset({"null"})
        case bool():
            return frozenset({"boolean"})
        case int() | float():
            whole = {"integer"} if value == math.floor(value) else set[str]()
            return frozenset({"number", *whole})
        case str():
            return frozenset({"string"})
        case list():
            return frozenset({"array"})
        case _:
            return frozenset({"object"})


def _constant(value: object, place: Place) -> str:
    """The texts of one value."""
    if place.depth > _MOST_DEPTH:
        raise TooLarge(f"{place.pointer[:80]}: the schema is nested too deep")
    match value:
        case list():
            members = cast("list[object]", value)
            texts = [_constant(one, place.at(at)) for at, one in enumerate(members)]
            return f'"[" {f" {COMMA} ".join(texts)} "]"'.replace("  ", " ")
        case dict():
            words = cast("Words", value)
            keys = {key: literal(json.dumps(key, ensure_ascii=False) + ":") for key in words}
            texts = [
                f'{key} " "? {_constant(words[name], place.at(name))}' for name, key in keys.items()
            ]
            return f'"{{" {f" {COMMA} ".join(texts)} "}}"'
        case _:
            return literal(json.dumps(value, ensure_ascii=False))


def integers_in(words: Words, place: Place) -> tuple[int | None, int | None]:
    """The least and the greatest integer that the bounds let through.

    Raises:
        Impossible: there is none.
    """
    low, over = number_of(words.get("minimum")), number_of(words.get("exclusiveMinimum"))
    high, under = number_of(words.get("maximum")), number_of(words.get("exclusiveMaximum"))
    lows = [math.ceil(low)] if low is not None else []
    lows += [math.floor(over) + 1] if over is not None else []
    highs = [math.floor(high)] if high is not None else []
    highs += [math.ceil(under) - 1] if under is not None else []
    least, most = max(lows, default=None), min(highs, default=None)
    if least is not None and most is not None and least > most:
        raise Impossible(f"{place.pointer}: no integer lies between its bounds")
    return least, most


def numbers_in(words: Words, place: Place) -> tuple[float | None, float | None]:
    """The bounds of a number, those included that are excluded.

    Raises:
        Impossible: there is no number between them.
    """
    low, over = number_of(words.get("minimum")), number_of(words.get("exclusiveMinimum"))
    high, under = number_of(words.get("maximum")), number_of(words.get("exclusiveMaximum"))
    least = max((one for one in (low, over) if one is not None), default=None)
    most = min((one for one in (high, under) if one is not None), default=None)
    if least is not None and most is not None:
        touching = least == most and (over == least or under == most)
        if least > most or touching:
            raise Impossible(f"{place.pointer}: no number lies between its bounds")
    return least, most


def span_in(words: Words, what: str, place: Place) -> tuple[int, int | None]:
    """How many letters or items there may be, as far as a grammar should count.

    Raises:
        Impossible: there must be more than there may.
    """
    least = math.ceil(max(number_of(words.get(f"min{what}")) or 0, 0))
    most = number_of(words.get(f"max{what}"))
    if most is None:
        return min(least, _MOST_TIMES), None
    if least > most:
        raise Impossible(f"{place.at(f'min{what}').pointer}: it is more than max{what}")
    bound = math.floor(most)
    return min(least, _MOST_TIMES), bound if bound <= _MOST_TIMES else None


def items_in(words: Words, least: int, place: Place) -> tuple[list[object], object]:
    """The schemas of a list's first places, and the one of all further places.

    Raises:
        BadSchema: there is no list where one must stand.
        TooLarge: there are too many places.
    """
    prefix = list_of(words.get("prefixItems", []), place.at("prefixItems"))
    further = words.get("items")
    if isinstance(further, list):  # as draft 7 has it
        prefix, further = cast("list[object]", further), words.get("additionalItems")
    if len(prefix) > _MOST_PLACES:
        raise TooLarge(f"{place.pointer}: it has more than {_MOST_PLACES} places")
    return prefix, (not prefix or least > len(prefix)) if further is None else further


def none_of(names: frozenset[str], plain: str, depth: int) -> str:
    """Text of plain characters that is none of the names; `plain` is the rule of one."""
    firsts = sorted({name[0] for name in names if name and name[0] in PLAIN})
    if depth >= _MOST_SPELLED:
        return f"{plain}*"
    ways = [] if "" in names else ['""']
    ways.append(f"{(PLAIN - Chars.of(*firsts)).write()} {plain}*")
    for first in firsts:
        rest = frozenset(name[1:] for name in names if name[:1] == first)
        ways.append(f"{literal(first)} {none_of(rest, plain, depth + 1)}")
    return f"({' | '.join(ways)})"
