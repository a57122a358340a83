"""Answers that nobody sees before their end are asked for in one piece. Real sockets."""

from typing import Any

import anyio
import pytest

from seedbed.core import errors
from seedbed.core.event import (
    CHAT_WHOLE,
    CallDelta,
    Event,
    Failed,
    Finished,
    ReasoningDelta,
    Reply,
    Started,
    Stop,
    TextDelta,
    UsageNow,
)
from seedbed.core.usage import Usage
from tests.engines.upstreams.fake import (
    FakeUpstream,
    answers,
    engine_of,
    events_of,
    say,
    speaking,
    spec,
    stream,
    whole,
)

pytestmark = pytest.mark.anyio

ASK = say("hi", whole=True)
BOUND = Usage(ASK.most_input or 0)
USED = {"prompt_tokens": 9, "completion_tokens": 2}
JSON = "content-type: application/json"


def body(reason: str = "stop", usage: object = USED, **said: Any) -> dict[str, Any]:
    """A whole chat in OpenAI's words."""
    message = {"role": "assistant", "content": "hi", "refusal": None} | said
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
    return {"id": "theirs", "choices": [choice], "usage": usage}


def fault(events: list[Event]) -> errors.SeedbedError:
    last = events[-1]
    assert isinstance(last, Failed)
    return last.error


async def test_one_body_becomes_the_events_of_a_stream() -> None:
    async with speaking(whole(body(), "200 OK", JSON)) as fake, engine_of(spec(fake.url)) as engine:
        events = await events_of(engine.generate(ASK))
    assert fake.asked[0].body["stream"] is False
    assert "stream_options" not in fake.asked[0].body
    *others, end = events
    assert others == [
        Started("mine"),
        UsageNow(BOUND),
        TextDelta("hi", tokens=0),
    ]
    assert isinstance(end, Finished)
    assert (end.stop, end.usage) == (Stop.END, Usage(9, output_visible=2))
    assert end.wire is not None
    assert (end.wire.form, end.wire.data[:14]) == (CHAT_WHOLE, b'[{"index": 0, ')


@pytest.mark.parametrize("lie", [-1, 2**63, 10**30])
@pytest.mark.parametrize("counter", ["prompt_tokens", "completion_tokens"])
async def test_a_count_beyond_the_window_never_comes_as_far_as_the_books(
    counter: str, lie: int
) -> None:
    told = whole(body(usage=USED | {counter: lie}), "200 OK", JSON)
    async with speaking(told) as fake, engine_of(spec(fake.url)) as engine:
        events = await events_of(engine.generate(ASK))
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.usage == BOUND + Usage(output_visible=2)


async def test_a_message_of_the_other_dialect_is_the_same_answer() -> None:
    content = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "hi"},
        {"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}},
    ]
    usage = {"input_tokens": 9, "output_tokens": 2}
    message = {"content": content, "stop_reason": "tool_use", "usage": usage}
    async with speaking(whole(message)) as fake, engine_of(spec(fake.url, "anthropic")) as engine:
        events = await events_of(engine.generate(ASK))
    assert fake.asked[0].body["stream"] is False
    assert events[2:] == [
        ReasoningDelta("hm", tokens=0),
        TextDelta("hi", tokens=0),
        CallDelta(0, '{"a":1}', id="c", name="f", tokens=0),
        Finished(Stop.CALL, Usage(9, output_visible=2)),
    ]


async def test_an_answer_that_calls_ends_in_a_call_and_is_told_in_our_words() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    end = (await answers(whole(body(content=None, tool_calls=[call])), ask=ASK))[-1]
    assert end == Finished(Stop.CALL, Usage(9, output_visible=2))


async def test_what_is_not_counted_is_bounded() -> None:
    events = await answers(whole(body(usage=None)), ask=ASK)
    assert Reply.of(events).usage == Usage(BOUND.input, output_visible=2)


async def test_a_completion_comes_whole_too() -> None:
    told = {"choices": [{"index": 0, "text": "once", "finish_reason": "length"}], "usage": USED}
    asked = say("hi", whole=True, raw=True)
    events = await answers(whole(told), ask=asked)
    assert events[-2:] == [
        TextDelta("once", tokens=0),
        Finished(Stop.LENGTH, Usage(9, output_visible=2)),
    ]


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (whole({}), "cut off before the end"),
        (whole(body(reason="tired")), "tired"),
        (whole({"error": {"message": "out of memory"}}), "gave up: out of memory"),
        (whole(b"<html>hi"), "cannot be read"),
        (
            whole(b"<html>hi", "200 OK", "content-type: text/html"),
            "text/html in place of an answer",
        ),
        (stream(body()), "cannot be read"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{", "hung up"),
        (b"", "hung up"),
        (whole({"error": {"message": "a bug"}}, "500 Oops"), "answered 500: a bug"),
    ],
)
async def test_an_upstream_that_breaks_is_told_as_a_failure(sent: bytes, why: str) -> None:
    error = fault(await answers(sent, ask=ASK))
    assert type(error) is errors.EngineFailed
    assert why in error.what


async def test_what_came_without_its_end_was_used() -> None:
    cut = {"choices": [{"index": 0, "message": {"content": "hi"}}], "usage": USED}
    events = await answers(whole(cut), ask=ASK)
    assert events[2:-1] == [UsageNow(Usage(9, output_visible=2)), TextDelta("hi", tokens=0)]
    assert "cut off before the end" in fault(events).what


@pytest.mark.parametrize("status", ["400 No", "401 No", "500 Oops"])
async def test_what_was_refused_has_not_begun(status: str) -> None:
    events = await answers(whole({"error": {"message": "no"}}, status), ask=ASK)
    assert len(events) == 1
    assert not fault(events).facts.get("begun")


async def test_what_was_never_sent_has_not_begun() -> None:
    async with speaking() as fake:
        pass
    async with engine_of(spec(fake.url)) as engine:
        (failed,) = await events_of(engine.generate(ASK))
    assert isinstance(failed, Failed)
    assert type(failed.error) is errors.EngineUnreachable
    assert not failed.error.facts["begun"]


async def test_what_broke_in_the_middle_had_begun() -> None:
    assert fault(await answers(b"", ask=ASK)).facts["begun"]


async def test_a_whole_answer_may_be_as_late_as_it_is() -> None:
    """A stream that is asked for later is left for its silence, and the whole one still waits."""
    async with (
        speaking(b"", b"", hangs=True) as fake,
        engine_of(spec(fake.url), silence=0.05) as engine,
        anyio.create_task_group() as tasks,
    ):
        ended: list[list[Event]] = []

        async def wait() -> None:
            ended.append(await events_of(engine.generate(ASK)))

        tasks.start_soon(wait)
        await _asked(fake)
        assert "sent nothing" in fault(await events_of(engine.generate(say("hi")))).what
        assert len(fake.asked) == 2
        assert not ended
        tasks.cancel_scope.cancel()


async def _asked(fake: FakeUpstream) -> None:
    while not fake.asked:
        await anyio.lowlevel.checkpoint()
