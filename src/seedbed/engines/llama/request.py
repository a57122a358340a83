"""A request to the server, made of an ask and of what the model is.

Floor 3. Nothing is sent here; what no answer can be held to is refused here.
"""

from collections.abc import Sequence

import msgspec

from seedbed.core.ask import Ask, Format, ReasoningPolicy, Tool
from seedbed.core.errors import FieldUnserved, ModelUnknown
from seedbed.core.model import adapter_of
from seedbed.engines.llama import calls, grammar, wire
from seedbed.engines.llama.nature import Nature


def encoded(ask: Ask, nature: Nature, adapters: Sequence[str] = ()) -> bytes:
    """The request's body; `adapters` are the names of all that the server has, in its order.

    Raises:
        ModelUnknown: the ask names an adapter that is not among them.
        RequestRefused: it asks for what cannot be had.
        UnicodeError: a part of it is no text.
        RecursionError: a schema is too deep.
    """
    if ask.raw:
        added = wire.continuation(ask) | _held(ask.format, nature, thought=False)
    else:
        added = _chat(ask, nature)
    return msgspec.json.encode(wire.stream(ask) | added | _adapted(ask, adapters))


def offered(ask: Ask) -> tuple[Tool, ...]:
    """The tools that may be called."""
    if ask.tool_policy.mode == "none":
        return ()
    only = ask.tool_policy.only
    return tuple(tool for tool in ask.tools if not only or tool.name in only)


def _adapted(ask: Ask, adapters: Sequence[str]) -> wire.Body:
    chosen = adapter_of(ask.model)
    if chosen and chosen not in adapters:
        base = ask.model.partition(":")[0]
        raise ModelUnknown(ask.model, known=(base, *(f"{base}:{name}" for name in adapters)))
    return {"lora": wire.lora(adapters, chosen)} if adapters else {}


def _chat(ask: Ask, nature: Nature) -> wire.Body:
    tools = offered(ask)
    required = ask.tool_policy.mode == "required"
    ours = ask.format.kind in {"regex", "grammar"} or (
        bool(tools) and required and not nature.tools
    )
    thinks = _thinks(ask.reasoning, nature, by_itself=not ours)
    messages = ask.messages if nature.tools else calls.told(ask.messages, tools)
    body = wire.conversation(messages, ask) | _thinking(ask.reasoning, nature, thinks)
    thought = nature.thinks and thinks is not False
    if not tools:
        return body | _held(ask.format, nature, thought=thought)
    if ask.format.kind == "grammar" or (nature.tools and ask.format.kind == "regex"):
        because = "an answer that may call has a form of its own"
        raise FieldUnserved("format", value=ask.format.kind, because=because)
    parallel = ask.tool_policy.parallel
    if nature.tools:
        grammar.check_schemas([tool.schema for tool in tools], field="tools")
        form = _held(ask.format, nature, thought=True)
        return body | form | wire.offer(tools, required=required, parallel=parallel)
    held = grammar.calls_grammar(
        tools,
        nature.ends,
        required=required,
        parallel=parallel,
        format_=ask.format,
        thought=thought,
    )
    return body | {"grammar": held}


def _thinking(policy: ReasoningPolicy, nature: Nature, thinks: bool | None) -> wire.Body:
    """How much it thinks; a budget without thought would end the server."""
    words: wire.Body = {}
    if nature.switch and thinks is not None:
        words["enable_thinking"] = thinks
    if nature.effort and policy.effort is not None:
        words["reasoning_effort"] = policy.effort
    body: wire.Body = {"chat_template_kwargs": words} if words else {}
    if nature.thinks and thinks and policy.budget is not None:
        body["thinking_budget_tokens"] = max(policy.budget, 1)
    return body


def _thinks(policy: ReasoningPolicy, nature: Nature, *, by_itself: bool) -> bool | None:
    """Whether it thinks; `None` leaves it to the template, where it may by itself."""
    if policy.mode == "off" or policy.budget == 0:
        return False if nature.switch else None
    if policy.mode == "on" or policy.budget is not None:
        return True
    return None if by_itself or not nature.switch else False


def _held(format_: Format, nature: Nature, *, thought: bool) -> wire.Body:
    """What holds an answer to its form; after thought, where it comes after thought.

    Raises:
        RequestMalformed: nothing can.
        FieldUnserved: the form is a grammar, and thought would come before it.
    """
    match format_.kind:
        case "text":
            return {}
        case "grammar" if thought:
            because = "the model thinks first, which the grammar does not know"
            raise FieldUnserved("format", value="grammar", because=because)
        case "grammar":
            return {"grammar": grammar.own_grammar(format_.pattern)}
        case "regex":
            return {"grammar": grammar.form_grammar(format_, nature.ends, thought=thought)}
        case _:
            held = grammar.form_grammar(format_, nature.ends, thought=False)
            if not thought:
                return {"grammar": held}
            json = format_.kind == "json"
            return wire.schema({"type": "object"} if json else format_.schema)
