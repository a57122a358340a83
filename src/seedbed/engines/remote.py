"""Models that others serve, over HTTP: a provider, or a server of the operator's own.

Floor 3. The card says where, in whose words and under which name; `seedbed.engines.upstreams` knows
the words. An upstream counts its tokens at the end, if ever: until it has, a bound stands in for
the count, so that no use goes unpriced.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import httpx2
import structlog

from seedbed.core.ask import AnyAsk, Ask, EmbedAsk, Feature, RerankAsk
from seedbed.core.errors import EngineFailed, EngineUnreachable, SeedbedError
from seedbed.core.event import (
    CallDelta,
    Embedded,
    Event,
    Failed,
    Finished,
    Ranked,
    Started,
    Stop,
    UsageNow,
)
from seedbed.core.usage import Usage
from seedbed.engines.base import Program, Spec
from seedbed.engines.upstreams import faults, line, probing, vectors
from seedbed.engines.upstreams.anthropic import Anthropic
from seedbed.engines.upstreams.ark import Ark
from seedbed.engines.upstreams.base import (
    Broken,
    Dialect,
    Ended,
    Over,
    Piece,
    Request,
    Served,
    Told,
    Unreadable,
)
from seedbed.engines.upstreams.openai import OpenAi
from seedbed.engines.upstreams.probing import Probed
from seedbed.engines.upstreams.tally import Tally
from seedbed.kit.machine import Machine

log: structlog.stdlib.BoundLogger = structlog.get_logger()

DIALECTS: Mapping[str, Callable[[Served], Dialect]] = {
    "anthropic": Anthropic,
    "ark": Ark,
    "openai": OpenAi,
}
"""The words that an upstream may speak."""

SILENCE_SECONDS = 120.0
"""How long an upstream may send nothing."""

_NOT_REACHED = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
)


class Remote:
    """One model of one upstream. `silence` is in seconds."""

    program: Program | None = None

    def __init__(self, spec: Spec, *, silence: float = SILENCE_SECONDS) -> None:
        upstream = spec.model.upstream
        if upstream is None:
            raise ValueError(f"The card of {spec.model.name!r} names no upstream")
        if upstream.dialect not in DIALECTS:
            known = ", ".join(DIALECTS)
            raise ValueError(f"{upstream.dialect!r} is no dialect of upstreams: {known}")
        served = Served(spec.model.name, upstream.model, spec.model.window, upstream.serves)
        self._dialect = DIALECTS[upstream.dialect](served)
        self.features = upstream.serves & self._dialect.can
        self._model, self._window, self._secret = spec.model.name, spec.model.window, spec.secret
        self._line = line.Line(
            self._dialect.root(line.check_url(upstream.url)),
            self._dialect.headers(spec.secret),
            places=spec.places,
            silence=silence,
        )
        self.untold = 0
        """Answers whose tokens the upstream did not count, or not as could be believed."""

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Nothing to attach to."""

    def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """Stream one answer."""
        return self._mended(self._answer(ask))

    def embed(self, ask: EmbedAsk) -> AsyncGenerator[Event]:
        """Ask for all vectors at once."""
        return self._mended(self._vectors(ask))

    def rerank(self, ask: RerankAsk) -> AsyncGenerator[Event]:
        """Ask for all scores at once."""
        return self._mended(self._scores(ask))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._line.aclose()

    async def _mended(self, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
        """The same events, with every fault as the last of them."""
        try:
            async with aclosing(events):
                async for event in events:
                    yield event
        except SeedbedError as error:
            yield Failed(error)
        except _NOT_REACHED as error:
            yield Failed(EngineUnreachable(self._model, why=f"no connection ({self._safe(error)})"))
        except httpx2.ReadTimeout:
            silent = f"its upstream sent nothing for {self._line.silence:g} s"
            yield Failed(EngineFailed(self._model, why=silent))
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            log.warning("upstream.hung_up", model=self._model, how=type(error).__name__)
            yield Failed(EngineFailed(self._model, why="its upstream hung up before the end"))
        except Unreadable as error:
            why = f"its upstream sent what cannot be read ({self._safe(error)})"
            yield Failed(EngineFailed(self._model, why=why))

    async def _answer(self, ask: Ask) -> AsyncGenerator[Event]:
        answer = _Answer(self._model, Tally(ask, window=self._window))
        async with self._opened(lambda: self._dialect.ask(ask)) as response:
            await self._check_stream(response)
            yield Started(self._model)
            yield answer.count()
            reader = self._dialect.reader()
            async with aclosing(line.events(response)) as received:
                async for data in received:
                    for event in answer.take(reader.read(data), safe=self._safe):
                        yield event
                    if answer.is_over:
                        break
                for event in self._end(answer):
                    yield event
                await self._line.linger(received)

    def _end(self, answer: "_Answer") -> Sequence[Event]:
        """The whole count, and the end.

        Raises:
            EngineFailed: the upstream never said why the answer ended.
        """
        if answer.stop is None:
            raise EngineFailed(self._model, why="its stream was cut off before the end")
        self._note(answer.tally)
        usage = answer.tally.end
        told = () if usage == answer.told else (UsageNow(usage),)
        return *told, Finished(answer.stop, usage)

    async def _vectors(self, ask: EmbedAsk) -> AsyncGenerator[Event]:
        async with self._opened(lambda: self._dialect.embed(ask)) as response:
            body = await line.body(response, most=line.LONGEST_BODY)
        found = self._dialect.vectors(body)
        packed = vectors.packed(found.vectors, wanted=len(ask.texts))
        told = self._read_only(ask, found.usage)
        events = [Embedded(ordinal, vector) for ordinal, vector in enumerate(packed)]
        for event in (Started(self._model), UsageNow(told), *events, Finished(Stop.END, told)):
            yield event

    async def _scores(self, ask: RerankAsk) -> AsyncGenerator[Event]:
        async with self._opened(lambda: self._dialect.rerank(ask)) as response:
            body = await line.body(response, most=line.LONGEST_BODY)
        found = self._dialect.scores(body)
        scores = vectors.ordered(found.scores, wanted=len(ask.texts))
        told = self._read_only(ask, found.usage)
        events = [Ranked(ordinal, score) for ordinal, score in enumerate(scores)]
        for event in (Started(self._model), UsageNow(told), *events, Finished(Stop.END, told)):
            yield event

    def _read_only(self, ask: AnyAsk, told: Usage | None) -> Usage:
        """What was used where nothing is written."""
        tally = Tally(ask, window=self._window)
        if told is not None:
            tally.tell(Told(Usage(input_fresh=told.input), whole=True))
        self._note(tally)
        return tally.end

    def _note(self, tally: Tally) -> None:
        if not tally.is_told:
            self.untold += 1
            log.warning("upstream.usage_untold", model=self._model)

    @asynccontextmanager
    async def _opened(self, said: Callable[[], Request]) -> AsyncGenerator[httpx2.Response]:
        """The open answer to a request, which is said again where its words can be learnt.

        Raises:
            SeedbedError: the upstream refused it.
        """
        while True:
            async with self._line.opened(said()) as response:
                if response.status_code == 200:
                    yield response
                    return
                status = response.status_code
                refused = await line.beginning(response)
            words = refused.decode(errors="replace")
            if status not in {400, 422} or not self._dialect.adapt(words):
                raise faults.refusal(self._model, status, refused, secret=self._secret)

    async def _check_stream(self, response: httpx2.Response) -> None:
        """That a page or a whole answer was not sent in a stream's place.

        Raises:
            EngineFailed: it was.
        """
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in {"text/html", "application/json"}:
            return
        said = self._safe(faults.sentence(await line.beginning(response)))
        why = f"its upstream sent {kind} in place of a stream: {said or 'no reason'}"
        raise EngineFailed(self._model, why=why)

    def _safe(self, said: object) -> str:
        return faults.words(str(said), secret=self._secret)


class _Answer:
    """One answer on its way."""

    def __init__(self, model: str, tally: Tally) -> None:
        self._model, self.tally = model, tally
        self.told = Usage()
        self._calls = False
        self.stop: Stop | None = None
        self.is_over = False

    def count(self) -> UsageNow:
        """What may have been used so far."""
        self.told = self.tally.now
        return UsageNow(self.told)

    def take(self, pieces: Sequence[Piece], *, safe: Callable[[object], str]) -> list[Event]:
        """What pieces come to: the count before the words that it counts.

        Raises:
            EngineFailed: the upstream gave up.
        """
        deltas: list[Event] = []
        for piece in pieces:
            match piece:
                case Told():
                    self.tally.tell(piece)
                case Ended(stop=stop):
                    self.stop = self.stop or stop
                case Broken(said=said):
                    raise EngineFailed(self._model, why=f"its upstream gave up: {safe(said)}")
                case Over():
                    self.is_over = True
                case delta:
                    self._calls |= isinstance(delta, CallDelta)
                    self.tally.say(delta)
                    deltas.append(delta)
        if self._calls and self.stop == Stop.END:
            self.stop = Stop.CALL
        return [self.count(), *deltas] if self.tally.now != self.told else deltas


async def probe(spec: Spec) -> Probed:
    """Find out what an upstream serves, by a dozen requests of a few tokens each.

    Raises:
        EngineFailed: it cannot be reached, refuses the key, or serves no model of that name.
        ValueError: as `make` does.
    """
    upstream = spec.model.upstream
    everything = None if upstream is None else replace(upstream, serves=frozenset(Feature))
    engine = make(replace(spec, model=replace(spec.model, upstream=everything)))
    try:
        return await probing.probe(engine, spec.model.name)
    finally:
        await engine.aclose()


def lacks(machine: Machine) -> str | None:
    """Nothing: the work is done elsewhere."""
    del machine


def make(spec: Spec) -> Remote:
    """The engine of a card's upstream.

    Raises:
        ValueError: the card names none, or one whose dialect or address cannot be used.
    """
    return Remote(spec)
