"""The way into one deployment: its engine ready, its queue, the prefix that another computes.

Floor 4. A leader is followed before a place is taken, so that nobody holds one who only waits. Who
is given a place while somebody else computes its prefix gives it back and follows first.
"""

import hmac
import math
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace

from seedbed.core.ask import AnyAsk, Ask, EmbedAsk, ImageAsk, Memory, RerankAsk
from seedbed.core.errors import EngineResting, EngineUnreachable
from seedbed.core.event import Event, Failed, Finished, UsageNow
from seedbed.core.film import VideoAsk
from seedbed.core.sound import ListenAsk, SpeechAsk
from seedbed.core.value import changed
from seedbed.engines.base import Engine
from seedbed.kit.clock import Clock
from seedbed.kit.interrupt import Deadline
from seedbed.serving.account import Account
from seedbed.serving.admission import Place
from seedbed.serving.checks import Checks
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.fairness import Ticket
from seedbed.serving.stay import Stay
from seedbed.serving.verifying import verified
from seedbed.serving.way import Way

_LIVES = 2
"""Lives of an engine's process that one ask may meet, as long as none has begun on it."""


class Entrance:
    """Brings asks to deployments. `engine_within` is how many seconds one waits for an engine.

    `salt` makes of a project the name that upstreams are told in its place.
    """

    def __init__(
        self, clock: Clock, checks: Checks, *, engine_within: float, salt: bytes = b""
    ) -> None:
        self._clock, self._checks = clock, checks
        self._engine_within, self._salt = engine_within, salt

    async def ask(
        self, account: Account, way: Way, live: LiveDeployment, deadline: Deadline
    ) -> tuple[Event | None, AsyncGenerator[Event]]:
        """Ask the engine; where it is gone before it began, ask its next life.

        Raises:
            EngineStarting, EngineResting, CapacityExceeded, DeadlineExceeded
        """
        for lives in range(1, _LIVES + 1):
            life, stay, ask = await self._enter(way, live, deadline)
            account.enter(stay)
            events = deadline.bound(self._asked(live.engine, ask, stay))
            try:
                first = None if deadline.is_past else await anext(events, None)
            except BaseException:
                await deadline.close(events)
                raise
            if lives == _LIVES or type(first) is not Failed or not _is_gone(first):
                return first, events
            await deadline.close(events)
            account.leave(first.error)
            live.condemn(life)
        raise AssertionError("the last life is the last")

    async def _enter(
        self, way: Way, live: LiveDeployment, deadline: Deadline
    ) -> tuple[int, Stay, AnyAsk]:
        """Wait for whatever must be waited for: memory, the engine, a leader, a place."""
        within, use = self._engine_within, None
        if live.residency is not None:
            use = await deadline.during(live.admit(way.order.ask.priority, within=within))
        try:
            life = live.life_now or await deadline.during(live.ready(within=within))
            live.see_life(life)
            self._see_that_it_is_well(live)
            stay, ask = await self._stay(way, live, deadline)
        except BaseException:
            if use is not None:
                use.end()
            raise
        stay.use = use
        if live.health.is_open:  # take leave in the step in which it was seen to be well
            live.health.begin(self._clock.now())
        return life, stay, ask

    async def _stay(
        self, way: Way, live: LiveDeployment, deadline: Deadline
    ) -> tuple[Stay, AnyAsk]:
        """Wait for a leader and a place.

        Raises:
            CapacityExceeded, DeadlineExceeded
        """
        load, work = live.load_now, way.work(live)
        if not way.links:
            place = live.queue.enter_now(ticket := _ticket(way, live, load.total(work)))
            if place is None:
                place = self._kept(await self._in_line(way, live, ticket, deadline), live)
            stay = Stay(live, place, load.begin(work), self._clock)
            return stay, self._remembering(_named(way, live), live, way, fresh=False)
        turn = live.leading.turn(
            way.links, way.owner(live), who=way.order.request_id, alone=load.alone
        )
        place = await deadline.during(turn.enter(lambda: self._room(way, live, deadline)))
        way.led = turn.led or way.led
        expected = load.estimate(work).first if turn.shared else 0.0
        run = load.begin(left := way.work(live), shared=turn.shared)
        way.known = 0 if turn.fresh else max(left.cached_bytes, turn.shared)
        stay = Stay(live, place, run, self._clock, turn=turn, expected=expected)
        return stay, self._remembering(_named(way, live), live, way, fresh=turn.fresh)

    async def _room(self, way: Way, live: LiveDeployment, deadline: Deadline) -> Place:
        """A place, now or in turn, for what is left to compute by then."""
        ticket = _ticket(way, live, live.load_now.total(way.work(live)))
        place = live.queue.enter_now(ticket) or await self._in_line(way, live, ticket, deadline)
        return self._kept(place, live)

    def _kept(self, place: Place, live: LiveDeployment) -> Place:
        """A place that was waited for, if others have not found the deployment failing meanwhile.

        Raises:
            EngineResting
        """
        try:
            self._see_that_it_is_well(live)
        except EngineResting:
            place.give()
            raise
        return place

    async def _in_line(
        self, way: Way, live: LiveDeployment, ticket: Ticket, deadline: Deadline
    ) -> Place:
        began, way.position = self._clock.now(), live.queue.depth
        try:
            return await deadline.during(live.queue.enter(ticket))
        finally:
            way.waited += self._clock.now() - began

    def _remembering(self, ask: AnyAsk, live: LiveDeployment, way: Way, *, fresh: bool) -> AnyAsk:
        """The ask with what of its prefix may be used again, which engines of ours look at, and
        upstreams that take a salt. What these are told tells nothing of the project.
        """
        upstream = live.deployment.model.upstream
        takes_salt = upstream is not None and upstream.cache_salt
        if not isinstance(ask, Ask) or not (live.deployment.own_hardware or takes_salt):
            return ask
        owner = way.owner(live)
        if not takes_salt:
            return changed(ask, memory=Memory(owner, fresh))
        if owner:  # by the salt it keeps projects apart: nothing need be fresh
            owner = hmac.digest(self._salt, owner.encode(), "sha256").hex()
        return changed(ask, memory=Memory(owner))

    def _asked(self, engine: Engine, ask: AnyAsk, stay: Stay) -> AsyncGenerator[Event]:
        """Ask in the way that the ask needs; that the engine serves it has been seen."""
        verb = getattr(engine, _VERBS[type(ask)], None)
        if verb is None:
            raise TypeError(f"{type(engine).__name__} names a feature that it does not have")
        events: AsyncGenerator[Event] = verb(ask)
        if not isinstance(ask, Ask):
            return events
        if not ask.checks:
            return verified(ask, events)
        events = _leaving(stay, events)
        return self._checks.verified(ask, ask.checks, verified(ask, events))

    def _see_that_it_is_well(self, live: LiveDeployment) -> None:
        if live.supervisor is not None or not live.health.is_open:
            return
        now = self._clock.now()
        if (why := live.health.why_not(now)) is not None:
            again = max(1, math.ceil(live.health.again_in(now)))
            raise EngineResting(live.deployment.model.name, why=why, retry_after=again)


def _ticket(way: Way, live: LiveDeployment, seconds: float) -> Ticket:
    ask = way.order.ask
    deadline = None
    if ask.deadline is not None and live.load_now.speed.served:  # nobody is refused on a guess
        deadline = way.due
    return Ticket(way.order.principal.key, ask.priority, seconds, deadline, way.input_bytes)


def _named(way: Way, live: LiveDeployment) -> AnyAsk:
    """The ask as an engine is to read it, which knows its own model and no deployments."""
    ask, model = way.order.ask, live.deployment.model
    if ask.model == model.name:
        return ask
    return replace(ask, model=live.deployment.called(ask.model))


_VERBS: Mapping[type[AnyAsk], str] = {
    Ask: "generate",
    EmbedAsk: "embed",
    RerankAsk: "rerank",
    ImageAsk: "paint",
    VideoAsk: "film",
    SpeechAsk: "speak",
    ListenAsk: "listen",
}
"""What an engine does with each kind of ask that takes a place; to look for its protocol would cost
as much as to answer."""


async def _leaving(stay: Stay, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
    """The same events, with the place given back before the end is told: what is done with a whole
    answer may take seconds, and needs no engine. Its usage is told first, for whoever is cancelled
    by then.
    """
    end = None
    async with aclosing(events):
        async for event in events:
            if type(event) is Finished:
                end = event  # told once the engine has let go of it
            else:
                yield event
    if end is not None:
        stay.end(end.usage)
        yield UsageNow(end.usage)
        yield end


def _is_gone(event: Failed) -> bool:
    return isinstance(event.error, EngineUnreachable)
