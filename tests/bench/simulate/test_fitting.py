"""A pace that is found from what was seen, and is the one that it came from."""

import pytest

from seedbed.bench.simulate.fitting import Seen, fit
from seedbed.bench.simulate.fleet import Group
from seedbed.bench.simulate.replay import replay
from seedbed.bench.simulate.trace import Request
from seedbed.core.policy import Policy

REAL = Group(
    name="real",
    prefill=1_700.0,
    step=0.02,
    beside=0.002,
    read_behind=3e-7,
    write_behind=2e-6,
    start=0.005,
    block=32,
)
BELIEVED = Group(name="believed", prefill=500.0, step=0.05, block=32)
ALONE = [Request(0.0, 130, 64)]
MANY = [Request(0.001 * nth, 130, 64) for nth in range(16)]
SHARING = [Request(0.001 * nth, 1_560, 32, f"p{nth // 8}", 1_500) for nth in range(16)]
GROWING = [
    Request(5.0 * nth, 330 * nth + 300, 30, "a", 330 * nth, 330 * (nth + 1)) for nth in range(6)
]
RUNS = (ALONE, MANY, SHARING, GROWING)


def seen(requests: list[Request], *, on: Group = REAL, noise: float = 0.0) -> list[Seen]:
    """What would be seen of a deployment at that pace, the times a little off by turns."""
    found: list[Seen] = []
    for nth, one in enumerate(replay(requests, (on,), Policy.BALANCED).requests):
        off = 1 + noise * (-1) ** nth
        first, end = one.first or 0.0, one.end or 0.0
        at = one.request.at
        found.append(Seen(one.request, (first - at) * off, (end - at) * off))
    return found


def test_the_pace_is_found_though_another_was_believed() -> None:
    found = fit(BELIEVED, [seen(run) for run in RUNS])
    assert found is not None
    for name in ("prefill", "step", "beside", "read_behind", "write_behind"):
        assert getattr(found, name) == pytest.approx(getattr(REAL, name), rel=0.1)
    replayed = [[(one.first, one.took) for one in seen(run, on=found)] for run in RUNS]
    assert replayed == [
        [(pytest.approx(one.first, rel=0.03), pytest.approx(one.took, rel=0.03)) for one in run]
        for run in map(seen, RUNS)
    ]


def test_times_that_are_a_little_off_give_a_pace_that_is_a_little_off() -> None:
    found = fit(BELIEVED, [seen(run, noise=0.05) for run in RUNS])
    assert found is not None
    for name in ("prefill", "step"):
        assert getattr(found, name) == pytest.approx(getattr(REAL, name), rel=0.2)


def test_nothing_is_found_that_would_make_a_step_shorter_the_more_it_does() -> None:
    short = [Seen(Request(0.0, 1_000, 20), 0.5, 1.0)]
    long = [Seen(Request(0.0, 4_000, 20), 1.0, 1.4)]
    found = fit(BELIEVED, [short, long])
    assert found is not None
    assert min(found.beside, found.read_behind, found.write_behind, found.start) >= 0


def test_without_anything_that_took_time_there_is_no_pace() -> None:
    assert fit(BELIEVED, [[Seen(Request(0.0, 100, 9), 0.0, 0.5)]]) is None
    assert fit(BELIEVED, [[]]) is None
