"""Who stands at a deployment's door while it is not well, and what is left behind there."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from seedbed.core.ask import Ask, Memory, Priority
from seedbed.core.check import Program
from seedbed.core.errors import EngineUnreachable
from seedbed.core.event import Event, Failed, Reply
from seedbed.core.model import Upstream
from seedbed.core.usage import Usage
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.account import Order
from seedbed.serving.checks import Checks
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.fairness import Ticket
from seedbed.serving.gateway import Gateway
from seedbed.store.database import Database
from tests.serving.houses import PRINCIPAL, House, house, live, order, until

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


@asynccontextmanager
async def checking(
    database: Database, clock: FakeClock, one: LiveDeployment, home: Path, script: str
) -> AsyncGenerator[tuple[House, Order]]:
    """A house whose answers a program checks, and an order that asks for it."""
    (home / "checks").mkdir()
    program = home / "checks" / "slow"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    asked = order("one two")
    assert isinstance(asked.ask, Ask)
    asked = replace(asked, ask=replace(asked.ask, checks=(Program("slow"),)))
    async with house(database, clock, lives=[one]) as h:
        h.gateway = Gateway(
            [one],
            h.meter,
            clock=clock,
            engine_within=1,
            longest_answer=600,
            checks=Checks(home / "checks", home / "run", seconds=20),
        )
        yield h, asked


async def test_an_answer_has_no_place_while_a_program_checks_it_and_pays_for_none(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    one = live(Scripted("m", window=64), clock, places=1)
    goes_on, begun = tmp_path / "goes_on", tmp_path / "begun"
    script = f"touch {begun}; while [ ! -e {goes_on} ]; do sleep 0.01; done"
    async with checking(database, clock, one, tmp_path, script) as (h, asked):
        answers: list[list[Event]] = []

        async def ask() -> None:
            answers.append(await h.events(asked))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            await until(begun.exists)
            assert (one.holders, one.queue.expected_wait(Priority.DEFAULT)) == (0, 0)
            place = one.queue.enter_now(Ticket("key_2"))
            assert place is not None
            place.give()
            await clock.advance(100)
            goes_on.touch()
        entry = Reply.of(answers[0]).entry
    assert entry is not None
    assert (entry.stop, entry.usage.output, entry.held) == ("end", 2, 0)
    assert entry.took == 100_000_000


async def test_an_answer_that_breaks_off_is_not_checked(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    one = live(Scripted("m", window=64, error=GONE, fails_after=1), clock)
    async with checking(database, clock, one, tmp_path, f"touch {begun}") as (h, asked):
        last = (await h.events(asked))[-1]
    assert isinstance(last, Failed)
    assert last.error is GONE
    assert not begun.exists()


async def test_who_leaves_while_it_is_checked_pays_what_the_engine_told(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    one = live(Scripted("m", window=64), clock, places=1)
    begun = tmp_path / "begun"
    async with checking(database, clock, one, tmp_path, f"touch {begun}; sleep 20") as (h, asked):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(h.events, asked)
            await until(begun.exists)
            tasks.cancel_scope.cancel()
        await h.meter.flush()
        (entry,) = h.ledger.entries(last=9)
    assert (entry.stop, entry.usage) == ("cancelled", Usage(input_fresh=3, output_visible=2))


@pytest.mark.parametrize(("takes", "shares"), [(True, False), (True, True), (False, False)])
async def test_an_upstream_is_told_who_may_share_by_a_name_that_tells_nothing(
    database: Database, clock: FakeClock, *, takes: bool, shares: bool
) -> None:
    engines = [Scripted("m", window=4096) for _ in range(2)]
    asks = [order("w " * 900), order("hi", id_="req_2")]
    for engine, salt in zip(engines, (b"one", b"other"), strict=True):
        one = live(engine, clock, window=4096)
        upstream = Upstream("https://a.example/v1", "openai", "theirs", cache_salt=takes)
        model = replace(one.deployment.model, upstream=upstream, shares_prefixes=shares)
        one.deployment = replace(one.deployment, model=model, own_hardware=False)
        async with house(database, clock, lives=[one]) as h:
            h.gateway = Gateway(
                [one], h.meter, clock=clock, engine_within=1, longest_answer=600, salt=salt
            )
            for number, each in enumerate(asks):
                await h.events(replace(each, request_id=f"req_{salt.decode()}{number}"))
    owners = [[ask.memory.owner for ask in engine.asked] for engine in engines]
    if shares or not takes:
        assert owners == [["", ""]] * 2
    else:
        (first, same), (second, _) = owners
        assert first == same != second
        assert len(first) == 64
        assert PRINCIPAL.project not in first
