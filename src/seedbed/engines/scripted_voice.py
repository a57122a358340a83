"""The fake voice that ships: it speaks a tone for each word, pitched by a hash of it.

Floor 3. For tests, and for trying a client without a model. What would change how a word is spoken
changes its pitch, and the same word has the same tone. It counts words as tokens.
"""

import hashlib
import math
import struct
from collections.abc import AsyncGenerator, Mapping

import anyio

from seedbed.core.errors import PromptTooLong, SeedbedError
from seedbed.core.event import Event, Failed, Finished, Started, Stop, UsageNow
from seedbed.core.feature import Feature
from seedbed.core.sound import SPOKEN_RATE, SpeechAsk, Spoken, milliseconds
from seedbed.core.usage import Usage
from seedbed.engines.base import Program, Spec
from seedbed.kit.machine import Machine

_WORD_SECONDS = 0.2
_LOUDNESS = 8_000
_LOWEST, _PITCHES = 200, 600
"""The lowest tone in hertz, and how many there are, a hertz apart."""


class ScriptedVoice:
    """Speaks what it is told; with an `error` it ends in that after so many words instead.

    `steps` counts the words spoken, so that a test can tell that closing early stopped the work.
    """

    features = frozenset({Feature.SPEECH})
    program: Program | None = None

    def __init__(
        self, model: str, *, window: int, error: SeedbedError | None = None, fails_after: int = 0
    ) -> None:
        self._model, self._window = model, window
        self._error, self._fails_after = error, fails_after
        self.steps = 0
        self.asked: list[SpeechAsk] = []

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Nothing to attach to."""

    async def speak(self, ask: SpeechAsk) -> AsyncGenerator[Event]:
        """Yield the tones, one after the other."""
        self.asked.append(ask)
        words = ask.text.split()
        if (read := len(words) + len(ask.instructions.split())) >= self._window:
            yield Failed(PromptTooLong(self._model, tokens=read, window=self._window))
            return
        yield Started(self._model)
        usage = Usage(input_fresh=read)
        for ordinal, word in enumerate(words):
            if self._error is not None and ordinal >= self._fails_after:
                break
            self.steps += 1
            said = f"{word}\0{ask.voice}\0{ask.instructions}"
            sound = await anyio.to_thread.run_sync(tone, said, _WORD_SECONDS / ask.speed)
            usage += Usage(sound_milliseconds=milliseconds(len(sound), SPOKEN_RATE))
            yield UsageNow(usage)
            yield Spoken(sound)
        yield Failed(self._error) if self._error is not None else Finished(Stop.END, usage)

    async def aclose(self) -> None:
        """Nothing to close."""


def tone(said: str, seconds: float) -> bytes:
    """A tone of plain sound, whose pitch is made of what is said.

    >>> len(tone("a", 0.5))
    24000
    """
    digest = hashlib.sha256(said.encode()).digest()
    pitch = _LOWEST + int.from_bytes(digest[:4], "big") % _PITCHES
    step, count = 2 * math.pi * pitch / SPOKEN_RATE, round(seconds * SPOKEN_RATE)
    return struct.pack(f"<{count}h", *(round(_LOUDNESS * math.sin(step * n)) for n in range(count)))


def lacks(machine: Machine) -> str | None:
    """Nothing: it runs wherever Python does."""
    del machine


def make(spec: Spec) -> ScriptedVoice:
    """A voice that does not fail."""
    return ScriptedVoice(spec.model.name, window=spec.model.window)
