"""The whole measuring of pictures and films, each part in a process of its own.

Floor 5.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.bench.media.resuming import Resumed, resumed
from seedbed.core.errors import SetupIncomplete

Part = Mapping[str, Any]
"""What a part tells of itself."""
Told = Callable[[str], None]
_MODULE = "seedbed.bench.media.part"
_LONGEST_SECONDS = 1_800


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: rounds of stills and of encoding, frames, posters, and shots."""

    rounds: int
    frames: int
    posters: int
    shots: int


FULL = Plan(rounds=3, frames=300, posters=100, shots=24)
QUICK = Plan(rounds=1, frames=60, posters=20, shots=8)


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured: of the named parts each round, and what came of the kill."""

    plan: Plan
    parts: Mapping[str, Sequence[Part]]
    resumed: Resumed


def measure(work: Path, environment: Mapping[str, str], plan: Plan, *, told: Told) -> Measured:
    """Measure, with all that it needs in the empty folder `work`.

    Raises:
        SetupIncomplete: a part does not do its work; most often the extra `films` is missing.
    """
    wanted = {"still": 0, "encode": plan.frames}
    parts: dict[str, list[Part]] = {}
    for number in range(plan.rounds):
        told(f"round {number + 1} of {plan.rounds}")
        for name, count in wanted.items():
            for one in (f"{name}_bare", name):
                parts.setdefault(one, []).append(_part(one, count, environment))
    told("interpolation and upscaling")
    parts["finish"] = [_part("finish", 3 * plan.rounds, environment)]
    told(f"{plan.posters} posters")
    parts["exact"] = [_part("exact", plan.posters, environment)]
    told("a kill")
    (home := work / "home").mkdir(mode=0o700)
    return Measured(plan, parts, resumed(home, environment, plan.shots))


def _part(name: str, count: int, environment: Mapping[str, str]) -> Part:
    run = subprocess.run(  # noqa: S603 - a module of ours
        [sys.executable, "-m", _MODULE, name, str(count)],
        env=dict(environment),
        capture_output=True,
        timeout=_LONGEST_SECONDS,
        check=False,
    )
    if run.returncode:
        said = run.stderr.decode(errors="replace").strip().splitlines()
        raise SetupIncomplete(
            f"The part {name!r} cannot be measured: {said[-1] if said else 'no word'}.",
            hint="`make up` installs what draws.",
        )
    found: Part = json.loads(run.stdout.splitlines()[-1])
    return found
