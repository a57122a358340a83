"""What was measured of jobs, told: as figures, as a table, in words.

Floor 5. Of rates and processor time the best round counts, since what else a machine does only ever
adds; of adoptions the median, of losses all.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict

from seedbed.bench.jobs.judging import Killing
from seedbed.bench.jobs.rows import DBOS, OURS, Row
from seedbed.bench.jobs.run import POSTGRESQL, Measured

_FEW, _MANY = 5, 25
"""Steps of the jobs that tell what a step costs. Jobs of none would not: they end so soon that
fewer of them share a commit."""


def figures(measured: Measured) -> Mapping[str, float | None]:
    """The figures by their names."""
    killings = measured.killings.values()
    return {
        "jobs.starts_per_s": _rate(measured, OURS, 0),
        "jobs.cpu_ms_per_job": _cpu(measured, OURS, 0),
        "jobs.step_overhead_ms": _step(measured, OURS),
        "jobs.adoption_s": round(statistics.median(measured.adoptions), 2),
        "jobs.adoption_of_frozen_s": round(measured.frozen, 2),
        "jobs.kills": sum(one.kills.workers for one in killings),
        "jobs.lost": sum(one.lost for one in killings),
        "jobs.repeated_effects": sum(one.seen.repeated for one in killings),
        "jobs.repeated_cost": sum(one.repeated_cost for one in killings),
        **{f"jobs.{name}": value for name, value in times(measured).items()},
    }


def times(measured: Measured) -> Mapping[str, float | None]:
    """How many times what we do dbos does, or takes; `None` where it is not here."""
    pairs: dict[str, Callable[[str], float | None]] = {
        "dbos_starts": lambda name: _rate(measured, name, 0),
        "dbos_cpu_of_5_steps": lambda name: _cpu(measured, name, _FEW),
    }
    found: dict[str, float | None] = {}
    for said, read in pairs.items():
        own, other = read(OURS), read(DBOS)
        found[said] = round(other / own, 2) if own and other else None
    return found


def _best(measured: Measured, name: str, steps: int, read: Callable[[Row], float]) -> float | None:
    """The least of all rounds; `None` for one that was not measured."""
    rounds = measured.rows.get(name, ())
    return min((read(row) for rows in rounds for row in rows if row.steps == steps), default=None)


def _rate(measured: Measured, name: str, steps: int) -> float | None:
    found = _best(measured, name, steps, lambda row: -row.per_second)
    return None if found is None else round(-found, 1)


def _cpu(measured: Measured, name: str, steps: int) -> float | None:
    found = _best(measured, name, steps, lambda row: row.cpu_ms)
    return None if found is None else round(found, 2)


def _step(measured: Measured, name: str) -> float | None:
    """Milliseconds of the processor that an empty step adds to a job."""
    few, many = _cpu(measured, name, _FEW), _cpu(measured, name, _MANY)
    return None if few is None or many is None else round((many - few) / (_MANY - _FEW), 3)


def table(measured: Measured) -> list[tuple[str, ...]]:
    """A line for each quantity, with a column for each who was measured."""
    names = tuple(measured.rows)
    steps = [row.steps for row in measured.rows[OURS][0]]

    def line(what: str, read: Callable[[str], float | None]) -> tuple[str, ...]:
        cells = (read(name) for name in names)
        return (what, *("none" if cell is None else f"{cell:g}" for cell in cells))

    lines: list[tuple[str, ...]] = []
    for number in steps:
        jobs = f"jobs of {number} steps" if number != 1 else "jobs of 1 step"
        lines += [
            line(f"{jobs}: begun a second", lambda name, n=number: _rate(measured, name, n)),
            line(f"{jobs}: processor, ms a job", lambda name, n=number: _cpu(measured, name, n)),
        ]
    return [*lines, line("processor, ms a step", lambda name: _step(measured, name))]


def losses(measured: Measured) -> Iterator[str]:
    """What did not go as it should, and what kills have done, a sentence each."""
    if measured.dbos is None:
        yield "There is no dbos here, so nothing is compared with it."
    if not any(name == POSTGRESQL for name, _ in measured.killings):
        yield "No PostgreSQL server was named, so nobody was killed on one."
    for (name, workers), killing in measured.killings.items():
        yield _of_kills(name, workers, killing)
        yield from killing.why


def _of_kills(name: str, workers: int, killing: Killing) -> str:
    seen, kills, crowd = (
        killing.seen,
        killing.kills,
        "1 worker" if workers == 1 else f"{workers} workers",
    )
    return (
        f"{name}, {crowd}: {kills.workers} killed, {seen.killed} of them within a step, and the "
        f"server {kills.servers} times. Of {killing.jobs} jobs {killing.lost} were lost, and "
        f"{kills.given_up} were given up and resumed; of {killing.steps} steps {seen.again} were "
        f"begun again, {seen.after} of them after their effect, and {seen.repeated} effects were "
        f"repeated. The entries are {killing.repeated_cost} micros too many and {killing.unpaid} "
        f"too few, budgets and jobs differ by {killing.unsettled}, and {killing.written_off} was "
        "written off."
    )


def runs(measured: Measured) -> Mapping[str, object]:
    """All rounds and kills, for whoever wants to see how far they spread."""
    return {
        "rounds": measured.plan.rounds,
        "jobs": measured.plan.jobs,
        "missing": [] if measured.dbos else [DBOS],
        "targets": list(measured.rows),
        "table": [list(line) for line in table(measured)],
        "adoptions_s": [round(seconds, 3) for seconds in measured.adoptions],
        "rows": {name: [_rows(rows) for rows in rounds] for name, rounds in measured.rows.items()},
        "killings": [
            {"database": name, "workers": workers, **asdict(killing)}
            for (name, workers), killing in measured.killings.items()
        ],
        "losses": list(losses(measured)),
    }


def _rows(rows: Sequence[Row]) -> list[Mapping[str, float]]:
    return [
        {
            "steps": row.steps,
            "started_s": round(row.started, 3),
            "whole_s": round(row.whole, 3),
            "cpu_ms_a_job": round(row.cpu_ms, 3),
        }
        for row in rows
    ]
