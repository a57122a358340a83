"""The fake engine that ships: it answers from a script and keeps the whole contract.

Floor 3. For tests, for trying a client without a model, and as the plainest example of an engine.
Tokens are words here. Without a script it repeats the last message's text. Its vectors come from a
hash of the text and mean nothing; its scores are the share of the question's words in the text.
"""

import hashlib
import math
import re
import struct
import zlib
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing

import anyio

from seedbed.core.ask import Ask, CountAsk, EmbedAsk, Feature, RerankAsk, TokenizeAsk
from seedbed.core.errors import FieldUnserved, PromptTooLong, SeedbedError
from seedbed.core.event import (
    CallDelta,
    Counted,
    Embedded,
    Event,
    Failed,
    Finished,
    Ranked,
    ReasoningDelta,
    Started,
    Stop,
    TextDelta,
    Tokenized,
    UsageNow,
)
from seedbed.core.message import Call, Part, Reasoning, Text
from seedbed.core.usage import Usage
from seedbed.engines.base import Program, Spec
from seedbed.kit.machine import Machine

DIMENSIONS = 16
"""Numbers in a vector of the fake's; it shortens them to as few as are wanted."""
VOCABULARY = 50_000
"""Words that its tokenizer tells apart."""


class Scripted:
    """Answers with the parts of its script; `fails_after` deltas it ends in `error` instead.

    `steps` counts the deltas made, so that a test can tell that closing early stopped the work.
    """

    features = frozenset(Feature) - {
        *(Feature.CHOICES, Feature.LOGPROBS, Feature.IMAGES, Feature.IMAGE_EDIT),
        *(Feature.VIDEOS, Feature.SCENES, Feature.SPEECH, Feature.LISTENING),
    }
    program: Program | None = None

    def __init__(
        self,
        model: str,
        *,
        window: int,
        script: Sequence[Part] | None = None,
        error: SeedbedError | None = None,
        fails_after: int = 0,
    ) -> None:
        self._model = model
        self._window = window
        self._script = script
        self._error = error
        self._fails_after = fails_after
        self.steps = 0
        self.asked: list[Ask] = []

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Nothing to attach to."""

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """Yield the script, a word at a time."""
        self.asked.append(ask)
        prompt = _words_in(ask)
        if prompt >= self._window:
            yield Failed(PromptTooLong(self._model, tokens=prompt, window=self._window))
            return
        if self._error is not None and not self._fails_after:
            yield Failed(self._error)
            return
        yield Started(self._model)
        usage = Usage(input_fresh=prompt)
        yield UsageNow(usage)
        script = self._script if self._script is not None else _echo(ask)
        room = min(ask.limits.output or self._window, self._window - prompt)
        deltas = _cut(_deltas(script), ask.limits.stop)
        for made, delta in enumerate(deltas.events, start=1):
            if self._error is not None and made > self._fails_after:
                yield Failed(self._error)
                return
            if usage.output + delta.tokens > room:
                yield Finished(Stop.LENGTH, usage)
                return
            await anyio.lowlevel.checkpoint()
            self.steps += 1
            thought = isinstance(delta, ReasoningDelta)
            usage += Usage(**{"output_reasoning" if thought else "output_visible": delta.tokens})
            yield delta
        called = any(isinstance(part, Call) for part in script)
        yield Finished(Stop.CALL if called else deltas.stop, usage, met=deltas.met)

    async def embed(self, ask: EmbedAsk) -> AsyncGenerator[Event]:
        """Yield a vector for each text."""
        wanted = ask.dimensions or DIMENSIONS
        if wanted > DIMENSIONS:
            because = f"its vectors have {DIMENSIONS} numbers."
            yield Failed(FieldUnserved("dimensions", value=str(wanted), because=because))
            return
        counts = [len(text.split()) for text in ask.texts]
        made = (Embedded(at, _vector(text, wanted)) for at, text in enumerate(ask.texts))
        async with aclosing(self._each(made, counts)) as events:
            async for event in events:
                yield event

    async def rerank(self, ask: RerankAsk) -> AsyncGenerator[Event]:
        """Yield a score for each text."""
        question = set(ask.question.casefold().split())
        counts = [len(question) + len(text.split()) for text in ask.texts]
        made = (Ranked(at, _score(question, text)) for at, text in enumerate(ask.texts))
        async with aclosing(self._each(made, counts)) as events:
            async for event in events:
                yield event

    async def tokenize(self, ask: TokenizeAsk) -> AsyncGenerator[Event]:
        """Yield the words of each text, numbered by a sum over their letters."""
        if self._error is not None:
            yield Failed(self._error)
            return
        yield Started(self._model)
        for ordinal, text in enumerate(ask.texts):
            await anyio.lowlevel.checkpoint()
            words = list(re.finditer(r"\S+", text))
            tokens = tuple(zlib.crc32(word[0].encode()) % VOCABULARY for word in words)
            yield Tokenized(ordinal, tokens, tuple(word.span() for word in words))
        yield Finished(Stop.END, Usage())

    async def count(self, ask: CountAsk) -> AsyncGenerator[Event]:
        """Yield how many words the prompt has."""
        if self._error is not None:
            yield Failed(self._error)
            return
        yield Started(self._model)
        yield Counted(_words_in(ask.ask))
        yield Finished(Stop.END, Usage())

    async def aclose(self) -> None:
        """Nothing to close."""

    async def _each(
        self, made: Iterator[Embedded | Ranked], counts: Sequence[int]
    ) -> AsyncGenerator[Event]:
        """A stream of what is made of each text; `counts` are their tokens."""
        longest = max(counts, default=0)
        if longest > self._window:
            yield Failed(PromptTooLong(self._model, tokens=longest, window=self._window))
            return
        if self._error is not None and not self._fails_after:
            yield Failed(self._error)
            return
        yield Started(self._model)
        usage = Usage(input_fresh=sum(counts))
        yield UsageNow(usage)
        for step, event in enumerate(made, start=1):
            if self._error is not None and step > self._fails_after:
                yield Failed(self._error)
                return
            await anyio.lowlevel.checkpoint()
            self.steps += 1
            yield event
        yield Finished(Stop.END, usage)


class _Deltas:
    """Deltas to come, and why they will end."""

    def __init__(
        self, events: list[TextDelta | ReasoningDelta | CallDelta], met: str | None = None
    ) -> None:
        self.events, self.met = events, met
        self.stop = Stop.END if met is None else Stop.SEQUENCE


def _vector(text: str, dimensions: int) -> bytes:
    """Numbers of a hash, none of them zero, made a vector of length one."""
    numbers = struct.unpack("<16h", hashlib.sha256(text.encode(errors="replace")).digest())
    kept = [2 * number + 1 for number in numbers[:dimensions]]
    length = math.hypot(*kept)
    return struct.pack(f"<{dimensions}f", *(number / length for number in kept))


def _score(question: set[str], text: str) -> float:
    """The share of the question's words that the text has."""
    return len(question & set(text.casefold().split())) / max(len(question), 1)


def _words_in(ask: Ask) -> int:
    return sum(len(m.text.split()) + 1 for m in ask.messages)


def _echo(ask: Ask) -> list[Part]:
    return [Text(ask.messages[-1].text)]


def _words(text: str) -> list[str]:
    return [word for word in text.replace(" ", "\0 ").split("\0") if word]


def _deltas(script: Sequence[Part]) -> list[TextDelta | ReasoningDelta | CallDelta]:
    deltas: list[TextDelta | ReasoningDelta | CallDelta] = []
    ordinal = 0
    for part in script:
        match part:
            case Text(text=text):
                deltas += [TextDelta(word) for word in _words(text)]
            case Reasoning(text=text):
                deltas += [ReasoningDelta(word) for word in _words(text)]
            case Call(id=id_, name=name, arguments=arguments):
                first, *rest = _words(arguments) or [""]
                deltas.append(CallDelta(ordinal, first, id=id_, name=name))
                deltas += [CallDelta(ordinal, more) for more in rest]
                ordinal += 1
            case _:
                raise TypeError(f"a script holds Text, Reasoning and Call, not {part!r}")
    return deltas


def _cut(events: list[TextDelta | ReasoningDelta | CallDelta], stops: Sequence[str]) -> _Deltas:
    """End the words before the first stop text, wherever it falls."""
    text = "".join(e.text for e in events if isinstance(e, TextDelta))
    found = [(at, stop) for stop in stops if (at := text.find(stop)) >= 0]
    if not found:
        return _Deltas(events)
    (room, met), kept = min(found), list[TextDelta | ReasoningDelta | CallDelta]()
    for event in events:
        if not isinstance(event, TextDelta):
            kept.append(event)
        elif room:
            kept.append(TextDelta(event.text[:room]))
            room -= len(kept[-1].text) if isinstance(kept[-1], TextDelta) else 0
        else:
            break
    return _Deltas(kept, met)


def lacks(machine: Machine) -> str | None:
    """Nothing: it runs wherever Python does."""
    del machine


def make(spec: Spec) -> Scripted:
    """An engine that repeats what it is told."""
    return Scripted(spec.model.name, window=spec.model.window)
