"""What our way of running an engine costs: the library bare, and the same through our worker.

Floor 5. Both hold the same file with the same settings, and take turns on the same machine with
prompts of the same length that nobody has seen before. Compared are tokens for a second of the
processor, ours counting both processes, the worker's and the one that speaks with it.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import msgspec
from anyio.streams.buffered import BufferedByteReceiveStream

from seedbed.bench.bare.turns import Spent, Turn
from seedbed.core.ask import Ask, Limits, Sampling
from seedbed.core.event import Reply
from seedbed.core.message import Message, Role, Text
from seedbed.engines.base import Generator
from seedbed.serving.deployment import LiveDeployment

_WORDS = (
    "amber", "bridge", "copper", "delta", "ember", "forest", "glass", "harbour", "island",
    "jasmine", "kettle", "lantern", "meadow", "nickel", "orchard", "pepper", "quarry", "river",
    "silver", "timber", "umber", "valley", "willow", "yellow", "zephyr", "anchor",
)  # fmt: skip
PLACES = 16
"""Answers that an engine makes side by side while it is measured."""
_LONGEST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class Workload:
    """So many asks side by side, of about 128 tokens each, answered with so many at most."""

    name: str
    streams: int
    output: int = 64

    def prompts(self, turn: str) -> list[str]:
        """Prompts that no other turn has had, not even at their beginning."""
        return [self._prompt(f"{turn} {number}") for number in range(self.streams)]

    def _prompt(self, mark: str) -> str:
        seed = sum(map(ord, mark))
        words = " ".join(_WORDS[(seed * 7 + at * at) % len(_WORDS)] for at in range(76))
        return f"[{mark}] Write a story with these words: {words}."


WORKLOADS = (Workload("A", 1), Workload("B", PLACES))


@dataclass(frozen=True, slots=True)
class Row:
    """One engine under one workload: each turn's `Spent`, bare and ours."""

    engine: str
    workload: Workload
    bare: tuple[Spent, ...]
    ours: tuple[Spent, ...]

    @property
    def kept(self) -> float:
        """Our tokens for a second of the processor, as a share of the bare library's; the median
        over turns of the two that ran one after the other.
        """
        pairs = zip(self.ours, self.bare, strict=True)
        return statistics.median(ours.rate / bare.rate for ours, bare in pairs)

    @staticmethod
    def rate(spent: Sequence[Spent]) -> float:
        """Tokens for a second of the processor, over all turns."""
        return sum(turn.tokens for turn in spent) / sum(turn.cpu for turn in spent)

    @staticmethod
    def speed(spent: Sequence[Spent]) -> float:
        """Tokens for a second of the clock, over all turns; it depends on what else runs."""
        return sum(turn.tokens for turn in spent) / sum(turn.wall for turn in spent)


@dataclass(frozen=True, slots=True)
class Subject:
    """An engine that lives in our worker, and the file and settings that its library gets bare."""

    live: LiveDeployment
    weights: Path
    window: int
    threads: int


async def measure_all(
    subject: Subject, workloads: Sequence[Workload], *, turns: int, told: Callable[[str], None]
) -> list[Row]:
    """Every workload, with the engine's process running beside."""
    rows: list[Row] = []
    async with anyio.create_task_group() as tasks:
        assert subject.live.supervisor  # noqa: S101 - an engine with weights has a process
        tasks.start_soon(subject.live.supervisor.run)
        for workload in workloads:
            row = await measure(subject, workload, turns=turns, told=told)
            rows.append(row)
        tasks.cancel_scope.cancel()
    return rows


async def measure(
    subject: Subject, workload: Workload, *, turns: int, told: Callable[[str], None]
) -> Row:
    """Let the bare library and our worker take turns, after one that warms both and is not counted.

    Raises:
        ValueError: the library has no control here, or did not do what it was told.
    """
    kind = subject.live.deployment.engine
    bare: list[Spent] = []
    ours: list[Spent] = []
    async with _control(kind, subject) as ask_control:
        for turn in range(turns + 1):
            told(f"{kind} {workload.name}, turn {turn} of {turns}")
            first = await ask_control(Turn(workload.prompts(f"bare {turn}"), workload.output))
            second = await _ours(subject.live, workload, f"ours {turn}")
            if turn:
                bare.append(first)
                ours.append(second)
    return Row(kind, workload, tuple(bare), tuple(ours))


async def _ours(live: LiveDeployment, workload: Workload, turn: str) -> Spent:
    engine, supervisor = live.engine, live.supervisor
    assert isinstance(engine, Generator)  # noqa: S101 - the caller chose one
    assert supervisor  # noqa: S101 - the same
    await live.ready(within=600)
    pid = supervisor.pid or 0
    tokens = 0

    async def one(prompt: str) -> None:
        nonlocal tokens
        ask = Ask(
            live.deployment.model.name,
            (Message(Role.USER, (Text(prompt),)),),
            limits=Limits(output=workload.output),
            sampling=Sampling(temperature=0.0),
        )
        async with aclosing(engine.generate(ask)) as events:
            reply = Reply.of([event async for event in events])
        tokens += reply.usage.output

    cpu, wall = processor_seconds(pid) + time.process_time(), time.perf_counter()
    async with anyio.create_task_group() as tasks:
        for prompt in workload.prompts(turn):
            tasks.start_soon(one, prompt)
    spent = processor_seconds(pid) + time.process_time() - cpu
    return Spent(tokens, spent, time.perf_counter() - wall)


def processor_seconds(pid: int) -> float:
    """Seconds of the processor that a process has used, all its threads together (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def _control(
    kind: str, subject: Subject
) -> AsyncGenerator[Callable[[Turn], Awaitable[Spent]]]:
    """The bare library in a process of its own."""
    options = [subject.weights, subject.window, PLACES, subject.threads]
    argv = [sys.executable, "-m", f"seedbed.bench.bare.{kind}", *map(str, options)]
    process = await anyio.open_process(argv, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    async with process:
        output, orders = process.stdout, process.stdin
        assert output  # noqa: S101 - opened as pipes
        assert orders  # noqa: S101
        lines = BufferedByteReceiveStream(output)

        async def ask(turn: Turn) -> Spent:
            await orders.send(msgspec.json.encode(turn) + b"\n")
            line = await lines.receive_until(b"\n", _LONGEST_LINE)
            return msgspec.json.decode(line, type=Spent)

        try:
            await lines.receive_until(b"\n", _LONGEST_LINE)
            yield ask
        except (anyio.EndOfStream, anyio.IncompleteRead) as error:
            raise ValueError(f"the control of {kind} ended by itself") from error
        finally:
            process.kill()


def figures(rows: Sequence[Row]) -> Mapping[str, float]:
    """The figures by their names, such as `engines.ENGINE.B.kept`."""
    return {f"engines.{row.engine}.{row.workload.name}.kept": round(row.kept, 3) for row in rows}
