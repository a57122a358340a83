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
from seedbed.core.prefix import Link
from seedbed.engines.base import Program
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.gateway import Gateway
from seedbed.serving.metering import Meter
from seedbed.serving.speed import Served
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


def _kept(path: Path, clock: FakeClock) -> LiveDeployment:
    deployment = Deployment("m@here", model(), "scripted", own_hardware=True, places=2)
    engine = Scripted("m", window=64)
    one = LiveDeployment(deployment, engine, lambda _: TARIFF, supervisor=None, clock=clock)
    one.recall(path)
    return one


def test_what_was_learned_of_its_speed_is_kept_over_a_restart(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "run" / "m.speed"
    first = _kept(path, clock)
    first.remember()
    assert not path.exists(), "nothing was learned"
    before = first.load_now.speed.step(1)
    for _ in range(20):
        first.load_now.speed.learn(Served(fresh=100, first=9.0, written=11, seconds=50.0))
    first.remember()
    second = _kept(path, clock)
    assert second.load_now.speed.step(1) > 100 * before


def test_a_speed_that_cannot_be_read_or_written_is_none(clock: FakeClock, tmp_path: Path) -> None:
    path = tmp_path / "m.speed"
    for spoiled in (b"{", b"{}", b"[]"):
        path.write_bytes(spoiled)
        _kept(path, clock)
    path.unlink()
    path.mkdir()
    one = _kept(path, clock)
    one.load_now.speed.learn(Served(fresh=100, first=9.0, written=11, seconds=50.0))
    one.remember()
    live(Scripted("m", window=64), clock).remember()


def test_a_new_life_of_the_engine_has_an_empty_cache(clock: FakeClock, tmp_path: Path) -> None:
    one = _kept(tmp_path / "s", clock)
    links = (Link(b"a", 64),)
    one.see_life(1)
    one.prefixes.put(links, "p")
    one.see_life(1)
    assert one.prefixes.known(links, "p") == 64
    one.see_life(2)
    assert one.prefixes.known(links, "p") == 0
