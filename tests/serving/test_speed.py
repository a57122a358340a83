"""How fast a deployment is, learned from what it served."""

import json
from collections.abc import Iterable

import pytest

from seedbed.serving.speed import IDLE, Pressure, Prior, Served, Speed, Work

PRIOR = Prior.here(parameters=135_000_000, cores=2)


def answer(answers: float = 1, *, prefill: float = 1_000.0, step: float = 0.0142) -> Served:
    """What an engine takes for 400 tokens read and 64 written, so many side by side."""
    seconds = 63 * (step + 0.0011 * (answers - 1))
    first = 0.01 + 400 / prefill
    return Served(400, first, 64, seconds, answers, input_bytes=1_600)


def taught(served: Iterable[Served], prior: Prior = PRIOR) -> Speed:
    speed = Speed(prior)
    for each in served:
        speed.learn(each)
    return speed


def test_what_is_believed_of_this_machine_is_what_such_a_machine_was_seen_to_do() -> None:
    speed = Speed(PRIOR)
    assert speed.prefill == pytest.approx(1_000)
    assert speed.step(1) == pytest.approx(0.014, rel=0.02)
    assert speed.step(8) == pytest.approx(0.0219, rel=0.02)


def test_a_larger_model_is_believed_slower_and_more_cores_faster() -> None:
    large = Speed(Prior.here(parameters=7_000_000_000, cores=2))
    many = Speed(Prior.here(parameters=7_000_000_000, cores=32))
    work = Work(4_000, output=64)
    assert large.estimate(work).total == pytest.approx(16 * many.estimate(work).total, rel=0.01)


def test_a_service_elsewhere_has_a_belief_of_its_own() -> None:
    estimate = Speed(Prior.elsewhere()).estimate(Work(4_000, output=1))
    assert estimate.first == pytest.approx(0.6, rel=0.01)


def test_a_speed_is_learned_whatever_was_believed() -> None:
    for prior in (PRIOR, Prior.elsewhere(), Prior.here(parameters=10**12, cores=1)):
        speed = taught((answer(n % 16 + 1, prefill=5_000) for n in range(200)), prior)
        # all read the same, so that start and rate are told apart by what was believed
        assert speed.estimate(Work(1_600)).first == pytest.approx(0.09, rel=0.03)
        assert speed.step(1) == pytest.approx(0.0142, rel=0.03)
        assert speed.step(16) == pytest.approx(0.0307, rel=0.03)
        assert speed.bytes_per_token == pytest.approx(4, rel=0.01)


def test_an_answer_costs_less_hardware_the_more_are_written_beside_it() -> None:
    speed = taught(answer(n % 16 + 1) for n in range(200))
    work = Work(1_600, output=64)
    alone, crowded = speed.estimate(work), speed.estimate(work, Pressure(15))
    assert crowded.total > alone.total
    assert crowded.hardware_seconds < alone.hardware_seconds


def test_what_is_cached_is_not_read() -> None:
    speed = taught(answer() for _ in range(50))
    cold, warm = speed.estimate(Work(16_000)), speed.estimate(Work(16_000, cached_bytes=15_000))
    assert warm.first < cold.first / 5
    assert warm.total - warm.first == pytest.approx(cold.total - cold.first)


def test_who_reads_before_is_waited_for_and_not_paid_for() -> None:
    speed = taught(answer() for _ in range(50))
    idle, behind = (speed.estimate(Work(1_600), each) for each in (IDLE, Pressure(0, 16_000)))
    assert behind.first - idle.first == pytest.approx(speed.alone(16_000))
    assert behind.hardware_seconds == pytest.approx(idle.hardware_seconds)


def test_an_answer_without_a_bound_is_expected_to_be_as_long_as_others() -> None:
    speed = taught(answer() for _ in range(300))
    unbound, bound = speed.estimate(Work(1_600)), speed.estimate(Work(1_600, output=4_096))
    assert unbound == bound
    assert bound.total == pytest.approx(speed.estimate(Work(1_600, output=64)).total, rel=0.01)


def test_one_stall_is_not_the_engine_s_speed() -> None:
    speed = taught(answer() for _ in range(50))
    before = speed.estimate(Work(1_600, output=64)).total
    speed.learn(Served(400, 300.0, 64, 600.0, 1, input_bytes=1_600))
    assert speed.estimate(Work(1_600, output=64)).total == pytest.approx(before, rel=0.1)


def test_an_engine_that_goes_on_stalling_is_slow() -> None:
    stalled = Served(400, 30.0, 64, 600.0, 1, input_bytes=1_600)
    speed = taught([*(answer() for _ in range(50)), *[stalled] * 6])
    assert speed.estimate(Work(1_600, output=64)).total > 300


@pytest.mark.parametrize(
    "nothing",
    [
        Served(0, 0.0),
        Served(400, 2.0, 64, 0.0, 1.0, input_bytes=0),
        Served(400, 2.0, 64, 0.0001, 1.0, input_bytes=1_600),
        Served(0, -1.0, 0, -1.0, 0.0),
    ],
)
def test_what_does_not_tell_anything_teaches_nothing(nothing: Served) -> None:
    speed = taught(answer() for _ in range(50))
    before = speed.estimate(Work(1_600, output=64)).total
    for _ in range(20):
        speed.learn(nothing)
    assert speed.estimate(Work(1_600, output=64)).total == pytest.approx(before)


def test_what_was_learned_survives_a_restart() -> None:
    speed = taught(answer(n % 4 + 1) for n in range(50))
    again = Speed(Prior.elsewhere())
    again.restore(json.loads(json.dumps(speed.as_dict())))
    assert again.step(4) == pytest.approx(speed.step(4))
    assert again.estimate(Work(1_600, output=9)).total == pytest.approx(
        speed.estimate(Work(1_600, output=9)).total
    )


def test_a_file_that_holds_something_else_is_refused() -> None:
    speed = Speed(PRIOR)
    with pytest.raises(ValueError, match="lacks 'first'"):
        speed.restore({"last": {}})
