"""JSON schemas as grammars: an expression for each kind of value.

Floor 1. Schemas that could speak of themselves become rules under names; the rest stands where it
is used. Where no type is said, the one is meant that the words are about: `properties` mean an
object. What is impossible is left out where there is another way, and refused where there is none.
"""

import json
from collections.abc import Callable, Iterable
from typing import ParamSpec

from seedbed.kit.grammar.flat import (
    ABOUT,
    TYPES,
    Flat,
    Flattener,
    Impossible,
    Place,
    Words,
    list_of,
    words_of,
)
from seedbed.kit.grammar.numbers import integer_text, number_text
from seedbed.kit.grammar.regex import BadPattern, pattern_string
from seedbed.kit.grammar.rules import Rules, either, literal, times
from seedbed.kit.grammar.values import (
    COMMA,
    PLAIN,
    enum_text,
    integers_in,
    items_in,
    none_of,
    numbers_in,
    span_in,
    types_in,
)

_RULED = frozenset({*ABOUT["object"], *ABOUT["array"], "$ref", "allOf", "anyOf", "oneOf"})
_CHARACTER = (
    r'[^\u0022\u005C\u0000-\u001F] | "\\" ([\u0022\u005C/bfnrt] | '
    r'"u" [0-9ABCEFabcef] [0-9A-Fa-f]{3})'
)
"""One character of a JSON string. Escapes that begin with D are left out, since some of them are
half a character only; all that they could say can be said as it is."""
_DATE = (
    r'[0-9]{4} "-" (("0" [13578] | "1" [02]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])'
    r' | ("0" [469] | "11") "-" ("0" [1-9] | [12] [0-9] | "30")'
    r' | "02-" ("0" [1-9] | "1" [0-9] | "2" [0-9]))'
)
_CLOCK = r'([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9]'
_TIME = rf'{_CLOCK} ":" [0-5] [0-9] ("." [0-9]{{1,6}})? ("Z" | [+\u002D] {_CLOCK})'
_OCTET = '("25" [0-5] | "2" [0-4] [0-9] | "1" [0-9] [0-9] | [1-9] [0-9] | [0-9])'
_LABEL = r"[A-Za-z0-9]{1,30} ([\u002D] [A-Za-z0-9]{1,30}){0,2}"
_LOCAL = '[A-Za-z0-9_+]{1,30} ("." [A-Za-z0-9_+]{1,30})?'
_FORMATS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": f'{_DATE} "T" {_TIME}',
    "uuid": '[0-9a-f]{8} ("-" [0-9a-f]{4}){3} "-" [0-9a-f]{12}',
    "ipv4": f'{_OCTET} ("." {_OCTET}){{3}}',
    "email": f'{_LOCAL} "@" {_LABEL} ("." {_LABEL}){{1,3}}',
}
_COLON, _QUOTE = '":" " "?', r'"\""'

_P = ParamSpec("_P")


class SchemaRules:
    """The rules of one schema, put among others."""

    def __init__(self, rules: Rules, schema: object, name: str) -> None:
        self._rules, self._schema, self._name = rules, schema, name
        self._flattener = Flattener(schema)
        self._named: dict[int, tuple[object, str]] = {}
        """The rules of schemas, by identity; the schemas are kept, so that it stays theirs."""

    def expression(self) -> str:
        """An expression of the schema's texts, as `Grammar.schema` tells it."""
        return self._tried(self._value, self._schema, Place("#", self._name))

    def _value(self, given: object, at: Place) -> str:
        """An expression of one value."""
        schema, place = self._flattener.followed(given, at)
        if _RULED.isdisjoint(words_of(schema)):
            return self._written(self._flattener.flat(schema, place), place)
        if id(schema) not in self._named:
            name = self._rules.reserve(place.name)
            self._named[id(schema)] = (schema, name)
            text = self._written(self._flattener.flat(schema, place), place)
            self._rules.define(name, text)
        return self._named[id(schema)][1]

    def _written(self, flat: Flat, place: Place) -> str:
        """The expression of a flat schema."""
        if flat.unions:
            return self._union(flat, place)
        types = types_in(flat.words, place)
        if "enum" in flat.words:
            return enum_text(list_of(flat.words["enum"], place.at("enum")), flat.words, place)
        if not types:
            return self._anything()
        return self._possible(
            place, (lambda type_=type_: self._typed(type_, flat.words, place) for type_ in types)
        )

    def _union(self, flat: Flat, place: Place) -> str:
        (word, alternatives), *rest = flat.unions
        others = Flat(flat.words, tuple(rest))

        def way(at: int, alternative: object) -> str:
            there = place.at(word, at)
            if not flat.words and not rest:
                return self._value(alternative, there)
            merged = self._flattener.merged(others, self._flattener.flat(alternative, there), there)
            return self._written(merged, there)

        if not alternatives:
            raise Impossible(f"{place.at(word).pointer}: it is empty")
        ways = enumerate(alternatives)
        return self._possible(place, (lambda at=at, one=one: way(at, one) for at, one in ways))

    def _possible(self, place: Place, ways: Iterable[Callable[[], str]]) -> str:
        """One of the ways, without those that are impossible."""
        found: list[str] = []
        refused = Impossible(f"{place.pointer}: no value is allowed here")
        for way in ways:
            try:
                found.append(self._tried(way))
            except Impossible as impossible:
                refused = impossible
        if not found:
            raise refused
        return either(found)

    def _tried(self, way: Callable[_P, str], *args: _P.args, **named: _P.kwargs) -> str:
        """What the way gives; where it gives none, its rules are taken back."""
        known = len(self._named)
        try:
            with self._rules.undone():
                return way(*args, **named)
        except Impossible:
            while len(self._named) > known:
                self._named.popitem()
            raise

    def _typed(self, type_: str, words: Words, place: Place) -> str:
        match type_:
            case "object":
                return self._object(words, place)
            case "array":
                return self._array(words, place)
            case "string":
                return self._string(words, place)
            case "integer":
                return self._rules.rule("integer", integer_text(*integers_in(words, place)))
            case "number":
                return self._rules.rule("number", number_text(*numbers_in(words, place)))
            case "boolean":
                return '("true" | "false")'
            case _:
                return '"null"'

    def _anything(self) -> str:
        """Any JSON value."""
        if not self._rules.has("any"):
            name, place = self._rules.reserve("any"), Place("#", "any")
            kinds = [self._typed(type_, {}, place) for type_ in TYPES if type_ != "integer"]
            self._rules.define(name, " | ".join(kinds))
        return "any"

    def _string(self, words: Words, place: Place) -> str:
        least, most = span_in(words, "Length", place)
        pattern, form = words.get("pattern"), str(words.get("format"))
        if isinstance(pattern, str):
            try:
                return self._rules.rule("pattern", pattern_string(pattern))
            except BadPattern:
                pass  # what no grammar has is left to verification
        elif form in _FORMATS:
            return self._rules.rule(form, f"{_QUOTE} {_FORMATS[form]} {_QUOTE}")
        letter = self._rules.rule("character", _CHARACTER)
        if (least, most) == (0, None):
            return self._rules.rule("string", f"{_QUOTE} {letter}* {_QUOTE}")
        return f"{_QUOTE} {letter}{times(least, most)} {_QUOTE}"

    def _array(self, words: Words, place: Place) -> str:
        least, most = span_in(words, "Items", place)
        prefix, further = items_in(words, least, place)
        firsts: list[str] = []
        for at, schema in enumerate(prefix[:most]):
            there = place.at("prefixItems", at, name=f"{place.name}-{at + 1}")
            try:
                firsts.append(self._tried(self._value, schema, there))
            except Impossible:
                most = at
                if least > at:
                    raise
                break
        item = ""
        if most is None or most > len(firsts):
            try:
                there = place.at("items", name=f"{place.name}-item")
                item = self._tried(self._value, further, there)
            except Impossible:
                if least > len(firsts):
                    raise
        text = f'"[" {self._members(firsts, item, (least, most), place)} "]"'
        return text if _RULED & words.keys() else self._rules.rule("array", text)

    def _members(
        self, firsts: list[str], item: str, span: tuple[int, int | None], place: Place
    ) -> str:
        """The members of a list: those of its first places, then as many items as there may be."""
        least, most = span
        further = None if most is None else most - max(len(firsts), 1)
        text = ""
        if item and (further is None or further > 0):
            text = f"({COMMA} {item}){times(max(least - max(len(firsts), 1), 0), further)}"
        if item and not firsts:
            firsts = [item]
        for at in reversed(range(len(firsts))):
            text = _row(COMMA if at else "", firsts[at], text)
            if at >= least:
                name = f"{place.name}-rest"
                text = f"{self._rules.rule(name, text)}?" if at else f"({text})?"
        return text or '""'

    def _object(self, words: Words, place: Place) -> str:
        told = words_of(words.get("properties"))
        required = set(map(str, list_of(words.get("required", []), place.at("required"))))
        further = words.get("additionalProperties", not told and not required)
        if "patternProperties" in words and not told:
            further = True  # what the patterns say is left to verification
        free = "patternProperties" in words
        untold = dict.fromkeys(
            sorted(required - told.keys()), free or words.get("additionalProperties", True)
        )
        members: list[tuple[str, bool]] = []
        for name, schema in {**told, **untold}.items():
            there = place.at("properties", name, name=name)
            try:
                value = self._tried(self._value, schema, there)
            except Impossible:
                if name in required:
                    raise
                continue
            key = literal(json.dumps(name, ensure_ascii=False) + ":")
            members.append((f'{key} " "? {value}', name in required))
        other = ""
        if further is not False:
            value = self._value(
                further, place.at("additionalProperties", name=f"{place.name}-more")
            )
            other = f"{self._key(frozenset(told) | required, place)} {_COLON} {value}"
        text = f'"{{" {self._fields(members, other, place)} "}}"'
        return text if _RULED & words.keys() else self._rules.rule("object", text)

    def _key(self, names: frozenset[str], place: Place) -> str:
        """A key that is none of the names."""
        if not names:
            return self._string({}, place)
        plain = self._rules.rule("plain", PLAIN.write())
        text = f"{_QUOTE} {none_of(names, plain, 0)} {_QUOTE}"
        return self._rules.rule(f"{place.name}-key", text)

    def _fields(self, members: list[tuple[str, bool]], other: str, place: Place) -> str:
        """An object's members in their order, with commas between those that are there.

        `other` may stand behind them, any number of times.
        """
        star = f"({COMMA} {other})*" if other else ""
        tail = [f"{COMMA} {text}" if must else f"({COMMA} {text})?" for text, must in members]
        lead = next((at for at, (_, must) in enumerate(members) if must), len(members))
        after = _row(*tail[lead + 1 :], star)
        first = members[lead][0] if lead < len(members) else other
        ways = [_row(first, after)] if first else []
        after = _row(*tail[lead:], star)
        for at in reversed(range(lead)):
            ways.append(_row(members[at][0], after))
            after = _row(tail[at], after)
            if at > 0:
                after = self._rules.rule(f"{place.name}-rest", after)
        if not ways:
            return '""'
        return f"({' | '.join(reversed(ways))}){'' if lead < len(members) else '?'}"


def _row(*texts: str) -> str:
    return " ".join(filter(None, texts))
