"""The server's chunks, told as events whose tokens add up.

Floor 3. The server counts tokens as it makes them and sends words when they are sure, so a chunk
may come with tokens of words to come, or of none: the one that ends an answer, the marks around
thought and calls. Each token is told with the next event, and what is left at the end with an event
of no words.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace

from seedbed.core.event import CallDelta, Event, Likely, ReasoningDelta, Stop, TextDelta, UsageNow
from seedbed.core.usage import Usage
from seedbed.engines.llama import calls, wire
from seedbed.kit.stops import Stops


class Telling:
    """One answer under way. `plain` calls are read from its words; `top` is asked of each token. It
    ends at a text of `stops`, which are kept from the server: that would not tell which it met.
    """

    def __init__(self, *, plain: bool, top: int | None, stops: Sequence[str] = ()) -> None:
        self._reader = calls.Reader() if plain else None
        self._stops = Stops(stops)
        self._top = top
        self._made = 0
        self._kind: type[TextDelta | ReasoningDelta | CallDelta] = TextDelta
        self._likely: tuple[Likely, ...] = ()
        self._begun: set[int] = set()
        self._ordinal = -1
        self.usage = Usage()
        self.seconds = 0.0
        """How long the prompt took to read."""
        self.stop: Stop | None = None

    def chunk(self, chunk: wire.Chunk) -> Iterator[Event]:
        """The events of one chunk."""
        yield from self._read(chunk)
        if chunk.timings is not None:
            self._made = max(self._made, chunk.timings.predicted_n)
            self.seconds = chunk.timings.prompt_ms / 1000
        for choice in chunk.choices:
            yield from self._choice(choice)

    @property
    def met(self) -> str | None:
        """The stop text that was met: whatever else comes is none of the answer."""
        return self._stops.met

    def end(self) -> Iterator[Event]:
        """What was held back, once no more comes."""
        if rest := self._stops.rest():
            yield from self._said(rest)
        if self._reader:
            yield from self._pieces(self._reader.end())
        if self._untold:
            yield self._told(CallDelta(self._ordinal, "") if self._kind is CallDelta else None)
        if self._reader and self._begun and self.stop == Stop.END:
            self.stop = Stop.CALL

    @property
    def _untold(self) -> int:
        return self._made - self.usage.output

    def _read(self, chunk: wire.Chunk) -> Iterator[Event]:
        """How much of the prompt was read by now, where that is news."""
        if (progress := chunk.prompt_progress) is not None:
            fresh, cached = progress.processed - progress.cache, progress.cache
        elif (timings := chunk.timings) is not None:
            fresh, cached = timings.prompt_n, timings.cache_n
        else:
            return
        before = self.usage
        self.usage = replace(before, input_fresh=fresh, input_cache_read=cached)
        if self.usage != before:
            yield UsageNow(self.usage)

    def _choice(self, choice: wire.Choice) -> Iterator[Event]:
        self.stop = wire.stop(choice.ended) if choice.ended else self.stop
        if choice.delta.thought:
            yield self._told(ReasoningDelta(choice.delta.thought))
        if self._top is not None:
            self._likely += tuple(token.likely(self._top) for token in choice.likely)
        if words := self._stops.feed(choice.words):
            yield from self._said(words)
        if self.met is not None:
            self.stop = Stop.SEQUENCE
            return
        for piece in choice.delta.calls or []:
            self._ordinal = piece.index
            first = piece.index not in self._begun
            self._begun.add(piece.index)
            yield self._told(
                CallDelta(
                    piece.index,
                    piece.function.arguments or "",
                    id=(piece.id or _new_id()) if first else "",
                    name=(piece.function.name or "") if first else "",
                )
            )

    def _said(self, words: str) -> Iterator[Event]:
        if self._reader:
            yield from self._pieces(self._reader.feed(words))
        else:
            yield self._words(words)

    def _pieces(self, pieces: Iterator[calls.Piece]) -> Iterator[Event]:
        for piece in pieces:
            match piece:
                case calls.Words(text=text):
                    yield self._words(text)
                case calls.Named(name=name):
                    self._ordinal, self._likely = self._ordinal + 1, ()
                    self._begun.add(self._ordinal)
                    yield self._told(CallDelta(self._ordinal, "", id=_new_id(), name=name))
                case calls.Arguments(text=text):
                    yield self._told(CallDelta(self._ordinal, text))

    def _words(self, text: str) -> Event:
        """Words with what is known of their tokens; of the tokens of calls nothing is told."""
        likely, self._likely = self._likely, ()
        return self._told(TextDelta(text, likely=likely))

    def _told(self, delta: TextDelta | ReasoningDelta | CallDelta | None) -> Event:
        """The delta with all tokens that were not told yet; without one, of the kind before it."""
        if delta is None:
            delta = ReasoningDelta("") if self._kind is ReasoningDelta else TextDelta("")
        self._kind = type(delta)
        tokens = self._untold
        thought = isinstance(delta, ReasoningDelta)
        counted = Usage(**{"output_reasoning" if thought else "output_visible": tokens})
        self.usage += counted
        return replace(delta, tokens=tokens)


def _new_id() -> str:
    return f"call_{secrets.token_hex(12)}"
