"""One idempotency key, one answer, one entry."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import anyio
import pytest

from seedbed.core.ask import Ask
from seedbed.core.errors import EngineFailed
from seedbed.core.event import Counted, Event, Failed, Finished, Reply, TextDelta, Tokenized
from seedbed.kit.clock import FakeClock, SystemClock
from seedbed.serving.account import Once, Order
from seedbed.serving.once import OnceOnly, packed, unpacked
from seedbed.store.answers import Answers
from seedbed.store.database import Database
from seedbed.store.ledger import Ledger
from tests.serving.houses import House, house, order, scripted, until

pytestmark = pytest.mark.anyio


def _once(id_: str = "req_1", digest: str = "digest") -> Order:
    return replace(order("one two", id_=id_), once=Once("k", digest))


async def _all(stream: AsyncGenerator[Event]) -> list[Event]:
    async with aclosing(stream) as events:
        return [event async for event in events]


@asynccontextmanager
async def _doors(
    database: Database, engine: object, *, wanted: bool = True
) -> AsyncGenerator[tuple[House, OnceOnly]]:
    clock = SystemClock()

    async def is_wanted(_: Order) -> bool:
        return wanted

    async with house(database, clock, [engine]) as built:  # type: ignore[arg-type]
        answers = Answers(database)
        once = OnceOnly(
            built.gateway.generate, answers, built.meter, clock=clock, is_wanted=is_wanted
        )
        yield built, once
        await once.close()


async def test_the_same_answer_is_given_again_and_paid_once(database: Database) -> None:
    async with _doors(database, scripted()) as (_, once):
        first = await _all(once.generate(_once(id_="req_1")))
        second = await _all(once.generate(_once(id_="req_2")))
    assert Reply.of(second) == Reply.of(first)
    assert len(Ledger(database).entries(last=9)) == 1


async def test_who_has_seen_the_end_finds_the_entry_on_the_books(database: Database) -> None:
    async with (
        _doors(database, scripted()) as (_, once),
        aclosing(once.generate(_once())) as events,
    ):
        ends = [len(Ledger(database).entries(last=9)) async for e in events if type(e) is Finished]
    assert ends == [1]


async def test_another_request_under_the_key_is_refused(database: Database) -> None:
    async with _doors(database, scripted()) as (_, once):
        await _all(once.generate(_once()))
        [refused] = await _all(once.generate(_once(digest="other")))
    assert isinstance(refused, Failed)
    assert refused.error.code == "once_differs"


async def test_two_who_ask_at_once_share_one_answer(database: Database) -> None:
    replies: list[Reply] = []
    async with _doors(database, scripted()) as (_, once):

        async def ask(id_: str) -> None:
            replies.append(Reply.of(await _all(once.generate(_once(id_=id_)))))

        async with anyio.create_task_group() as tasks:
            for number in range(5):
                tasks.start_soon(ask, f"req_{number}")
    assert len(set(map(repr, replies))) == 1
    assert len(Ledger(database).entries(last=9)) == 1


async def test_what_failed_is_asked_anew(database: Database) -> None:
    async with _doors(database, scripted(error=EngineFailed("m", why="it broke"))) as (_, once):
        ends = [(await _all(once.generate(_once(id_=f"req_{n}"))))[-1] for n in range(2)]
    assert all(isinstance(end, Failed) for end in ends)
    assert len(Ledger(database).entries(last=9)) == 2


class _Slow:
    """Writes one word, and the next when it may."""

    def __init__(self) -> None:
        self.inner, self.may, self.left = scripted(), anyio.Event(), anyio.Event()
        self.features = self.inner.features

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        try:
            async with aclosing(self.inner.generate(ask)) as events:
                async for event in events:
                    yield event
                    if type(event) is TextDelta:
                        await self.may.wait()
        finally:
            self.left.set()

    async def aclose(self) -> None:
        await self.inner.aclose()


async def _leave_after_the_first_word(stream: AsyncGenerator[Event]) -> None:
    async with aclosing(stream) as events:
        async for event in events:
            if type(event) is TextDelta:
                return


async def test_an_answer_goes_on_for_a_caller_who_comes_back(database: Database) -> None:
    engine = _Slow()
    async with _doors(database, engine) as (_, once):
        await _leave_after_the_first_word(once.generate(_once(id_="req_1")))
        engine.may.set()
        reply = Reply.of(await _all(once.generate(_once(id_="req_2"))))
    assert reply.text
    [entry] = Ledger(database).entries(last=9)
    assert (entry.request_id, entry.stop) == ("req_1", "end")


@pytest.mark.slow
async def test_an_answer_that_nobody_wants_any_more_is_ended(database: Database) -> None:
    engine = _Slow()
    async with _doors(database, engine, wanted=False) as (built, once):
        await _leave_after_the_first_word(once.generate(_once()))
        await engine.left.wait()
        await until(lambda: built.meter.unwritten == 0 and bool(Ledger(database).entries(last=1)))
    [entry] = Ledger(database).entries(last=9)
    assert entry.stop == "cancelled"


async def test_events_are_kept_as_they_were() -> None:
    clock = FakeClock()
    stream = await _all(scripted().generate(order().ask))  # type: ignore[arg-type]
    stream += [Tokenized(0, (7, 8), ((0, 1), (1, 2))), Counted(2)]
    assert unpacked(packed(stream)) == stream
    assert clock.now() > 0
