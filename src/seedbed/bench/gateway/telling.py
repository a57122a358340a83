"""What was measured, told: as figures, as a table, in words.

Floor 5. Processor and latencies: the best round, since what else a machine does only ever adds;
rates: the best round, too. A figure with a request that brought no good answer is none.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence

from seedbed.bench.gateway import words
from seedbed.bench.gateway.rounds import Row
from seedbed.bench.gateway.run import Measured
from seedbed.bench.gateway.targets import Start

Figures = Mapping[str, float | None]
_LOADS = {"c1": "1 in flight", "c10": "10 in flight", "c64": "64 in flight"}


def figures(measured: Measured) -> Figures:
    """The figures by their names."""
    rows = measured.rows
    return {
        "gateway.added_p50_ms.c1": _added(rows, "c1", lambda row: row.got.p50),
        "gateway.added_p99_ms.c10": _added(rows, "c10", lambda row: row.got.p99),
        "gateway.requests_per_s": _rate(rows, "ours"),
        "gateway.cpu_us_per_request.c10": cpu(rows, "ours", "c10"),
        "gateway.cpu_us_per_chunk": cpu_of_chunk(rows, "ours"),
        "gateway.rss_mb": round(measured.memory["ours"].after, 1),
        "gateway.ready_s": round(
            statistics.median(start.ready for start in measured.starts["ours"]), 3
        ),
        "gateway.upstream_requests_per_s": _rate(rows, "direct"),
        "ledger.overspend": measured.spending.overspent,
        "ledger.unrecorded": measured.killing.unrecorded,
    }


def best(rows: Sequence[Row], target: str, load: str, read: Callable[[Row], float]) -> float | None:
    """The least of all rounds; `None` where there is no round, or one lost an answer."""
    turns = [row for row in rows if (row.target, row.load.name) == (target, load)]
    if not turns or any(row.got.lost for row in turns):
        return None
    return min(read(row) for row in turns)


def cpu(rows: Sequence[Row], target: str, load: str) -> float | None:
    """Microseconds of the processor for a request."""
    found = best(rows, target, load, lambda row: row.cpu_us)
    return None if found is None else round(found, 1)


def cpu_of_chunk(rows: Sequence[Row], target: str) -> float | None:
    """Microseconds of the processor for a piece of a stream; opening the stream is in them."""
    found = best(rows, target, "streams", lambda row: row.cpu_us / words.PIECES)
    return None if found is None else round(found, 1)


def rate(rows: Sequence[Row], target: str, load: str) -> float | None:
    """Answers for a second of the clock."""
    found = best(rows, target, load, lambda row: -row.per_second)
    return None if found is None else round(-found)


def _rate(rows: Sequence[Row], target: str) -> float | None:
    return rate(rows, target, "c64")


def _added(rows: Sequence[Row], load: str, read: Callable[[Row], float]) -> float | None:
    """Milliseconds that we add to the answers of the upstream alone."""
    ours, direct = best(rows, "ours", load, read), best(rows, "direct", load, read)
    if ours is None or direct is None:
        return None
    return round((ours - direct) / 1000, 3)


def table(measured: Measured) -> list[tuple[str, ...]]:
    """A line for each quantity, with a column for each who was measured."""
    rows, names = measured.rows, measured.targets

    def line(what: str, tell: Callable[[str], str]) -> tuple[str, ...]:
        return (what, *map(tell, names))

    def least(load: str, read: Callable[[Row], float], form: str) -> Callable[[str], str]:
        return lambda name: cell(best(rows, name, load, read), form)

    lines: list[tuple[str, ...]] = []
    for load, said in _LOADS.items():
        lines += [
            line(f"{said}: p50, us", least(load, lambda row: row.got.p50, ".0f")),
            line(f"{said}: p99, us", least(load, lambda row: row.got.p99, ".0f")),
            line(f"{said}: answers a second", lambda n, at=load: cell(rate(rows, n, at), ".0f")),
            line(f"{said}: processor, us an answer", least(load, lambda row: row.cpu_us, ".1f")),
        ]
    return [
        *lines,
        line("64 streams: lag p50, us", least("streams", lambda row: row.got.lag_p50, ".0f")),
        line("64 streams: lag p99, us", least("streams", lambda row: row.got.lag_p99, ".0f")),
        line("64 streams: processor, us a chunk", lambda n: cell(cpu_of_chunk(rows, n), ".1f")),
        line("memory after, MB", lambda name: f"{measured.memory[name].after:.0f}"),
        line("memory at most, MB", lambda name: f"{measured.memory[name].peak:.0f}"),
        line("first answer after, s", lambda name: _ready(measured, name)),
    ]


def cell(value: float | None, form: str) -> str:
    """A number as it stands in a table."""
    return "none" if value is None else format(value, form)


def _ready(measured: Measured, name: str) -> str:
    starts = measured.starts.get(name)
    return f"{statistics.median(s.answered for s in starts):.2f}" if starts else ""


def losses(measured: Measured) -> Iterator[str]:
    """What did not go as it should, a sentence each."""
    for row in measured.rows:
        if row.got.lost:
            asked = row.got.answered + row.got.lost
            yield (
                f"{row.target}, {row.load.name}: of {asked} requests {row.got.refused} were "
                f"refused, {row.got.failed} failed and {row.got.short} came short."
            )
    for peer, version in measured.peers.items():
        if version is None:
            yield f"There is no {peer} here, so nothing is compared with it."
    books = f"The ledger has {measured.entries} entries for {measured.answers} answers"
    off = measured.answers - measured.entries
    yield f"{books}: {abs(off)} too {'few' if off > 0 else 'many'}." if off else f"{books}."
    spending, killing = measured.spending, measured.killing
    asked = spending.answered + spending.refused
    yield (
        f"Of {asked} asks, for which three budgets held too little, {spending.answered} were "
        f"answered, which used {spending.share:.1%} of the tightest, and overspent "
        f"{spending.overspent}."
    )
    yield (
        f"After {killing.kills} kills, {killing.in_a_write} of them in a write, the books lacked "
        f"{killing.unrecorded}; of {killing.entries} entries {killing.wrong} were wrong, and "
        f"{killing.written_off} was written off."
    )


def runs(measured: Measured) -> Mapping[str, object]:
    """All turns and starts, for whoever wants to see how far they spread."""
    return {
        "door": measured.door,
        "rounds": measured.plan.rounds,
        "answers": measured.answers,
        "entries": measured.entries,
        "missing": [peer for peer, version in measured.peers.items() if version is None],
        "targets": list(measured.targets),
        "table": [list(line) for line in table(measured)],
        "times": times(measured),
        "starts": {name: list(map(_start, all_)) for name, all_ in measured.starts.items()},
        "memory": {
            name: {"after_mb": round(held.after, 1), "peak_mb": round(held.peak, 1)}
            for name, held in measured.memory.items()
        },
        "rows": [turn(row) for row in measured.rows],
        "losses": list(losses(measured)),
    }


def times(measured: Measured) -> Mapping[str, float | None]:
    """How many times what we take is taken by another, of the processor with ten in flight."""
    own = cpu(measured.rows, "ours", "c10")
    others = {name: cpu(measured.rows, name, "c10") for name in ("relay", "litellm")}
    return {name: round(it / own, 2) if it and own else None for name, it in others.items()}


def _start(start: Start) -> Mapping[str, float]:
    return {
        "ready_s": round(start.ready, 3),
        "answered_s": round(start.answered, 3),
        "cpu_s": round(start.cpu, 3),
    }


def turn(row: Row) -> Mapping[str, object]:
    """One turn, for whoever wants to see all."""
    got = row.got
    return {
        "target": row.target,
        "load": row.load.name,
        "in_flight": row.load.in_flight,
        "answered": got.answered,
        "refused": got.refused,
        "failed": got.failed,
        "short": got.short,
        "per_s": round(row.per_second, 1),
        "p50_us": round(got.p50, 1),
        "p99_us": round(got.p99, 1),
        "lag_p50_us": round(got.lag_p50, 1),
        "lag_p99_us": round(got.lag_p99, 1),
        "first_p50_us": round(got.first_p50, 1),
        "first_p99_us": round(got.first_p99, 1),
        "cpu_us": round(row.cpu_us, 1),
    }
