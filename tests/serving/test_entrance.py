"""Who stands at a deployment's door while it is not well, and what is left behind there."""

import anyio
import pytest

from seedbed.core.ask import Memory
from seedbed.core.errors import EngineUnreachable
from seedbed.core.event import Failed
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.fairness import Ticket
from seedbed.store.database import Database
from tests.serving.houses import PRINCIPAL, house, live, order, until

pytestmark = pytest.mark.anyio

GONE = EngineUnreachable("m", why="nobody is there")


def failing(one: LiveDeployment, clock: FakeClock) -> None:
    """Have it fail so often that it is left alone for a second."""
    for _ in range(3):
        one.health.failed(GONE, clock.now())


async def test_who_leaves_the_line_of_one_that_is_to_be_tried_leaves_the_trial_to_others(
    database: Database, clock: FakeClock
) -> None:
    one = live(Scripted("m", window=64), clock, places=1)
    place = one.queue.enter_now(Ticket("key_2"))
    assert place is not None
    async with house(database, clock, lives=[one]) as h:
        failing(one, clock)
        await clock.advance(10)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(h.events, order())
            await until(lambda: one.queue.depth == 1)
            tasks.cancel_scope.cancel()
        assert one.health.why_not(clock.now()) is None
        place.give()
        assert not isinstance((await h.events(order(id_="req_2")))[-1], Failed)


async def test_who_waits_while_others_find_it_failing_does_not_ask_it_too(
    database: Database, clock: FakeClock
) -> None:
    engine = Scripted("m", window=64)
    one = live(engine, clock, places=1)
    place = one.queue.enter_now(Ticket("key_2"))
    assert place is not None
    codes: list[str] = []
    async with house(database, clock, lives=[one]) as h, anyio.create_task_group() as tasks:

        async def ask(number: int) -> None:
            end = (await h.events(order("w" * (1 + 99 * number), id_=f"req_{number}")))[-1]
            assert isinstance(end, Failed)
            codes.append(end.error.code)

        for number in range(3):
            tasks.start_soon(ask, number)
        await until(lambda: one.queue.depth == 3)
        failing(one, clock)
        place.give()
    assert codes == ["engine_resting"] * 3
    assert engine.asked == []
    assert (one.queue.depth, len(one.leading), one.holders) == (0, 0, 0)


@pytest.mark.parametrize("text", ["hi", "w" * 63, "w" * 900])
async def test_engines_of_ours_are_told_whose_an_ask_is_however_short_it_is(
    database: Database, clock: FakeClock, text: str
) -> None:
    engine = Scripted("m", window=64)
    async with house(database, clock, [engine]) as h:
        await h.events(order(text))
    assert [ask.memory for ask in engine.asked] == [Memory(PRINCIPAL.project)]
