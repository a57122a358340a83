"""What a replay comes to, and how far a simulation is off."""

import math

import pytest

from seedbed.bench.simulate import telling
from seedbed.bench.simulate.judging import Timing, error, judge, timings
from seedbed.bench.simulate.replay import Replay, Replayed, replay
from seedbed.bench.simulate.trace import Request
from seedbed.core.policy import Policy
from tests.bench.simulate.fleets import MEASURED, SLOW

REPLAY = Replay(
    Policy.BALANCED,
    (SLOW,),
    (
        Replayed(Request(0.0, 100, 1), 1.0, 2.0),
        Replayed(Request(1.0, 100, 1, deadline=5.0), 4.0, 9.0, cached=50),
        Replayed(Request(1.0, 100, 1, deadline=9.0), 3.0, 10.0),
        Replayed(Request(2.0, 100, 1)),
    ),
    busy=(10.0,),
    seconds=10.0,
    micros=1_000.0,
)


def test_a_replay_is_summed_up() -> None:
    judged = judge(REPLAY)
    assert (judged.answered, judged.refused, judged.late) == (3, 1, 1)
    assert judged.goodput == pytest.approx(0.2)
    assert judged.first == {50: 2.0, 95: 3.0, 99: 3.0}
    assert judged.cached == pytest.approx(50 / 300)
    assert judged.used == pytest.approx(0.5)


def test_rent_is_for_the_whole_time_and_cost_for_what_was_used() -> None:
    judged = judge(REPLAY)
    assert judged.cost == pytest.approx(0.001)
    idle = (2 * 10 - 10) * 0.1 / 3_600
    assert judged.rent == pytest.approx(judged.cost + idle)


def test_a_replay_without_answers_has_no_times() -> None:
    judged = judge(replay([], (SLOW,), Policy.FASTEST))
    assert math.isnan(judged.first[50])
    assert telling.figures([judged])["fastest"]["first_p50_s"] is None


def test_it_is_told_in_a_row_and_in_figures() -> None:
    row = dict(zip(telling.COLUMNS, telling.row(judge(REPLAY)), strict=True))
    assert (row["policy"], row["answered"], row["p95"], row["used"]) == (
        "balanced",
        "3",
        "3.000",
        "50.0%",
    )
    assert telling.figures([judge(REPLAY)])["balanced"]["first_p50_s"] == 2.0


def test_a_simulation_that_is_right_is_not_off() -> None:
    found = timings(REPLAY)
    assert len(found) == 3
    assert error(found, found).largest == 0


def test_how_far_a_simulation_is_off_has_a_sign_for_each_figure() -> None:
    real = [Timing(5.0, 6.0, 10.0), Timing(5.0, 8.0, 15.0)]
    simulated = [Timing(0.0, 1.0, 4.0), Timing(0.0, 5.0, 8.0)]
    off = error(real, simulated)
    assert (off.makespan, off.first) == (pytest.approx(-0.2), pytest.approx(0.5))
    assert off.largest == pytest.approx(0.5)


@pytest.mark.parametrize("nothing", [[], [Timing(1.0, 1.0, 1.0)]])
def test_nothing_cannot_be_compared(nothing: list[Timing]) -> None:
    some = timings(replay([Request(0.0, 10, 2)], (MEASURED,), Policy.FASTEST))
    for pair in ((nothing, some), (some, nothing)):
        with pytest.raises(ValueError, match="nothing to compare"):
            error(*pair)
