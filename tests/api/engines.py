"""Engines that are asked for more than words: vectors, scores, and how likely a token was."""

import math
import struct
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace

from seedbed.core.ask import Ask, EmbedAsk, Feature, RerankAsk
from seedbed.core.event import (
    Embedded,
    Event,
    Finished,
    Likely,
    Ranked,
    Started,
    Stop,
    TextDelta,
    UsageNow,
)
from seedbed.core.usage import Usage
from seedbed.engines.base import Program
from seedbed.engines.scripted import Scripted


class Reader:
    """Turns a text into two numbers, and scores it by the words that it shares with a question."""

    features = frozenset({Feature.EMBEDDING, Feature.RERANK})
    program: Program | None = None

    def __init__(self) -> None:
        self.asked: list[EmbedAsk | RerankAsk] = []

    def attach(self, greeting: Mapping[str, str]) -> None:
        raise AssertionError(greeting)

    async def embed(self, ask: EmbedAsk) -> AsyncGenerator[Event]:
        self.asked.append(ask)
        used = Usage(input_fresh=sum(len(text.split()) for text in ask.texts))
        yield Started(ask.model)
        yield UsageNow(used)
        for at, text in enumerate(ask.texts):
            yield Embedded(at, vector(text))
        yield Finished(Stop.END, used)

    async def rerank(self, ask: RerankAsk) -> AsyncGenerator[Event]:
        self.asked.append(ask)
        wanted = set(ask.question.split())
        yield Started(ask.model)
        for at, text in enumerate(ask.texts):
            yield Ranked(at, float(len(wanted & set(text.split()))))
        yield Finished(Stop.END, Usage(input_fresh=len(ask.texts)))

    async def aclose(self) -> None:
        """Nothing to close."""


def vector(text: str) -> bytes:
    """What `Reader` makes of a text: of length one, and another for each number of letters."""
    return struct.pack("<2f", math.cos(len(text)), math.sin(len(text)))


class Certain(Scripted):
    """Tells each word as a token that was half as likely as it could be, beside an impossible."""

    features = Scripted.features | {Feature.LOGPROBS}

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        asked = ask.sampling.logprobs
        async with aclosing(super().generate(ask)) as events:
            async for event in events:
                if isinstance(event, TextDelta) and asked is not None:
                    yield replace(event, likely=(likely(event.text, top=asked),))
                else:
                    yield event


def likely(text: str, *, top: int) -> Likely:
    others = (Likely(text, math.log(0.5)), Likely(" never", -math.inf))
    return Likely(text, math.log(0.5), others[:top])
