"""Steps that are alike, taken together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.bench.simulate.steps import NONE, Steps, Stretch

counts = st.integers(0, 300)


@given(counts, counts, counts, counts, st.integers(1, 40))
def test_many_steps_at_once_are_as_much_as_each_behind_the_one_before(
    read: int, answers: int, read_before: int, wrote_before: int, steps: int
) -> None:
    behind = read * read_before + read * (read - 1) / 2
    one = Steps(1, read, answers, behind, answers * wrote_before)
    summed = NONE
    for nth in range(steps):
        more = Steps(0, 0, 0, read * read * nth, answers * nth)
        summed = summed.plus(one).plus(more)
    assert one.times(steps) == summed


def test_what_was_done_since_is_the_difference() -> None:
    before, more = Steps(1, 2, 3, 4, 5), Steps(10, 20, 30, 40, 50)
    assert before.plus(more).plus(before, -1) == more


def stretch(steps: int) -> Stretch:
    """Of steps that take a second, and each a second more than the one before."""
    return Stretch(
        Steps(count=1, wrote=1),
        steps,
        began=100.0,
        pace=lambda done: done.count + done.wrote_behind,
    )


def test_a_stretch_takes_what_its_steps_take() -> None:
    assert stretch(4).seconds == 1 + 2 + 3 + 4


@pytest.mark.parametrize(
    ("moment", "steps"), [(100.0, 1), (100.5, 1), (101.5, 2), (104.0, 3), (106.5, 4), (1e9, 4)]
)
def test_it_may_be_cut_after_the_step_that_is_under_way(moment: float, steps: int) -> None:
    cut = stretch(4)
    assert cut.before(moment) == steps - 1
    assert cut.cut(moment) == (steps < 4)
    assert cut.steps == steps
