"""A program that is run once: bounded in time and in what it says, and ended with all it began.

Floor 1. It leads a session of its own, so that one signal ends its children, too; only one that
begins a session for itself outlives it. What it says goes into a pipe that is read once it has
ended: a program that says more than the system keeps for it waits, until its time is over.
"""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio

from seedbed.kit.beginning import whole

_MOST_SAID = 4096


@dataclass(frozen=True, slots=True)
class Ran:
    """How it ended: its status, which is `None` where its time was over, and the first line of its
    standard error, or of its standard output where that was asked for.
    """

    status: int | None
    said: str


async def run(
    program: Path,
    given: Path,
    *,
    folder: Path,
    environment: Mapping[str, str],
    seconds: float,
    is_answer: bool = False,
) -> Ran:
    """Run a program in a folder, with a file as its standard input and no shell. Told is the first
    line of its standard error, or of its standard output where that is its answer.

    Raises:
        OSError: it cannot be begun.
    """
    read_from = os.open(given, os.O_RDONLY)
    told, telling = os.pipe()
    try:
        try:
            beginning = asyncio.create_subprocess_exec(
                program,
                stdin=read_from,
                stdout=telling if is_answer else asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL if is_answer else telling,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
            process = await whole(beginning)
        finally:
            os.close(telling)
            os.close(read_from)
        try:
            with anyio.move_on_after(seconds):
                await process.wait()
            status = process.returncode
        finally:
            await _end(process)
        return Ran(status, _first_line(told))
    finally:
        os.close(told)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End it, if it has not, and its children: the number of a group is not given to another while
    one of them lives.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with anyio.CancelScope(shield=True):
        await process.wait()


def _first_line(told: int) -> str:
    os.set_blocking(told, False)  # a child that got away may hold the other end
    try:
        said = os.read(told, _MOST_SAID)
    except BlockingIOError:
        said = b""
    return said.decode(errors="replace").strip().partition("\n")[0]
