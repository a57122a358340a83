"""The events of an answer as an upstream of the same words would bring them: with their bytes.

What the upstream says is made from the events, in its own envelope and with fields that it adds.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from seedbed.core.event import (
    CallDelta,
    Event,
    Failed,
    Finished,
    Likely,
    ReasoningDelta,
    Reply,
    Started,
    Stop,
    TextDelta,
    Wire,
)
from seedbed.engines.upstreams.base import Ended
from seedbed.engines.upstreams.chunks import Stream

ADDED = "stop_reason"
"""A field that the upstream adds to each choice."""
_REASONS = {Stop.LENGTH: "length", Stop.CALL: "tool_calls", Stop.FILTER: "content_filter"}


def streamed(events: Sequence[Event]) -> list[Event]:
    """The same answer, each of its pieces with the bytes that it came as."""
    reader = Stream()
    told: list[Event] = []
    for event in events:
        match event:
            case TextDelta() | ReasoningDelta() | CallDelta():
                read = reader.read(_body({"delta": _delta(event)} | _odds(event)))
                told += [one for one in read if isinstance(one, type(event))]
            case _:
                told.append(event)
    return told


def whole(events: Sequence[Event]) -> list[Event]:
    """The same answer, its end with the bytes of all of it."""
    if isinstance(events[-1], Failed):
        return [*events]
    reply = Reply.of(events)
    message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": None}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if reply.calls:
        message["content"] = reply.text or None
        message["tool_calls"] = [_call(c.id, c.name, c.arguments) for c in reply.calls]
    choice = {"message": message, "logprobs": _logprobs(reply.likely)}
    choice["finish_reason"] = _REASONS.get(reply.stop, "stop")
    read = Stream().whole(_body(choice))
    deltas = [one for one in read if isinstance(one, TextDelta | ReasoningDelta | CallDelta)]
    (ended,) = [one for one in read if isinstance(one, Ended)]
    end = Finished(ended.stop, reply.usage, reply.entry, ended.wire)
    return [Started(reply.model), *deltas, end]


def wires(events: Sequence[Event]) -> list[Wire]:
    """The bytes that events carry."""
    found = [getattr(event, "wire", None) for event in events]
    return [wire for wire in found if wire is not None]


def bare(events: Sequence[Event]) -> list[Event]:
    """The same events without their bytes."""
    return [replace(e, wire=None) if getattr(e, "wire", None) else e for e in events]


def _body(choice: dict[str, Any]) -> bytes:
    whole = {"index": 0, "finish_reason": None} | choice | {ADDED: None}
    envelope = {"id": "theirs", "created": 1, "model": "theirs", "system_fingerprint": "fp"}
    return msgspec.json.encode(envelope | {"choices": [whole], "usage": None})


def _delta(event: TextDelta | ReasoningDelta | CallDelta) -> dict[str, Any]:
    match event:
        case TextDelta(text=text):
            return {"content": text, "reasoning_content": None}
        case ReasoningDelta(text=text):
            return {"content": None, "reasoning_content": text}
        case CallDelta():
            first = _call(event.id, event.name, event.arguments)
            call = first if event.id else {"function": {"arguments": event.arguments}}
            return {"tool_calls": [{"index": event.ordinal} | call]}


def _call(id_: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def _odds(event: TextDelta | ReasoningDelta | CallDelta) -> dict[str, Any]:
    return {"logprobs": _logprobs(event.likely if isinstance(event, TextDelta) else ())}


def _logprobs(likely: Sequence[Likely]) -> object:
    if not likely:
        return None
    return {"content": [_token(one) | {"top_logprobs": [*map(_token, one.top)]} for one in likely]}


def _token(likely: Likely) -> dict[str, Any]:
    return {"token": likely.text, "logprob": likely.logprob}
