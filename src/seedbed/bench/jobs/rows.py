"""Rows: so many jobs of so many empty steps, submitted and run by one process of ours or another's.

Floor 5. Ours and dbos take turns on fresh databases, so that what else the machine does falls on
both.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from seedbed.core.errors import SetupIncomplete

OURS, DBOS = "ours", "dbos"
_HERE = Path(__file__).parent


class Wanted(msgspec.Struct, frozen=True):
    """How many jobs, with how many steps each."""

    jobs: int
    steps: tuple[int, ...] = (0, 1, 5, 25)


class Row(msgspec.Struct, frozen=True):
    """What so many jobs took: seconds until the last had begun, until the last had ended, and of
    the processor.
    """

    steps: int
    jobs: int
    started: float
    whole: float
    cpu: float

    @property
    def per_second(self) -> float:
        """Jobs that were begun in a second."""
        return self.jobs / self.started

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of the processor for a job."""
        return self.cpu / self.jobs * 1e3


def interpreter_of(program: str) -> str:
    """The Python that a console script is run by: the one in the folder that it lies in."""
    return str(Path(program).parent / "python")


def version_of(program: str, environment: Mapping[str, str]) -> str:
    """Which dbos that is; it has no option that tells."""
    asks = "from importlib.metadata import version; print(version('dbos'))"
    told = subprocess.run(  # noqa: S603 - a program that the operator named
        [interpreter_of(program), "-c", asks],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    return (told.stdout.split() or ["unknown"])[-1]


def take_turns(
    work: Path,
    environment: Mapping[str, str],
    wanted: Wanted,
    *,
    rounds: int,
    peer: str | None,
    told: Callable[[str], None],
) -> dict[str, list[list[Row]]]:
    """The rows of each round, by who did it. `peer` is a `dbos` program."""
    argvs = {OURS: [sys.executable, "-m", "seedbed.bench.jobs.alone"]}
    if peer:
        argvs[DBOS] = [interpreter_of(peer), str(_HERE / "dbos_alone.py")]
    rows: dict[str, list[list[Row]]] = {name: [] for name in argvs}
    for number in range(1, rounds + 1):
        for name, argv in argvs.items():
            told(f"{name}, round {number} of {rounds}")
            path = work / f"{name}-{number}.db"
            rows[name].append(_turn(argv, path, environment, wanted))
    return rows


def _turn(
    argv: Sequence[str], path: Path, environment: Mapping[str, str], wanted: Wanted
) -> list[Row]:
    """One program's turn.

    Raises:
        SetupIncomplete: it did not come to its end.
    """
    words = [*argv, str(path), msgspec.json.encode(wanted).decode()]
    done = subprocess.run(  # noqa: S603 - programs of this package
        words, env=dict(environment), capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise SetupIncomplete(
            f"{' '.join(argv)} broke off: {said[-1] if said else 'it said nothing'}.",
            hint="Nothing was measured; mend that, and begin again.",
        )
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=list[Row])
