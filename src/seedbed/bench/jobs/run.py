"""The whole measuring of jobs: what one costs, how soon it is adopted, and what kills do to it.

Floor 5.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, product
from pathlib import Path

from seedbed.bench.jobs.adopting import adopted
from seedbed.bench.jobs.judging import Killing
from seedbed.bench.jobs.killing import kill_at_random
from seedbed.bench.jobs.proving import Ground
from seedbed.bench.jobs.rows import Row, Wanted, take_turns, version_of
from seedbed.store.postgresql import Server

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
_SEED = 1
_CROWDS = (1, 3)
"""How many workers there are while one after the other is killed."""
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: jobs of each kind, rounds, adoptions, and kills of each setup."""

    jobs: int
    rounds: int
    adoptions: int
    kills: int


FULL = Plan(jobs=300, rounds=5, adoptions=5, kills=100)
QUICK = Plan(jobs=100, rounds=2, adoptions=1, kills=10)


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured. `rows` are those of each round, `killings` by the database and the
    number of workers; `dbos` is its version, or `None` where it is not on this machine.
    """

    plan: Plan
    rows: Mapping[str, Sequence[Sequence[Row]]]
    adoptions: Sequence[float]
    frozen: float
    killings: Mapping[tuple[str, int], Killing]
    dbos: str | None


def measure(
    work: Path,
    environment: Mapping[str, str],
    plan: Plan,
    *,
    peer: str | None,
    server: Server | None,
    told: Told,
) -> Measured:
    """Measure, with all that it needs in the empty folder `work`.

    `peer` is a `dbos` program, `server` a database on a PostgreSQL server to be written to.

    Raises:
        SetupIncomplete: something that was started does not do its work.
    """
    # without its compiled files Python starts more slowly, and that is nothing of the program's
    plain = {name: text for name, text in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    grounds = _Grounds(work, plain)
    rows = take_turns(work, plain, Wanted(plan.jobs), rounds=plan.rounds, peer=peer, told=told)
    told("adoption")
    adoptions = [adopted(grounds.fresh(), frozen=False) for _ in range(plan.adoptions)]
    frozen = adopted(grounds.fresh(), frozen=True)
    databases = {SQLITE: None} | ({POSTGRESQL: server} if server else {})
    killings: dict[tuple[str, int], Killing] = {}
    for name, workers in product(databases, _CROWDS):
        killings[name, workers] = kill_at_random(
            grounds.fresh(databases[name]),
            workers=workers,
            kills=plan.kills,
            seed=_SEED,
            told=lambda said, at=f"{name}, {workers} at work": told(f"{at}: {said}"),
        )
    return Measured(plan, rows, adoptions, frozen, killings, peer and version_of(peer, plain))


class _Grounds:
    """One empty folder after another."""

    def __init__(self, work: Path, environment: Mapping[str, str]) -> None:
        self._work, self._environment, self._numbers = work, environment, count()

    def fresh(self, database: Server | None = None) -> Ground:
        """One that nobody has used, for that database or a file in it."""
        folder = self._work / f"home-{next(self._numbers)}"
        folder.mkdir(mode=0o700)
        return Ground(database or folder / "seedbed.db", folder, self._environment)
