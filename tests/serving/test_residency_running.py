"""Two real engines share memory that has room for one. What they hold is measured, not told."""

import math
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from seedbed.core.ask import Priority
from seedbed.engines.llama_cpp import LlamaCpp, make
from seedbed.kit.clock import SystemClock
from seedbed.kit.memory import main_memory
from seedbed.serving.peaks import Peaks
from seedbed.serving.residency import Residency
from seedbed.serving.resident import MAIN, Capacity
from seedbed.serving.supervisor import Supervisor
from tests.engines.running import ASK, reply_of, spec
from tests.engines.tiny import write_tiny_llama
from tests.serving.houses import until

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


class Deployed:
    """An engine and its keeper, as a deployment has them."""

    def __init__(self, name: str, weights: Path, home: Path) -> None:
        self.name = name
        self.engine: LlamaCpp = make(replace(spec(weights), places=1))
        assert self.engine.program
        self.supervisor = Supervisor(
            name,
            self.engine,
            self.engine.program,
            log_file=home / f"{name}.log",
            base_environment={"PATH": os.defpath, "HOME": str(home)},
            clock=SystemClock(),
            took_file=home / f"{name}.took",
            wanted=False,
        )
        self.load, self.unload = self.supervisor.load, self.supervisor.unload

    @property
    def pid(self) -> int | None:
        return self.supervisor.pid

    @property
    def state(self) -> str:
        return self.supervisor.state

    @property
    def took(self) -> float | None:
        return self.supervisor.took


@asynccontextmanager
async def running(budget: float, home: Path, *deployed: Deployed) -> AsyncGenerator[Residency]:
    peaks = Peaks(home / "peaks.json")
    room = Capacity(MAIN, budget, main_memory())
    residency = Residency(room, clock=SystemClock(), peaks=peaks)
    for each in deployed:
        residency.add(each, model=each.name, setup="tiny", least={MAIN: 1})
    async with anyio.create_task_group() as tasks:
        for each in deployed:
            tasks.start_soon(each.supervisor.run)
        tasks.start_soon(residency.run)
        yield residency
        tasks.cancel_scope.cancel()


async def answer(residency: Residency, deployed: Deployed) -> str:
    use = await residency.admit(deployed.name, priority=Priority.DEFAULT, within=60)
    try:
        await deployed.supervisor.ready(within=60)
        return (await reply_of(deployed.engine, ASK)).text
    finally:
        use.end()


async def test_two_engines_take_turns_in_memory_for_one(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=1024)
    wide = write_tiny_llama(tmp_path / "wide.gguf", window=1024, feed=50_000)
    first, second = (Deployed(n, w, tmp_path) for n, w in (("a", weights), ("b", wide)))
    async with running(math.inf, tmp_path, first, second) as residency:
        words = [await answer(residency, each) for each in (first, second)]
        a, b = (each.holdings[MAIN] for each in residency.residents)
        await until(lambda: a.is_measured and b.is_measured and b.peak > a.peak)
        assert first.pid
        assert second.pid
        assert a.peak > 10 << 20  # the library alone
        both = a.peak + b.peak  # pages that they share count half in each, so one always fits

    first, second = (Deployed(n, w, tmp_path) for n, w in (("a", weights), ("b", wide)))
    async with running(both - 1, tmp_path, first, second) as residency:
        for _ in range(2):
            assert await answer(residency, first) == words[0]
            assert (bool(first.pid), bool(second.pid)) == (True, False)
            assert await answer(residency, second) == words[1]
            assert (bool(first.pid), bool(second.pid)) == (False, True)
    for each in (first, second):
        await each.engine.aclose()
