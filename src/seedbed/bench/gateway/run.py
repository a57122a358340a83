"""The whole measuring of the gateway: starts, rounds, and whether the books are right after it.

Floor 5.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from seedbed.bench import ledger
from seedbed.bench.gateway import targets
from seedbed.bench.gateway.doors import OPENAI
from seedbed.bench.gateway.ours import entries, furnish, ours
from seedbed.bench.gateway.peers import litellm, version_of
from seedbed.bench.gateway.programs import compiled, memory_mb
from seedbed.bench.gateway.rounds import Plan, Row, caller, take_turns
from seedbed.bench.gateway.targets import Start, Target
from seedbed.bench.ledger import Killing, Spending

_SEED = 1
Told = Callable[[str], None]
Opener = Callable[[], AbstractContextManager[tuple[Target, Start]]]


@dataclass(frozen=True, slots=True)
class Memory:
    """What a target held after all its turns, and at most, in MB."""

    after: float
    peak: float


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured. `peers` are other gateways with their versions; `None` is one that is
    not on this machine.
    """

    plan: Plan
    rows: Sequence[Row]
    starts: Mapping[str, Sequence[Start]]
    memory: Mapping[str, Memory]
    entries: int
    spending: Spending
    killing: Killing
    peers: Mapping[str, str | None]
    door: str = OPENAI

    @property
    def targets(self) -> tuple[str, ...]:
        """Who was measured."""
        return tuple(self.memory)

    @property
    def answers(self) -> int:
        """Answers that our own gateway gave; each start ended with one."""
        rounds = sum(row.got.answered for row in self.rows if row.target == "ours")
        return rounds + len(self.starts["ours"])


def measure(
    work: Path,
    environment: Mapping[str, str],
    plan: Plan,
    *,
    peer: str | None,
    told: Told,
    door: str = OPENAI,
) -> Measured:
    """Measure, with all that it needs in the empty folder `work`. `peer` is a `litellm` program;
    ours is asked at that door, the others at OpenAI's.

    Raises:
        SetupIncomplete: something that was started does not answer.
    """
    plain = compiled(environment)
    home = work / "home"
    home.mkdir(mode=0o700)
    with targets.upstream(work, plain) as behind:
        key = furnish(home, behind)
        openers: dict[str, Opener] = {"ours": partial(ours, home, key, plain, door)}
        if peer:
            openers["litellm"] = partial(litellm, peer, behind, work, plain)
        starts = {name: _starts(name, openers[name], plan.starts, told) for name in openers}
        with ExitStack() as stack:
            running = [behind, stack.enter_context(targets.relay(behind, work, plain))]
            for name, opener in openers.items():
                target, start = stack.enter_context(opener())
                running.append(target)
                starts[name].append(start)
            rows = take_turns(running, plan, stack.enter_context(caller(work, plain)), told)
            memory = {target.name: _memory(target) for target in running}
    told("the ledger, under strain")
    spending = ledger.overspend(work, requests=plan.asks)
    killing = ledger.unrecorded(work, seed=_SEED, kills=plan.kills)
    peers = {"litellm": peer and version_of(peer, plain)}
    return Measured(plan, rows, starts, memory, entries(home), spending, killing, peers, door)


def _starts(name: str, opener: Opener, count: int, told: Told) -> list[Start]:
    """All but the last of so many starts."""
    starts: list[Start] = []
    for number in range(1, count):
        told(f"{name}, start {number} of {count}")
        with opener() as (_, start):
            starts.append(start)
    return starts


def _memory(target: Target) -> Memory:
    return Memory(memory_mb(target.pid), memory_mb(target.pid, peak=True))
