"""What a JSON schema is made of, and what it can cost to verify a value against it.

Floor 1. A validator may look at one value once for each way through `anyOf`, `allOf` and
references, and these multiply: a schema of a few lines can ask for more looks than there is time.
So they are counted beforehand, and a bound is put on how deep a value may be.
"""

import graphlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from seedbed.kit.grammar.flat import BadSchema, Flattener, Place, Words, words_of
from seedbed.kit.grammar.rules import TooLarge

DEEPEST = 128
"""The most levels of lists and objects that a value may have."""
_MOST_LOOKS = 5_000_000
"""Looks at one value and those around it; about a fifth of a second."""

_SAME_ONE = ("not", "if", "then", "else")
_SAME_LIST = ("allOf", "anyOf", "oneOf")
_SAME_NAMED = ("dependentSchemas",)
_MEMBER_ONE = (
    "additionalProperties",
    "propertyNames",
    "unevaluatedProperties",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "items",
)
_MEMBER_LIST = ("prefixItems", "items")
_MEMBER_NAMED = ("properties", "patternProperties")
_ELSEWHERE = ("$defs", "definitions")
_VERIFIED_ONLY = (
    "not",
    "if",
    "contains",
    "uniqueItems",
    "multipleOf",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_UNSERVED = ("$dynamicRef", "$recursiveRef", "$anchor", "$dynamicAnchor", "$recursiveAnchor")


def with_null(schema: object) -> object:
    """The schema with each `nullable` written as a union with null, which every validator knows."""
    if not isinstance(schema, dict):
        return schema
    words: Words = {}
    for word, value in words_of(cast("object", schema)).items():
        if word in _SAME_LIST + _MEMBER_LIST and isinstance(value, list):
            words[word] = [with_null(one) for one in _list(cast("object", value))]
        elif word in _SAME_NAMED + _MEMBER_NAMED + _ELSEWHERE and isinstance(value, dict):
            words[word] = {
                name: with_null(one) for name, one in words_of(cast("object", value)).items()
            }
        elif word in _SAME_ONE + _MEMBER_ONE:
            words[word] = with_null(value)
        else:
            words[word] = value
    if words.pop("nullable", False) is not True:
        return words
    kept: Words = {word: words.pop(word) for word in _ELSEWHERE if word in words}
    return {"anyOf": [words, {"type": "null"}], **kept}


def deepest(schema: object) -> int:
    """How deep a value may be so that it can be verified in time; at most `DEEPEST`.

    Raises:
        BadSchema: a reference leads nowhere, outside, or back to itself.
        TooLarge: no value could be verified in time.
    """
    schemas = _Schemas(schema)
    looks: list[int] = [0] * len(schemas.found)
    for depth in range(DEEPEST + 1):
        before, looks = looks, schemas.looks(looks)
        if looks[0] > _MOST_LOOKS:
            if depth < 2:
                raise TooLarge("#: the schema has too many ways through it to verify a value")
            return depth - 1
        if looks == before:
            break
    return DEEPEST


def unserved(schema: object) -> None:
    """Refuse a schema with a word that no grammar can hold a model to.

    Raises:
        BadSchema: there is one; the sentence says which, and where.
    """
    for words, place in _Schemas(schema).all():
        for word in _VERIFIED_ONLY:
            if word in words:
                raise BadSchema(f"{place.pointer[:80]}: {word} is not served where strict is asked")


@dataclass(frozen=True, slots=True)
class _Found:
    """A schema's own subschemas, by number: those of the same value, and those of its members."""

    same: list[int]
    one_of: list[int]
    all_of: list[int]


class _Schemas:
    """All schemas that can be reached from one, each once."""

    def __init__(self, root: object) -> None:
        self._flattener = Flattener(root)
        self._numbers: dict[int, int] = {}
        self._waiting: list[tuple[object, Place]] = []
        self.found: list[_Found] = []
        self._number(root, Place("#", ""))
        for schema, place in self._waiting:  # which grows meanwhile
            self.found.append(self._look(words_of(schema), place))
        same = {at: found.same for at, found in enumerate(self.found)}
        try:
            self._order = [*graphlib.TopologicalSorter(same).static_order()]
        except graphlib.CycleError as error:
            loop = cast("list[int]", error.args[1])
            place = self._waiting[loop[0]][1]
            raise BadSchema(f"{place.pointer[:80]}: it leads back to itself") from error

    def all(self) -> Iterator[tuple[Words, Place]]:
        """Each of them, and where it is."""
        return ((words_of(schema), place) for schema, place in self._waiting)

    def looks(self, before: list[int]) -> list[int]:
        """Bounds on the looks along a value one level deeper than those of `before`."""
        looks = [0] * len(self.found)
        for at in self._order:
            found = self.found[at]
            members = max((before[below] for below in found.one_of), default=0)
            members += sum(before[below] for below in found.all_of)
            looks[at] = 1 + members + sum(looks[beside] for beside in found.same)
        return looks

    def _look(self, words: Words, place: Place) -> _Found:
        for word in _UNSERVED:
            if word in words:
                raise BadSchema(f"{place.pointer[:80]}: {word} is not served")
        same = [self._number(one, there) for one, there in _under(words, _SAME, place)]
        if "$ref" in words:
            there = place.at("$ref")
            same.append(self._number(self._flattener.target(words["$ref"], place), there))
        one_of = [self._number(one, there) for one, there in _under(words, _ONE_OF, place)]
        all_of = [self._number(one, there) for one, there in _under(words, _ALL_OF, place)]
        return _Found(same, one_of, all_of)

    def _number(self, schema: object, place: Place) -> int:
        known = id(schema) if words_of(schema) else -1
        if known not in self._numbers:
            self._numbers[known] = len(self._waiting)
            self._waiting.append((schema, place))
        return self._numbers[known]


_SAME = (_SAME_ONE, _SAME_LIST, _SAME_NAMED)
_ONE_OF = ((), _MEMBER_LIST, ("properties",))
"""Of these, one member of a value is looked at under one only."""
_ALL_OF = (_MEMBER_ONE, (), ("patternProperties",))


def _under(
    words: Words, kinds: tuple[tuple[str, ...], ...], place: Place
) -> Iterator[tuple[object, Place]]:
    """The schemas under some words: each by itself, in lists, and under names."""
    single, lists, named = kinds
    for word in words.keys() & set(single):
        if isinstance(words[word], dict):
            yield words[word], place.at(word)
    for word in words.keys() & set(lists):
        for at, one in enumerate(_list(words[word])):
            yield one, place.at(word, at)
    for word in words.keys() & set(named):
        for name, one in words_of(words[word]).items():
            yield one, place.at(word, name)


def _list(value: object) -> list[object]:
    return [*value] if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]
