"""What was measured of serving, told: as figures, as a table, in words.

Floor 5. A figure is the median over rounds of ours beside a peer in the same round. One whose
answers were not all given, on either side, is none.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from seedbed.bench.serving.arrivals import p95
from seedbed.bench.serving.ours import OURS
from seedbed.bench.serving.peers import LLAMA, OPENVINO, SAME, TRANSFORMERS, VLLM
from seedbed.bench.serving.run import Measured, Row
from seedbed.bench.serving.simulated import Check
from seedbed.bench.serving.specification import Answered
from seedbed.bench.serving.targets import Spent
from seedbed.bench.serving.workloads import workloads

_PEERS = (LLAMA, OPENVINO, TRANSFORMERS, VLLM)
Read = Callable[[Spent], float]


def figures(measured: Measured) -> Mapping[str, float | None]:
    """The figures by their names."""
    fifty, came = measured.specification, measured.arrivals
    return {
        "serving.A.ratio_best_peer": _beside_the_best(measured, "A"),
        "serving.B.ratio_best_peer": _beside_the_best(measured, "B"),
        "serving.A.ratio_same_weights": _beside_the_same(measured, "A"),
        "serving.B.ratio_same_weights": _beside_the_same(measured, "B"),
        "serving.C.cold_ratio_vllm": _beside(measured, "C cold", VLLM),
        "serving.C.cold_ratio_openvino": _beside(measured, "C cold", OPENVINO),
        "serving.C.cold_ratio_llama": _beside(measured, "C cold", LLAMA),
        "serving.D.restart_over_cold": round(fifty.ratio, 3) if fifty and not fifty.lost else None,
        "serving.E.ratio_llama": _beside(measured, "E", LLAMA),
        "serving.F.p95_over_idle": None if came.lost else round(came.ratio, 3),
        "serving.split.tpot_p99_ratio": round(measured.split, 3),
        "serving.cost_ratio_mixed_trace": _cost(measured),
        "serving.simulator_error": measured.simulator.error if measured.simulator else None,
    }


def _rates(measured: Measured, workload: str, target: str) -> list[float]:
    """Tokens for a second of the processor in each round; nothing where an answer was lost."""
    return _each(measured, workload, target, lambda spent: spent.rate)


def _each(measured: Measured, workload: str, target: str, read: Read) -> list[float]:
    rounds = range(1, measured.plan.rounds + 1)
    rows = [row for number in rounds if (row := measured.row(target, workload, number))]
    return [] if any(row.spent.lost for row in rows) else [read(row.spent) for row in rows]


def _beside(measured: Measured, workload: str, peer: str) -> float | None:
    """Ours over a peer."""
    return _median(_rates(measured, workload, OURS), _rates(measured, workload, peer))


def _beside_the_best(measured: Measured, workload: str) -> float | None:
    """Ours over the best of the peers in each round."""
    all_ = [rates for peer in _PEERS if (rates := _rates(measured, workload, peer))]
    best = [max(rates) for rates in zip(*all_, strict=True)]
    return _median(_rates(measured, workload, OURS), best)


def _beside_the_same(measured: Measured, workload: str) -> float | None:
    """Ours over the bare library on the file that ours reads: what the house itself takes."""
    peer = SAME if SAME in {*measured.targets, *measured.missing} else OPENVINO
    return _beside(measured, workload, peer)


def _cost(measured: Measured) -> float | None:
    """Seconds of the processor for the mixed trace, ours over llama.cpp's server."""
    own, peer = (_each(measured, "mixed", name, lambda spent: spent.cpu) for name in (OURS, LLAMA))
    return _median(own, peer)


def _median(own: Sequence[float], other: Sequence[float]) -> float | None:
    if not own or len(own) != len(other) or not all(other):
        return None
    return round(statistics.median(a / b for a, b in zip(own, other, strict=True)), 3)


def table(measured: Measured) -> list[tuple[str, ...]]:
    """A line for each quantity, with a column for each who was measured."""
    lines: list[tuple[str, ...]] = []
    for load in workloads(measured.plan):
        quantities: dict[str, Read] = {
            "tokens a second of the processor": lambda spent: spent.rate,
            "seconds": lambda spent: spent.wall,
        }
        if load.name == "mixed":
            quantities["seconds of the processor"] = lambda spent: spent.cpu
        for said, read in quantities.items():
            cells = (_cell(_each(measured, load.name, n, read)) for n in measured.targets)
            lines.append((f"{load.name}, {load.said}: {said}", *cells))
    lines += [(said, cell, *[""] * (len(measured.targets) - 1)) for said, cell in _alone(measured)]
    return lines


def _cell(rounds: Sequence[float]) -> str:
    return f"{statistics.median(rounds):.1f}" if rounds else "none"


def _alone(measured: Measured) -> Iterator[tuple[str, str]]:
    """What is measured of ours alone."""
    came = measured.arrivals
    if not came.lost:
        yield "F, first token of interactive asks: p95, s", f"{p95(came.idle):.3f}"
        yield "F, the same under a full batch load: p95, s", f"{p95(came.busy):.3f}"
    if measured.simulator:
        yield from _simulated(measured.simulator)
    fifty = measured.specification
    if fifty is None or fifty.lost:
        return
    lives = (("cold", fifty.before), ("after a restart", fifty.after))
    for said, life in lives:
        yield f"D, first question, {said}: seconds of the processor", f"{life.first.cpu:.1f}"
        yield f"D, first question, {said}: seconds", f"{life.first.wall:.1f}"
        yield f"D, each further question, {said}: seconds of the processor", _further(life)


def _simulated(check: Check) -> Iterator[tuple[str, str]]:
    """The trace, really and simulated."""
    for said, spread in (("really", check.real), ("simulated", check.simulated)):
        for what, seconds in (("first token", spread.first), ("whole answer", spread.whole)):
            yield f"mixed, {what}, {said}: p50, s", f"{seconds[50]:.2f}"
            yield f"mixed, {what}, {said}: p95, s", f"{seconds[95]:.2f}"


def _further(life: Answered) -> str:
    count = len(life.rest.got)
    return f"{life.rest.cpu / count:.2f}" if count else "none"


def losses(measured: Measured) -> Iterator[str]:
    """What did not go as it should, a sentence each."""
    for row in measured.rows:
        yield from _lost(row)
    for peer, why in measured.missing.items():
        yield f"There is no {peer} here, so nothing is compared with it: {why}."
    came, fifty = measured.arrivals, measured.specification
    if came.lost:
        yield f"F: {len(came.lost)} answers were lost, the first since {came.lost[0]}."
    if fifty is None:
        yield "No specification was found or named, so D was not measured."
    elif fifty.lost:
        yield f"D: {len(fifty.lost)} answers were lost, the first since {fifty.lost[0]}."
    else:
        yield f"D: a prompt has {fifty.tokens} tokens; the weights are random: speed alone."


def _lost(row: Row) -> Iterator[str]:
    spent, where = row.spent, f"{row.target}, {row.workload}, round {row.round}"
    if spent.lost:
        count = f"of {len(spent.got)} requests {len(spent.lost)} were refused or failed"
        yield f"{where}: {count}, the first since {spent.lost[0]}."
    if spent.short:
        yield f"{where}: of {len(spent.got)} answers {spent.short} ended before all their tokens."


def runs(measured: Measured) -> Mapping[str, object]:
    """All turns, for whoever wants to see how far they spread."""
    return {
        "rounds": measured.plan.rounds,
        "missing": dict(measured.missing),
        "targets": list(measured.targets),
        "table": [list(line) for line in table(measured)],
        "rows": [_row(row) for row in measured.rows],
        "arrivals": {
            "idle_s": [round(one.first, 3) for one in measured.arrivals.idle],
            "busy_s": [round(one.first, 3) for one in measured.arrivals.busy],
            "batch_answers": len(measured.arrivals.batch),
        },
        "fleet": measured.simulator and msgspec.to_builtins(measured.simulator.group),
        "losses": list(losses(measured)),
        "log": [{"began_s": began, "what": said} for said, began in measured.log],
    }


def _row(row: Row) -> Mapping[str, object]:
    spent = row.spent
    return {
        "target": row.target,
        "workload": row.workload,
        "round": row.round,
        "answers": len(spent.got),
        "lost": len(spent.lost),
        "short": spent.short,
        "tokens": spent.tokens,
        "input_tokens": sum(one.prompt for one in spent.got),
        "cpu_s": round(spent.cpu, 3),
        "wall_s": round(spent.wall, 3),
        "tokens_per_cpu_second": round(spent.rate, 2),
        "first_s": [round(one.first, 3) for one in spent.got],
    }
