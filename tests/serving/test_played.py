"""Many asks at several deployments, whatever becomes of each: in the end nothing is held any more,
and the books say what the leases spent.
"""

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from random import Random

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.access import Principal
from seedbed.core.ask import Ask, Limits, Priority
from seedbed.core.budget import Measure
from seedbed.core.errors import EngineFailed, EngineUnreachable, RequestMalformed
from seedbed.core.event import Event, Failed, Finished, Started, Stop, TextDelta, UsageNow
from seedbed.core.fleet import Fleet, Place
from seedbed.core.message import Message, Role, Text
from seedbed.core.policy import Policy
from seedbed.core.prices import Tariff, Unit
from seedbed.core.usage import Usage
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.account import Order
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.residency import Residency
from seedbed.serving.resident import MAIN, Capacity
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database, open_database
from tests.examples import examples
from tests.serving.houses import PRINCIPAL, House, house, live, price
from tests.store.books import budget

ASKS = 60
WINDOW = 400
CAP = 200_000
UPSTREAM = Tariff((price(Unit.INPUT_FRESH, 2, 1), price(Unit.OUTPUT_VISIBLE, 20, 1)), "USD")
BEGINNINGS = ("", "w" * 700, "w" * 2_000, "v" * 1_500)
FAILURES = (
    EngineUnreachable("m", why="nobody is there"),
    EngineFailed("m", why="it broke", begun=True),
    EngineFailed("m", why="it never began"),
    RequestMalformed("No.", hint="Change it."),
)


class Moody(Scripted):
    """An engine that does what its dice say, after a while."""

    def __init__(self, clock: FakeClock, dice: Random) -> None:
        super().__init__("m", window=WINDOW)
        self._clock, self._dice = clock, dice

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        dice = self._dice
        await self._clock.sleep(dice.choice((0, 0.01, 0.2, 3)))
        if dice.random() < 0.3:
            yield Failed(dice.choice(FAILURES))
            return
        yield Started("m")
        used = Usage(input_fresh=dice.randrange(1, 100))
        for _ in range(dice.randrange(1, 6)):
            await self._clock.sleep(dice.choice((0, 0.01, 0.5)))
            yield TextDelta("word ", tokens=1)
            used += Usage(output_visible=1)
            if dice.random() < 0.2:
                yield UsageNow(used)
            if dice.random() < 0.05:
                yield Failed(FAILURES[1])
                return
            if dice.random() < 0.05:
                return
        yield Finished(Stop.END, used)


class Unweighed:
    """A gauge that knows nothing."""

    def held(self, pids: Collection[int], *, calm: bool) -> Mapping[int, int]:
        return {}


@dataclass
class Play:
    """The house, who asks in it, and what came of it."""

    house: House
    clock: FakeClock
    dice: Random
    callers: tuple[Principal, ...]
    ends: list[Event] = field(default_factory=list[Event])
    open: int = ASKS

    async def caller(self, number: int) -> None:
        """One who comes, and may leave, at any time."""
        dice, scope = self.dice, anyio.CancelScope()
        order = self.order(number)
        await self.clock.sleep(dice.random() * 4)
        async with anyio.create_task_group() as tasks:
            if dice.random() < 0.4:
                tasks.start_soon(self.leave, scope, dice.choice((0, 0.005, 0.1, 1, 4)))
            with scope:
                await self.ask(order, closes_after=dice.choice((1, 3, 99, 99, 99)))
            tasks.cancel_scope.cancel()
        self.open -= 1

    async def ask(self, order: Order, *, closes_after: int) -> None:
        async with aclosing(self.house.gateway.generate(order)) as events:
            async for event in events:
                closes_after -= 1
                if isinstance(event, Finished | Failed):
                    self.ends.append(event)
                elif not closes_after:
                    return

    async def leave(self, scope: anyio.CancelScope, after: float) -> None:
        await self.clock.sleep(after)
        scope.cancel()

    def order(self, number: int) -> Order:
        dice = self.dice
        words = dice.choice(BEGINNINGS) + f" {dice.randrange(4)}" * dice.randrange(200)
        ask = Ask(
            dice.choice(("m", "m", "m", "m@own", "m@other")),
            (Message(Role.USER, (Text(words),)),),
            limits=Limits(output=dice.choice((None, 50))),
            priority=dice.choice(tuple(Priority)),
            deadline=dice.choice((None, None, 0.005, 0.5, 5)),
        )
        return Order(ask, dice.choice(self.callers), f"req_{number}")


@pytest.mark.slow
@given(seed=st.integers(0, 2**32), policy=st.sampled_from((Policy.CHEAPEST, Policy.FASTEST)))
@examples(10)
def test_whatever_becomes_of_many_asks_nothing_is_held_in_the_end_and_the_books_are_right(
    tmp_path_factory: pytest.TempPathFactory, seed: int, policy: Policy
) -> None:
    database = open_database(tmp_path_factory.mktemp("played") / "seedbed.db")
    try:
        anyio.run(_play, database, Random(seed), policy)
    finally:
        database.close()


async def _play(database: Database, dice: Random, policy: Policy) -> None:
    clock = FakeClock()
    lives = _deployments(clock, dice)
    fleets = {"m": Fleet(places=(Place(name="own"), Place(name="other")), policy=policy)}
    residency = _shared_memory(clock, lives[1:])
    callers = _callers(Budgets(database))
    async with (
        house(database, clock, lives=lives, fleets=fleets, longest_answer=20) as h,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(residency.run)
        play = Play(h, clock, dice, callers)
        for number in range(ASKS):
            tasks.start_soon(play.caller, number)
        while play.open:
            await clock.advance(0.05)
        await h.meter.flush()
        for one in lives:
            _assert_free(one, clock.now())
        assert not any(resident.users for resident in residency.residents)
        _assert_paid(h)
        tasks.cancel_scope.cancel()


def _deployments(clock: FakeClock, dice: Random) -> list[LiveDeployment]:
    """One of others, and two of ours."""
    other = live(Moody(clock, dice), clock, at="other", places=2, window=WINDOW, tariff=UPSTREAM)
    other.deployment = replace(other.deployment, own_hardware=False)
    own = live(Moody(clock, dice), clock, at="own", places=2, window=WINDOW)
    third = live(Moody(clock, dice), clock, at="third", places=1, window=WINDOW)
    return [other, own, third]


def _shared_memory(clock: FakeClock, lives: list[LiveDeployment]) -> Residency:
    """Room for one of them at a time."""
    residency = Residency(Capacity(MAIN, 10, Unweighed()), clock=clock)
    for one in lives:
        residency.add(one, model="m", setup="tiny", least={MAIN: 6})
        one.residency = residency
    return residency


def _callers(budgets: Budgets) -> tuple[Principal, ...]:
    money = budgets.set_budget(budget(CAP), actor="ada", now=0)
    tokens = budgets.set_budget(budget(3_000, measure=Measure.TOKENS), actor="ada", now=0)
    return (
        PRINCIPAL,
        replace(PRINCIPAL, key="key_2", project="engines", budgets=(money,)),
        replace(PRINCIPAL, key="key_3", project="engines", budgets=(money, tokens)),
    )


def _assert_free(one: LiveDeployment, now: float) -> None:
    """Nobody runs there, waits, leads, reads, writes, or tries whether it is well."""
    assert one.queue.depth == 0
    assert [each.running for each in one.queue.standings] == [0, 0, 0]
    assert len(one.leading) == 0
    assert (one.load_now.reading_bytes, one.load_now.answers, one.load_now.readers) == (0, 0, {})
    assert one.holders == 0
    assert "one ask tries" not in (one.health.why_not(now) or "")


def _assert_paid(h: House) -> None:
    """What leases spent is on the books, was promised before, and nothing is promised still."""
    entries = h.ledger.entries(last=999)
    assert len({entry.request_id for entry in entries}) == len(entries)
    assert all(entry.spent.micros <= entry.reserved.micros for entry in entries)
    assert all(entry.spent.micros >= 0 for entry in entries)
    lease = h.meter.lease
    assert lease is not None
    assert lease.reserved == 0
    assert lease.spent == sum(entry.spent.micros for entry in entries)
    bound = [entry for entry in entries if entry.principal.budgets]
    assert sum(entry.spent.micros for entry in bound) <= CAP
