"""Sound on its way to an engine and from it: made plain before it is heard, and after it was spoken
made what the caller wants.

Floor 4. In front of the gateway, so that each ask is reserved by the length of its sound, and every
engine hears and speaks the same. What is spoken plainly, or as WAV, goes on as it comes; the other
formats are written when all of it is there, in a process apart.
"""

import struct
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from seedbed.core.errors import EngineFailed, FieldUnserved, MediumRefused
from seedbed.core.event import Event, Failed, Finished
from seedbed.core.sound import (
    HEARD_RATE,
    LONGEST_HEARD,
    SOUND_TYPES,
    SPOKEN_RATE,
    ListenAsk,
    SpeechAsk,
    Spoken,
    milliseconds,
)
from seedbed.kit.media.containers import sound_in
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Coded, Confines, Sound
from seedbed.kit.media.workshop import Workshop, can_film
from seedbed.serving.account import Order
from seedbed.serving.once import Generate

_CONFINES = Confines(output=128 << 20)
"""Enough for the longest sound that is heard."""
_WAV_END = 0xFFFFFFFF
"""How long a WAV says that it is whose end nobody knows yet."""


class Sounding:
    """The road behind, with sound made ready on both sides of it."""

    def __init__(self, generate: Generate, workshop: Workshop | None = None) -> None:
        self._generate = generate
        self._workshop = workshop or Workshop(_CONFINES)

    def generate(self, order: Order) -> AsyncGenerator[Event]:
        """Yield one stream, as the road behind does."""
        match order.ask:
            case ListenAsk() as ask:
                return self._heard(order, ask)
            case SpeechAsk(format="wav"):
                return self._as_wav(order)
            case SpeechAsk(format=form) as ask if form != "pcm":
                return self._as_file(order, ask)
            case _:
                return self._generate(order)

    async def _heard(self, order: Order, ask: ListenAsk) -> AsyncGenerator[Event]:
        try:
            sound = await self._plain(ask.sound)
        except MediumFault as fault:
            where = "that was sent along"
            yield Failed(MediumRefused("sound", where, why=str(fault), field="sound"))
            return
        ask = replace(ask, sound=sound, length=milliseconds(len(sound), HEARD_RATE))
        async with aclosing(self._generate(replace(order, ask=ask))) as events:
            async for event in events:
                yield event

    async def _plain(self, data: bytes) -> bytes:
        """The sound of a file.

        Raises:
            MediumFault: it cannot be read.
        """
        order = Sound(sound_in(data), rate=HEARD_RATE, most=LONGEST_HEARD)
        (piece,) = await self._workshop.make(data, order)
        return piece.sound

    async def _as_wav(self, order: Order) -> AsyncGenerator[Event]:
        head = wav_head(SPOKEN_RATE)
        async with aclosing(self._generate(order)) as events:
            async for event in events:
                if type(event) is Spoken:
                    yield Spoken(head + event.data, SOUND_TYPES["wav"])
                    head = b""
                else:
                    yield event

    async def _as_file(self, order: Order, ask: SpeechAsk) -> AsyncGenerator[Event]:
        if not can_film():
            because = "it wants `seedbed[films]`, which is not installed; wav and pcm do not."
            yield Failed(FieldUnserved("format", value=repr(ask.format), because=because))
            return
        sound = list[bytes]()
        async with aclosing(self._generate(order)) as events:
            async for event in events:
                match event:
                    case Spoken():
                        sound.append(event.data)
                    case Finished():
                        async for last in self._written(ask, b"".join(sound), event):
                            yield last
                    case _:
                        yield event

    async def _written(self, ask: SpeechAsk, sound: bytes, end: Finished) -> AsyncGenerator[Event]:
        """The whole file, and the end."""
        try:
            (piece,) = await self._workshop.make(sound, Coded(ask.format, rate=SPOKEN_RATE))
        except MediumFault as fault:
            why = f"what it spoke cannot be written as {ask.format}: {fault}"
            yield Failed(EngineFailed(ask.model, why=why), end.entry)
            return
        yield Spoken(piece.sound, SOUND_TYPES[ask.format])
        yield end


def wav_head(rate: int) -> bytes:
    """What a WAV of plain sound begins with whose length nobody knows yet.

    >>> len(wav_head(24_000)), wav_head(24_000)[8:16]
    (44, b'WAVEfmt ')
    """
    form = struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16)
    size = struct.pack("<I", _WAV_END)
    return b"RIFF" + size + b"WAVEfmt " + form + b"data" + size
