"""JSON schemas made flat: references followed, `allOf` merged, unions kept to choose from.

Floor 1. Draft 2020-12, and what is in use of draft 7 and of OpenAPI (`definitions`, lists under
`items`, `nullable`). A schema that would unfold without end is refused after so many steps.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast
from urllib.parse import unquote

from seedbed.kit.grammar.rules import BadGrammar, TooLarge

_MOST_STEPS = 20_000
_MOST_DEPTH = 64
_MOST_SIZE = 1e30
"""A bound beyond that is no bound."""

Words: TypeAlias = dict[str, object]
"""A schema's words, and what is said under them."""

TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
ABOUT = {
    "object": ("properties", "required", "additionalProperties", "patternProperties"),
    "array": ("items", "prefixItems", "additionalItems", "minItems", "maxItems"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""The words that tell something of one type only."""
_KEPT = frozenset({"type", "enum", *(word for words in ABOUT.values() for word in words)})
_UNIONS = ("anyOf", "oneOf")
_SAYING = _KEPT | {"const", "allOf", "nullable", *_UNIONS}


class BadSchema(BadGrammar):
    """A schema that cannot be read; the sentence begins with the JSON pointer."""


class Impossible(BadSchema):
    """A schema that no value obeys."""


@dataclass(frozen=True, slots=True)
class Flat:
    """A schema's own words, and its unions: of each, one alternative must be obeyed."""

    words: Words
    unions: tuple[tuple[str, list[object]], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a schema: its JSON pointer, the name for a rule there, and how deep it is."""

    pointer: str
    name: str
    depth: int = 0

    def at(self, *steps: str | int, name: str = "") -> "Place":
        """A place below."""
        down = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
        return Place(self.pointer + down, name or self.name, self.depth + 1)


def words_of(schema: object) -> Words:
    """A schema's words; a boolean has none."""
    return cast("Words", schema) if isinstance(schema, dict) else {}


def list_of(value: object, place: Place) -> list[object]:
    """The list that stands there.

    Raises:
        BadSchema: it is no list.
    """
    if not isinstance(value, list):
        raise BadSchema(f"{place.pointer}: a list must stand here")
    return cast("list[object]", value)


def number_of(value: object) -> int | float | None:
    """The number that stands there, or `None` where there is none that could bound anything."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) and abs(value) <= _MOST_SIZE else None


class Flattener:
    """Makes the schemas within one schema flat."""

    def __init__(self, schema: object) -> None:
        self._schema = schema
        self._steps = 0

    def followed(self, schema: object, place: Place) -> tuple[object, Place]:
        """The schema that this one is no more than a reference to, if it is one.

        Raises:
            BadSchema: it leads to itself, nowhere, or outside.
        """
        for _ in range(_MOST_DEPTH):
            words = words_of(schema)
            if "$ref" not in words or not _SAYING.isdisjoint(words):
                return schema, place
            name = str(words["$ref"]).rpartition("/")[2]
            schema, place = self.target(words["$ref"], place), place.at("$ref", name=name)
        raise BadSchema(f"{place.pointer[:80]}: its references lead to one another")

    def flat(self, schema: object, place: Place, trail: tuple[str, ...] = ()) -> Flat:
        """What a schema says; `trail` are the references that led here.

        Raises:
            BadSchema: it cannot be read.
            Impossible: what it says cannot be obeyed at once.
            TooLarge: it is nested too deep, or unfolds into too much.
        """
        self._step(place)
        if isinstance(schema, bool):
            return Flat({}) if schema else _refuse(place, "no value is allowed here")
        if not isinstance(schema, dict):
            raise BadSchema(f"{place.pointer}: a schema is an object or a boolean")
        said = cast("Words", schema)
        if said.get("nullable") is True:
            rest: Words = {word: value for word, value in said.items() if word != "nullable"}
            return Flat({}, (("nullable", [rest, {"type": "null"}]),))
        words = {word: value for word, value in said.items() if word in _KEPT}
        unions = [(word, list_of(said[word], place.at(word))) for word in _UNIONS if word in said]
        flat = Flat(words, tuple(unions))
        for other in self._others(said, place, trail):
            flat = self.merged(flat, other, place)
        return flat

    def _others(self, said: Words, place: Place, trail: tuple[str, ...]) -> list[Flat]:
        """What must be obeyed beside a schema's own words."""
        others = [Flat({"enum": [said["const"]]})] if "const" in said else []
        if "$ref" in said:
            name = str(said["$ref"])
            if name in trail:
                raise BadSchema(f"{place.pointer}/$ref: it leads back to itself")
            target = self.target(name, place)
            others.append(self.flat(target, place.at("$ref"), (*trail, name)))
        for at, one in enumerate(list_of(said.get("allOf", []), place.at("allOf"))):
            others.append(self.flat(one, place.at("allOf", at), trail))
        return others

    def merged(self, one: Flat, other: Flat, place: Place) -> Flat:
        """What says both.

        Raises:
            Impossible: they contradict one another.
            TooLarge: too much has been merged by now.
        """
        self._step(place)
        words: Words = {**one.words, **other.words}
        for word in one.words.keys() & other.words.keys():
            words[word] = _both(word, one.words[word], other.words[word], place)
        for mine, others in ((one.words, other.words), (other.words, one.words)):
            held = _held(mine, others)
            if held:
                words["properties"] = {**words_of(words["properties"]), **held}
        return Flat(words, one.unions + other.unions)

    def _step(self, place: Place) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise TooLarge(f"{place.pointer[:80]}: the schema unfolds into too much")
        if place.depth > _MOST_DEPTH:
            raise TooLarge(f"{place.pointer[:80]}: the schema is nested too deep")

    def target(self, reference: object, place: Place) -> object:
        """The schema that a reference leads to.

        Raises:
            BadSchema: it leads nowhere, or outside.
        """
        path = unquote(str(reference))
        if path != "#" and not path.startswith("#/"):
            raise BadSchema(f"{place.pointer}/$ref: {path[:80]!r} is not within this schema")
        found = self._schema
        for step in path.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            found = _below(found, key)
            if found is None:
                raise BadSchema(f"{place.pointer}/$ref: there is nothing at {path[:80]!r}")
        return found


def _refuse(place: Place, why: str) -> Flat:
    raise Impossible(f"{place.pointer}: {why}")


def _below(found: object, key: str) -> object | None:
    if isinstance(found, list):
        members = cast("list[object]", found)
        inside = key.isdecimal() and key.isascii() and len(key) < 6 and int(key) < len(members)
        return members[int(key)] if inside else None
    return words_of(found).get(key)


def _held(mine: Words, others: Words) -> Words:
    """The properties that only `others` tell, held to what `mine` says of further ones."""
    further = mine.get("additionalProperties", True)
    if further is True or "patternProperties" in mine:
        return {}
    known = words_of(mine.get("properties"))
    return {
        key: False if further is False else {"allOf": [further, schema]}
        for key, schema in words_of(others.get("properties")).items()
        if key not in known
    }


def _both(word: str, one: object, other: object, place: Place) -> object:
    """What says both under one word."""
    if one == other:
        return one
    merge = _MERGES.get(word)
    if merge is None:
        return one  # of two patterns the first is enforced, and both are verified
    merged = merge(one, other)
    if merged == [] and word in {"type", "enum"}:
        _refuse(place.at(word), "what is asked for here contradicts itself")
    return merged


def _types(one: object, other: object) -> object:
    ours, theirs = _several(one), _several(other)
    if "number" in ours and "integer" in theirs:
        ours = [*ours, "integer"]
    if "number" in theirs and "integer" in ours:
        theirs = [*theirs, "integer"]
    return [type_ for type_ in ours if type_ in theirs]


def _several(type_: object) -> list[object]:
    return cast("list[object]", type_) if isinstance(type_, list) else [type_]


def _values(one: object, other: object) -> object:
    return [value for value in _several(one) if _is_in(value, _several(other))]


def _is_in(value: object, values: list[object]) -> bool:
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in values)


def _names(one: object, other: object) -> object:
    return list(dict.fromkeys(map(str, [*_several(one), *_several(other)])))


def _properties(one: object, other: object) -> object:
    ours, theirs = words_of(one), words_of(other)
    shared = ours.keys() & theirs.keys()
    return {**ours, **theirs, **{key: {"allOf": [ours[key], theirs[key]]} for key in shared}}


def _schemas(one: object, other: object) -> object:
    if isinstance(one, list) or isinstance(other, list):
        return cast("object", one)
    return False if one is False or other is False else {"allOf": [one, other]}


def _bound(choose: Callable[[Sequence[int | float]], int | float]) -> Callable[..., object]:
    def merge(one: object, other: object) -> object:
        known = [bound for bound in map(number_of, (one, other)) if bound is not None]
        return choose(known) if known else None

    return merge


_MERGES: dict[str, Callable[[object, object], object]] = {
    "type": _types,
    "enum": _values,
    "required": _names,
    "properties": _properties,
    "patternProperties": _properties,
    "items": _schemas,
    "additionalItems": _schemas,
    "additionalProperties": _schemas,
    **{word: _bound(max) for word in ("minLength", "minItems", "minimum", "exclusiveMinimum")},
    **{word: _bound(min) for word in ("maxLength", "maxItems", "maximum", "exclusiveMaximum")},
}
