"""The simulator, told of a run that went exactly as it would have it go, and of others."""

import pytest

from seedbed.bench.serving.chats import Got
from seedbed.bench.serving.simulated import simulator_error
from seedbed.bench.serving.targets import Spent

STEP, PREFILL = 0.01, 1000.0


def answer(at: float, prompt: int, *, tokens: int = 11, fresh: int | None = None) -> Got:
    first = (prompt if fresh is None else fresh) / PREFILL
    took = first + STEP * (tokens - 1)
    return Got(tokens, prompt, first=first, took=took, at=at, opening=str(at))


def spent(*got: Got) -> Spent:
    return Spent(got, 1.0, 1.0)


ALONE = spent(answer(0, 128))
AGENT = spent(answer(0, 300), answer(1, 611, fresh=300), answer(2, 922, fresh=300))


def test_a_run_at_an_even_pace_is_simulated_well() -> None:
    trace = spent(*(answer(at, 200) for at in range(4)))
    error = simulator_error(ALONE, ALONE, AGENT, trace)
    assert error is not None
    assert error < 0.1


def test_what_a_talk_has_read_before_is_not_read_again_and_what_is_shared_is_read_once() -> None:
    talk = [answer(at, prompt, fresh=300) for at, prompt in ((0, 300), (1, 611), (2, 922))]
    sharers = [answer(3, 1060), answer(6, 1060, fresh=60), answer(8, 1060, fresh=60)]
    for one in talk:
        one.opening, one.goes_on = "talk", True
    for one in sharers:
        one.opening = "shared"
    error = simulator_error(ALONE, ALONE, AGENT, spent(*talk, *sharers))
    assert error is not None
    assert error < 0.1


def test_a_run_that_took_twice_as_long_is_off_by_half() -> None:
    trace = spent(*(answer(at, 200) for at in range(4)))
    for one in trace.got:
        one.first, one.took, one.at = one.first * 2, one.took * 2, one.at * 2
    error = simulator_error(ALONE, ALONE, AGENT, trace)
    assert error == pytest.approx(0.5, abs=0.1)


def test_a_lost_answer_or_one_without_a_pace_leaves_no_figure() -> None:
    lost, short = spent(Got(lost="no")), spent(answer(0, 9, tokens=1))
    assert simulator_error(ALONE, ALONE, AGENT, lost) is None
    assert simulator_error(short, ALONE, AGENT, ALONE) is None
    assert simulator_error(ALONE, ALONE, ALONE, ALONE) is None, "a loop of one turn has no second"
