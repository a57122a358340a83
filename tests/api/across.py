"""One ask in each vendor's words: what a caller would send who means it."""

from collections.abc import Iterator
from typing import Any

import msgspec

from seedbed.api.anthropic.seal import Sealer
from seedbed.api.ark import wire as ark_wire
from seedbed.core.ask import Ask
from seedbed.core.message import Call, Media, Message, Part, Reasoning, Result, Role, Text

Json = dict[str, Any]


def openai(ask: Ask, _: Sealer) -> Json:
    """For OpenAI's chats."""
    told = _shared(ask) | {
        "messages": [_chat(message) for message in ask.messages],
        "max_completion_tokens": ask.limits.output,
        "stop": list(ask.limits.stop),
        "top_k": ask.sampling.top_k,
        "tools": [{"type": "function", "function": _tool(tool)} for tool in ask.tools],
        "response_format": {"type": "text"},
    }
    if ask.format.kind == "schema":
        told["response_format"] = {"type": "json_schema", "json_schema": _schema(ask)}
    if not ask.whole:
        told["stream_options"] = {"include_usage": True}
    if ask.tools and ask.tool_policy.only:
        chosen = {"name": ask.tool_policy.only[0]}
        told["tool_choice"] = {"type": "function", "function": chosen}
    if ask.reasoning.mode == "off":
        told["reasoning_effort"] = "none"
    if ask.reasoning.budget:
        told["thinking"] = {"type": "enabled", "budget_tokens": ask.reasoning.budget}
    return told


def ark(ask: Ask, sealer: Sealer) -> Json:
    """For Ark's chats, whose clients say `null` of all that is left out."""
    told = openai(ask, sealer)
    if told.pop("reasoning_effort", None):
        told["thinking"] = {"type": "disabled"}
    return dict.fromkeys(ark_wire.ChatBody.__struct_encode_fields__) | told


def anthropic(ask: Ask, sealer: Sealer) -> Json:
    """For Anthropic's messages, whose thoughts are sealed."""
    first, *rest = ask.messages
    told: Json = {
        "model": ask.model,
        "system": first.text,
        "messages": [{"role": _role(one), "content": list(_blocks(one, sealer))} for one in rest],
        "max_tokens": ask.limits.output,
        "stop_sequences": list(ask.limits.stop),
        "temperature": ask.sampling.temperature,
        "top_p": ask.sampling.top_p,
        "top_k": ask.sampling.top_k,
        "stream": not ask.whole,
    }
    if ask.tools:
        names = {"parameters": "input_schema"}
        told["tools"] = [{names.get(k, k): v for k, v in _tool(t).items()} for t in ask.tools]
        told["tool_choice"] = _choice(ask)
    if ask.format.kind == "schema":
        form = {"type": "json_schema", "schema": ask.format.schema}
        told["output_config"] = {"format": form}
    if ask.reasoning.mode == "off":
        told["thinking"] = {"type": "disabled"}
    if ask.reasoning.budget:
        told["thinking"] = {"type": "enabled", "budget_tokens": ask.reasoning.budget}
    return told


def responses(ask: Ask, _: Sealer) -> Json:
    """For Responses, OpenAI's and Ark's."""
    first, *rest = ask.messages
    told = _shared(ask) | {
        "instructions": first.text,
        "input": [item for message in rest for item in _items(message)],
        "max_output_tokens": ask.limits.output,
        "tools": [{"type": "function"} | _tool(tool) for tool in ask.tools],
    }
    if ask.format.kind == "schema":
        told["text"] = {"format": {"type": "json_schema"} | _schema(ask)}
    if ask.tools and ask.tool_policy.only:
        told["tool_choice"] = {"type": "function", "name": ask.tool_policy.only[0]}
    if ask.reasoning.mode == "off":
        told["reasoning"] = {"effort": "none"}
    return told


def _shared(ask: Ask) -> Json:
    told: Json = {
        "model": ask.model,
        "stream": not ask.whole,
        "temperature": ask.sampling.temperature,
        "top_p": ask.sampling.top_p,
    }
    if ask.tools:
        told["tool_choice"] = ask.tool_policy.mode
        told["parallel_tool_calls"] = ask.tool_policy.parallel
    return told


def _tool(tool: Any) -> Json:
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.schema,
        "strict": tool.strict,
    }


def _schema(ask: Ask) -> Json:
    return {"name": ask.format.name, "schema": ask.format.schema, "strict": ask.format.strict}


def _chat(message: Message) -> Json:
    (first, *_), told = message.parts, Json(role=message.role.value)
    if isinstance(first, Result):
        return told | {"tool_call_id": first.call_id, "content": list(map(_part, first.parts))}
    calls = [part for part in message.parts if isinstance(part, Call)]
    thoughts = [part.text for part in message.parts if isinstance(part, Reasoning)]
    said = [part for part in message.parts if isinstance(part, Text | Media)]
    told["content"] = list(map(_part, said)) if said else None
    if calls:
        told["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in calls
        ]
    return told | ({"reasoning_content": thoughts[0]} if thoughts else {})


def _part(part: Part) -> Json:
    if isinstance(part, Media):
        return {"type": "image_url", "image_url": {"url": part.source}}
    assert isinstance(part, Text)
    return {"type": "text", "text": part.text}


def _role(message: Message) -> str:
    return "user" if message.role is Role.TOOL else message.role.value


def _blocks(message: Message, sealer: Sealer) -> Iterator[Json]:
    for part in message.parts:
        match part:
            case Reasoning(text=text):
                signature = sealer.seal("m", text).decode()
                yield {"type": "thinking", "thinking": text, "signature": signature}
            case Call(id=id_, name=name, arguments=raw):
                told = msgspec.json.decode(raw)
                yield {"type": "tool_use", "id": id_, "name": name, "input": told}
            case Result(call_id=id_, parts=parts):
                inner = list(_blocks(Message(Role.USER, parts), sealer))
                yield {"type": "tool_result", "tool_use_id": id_, "content": inner}
            case Media(source=str() as source) if source.startswith("data:"):
                media, _, data = source.removeprefix("data:").partition(";base64,")
                told = {"type": "base64", "media_type": media, "data": data}
                yield {"type": "image", "source": told}
            case Media(source=source):
                yield {"type": "image", "source": {"type": "url", "url": source}}
            case _:
                yield _part(part)


def _choice(ask: Ask) -> Json:
    policy = ask.tool_policy
    told: Json = {"type": {"required": "any"}.get(policy.mode, policy.mode)}
    if policy.only:
        told = {"type": "tool", "name": policy.only[0]}
    return told | ({} if policy.parallel else {"disable_parallel_tool_use": True})


def _items(message: Message) -> Iterator[Json]:
    kind = "output_text" if message.role is Role.ASSISTANT else "input_text"
    for part in message.parts:
        match part:
            case Reasoning(text=text):
                told = [{"type": "reasoning_text", "text": text}]
                yield {"type": "reasoning", "summary": [], "content": told}
            case Call(id=id_, name=name, arguments=raw):
                yield {"type": "function_call", "call_id": id_, "name": name, "arguments": raw}
            case Result(call_id=id_, parts=parts):
                output = [_content(one, "input_text") for one in parts]
                yield {"type": "function_call_output", "call_id": id_, "output": output}
            case _ if part is next(p for p in message.parts if isinstance(p, Text | Media)):
                said = [p for p in message.parts if isinstance(p, Text | Media)]
                content = [_content(one, kind) for one in said]
                yield {"role": message.role.value, "content": content}
            case _:
                pass  # it is in the message that the first of its kind began


def _content(part: Part, kind: str) -> Json:
    if isinstance(part, Media):
        return {"type": "input_image", "image_url": part.source}
    assert isinstance(part, Text)
    return {"type": kind, "text": part.text}
