from collections.abc import Sequence

import anyio
import pytest
from structlog.testing import capture_logs

from seedbed.kit.clock import FakeClock
from seedbed.serving.observing import EVERY_SECONDS, GROUP, Observer, Record, RequestLog
from tests.serving.records import free, refusal, settled

pytestmark = pytest.mark.anyio


class Kept:
    """A sink that keeps the groups it is handed."""

    def __init__(self) -> None:
        self.groups: list[list[Record]] = []
        self.come = anyio.Event()

    def take(self, records: Sequence[Record]) -> None:
        self.groups.append(list(records))
        self.come.set()


async def test_nothing_is_told_on_the_path_of_a_request(clock: FakeClock) -> None:
    sinks = Kept(), Kept()
    observer = Observer(sinks, clock=clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(observer.run)
        observer.note(settled(1))
        observer.note(refusal())
        await clock.advance(EVERY_SECONDS / 2)
        assert [sink.groups for sink in sinks] == [[], []]
        await clock.advance(EVERY_SECONDS / 2)
        assert [sink.groups for sink in sinks] == [[[settled(1), refusal()]]] * 2
        await clock.advance(EVERY_SECONDS * 3)
        assert [len(sink.groups) for sink in sinks] == [1, 1]
        observer.note(settled(2))
        await clock.advance(EVERY_SECONDS)
        assert sinks[0].groups[1:] == [[settled(2)]]
        tasks.cancel_scope.cancel()


async def test_many_records_leave_requests_their_turn(clock: FakeClock) -> None:
    kept = Kept()
    observer = Observer([kept], clock=clock)
    turns: list[int] = []

    async def request() -> None:
        while True:
            await kept.come.wait()
            kept.come = anyio.Event()
            turns.append(len(kept.groups))

    for number in range(GROUP * 2 + 1):
        observer.note(settled(number))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(observer.run)
        tasks.start_soon(request)
        await clock.advance(EVERY_SECONDS)
        tasks.cancel_scope.cancel()
    assert [len(group) for group in kept.groups] == [GROUP, GROUP, 1]
    assert turns == [1, 2, 3]


def test_at_the_end_the_rest_is_told_at_once(clock: FakeClock) -> None:
    kept = Kept()
    observer = Observer([kept], clock=clock)
    observer.flush()
    assert kept.groups == []
    for number in range(GROUP + 1):
        observer.note(settled(number))
    observer.flush()
    observer.flush()
    assert [record for group in kept.groups for record in group] == [
        settled(number) for number in range(GROUP + 1)
    ]


def test_an_answer_is_a_line_of_what_it_used_and_when_it_ended() -> None:
    with capture_logs() as lines:
        RequestLog().take([settled()])
    assert lines == [
        {
            "event": "request.settled",
            "log_level": "info",
            "request": "req_1",
            "key": "key_1",
            "model": "m",
            "stop": "end",
            "input": 7,
            "output": 3,
            "spent": "0.000037 USD",
            "held_us": 250_000,
            "took_us": 500_000,
            "timestamp": "2027-01-15T08:00:00.500000Z",
        }
    ]


def test_an_answer_that_failed_is_a_line_with_its_error_and_the_next_has_none() -> None:
    with capture_logs() as lines:
        RequestLog().take([settled(stop="failed", code="engine_failed"), settled(2)])
    assert [(line["stop"], line.get("code")) for line in lines] == [
        ("failed", "engine_failed"),
        ("end", None),
    ]


def test_a_refusal_is_a_line_that_says_why() -> None:
    with capture_logs() as lines:
        RequestLog().take([refusal()])
    assert lines == [
        {
            "event": "request.refused",
            "log_level": "info",
            "request": "req_9",
            "key": "key_1",
            "model": "m",
            "code": "capacity_exceeded",
            "timestamp": "2027-01-15T08:00:00Z",
        }
    ]


def test_a_name_that_a_caller_made_up_fills_no_disk() -> None:
    with capture_logs() as lines:
        RequestLog().take([refusal("x" * 1_000_000)])
    assert lines[0]["model"] == "x" * 200


def test_what_cost_nothing_is_a_line_too() -> None:
    with capture_logs() as lines:
        RequestLog().take([free()])
    assert lines == [
        {
            "event": "request.free",
            "log_level": "info",
            "request": "req_8",
            "key": "key_1",
            "model": "m",
            "took_us": 1000,
            "timestamp": "2027-01-15T08:00:00Z",
        }
    ]
