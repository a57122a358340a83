"""The whole measuring of the doors: one server, asked by turns at each of them.

Floor 5. OpenAI's door for chats is what the others are compared with. The model behind all of them
speaks OpenAI's words, so that there alone the bytes of a piece can go on as they came.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seedbed.bench.gateway import targets
from seedbed.bench.gateway.doors import DOORS
from seedbed.bench.gateway.ours import entries, furnish, ours
from seedbed.bench.gateway.programs import compiled
from seedbed.bench.gateway.rounds import Load, Plan, Row, caller, take_turns

ALONE, AMONG = "alone", "among"
"""The loads that tell what streams do to each other's first piece."""
FULL = Plan(
    (
        Load("c10", 10, 4000),
        Load("streams", 64, 192, stream=True),
        Load(ALONE, 1, 20, stream=True),
        Load(AMONG, 200, 600, stream=True, slow=True),
    ),
    rounds=5,
)
QUICK = Plan(
    (
        Load("c10", 10, 1000),
        Load("streams", 64, 64, stream=True),
        Load(ALONE, 1, 5, stream=True),
        Load(AMONG, 200, 200, stream=True, slow=True),
    ),
    rounds=2,
)


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured. `suites` are the figures that the vendors' own tests gave."""

    plan: Plan
    rows: Sequence[Row]
    entries: int
    suites: Mapping[str, float]

    @property
    def answers(self) -> int:
        """Answers that the server gave; its start ended with one."""
        return 1 + sum(row.got.answered for row in self.rows if row.target in DOORS)


def measure(
    work: Path,
    environment: Mapping[str, str],
    plan: Plan,
    *,
    suites: Mapping[str, float],
    told: Callable[[str], None],
) -> Measured:
    """Measure, with all that it needs in the empty folder `work`.

    Raises:
        SetupIncomplete: the server does not answer.
    """
    plain, home = compiled(environment), work / "home"
    home.mkdir(mode=0o700)
    with targets.upstream(work, plain) as behind:
        told("Starting")
        with ours(home, furnish(home, behind), plain) as (server, _), caller(work, plain) as ask:
            doors = [replace(server, name=name, door=name) for name in DOORS]
            rows = take_turns([behind, *doors], plan, ask, told)
    return Measured(plan, rows, entries(home), suites)
