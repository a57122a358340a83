"""What it does to the time between tokens to read long prompts on an engine of their own.

Floor 5. The same file on the same cores twice: one engine with all of them, and a pair of half each
that shares a folder. Some answers are written without end while long prompts arrive one after the
other, and each gap between two tokens counts in which a long prompt was waiting for its answer.
"""

import os
import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio

from seedbed.bench.serving.chats import question, words
from seedbed.core.ask import Ask, Limits
from seedbed.core.event import Failed, TextDelta
from seedbed.core.message import Message, Role, Text
from seedbed.engines import llama_cpp
from seedbed.engines.base import Generator, Spec
from seedbed.engines.llama_cpp import LlamaCpp
from seedbed.kit.clock import Clock
from seedbed.serving.splitting import Split
from seedbed.serving.supervisor import Supervisor
from seedbed.store.kv import SavedPrefixes

_LOADING_SECONDS = 300.0
_MOST_BYTES = 4 << 30


@dataclass(frozen=True, slots=True)
class Load:
    """So many answers at once, of so many tokens at most, beside long prompts of so many."""

    streams: int = 2
    output: int = 128
    prompts: int = 4
    tokens: int = 1500


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one run: seconds between tokens, and until the first of each long prompt."""

    gaps: list[float] = field(default_factory=list[float])
    firsts: list[float] = field(default_factory=list[float])

    @property
    def p99(self) -> float:
        """Seconds that all gaps but one in a hundred stay below."""
        return statistics.quantiles(self.gaps, n=100, method="inclusive")[98]

    @property
    def p50(self) -> float:
        """The median gap, in seconds."""
        return statistics.median(self.gaps)

    @property
    def first(self) -> float:
        """The median time to the first token of a long prompt, in seconds."""
        return statistics.median(self.firsts)


@dataclass(frozen=True, slots=True)
class Figures:
    """The pair beside the one; below 1 the pair is better."""

    one: Ran
    pair: Ran

    @property
    def tpot_p99_ratio(self) -> float:
        """Of the time between tokens while long prompts are read, the 99th percentile."""
        return self.pair.p99 / self.one.p99

    @property
    def first_ratio(self) -> float:
        """Of the time to a long prompt's first token, which half the cores must read."""
        return self.pair.first / self.one.first


async def measure(spec: Spec, home: Path, load: Load, clock: Clock) -> Figures:
    """Measure both; `spec` has the weights, and all threads for the one."""
    places = load.streams + 1
    async with _started(replace(spec, places=places), home, clock) as one:
        ran = await run(one, load, "one")
    half = replace(
        spec,
        threads=max(spec.threads // 2, 1),
        places=places,
        prefixes=SavedPrefixes(home / "kv", most_bytes=_MOST_BYTES, secret=b"bench", clock=clock),
    )
    async with AsyncExitStack() as both:
        reader = await both.enter_async_context(_started(half, home, clock))
        writer = await both.enter_async_context(_started(half, home, clock))
        return Figures(ran, await run(Split(reader, writer), load, "pair"))


async def run(engine: Generator, load: Load, mark: str) -> Ran:
    """Put the load on an engine that runs; no prompt of another mark begins as these do."""
    ran, waiting = Ran(), set[int]()
    async with anyio.create_task_group() as tasks:
        for number in range(load.streams):
            tasks.start_soon(_write, engine, _short(f"{mark} s{number}", load), ran, waiting)
        for number in range(load.prompts):
            waiting.add(number)
            ran.firsts.append(await _first(engine, _long(f"{mark} p{number}", load)))
            waiting.clear()
        tasks.cancel_scope.cancel()
    return ran


async def _write(engine: Generator, ask: Ask, ran: Ran, waiting: set[int]) -> None:
    """Have answers written without end, and note the gaps that end while somebody waits."""
    while True:
        last: float | None = None
        async with aclosing(engine.generate(ask)) as events:
            async for event in events:
                if isinstance(event, Failed):
                    raise event.error
                if isinstance(event, TextDelta):
                    now = time.perf_counter()
                    if last is not None and waiting:
                        ran.gaps.append((now - last) / max(event.tokens, 1))
                    last = now


async def _first(engine: Generator, ask: Ask) -> float:
    """Seconds to the first token."""
    began = time.perf_counter()
    async with aclosing(engine.generate(ask)) as events:
        async for event in events:
            if isinstance(event, Failed):
                raise event.error
            if isinstance(event, TextDelta):
                break
    return time.perf_counter() - began


def _short(mark: str, load: Load) -> Ask:
    return _said(question(mark, 64), load.output)


def _long(mark: str, load: Load) -> Ask:
    return _said(f"[{mark}] {words(mark, load.tokens)}", 1)


def _said(text: str, output: int) -> Ask:
    return Ask("bench", (Message(Role.USER, (Text(text),)),), limits=Limits(output=output))


@asynccontextmanager
async def _started(spec: Spec, home: Path, clock: Clock) -> AsyncGenerator[LlamaCpp]:
    """An engine that is ready, until the end.

    Raises:
        EngineStarting: it did not become ready.
    """
    engine = llama_cpp.make(spec)
    assert engine.program  # noqa: S101 - it always has one
    supervisor = Supervisor(
        spec.model.name,
        engine,
        engine.program,
        log_file=home / "engine.log",
        base_environment={"PATH": os.defpath, "HOME": str(home)},
        clock=clock,
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.run)
        await supervisor.ready(within=_LOADING_SECONDS)
        yield engine
        await engine.aclose()
        tasks.cancel_scope.cancel()
