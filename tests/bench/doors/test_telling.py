"""Figures of the doors out of rounds: each beside OpenAI's door."""

from dataclasses import replace

import msgspec
import pytest

from seedbed.bench.doors.run import AMONG, QUICK, Measured
from seedbed.bench.doors.telling import figures, losses, runs, table
from seedbed.bench.gateway.load import Got
from seedbed.bench.gateway.rounds import Row

LOADS = {load.name: load for load in QUICK.loads}
GOT = Got(100, 0, 0, 0, 0.1, 300, 900, 60, 90, first_p50=1_000, first_p99=2_000)
CPU = {"direct": 0.06, "openai": 0.12, "ark": 0.12, "anthropic": 0.18}
MEASURED = Measured(
    QUICK,
    [Row(name, load, GOT, cpu) for name, cpu in CPU.items() for load in LOADS.values()],
    entries=1_201,
    suites={"doors.suite_passed": 1255.0, "doors.suite_failed": 446.0},
)


def test_each_door_has_its_figures_and_is_compared_with_openais() -> None:
    told = figures(MEASURED)
    assert told["doors.openai.cpu_us_per_chunk"] == 20.0
    assert told["doors.anthropic.cpu_us_per_chunk"] == 30.0
    assert told["doors.anthropic.cpu_us_per_request"] == 1_800.0
    assert told["doors.ark.chunk_over_openai"] == 1.0
    assert told["doors.anthropic.chunk_over_openai"] == 1.5
    assert told["doors.anthropic.request_over_openai"] == 1.5
    assert told["doors.ark.first_ms_alone.p50"] == 1.0
    assert told["doors.ark.first_ms_among_200.p99"] == 2.0
    assert (told["doors.suite_passed"], told["doors.suite_failed"]) == (1255.0, 446.0)
    assert len(told) == 3 * 6 + 2 * 2 + 4 + 2


def test_what_streams_do_to_each_other_stands_beside_what_the_model_does_itself() -> None:
    slower = {"direct": 1_200, "openai": 1_500, "ark": 1_100, "anthropic": 1_000}
    rows = [
        replace(row, got=msgspec.structs.replace(GOT, first_p50=slower[row.target]))
        if row.load.name == AMONG
        else row
        for row in MEASURED.rows
    ]
    measured = replace(MEASURED, rows=rows)
    told = figures(measured)
    assert told["doors.direct.first_among_over_alone"] == 1.2
    assert told["doors.openai.first_among_over_alone"] == 1.5
    line = ("200 streams over 1: first piece p50", "1.20", "1.50", "1.10", "1.00")
    assert line in table(measured)
    lost = replace(measured, rows=[row for row in rows if row.load.name != AMONG])
    assert figures(lost)["doors.ark.first_among_over_alone"] is None


def test_the_door_is_compared_in_each_round_and_the_median_is_told() -> None:
    load = LOADS["streams"]
    rounds = [(0.1, 0.1), (0.4, 0.8), (0.1, 0.5)]
    rows = [
        Row(name, load, GOT, cpu)
        for pair in rounds
        for name, cpu in zip(("openai", "ark"), pair, strict=True)
    ]
    told = figures(replace(MEASURED, rows=rows))
    assert told["doors.ark.chunk_over_openai"] == 2.0


@pytest.mark.parametrize("load", ["streams", "c10"])
def test_a_lost_answer_takes_the_figures_away_and_is_told(load: str) -> None:
    lame = Row("ark", LOADS[load], msgspec.structs.replace(GOT, answered=98, refused=2), 0.1)
    measured = replace(MEASURED, rows=[*MEASURED.rows, lame], suites={})
    told = figures(measured)
    name = {"streams": "chunk", "c10": "request"}[load]
    assert told[f"doors.ark.cpu_us_per_{name}"] is None
    assert told[f"doors.ark.{name}_over_openai"] is None
    assert told["doors.suite_passed"] is None
    first, second, books = losses(measured)
    assert first == f"ark, {load}: 2 requests brought no good answer."
    assert "make conformance" in second
    assert books == "The ledger has 1201 entries for 1299 answers."


def test_the_table_and_the_runs_have_a_column_and_a_row_for_each() -> None:
    lines = table(MEASURED)
    assert {len(line) for line in lines} == {5}
    assert ("1 stream: first piece p50, us", "1000", "1000", "1000", "1000") in lines
    told = runs(MEASURED)
    assert told["targets"] == ["direct", "openai", "ark", "anthropic"]
    assert told["losses"] == ["The ledger has 1201 entries for 1201 answers."]
    assert isinstance(told["rows"], list)
    assert len(told["rows"]) == 16
