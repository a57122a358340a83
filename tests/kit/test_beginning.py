"""What is begun is begun whole, and a process that somebody leaves early is waited for."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import anyio.lowlevel
import pytest

from seedbed.engines.base import Program
from seedbed.kit.beginning import whole
from seedbed.kit.clock import FakeClock
from seedbed.kit.media.orders import Picture
from seedbed.kit.media.workshop import Workshop
from seedbed.kit.running import run
from seedbed.media.studio.orders import Convert
from seedbed.media.studio.studio import Studio
from seedbed.serving.supervisor import Supervisor
from tests.serving.test_supervisor import Listener

pytestmark = pytest.mark.anyio

Work: TypeAlias = Callable[[Path], Awaitable[object]]
Doing: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


async def silent(share: float, what: str) -> None: ...


def running(program: Path) -> Awaitable[object]:
    return run(program, program, folder=program.parent, environment={}, seconds=600)


def workshop(_: Path) -> Awaitable[object]:
    return Workshop().make(bytes(1 << 20), Picture())


def studio(_: Path) -> Awaitable[object]:
    return Studio().do(Convert(film="a", out="b", codec="h264", container="mp4"), silent)


def supervisor(program: Path) -> Awaitable[object]:
    words = Program((str(program),), {})
    log = program.with_name("log")
    kept = Supervisor("m", Listener(), words, log_file=log, base_environment={}, clock=FakeClock())
    return kept.run()


async def by_its_scope(steps: int, work: Doing) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work)
        for _ in range(steps):
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()


async def by_its_task(steps: int, work: Doing) -> None:
    task = asyncio.ensure_future(work())
    for _ in range(steps):
        await anyio.lowlevel.checkpoint()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()


async def by_its_time(steps: int, work: Doing) -> None:
    task = asyncio.ensure_future(timed(bound := asyncio.timeout(None), work))
    for _ in range(steps + 1):
        await anyio.lowlevel.checkpoint()
    bound.reschedule(0)
    assert await task == 0


async def timed(bound: asyncio.Timeout, work: Doing) -> int:
    """Work until that time is over; how often this task is being cancelled then."""
    with pytest.raises(TimeoutError):
        async with bound:
            await work()
    task = asyncio.current_task()
    assert task is not None
    await anyio.lowlevel.checkpoint()
    return task.cancelling()


Leave: TypeAlias = Callable[[int, Doing], Awaitable[None]]
ways = pytest.mark.parametrize("leave", [by_its_scope, by_its_task, by_its_time])


@ways
async def test_whoever_leaves_while_it_begins_has_it_all_the_same(leave: Leave) -> None:
    seen: list[str] = []

    async def begin() -> str:
        for _ in range(8):
            await anyio.lowlevel.checkpoint()
        return "begun"

    async def work() -> None:
        seen.append(await whole(begin()))
        await anyio.lowlevel.checkpoint()
        seen.append("went on")

    await leave(3, work)
    assert seen == ["begun"]


async def test_who_is_cancelled_twice_is_counted_twice_and_leaves_once() -> None:
    left: list[str] = []
    gate = asyncio.Event()

    async def work() -> int:
        await whole(gate.wait())
        try:
            await anyio.sleep_forever()
        except asyncio.CancelledError:
            left.append("left")
        await anyio.lowlevel.checkpoint()
        task = asyncio.current_task()
        assert task is not None
        return task.cancelling()

    task = asyncio.ensure_future(work())
    for _ in range(2):
        await anyio.lowlevel.checkpoint()
        task.cancel()
    await anyio.lowlevel.checkpoint()
    gate.set()
    assert (await task, left) == (2, ["left"])


@pytest.mark.parametrize("leave", [by_its_task, by_its_time])
async def test_where_nothing_could_be_begun_who_left_has_left(leave: Leave) -> None:
    async def begin() -> str:
        for _ in range(8):
            await anyio.lowlevel.checkpoint()
        raise OSError("no such program")

    async def work() -> None:
        await whole(begin())

    await leave(3, work)


async def test_why_nothing_could_be_begun_is_told() -> None:
    async def begin() -> str:
        raise OSError("no such program")

    with pytest.raises(OSError, match="no such program"):
        await whole(begin())


@pytest.mark.slow
@ways
@pytest.mark.parametrize("work", [running, workshop, studio, supervisor])
async def test_whenever_somebody_leaves_no_process_lives_or_is_not_waited_for(
    work: Work, leave: Leave, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *words: Any, **how: Any) -> None:
            super().__init__(*words, **how)
            begun.append(self)

    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o700)

    async def doing() -> None:
        await work(program)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    monkeypatch.setattr(sys, "executable", str(program))
    for steps in range(12):
        await leave(steps, doing)
        assert None not in {process.returncode for process in begun}
    assert len(begun) >= 10
