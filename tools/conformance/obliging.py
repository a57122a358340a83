"""A fake that repeats what it is told and obliges: it fills forms in, and calls the first tool.

The vendors' examples take it for granted that a model does what it is asked. What it writes is the
least that a schema allows.
"""

import json
import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any, TypeAlias

from seedbed.core.ask import Ask
from seedbed.core.event import Event
from seedbed.core.message import Call, Part, Result, Text
from seedbed.engines.base import Spec
from seedbed.engines.scripted import Scripted

Schema: TypeAlias = Mapping[str, Any]
_LEAST: Mapping[str, object] = {"boolean": True, "null": None}
_CALL = "call_1"


class Obliging(Scripted):
    """Answers each ask by a script that it makes for it."""

    def __init__(self, model: str, *, window: int) -> None:
        super().__init__(model, window=window)
        self._of = model, window

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """Yield the script, a word at a time."""
        model, window = self._of
        inner = Scripted(model, window=window, script=_script(ask))
        async with aclosing(inner.generate(ask)) as events:
            async for event in events:
                yield event


def make(spec: Spec) -> Obliging:
    """An engine in the place of the one that repeats alone."""
    return Obliging(spec.model.name, window=spec.model.window)


def _script(ask: Ask) -> Sequence[Part] | None:
    if ask.format.kind == "schema":
        return [Text(json.dumps(least(ask.format.schema, ask.format.schema)))]
    brought = any(isinstance(part, Result) for part in ask.messages[-1].parts)
    if not ask.tools or ask.tool_policy.mode == "none" or brought:
        return [Text(ask.messages[-1].text or "I see.")]
    only = ask.tool_policy.only
    tool = next(one for one in ask.tools if not only or one.name in only)
    return [Call(_CALL, tool.name, json.dumps(least(tool.schema, tool.schema)))]


def least(schema: Schema, root: Schema, within: frozenset[str] = frozenset()) -> object:
    """The least value of a schema, whose references lead into `root`.

    An array that may be empty has one item all the same, since programs look for one, unless its
    items are what is being filled in: the references of `within`.

    Raises:
        Endless: a value of the schema holds another, without end.

    >>> least({"type": "object", "properties": {"a": {"enum": ["x"]}}, "required": ["a"]}, {})
    {'a': 'x'}
    """
    if "$ref" in schema:
        return _referred(schema["$ref"], root, within)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _first(schema[choice], root, within)
    if "enum" in schema or "const" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    return _plain(schema, root, within)


class Endless(ValueError):
    """A schema that no value fits that has an end."""


def _referred(reference: str, root: Schema, within: frozenset[str]) -> object:
    """The least value of what a reference leads to.

    Raises:
        Endless: it is being filled in already.
    """
    if reference in within:
        raise Endless(f"What {reference!r} leads to holds itself. Let it be left out somewhere.")
    found = root
    for step in reference.removeprefix("#").split("/")[1:]:
        found = found[step]
    return least(found, root, within | {reference})


def _first(choices: Sequence[Schema], root: Schema, within: frozenset[str]) -> object:
    """The least value of the first choice that has one.

    Raises:
        Endless: none has.
    """
    *others, last = choices
    for choice in others:
        with suppress(Endless):
            return least(choice, root, within)
    return least(last, root, within)


def _plain(schema: Schema, root: Schema, within: frozenset[str]) -> object:
    match _type(schema):
        case "object":
            needed: Sequence[str] = schema.get("required", ())
            known: Mapping[str, Schema] = schema.get("properties", {})
            return {name: least(known.get(name, {}), root, within) for name in needed}
        case "array":
            return _items(schema, root, within)
        case "string":
            return "x" * schema.get("minLength", 1)
        case "integer":
            return math.ceil(schema.get("minimum", 1))
        case "number":
            return schema.get("minimum", 1)
        case kind:
            return _LEAST[kind]


def _items(schema: Schema, root: Schema, within: frozenset[str]) -> list[object]:
    """The least array.

    Raises:
        Endless: it must have items, and none has an end.
    """
    try:
        return [least(schema.get("items", {}), root, within)] * schema.get("minItems", 1)
    except Endless:
        if schema.get("minItems", 0):
            raise
        return []


def _type(schema: Schema) -> str:
    """The type, where there are several the first that says something."""
    said = schema.get("type", "object")
    if isinstance(said, str):
        return said
    types: Sequence[str] = said
    return next((one for one in types if one != "null"), "null")
