"""From events to OpenAI's words.

Floor 6. The stop text that was met is dropped, since chat completions have no word for it. What an
answer cost stands in an object of our own, `seedbed`, which the vendor's SDK carries along.
"""

import msgspec

from seedbed.api import problems
from seedbed.core import errors
from seedbed.core.event import (
    CallDelta,
    Event,
    Finished,
    ReasoningDelta,
    Reply,
    Started,
    Stop,
    TextDelta,
    UsageNow,
)
from seedbed.core.money import Entry
from seedbed.core.usage import Usage
from seedbed.kit import sse

_REASONS = {
    Stop.END: "stop",
    Stop.SEQUENCE: "stop",
    Stop.LENGTH: "length",
    Stop.CALL: "tool_calls",
    Stop.FILTER: "content_filter",
}
_CODES: dict[type[errors.SeedbedError], str] = {
    errors.ModelUnknown: "model_not_found",
    errors.PromptTooLong: "context_length_exceeded",
    errors.KeyMissing: "invalid_api_key",
    errors.KeyUnknown: "invalid_api_key",
    errors.CapacityExceeded: "rate_limit_exceeded",
}
_TYPES: dict[type[errors.SeedbedError], str] = {
    errors.RequestRefused: "invalid_request_error",
    errors.AccessDenied: "authentication_error",
    errors.CapacityExceeded: "rate_limit_error",
    errors.SeedbedError: "server_error",
}


class ChatWriter:
    """Writes one chat completion."""

    def __init__(self, *, id_: str, created: int, model: str, include_usage: bool) -> None:
        self._head: dict[str, object] = {"id": id_, "created": created, "model": model}
        self._include_usage = include_usage

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        message: dict[str, object] = {"role": "assistant", "content": reply.text or None}
        message["refusal"] = None
        if reply.reasoning:
            message["reasoning_content"] = reply.reasoning
        if reply.calls:
            message["tool_calls"] = [
                _call(call.id, call.name, call.arguments) for call in reply.calls
            ]
        elif not reply.text:
            message["content"] = ""
        choice: dict[str, object] = {"index": 0, "message": message, "logprobs": None}
        choice["finish_reason"] = _REASONS[reply.stop]
        body = {"object": "chat.completion", "choices": [choice], "usage": _usage(reply.usage)}
        return msgspec.json.encode(self._head | body | _cost(reply.entry))

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event."""
        match event:
            case Started():
                return self._frame({"role": "assistant", "content": ""})
            case TextDelta(text=text):
                return self._frame({"content": text})
            case ReasoningDelta(text=text):
                return self._frame({"reasoning_content": text})
            case CallDelta():
                return self._frame({"tool_calls": [_call_delta(event)]})
            case UsageNow():
                return b""
            case Finished():
                last = self._frame({}, _REASONS[event.stop])
                return last + self._usage_frame(event) + sse.frame(b"[DONE]")
            case failed:
                return sse.frame(_error(failed.error))

    def _frame(self, delta: dict[str, object], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        body: dict[str, object] = {"object": "chat.completion.chunk", "choices": [choice]}
        if self._include_usage:
            body["usage"] = None
        return sse.frame(msgspec.json.encode(self._head | body))

    def _usage_frame(self, event: Finished) -> bytes:
        if not self._include_usage:
            return b""
        none: list[object] = []
        body = {"object": "chat.completion.chunk", "choices": none, "usage": _usage(event.usage)}
        return sse.frame(msgspec.json.encode(self._head | body | _cost(event.entry)))


def problem(error: errors.SeedbedError) -> problems.Problem:
    """An error as the whole response."""
    error = problems.told(error)
    return problems.Problem(problems.status(error), problems.headers(error), _error(error))


def _error(error: errors.SeedbedError) -> bytes:
    body = {
        "message": str(error),
        "type": _nearest(_TYPES, error),
        "param": error.facts.get("field"),
        "code": _nearest(_CODES, error) or error.code,
    }
    return msgspec.json.encode({"error": body})


def _nearest(table: dict[type[errors.SeedbedError], str], error: errors.SeedbedError) -> str | None:
    return next((table[kind] for kind in type(error).__mro__ if kind in table), None)


def _call(id_: str, name: str, arguments: str) -> dict[str, object]:
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def _call_delta(delta: CallDelta) -> dict[str, object]:
    if delta.id:
        return {"index": delta.ordinal} | _call(delta.id, delta.name, delta.arguments)
    return {"index": delta.ordinal, "function": {"arguments": delta.arguments}}


def _usage(usage: Usage) -> dict[str, object]:
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {
            "cached_tokens": usage.input_cache_read,
            "cache_write_tokens": usage.input_cache_write,
        },
        "completion_tokens_details": {"reasoning_tokens": usage.output_reasoning},
    }


def _cost(entry: Entry | None) -> dict[str, object]:
    if entry is None:
        return {}
    spent = {"cost": entry.spent.decimal, "currency": entry.spent.currency}
    held = {"held_seconds": entry.held / 1e6, "request_id": entry.request_id}
    return {"seedbed": spent | held}
