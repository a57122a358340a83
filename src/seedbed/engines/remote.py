"""Models that others serve, over HTTP: a provider, or a server of the operator's own.

Floor 3. The card says where, in whose words and under which name; `seedbed.engines.upstreams` knows
the words. An upstream counts its tokens at the end, if ever: until it has, a bound stands in for
the count, so that no use goes unpriced.
"""

import math
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace
from typing import TypeVar

import structlog

from seedbed.core.ask import AnyAsk, Ask, CountAsk, EmbedAsk, Feature, RerankAsk, TokenizeAsk
from seedbed.core.errors import (
    EngineFailed,
    EngineUnreachable,
    FeatureUnserved,
    SeedbedError,
    UpstreamDiffers,
)
from seedbed.core.event import (
    Counted,
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
from seedbed.engines.upstreams import faults, line, naming, probing, vectors
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

_NO_STREAMS = frozenset({"text/html", "application/json"})
_NO_ANSWERS = frozenset({"text/html"})
_FAULTS = (SeedbedError, http.HttpFault, Unreadable)
"""What becomes a `Failed`."""
_Ask = TypeVar("_Ask", bound=AnyAsk)


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
        if upstream.cache_salt and upstream.dialect != OpenAi.name:
            raise ValueError(f"`cache_salt` is a word of vLLM's, and none of {upstream.dialect!r}")
        window, salts = spec.model.window, upstream.cache_salt
        served = Served(spec.model.name, upstream.model, window, upstream.serves, salts)
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
        self._theirs, self._aliases = upstream.model, upstream.aliases
        self.answers_as = ""
        """The other name that the upstream last answered as, if it did."""
        self.untold = 0
        """Answers whose tokens the upstream did not count, or not as could be believed."""

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Nothing to attach to."""

    def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """Stream one answer, or ask for it in one piece where nobody sees it before its end."""
        return self._whole(ask) if ask.whole else self._stream(ask)

    async def embed(self, ask: EmbedAsk) -> AsyncGenerator[Event]:
        """Ask for all vectors at once."""
        try:
            found = self._dialect.vectors(await self._body(self._dialect.embed, ask))
            self._name(found.model)
            packed = vectors.packed(found.vectors, wanted=len(ask.texts))
            told = self._read_only(ask, found.usage)
            events = [Embedded(ordinal, vector) for ordinal, vector in enumerate(packed)]
            for event in (Started(self._model), UsageNow(told), *events, Finished(Stop.END, told)):
                yield event
        except _FAULTS as fault:
            yield self._failed(fault)

    async def rerank(self, ask: RerankAsk) -> AsyncGenerator[Event]:
        """Ask for all scores at once."""
        try:
            found = self._dialect.scores(await self._body(self._dialect.rerank, ask))
            self._name(found.model)
            scores = vectors.ordered(found.scores, wanted=len(ask.texts))
            told = self._read_only(ask, found.usage)
            events = [Ranked(ordinal, score) for ordinal, score in enumerate(scores)]
            for event in (Started(self._model), UsageNow(told), *events, Finished(Stop.END, told)):
                yield event
        except _FAULTS as fault:
            yield self._failed(fault)

    async def count(self, ask: CountAsk) -> AsyncGenerator[Event]:
        """Ask for the count, which takes none of the upstream's tokens."""
        try:
            tokens = self._dialect.counted(await self._body(self._dialect.count, ask.ask))
            counted, end = Counted(tokens), Finished(Stop.END, Usage())
            for event in (Started(self._model), counted, end):
                yield event
        except _FAULTS as fault:
            yield self._failed(fault)

    async def tokenize(self, ask: TokenizeAsk) -> AsyncGenerator[Event]:
        """No dialect here has words for it."""
        yield Failed(FeatureUnserved(ask.model, "cutting texts into tokens"))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._line.aclose()

    async def _stream(self, ask: Ask) -> AsyncGenerator[Event]:
        answer = self._answer(ask)
        reader = self._dialect.reader()
        try:
            with await self._open(self._dialect.ask, ask) as response:
                if line.kind(response) in _NO_STREAMS:
                    raise await self._misplaced(response, "a stream")
                received = line.Events(response)
                async for sent in response:
                    for data in received.feed(sent):
                        for event in answer.take(reader.read(data)):
                            yield event
                        if answer.is_over:
                            break
                    if answer.is_over:
                        break
                yield self._end(answer)
                await line.ended(response)
        except _FAULTS as fault:
            yield self._failed(fault)

    async def _whole(self, ask: Ask) -> AsyncGenerator[Event]:
        """The same events, of an answer in one piece.

        Nothing may come until all is done, however long that takes.
        """
        answer = self._answer(ask)
        try:
            body = await self._body(self._dialect.ask, ask, silence=math.inf)
            answer.is_over = True
            for event in answer.take(self._dialect.reader().whole(body)):
                yield event
            yield self._end(answer)
        except _FAULTS as fault:
            yield self._failed(fault)

    def _answer(self, ask: Ask) -> Answer:
        tally = Tally(ask, window=self._window)
        return Answer(self._model, tally, safe=self._safe, named=self._name)

    def _name(self, told: str) -> None:
        """Take the name that an answer came under.

        Raises:
            UpstreamDiffers: it is another model's.
        """
        if not told or naming.is_same(self._theirs, told):
            return
        self.answers_as = self._safe(told)
        if not naming.is_same(self._theirs, told, self._aliases):
            raise UpstreamDiffers(self._model, wanted=self._theirs, told=self.answers_as)

    def _end(self, answer: Answer) -> Finished:
        end = answer.end()
        self._note(answer.tally)
        return end

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

    async def _open(
        self, say: Callable[[_Ask], Request], ask: _Ask, *, silence: float | None = None
    ) -> Response:
        """The answer to an ask, which is said again where its words can be learnt.

        It may be silent for `silence` seconds, or for as long as the line allows.

        Raises:
            SeedbedError: the upstream refused it.
        """
        while True:
            response = await self._line.ask(say(ask), silence=silence)
            status = response.status_code
            if status == 200:
                return response
            with response:
                refused = await line.beginning(response)
            words = refused.decode(errors="replace")
            if status not in {400, 422} or not self._dialect.adapt(words):
                after = line.retry_after(response)
                raise faults.refusal(
                    self._model, status, refused, secret=self._secret, retry_after=after
                )

    async def _body(
        self, say: Callable[[_Ask], Request], ask: _Ask, *, silence: float | None = None
    ) -> bytes:
        """The answer to an ask, in one piece.

        Raises:
            SeedbedError: the upstream refused it, or sent a page for people.
        """
        with await self._open(say, ask, silence=silence) as response:
            if line.kind(response) in _NO_ANSWERS:
                raise await self._misplaced(response, "an answer")
            return await line.body(response, most=line.LONGEST_BODY)

    async def _misplaced(self, response: Response, wanted: str) -> EngineFailed:
        """That a page, or a whole answer, was sent in the place of what was wanted."""
        said = self._safe(faults.sentence(await line.beginning(response)))
        kind = line.kind(response)
        why = f"its upstream sent {kind} in place of {wanted}: {said or 'no reason'}"
        was_answered = kind == "application/json" and not said
        return EngineFailed(self._model, why=why, begun=was_answered)

    def _failed(self, fault: Exception) -> Failed:
        """A fault as the last event."""
        match fault:
            case SeedbedError():
                return Failed(fault)
            case http.Unreachable():
                why = f"no connection ({self._safe(fault)})"
                return Failed(EngineUnreachable(self._model, why=why))
            case http.Silent():
                why = f"its upstream sent nothing for {self._line.silence:g} s"
            case http.HungUp():
                log.warning("upstream.hung_up", model=self._model)
                why = "its upstream hung up before the end"
            case _:
                why = f"its upstream sent what cannot be read ({self._safe(fault)})"
        return Failed(EngineFailed(self._model, why=why, begun=True))

    def _safe(self, said: object) -> str:
        return faults.words(str(said), secret=self._secret)


async def probe(spec: Spec) -> Probed:
    """Find out what an upstream serves, by a dozen requests of a few tokens each.

    Raises:
        EngineFailed: it cannot be reached, refuses the key, or serves no model of that name.
        ValueError: as `make` does.
    """
    upstream = spec.model.upstream
    # what it serves and what it answers as are the things to find out
    anything = upstream and replace(upstream, serves=frozenset(Feature), aliases=("*",))
    engine = make(replace(spec, model=replace(spec.model, upstream=anything)))
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
