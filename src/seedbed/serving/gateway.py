"""The one road: reserve, place, run, settle.

Floor 4. Every model call, from any door, agent, document or evaluation, is `Gateway.generate`. It
adds nothing to the events but the entry that the last one is settled with.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import ceil
from types import MappingProxyType
from typing import TypeGuard, TypeVar

import anyio

from seedbed.core.access import Scope
from seedbed.core.ask import AnyAsk, Ask, CountAsk, ImageAsk, SceneAsk, TokenizeAsk
from seedbed.core.errors import (
    BudgetReserved,
    BudgetSpent,
    DeadlineExceeded,
    EngineFailed,
    ModelUnpriced,
    RequestRefused,
    ScopeMissing,
    SeedbedError,
    Unavailable,
)
from seedbed.core.event import Event, Failed
from seedbed.core.film import VideoAsk
from seedbed.core.fleet import Fleet
from seedbed.core.money import Amount, Entry
from seedbed.core.sound import ListenAsk, SpeechAsk
from seedbed.core.usage import Usage
from seedbed.kit.clock import Clock
from seedbed.kit.interrupt import Deadline
from seedbed.serving.account import Account, Books, Order, refused
from seedbed.serving.checks import NO_PROGRAMS, Checks
from seedbed.serving.counting import Counting
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.entrance import Entrance
from seedbed.serving.metering import Meter, Promise
from seedbed.serving.observing import Record
from seedbed.serving.routing import Router
from seedbed.serving.verifying import check
from seedbed.serving.way import Way

N = TypeVar("N", int, float)

_MODELS = Scope.MODELS  # to look into an enum takes as long as three calls

_TOLD_TOKENS = 256
"""Of a prompt that were found in a cache: fewer are no tale by themselves."""
_UNPAID = (ModelUnpriced, BudgetSpent, BudgetReserved)
"""Why an order cannot be paid at one deployment, and perhaps at another."""
FILM_SECONDS = 3_600.0
"""How long a film may take: nobody waits for it at the other end of a line."""
_STOPPING_SECONDS = 30.0
"""How long a door may be stuck with a caller, and an engine take to let go, past the deadline."""


class Gateway:
    """The way to every model of this house. `note` takes what happened, for those who look;
    `fleets` says, by model, how one of several deployments is chosen; `checks` are those that a
    caller may ask for; `salt` makes of a project the name that upstreams are told in its place.
    """

    def __init__(  # noqa: PLR0913 - each is a figure of the house's
        self,
        deployments: Sequence[LiveDeployment],
        meter: Meter,
        *,
        clock: Clock,
        engine_within: float,
        longest_answer: float,
        note: Callable[[Record], None] = lambda _: None,
        fleets: Mapping[str, Fleet] = MappingProxyType({}),
        checks: Checks = NO_PROGRAMS,
        salt: bytes = b"",
    ) -> None:
        self.deployments = tuple(deployments)
        self._router = Router(self.deployments, fleets, clock=clock)
        self._checks = checks
        self._entrance = Entrance(clock, checks, engine_within=engine_within, salt=salt)
        self._meter = meter
        self._clock = clock
        self._longest_answer = longest_answer
        self.note = note
        self._books = Books(meter, clock, note)
        self._counting = Counting(
            self._find, note, clock=clock, engine_within=engine_within, longest=longest_answer
        )

    @property
    def named(self) -> Mapping[str, LiveDeployment]:
        """Every model that can be asked for, with the first of its deployments."""
        return self._router.named

    @property
    def trouble(self) -> dict[str, str]:
        """What keeps this house from answering at the moment, by part; empty when nothing does."""
        at_rest = {"ready", "unloaded"}  # the next ask loads what was unloaded
        engines = {live.name: live.state for live in self.deployments if live.state not in at_rest}
        return engines | ({"ledger": self._meter.trouble} if self._meter.trouble else {})

    def generate(self, order: Order) -> AsyncGenerator[Event]:
        """Yield one stream as `seedbed.core.event` describes it."""
        ask = order.ask
        if type(ask) is CountAsk or type(ask) is TokenizeAsk or type(ask) is SceneAsk:
            return self._counting.generate(order, ask)
        return self._paid(order)

    async def _paid(self, order: Order) -> AsyncGenerator[Event]:
        """The stream of an ask that a model answers.

        What it may cost is reserved first, what it did cost is settled with its last event. The
        stream may be closed at any point: what was used until then is settled as `cancelled`.
        """
        began, way = self._clock.wall(), None
        try:
            way = self._find(order)
            account = await self._open(way, began)
        except SeedbedError as refusal:
            self._tell(way or Way(order), began, refusal.code, refusal.what, None)
            self.note(refused(order, refusal.code, self._clock))
            yield Failed(refusal)
            return
        try:
            async with Deadline(seconds := self._seconds(order.ask)) as deadline:
                event, events = await self._begin(account, way, deadline)
                try:
                    while event is not None:
                        yield account.see(event)
                        event = None if deadline.is_past else await anext(events, None)
                finally:
                    await deadline.close(events)
            if account.is_open:
                late = DeadlineExceeded(seconds=seconds) if deadline.is_past else None
                yield account.see(Failed(late or _cut_off(order.ask)))
        except SeedbedError as refusal:
            yield account.see(Failed(refusal))
        except (GeneratorExit, anyio.get_cancelled_exc_class()):
            account.close("cancelled")
            raise
        finally:
            account.close("failed")

    def price(self, name: str, usage: Usage) -> int | None:
        """What a deployment would take for that usage, in micros, as far as it is known."""
        live = self._router.only(name)
        if live is None:
            return None
        held = live.load_now.speed.held(usage) if live.deployment.own_hardware else 0.0
        try:
            return live.today().cost(usage, round(held * 1e6)).micros
        except ModelUnpriced:
            return None

    def _tell(self, way: Way, began: float, code: str, why: str, entry: Entry | None) -> None:
        """Keep the way of an ask for whoever wants to know, if there is anything to tell."""
        told, gain = way.order.told, entry and way.spared(entry)
        if told is not None or way.has_tale(code) or (gain and gain.tokens >= _TOLD_TOKENS):
            route = way.told(round(began * 1e6), code, why, refused=entry is None)
            (told or self._meter.tell)(replace(route, spared=gain))

    def _find(self, order: Order) -> Way:
        """Find out where the order may go.

        Raises:
            ScopeMissing, ModelUnknown, FeatureUnserved
        """
        if not order.principal.may(_MODELS):
            raise ScopeMissing(_MODELS.value)
        return self._router.find(order)

    async def _open(self, way: Way, began: float) -> Account:
        """Set aside the most that the order can cost at the first that can be paid.

        Raises:
            RequestMalformed, CheckUnknown, ModelUnpriced, BudgetSpent, BudgetReserved,
            SettingRefused, LedgerUnavailable
        """
        order = way.order
        if isinstance(order.ask, Ask):
            await check(order.ask)
            if order.ask.checks:
                self._checks.refuse(order.ask.checks)
        live, promise, most = await self._first_paid(way)
        tell = partial(self._tell, way, began)
        return Account(order, live, promise, most=most, books=self._books, tell=tell)

    async def _first_paid(self, way: Way) -> tuple[LiveDeployment, Promise, Usage]:
        """The first that the order can pay, with the promise; those before it are passed over.

        Raises:
            ModelUnpriced, BudgetSpent, BudgetReserved: the last cannot be paid, either.
        """
        for nth, live in enumerate(way.lives):
            try:
                promise, most = await self._promise(way, live)
            except _UNPAID as refusal:
                way.failed(live, refusal)
                if live is way.lives[-1]:
                    raise
            else:
                way.lives = way.lives[nth:]
                return live, promise, most
        raise AssertionError("the last is the last")

    async def _promise(
        self, way: Way, live: LiveDeployment, sunk: int = 0
    ) -> tuple[Promise, Usage]:
        """Set aside the most that the order can cost there, and what it has cost already."""
        ask, principal = way.order.ask, way.order.principal
        money, most = self._most(live, ask, way.input_bytes)
        if sunk:
            money = Amount(money.micros + sunk, money.currency)
        tokens = most.input_fresh + most.output_visible
        promise = self._meter.promise_now(principal, money, tokens)
        if promise is None:
            promise = await self._meter.promise(principal, money, tokens)
        return promise, most

    def _most(self, live: LiveDeployment, ask: AnyAsk, read: int) -> tuple[Amount, Usage]:
        """The most that an ask can cost, and the most that it can use, of so many bytes to read.

        An ask is one text within one window; of the others each text has a window of its own, and
        pictures, films and sound have none.
        """
        if isinstance(ask, ImageAsk | VideoAsk | SpeechAsk | ListenAsk):
            return self._most_made(live, ask, read)
        window = live.deployment.model.window
        if isinstance(ask, Ask):
            read = _least(read, window)
        written = window if ask.most_output is None else _least(ask.most_output, window)
        seconds = self._seconds(ask) + _STOPPING_SECONDS
        money = live.bound(input_tokens=read, output_tokens=written, seconds=seconds)
        return money, Usage(input_fresh=read, output_visible=written)

    def _most_made(
        self, live: LiveDeployment, ask: ImageAsk | VideoAsk | SpeechAsk | ListenAsk, read: int
    ) -> tuple[Amount, Usage]:
        images = ask.count if isinstance(ask, ImageAsk) else 0
        film = ceil(ask.most_seconds * 1_000) if isinstance(ask, VideoAsk) else 0
        sound = ask.most_sound if isinstance(ask, SpeechAsk | ListenAsk) else 0
        money = live.bound(
            input_tokens=read,
            output_tokens=ask.most_output,
            seconds=self._seconds(ask) + _STOPPING_SECONDS,
            images=images,
            film=film,
            sound=sound,
        )
        used = Usage(input_fresh=read, output_visible=ask.most_output)
        return money, replace(used, images=images, film_milliseconds=film, sound_milliseconds=sound)

    def _seconds(self, ask: AnyAsk) -> float:
        longest = FILM_SECONDS if isinstance(ask, VideoAsk) else self._longest_answer
        return _least(ask.deadline, longest) if ask.deadline else longest

    async def _begin(
        self, account: Account, way: Way, deadline: Deadline
    ) -> tuple[Event | None, AsyncGenerator[Event]]:
        """Ask where the way leads first; where that fails before it begins, where it leads next.

        Raises:
            Unavailable, EngineFailed: the last could not be asked.
        """
        for nth, live in enumerate(way.lives, start=1):
            is_last = nth == len(way.lives)
            try:
                if nth > 1:
                    account.give_back()
                    promise, most = await self._promise(way, live, account.sunk.micros)
                    account.move(live, promise, most)
                event, events = await self._entrance.ask(account, way, live, deadline)
            except (Unavailable, BudgetSpent) as refusal:
                way.failed(live, refusal)
                if is_last:
                    raise
                continue
            if is_last or not _may_pass_on(event):
                self._note_answered(way, live, event)
                return event, events
            await deadline.close(events)
            account.leave(event.error)
            way.failed(live, event.error)
        raise AssertionError("the last is the last")

    def _note_answered(self, way: Way, live: LiveDeployment, event: Event | None) -> None:
        if type(event) is Failed:
            way.failed(live, event.error)
        else:
            way.attempts += (live.answered,)
            if way.placement is not None:
                self._router.answered(way, live)


def _least(one: N, other: N) -> N:
    return one if one < other else other  # `min` would take three times as long, for each ask


def _cut_off(ask: AnyAsk) -> EngineFailed:
    return EngineFailed(ask.model, why="its stream was cut off before its end")


def _may_pass_on(event: Event | None) -> TypeGuard[Failed]:
    """Whether somebody else may answer: it failed before it told anything, and not for the ask's
    fault. What it may have used by then is paid all the same.
    """
    return type(event) is Failed and not isinstance(event.error, RequestRefused | DeadlineExceeded)
