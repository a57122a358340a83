"""Media are taken apart here, each in a process of its own that can neither outgrow nor harm us.

Floor 1. Such a process gets the medium on its standard input, and bounds on its memory and on its
time before the first byte is read. From then on it can open nothing: no file, no socket. What it
brings comes over its standard output, up to a bound; why it brings nothing, over its standard
error. When it is not waited for any more, it is ended.
"""

import asyncio
import os
import signal
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import cast

import anyio
import msgspec

from seedbed.kit.beginning import whole
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import (
    EXHAUSTED,
    REFUSED,
    Coded,
    Confines,
    Film,
    Order,
    Piece,
    Probe,
    Sound,
)

_WORKERS = "seedbed.kit.media.workers"
_MOST_SAID = 400
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}
_PIECES = msgspec.msgpack.Decoder(list[Piece])


@dataclass(slots=True)
class _Made:
    """What a worker has brought and said so far."""

    brought: bytes = b""
    said: str = ""
    is_too_much: bool = False


class Workshop:
    """Takes media apart, at most so many at once."""

    def __init__(self, confines: Confines | None = None, *, at_once: int = 2) -> None:
        self._confines = confines or Confines()
        self._places = anyio.CapacityLimiter(at_once)

    async def make(self, given: bytes, order: Order) -> list[Piece]:
        """What the worker for such an order brings, at least one piece.

        Raises:
            MediumFault: it brings nothing: the medium is no such, or takes more than it may.
        """
        if isinstance(order, Film | Probe | Sound | Coded) and not can_film():
            raise MediumFault(
                "films and sound are read where `seedbed[films]` is installed, and it is not"
            )
        async with self._places:
            return await self._run(given, order)

    async def _run(self, given: bytes, order: Order) -> list[Piece]:
        told = [msgspec.json.encode(each).decode() for each in (self._confines, order)]
        worker = f"{_WORKERS}.{type(order).__name__.lower()}"
        beginning = asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-B", "-m", worker, *told),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=_ENVIRONMENT,
            start_new_session=True,
        )
        process = await whole(beginning)
        made, status = _Made(), None
        try:
            with anyio.move_on_after(self._confines.seconds):
                await _exchange(process, given, made, most=self._confines.output)
                status = await process.wait()
        finally:
            await _end(process)
        return self._read(made, status)

    def _read(self, made: _Made, status: int | None) -> list[Piece]:
        """The pieces.

        Raises:
            MediumFault: there are none.
        """
        confines = self._confines
        if made.is_too_much:
            raise MediumFault(f"what is in it takes more than {confines.output:,} bytes")
        if status == 0:
            return _PIECES.decode(made.brought)
        if status == REFUSED:
            raise MediumFault(made.said)
        if status is None:
            raise MediumFault(f"it was not read within {confines.seconds:g} s")
        if status == -signal.SIGXCPU:
            raise MediumFault(f"to read it takes more than {confines.cpu_seconds} s of a processor")
        if status == EXHAUSTED:
            raise MediumFault(f"to read it takes more than {confines.memory:,} bytes of memory")
        raise MediumFault(f"it breaks what reads it ({status})")


def can_film() -> bool:
    """Whether there is what takes films and sound apart, which is an extra."""
    return find_spec("av") is not None


async def _exchange(process: Process, given: bytes, made: _Made, *, most: int) -> None:
    """Hand the medium over, and take what comes until there is no more, or too much."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_hand_over, cast(StreamWriter, process.stdin), given)
        tasks.start_soon(_listen, cast(StreamReader, process.stderr), made)
        await _collect(cast(StreamReader, process.stdout), made, most)
        if made.is_too_much:
            tasks.cancel_scope.cancel()
            process.kill()


async def _hand_over(pipe: StreamWriter, given: bytes) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):
        pipe.write(given)
        await pipe.drain()
    pipe.close()


async def _listen(pipe: StreamReader, made: _Made) -> None:
    """Its words; what is beyond the bound is read and forgotten, lest it wait for us."""
    while said := await pipe.read(1 << 12):
        made.said = (made.said + said.decode(errors="replace"))[:_MOST_SAID]


async def _collect(pipe: StreamReader, made: _Made, most: int) -> None:
    pieces, size = list[bytes](), 0
    while size <= most and (piece := await pipe.read(1 << 18)):
        pieces.append(piece)
        size += len(piece)
    made.brought, made.is_too_much = b"".join(pieces), size > most


async def _end(process: Process) -> None:
    """End it, if it has not, and whatever it began."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with anyio.CancelScope(shield=True):
        await process.communicate()  # what is left in its pipes, which closes them
