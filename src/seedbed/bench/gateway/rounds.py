"""Rounds: everyone who is measured takes their turn at every load, again and again.

Floor 5. So what else the machine does falls on all alike.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from seedbed.bench.gateway.load import Got, Order
from seedbed.bench.gateway.programs import processor_seconds, started
from seedbed.bench.gateway.targets import Target

_PATIENCE_SECONDS = 120.0
_SETTLE_SECONDS = 0.15
"""What a gateway still does after its last answer, such as writing entries, is in its figures."""


@dataclass(frozen=True, slots=True)
class Load:
    """So many requests in all, with so many in flight; streams are `slow` where a model would
    serve as many at once.
    """

    name: str
    in_flight: int
    requests: int
    stream: bool = False
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: the loads, how often, and how often a start; how many asks strain a
    budget, and how many processes are killed to see whether the books stay whole.
    """

    loads: tuple[Load, ...]
    rounds: int
    starts: int = 1
    asks: int = 0
    kills: int = 0


FULL = Plan(
    (
        Load("c1", 1, 1500),
        Load("c10", 10, 4000),
        Load("c64", 64, 6000),
        Load("streams", 64, 192, stream=True),
    ),
    rounds=5,
    starts=3,
    asks=1_000,
    kills=200,
)
QUICK = Plan(
    (
        Load("c1", 1, 300),
        Load("c10", 10, 1000),
        Load("c64", 64, 2000),
        Load("streams", 64, 64, stream=True),
    ),
    rounds=2,
    starts=3,
    asks=300,
    kills=20,
)
WARM = Load("warm", 10, 200)


@dataclass(frozen=True, slots=True)
class Row:
    """One turn: who, under which load, what came, and seconds of the processor for it."""

    target: str
    load: Load
    got: Got
    cpu: float

    @property
    def per_second(self) -> float:
        """Answers for a second."""
        return self.got.answered / self.got.wall

    @property
    def cpu_us(self) -> float:
        """Microseconds of the processor for an answer."""
        return self.cpu * 1e6 / max(1, self.got.answered)


Ask = Callable[[Order], Got]


@contextmanager
def caller(work: Path, environment: Mapping[str, str]) -> Generator[Ask]:
    """The program that asks."""
    argv = [sys.executable, "-m", "seedbed.bench.gateway.load"]
    log = work / "load.log"
    with started(argv, environment=environment, log=log, talks=True) as process:
        yield lambda order: _ask(process, order)


def _ask(process: "subprocess.Popen[bytes]", order: Order) -> Got:
    assert process.stdin  # noqa: S101 - opened as pipes
    assert process.stdout  # noqa: S101
    process.stdin.write(msgspec.json.encode(order) + b"\n")
    process.stdin.flush()
    return msgspec.json.decode(process.stdout.readline(), type=Got)


def turn(target: Target, load: Load, ask: Ask) -> Row:
    """One turn of one target."""
    requests = max(round(load.requests * target.share), load.in_flight)
    order = Order(
        port=target.port,
        door=target.door,
        key=target.key,
        in_flight=load.in_flight,
        requests=requests,
        stream=load.stream,
        patience=_PATIENCE_SECONDS,
        slow=load.slow,
    )
    before = processor_seconds(target.pid)
    got = ask(order)
    time.sleep(_SETTLE_SECONDS)
    return Row(target.name, load, got, processor_seconds(target.pid) - before)


def take_turns(
    targets: Sequence[Target], plan: Plan, ask: Ask, told: Callable[[str], None]
) -> list[Row]:
    """Every target under every load, after one turn that warms each."""
    rows = [turn(target, WARM, ask) for target in targets]
    for number in range(1, plan.rounds + 1):
        for load in plan.loads:
            for target in targets:
                told(f"{target.name}, {load.name}, round {number} of {plan.rounds}")
                rows.append(turn(target, load, ask))
    return rows
