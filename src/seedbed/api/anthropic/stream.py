"""A message on its way: each event named, each block begun, added to and ended, one after another.

Floor 6. Blocks stand in the order in which they come, so that a thought between two calls stays
between them. More of a call whose block has ended is told under that block's number.
"""

from dataclasses import dataclass, field

import msgspec

from seedbed.api.anthropic import ran, write
from seedbed.api.anthropic.manner import error_body
from seedbed.api.anthropic.seal import Sealer
from seedbed.api.openai.write import cost
from seedbed.core.event import (
    CallDelta,
    Event,
    Failed,
    Finished,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolPhase,
    ToolRan,
    UsageNow,
)
from seedbed.core.message import hidden
from seedbed.core.usage import Usage
from seedbed.core.value import value

_TEXT, _THOUGHT, _HIDDEN = "text", "thinking", "redacted_thinking"
_NOTHING = Usage()
_EMPTY: dict[str, object] = {"content": (), "stop_reason": None, "stop_sequence": None}
_DELTA = (
    b"event: content_block_delta\n"
    b'data: {"type":"content_block_delta","index":%d,"delta":{"type":"%b","%b":%b}}\n\n'
)


@value
class Manuscript:
    """What is known of a message before its first word.

    `head` stands in it as it is; where thought is not `told`, its seal is told alone.
    """

    head: dict[str, object]
    request_id: str
    sealer: Sealer
    stops: tuple[str, ...] = ()
    is_told: bool = True

    @property
    def base(self) -> str:
        """What the message's id ends with."""
        return self.request_id.removeprefix("req_")


@dataclass(slots=True)
class _Block:
    """The block that is being written: its kind, or the call that it is."""

    kind: str | int
    index: int
    text: list[str] = field(default_factory=list[str])
    seal: bytes | None = None


class MessageStream:
    """Writes one message piece by piece."""

    def __init__(self, manuscript: Manuscript) -> None:
        self._manuscript = manuscript
        self._model = ""
        self._is_begun = False
        self._block: _Block | None = None
        self._blocks = 0
        self._calls: dict[int, int] = {}

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event. It begins with what was read, where that is told."""
        match event:
            case TextDelta():
                return self._begin() + self._say(event.text)
            case ReasoningDelta():
                return self._begin() + self._think(event)
            case CallDelta() | ToolRan():
                is_ours = isinstance(event, ToolRan)
                return self._begin() + (self._ran(event) if is_ours else self._call(event))
            case Started():
                self._model = event.model
                return b""
            case UsageNow():
                return self._begin(event.usage)
            case Finished():
                return self._begin(event.usage) + self._close() + self._end(event)
            case Failed(error=error):
                told = error_body(error, self._manuscript.request_id)
                return b"event: error\ndata: " + told + b"\n\n"
            case _:
                return b""

    def _begin(self, used: Usage = _NOTHING) -> bytes:
        if self._is_begun:
            return b""
        self._is_begun = True
        message = self._manuscript.head | _EMPTY | {"usage": write.usage(used)}
        return _event("message_start", message=message)

    def _say(self, text: str) -> bytes:
        if not text:
            return b""  # tokens that make no words, such as the end's
        opened = self._open(_TEXT, {"type": _TEXT, "text": ""})
        return opened + self._delta(b"text_delta", b"text", text)

    def _think(self, delta: ReasoningDelta) -> bytes:
        if not delta.text and delta.seal is None:
            return b""
        if (data := hidden(delta.seal)) is not None:
            return self._open(_HIDDEN, {"type": _HIDDEN, "data": data}) + self._close()
        told = self._open(_THOUGHT, {"type": _THOUGHT, "thinking": "", "signature": ""})
        block = self._block
        if block and delta.text and self._manuscript.is_told:
            block.text.append(delta.text)
            told += self._delta(b"thinking_delta", b"thinking", delta.text)
        if block and delta.seal is not None:
            block.seal = delta.seal
            told += self._close()
        return told

    def _call(self, delta: CallDelta) -> bytes:
        told = b""
        if delta.ordinal not in self._calls:
            call: dict[str, object] = {"id": delta.id, "name": delta.name, "input": {}}
            told = self._open(delta.ordinal, {"type": "tool_use"} | call)
            self._calls[delta.ordinal] = self._blocks - 1
        if not delta.arguments:
            return told
        at = self._calls[delta.ordinal]
        return told + _delta(at, b"input_json_delta", b"partial_json", delta.arguments)

    def _ran(self, event: ToolRan) -> bytes:
        """A block of its own for a call that was made, and one for what it brought."""
        if event.phase is not ToolPhase.BEGUN:
            block = ran.brought(event, self._manuscript.base)
            return self._open(str(block["type"]), block) + self._close()
        block = ran.used(event, self._manuscript.base)
        empty: ran.Block = {"input": {}}
        told = self._open(str(block["type"]), block | empty)
        written = msgspec.json.encode(block["input"]).decode()
        return told + self._delta(b"input_json_delta", b"partial_json", written) + self._close()

    def _open(self, kind: str | int, block: dict[str, object]) -> bytes:
        """Begin a block, unless one of its kind is being written."""
        if self._block and self._block.kind == kind:
            return b""
        closed = self._close()
        self._block = _Block(kind, self._blocks)
        self._blocks += 1
        return closed + _event("content_block_start", index=self._block.index, content_block=block)

    def _close(self) -> bytes:
        """End the block that is being written; a thought is sealed before."""
        block, self._block = self._block, None
        if block is None:
            return b""
        sealed = b""
        if block.kind == _THOUGHT:
            own = self._manuscript.sealer.seal(self._model, "".join(block.text))
            seal = (block.seal or own).decode(errors="replace")
            sealed = _delta(block.index, b"signature_delta", b"signature", seal)
        return sealed + _event("content_block_stop", index=block.index)

    def _delta(self, kind: bytes, name: bytes, text: str) -> bytes:
        return _delta(self._blocks - 1, kind, name, text)

    def _end(self, event: Finished) -> bytes:
        ending = write.ending(event, self._manuscript.stops)
        told = {"usage": write.usage(event.usage)} | cost(event.entry)
        return _event("message_delta", delta=ending, **told) + _event("message_stop")


def _event(kind: str, **told: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), msgspec.json.encode({"type": kind} | told))


def _delta(index: int, kind: bytes, name: bytes, text: str) -> bytes:
    return _DELTA % (index, kind, name, msgspec.json.encode(text))
