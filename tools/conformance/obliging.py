"""A fake that repeats what it is told and obliges: it fills forms in, and calls the first tool.

The vendors' examples take it for granted that a model does what it is asked. What it writes is the
least that a schema allows.
"""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeAlias

from seedbed.core.ask import Ask
from seedbed.core.event import Event
from seedbed.core.message import Call, Part, Result, Text
from seedbed.engines.base import Spec
from seedbed.engines.scripted import Scripted

Schema: TypeAlias = Mapping[str, Any]
_LEAST: Mapping[str, object] = {"integer": 1, "number": 1, "boolean": True, "null": None}
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


def least(schema: Schema, root: Schema) -> object:
    """The least value of a schema, whose references lead into `root`.

    >>> least({"type": "object", "properties": {"a": {"enum": ["x"]}}, "required": ["a"]}, {})
    {'a': 'x'}
    """
    if "$ref" in schema:
        found = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return least(found, root)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return least(schema[choice][0], root)
    if "enum" in schema or "const" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    return _plain(schema, root)


def _plain(schema: Schema, root: Schema) -> object:
    match schema.get("type", "object"):
        case "object":
            needed: Sequence[str] = schema.get("required", ())
            return {name: least(schema["properties"][name], root) for name in needed}
        case "array":
            return [least(schema["items"], root)] * schema.get("minItems", 1)
        case "string":
            return "x" * schema.get("minLength", 1)
        case kind:
            return _LEAST[kind]
