"""A deployment as it is loaded, held and unloaded."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from seedbed.core.errors import EngineStarting
from seedbed.core.model import Deployment
from seedbed.core.money import Hours
from seedbed.engines.base import Program
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.gateway import Gateway
from seedbed.serving.metering import Meter
from seedbed.serving.supervisor import Supervisor
from seedbed.store.database import Database
from seedbed.store.ledger import Ledger
from tests.serving.houses import TARIFF, live, model, until

pytestmark = pytest.mark.anyio


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
        yield LiveDeployment(
            deployment, engine, lambda _: TARIFF, supervisor=supervisor, clock=clock
        )
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


async def test_hours_are_told_once_by_what_the_hardware_did(
    clock: FakeClock, tmp_path: Path
) -> None:
    async with living(clock, tmp_path) as live:
        assert live.supervisor
        await until(lambda: live.state.startswith("loading") or live.state == "ready")
        await live.ready(within=20)
        live.hours()
        await clock.advance(100)
        first, second = live.hold(), live.hold()
        await clock.advance(7)
        first.give()
        second.give()
        await clock.advance(3)
        hours = live.hours()
        day = 1_799_971_200_000_000
        assert hours == Hours("m@here", day, loaded=110_000_000, busy=7_000_000, loading=0)
        assert live.hours() == Hours("m@here", day, loaded=0, busy=0, loading=0)
        await live.unload()
        await clock.advance(50)
        assert live.hours() == Hours("m@here", day, loaded=0, busy=0, loading=0)


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
    assert deployment.hours() is None
