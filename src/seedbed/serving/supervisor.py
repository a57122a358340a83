"""Keeps an engine's process alive: starts it, hears it greet, starts it again when it ends.

Floor 4. One supervisor a process. Who waits for the engine waits here; who finds it dead says so
here, so that nobody waits for a corpse. A process that gives no sign of life is ended as if it were
dead. A process that is not wanted is not started, until somebody waits for it.
"""

import math
import subprocess
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import anyio
import anyio.abc
import msgspec
import structlog

from seedbed.core.errors import EngineFailed, EngineStarting
from seedbed.engines.base import BEAT_SECONDS, Engine, Program
from seedbed.kit import atomic
from seedbed.kit.beginning import whole
from seedbed.kit.clock import Clock
from seedbed.serving.states import States

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_FIRST_DELAY, _LONGEST_DELAY = 0.1, 30.0
_STEADY = 60.0
"""A process that lived so long has earned a restart without delay."""
_GREETING_WITHIN = 1800.0
"""The weights of a large model take minutes from a slow disk."""
_SILENT = 120.0
"""A process that says nothing for so long is frozen: one step of a large model can take a minute,
during which its library lets nothing else run."""
_KEPT_LOG = 8 << 20
_LAST_WORDS = 2_000


class Supervisor:
    """The keeper of one engine's process."""

    def __init__(  # noqa: PLR0913 - where its two files lie is for the house to say
        self,
        model: str,
        engine: Engine,
        program: Program,
        *,
        log_file: Path,
        base_environment: Mapping[str, str],
        clock: Clock,
        took_file: Path | None = None,
        wanted: bool = True,
    ) -> None:
        self._model = model
        self._engine = engine
        self._program = program
        self._log_file = log_file
        self._took_file = took_file
        self._environment = dict(base_environment) | dict(program.environment)
        self._clock = clock
        self.process: anyio.abc.Process | None = None
        """The process that lives now, if one does."""
        self._changed = anyio.Event()
        self.life = 0
        """Which start of the process is ready; 0 while none is."""
        self.starts = 0
        self._state = "not started"
        self.states = States(clock, self._state)
        """How long it has been in each of its states."""
        self._wanted = wanted
        self._began = 0.0
        self._log_began = 0
        self.heard = 0.0
        """When the process last gave a sign of life."""

    @property
    def state(self) -> str:
        """`ready`, or what the process is doing instead, and for how long it has been loading."""
        if self._state != "loading":
            return self._state
        so_far = f"loading for {self._loading:.0f} s"
        return f"{so_far}; the last time it took {took:.0f} s" if (took := self.took) else so_far

    @property
    def progress(self) -> float | None:
        """How much of its loading is done, measured by the last time; `None` where that is unknown.

        Between 0 and 1.
        """
        if self._state == "ready":
            return 1.0
        if self._state != "loading" or not (took := self.took):
            return None
        return round(min(self._loading / took, 0.99), 2)

    async def run(self) -> None:
        """Keep the process alive, while it is wanted, until cancelled; then end it."""
        delay = 0.0
        while True:
            if not self._wanted:
                self._change("unloaded")
                await self._until(lambda: self._wanted)
            self._began = self._clock.now()
            self._change("loading")
            ended = await self._live()
            if not self._wanted:
                log.info("engine.unloaded", model=self._model)
                continue
            if self._clock.now() - self._began >= _STEADY:
                delay = 0.0
            delay = min(max(_FIRST_DELAY, 2 * delay), _LONGEST_DELAY)
            log.warning("engine.ended", model=self._model, how=ended, restart_in=delay)
            self._change(f"{ended}; it is started again in {delay:g} s")
            await self._clock.sleep(delay)

    async def ready(self, *, within: float) -> int:
        """Wait until the process is ready, and see that it is started; returns which life it is in.

        Raises:
            EngineStarting: it is not ready within that many seconds.
        """
        with anyio.move_on_after(within):
            while not self.life:
                self.load()
                await self._changed.wait()
        if not self.life:
            took = self.took or 0.0
            left = max(1, math.ceil(took - self._loading)) if took else 5
            raise EngineStarting(
                self._model, state=self.state, retry_after=left, progress=self.progress
            )
        return self.life

    def load(self) -> None:
        """See that the process is started, if it is not."""
        if not self._wanted:
            self._wanted = True
            self._change(self._state)

    async def unload(self) -> None:
        """End the process, and start it no more until somebody waits for it."""
        self._wanted = False
        if self.process is not None:
            self.process.kill()
        await self._until(lambda: self._state == "unloaded" or self._wanted)

    @property
    def pid(self) -> int | None:
        """The process that lives now, if one does."""
        return self.process.pid if self.process else None

    @property
    def took(self) -> float | None:
        """Seconds that the last loading took, on this machine."""
        if self._took_file is None or not self._took_file.exists():
            return None
        try:
            return max(float(self._took_file.read_text()), 0.1)
        except ValueError:
            return None

    def condemn(self, life: int) -> None:
        """Say that the process was found dead or deaf in that life; it is ended if need be."""
        if self.life == life and self.process is not None:
            self.process.kill()
            self._change("found unreachable")

    async def _live(self) -> str:
        """One life of the process, from start to end. Returns how it ended."""
        try:
            with self._open_log() as log_file:
                self._log_began = log_file.tell()
                beginning = anyio.open_process(
                    self._program.argv,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log_file,
                    env=self._environment,
                )
                process = await whole(beginning)
        except OSError as error:
            return f"it could not be started ({error})"
        self.starts += 1
        async with _ending(process):
            self.process = process
            try:
                with anyio.move_on_after(_GREETING_WITHIN):
                    self._engine.attach(await _greeting(process))
                    self._note_took()
                    self._change("ready", life=self.starts)
                    log.info("engine.ready", model=self._model, pid=process.pid, start=self.starts)
                if not self.life:
                    return f"it did not greet within {_GREETING_WITHIN:g} s"
                return await self._watch(process)
            except (EngineFailed, ValueError) as error:
                code = process.returncode
                if code is None:
                    return f"it greeted with what cannot be read ({error})"
                return f"{_end(code)} before it was ready; its last words: {self._last_words()}"
            finally:
                self.process = None
                self.life = 0

    async def _watch(self, process: anyio.abc.Process) -> str:
        """Wait for the process's end; one that gives no sign of life is ended. Returns how."""
        self.heard = self._clock.now()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._listen, process)
            tasks.start_soon(self._end_if_silent, process)
            await process.wait()
            tasks.cancel_scope.cancel()
        silent = self._clock.now() - self.heard >= _SILENT
        return (
            f"it was silent for {_SILENT:g} s and ended"
            if silent
            else _end(process.returncode or 0)
        )

    async def _listen(self, process: anyio.abc.Process) -> None:
        output = process.stdout
        assert output is not None  # noqa: S101 - it was opened as a pipe
        async for _ in output:
            self.heard = self._clock.now()

    async def _end_if_silent(self, process: anyio.abc.Process) -> None:
        while self._clock.now() - self.heard < _SILENT:
            await self._clock.sleep(BEAT_SECONDS)
        process.kill()

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await self._changed.wait()

    @property
    def _loading(self) -> float:
        """Seconds since the process was started."""
        return self._clock.now() - self._began

    def _note_took(self) -> None:
        if self._took_file is None:
            return
        try:
            atomic.write(self._took_file, f"{self._loading:.1f}\n".encode())
        except OSError as error:  # a full disk keeps no engine from its work
            log.warning("engine.took_unwritten", model=self._model, why=str(error))

    def _change(self, state: str, *, life: int = 0) -> None:
        self._state, self.life = state, life
        self.states.enter(state)
        self._changed.set()
        self._changed = anyio.Event()

    def _last_words(self) -> str:
        """The last line that this life has written to its log."""
        with self._log_file.open("rb") as file:
            file.seek(max(self._log_began, self._log_file.stat().st_size - _LAST_WORDS))
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
