"""`POST /v1/chat/completions`.

Floor 6. Reading is in `read.py`.
"""

from collections.abc import Sequence

import msgspec

from seedbed.api.dialect import Reading
from seedbed.api.openai import write
from seedbed.api.openai.manner import OpenAi
from seedbed.api.openai.read import read_chat
from seedbed.api.openai.sampling import wants_usage
from seedbed.api.openai.stored import Keeping, Stored
from seedbed.core.event import (
    CHAT_CHOICES,
    CHAT_WHOLE,
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
from seedbed.core.money import Entry
from seedbed.core.usage import Usage
from seedbed.kit import sse

_PIECE = b'[{"index":0,"delta":%b,"logprobs":null,"finish_reason":null}]'
"""The choices of most pieces of a stream."""


class Chat(OpenAi):
    """A conversation is answered, and the answer kept if its caller wants it."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a chat completion request."""
        ask, chat = read_chat(body)
        id_ = "chatcmpl-" + request_id.removeprefix("req_")
        head: dict[str, object] = {"id": id_, "created": now, "model": ask.model}
        writer = ChatWriter(head, include_usage=wants_usage(chat))
        way = Keeping(self._stored, chat, writer) if chat.store else None
        return Reading(ask, writer, writer if chat.stream else None, way)


class ChatWriter:
    """Writes one chat completion; `head` stands in every piece of it.

    What came in the same words goes on as it came, within an envelope of ours.
    """

    def __init__(self, head: dict[str, object], *, include_usage: bool) -> None:
        self._head = head
        self._include_usage = include_usage
        self._begins = self._ends = b""

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        wire = reply.wire
        if wire is not None and wire.form == CHAT_WHOLE:
            choices: object = msgspec.Raw(wire.data)
        else:
            choices = [_choice(reply)]
        body: dict[str, object] = {"object": "chat.completion", "choices": choices}
        return msgspec.json.encode(self._head | body | self._spent(reply.usage, reply.entry))

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event."""
        match event:
            case TextDelta() | ReasoningDelta() | CallDelta():
                wire = event.wire
                if wire is not None and wire.form == CHAT_CHOICES:
                    return self._framed(wire.data) if wire.data else b""
                return self._delta(event)
            case Started():
                return self._frame({"role": "assistant", "content": ""})
            case Finished():
                last = self._frame({}, write.REASONS[event.stop])
                return last + self._usage_frame(event) + write.DONE
            case Failed(error=error):
                return sse.frame(write.error_body(error))
            case _:
                return b""

    def _delta(self, event: TextDelta | ReasoningDelta | CallDelta) -> bytes:
        if isinstance(event, CallDelta):
            return self._frame({"tool_calls": [_call_delta(event)]})
        if isinstance(event, ReasoningDelta):
            return self._frame({"reasoning_content": event.text}) if event.text else b""
        if event.text or event.likely:
            return self._frame({"content": event.text}, likely=event.likely)
        return b""  # tokens that make no words, such as the end's

    def _frame(
        self, delta: dict[str, object], reason: str | None = None, likely: Sequence[Likely] = ()
    ) -> bytes:
        if not likely and reason is None:
            return self._framed(_PIECE % msgspec.json.encode(delta))
        choice: dict[str, object] = {"index": 0, "delta": delta, "logprobs": _logprobs(likely)}
        choice["finish_reason"] = reason
        return self._framed(msgspec.json.encode([choice]))

    def _framed(self, choices: bytes) -> bytes:
        """Choices as one event: what stands about them is the same in all, and is made once."""
        if not self._begins:
            envelope = msgspec.json.encode(self._head | {"object": "chat.completion.chunk"})
            self._begins = b"data: " + envelope[:-1] + b',"choices":'
            self._ends = b',"usage":null}\n\n' if self._include_usage else b"}\n\n"
        return b"".join((self._begins, choices, self._ends))

    def _usage_frame(self, event: Finished) -> bytes:
        if not self._include_usage:
            return b""
        body: dict[str, object] = {"object": "chat.completion.chunk", "choices": []}
        body |= self._spent(event.usage, event.entry)
        return sse.frame(msgspec.json.encode(self._head | body))

    def _spent(self, usage: Usage, entry: Entry | None) -> dict[str, object]:
        """What was used, and what that cost."""
        return {"usage": write.usage(usage)} | write.cost(entry)


def _choice(reply: Reply) -> dict[str, object]:
    text, reasoning, calls = reply.text, reply.reasoning, reply.calls
    content = text or (None if calls else "")
    message: dict[str, object] = {"role": "assistant", "content": content, "refusal": None}
    if reasoning:
        message["reasoning_content"] = reasoning
    if calls:
        message["tool_calls"] = [_call(call.id, call.name, call.arguments) for call in calls]
    return {
        "index": 0,
        "message": message,
        "logprobs": _logprobs(reply.likely),
        "finish_reason": write.REASONS[reply.stop],
    }


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
