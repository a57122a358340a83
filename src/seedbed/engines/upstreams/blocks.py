"""What comes back in Anthropic's words: a message, block by block or in one piece.

Floor 3.
"""

from collections.abc import Iterator

import msgspec

from seedbed.core.event import CallDelta, ReasoningDelta, Stop, TextDelta
from seedbed.core.message import HIDDEN
from seedbed.core.usage import Usage
from seedbed.engines.upstreams import faults
from seedbed.engines.upstreams.base import (
    Broken,
    Ended,
    Named,
    Over,
    Piece,
    Told,
    Unreadable,
    decode,
)

_STOPS = {
    "end_turn": Stop.END,
    "pause_turn": Stop.END,
    "stop_sequence": Stop.SEQUENCE,
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.LENGTH,
    "tool_use": Stop.CALL,
    "refusal": Stop.FILTER,
}


class _Thought(msgspec.Struct):
    thinking_tokens: int | None = None


class _Usage(msgspec.Struct):
    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int | None = None
    output_tokens_details: _Thought | None = None


class _Message(msgspec.Struct):
    model: str | None = None
    usage: _Usage | None = None


class _Block(msgspec.Struct):
    type: str = ""
    id: str = ""
    name: str = ""
    text: str = ""
    thinking: str = ""
    signature: str = ""
    data: str = ""
    input: dict[str, object] | None = None


class _Change(msgspec.Struct):
    type: str = ""
    text: str = ""
    thinking: str = ""
    signature: str = ""
    partial_json: str = ""
    stop_reason: str | None = None
    stop_sequence: str | None = None


class _Event(msgspec.Struct):
    type: str
    index: int = 0
    message: _Message | None = None
    content_block: _Block | None = None
    delta: _Change | None = None
    usage: _Usage | None = None
    error: object = None


class _Whole(msgspec.Struct):
    content: list[_Block] = msgspec.field(default_factory=list[_Block])
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: _Usage | None = None
    error: object = None
    model: str | None = None


_EVENTS = msgspec.json.Decoder(_Event)
_WHOLE = msgspec.json.Decoder(_Whole)


class Stream:
    """Reads one message."""

    def __init__(self) -> None:
        self._calls: dict[int, int] = {}
        self._usage = Usage()

    def read(self, data: bytes) -> list[Piece]:
        """What one event means; kinds that say nothing about the answer are passed over."""
        event = decode(_EVENTS, data)
        match event.type:
            case "message_start" if event.message:
                return list(self._begin(event.message))
            case "content_block_start" if event.content_block:
                return list(self._start(event.index, event.content_block))
            case "content_block_delta" if event.delta:
                return list(self._change(event.index, event.delta))
            case "message_delta":
                return list(self._end(event.delta or _Change(), event.usage))
            case "message_stop":
                return [Over()]
            case "error":
                return [Broken(faults.message({"error": event.error}) or "no reason")]
            case _:
                return []

    def whole(self, body: bytes) -> list[Piece]:
        """What a whole message means: blocks that are not added to."""
        message = decode(_WHOLE, body)
        if message.error:
            return [Broken(faults.message({"error": message.error}) or "no reason")]
        pieces: list[Piece] = [Named(message.model)] if message.model else []
        for index, block in enumerate(message.content):
            pieces += self._start(index, block)
        return pieces + list(self._end(message, message.usage))

    def _begin(self, message: _Message) -> Iterator[Piece]:
        if message.model:
            yield Named(message.model)
        if message.usage:
            yield Told(self._count(message.usage), whole=False)

    def _start(self, index: int, block: _Block) -> Iterator[Piece]:
        if block.type == "tool_use":
            ordinal = self._calls.setdefault(index, len(self._calls))
            whole = msgspec.json.encode(block.input).decode() if block.input else ""
            yield CallDelta(ordinal, whole, id=block.id, name=block.name, tokens=0)
        if block.type == "redacted_thinking":
            yield ReasoningDelta("", tokens=0, seal=HIDDEN + block.data.encode())
        if block.thinking or block.signature:
            yield _thought(block.thinking, block.signature)
        if block.text:
            yield TextDelta(block.text, tokens=0)

    def _change(self, index: int, change: _Change) -> Iterator[Piece]:
        if change.partial_json:
            if index not in self._calls:
                raise Unreadable("arguments came before their call")
            yield CallDelta(self._calls[index], change.partial_json, tokens=0)
        if change.thinking or change.signature:
            yield _thought(change.thinking, change.signature)
        if change.text:
            yield TextDelta(change.text, tokens=0)

    def _end(self, end: _Change | _Whole, usage: _Usage | None) -> Iterator[Piece]:
        reason = end.stop_reason
        if reason is not None:
            if reason not in _STOPS:
                raise Unreadable(f"it ended for the unknown reason {reason[:40]!r}")
            yield Ended(_STOPS[reason], met=end.stop_sequence)
        if usage:
            yield Told(self._count(usage), whole=usage.output_tokens is not None)

    def _count(self, told: _Usage) -> Usage:
        """The counters so far: an event may leave out what an earlier one told."""
        before = self._usage
        thought = told.output_tokens_details or _Thought()
        output = before.output if told.output_tokens is None else told.output_tokens
        reasoning = thought.thinking_tokens or 0
        self._usage = Usage(
            _or(told.input_tokens, before.input_fresh),
            _or(told.cache_read_input_tokens, before.input_cache_read),
            _or(told.cache_creation_input_tokens, before.input_cache_write),
            output - reasoning,
            reasoning,
        )
        return self._usage


def _thought(text: str, signature: str) -> ReasoningDelta:
    """More of a thought; its signature ends it."""
    return ReasoningDelta(text, tokens=0, seal=signature.encode() or None)


def _or(told: int | None, before: int) -> int:
    return before if told is None else told
