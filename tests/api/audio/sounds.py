"""Voices and listeners for the doors' tests, and a workshop that needs no processes."""

import io
import wave
from collections.abc import AsyncGenerator

from seedbed.core.errors import CapacityExceeded, EngineFailed
from seedbed.core.event import Event, Finished, Started, Stop
from seedbed.core.sound import HEARD_RATE, SPOKEN_RATE, SpeechAsk
from seedbed.core.usage import Usage
from seedbed.engines.base import Engine
from seedbed.engines.scripted_listener import ScriptedListener
from seedbed.engines.scripted_voice import ScriptedVoice, tone
from seedbed.kit.media.orders import Coded, Order, Piece, Sound
from seedbed.kit.media.workers.coded import coded
from seedbed.kit.media.workers.sound import plain
from seedbed.kit.media.workshop import Workshop

SAID = ("the barn is red", "and it burns")
BROKE = EngineFailed("m", why="its throat is sore")
FULL = CapacityExceeded("full", places=1)


class Silent(ScriptedVoice):
    """Says nothing, and does not fail."""

    async def speak(self, ask: SpeechAsk) -> AsyncGenerator[Event]:
        yield Started(ask.model)
        yield Finished(Stop.END, Usage())


def engines() -> dict[str, Engine]:
    return {
        "voice": ScriptedVoice("m", window=64),
        "hoarse": ScriptedVoice("m", window=64, error=BROKE, fails_after=1),
        "mute": ScriptedVoice("m", window=64, error=FULL),
        "silent": Silent("m", window=64),
        "listener": ScriptedListener("m", window=64, script=SAID),
        "plain": ScriptedListener("m", window=64),
        "torn": ScriptedListener("m", window=64, script=SAID, error=BROKE, fails_after=2),
        "deaf": ScriptedListener("m", window=64, error=BROKE),
    }


def wav(seconds: float = 2.0, *, rate: int = HEARD_RATE) -> bytes:
    """A file of a sound that does not change."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(2 * round(seconds * rate)))
    return written.getvalue()


def spoken(*words: str, speed: float = 1.0) -> bytes:
    """What the voice makes of words, plainly."""
    return b"".join(tone(f"{word}\0alloy\0", 0.2 / speed) for word in words)


def length(pcm: bytes, rate: int = SPOKEN_RATE) -> float:
    """Its seconds."""
    return len(pcm) / 2 / rate


class AtHand(Workshop):
    """Does the same in this process."""

    async def make(self, given: bytes, order: Order) -> list[Piece]:
        match order:
            case Sound():
                return plain(given, order)
            case Coded():
                return coded(given, order)
            case _:
                raise AssertionError(order)
