"""Which deployments may answer an ask, and in which order.

Floor 4. A model has one deployment or several, and a rule by which one is chosen. A caller may name
one: `model@deployment`. Where others stand in for a model, they come after all of its own.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from seedbed.core.ask import AnyAsk, Ask, Priority
from seedbed.core.errors import FeatureUnserved, ModelUnknown, ModelUnpriced
from seedbed.core.fleet import Fleet
from seedbed.core.policy import Policy
from seedbed.core.prefix import chain
from seedbed.core.usage import Usage
from seedbed.kit.clock import Clock
from seedbed.serving.account import Order
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.placement import Candidate, Rule, place, shortlist
from seedbed.serving.speed import Doing, Estimate, Pressure
from seedbed.serving.way import Way

_MEDIA_BYTES = 4
"""Bytes for each token of the window that a prompt with media may have."""
_MANY = 16
"""Deployments of one model; of more than that only some are looked at for each ask."""
_SESSIONS = 10_000
_FLEET = Fleet()


@dataclass(frozen=True, slots=True)
class _Choice:
    """The deployments that go by one name, and by what rule one of them is chosen."""

    lives: tuple[LiveDeployment, ...]
    rule: Rule
    fallbacks: tuple[str, ...] = ()


class Router:
    """Knows every name that can be asked for. `fleets` are by model."""

    def __init__(
        self,
        deployments: Sequence[LiveDeployment],
        fleets: Mapping[str, Fleet],
        *,
        clock: Clock,
        random: Random | None = None,
    ) -> None:
        self._clock = clock
        self._here = [live for live in deployments if live.deployment.own_hardware]
        self._random = random or Random()  # noqa: S311 - by which nothing is kept secret
        self._choices: dict[str, _Choice] = {}
        self._last: OrderedDict[tuple[str, bytes], str] = OrderedDict()
        by_model: dict[str, list[LiveDeployment]] = {}
        for live in deployments:
            by_model.setdefault(live.deployment.model.name, []).append(live)
        for model, lives in by_model.items():
            fleet = fleets.get(model, _FLEET)
            pinned = (f"{model}@{fleet.pinned}",) if fleet.pinned else ()
            rule = Rule(fleet.policy, pinned)
            for name in dict.fromkeys(
                name for live in lives for name in live.deployment.model.names
            ):
                having = tuple(live for live in lives if name in live.deployment.model.names)
                self._choices[name] = _Choice(having, rule, fleet.fallbacks)
            for live in lives:
                self._choices[live.name] = _Choice((live,), Rule(Policy.PINNED, (live.name,)))

    def find(self, order: Order) -> Way:
        """Where an ask may go.

        Raises:
            ModelUnknown, FeatureUnserved
        """
        ask = order.ask
        choice = self._choices.get(ask.model)
        if choice is None:
            raise ModelUnknown(ask.model, known=tuple(self.named))
        lives = choice.lives
        needed = ask.needs
        if len(lives) == 1 and not choice.fallbacks:
            live = lives[0]
            if not needed <= live.engine.features:
                raise FeatureUnserved(ask.model, min(needed - live.engine.features).value)
            size = self._size(ask, live)
            links = chain(ask) if isinstance(ask, Ask) and live.wants_links(size) else ()
            due = None if ask.deadline is None else self._due(ask)
            return Way(order, lives, "", size, due, links)
        return self._choose(order, choice)

    @property
    def named(self) -> Mapping[str, LiveDeployment]:
        """Every model that can be asked for, with the first of its deployments."""
        return {name: one.lives[0] for name, one in self._choices.items() if "@" not in name}

    def only(self, name: str) -> LiveDeployment | None:
        """The deployment of that name, if there is one and no choice."""
        choice = self._choices.get(name)
        return choice.lives[0] if choice and len(choice.lives) == 1 else None

    def answered(self, way: Way, live: LiveDeployment) -> None:
        """Remember where a session was served."""
        if way.placement is None or not way.links:
            return
        key = _session(way)
        self._last[key] = live.name
        self._last.move_to_end(key)
        if len(self._last) > _SESSIONS:
            self._last.popitem(last=False)

    def _choose(self, order: Order, choice: _Choice) -> Way:
        ask = order.ask
        able = self._able(ask, choice.lives)
        size = self._size(ask, choice.lives[0])
        matters = isinstance(ask, Ask) and any(live.wants_links(size) for live in able)
        links = chain(ask) if matters and isinstance(ask, Ask) else ()
        way = Way(order, (), choice.rule.policy.value, size, self._due(ask), links)
        last = self._last.get(_session(way)) if links else None
        looked = able
        if len(able) > _MANY:
            pinned = [live for live in able if live.name in choice.rule.pinned]
            surely = (*pinned, *_holders(way, able))
            looked = shortlist(_alike(able), surely, self._random)
        candidates = [self._candidate(way, live, last) for live in looked]
        rule = choice.rule
        if ask.priority is Priority.BATCH:  # nobody waits for it
            rule = replace(rule, micros_per_second=0.0)
        way.placement = place(rule, candidates, within=ask.deadline)
        by_name = {live.name: live for live in looked}
        own = [by_name[name] for name in way.placement.order]
        others = [
            live
            for name in choice.fallbacks
            if name in self._choices
            for live in self._able(ask, self._choices[name].lives)
        ]
        if not own and not others:
            if not able:
                needed = ask.needs - choice.lives[0].engine.features
                raise FeatureUnserved(ask.model, min(needed).value)
            own = self._anyway(rule, looked)
        way.lives = tuple(dict.fromkeys((*own, *others)))  # a model may stand in for itself
        return way

    def _anyway(self, rule: Rule, lives: Sequence[LiveDeployment]) -> list[LiveDeployment]:
        """Who is asked where nobody can be, and tells why: who is left alone for now, if any is."""
        wanted = [live for live in lives if live.name in rule.pinned] or [*lives]
        now = self._clock.now()
        return [live for live in wanted if live.health.why_not(now)] or wanted

    def _able(self, ask: AnyAsk, lives: Sequence[LiveDeployment]) -> list[LiveDeployment]:
        return [live for live in lives if ask.needs <= live.engine.features]

    def _candidate(self, way: Way, live: LiveDeployment, last: str | None) -> Candidate:
        order = way.order
        work = way.work(live)
        if way.links:
            coming = live.leading.computing(way.links, way.owner(live))
            work = replace(work, cached_bytes=max(work.cached_bytes, coming))
        speed = live.load_now.speed
        estimate = speed.estimate(work, self._pressure(live))
        fresh = (work.input_bytes - work.cached_bytes) / speed.bytes_per_token
        cached = work.cached_bytes / speed.bytes_per_token
        output = speed.output if work.output is None else min(work.output, speed.output)
        usage = Usage(round(fresh), round(cached), output_visible=round(output))
        try:
            held = estimate.hardware_seconds if live.deployment.own_hardware else 0.0
            micros = live.today().cost(usage, round(held * 1e6)).micros
        except ModelUnpriced:
            micros = None
        return Candidate(
            live.name,
            micros,
            estimate,
            waiting=_waiting(live, order, estimate),
            cached_bytes=work.cached_bytes,
            why_not=live.health.why_not(self._clock.now()),
            is_local=live.deployment.own_hardware,
            is_last=live.name == last,
        )

    def _due(self, ask: AnyAsk) -> float | None:
        return None if ask.deadline is None else self._clock.now() + ask.deadline

    def _pressure(self, live: LiveDeployment) -> Doing:
        """What the hardware does at this moment: that of our own is shared by all deployments."""
        if not live.deployment.own_hardware:
            return live.load_now
        loads = [other.load_now for other in self._here]
        return Pressure(
            sum(load.answers for load in loads), sum(load.reading_bytes for load in loads)
        )

    def _size(self, ask: AnyAsk, live: LiveDeployment) -> int:
        size = ask.most_input
        return live.deployment.model.window * _MEDIA_BYTES if size is None else size


def _waiting(live: LiveDeployment, order: Order, estimate: Estimate) -> float:
    """Seconds until it would have a place there: those who wait aside for a leader come first."""
    places = live.deployment.places
    beyond = max(0, live.leading.aside + 1 - places)
    in_line = live.queue.expected_wait(order.ask.priority, order.principal.key)
    return in_line + beyond / places * estimate.total


def _alike(lives: Sequence[LiveDeployment]) -> list[list[LiveDeployment]]:
    """Deployments in groups of the same engine, places and price."""
    groups: dict[tuple[object, ...], list[LiveDeployment]] = {}
    for live in lives:
        one = live.deployment
        alike = one.engine, one.places, one.cores, one.own_hardware, one.model.price
        groups.setdefault(alike, []).append(live)
    return list(groups.values())


def _holders(way: Way, lives: Sequence[LiveDeployment]) -> Iterator[LiveDeployment]:
    """Those that have some of the prompt in their caches."""
    return (live for live in lives if way.links and way.work(live).cached_bytes)


def _session(way: Way) -> tuple[str, bytes]:
    """By what a session is known: its project, and how its prompts begin."""
    return way.order.principal.project, way.links[0].digest
