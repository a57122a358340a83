"""Forms that are asked for: checked before the ask is taken, verified before the answer is whole.

Floor 4. What a grammar cannot hold a model to, and what an engine or a provider got wrong, is found
here: an answer that ended by itself and has not its form ends in `AnswerMalformed`. The words have
been passed on by then; what is held back is the word that they are whole.
"""

import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import lru_cache

import anyio.to_thread
import msgspec

from seedbed.core.ask import Ask, Format, Tool
from seedbed.core.errors import AnswerMalformed, RequestMalformed
from seedbed.core.event import CallDelta, Event, Failed, Finished, Stop, TextDelta, UsageNow
from seedbed.core.message import Call
from seedbed.kit.form import (
    MOST_SCHEMA,
    BadForm,
    Kind,
    Verifier,
    check_grammar,
    check_regex,
    check_schema,
)

MOST_TOOLS = 128
_REMEMBERED = 128
_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class _Form:
    """A form that can be remembered: its schema as JSON, so that equal ones are one."""

    kind: Kind
    schema: bytes = b""
    pattern: str = ""
    strict: bool = False


async def check(ask: Ask) -> None:
    """Refuse an ask whose format or tools no engine should be given.

    Raises:
        RequestMalformed: a schema, pattern or grammar cannot be read or obeyed, or there are too
            many tools, or two of a name, or one with a name that they cannot have.
    """
    _check_names(ask.tools)
    if _is_plain(ask):
        return
    why = await anyio.to_thread.run_sync(_why_not_format, ask.format)
    if why is not None:
        hint = "Change it, or ask for another format."
        raise RequestMalformed(f"The format cannot be asked for: {why}.", hint=hint, field="format")
    told = await anyio.to_thread.run_sync(_why_not_tools, ask.tools)
    if told is not None:
        raise RequestMalformed(told, hint="Change the schema of its arguments.", field="tools")


def verified(ask: Ask, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
    """The same events, but for the end of an answer that has not the form that was asked for.

    Verified is what ended by itself: the text, where no tool was called, and the arguments of each
    call. An answer that was cut off, by its length, a filter or a stop text, is passed as it is. An
    ask without format and tools costs nothing: its stream is given back.
    """
    return events if _is_plain(ask) else _verified(ask, events)


async def _verified(ask: Ask, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
    text: list[str] = []
    calls: dict[int, Call] = {}
    async with aclosing(events):
        async for event in events:
            match event:
                case TextDelta():
                    text.append(event.text)
                case CallDelta():
                    begun = calls.get(event.ordinal, Call(event.id, event.name, ""))
                    longer = begun.arguments + event.arguments
                    calls[event.ordinal] = replace(begun, arguments=longer)
                case Finished(stop=Stop.END | Stop.CALL):
                    said = "".join(text)
                    fault = await anyio.to_thread.run_sync(_fault, ask, said, [*calls.values()])
                    if fault is not None:
                        yield UsageNow(event.usage)  # which came with the end that is held back
                        yield Failed(fault)
                        return
                case _:
                    pass
            yield event


def remembered() -> int:
    """How often a form was asked for again that was still remembered."""
    return _why_not.cache_info().hits


def _is_plain(ask: Ask) -> bool:
    return ask.format.kind == "text" and (not ask.tools or ask.tool_policy.mode == "none")


def _check_names(tools: Sequence[Tool]) -> None:
    if len(tools) > MOST_TOOLS:
        raise RequestMalformed(
            f"There are {len(tools)} tools; {MOST_TOOLS} is the most.",
            hint="Leave some out.",
            field="tools",
        )
    names: set[str] = set()
    for tool in tools:
        if not _NAME.fullmatch(tool.name):
            raise RequestMalformed(
                f"A tool cannot have the name {tool.name[:80]!r}.",
                hint="Up to 64 letters, digits, dots, hyphens and underscores make a name.",
                field="tools",
            )
        if tool.name in names:
            raise RequestMalformed(
                f"There are two tools of the name {tool.name!r}.",
                hint="Give each its own.",
                field="tools",
            )
        names.add(tool.name)


def _why_not_format(format_: Format) -> str | None:
    form = _form_of(format_)
    return None if form is None else _why_not(form)


def _why_not_tools(tools: Sequence[Tool]) -> str | None:
    """Why the tools cannot be offered, in a sentence."""
    forms = [_arguments_of(tool) for tool in tools]
    size = sum(len(form.schema) for form in forms)
    if size > MOST_SCHEMA:
        return f"The schemas of all tools have {size:,} bytes; {MOST_SCHEMA:,} is the most."
    for tool, form in zip(tools, forms, strict=True):
        why = "#/type: it is not 'object'"
        if tool.schema.get("type", "object") == "object":
            why = _why_not(form)
        if why is not None:
            return f"Tool {tool.name!r} cannot be offered: {why}."
    return None


def _form_of(format_: Format) -> _Form | None:
    """The form of a text."""
    match format_.kind:
        case "text":
            return None
        case "schema":
            schema = msgspec.json.encode(format_.schema)
            return _Form("schema", schema=schema, strict=format_.strict)
        case kind:
            return _Form(kind, pattern=format_.pattern)


def _arguments_of(tool: Tool, *, verifying: bool = False) -> _Form:
    """The form of a tool's arguments; one that is not strict is verified to be an object only."""
    if not tool.schema or (verifying and not tool.strict):
        return _Form("json")
    return _Form("schema", schema=msgspec.json.encode(tool.schema), strict=tool.strict)


@lru_cache(maxsize=_REMEMBERED)
def _why_not(form: _Form) -> str | None:
    """Why a form cannot be asked for."""
    try:
        match form.kind:
            case "schema":
                check_schema(msgspec.json.decode(form.schema), strict=form.strict)
            case "regex":
                check_regex(form.pattern)
            case "grammar":
                check_grammar(form.pattern)
            case "json":  # pragma: no branch - the last of the kinds
                pass
    except BadForm as error:
        return str(error)
    return None


@lru_cache(maxsize=_REMEMBERED)
def _verifier(form: _Form) -> Verifier:
    schema: dict[str, object] = msgspec.json.decode(form.schema) if form.schema else {}
    return Verifier(form.kind, schema=schema, pattern=form.pattern)


def _fault(ask: Ask, text: str, calls: Sequence[Call]) -> AnswerMalformed | None:
    """What an answer that is whole has not, of what was asked for."""
    for form, words, content in _parts(ask, text, calls):
        why = f"{words} was not offered" if form is None else _verdict(form, content)
        if why is not None:
            return AnswerMalformed(ask.model, form=words, why=why)
    return None


def _verdict(form: _Form, content: str) -> str | None:
    try:
        return _verifier(form).verdict(content)
    except BadForm as error:  # an ask that was never checked
        return str(error)


def _parts(ask: Ask, text: str, calls: Sequence[Call]) -> Iterator[tuple[_Form | None, str, str]]:
    """The parts of an answer: the form of each, that form in words, and what was answered."""
    tools = {tool.name: tool for tool in ask.tools}
    for call in calls:
        tool = tools.get(call.name)
        form = None if tool is None else _arguments_of(tool, verifying=True)
        yield form, f"tool {call.name[:80]!r}", call.arguments
    form = _form_of(ask.format)
    if form is not None and not calls:
        yield form, _WORDS[form.kind], text


_WORDS: dict[Kind, str] = {
    "json": "JSON object",
    "schema": "JSON schema",
    "regex": "regular expression",
    "grammar": "grammar",
}
