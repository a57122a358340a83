"""What was measured of the doors, told: as figures, as a table, in words.

Floor 5. As for the gateway, the best round counts; a door is compared with OpenAI's in the same
round, and the median of these rounds is told.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping

from seedbed.bench.doors.run import ALONE, AMONG, Measured
from seedbed.bench.gateway.doors import DOORS, OPENAI
from seedbed.bench.gateway.rounds import Row
from seedbed.bench.gateway.telling import Figures, best, cell, cpu, cpu_of_chunk, turn

TARGETS = ("direct", *DOORS)


def figures(measured: Measured) -> Figures:
    """The figures by their names."""
    rows = measured.rows
    told: dict[str, float | None] = {}
    for door in DOORS:
        told |= {
            f"doors.{door}.cpu_us_per_chunk": cpu_of_chunk(rows, door),
            f"doors.{door}.cpu_us_per_request": cpu(rows, door, "c10"),
            f"doors.{door}.first_ms_alone.p50": _first(measured, door, ALONE, _first_p50),
            f"doors.{door}.first_ms_alone.p99": _first(measured, door, ALONE, _first_p99),
            f"doors.{door}.first_ms_among_200.p50": _first(measured, door, AMONG, _first_p50),
            f"doors.{door}.first_ms_among_200.p99": _first(measured, door, AMONG, _first_p99),
        }
        if door != OPENAI:
            told[f"doors.{door}.chunk_over_openai"] = over(measured, door, "streams")
            told[f"doors.{door}.request_over_openai"] = over(measured, door, "c10")
    for name in TARGETS:
        ratio = among_over_alone(measured, name)
        told[f"doors.{name}.first_among_over_alone"] = None if ratio is None else round(ratio, 3)
    suites = ("doors.suite_passed", "doors.suite_failed")
    return told | {name: measured.suites.get(name) for name in suites}


def over(measured: Measured, door: str, load: str) -> float | None:
    """How many times what OpenAI's door takes of the processor another takes."""
    turns = [row for row in measured.rows if row.load.name == load]
    turns = [row for row in turns if row.target in {door, OPENAI}]
    ours = [row.cpu for row in turns if row.target == door]
    theirs = [row.cpu for row in turns if row.target == OPENAI]
    if not ours or any(row.got.lost for row in turns):
        return None
    return round(statistics.median(map(float.__truediv__, ours, theirs)), 3)


def among_over_alone(measured: Measured, name: str) -> float | None:
    """How many times as long the first piece of a stream takes among 200 as alone. What the model
    itself takes so is what no door can help.
    """
    alone, among = (best(measured.rows, name, load, _first_p50) for load in (ALONE, AMONG))
    return among / alone if alone and among is not None else None


def table(measured: Measured) -> list[tuple[str, ...]]:
    """A line for each quantity, with a column for the model alone and for each door."""
    rows = measured.rows

    def line(what: str, load: str, read: Callable[[Row], float], form: str) -> tuple[str, ...]:
        return (what, *(cell(best(rows, name, load, read), form) for name in TARGETS))

    return [
        line("10 in flight: p50, us", "c10", lambda row: row.got.p50, ".0f"),
        line("10 in flight: processor, us an answer", "c10", lambda row: row.cpu_us, ".1f"),
        line("64 streams: lag p50, us", "streams", lambda row: row.got.lag_p50, ".0f"),
        line("64 streams: lag p99, us", "streams", lambda row: row.got.lag_p99, ".0f"),
        (
            "64 streams: processor, us a chunk",
            *(cell(cpu_of_chunk(rows, name), ".1f") for name in TARGETS),
        ),
        line("1 stream: first piece p50, us", ALONE, _first_p50, ".0f"),
        line("1 stream: first piece p99, us", ALONE, _first_p99, ".0f"),
        line("200 streams: first piece p50, us", AMONG, _first_p50, ".0f"),
        line("200 streams: first piece p99, us", AMONG, _first_p99, ".0f"),
        (
            "200 streams over 1: first piece p50",
            *(cell(among_over_alone(measured, name), ".2f") for name in TARGETS),
        ),
    ]


def losses(measured: Measured) -> Iterator[str]:
    """What did not go as it should, a sentence each."""
    for row in measured.rows:
        if row.got.lost:
            yield f"{row.target}, {row.load.name}: {row.got.lost} requests brought no good answer."
    if not measured.suites:
        yield "The vendors' own tests have no figures here: make conformance writes them."
    yield f"The ledger has {measured.entries} entries for {measured.answers} answers."


def runs(measured: Measured) -> Mapping[str, object]:
    """All turns, for whoever wants to see how far they spread."""
    return {
        "rounds": measured.plan.rounds,
        "targets": list(TARGETS),
        "table": [list(line) for line in table(measured)],
        "rows": [turn(row) for row in measured.rows],
        "losses": list(losses(measured)),
    }


def _first_p50(row: Row) -> float:
    return row.got.first_p50


def _first_p99(row: Row) -> float:
    return row.got.first_p99


def _first(measured: Measured, door: str, load: str, read: Callable[[Row], float]) -> float | None:
    """Milliseconds until the first piece of a stream."""
    found = best(measured.rows, door, load, read)
    return None if found is None else round(found / 1000, 3)
