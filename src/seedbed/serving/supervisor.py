"""Keeps an engine's process alive: starts it, hears it greet, starts it again when it ends.

Floor 4. One supervisor a process. Who waits for the engine waits here; who finds it dead says so
here, so that nobody waits for a corpse.
"""

import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import anyio
import anyio.abc
import msgspec
import structlog

from seedbed.core.errors import EngineFailed, EngineStarting
from seedbed.engines.base import Engine, Program
from seedbed.kit.clock import Clock

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_FIRST_DELAY, _LONGEST_DELAY = 0.1, 30.0
_STEADY = 60.0
"""A process that lived so long has earned a restart without delay."""
_GREETING_WITHIN = 300.0
_KEPT_LOG = 8 << 20
_LAST_WORDS = 2_000


class Supervisor:
    """The keeper of one engine's process."""

    def __init__(
        self,
        model: str,
        engine: Engine,
        program: Program,
        *,
        log_file: Path,
        base_environment: Mapping[str, str],
        clock: Clock,
    ) -> None:
        self._model = model
        self._engine = engine
        self._program = program
        self._log_file = log_file
        self._environment = dict(base_environment) | dict(program.environment)
        self._clock = clock
        self._process: anyio.abc.Process | None = None
        self._changed = anyio.Event()
        self.life = 0
        """Which start of the process is ready; 0 while none is."""
        self.starts = 0
        self.state = "not started"

    async def run(self) -> None:
        """Keep the process alive until cancelled; then end it."""
        delay = 0.0
        while True:
            began = self._clock.now()
            self._change("starting")
            ended = await self._live()
            if self._clock.now() - began >= _STEADY:
                delay = 0.0
            delay = min(max(_FIRST_DELAY, 2 * delay), _LONGEST_DELAY)
            log.warning("engine.ended", model=self._model, how=ended, restart_in=delay)
            self._change(f"{ended}; it is started again in {delay:g} s")
            await self._clock.sleep(delay)

    async def ready(self, *, within: float) -> int:
        """Wait until the process is ready; returns which life of it that is.

        Raises:
            EngineStarting: it is not ready within that many seconds.
        """
        with anyio.move_on_after(within):
            while not self.life:
                await self._changed.wait()
        if not self.life:
            raise EngineStarting(self._model, state=self.state, retry_after=5)
        return self.life

    @property
    def pid(self) -> int | None:
        """The process that lives now, if one does."""
        return self._process.pid if self._process else None

    def condemn(self, life: int) -> None:
        """Say that the process was found dead or deaf in that life; it is ended if need be."""
        if self.life == life and self._process is not None:
            self._process.kill()
            self._change("found unreachable")

    async def _live(self) -> str:
        """One life of the process, from start to end. Returns how it ended."""
        try:
            with self._open_log() as log_file:
                process = await anyio.open_process(
                    self._program.argv,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log_file,
                    env=self._environment,
                )
        except OSError as error:
            return f"it could not be started ({error})"
        self.starts += 1
        async with _ending(process):
            self._process = process
            try:
                with anyio.move_on_after(_GREETING_WITHIN):
                    self._engine.attach(await _greeting(process))
                    self._change("ready", life=self.starts)
                    log.info("engine.ready", model=self._model, pid=process.pid, start=self.starts)
                if not self.life:
                    return f"it did not greet within {_GREETING_WITHIN:g} s"
                code = await process.wait()
            except (EngineFailed, ValueError) as error:
                code = process.returncode
                if code is None:
                    return f"it greeted with what cannot be read ({error})"
                return f"{_end(code)} before it was ready; its last words: {self._last_words()}"
            finally:
                self._process = None
                self.life = 0
        return _end(code)

    def _change(self, state: str, *, life: int = 0) -> None:
        self.state, self.life = state, life
        self._changed.set()
        self._changed = anyio.Event()

    def _last_words(self) -> str:
        with self._log_file.open("rb") as file:
            file.seek(max(0, self._log_file.stat().st_size - _LAST_WORDS))
            lines = file.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "none")

    def _open_log(self) -> IO[bytes]:
        """The process's own log, begun anew once it has grown too long."""
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        long = self._log_file.exists() and self._log_file.stat().st_size > _KEPT_LOG
        return self._log_file.open("wb" if long else "ab")


def _end(code: int) -> str:
    return f"ended by signal {-code}" if code < 0 else f"ended with status {code}"


async def _greeting(process: anyio.abc.Process) -> dict[str, str]:
    """The first line that the process prints.

    Raises:
        ValueError: it is no JSON object of strings, or the process ended before it.
    """
    line = b""
    output = process.stdout
    assert output is not None  # noqa: S101 - it was opened as a pipe
    while b"\n" not in line and len(line) < 1 << 16:
        try:
            line += await output.receive()
        except anyio.EndOfStream:
            await process.wait()
            raise ValueError("it ended without a word") from None
    try:
        return msgspec.json.decode(line, type=dict[str, str])
    except msgspec.MsgspecError as error:
        raise ValueError(f"{line[:200]!r}: {error}") from error


@asynccontextmanager
async def _ending(process: anyio.abc.Process) -> AsyncGenerator[None]:
    """See that the process has ended when the block is left, however it is left."""
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        with anyio.CancelScope(shield=True):
            await process.wait()
            await process.aclose()
