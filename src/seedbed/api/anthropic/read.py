"""From Anthropic's words for a message to an ask.

Floor 6. What would change the meaning and is not served is refused by name; what is harmless is
accepted and listed in docs/reference/http.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from seedbed.api.anthropic import wire
from seedbed.api.anthropic.blocks import DIALECT, Blocks
from seedbed.api.anthropic.servers import TOOLSET
from seedbed.api.anthropic.thought import read_thought
from seedbed.api.openai.body import Refused, missing, read_body, refuse
from seedbed.api.openai.wishes import read_checks
from seedbed.core.ask import Ask, Format, Limits, Sampling, Tool, ToolPolicy
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.message import Message, Part, Result, Role
from seedbed.core.value import changed

_TEXT, _FREELY = Format(), ToolPolicy()
_UNSERVED: Refused = {
    "container": ((), "no code is run here"),
    "inference_geo": ((), "where a model runs is its operator's choice"),
}


def read_message(body: bytes, blocks: Blocks) -> tuple[Ask, wire.MessageBody]:
    """The ask in a body, and the body as it was typed.

    Raises:
        RequestMalformed: it is no JSON, or a field is missing, of a wrong type or out of range.
        FieldUnserved: it wants what is not served.
    """
    message, unknown = read_body(body, wire.MessageBody)
    kept = message.cache_control
    beside = {**unknown, **({"cache_control": kept} if kept else {})}
    user = message.metadata.user_id if message.metadata else None
    ask = changed(
        _prompt(message, blocks),
        limits=Limits(message.max_tokens, tuple(message.stop_sequences or ())),
        sampling=Sampling(message.temperature, message.top_p, message.top_k),
        whole=not message.stream,
        deadline=message.seedbed.deadline if message.seedbed else None,
        checks=read_checks(message.seedbed) if message.seedbed else (),
        metadata={"user_id": user} if user else {},
        extra={DIALECT: beside} if beside else {},
    )
    return ask, message


def read_prompt(body: bytes, blocks: Blocks) -> Ask:
    """The ask in a body that wants no answer: its prompt alone.

    Raises:
        RequestMalformed, FieldUnserved: as for a message.
    """
    prompt, _ = read_body(body, wire.CountBody)
    return _prompt(prompt, blocks)


def _prompt(body: wire.CountBody, blocks: Blocks) -> Ask:
    refuse(body, _UNSERVED)
    config = body.output_config
    schema = config.format.schema if config and config.format else None
    return Ask(
        body.model,
        tuple(_conversation(body, blocks)),
        tuple(_tools(body.tools or ())),
        _tool_policy(body),
        _TEXT if schema is None else Format("schema", "answer", schema, strict=True),
        read_thought(body),
    )


def _conversation(body: wire.CountBody, blocks: Blocks) -> Iterator[Message]:
    if body.system:
        yield Message(Role.SYSTEM, blocks.parts(body.system, "system"))
    for at, message in enumerate(body.messages):
        parts = blocks.parts(message.content, f"messages[{at}].content")
        yield from _turns(Role(message.role), parts)
    if body.messages[-1].role == "assistant":
        at = len(body.messages) - 1
        because = "an answer cannot be begun for the model; the last word is the user's."
        raise FieldUnserved(f"messages[{at}].role", value='"assistant"', because=because)


def _turns(role: Role, parts: Sequence[Part]) -> Iterator[Message]:
    """A message as others know it: what a tool brought is a message of the tool's."""
    if not any(isinstance(part, Result) for part in parts):
        yield Message(role, tuple(parts))
        return
    for is_result, group in groupby(parts, lambda part: isinstance(part, Result)):
        if is_result:
            yield from (Message(Role.TOOL, (result,)) for result in group)
        else:
            yield Message(role, tuple(group))


def _tools(specs: Sequence[wire.ToolSpec]) -> Iterator[Tool]:
    for at, spec in enumerate(specs):
        where = f"tools[{at}]"
        if spec.type == TOOLSET:
            continue  # of a server, which is asked for its tools
        if spec.type not in {None, "custom"}:
            because = "only tools that the request itself describes are; they are `custom`."
            raise FieldUnserved(f"{where}.type", value=f'"{spec.type}"', because=because)
        if spec.name is None or spec.input_schema is None:
            lacking = "name" if spec.name is None else "input_schema"
            raise missing(f"{where}.{lacking}", "a tool is called by it")
        yield Tool(spec.name, spec.description or "", spec.input_schema, strict=bool(spec.strict))


_MODES: Mapping[str, ToolPolicy] = {
    "auto": _FREELY,
    "none": ToolPolicy("none"),
    "any": ToolPolicy("required"),
    "tool": ToolPolicy("required"),
}


def _tool_policy(body: wire.CountBody) -> ToolPolicy:
    choice = body.tool_choice
    if choice is None:
        return _FREELY
    policy = changed(_MODES[choice.type], parallel=not choice.disable_parallel_tool_use)
    if choice.type != "tool":
        return policy
    names = [tool.name for tool in body.tools or () if tool.name]
    if choice.name not in names:
        raise RequestMalformed(
            f"Field 'tool_choice' names {choice.name!r}, which is not in 'tools'.",
            hint=f"Tools sent: {', '.join(sorted(names)) or 'none'}.",
            field="tool_choice",
        )
    return changed(policy, only=(choice.name,))
