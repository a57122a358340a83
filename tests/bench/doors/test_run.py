"""The real server, asked at each of its doors, measured as a whole."""

import os
from pathlib import Path

import pytest

from seedbed.bench.doors.run import ALONE, AMONG, measure
from seedbed.bench.doors.telling import figures, losses
from seedbed.bench.gateway.rounds import Load, Plan

PLAN = Plan(
    (
        Load("c10", 10, 20),
        Load("streams", 4, 4, stream=True),
        Load(ALONE, 1, 1, stream=True),
        Load(AMONG, 4, 4, stream=True, slow=True),
    ),
    rounds=1,
)


@pytest.mark.slow
def test_every_door_answers_whole_and_streamed_and_the_books_are_right(tmp_path: Path) -> None:
    said: list[str] = []
    suites = {"doors.suite_passed": 1.0, "doors.suite_failed": 0.0}
    measured = measure(tmp_path, os.environ, PLAN, suites=suites, told=said.append)
    assert [row.got.lost for row in measured.rows] == [0] * len(measured.rows)
    assert measured.entries == measured.answers == 1 + 3 * (200 + 20 + 4 + 1 + 4)
    assert list(losses(measured)) == ["The ledger has 688 entries for 688 answers."]
    assert None not in figures(measured).values()
    assert said[-1] == "anthropic, among, round 1 of 1"
