"""The fake that hears: it says what its script says, or how long the sound is.

Floor 3. For tests, and for trying a client without a model. Each piece of its script takes an equal
share of the sound, and each word of it an equal share of the piece. It counts words as tokens.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence

import anyio

from seedbed.core.errors import PromptTooLong, SeedbedError
from seedbed.core.event import Event, Failed, Finished, Started, Stop, TextDelta, UsageNow
from seedbed.core.feature import Feature
from seedbed.core.sound import HEARD_RATE, Heard, HeardWord, ListenAsk, milliseconds
from seedbed.core.usage import Usage
from seedbed.engines.base import Program, Spec
from seedbed.kit.machine import Machine

_LANGUAGE = "en"


class ScriptedListener:
    """Hears the pieces of its script; with an `error` it ends in that after so many words instead.

    `steps` counts the words told, so that a test can tell that closing early stopped the work.
    """

    features = frozenset({Feature.LISTENING})
    program: Program | None = None

    def __init__(
        self,
        model: str,
        *,
        window: int,
        script: Sequence[str] = (),
        error: SeedbedError | None = None,
        fails_after: int = 0,
    ) -> None:
        self._model, self._window, self._script = model, window, script
        self._error, self._fails_after = error, fails_after
        self.steps = 0
        self.asked: list[ListenAsk] = []

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Nothing to attach to."""

    async def listen(self, ask: ListenAsk) -> AsyncGenerator[Event]:
        """Yield the words of each piece, and then the piece."""
        self.asked.append(ask)
        if (read := len(ask.prompt.split())) >= self._window:
            yield Failed(PromptTooLong(self._model, tokens=read, window=self._window))
            return
        yield Started(self._model)
        length = milliseconds(len(ask.sound), HEARD_RATE)
        usage = Usage(input_fresh=read, sound_milliseconds=length)
        yield UsageNow(usage)
        told = 0
        for heard in self._pieces(ask, length / 1_000):
            for word in heard.words:
                if self._error is not None and told >= self._fails_after:
                    yield Failed(self._error)
                    return
                await anyio.lowlevel.checkpoint()
                self.steps += 1
                yield TextDelta(f" {word.text}" if told else word.text)
                told += 1
            yield heard if ask.words else Heard(heard.text, heard.start, heard.end, heard.language)
        yield Finished(Stop.END, usage + Usage(output_visible=told))

    async def aclose(self) -> None:
        """Nothing to close."""

    def _pieces(self, ask: ListenAsk, seconds: float) -> Iterator[Heard]:
        script = self._script or (f"{seconds:g} seconds of sound.",)
        share = seconds / len(script)
        for ordinal, text in enumerate(script):
            start, words = ordinal * share, text.split()
            each = share / max(1, len(words))
            timed = [
                HeardWord(word, start + nth * each, start + (nth + 1) * each)
                for nth, word in enumerate(words)
            ]
            language = ask.language or _LANGUAGE
            yield Heard(text, start, start + share, language, tuple(timed))


def lacks(machine: Machine) -> str | None:
    """Nothing: it runs wherever Python does."""
    del machine


def make(spec: Spec) -> ScriptedListener:
    """One without a script."""
    return ScriptedListener(spec.model.name, window=spec.model.window)
