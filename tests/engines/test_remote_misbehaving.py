"""Upstreams that misbehave, asked on the whole road: what is told, what it costs, that all ends.

Real sockets.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import anyio
import pytest

from seedbed.core import errors
from seedbed.core.ask import EmbedAsk, RerankAsk
from seedbed.core.event import Event, Failed, Finished, Started, TextDelta
from seedbed.core.model import Deployment
from seedbed.engines.remote import Remote
from seedbed.kit.clock import SystemClock
from seedbed.serving.account import Order
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.health import Health
from seedbed.store.database import Database
from tests.engines.upstreams.fake import (
    STREAM,
    answers,
    chunk,
    counted,
    engine_of,
    event,
    events_of,
    say,
    spec,
    stream,
    whole,
)
from tests.serving.houses import PRINCIPAL, TARIFF, house

pytestmark = pytest.mark.anyio

ASK = say("hi")
BOUND = ASK.most_input or 0
WORD = event(chunk(content="hi"))
ANSWER = stream(chunk(content="hi"), chunk(reason="stop"), counted(9, 2), "[DONE]")
JSON = "content-type: application/json"

Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def upstream(behave: Behave) -> AsyncGenerator[str]:
    """The address of a server that reads each request and then behaves like that."""
    gone = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0]))
            await behave(reader, writer)
        except ConnectionError:
            pass  # it was left, as it should be
        finally:
            gone.set()
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        with anyio.fail_after(20):
            await gone.wait()


def sends(data: bytes, *, hangs: bool = False) -> Behave:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if hangs:
            await reader.read()  # until it is left

    return behave


def repeats(first: bytes, data: bytes) -> Behave:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        writer.write(first)
        while not writer.is_closing():
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(0)

    return behave


async def told(
    database: Database,
    behave: Behave,
    *,
    silence: float = 30,
    deadline: float = 30,
    is_whole: bool = False,
    window: int = 4096,
) -> tuple[list[Event], int]:
    """The events of one ask on the whole road, and the micros in the books."""
    clock = SystemClock()
    async with upstream(behave) as url:
        made = spec(url, window=window)
        async with engine_of(made, silence=silence) as engine:
            here = Deployment("mine@there", made.model, "remote", own_hardware=False, places=1)
            live = LiveDeployment(here, engine, lambda _: TARIFF, supervisor=None, clock=clock)
            async with house(database, clock, lives=[live]) as built:
                ask = replace(ASK, whole=is_whole, deadline=deadline)
                with anyio.fail_after(20):
                    events = await built.events(Order(ask, PRINCIPAL, "req_1"))
                lease = built.meter.lease
                assert lease is not None
                assert (lease.reserved, live.holders) == (0, 0)
                return events, lease.spent


def fault(events: list[Event]) -> errors.SeedbedError:
    assert [type(one) for one in events if isinstance(one, Finished | Failed)] == [Failed]
    last = events[-1]
    assert isinstance(last, Failed)
    return last.error


@pytest.mark.parametrize(
    ("behave", "why"),
    [
        (sends(b"", hangs=True), "sent nothing for 0.1 s"),
        (sends(STREAM, hangs=True), "sent nothing for 0.1 s"),
        (sends(b"HTTP/1.1 200 OK\r\nx: ", hangs=True), "sent nothing for 0.1 s"),
        (repeats(b"HTTP/1.1 200 OK\r\n", b"x: " + b"y" * 4096 + b"\r\n"), "cannot be read"),
        (repeats(b"HTTP/1.1 200 OK\r\nx: ", b"y" * 4096), "cannot be read"),
        (sends(STREAM + WORD[:-9]), "cut off before the end"),
        (sends(STREAM), "cut off before the end"),
        (sends(whole({"choices": []}, "200 OK", JSON)), "in place of a stream"),
    ],
    ids=["no head", "no body", "half a head", "headers", "a header", "half an event", "", "whole"],
)
async def test_what_fails_before_its_first_event_is_told_first_and_its_prompt_is_paid(
    database: Database, behave: Behave, why: str
) -> None:
    events, spent = await told(database, behave, silence=0.1)
    error = fault(events)
    assert len(events) == 1
    assert type(error) is errors.EngineFailed
    assert why in error.what
    assert error.facts["begun"]
    assert spent == BOUND


@pytest.mark.parametrize(
    ("behave", "why"),
    [
        (sends(STREAM + WORD, hangs=True), "sent nothing for 0.1 s"),
        (sends(STREAM + WORD + WORD[:-9]), "cut off before the end"),
        (sends(STREAM + WORD + event({"error": {"message": "out of memory"}})), "out of memory"),
    ],
    ids=["stalls", "half an event", "gives up"],
)
async def test_what_breaks_off_in_mid_stream_is_told_in_band_and_settled_for_what_came(
    database: Database, behave: Behave, why: str
) -> None:
    events, spent = await told(database, behave, silence=0.1)
    error = fault(events)
    assert isinstance(events[0], Started)
    assert TextDelta("hi", 0) in [replace(e, wire=None) for e in events if type(e) is TextDelta]
    assert why in error.what
    assert error.facts["begun"]
    assert BOUND < spent <= BOUND + 10 * 64


REFUSED = {"error": {"message": "no such tenant", "code": 429}}


@pytest.mark.parametrize(
    ("sent", "is_whole"),
    [
        (whole(REFUSED, "200 OK", JSON), False),
        (whole(REFUSED, "200 OK", JSON), True),
        (stream(REFUSED), False),
    ],
)
async def test_an_error_under_a_good_status_is_a_refusal_and_free(
    database: Database, sent: bytes, is_whole: bool
) -> None:
    events, spent = await told(database, sends(sent), is_whole=is_whole)
    error = fault(events)
    assert len(events) == 1
    assert "no such tenant" in error.what
    assert (error.facts["begun"], spent) == (False, 0)


async def test_a_whole_answer_that_cannot_be_read_is_paid_as_one_that_was_made(
    database: Database,
) -> None:
    events, spent = await told(database, sends(whole(b"{", "200 OK", JSON)), is_whole=True)
    assert "cannot be read" in fault(events).what
    assert len(events) == 1
    assert spent >= BOUND


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Busy", "529 Overloaded"])
async def test_how_long_it_will_not_answer_comes_through_as_a_fact(
    database: Database, status: str
) -> None:
    sent = whole({"error": "slow down"}, status, "retry-after: 3600")
    events, spent = await told(database, sends(sent))
    error = fault(events)
    assert (error.facts["retry_after"], spent) == (3600, 0)
    assert not error.facts.get("begun")
    breaker = Health()
    breaker.failed(error, 0.0)
    assert breaker.again_in(0.0) == 3600


async def test_an_endless_answer_ends_with_what_its_window_can_hold(database: Database) -> None:
    events, spent = await told(database, repeats(STREAM, WORD * 512), window=16)
    error = fault(events)
    assert "longer than its window can hold" in error.what
    assert sum(len(e.text) for e in events if isinstance(e, TextDelta)) <= 16 * 512 + 1024
    assert spent == 16 + 16 * 10


@pytest.mark.slow
@pytest.mark.parametrize("data", [b": still here\n\n", event(chunk())], ids=["pings", "nothing"])
async def test_an_endless_stream_that_says_nothing_ends_with_the_deadline(
    database: Database, data: bytes
) -> None:
    events, spent = await told(database, repeats(STREAM, data), deadline=0.3)
    assert isinstance(fault(events), errors.DeadlineExceeded)
    assert spent == BOUND


@pytest.mark.parametrize("is_whole", [False, True])
async def test_an_upstream_that_answers_as_another_model_is_refused_and_paid(
    database: Database, is_whole: bool
) -> None:
    choice = {"index": 0, "message": {"content": "hi"}, "finish_reason": "stop"}
    body = {"model": "smaller", "choices": [choice]}
    sent = whole(body, "200 OK", JSON) if is_whole else stream(body)
    events, spent = await told(database, sends(sent), is_whole=is_whole)
    error = fault(events)
    assert len(events) == 1
    assert type(error) is errors.UpstreamDiffers
    assert "asked for 'theirs' and answered as 'smaller'" in error.what
    assert spent >= BOUND


@pytest.mark.parametrize("asked", [EmbedAsk("mine", ("a",)), RerankAsk("mine", "q", ("a",))])
async def test_vectors_and_scores_of_another_model_are_refused(
    asked: EmbedAsk | RerankAsk,
) -> None:
    found = {"data": [{"index": 0, "embedding": [1]}], "results": [], "model": "smaller"}
    error = fault(await answers(whole(found), ask=asked))
    assert type(error) is errors.UpstreamDiffers
    assert error.facts["begun"]


async def test_another_name_that_the_card_allows_is_no_lie() -> None:
    sent = STREAM + event({"model": "big-7"} | chunk(content="hi")) + ANSWER[len(STREAM) :]
    async with upstream(sends(sent)) as url:
        made_from = spec(url)
        assert made_from.model.upstream is not None
        allowing = replace(made_from.model.upstream, aliases=("big-*",))
        engine = Remote(replace(made_from, model=replace(made_from.model, upstream=allowing)))
        events = await events_of(engine.generate(ASK))
        await engine.aclose()
    assert isinstance(events[-1], Finished)
    assert engine.answers_as == "big-7"
