"""`POST /v1/audio/speech`: a text is spoken, as a file that comes while it is spoken, or as events.

Floor 6. A file tells nothing but sound: what it cost is in the ledger under the `x-request-id`. In
events the sound is in base64, and the last one tells what was used; the vendor counts tokens of
sound there, and here sound is no tokens, so that `seedbed` tells its seconds.
"""

import base64
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Annotated, Literal, cast

import msgspec

from seedbed.api.dialect import Reading
from seedbed.api.openai import wire, write
from seedbed.api.openai.body import read_body
from seedbed.api.openai.manner import OpenAi
from seedbed.core.errors import EngineFailed
from seedbed.core.event import Event, Failed, Finished, Reply
from seedbed.core.sound import SOUND_TYPES, SoundFormat, SpeechAsk, Spoken
from seedbed.kit import sse
from seedbed.serving.account import Order
from seedbed.serving.once import Generate

_FIELDS: Mapping[str, str] = {"format": "response_format", "messages": "input"}


class VoiceId(msgspec.Struct):
    """A voice by its id, which is a name like any other here."""

    id: wire.Name


class SpeechBody(msgspec.Struct, kw_only=True):
    """What is to be spoken, and how."""

    model: wire.Name
    input: Annotated[str, msgspec.Meta(min_length=1, max_length=4096, pattern=r"\S")]
    voice: wire.Name | VoiceId
    instructions: Annotated[str, msgspec.Meta(max_length=4096)] | None = None
    response_format: SoundFormat | None = None
    speed: Annotated[float, msgspec.Meta(ge=0.25, le=4)] | None = None
    stream_format: Literal["sse", "audio"] | None = None


class Speech(OpenAi):
    """A text is spoken."""

    fields = _FIELDS

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a request for speech."""
        del request_id, now
        speech, unknown = read_body(body, SpeechBody)
        ask = SpeechAsk(
            speech.model,
            speech.input,
            speech.voice if isinstance(speech.voice, str) else speech.voice.id,
            speech.instructions or "",
            speech.response_format or "mp3",
            1.0 if speech.speed is None else speech.speed,
            extra={"openai": unknown} if unknown else {},
        )
        if speech.stream_format == "sse":
            return Reading(ask, SoundWriter(), EventWriter(), Aloud())
        writer = SoundWriter()
        return Reading(ask, writer, writer, Aloud(), SOUND_TYPES[ask.format])


class Aloud:
    """The way of a text to its sound: nothing is told before the first of it is there, so that what
    fails until then is a status and not a broken file.
    """

    async def generate(self, order: Order, generate: Generate) -> AsyncGenerator[Event]:
        """The answer, from its first sound on."""
        spoke = False
        async with aclosing(generate(order)) as events:
            async for event in events:
                spoke = spoke or type(event) is Spoken
                if type(event) is Finished and not spoke:
                    silent = EngineFailed(order.ask.model, why="it spoke no sound")
                    yield Failed(silent, event.entry)
                elif spoke or type(event) is Failed:
                    yield event


class SoundWriter:
    """Writes the file itself."""

    def whole(self, reply: Reply) -> bytes:
        """All of it."""
        return reply.sound

    def chunk(self, event: Event) -> bytes:
        """What comes next."""
        return event.data if type(event) is Spoken else b""


class EventWriter:
    """Writes the file in events."""

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event."""
        match event:
            case Spoken(data=data):
                packed = base64.b64encode(data).decode()
                return _frame({"type": "speech.audio.delta", "audio": packed})
            case Finished():
                return _frame({"type": "speech.audio.done", "usage": _used(event)} | _own(event))
            case Failed(error=error):
                return sse.frame(write.error_body(error, _FIELDS))
            case _:
                return b""


def _used(end: Finished) -> dict[str, object]:
    read, written = end.usage.input, end.usage.output
    return {"input_tokens": read, "output_tokens": written, "total_tokens": read + written}


def _own(end: Finished) -> dict[str, object]:
    seconds = {"seconds": end.usage.sound_milliseconds / 1_000}
    cost = cast("dict[str, object]", write.cost(end.entry).get("seedbed", {}))
    return {"seedbed": cost | seconds}


def _frame(told: dict[str, object]) -> bytes:
    return sse.frame(msgspec.json.encode(told))
