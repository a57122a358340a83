"""What is begun is begun whole, and a process that somebody leaves early is waited for."""

import subprocess
import sys
from collections.abc import Awaitable, Callable
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


async def test_who_is_cancelled_has_what_was_begun_and_then_leaves() -> None:
    seen: list[str] = []

    async def begin() -> str:
        await anyio.lowlevel.checkpoint()
        return "begun"

    async def work() -> None:
        seen.append(await whole(begin()))
        await anyio.lowlevel.checkpoint()
        seen.append("went on")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work)
        await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
    assert seen == ["begun"]


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


async def left_after(steps: int, work: Work, program: Path) -> None:
    """Leave that work after so many steps of the loop."""

    async def done() -> None:
        await work(program)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(done)
        for _ in range(steps):
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()


@pytest.mark.slow
@pytest.mark.parametrize("work", [running, workshop, studio, supervisor])
async def test_whenever_somebody_leaves_no_process_lives_or_is_not_waited_for(
    work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *words: Any, **how: Any) -> None:
            super().__init__(*words, **how)
            begun.append(self)

    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o700)
    monkeypatch.setattr(subprocess, "Popen", Noted)
    monkeypatch.setattr(sys, "executable", str(program))
    for steps in range(12):
        await left_after(steps, work, program)
        assert None not in {process.returncode for process in begun}
    assert len(begun) >= 10
