"""`POST /v1/messages`.

Floor 6. Reading is in `read.py`, what a stream sends in `stream.py`. A whole message has its
thoughts first, then its words, then its calls; where servers' tools are called in between
(`ran.py`), so has each part of it.
"""

from collections.abc import Iterator

import msgspec

from seedbed.api.anthropic import write
from seedbed.api.anthropic.blocks import Blocks
from seedbed.api.anthropic.manner import Anthropic
from seedbed.api.anthropic.ran import Heard, Transcript
from seedbed.api.anthropic.read import read_message
from seedbed.api.anthropic.seal import Sealer
from seedbed.api.anthropic.servers import offers
from seedbed.api.anthropic.stream import Manuscript, MessageStream
from seedbed.api.anthropic.thought import is_told
from seedbed.api.dialect import Reading
from seedbed.api.openai.write import cost
from seedbed.core.event import Reply
from seedbed.core.message import Call, Reasoning, Text, hidden
from seedbed.tools.remote import BOUNDS, Bounds
from seedbed.tools.rounds import Rounds


class Messages(Anthropic):
    """A conversation is answered."""

    def __init__(self, sealer: Sealer, bounds: Bounds = BOUNDS) -> None:
        self._sealer, self._bounds = sealer, bounds

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a message's request."""
        del now
        ask, message = read_message(body, Blocks(self._sealer))
        id_ = "msg_" + request_id.removeprefix("req_")
        manuscript = Manuscript(
            {"id": id_, "type": "message", "role": "assistant", "model": ask.model},
            request_id,
            self._sealer,
            ask.limits.stop,
            is_told(message),
        )
        streamer = MessageStream(manuscript) if message.stream else None
        if not (offered := offers(message, self._bounds)):
            return Reading(ask, MessageWriter(manuscript), streamer)
        transcript = Transcript(manuscript.base)
        way = Heard(Rounds(offered), transcript.take)
        return Reading(ask, MessageWriter(manuscript, transcript), streamer, way)


class MessageWriter:
    """Writes one message in one piece; from its `transcript`, where servers' tools are called."""

    def __init__(self, manuscript: Manuscript, transcript: Transcript | None = None) -> None:
        self._manuscript, self._transcript = manuscript, transcript

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        blocks = self._blocks(reply)
        if self._transcript is not None:
            blocks = self._transcript.all(reply.model, self._blocks)
        told = self._manuscript.head | {"content": list(blocks)}
        told |= write.ending(reply, self._manuscript.stops)
        return msgspec.json.encode(told | {"usage": write.usage(reply.usage)} | cost(reply.entry))

    def _blocks(self, reply: Reply) -> Iterator[dict[str, object]]:
        for part in reply.parts:
            if isinstance(part, Text):
                yield {"type": "text", "text": part.text}
            elif isinstance(part, Reasoning):
                yield self._thought(reply.model, part)
            elif isinstance(part, Call):  # pragma: no branch - the last kind that a model writes
                call = {"id": part.id, "name": part.name, "input": write.arguments(part.arguments)}
                yield {"type": "tool_use"} | call

    def _thought(self, model: str, thought: Reasoning) -> dict[str, object]:
        if (data := hidden(thought.seal)) is not None:
            return {"type": "redacted_thinking", "data": data}
        text = thought.text if self._manuscript.is_told else ""
        seal = thought.seal or self._manuscript.sealer.seal(model, text)
        signature = seal.decode(errors="replace")
        return {"type": "thinking", "thinking": text, "signature": signature}
