"""An engine's process is kept alive, and dies with its keeper. Real processes."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from seedbed.core.ask import Ask, Feature
from seedbed.core.errors import EngineFailed, EngineStarting
from seedbed.core.event import Event
from seedbed.engines.base import Program
from seedbed.kit.clock import FakeClock
from seedbed.serving.supervisor import Supervisor
from tests.engines.tiny import write_tiny_llama
from tests.serving.houses import until

pytestmark = pytest.mark.anyio


def greeting(words: str = "{'url': 'x'}") -> str:
    """A program that greets with the value of an expression, and ends when it should."""
    tells = f"print(json.dumps({words}), flush=True)"
    return f"import json, os, sys; {tells}; sys.stdin.read()"


GREETS = greeting()


class Listener:
    """An engine that only remembers how it was greeted."""

    features = frozenset[Feature]()
    program: Program | None = None

    def __init__(self) -> None:
        self.greetings: list[dict[str, str]] = []

    def attach(self, greeting: Mapping[str, str]) -> None:
        if "url" not in greeting:
            raise EngineFailed("m", why="no url")
        self.greetings.append(dict(greeting))

    def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        raise AssertionError(ask)

    async def aclose(self) -> None:
        pass


@asynccontextmanager
async def keeping(
    code: str, clock: FakeClock, tmp_path: Path
) -> AsyncGenerator[tuple[Supervisor, Listener]]:
    engine = Listener()
    program = Program((sys.executable, "-c", code), {"SECRET": "s"})
    supervisor = Supervisor(
        "m",
        engine,
        program,
        log_file=tmp_path / "logs" / "m.log",
        base_environment={"PATH": os.defpath},
        clock=clock,
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.run)
        yield supervisor, engine
        tasks.cancel_scope.cancel()


async def test_it_is_ready_once_the_process_has_greeted(clock: FakeClock, tmp_path: Path) -> None:
    async with keeping(GREETS, clock, tmp_path) as (supervisor, engine):
        assert await supervisor.ready(within=20) == 1
        assert engine.greetings == [{"url": "x"}]
        assert supervisor.state == "ready"


async def test_the_process_learns_its_secret_and_nothing_else_of_ours(
    clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not for engines")
    code = greeting("dict(os.environ, url='x')")
    async with keeping(code, clock, tmp_path) as (supervisor, engine):
        await supervisor.ready(within=20)
        assert engine.greetings[0]["SECRET"] == "s"
        assert "not for engines" not in engine.greetings[0].values()


async def test_a_killed_process_is_started_again_after_a_moment(
    clock: FakeClock, tmp_path: Path
) -> None:
    async with keeping(GREETS, clock, tmp_path) as (supervisor, _):
        first = await supervisor.ready(within=20)
        supervisor.condemn(first)
        await until(lambda: "started again in 0.1 s" in supervisor.state)
        assert "signal 9" in supervisor.state
        await clock.advance(0.1)
        assert await supervisor.ready(within=20) == first + 1


async def test_a_process_is_condemned_for_the_life_in_which_it_was_found_dead(
    clock: FakeClock, tmp_path: Path
) -> None:
    async with keeping(GREETS, clock, tmp_path) as (supervisor, _):
        life = await supervisor.ready(within=20)
        supervisor.condemn(life - 1)
        assert supervisor.state == "ready"


async def test_a_process_that_dies_at_once_is_started_ever_more_seldom(
    clock: FakeClock, tmp_path: Path
) -> None:
    async with keeping("raise SystemExit(3)", clock, tmp_path) as (supervisor, _):
        for delay in ("0.1", "0.2", "0.4", "0.8"):
            await until(lambda d=delay: f"again in {d} s" in supervisor.state)
            assert "status 3" in supervisor.state
            await clock.advance(float(delay))
        assert supervisor.starts >= 4


async def test_a_process_that_lived_long_is_started_again_without_delay_grown(
    clock: FakeClock, tmp_path: Path
) -> None:
    async with keeping(GREETS, clock, tmp_path) as (supervisor, _):
        for _ in range(3):
            life = await supervisor.ready(within=20)
            await clock.advance(61)
            supervisor.condemn(life)
            await until(lambda: "again in 0.1 s" in supervisor.state)
            await clock.advance(0.1)


async def test_who_waits_for_an_engine_that_does_not_come_is_told(
    clock: FakeClock, tmp_path: Path
) -> None:
    async with keeping("raise SystemExit(3)", clock, tmp_path) as (supervisor, _):
        await until(lambda: "again in" in supervisor.state)
        with pytest.raises(EngineStarting, match="ended with status 3") as caught:
            await supervisor.ready(within=0.01)
        assert caught.value.retry_after > 0


@pytest.mark.parametrize("words", ["'hello'", "[1]", "{}", "{'url': 1}"])
async def test_a_greeting_that_cannot_be_read_ends_the_process(
    words: str, clock: FakeClock, tmp_path: Path
) -> None:
    async with keeping(greeting(words), clock, tmp_path) as (supervisor, engine):
        await until(lambda: "again in" in supervisor.state)
        assert "greeted with what cannot be read" in supervisor.state
        assert engine.greetings == []


async def test_a_program_that_is_not_there_is_told(clock: FakeClock, tmp_path: Path) -> None:
    engine = Listener()
    supervisor = Supervisor(
        "m",
        engine,
        Program(("/nowhere/engine",), {}),
        log_file=tmp_path / "m.log",
        base_environment={},
        clock=clock,
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.run)
        await until(lambda: "could not be started" in supervisor.state)
        tasks.cancel_scope.cancel()


async def test_a_log_that_cannot_be_written_is_told_and_the_keeper_goes_on(
    clock: FakeClock, tmp_path: Path
) -> None:
    (tmp_path / "logs").write_text("no folder")
    async with keeping(GREETS, clock, tmp_path) as (supervisor, _):
        await until(lambda: "could not be started" in supervisor.state)
        (tmp_path / "logs").unlink()
        await clock.advance(0.1)
        assert await supervisor.ready(within=20)


async def test_the_words_of_an_earlier_life_are_not_taken_for_the_last(
    clock: FakeClock, tmp_path: Path
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "m.log").write_text("I ran out of memory.\n")
    async with keeping("raise SystemExit(3)", clock, tmp_path) as (supervisor, _):
        await until(lambda: "started again" in supervisor.state)
        assert "status 3 before it was ready; its last words: none" in supervisor.state


async def test_the_last_words_of_a_process_that_never_was_ready_are_told(
    clock: FakeClock, tmp_path: Path
) -> None:
    dies = "import sys; sys.exit('the file is damaged')"
    async with keeping(dies, clock, tmp_path) as (supervisor, _):
        await until(lambda: "again in" in supervisor.state)
        assert "status 1 before it was ready" in supervisor.state
        assert "the file is damaged" in supervisor.state


async def test_what_the_process_says_goes_to_its_own_log_which_does_not_grow_for_ever(
    clock: FakeClock, tmp_path: Path
) -> None:
    log = tmp_path / "logs" / "m.log"
    log.parent.mkdir()
    log.write_bytes(b"x" * (9 << 20))
    says = "import sys; print('a word', file=sys.stderr, flush=True);" + GREETS
    async with keeping(says, clock, tmp_path) as (supervisor, _):
        await supervisor.ready(within=20)
    assert log.read_text() == "a word\n"


async def test_no_process_is_left_when_the_keeper_ends(clock: FakeClock, tmp_path: Path) -> None:
    code = greeting("{'url': str(os.getpid())}")
    async with keeping(code, clock, tmp_path) as (supervisor, engine):
        await supervisor.ready(within=20)
        pid = int(engine.greetings[0]["url"])
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_process_that_is_not_wanted_is_ended_and_started_again_when_somebody_waits(
    clock: FakeClock, tmp_path: Path
) -> None:
    async with keeping(GREETS, clock, tmp_path) as (supervisor, _):
        first = await supervisor.ready(within=20)
        await supervisor.unload()
        assert (supervisor.state, supervisor.pid, supervisor.progress) == ("unloaded", None, None)
        await clock.advance(600)
        assert supervisor.starts == 1
        assert await supervisor.ready(within=20) == first + 1


async def test_a_frozen_process_is_ended_and_started_again(
    clock: FakeClock, tmp_path: Path
) -> None:
    async with keeping(GREETS, clock, tmp_path) as (supervisor, _):
        await supervisor.ready(within=20)
        await clock.advance(119)
        assert supervisor.state == "ready"
        await clock.advance(1)
        await until(lambda: "it was silent for 120 s and ended" in supervisor.state)


async def test_a_process_that_gives_signs_of_life_is_left_alone(
    clock: FakeClock, tmp_path: Path
) -> None:
    beats = "import json, sys; print(json.dumps({'url': 'x'}), flush=True)\n"
    beats += "for line in sys.stdin: print(flush=True)"
    async with keeping(beats, clock, tmp_path) as (supervisor, _):
        life = await supervisor.ready(within=20)
        for _ in range(3):
            await clock.advance(100)
            heard, process = supervisor.heard, supervisor.process
            assert process
            assert process.stdin
            await process.stdin.send(b"\n")
            await until(lambda heard=heard: supervisor.heard > heard)
        assert supervisor.life == life


async def test_how_long_loading_takes_is_told_by_how_long_it_took(
    clock: FakeClock, tmp_path: Path
) -> None:
    took = tmp_path / "run" / "m.took"
    waits = "import sys; sys.stdin.readline(); " + GREETS
    supervisor = Supervisor(
        "m",
        Listener(),
        Program((sys.executable, "-c", waits), {}),
        log_file=tmp_path / "m.log",
        base_environment={},
        clock=clock,
        took_file=took,
    )

    async def told() -> tuple[str, float | None, int]:
        with pytest.raises(EngineStarting) as caught:
            await supervisor.ready(within=0.01)
        return supervisor.state, supervisor.progress, caught.value.retry_after

    async def greets() -> None:
        await until(lambda: supervisor.process is not None)
        assert supervisor.process
        assert supervisor.process.stdin
        await supervisor.process.stdin.send(b"\n")
        await supervisor.ready(within=20)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.run)
        await until(lambda: supervisor.state.startswith("loading"))
        await clock.advance(8)
        assert await told() == ("loading for 8 s", None, 5)
        await greets()
        assert (supervisor.progress, took.read_text()) == (1.0, "8.0\n")
        await supervisor.unload()
        supervisor.load()
        await until(lambda: supervisor.state.startswith("loading"))
        await clock.advance(2)
        assert await told() == ("loading for 2 s; the last time it took 8 s", 0.25, 6)
        await clock.advance(60)
        assert (await told())[1:] == (0.99, 1)
        took.write_text("soon")
        assert (await told())[1] is None
        tasks.cancel_scope.cancel()


async def test_a_disk_that_takes_no_note_keeps_no_engine_from_its_work(
    clock: FakeClock, tmp_path: Path
) -> None:
    (tmp_path / "run").write_text("no folder")
    supervisor = Supervisor(
        "m",
        Listener(),
        Program((sys.executable, "-c", GREETS), {}),
        log_file=tmp_path / "m.log",
        base_environment={},
        clock=clock,
        took_file=tmp_path / "run" / "m.took",
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.run)
        assert await supervisor.ready(within=20) == 1
        tasks.cancel_scope.cancel()


@pytest.mark.slow
async def test_an_engine_never_outlives_a_server_that_was_killed(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf")
    worker = "-m seedbed.engines.workers.llama_server --window 512 --places 1 --threads 1"
    worker += f" --model {weights}"
    keeper = textwrap.dedent(f"""
        import subprocess, sys, os
        argv = [sys.executable, *{worker.split()!r}]
        environment = dict(os.environ, SEEDBED_ENGINE_KEY="k")
        child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, env=environment)
        child.stdout.readline()
        print(child.pid, flush=True)
        sys.stdin.read()
    """)
    argv = [sys.executable, "-c", keeper]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout
        engine = int(server.stdout.readline())
        server.send_signal(signal.SIGKILL)
    await until(lambda: not Path(f"/proc/{engine}").exists())
