"""Grammars that families share: a call as a JSON object, and several calls.

Floor 3.
"""

from collections.abc import Sequence

from seedbed.core.ask import Tool
from seedbed.engines.formats.base import MOST_CALLS
from seedbed.kit.grammar.gbnf import BadSchema, Grammar, literal


def object_calls(
    grammar: Grammar, tools: Sequence[Tool], *, key: str, around: tuple[str, str] = ("", "")
) -> str:
    """One call of one of the tools, as a JSON object in which the arguments stand under `key`."""
    calls = [
        " ".join(
            (
                literal(f'{around[0]}{{"name": "{tool.name}", "{key}": '),
                arguments(grammar, tool),
                literal("}" + around[1]),
            )
        )
        for tool in tools
    ]
    return grammar.rule("call", " | ".join(calls))


def arguments(grammar: Grammar, tool: Tool) -> str:
    """The arguments of a tool: always a JSON object.

    Raises:
        BadGrammar: no object obeys its schema, or the schema cannot be put into a grammar.
    """
    schema = {"type": "object", **tool.schema}
    if schema["type"] != "object":
        raise BadSchema(f"/type: the arguments of {tool.name!r} must be an object")
    return grammar.schema(schema, name=f"arguments-of-{tool.name}")


def repeated(grammar: Grammar, one: str, separator: str, *, parallel: bool) -> str:
    """One, or with `parallel` several of them."""
    if not parallel:
        return one
    return grammar.rule("calls", f"{one} ({literal(separator)} {one}){{0,{MOST_CALLS - 1}}}")


def named(tools: Sequence[Tool], between: str) -> str:
    """A grammar of a tool's name, what stands behind it, and its arguments.

    One grammar for all of them: the library reads a tag for each far more slowly.
    """
    grammar = Grammar()
    each = [f"{literal(tool.name + between)} {arguments(grammar, tool)}" for tool in tools]
    grammar.rule("root", " | ".join(each))
    return grammar.text()
