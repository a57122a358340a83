"""The whole measuring of serving: ours and its peers in turns, then what is ours alone.

Floor 5.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import anyio

from seedbed.bench.serving import arrivals, specification, split
from seedbed.bench.serving.arrivals import Arrivals
from seedbed.bench.serving.chats import alone
from seedbed.bench.serving.ground import Ground, Subject
from seedbed.bench.serving.ours import OURS, furnish, serving
from seedbed.bench.serving.peers import PLAIN, Others, openers, start
from seedbed.bench.serving.simulated import Check, check, first_form
from seedbed.bench.serving.specification import Specification
from seedbed.bench.serving.targets import Spent, Stopwatch, Target
from seedbed.bench.serving.workloads import Plan, Workload, workloads
from seedbed.core.model import Model
from seedbed.engines.base import Spec
from seedbed.kit.clock import SystemClock

Told = Callable[[str], None]
_SETTLE_SECONDS = 0.15
"""What a server still does after its last answer, such as writing entries, is in its figures."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is measured: a model and where its files lie in a home, how they are shared out, which
    peers there are, and a text of fifty pages, or none.
    """

    model: Model
    files: Path
    subject: Subject
    others: Others
    text: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One turn: who, under which workload, in which round."""

    target: str
    workload: str
    round: int
    spent: Spent


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured; `missing` says of each peer that is not here why, and `log` what was
    begun at which second.
    """

    plan: Plan
    rows: Sequence[Row]
    targets: Sequence[str]
    missing: Mapping[str, str]
    arrivals: Arrivals
    specification: Specification | None
    split: float
    simulator: Check | None
    log: Sequence[tuple[str, float]] = ()

    def row(self, target: str, workload: str, number: int) -> Row | None:
        """One turn, if it was taken."""
        wanted = target, workload, number
        found = (row for row in self.rows if (row.target, row.workload, row.round) == wanted)
        return next(found, None)


def measure(
    work: Path, environment: Mapping[str, str], plan: Plan, wanted: Wanted, *, told: Told
) -> Measured:
    """Measure, with all that it needs in the empty folder `work`.

    Raises:
        SetupIncomplete: our own server does not come up.
    """
    # without its compiled files Python starts more slowly, and that is nothing of the program's
    plain = {name: text for name, text in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    (work / "split").mkdir()
    log, began = list[tuple[str, float]](), time.monotonic()

    def noted(said: str) -> None:
        log.append((said, round(time.monotonic() - began, 1)))
        told(said)

    whole = partial(_measure, Ground(work, plain), plan, wanted, noted)
    measured, form = anyio.run(whole, backend_options={"use_uvloop": True})
    noted("the end")
    own = {row.workload: row.spent for row in measured.rows if (row.target, row.round) == (OURS, 1)}
    return replace(measured, simulator=check(own, form), log=log)


async def _measure(
    ground: Ground, plan: Plan, wanted: Wanted, told: Told
) -> tuple[Measured, float | None]:
    """All but the simulation, and what that must know of forms."""
    found = openers(wanted.subject, ground, wanted.others)
    if not plan.defaults:
        del found[PLAIN]
    with ExitStack() as stack:
        home = furnish(ground.work / "home", wanted.model, wanted.files, wanted.subject)
        told("ours starts")
        ours = stack.enter_context(serving(home, ground))
        peers, missing = start(stack, found, told)
        rows = await take_turns([ours, *peers], workloads(plan), plan.rounds, told)
        told("F, interactive arrivals without and with batch work")
        came = await arrivals.measure(ours, "F", arrivals=plan.arrivals, every=plan.every)
    told("the first form of a server's life, for the simulator")
    with serving(home, ground) as again:
        form = await first_form(again)
    told("split prefill and decode")
    pair = await _split(ground.work / "split", wanted, plan.prompts)
    fifty = None
    if wanted.text is not None:
        fifty = await specification.measure(
            wanted.text, wanted.subject, ground, plan.questions, told
        )
    names = [ours.name, *(peer.name for peer in peers)]
    return Measured(plan, rows, names, missing, came, fifty, pair, None), form


async def _split(home: Path, wanted: Wanted, prompts: int) -> float:
    """What reading prompts on an engine of their own does to the time between tokens."""
    subject = wanted.subject
    spec = Spec(wanted.model, subject.weights, places=1, threads=subject.threads)
    figures = await split.measure(spec, home, split.Load(prompts=prompts), SystemClock())
    return figures.tpot_p99_ratio


async def take_turns(
    targets: Sequence[Target], loads: Sequence[Workload], rounds: int, told: Told
) -> list[Row]:
    """Every workload by every target that takes part, after a turn that warms each. In each round
    another is the first.
    """
    rows: list[Row] = []
    for target in targets:
        told(f"{target.name} is warmed")
        await target.together(alone("warm", 2, output=8))
    for number in range(1, rounds + 1):
        first = (number - 1) % len(targets)
        for load in loads:
            if load.once and number > 1:
                continue
            for target in filter(load.asks, [*targets[first:], *targets[:first]]):
                told(f"{target.name}, {load.name}, round {number} of {rounds}")
                rows.append(await turn(target, load, number))
    return rows


async def turn(target: Target, load: Workload, number: int) -> Row:
    """One turn of one target."""
    watch = Stopwatch(target)
    got = await load.run(target, f"round {number}")
    ended = watch.spent(got)
    await anyio.sleep(_SETTLE_SECONDS)
    settled = Spent(got, watch.spent(got).cpu, ended.wall)
    return Row(target.name, load.name, number, settled)
