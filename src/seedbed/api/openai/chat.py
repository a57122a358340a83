"""`POST /v1/chat/completions`.

Floor 6. Reading is in `read.py`.
"""

from collections.abc import Sequence

import msgspec

from seedbed.api.dialect import Reading
from seedbed.api.openai import write
from seedbed.api.openai.read import read_chat
from seedbed.api.openai.sampling import wants_usage
from seedbed.api.problems import Problem
from seedbed.core.errors import SeedbedError
from seedbed.core.event import (
    CallDelta,
    Event,
    Failed,
    Finished,
    Likely,
    ReasoningDelta,
    Reply,
    Started,
    TextDelta,
)
from seedbed.kit import sse


class Chat:
    """A conversation is answered."""

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a chat completion request."""
        ask, chat = read_chat(body)
        id_ = "chatcmpl-" + request_id.removeprefix("req_")
        head: dict[str, object] = {"id": id_, "created": now, "model": ask.model}
        writer = ChatWriter(head, include_usage=wants_usage(chat))
        return Reading(ask, writer, writer if chat.stream else None)

    def problem(self, error: SeedbedError) -> Problem:
        """An error as the whole response."""
        return write.problem(error)


class ChatWriter:
    """Writes one chat completion; `head` stands in every piece of it."""

    def __init__(self, head: dict[str, object], *, include_usage: bool) -> None:
        self._head = head
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
        choice = {
            "index": 0,
            "message": message,
            "logprobs": _logprobs(reply.likely),
            "finish_reason": write.REASONS[reply.stop],
        }
        body = {"object": "chat.completion", "choices": [choice], "usage": write.usage(reply.usage)}
        return msgspec.json.encode(self._head | body | write.cost(reply.entry))

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event."""
        match event:
            case Started():
                return self._frame({"role": "assistant", "content": ""})
            case TextDelta(text="", likely=()) | ReasoningDelta(text=""):
                return b""  # tokens that make no words, such as the end's
            case TextDelta(text=text):
                return self._frame({"content": text}, likely=event.likely)
            case ReasoningDelta(text=text):
                return self._frame({"reasoning_content": text})
            case CallDelta():
                return self._frame({"tool_calls": [_call_delta(event)]})
            case Finished():
                last = self._frame({}, write.REASONS[event.stop])
                return last + self._usage_frame(event) + write.DONE
            case Failed(error=error):
                return sse.frame(write.error_body(error))
            case _:
                return b""

    def _frame(
        self, delta: dict[str, object], reason: str | None = None, likely: Sequence[Likely] = ()
    ) -> bytes:
        choice: dict[str, object] = {"index": 0, "delta": delta, "logprobs": _logprobs(likely)}
        choice["finish_reason"] = reason
        body: dict[str, object] = {"object": "chat.completion.chunk", "choices": [choice]}
        if self._include_usage:
            body["usage"] = None
        return sse.frame(msgspec.json.encode(self._head | body))

    def _usage_frame(self, event: Finished) -> bytes:
        if not self._include_usage:
            return b""
        body: dict[str, object] = {"object": "chat.completion.chunk", "choices": []}
        body["usage"] = write.usage(event.usage)
        return sse.frame(msgspec.json.encode(self._head | body | write.cost(event.entry)))


def _call(id_: str, name: str, arguments: str) -> dict[str, object]:
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def _call_delta(delta: CallDelta) -> dict[str, object]:
    if delta.id:
        return {"index": delta.ordinal} | _call(delta.id, delta.name, delta.arguments)
    return {"index": delta.ordinal, "function": {"arguments": delta.arguments}}


def _logprobs(likely: Sequence[Likely]) -> dict[str, object] | None:
    if not likely:
        return None
    content = [_token(one) | {"top_logprobs": [_token(top) for top in one.top]} for one in likely]
    return {"content": content, "refusal": None}


def _token(likely: Likely) -> dict[str, object]:
    bytes_ = list(likely.text.encode())
    return {"token": likely.text, "logprob": write.logprob(likely), "bytes": bytes_}
