"""Finding out what an upstream serves, by asking for it.

Floor 3. A dozen requests of at most 16 tokens each, which `seedbed.engines.upstreams.trials` has.
An upstream that passes over what it does not know answers all the same, so an answer counts only
where what was asked for can be seen in it.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from seedbed.core.ask import Ask, CountAsk, EmbedAsk, Feature, RerankAsk
from seedbed.core.errors import EngineUnreachable, SeedbedError, UpstreamRefused
from seedbed.core.event import Event, Reply, Stop
from seedbed.engines.upstreams.trials import Trial, trials


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found. `lacking` tells of each other feature why, in the upstream's own words.

    Without `tells_usage` the upstream does not count its tokens, and a bound is priced instead.
    `answers_as` is the name that it answers as, where that is another than it was asked for by.
    """

    features: frozenset[Feature]
    lacking: Mapping[Feature, str]
    tells_usage: bool
    answers_as: str = ""


class Probable(Protocol):
    """An engine that can be asked for everything, and counts what it was not told."""

    features: frozenset[Feature]
    untold: int
    answers_as: str

    def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """As an engine does."""
        ...

    def embed(self, ask: EmbedAsk) -> AsyncGenerator[Event]:
        """As an engine does."""
        ...

    def rerank(self, ask: RerankAsk) -> AsyncGenerator[Event]:
        """As an engine does."""
        ...

    def count(self, ask: CountAsk) -> AsyncGenerator[Event]:
        """As an engine does."""
        ...


async def probe(engine: Probable, model: str) -> Probed:
    """Ask for each feature that the dialect has words for.

    Raises:
        EngineFailed: the upstream cannot be reached, refuses us, or serves none of its ways.
    """
    lacking: dict[Feature, SeedbedError | str] = {}
    asks = trials(model)
    ways: dict[Feature, AsyncGenerator[Event]] = {
        Feature.EMBEDDING: engine.embed(EmbedAsk(model, ("a",))),
        Feature.RERANK: engine.rerank(RerankAsk(model, "a", ("a", "b"))),
        Feature.TOKENS: engine.count(CountAsk(asks[Feature.CHAT][0].ask)),
    }
    for feature in sorted(engine.features, key=list(Feature).index):
        if feature in ways:
            fault = await _fault(ways[feature])
        elif feature is not Feature.COMPLETION and Feature.CHAT in lacking:
            fault = "it does not serve chat"
        else:
            fault = await _tried(engine, asks[feature])
        if fault is not None:
            lacking[feature] = fault
    found = engine.features - set(lacking)
    if not found and isinstance(why := lacking[Feature.CHAT], SeedbedError):
        raise why
    words = {feature: _words(fault) for feature, fault in lacking.items()}
    return Probed(found, words, not engine.untold, engine.answers_as)


async def _tried(engine: Probable, row: Sequence[Trial]) -> SeedbedError | str | None:
    """Why the first of the answers that does not count does not, or none."""
    for trial in row:
        fault = await _fault(engine.generate(trial.ask), trial)
        if fault is not None:
            return fault
    return None


async def _fault(
    events: AsyncGenerator[Event], trial: Trial | None = None
) -> SeedbedError | str | None:
    """Why an answer does not count, or none.

    Raises:
        EngineUnreachable, UpstreamRefused: nothing else would be answered, either.
    """
    try:
        async with aclosing(events):
            reply = Reply.of([event async for event in events])
    except (EngineUnreachable, UpstreamRefused):
        raise
    except SeedbedError as error:
        return error
    if trial is None or trial.seen(reply):
        return None
    cut = reply.stop == Stop.LENGTH and not (reply.text or reply.calls)
    return trial.unseen if cut else "it answers as if it had not been asked for"


def _words(fault: SeedbedError | str) -> str:
    return fault if isinstance(fault, str) else fault.what
