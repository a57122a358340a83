"""What a deployment does at this moment, and what its speed learns from it."""

import pytest

from seedbed.core.usage import Usage
from seedbed.kit.clock import FakeClock
from seedbed.serving.load import Load
from seedbed.serving.speed import Prior, Speed, Work

pytestmark = pytest.mark.anyio

WORK = Work(1_600, cached_bytes=400, output=11)


def idle() -> tuple[Load, FakeClock]:
    clock = FakeClock()
    return Load(Speed(Prior.here(parameters=135_000_000, cores=2)), clock), clock


async def test_an_ask_is_read_and_then_written_and_then_gone() -> None:
    load, _ = idle()
    run = load.begin(WORK)
    assert (load.answers, load.reading_bytes) == (0, 1_200)
    run.first()
    assert (load.answers, load.reading_bytes) == (1, 0)
    run.end(Usage(300, 100, 0, 11))
    assert (load.answers, load.reading_bytes) == (0, 0)


async def test_an_ask_that_fails_before_its_first_token_leaves_no_trace() -> None:
    load, _ = idle()
    run = load.begin(WORK)
    run.end()
    run.first()
    run.end(Usage(300, 100, 0, 11))
    assert (load.answers, load.reading_bytes, load.speed.served) == (0, 0, 0)


async def test_telling_twice_is_telling_once() -> None:
    load, clock = idle()
    run = load.begin(WORK)
    await clock.advance(1)
    run.first()
    run.first()
    assert load.answers == 1
    await clock.advance(1)
    run.end(Usage(300, 100, 0, 11))
    run.end(Usage(300, 100, 0, 11))
    assert (load.answers, load.speed.served) == (0, 1)


async def test_what_came_later_and_was_read_before_is_told_and_what_came_earlier_is_not() -> None:
    load, _ = idle()
    earlier, own, later = load.begin(WORK), load.begin(WORK), load.begin(WORK)
    for run in (earlier, later, own):
        run.first()
    assert earlier.later == later.later == 0.0
    assert own.later == load.speed.alone(1_200) > 0


@pytest.mark.parametrize(("cached", "shared"), [(7_600, 0), (0, 7_600)])
async def test_a_cache_of_which_nothing_is_told_does_not_make_reading_look_fast(
    cached: int, shared: int
) -> None:
    load, clock = idle()
    before = load.speed.prefill
    for _ in range(20):
        run = load.begin(Work(8_000, cached_bytes=cached), shared=shared)
        await clock.advance(0.01)
        run.first()
        await clock.advance(1)
        run.end(Usage(2_000, 0, 0, 11))
    assert load.speed.prefill == before
    assert load.speed.served == 20
    assert load.speed.step(1) > 0.05


async def test_what_was_left_teaches_nothing() -> None:
    load, clock = idle()
    run = load.begin(WORK)
    run.first()
    await clock.advance(1)
    run.end()
    assert (load.answers, load.speed.served) == (0, 0)


async def test_what_answers_took_becomes_the_speed() -> None:
    load, clock = idle()
    for _ in range(100):
        run = load.begin(WORK)
        await clock.advance(3)
        run.first()
        await clock.advance(10 * 0.05)
        run.end(Usage(300, 100, 0, 11))
    assert load.estimate(WORK).first == pytest.approx(3, rel=0.05)
    assert load.speed.step(1) == pytest.approx(0.05, rel=0.02)
    assert load.speed.bytes_per_token == pytest.approx(4, rel=0.02)


async def test_a_step_is_learned_by_the_answers_that_were_written_on_average() -> None:
    load, clock = idle()
    for round_ in range(100):
        runs = [load.begin(WORK) for _ in range(1 + 7 * (round_ % 2))]
        for run in runs:
            run.first()
        await clock.advance(10 * (0.013 + 0.001 * len(runs)))
        for run in runs:
            run.end(Usage(300, 100, 0, 11))
    assert load.speed.step(1) == pytest.approx(0.014, rel=0.03)
    assert load.speed.step(8) == pytest.approx(0.021, rel=0.03)


async def test_what_is_read_before_is_not_taken_for_slowness() -> None:
    load, clock = idle()
    for _ in range(50):
        runs = [load.begin(Work(4_000, output=1)) for _ in range(8)]
        for run in runs:
            await clock.advance(1)
            run.first()
            run.end(Usage(1_000, 0, 0, 1))
    assert load.speed.prefill == pytest.approx(1_000, rel=0.1)


async def test_what_others_read_meanwhile_is_not_taken_for_slow_writing() -> None:
    load, clock = idle()
    for _ in range(100):
        run = load.begin(WORK)
        await clock.advance(0.3)
        run.first()
        other = load.begin(Work(4_000, output=1))
        await clock.advance(10 * 0.05 + 1.0)  # a second of it for the thousand tokens of the other
        other.first()
        other.end(Usage(1_000, 0, 0, 1))
        run.end(Usage(300, 100, 0, 11))
    assert 0.03 < load.speed.step(1) < 0.06  # where 0.15 s passed for each token


async def test_what_is_written_meanwhile_is_not_taken_for_slow_reading() -> None:
    load, clock = idle()
    for _ in range(100):
        long = load.begin(Work(400, output=100))
        long.first()
        run = load.begin(Work(4_000, output=11))
        await clock.advance(1.0 + 0.05)
        run.first()
        await clock.advance(10 * 0.05)
        run.end(Usage(1_000, 0, 0, 11))
        long.end()
    assert load.estimate(Work(4_000, output=1)).first == pytest.approx(1.0, rel=0.02)
