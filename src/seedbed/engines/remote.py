"""Models that others serve, over HTTP: a provider, or a server of the operator's own.

Floor 3. The card says where, in whose words and under which name; `seedbed.engines.upstreams` knows
the words. An upstream counts its tokens at the end, if ever: until it has, a bound stands in for
the count, so that no use goes unpriced.
"""

import math
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence, Set
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from functools import partial

import structlog

from seedbed.core.ask import AnyAsk, Ask, EmbedAsk, Feature, RerankAsk
from seedbed.core.errors import EngineFailed, EngineUnreachable, SeedbedError
from seedbed.core.event import (
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
from seedbed.engines.upstreams.answer import Answer
from seedbed.engines.upstreams.anthropic import Anthropic
from seedbed.engines.upstreams.ark import Ark
from seedbed.engines.upstreams.base import (
    Dialect,
    Request,
    Served,
    Told,
    Unreadable,
)
from seedbed.engines.upstreams.openai import OpenAi
from seedbed.engines.upstreams.probing import Probed
from seedbed.engines.upstreams.tally import Tally
from seedbed.kit.http import errors as http
from seedbed.kit.http.response import Response
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
            proxies=spec.proxies,
        )
        self.untold = 0
        """Answers whose tokens the upstream did not count, or not as could be believed."""

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Nothing to attach to."""

    def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """Stream one answer, or ask for it in one piece where nobody sees it before its end."""
        return self._mended(self._whole(ask) if ask.whole else self._answer(ask))

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
        except http.Unreachable as error:
            yield Failed(EngineUnreachable(self._model, why=f"no connection ({self._safe(error)})"))
        except http.Silent:
            silent = f"its upstream sent nothing for {self._line.silence:g} s"
            yield Failed(EngineFailed(self._model, why=silent))
        except http.HungUp:
            log.warning("upstream.hung_up", model=self._model)
            yield Failed(EngineFailed(self._model, why="its upstream hung up before the end"))
        except (Unreadable, http.Unreadable) as error:
            why = f"its upstream sent what cannot be read ({self._safe(error)})"
            yield Failed(EngineFailed(self._model, why=why))

    async def _answer(self, ask: Ask) -> AsyncGenerator[Event]:
        answer = Answer(self._model, Tally(ask, window=self._window), safe=self._safe)
        async with self._opened(partial(self._dialect.ask, ask)) as response:
            await self._check_kind(response, {"text/html", "application/json"}, "a stream")
            yield Started(self._model)
            yield answer.count()
            reader = self._dialect.reader()
            async with aclosing(line.events(response)) as received:
                async for data in received:
                    for event in answer.take(reader.read(data)):
                        yield event
                    if answer.is_over:
                        break
                for event in self._end(answer):
                    yield event

    async def _whole(self, ask: Ask) -> AsyncGenerator[Event]:
        """The same events, of an answer in one piece.

        Nothing may come until all is done, however long that takes. So the prompt is counted before
        it is sent: whoever leaves meanwhile has used it. Where it is refused, nothing was used.
        """
        answer = Answer(self._model, Tally(ask, window=self._window), safe=self._safe)
        yield Started(self._model)
        yield answer.count()
        try:
            said = partial(self._dialect.ask, ask)
            async with self._opened(said, silence=math.inf) as response:
                await self._check_kind(response, {"text/html"}, "an answer")
                body = await line.body(response, most=line.LONGEST_BODY)
        except (SeedbedError, http.Unreachable):
            yield UsageNow(Usage())
            raise
        for event in answer.take(self._dialect.reader().whole(body)):
            yield event
        for event in self._end(answer):
            yield event

    def _end(self, answer: Answer) -> Sequence[Event]:
        end = answer.end()
        self._note(answer.tally)
        return end

    async def _vectors(self, ask: EmbedAsk) -> AsyncGenerator[Event]:
        async with self._opened(partial(self._dialect.embed, ask)) as response:
            body = await line.body(response, most=line.LONGEST_BODY)
        found = self._dialect.vectors(body)
        packed = vectors.packed(found.vectors, wanted=len(ask.texts))
        told = self._read_only(ask, found.usage)
        events = [Embedded(ordinal, vector) for ordinal, vector in enumerate(packed)]
        for event in (Started(self._model), UsageNow(told), *events, Finished(Stop.END, told)):
            yield event

    async def _scores(self, ask: RerankAsk) -> AsyncGenerator[Event]:
        async with self._opened(partial(self._dialect.rerank, ask)) as response:
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
    async def _opened(
        self, said: Callable[[], Request], *, silence: float | None = None
    ) -> AsyncGenerator[Response]:
        """The open answer to a request, which is said again where its words can be learnt.

        It may be silent for `silence` seconds, or for as long as the line allows.

        Raises:
            SeedbedError: the upstream refused it.
        """
        while True:
            async with self._line.opened(said(), silence=silence) as response:
                if response.status_code == 200:
                    yield response
                    return
                status = response.status_code
                refused = await line.beginning(response)
            words = refused.decode(errors="replace")
            if status not in {400, 422} or not self._dialect.adapt(words):
                raise faults.refusal(self._model, status, refused, secret=self._secret)

    async def _check_kind(self, response: Response, refused: Set[str], wanted: str) -> None:
        """That a page, or a whole answer, was not sent in the place of what was wanted.

        Raises:
            EngineFailed: it was.
        """
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in refused:
            return
        said = self._safe(faults.sentence(await line.beginning(response)))
        why = f"its upstream sent {kind} in place of {wanted}: {said or 'no reason'}"
        raise EngineFailed(self._model, why=why)

    def _safe(self, said: object) -> str:
        return faults.words(str(said), secret=self._secret)


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
