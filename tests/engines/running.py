"""The engine with its server beside it, as the house runs it."""

import os
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio

from seedbed.core.ask import Ask, Limits, Sampling
from seedbed.core.event import CallDelta, Event, ReasoningDelta, Reply, TextDelta
from seedbed.core.message import Message, Role, Text
from seedbed.engines.base import Spec
from seedbed.engines.llama_cpp import LlamaCpp, make
from seedbed.kit.clock import SystemClock
from seedbed.serving.supervisor import Supervisor
from tests.engines.tiny import tiny_model

ASK = Ask(
    "tiny",
    (Message(Role.USER, (Text("hi"),)),),
    limits=Limits(output=8),
    sampling=Sampling(temperature=0.0, seed=7),
)


def spec(weights: Path, *, window: int = 1024) -> Spec:
    model = replace(tiny_model("llama_cpp"), window=window)
    return Spec(model, weights, places=1, threads=1)


@asynccontextmanager
async def served(spec: Spec, tmp_path: Path) -> AsyncGenerator[tuple[LlamaCpp, Supervisor]]:
    """An engine that answers, and the keeper of its process."""
    async with kept(spec, tmp_path) as (engine, supervisor):
        await supervisor.ready(within=60)
        yield engine, supervisor


@asynccontextmanager
async def kept(spec: Spec, tmp_path: Path) -> AsyncGenerator[tuple[LlamaCpp, Supervisor]]:
    """An engine whose process is started, and its keeper."""
    engine = make(spec)
    assert engine.program
    supervisor = Supervisor(
        "tiny",
        engine,
        engine.program,
        log_file=tmp_path / "engine.log",
        base_environment={"PATH": os.defpath, "HOME": str(tmp_path)},
        clock=SystemClock(),
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.run)
        yield engine, supervisor
        await engine.aclose()
        tasks.cancel_scope.cancel()


async def events_of(engine: LlamaCpp, ask: Ask) -> list[Event]:
    async with aclosing(engine.generate(ask)) as events:
        return [event async for event in events]


async def reply_of(engine: LlamaCpp, ask: Ask) -> Reply:
    """The whole answer, whose tokens add up."""
    events = await events_of(engine, ask)
    reply = Reply.of(events)
    deltas = [e for e in events if isinstance(e, TextDelta | ReasoningDelta | CallDelta)]
    assert sum(delta.tokens for delta in deltas) == reply.usage.output
    return reply
