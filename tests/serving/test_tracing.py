"""Spans on their way to a real collector, and what becomes of them when it fails."""

from collections.abc import Iterator

import anyio
import httpx2
import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from seedbed.core.errors import SettingRefused
from seedbed.kit.clock import FakeClock
from seedbed.serving import tracing
from seedbed.serving.spans import Spans
from seedbed.serving.tracing import (
    EVERY_SECONDS,
    GROUP,
    WAITING,
    WARNING_SECONDS,
    Tracing,
    read_headers,
)
from tests.serving.collector import collecting
from tests.serving.houses import until
from tests.serving.records import refusal, settled

pytestmark = pytest.mark.anyio

NOBODY = "http://127.0.0.1:9/v1/traces"
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(headers={"authorization": "Basic QQ=="}, trust_env=False) as client:
        yield client


def build(url: str, client: httpx2.Client, clock: FakeClock) -> Tracing:
    spans = Spans({"m@here": None}, instance="instance_1", version="1")
    return Tracing(url, spans, models=frozenset({"m"}), client=client, clock=clock)


async def test_what_happened_is_sent_as_spans(client: httpx2.Client, clock: FakeClock) -> None:
    with collecting() as collector:
        traces = build(collector.url, client, clock)
        traces.take([settled(1), refusal()])
        assert collector.requests == []
        await traces.flush()
        await traces.flush()
        assert collector.requests == [["req_1", "req_9"]]
        assert collector.paths == ["/v1/traces"]
        assert collector.headers[0]["content-type"] == "application/x-protobuf"
        assert collector.headers[0]["authorization"] == "Basic QQ=="


async def test_they_are_sent_by_and_by_and_never_while_they_are_taken(
    client: httpx2.Client, clock: FakeClock
) -> None:
    with collecting() as collector:
        traces = build(collector.url, client, clock)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(traces.run)
            for number in (1, 2):
                traces.take([settled(number)])
                await clock.advance(EVERY_SECONDS)
                await until(lambda number=number: len(collector.requests) == number)
            tasks.cancel_scope.cancel()
    assert collector.requests == [["req_1"], ["req_2"]]


async def test_many_are_sent_in_groups(client: httpx2.Client, clock: FakeClock) -> None:
    with collecting() as collector:
        traces = build(collector.url, client, clock)
        traces.take([settled(number) for number in range(GROUP + 1)])
        await traces.flush()
    assert [len(request) for request in collector.requests] == [GROUP, 1]


async def test_a_trace_that_its_caller_does_not_keep_is_not_sent(
    client: httpx2.Client, clock: FakeClock
) -> None:
    with collecting() as collector:
        traces = build(collector.url, client, clock)
        traces.take([settled(1, trace=f"{CALLER}-00"), settled(2, trace=f"{CALLER}-01")])
        await traces.flush()
    assert collector.requests == [["req_2"]]


async def test_an_ask_for_a_model_that_is_not_here_was_no_model_call(
    client: httpx2.Client, clock: FakeClock
) -> None:
    with collecting() as collector:
        traces = build(collector.url, client, clock)
        traces.take([refusal("x" * 1_000_000), refusal("m")])
        await traces.flush()
    assert collector.requests == [["req_9"]]


@pytest.mark.parametrize("answer", [429, 502, 503, 504])
async def test_what_a_collector_has_no_time_for_is_sent_again(
    answer: int, client: httpx2.Client, clock: FakeClock, logged: list[EventDict]
) -> None:
    with collecting(answer) as collector:
        traces = build(collector.url, client, clock)
        traces.take([settled(1)])
        await traces.flush()
        traces.take([settled(2)])
        await traces.flush()
    assert collector.requests == [["req_1"], ["req_1", "req_2"]]
    assert [(line["why"], line["waiting"], line["lost"]) for line in logged] == [
        (f"it answered {answer}", 1, 0)
    ]


@pytest.mark.parametrize("answer", [302, 400, 401, 413, 500])
async def test_what_a_collector_refuses_is_lost_and_the_next_goes_on(
    answer: int, client: httpx2.Client, clock: FakeClock, logged: list[EventDict]
) -> None:
    with collecting(answer) as collector:
        traces = build(collector.url, client, clock)
        traces.take([settled(1)])
        await traces.flush()
        traces.take([settled(2)])
        await traces.flush()
    assert collector.requests == [["req_1"], ["req_2"]]
    assert [(line["event"], line["why"], line["lost"]) for line in logged] == [
        ("spans.unsent", f"it answered {answer}", 1)
    ]


async def test_while_a_collector_is_down_spans_wait_and_one_warning_a_minute_says_so(
    client: httpx2.Client, clock: FakeClock, logged: list[EventDict]
) -> None:
    traces = build(NOBODY, client, clock)
    for number in range(5):
        traces.take([settled(number)])
        await traces.flush()
        await clock.advance(WARNING_SECONDS / 4)
    assert [(line["waiting"], line["lost"]) for line in logged] == [(1, 0), (5, 0)]
    assert "refused" in str(logged[0]["why"])


async def test_spans_that_waited_are_sent_once_the_collector_is_back(
    client: httpx2.Client, clock: FakeClock
) -> None:
    with collecting() as gone:
        port = httpx2.URL(gone.url).port or 0
    traces = build(gone.url, client, clock)
    traces.take([settled(1)])
    await traces.flush()
    with collecting(port=port) as back:
        await traces.flush()
    assert back.requests == [["req_1"]]


async def test_a_collector_that_never_answers_holds_nobody_up(
    clock: FakeClock, logged: list[EventDict]
) -> None:
    with collecting() as collector, httpx2.Client(timeout=0.05, trust_env=False) as client:
        collector.goes_on.clear()
        traces = build(collector.url, client, clock)
        traces.take([settled(1)])
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(traces.flush)
            await until(lambda: bool(collector.requests))
            traces.take([settled(2)])  # at once, while the first is on its way
    assert [(line["waiting"], line["lost"]) for line in logged] == [(2, 0)]


@pytest.mark.slow
async def test_what_waits_is_bounded_and_what_comes_after_is_counted(
    client: httpx2.Client, clock: FakeClock, logged: list[EventDict]
) -> None:
    with collecting() as collector:
        traces = build(collector.url, client, clock)
        traces.take([settled(number) for number in range(WAITING - 1)])
        traces.take([settled(WAITING), settled(1), settled(2)])
        traces.take([settled(3)])
        await traces.flush()
        await traces.flush()
    assert sum(len(request) for request in collector.requests) == WAITING
    assert [(line["why"], line["lost"]) for line in logged] == [("more came than may wait", 3)]


@pytest.mark.parametrize("address", ["127.0.0.1:99999999", "[::1", "a..b", "a:b@"])
async def test_an_address_that_cannot_be_one_is_told_and_harms_nobody(
    address: str, client: httpx2.Client, clock: FakeClock, logged: list[EventDict]
) -> None:
    traces = build(f"http://{address}/v1/traces", client, clock)
    traces.take([settled(1)])
    await traces.flush()
    assert [line["waiting"] for line in logged] == [1]


async def test_at_the_end_the_rest_is_sent(client: httpx2.Client, clock: FakeClock) -> None:
    with collecting() as collector:
        traces = build(collector.url, client, clock)
        traces.take([settled(1)])
        await traces.close()
    assert collector.requests == [["req_1"]]
    assert client.is_closed


async def test_what_cannot_be_sent_at_the_end_is_counted_as_lost(
    client: httpx2.Client, clock: FakeClock, logged: list[EventDict]
) -> None:
    traces = build(NOBODY, client, clock)
    traces.take([settled(1), settled(2)])
    await traces.close()
    assert [(line["waiting"], line["lost"]) for line in logged] == [(0, 2)]


async def test_the_end_does_not_wait_for_a_collector_that_never_answers(
    client: httpx2.Client,
    clock: FakeClock,
    logged: list[EventDict],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tracing, "CLOSING_SECONDS", 0.05)
    with collecting() as collector:
        collector.goes_on.clear()
        traces = build(collector.url, client, clock)
        traces.take([settled(1)])
        await traces.close()
        assert not collector.goes_on.is_set()
    assert [line["lost"] for line in logged] == [1]


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("", {}),
        ("a=1", {"a": "1"}),
        (" a = 1 , b=x%2Cy=, ", {"a": "1", "b": "x,y="}),
    ],
)
def test_headers_are_read_as_opentelemetry_writes_them(text: str, headers: dict[str, str]) -> None:
    assert read_headers(text) == headers


@pytest.mark.parametrize("text", ["Bearer abc", "=x", "a=1,b", "a=%C3%A9", "a=%0Ab=1"])
def test_what_is_no_list_of_headers_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        read_headers(text)
    assert text not in str(refused.value)
