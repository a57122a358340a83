"""Fair shares of hardware, for any coming and going."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import EngineStarting
from seedbed.core.model import Deployment
from seedbed.engines.base import Program
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.deployment import Held, LiveDeployment, Shares
from seedbed.serving.gateway import Gateway
from seedbed.serving.metering import Meter
from seedbed.serving.supervisor import Supervisor
from seedbed.store.database import Database
from seedbed.store.ledger import Ledger
from tests.serving.houses import TARIFF, live, model, until

pytestmark = pytest.mark.anyio


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 50)), max_size=40))
async def test_the_shares_of_all_add_up_to_the_time_that_the_hardware_was_busy(
    moves: list[tuple[int, int]],
) -> None:
    clock = FakeClock()
    shares = Shares(clock)
    holding: list[Held] = []
    gone: list[Held] = []
    busy = 0.0
    for move, seconds in moves:
        if move == 0:
            holding.append(Held(shares))
        elif move == 1 and holding:
            gone.append(holding.pop(0))
            gone[-1].give()
        busy += seconds if holding else 0
        await clock.advance(seconds)
    for held in holding:
        held.give()
    charged = sum(held.microseconds for held in (*gone, *holding))
    assert charged == pytest.approx(busy * 1e6, abs=len(moves))


def test_giving_back_twice_is_giving_back_once() -> None:
    shares = Shares(FakeClock())
    held = Held(shares)
    held.give()
    held.give()
    assert shares.holders == 0


GREETS = "import json, sys; print(json.dumps({'url': 'x'}), flush=True); sys.stdin.read()"


@asynccontextmanager
async def living(clock: FakeClock, tmp_path: Path) -> AsyncGenerator[LiveDeployment]:
    engine = Scripted("m", window=64)
    supervisor = Supervisor(
        "m",
        engine,
        Program((sys.executable, "-c", GREETS), {}),
        log_file=tmp_path / "m.log",
        base_environment={},
        clock=clock,
    )
    deployment = Deployment("m@here", model(), "scripted", own_hardware=True, places=2)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.run)
        yield LiveDeployment(deployment, engine, TARIFF, supervisor=supervisor, clock=clock)
        tasks.cancel_scope.cancel()


async def test_unloading_lets_the_answers_under_way_finish_and_the_next_ask_loads_again(
    clock: FakeClock, tmp_path: Path, database: Database
) -> None:
    async with living(clock, tmp_path) as live, anyio.create_task_group() as tasks:
        assert await live.ready(within=20) == 1
        first, second = live.hold(), live.hold()
        tasks.start_soon(live.unload)
        await anyio.wait_all_tasks_blocked()
        assert (live.holders, live.state) == (2, "unloading, once 2 answers are finished")
        with pytest.raises(EngineStarting, match="unloading"):
            await live.ready(within=0.01)
        await live.unload()  # a second call waits for nothing
        first.give()
        await anyio.wait_all_tasks_blocked()
        assert live.state.startswith("unloading")
        second.give()
        await until(lambda: live.state == "unloaded")
        gateway = Gateway(
            [live],
            Meter(Ledger(database), currency="USD", clock=clock),
            clock=clock,
            engine_within=1,
            longest_answer=60,
        )
        assert gateway.trouble == {}, "what was unloaded on purpose keeps nobody waiting"
        assert live.progress is None
        assert await live.ready(within=20) == 2
        assert (live.state, live.progress) == ("ready", 1.0)


async def test_an_ask_that_comes_while_it_unloads_waits_and_has_it_loaded(
    clock: FakeClock, tmp_path: Path
) -> None:
    lives: list[int] = []
    async with living(clock, tmp_path) as live, anyio.create_task_group() as tasks:
        await live.ready(within=20)
        held = live.hold()
        tasks.start_soon(live.unload)
        await anyio.wait_all_tasks_blocked()

        async def comes() -> None:
            lives.append(await live.ready(within=20))

        tasks.start_soon(comes)
        await anyio.wait_all_tasks_blocked()
        held.give()
    assert lives == [2]


async def test_an_engine_without_a_process_is_always_loaded(clock: FakeClock) -> None:
    deployment = live(Scripted("m", window=64), clock)
    deployment.load()
    await deployment.unload()
    assert (deployment.state, deployment.progress) == ("ready", 1.0)
