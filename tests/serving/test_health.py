"""A breaker: it opens on failures in a row, tries one ask, and believes who says when."""

import pytest

from seedbed.core.errors import (
    AnswerMalformed,
    CapacityExceeded,
    EngineFailed,
    EngineUnreachable,
    RequestMalformed,
    SeedbedError,
    UpstreamRefused,
)
from seedbed.serving.health import Health, State

GONE = EngineUnreachable("m", why="nobody answers")


def slowed(retry_after: object) -> UpstreamRefused:
    refusal = UpstreamRefused("m", status=429, said="slow down")
    refusal.facts["retry_after"] = retry_after
    return refusal


def failing(times: int, *, now: float = 0.0) -> Health:
    health = Health(failures=3, first_pause=1.0, longest_pause=8.0)
    for _ in range(times):
        health.failed(GONE, now)
    return health


def test_it_opens_after_three_failures_in_a_row() -> None:
    assert failing(2).state(0) is State.CLOSED
    health = failing(3)
    assert health.state(0) is State.OPEN
    assert not health.begin(0)
    assert health.why_not(0) == (
        "it is left alone for 1 s more, since it failed: The engine of 'm' failed: nobody answers."
    )
    assert health.again_in(0.25) == 0.75


def test_failures_that_are_not_in_a_row_do_not_add_up() -> None:
    health = failing(2)
    health.succeeded()
    health.failed(GONE, 0)
    health.failed(GONE, 0)
    assert health.begin(0)
    assert health.why_not(0) is None
    assert health.again_in(0) == 0


def test_after_the_pause_one_ask_tries_it_and_the_others_wait() -> None:
    health = failing(3)
    assert health.state(1) is State.HALF_OPEN
    assert health.why_not(1) is None
    assert health.begin(1)
    assert not health.begin(1)
    assert "one ask tries" in str(health.why_not(1))
    health.succeeded()
    assert health.state(1.1) is State.CLOSED
    assert health.begin(1.1)
    assert health.begin(1.1)


def test_each_failed_trial_doubles_the_pause_up_to_the_longest() -> None:
    health, now, pauses = failing(3), 0.0, list[float]()
    for _ in range(6):
        pauses.append(health.again_in(now))
        now += pauses[-1]
        assert health.begin(now)
        health.failed(GONE, now)
    assert pauses == [1, 2, 4, 8, 8, 8]
    health.begin(now + 8)
    health.succeeded()
    for _ in range(3):
        health.failed(GONE, now + 8)
    assert health.again_in(now + 8) == 1


def test_those_under_way_when_it_opens_do_not_lengthen_the_pause() -> None:
    health = failing(40)
    assert health.again_in(0) == 1


def test_an_hour_is_an_hour() -> None:
    health = Health()
    health.failed(slowed(3_600), 100)
    health.succeeded()
    assert not health.begin(3_699)
    assert health.again_in(101) == 3_599
    assert health.begin(3_700)


def test_a_longer_time_that_is_asked_for_while_it_is_open_is_kept_to() -> None:
    health = failing(3)
    health.failed(slowed(60), 0.5)
    health.failed(slowed(5), 0.6)
    assert health.again_in(0.5) == 60


@pytest.mark.parametrize("said", [None, "soon", -1, 0, float("nan"), float("inf")])
def test_a_refusal_that_does_not_say_how_long_opens_it_for_a_pause(said: object) -> None:
    health = Health(first_pause=1.0)
    health.failed(slowed(said), 0)
    assert health.again_in(0) == 1


def test_nobody_is_left_alone_for_more_than_a_day() -> None:
    health = Health()
    health.failed(slowed(10**9), 0)
    assert health.again_in(0) == 86_400


@pytest.mark.parametrize(
    "error",
    [
        RequestMalformed("no", hint="change it"),
        AnswerMalformed("m", form="schema", why="no"),
        CapacityExceeded("m", places=1),
    ],
)
def test_what_the_ask_is_to_blame_for_is_no_failure(error: SeedbedError) -> None:
    health = Health(failures=1)
    health.failed(error, 0)
    assert health.state(0) is State.CLOSED


def test_a_probe_that_tells_nothing_leaves_the_trial_to_the_next() -> None:
    health = failing(3)
    assert health.begin(1)
    health.left()
    assert health.begin(1)
    health.failed(RequestMalformed("no", hint="change it"), 1)
    assert health.begin(1)


def test_a_probe_that_is_lost_does_not_shut_it_for_ever() -> None:
    health = failing(3)
    assert health.begin(1)
    assert not health.begin(120)
    assert health.begin(121)


def test_one_failure_of_an_engine_is_remembered_in_words() -> None:
    health = failing(0)
    health.failed(EngineFailed("m", why="it stalled"), 0)
    assert health.last == "The engine of 'm' failed: it stalled."
