"""A line that is learned: right on clean points, steady on odd ones."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.trend import Trend


def line(base: float = 1.0, slope: float = 0.1) -> Trend:
    return Trend(base, slope, at=1, scale=2)


def taught(trend: Trend, points: list[tuple[float, float]]) -> Trend:
    for x, y in points:
        trend.learn(x, y)
    return trend


def test_before_any_point_it_is_the_guess() -> None:
    assert line().at(10) == pytest.approx(2.0)


def test_points_on_a_line_are_learned_whatever_was_guessed() -> None:
    points = [(float(x % 16 + 1), 14.0 + 1.1 * (x % 16 + 1)) for x in range(200)]
    for guess in (line(), line(1_000.0, 5.0), line(0.001, 0.0)):
        learned = taught(guess, points)
        assert learned.at(1) == pytest.approx(15.1, rel=0.02)
        assert learned.at(16) == pytest.approx(31.6, rel=0.02)


def test_points_at_one_place_tell_the_height_and_leave_the_proportions() -> None:
    learned = taught(line(1.0, 0.1), [(1.0, 5.5)] * 300)
    assert learned.at(1) == pytest.approx(5.5, rel=0.01)
    assert learned.slope / learned.base == pytest.approx(0.1, rel=0.05)


def test_a_guess_is_outweighed_by_four_points() -> None:
    assert taught(line(100.0, 10.0), [(1.0, 1.1)] * 4).at(1) < 3


@given(st.floats(1e-9, 1e9), st.integers(0, 8))
def test_one_odd_point_moves_it_by_less_than_an_eighth(odd: float, x: int) -> None:
    learned = taught(line(), [(n % 4 + 1.0, 1 + 0.1 * (n % 4 + 1)) for n in range(100)])
    before = learned.at(2)
    learned.learn(float(x), odd)
    assert learned.at(2) == pytest.approx(before, rel=0.125)


def test_odd_points_on_both_sides_by_turns_are_not_believed() -> None:
    learned = taught(line(), [(1.0, 1.1)] * 100 + [(1.0, 1e6), (1.0, 1e-6)] * 20)
    assert 0.5 < learned.at(1) < 3


def test_a_change_that_stays_is_believed_within_six_points() -> None:
    learned = taught(line(), [(1.0, 1.1)] * 100 + [(1.0, 50.0)] * 6)
    assert learned.at(1) == pytest.approx(50.0, rel=0.25)


@pytest.mark.parametrize(
    ("x", "y"), [(1, 0), (1, -1), (-1, 1), (1, math.inf), (1, math.nan), (math.nan, 1)]
)
def test_what_cannot_be_true_is_passed_over(x: float, y: float) -> None:
    learned = line()
    learned.learn(x, y)
    assert (learned.base, learned.slope) == (1.0, 0.1)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(1e-6, 1e6)), max_size=60))
def test_neither_part_is_ever_negative_or_no_number(points: list[tuple[float, float]]) -> None:
    learned = taught(line(), points)
    assert 0 <= learned.slope < math.inf
    assert 0 <= learned.base < math.inf


def test_points_at_nothing_alone_can_be_learned() -> None:
    learned = taught(Trend(0.5, 0.1, at=0, scale=1), [(0.0, 0.7)] * 100)
    assert learned.at(0) == pytest.approx(0.7, rel=0.01)


def test_what_was_kept_is_restored_and_weighs_little() -> None:
    old = taught(line(), [(float(n % 8 + 1), 20.0 + n % 8) for n in range(100)])
    new = line()
    new.restore(old.kept())
    assert new.at(4) == pytest.approx(old.at(4))
    for trend in (old, new):
        taught(trend, [(4.0, 30.0)] * 5)
    assert abs(new.at(4) - 30) < abs(old.at(4) - 30)


def test_a_line_that_rises_from_nothing_is_kept_and_restored() -> None:
    for last in range(1, 200):  # rounding misses nothing by a hair, now and then
        points = [(0.1 * last, 0.001 * last), (3.7, 0.9), (0.3 * last, 0.05 * last)] * 5
        line().restore(taught(line(0.01, 0.1), points).kept())


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"base": 1.0, "slope": 1.0, "at": 1.0, "weight": 0.0},
        {"base": 0.0, "slope": 0.0, "at": 1.0, "weight": 1.0},
        {"base": math.nan, "slope": 1.0, "at": 1.0, "weight": 1.0},
        {"base": "much", "slope": 1.0, "at": 1.0, "weight": 1.0},
    ],
)
def test_what_was_not_kept_by_a_line_is_refused(wrong: dict[str, float]) -> None:
    learned = line()
    with pytest.raises(ValueError, match="no line"):
        learned.restore(wrong)
    assert learned.at(10) == pytest.approx(2.0)
