"""What is kept of responses and conversations, and where it ends."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from seedbed.api.openai.responses import state
from seedbed.api.openai.responses.events import replayed
from seedbed.api.openai.responses.state import CONVERSATION, ITEM, Past, Turn
from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.core.errors import ObjectUnknown, RequestMalformed, StoreUnusable
from seedbed.core.event import CallDelta, Event, Failed, Finished, Started, Stop, TextDelta
from seedbed.core.object import Object
from seedbed.core.usage import Usage
from seedbed.serving.account import Order
from seedbed.store.database import Database
from tests.api.openai.asking import WHO, Answering, decoded, past_of, read, whole

pytestmark = pytest.mark.anyio

ANSWER = [Started("m"), TextDelta("b"), Finished(Stop.END, Usage())]


@pytest.fixture
def past(database: Database) -> Past:
    return past_of(database)


async def test_a_chain_is_walked_so_far_and_no_farther(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "MOST_TURNS", 2)
    previous = None
    for at in range(3):
        reading = read(past, {"input": "a", "previous_response_id": previous}, f"req_{at}")
        assert (await whole(reading, ANSWER))[0] == ANSWER
        previous = f"resp_{at}"
    told, _ = await whole(read(past, {"input": "a", "previous_response_id": previous}), ANSWER)
    (failed,) = told
    assert isinstance(failed, Failed)
    assert "more than 2 responses" in str(failed.error)


async def test_a_conversation_is_read_page_by_page_and_has_an_end(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "MOST_LISTED", 2)
    monkeypatch.setattr(state, "MOST_ITEMS", 4)
    await past.objects.put(Object("conv_1", CONVERSATION, "p", 1, {}))
    for at in range(5):
        await past.objects.put(Object(f"msg_{at}", ITEM, "p", 1, {"id": at}, "conv_1"))
        if at == 3:
            assert [one["id"] for one in await past.conversation("conv_1", "p")] == [0, 1, 2, 3]
    with pytest.raises(RequestMalformed, match="more than 4 items"):
        await past.conversation("conv_1", "p")


async def test_nothing_said_is_nothing_to_answer(past: Past) -> None:
    await past.objects.put(Object("conv_1", CONVERSATION, "p", 1, {}))
    told, _ = await whole(read(past, {"conversation": "conv_1"}), ANSWER)
    (failed,) = told
    assert isinstance(failed, Failed)
    assert "nothing was said" in str(failed.error)


async def test_a_response_is_kept_for_thirty_days(past: Past) -> None:
    await whole(read(past, {"input": "a"}), ANSWER)
    kept = await past.objects.find("response", "resp_0123", "p")
    assert kept.until == kept.at + 30 * 86_400 * 1_000_000


async def test_one_that_has_its_end_is_not_waited_for(past: Past) -> None:
    await whole(read(past, {"input": "a"}), ANSWER)
    told = [turn async for turn in past.followed("resp_0123", "p")]
    assert told == [await past.turn("resp_0123", "p")]


async def test_what_cannot_be_kept_is_no_answer(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Object) -> None:
        raise StoreUnusable("It is full.", hint="Wait.", reason="full")

    monkeypatch.setattr(past.objects, "put", refuse)
    reading = read(past, {"input": "a", "stream": True})
    told, sent = await whole(reading, ANSWER)
    assert isinstance(told[-1], Failed)
    assert decoded(sent)[-1]["type"] == "response.failed"


async def test_who_leaves_leaves_nothing_behind(past: Past) -> None:
    reading = read(past, {"input": "a", "stream": True})
    assert reading.way
    closed = list[str]()

    async def generate(_: Order) -> AsyncGenerator[Event]:
        try:
            for event in ANSWER:
                yield event
        finally:
            closed.append("engine")

    events = reading.way.generate(Order(reading.ask, WHO, "req_0123"), generate)
    await anext(events)
    await events.aclose()
    assert closed == ["engine"]
    with pytest.raises(ObjectUnknown):
        await past.turn("resp_0123", "p")


async def test_a_job_asks_for_nothing_in_the_background(past: Past) -> None:
    cap = Budget("b", Owner.JOB, "job_1", Window.ALL, Measure.MONEY, 1, "USD")
    reading = read(past, {"input": "a", "background": True})
    assert reading.way
    order = Order(reading.ask, replace(WHO, budgets=(cap,)), "req_0123")
    told = [event async for event in reading.way.generate(order, Answering([]).generate)]
    (failed,) = told
    assert isinstance(failed, Failed)
    assert "token of a job" in str(failed.error)


async def test_a_tool_that_takes_any_text_is_streamed_again(past: Past) -> None:
    asked = {"input": "a", "tools": [{"type": "custom", "name": "sh"}]}
    call = CallDelta(0, '{"input":"ls"}', id="1", name="sh")
    await whole(read(past, asked), [Started("m"), call, Finished(Stop.CALL, Usage())])
    turn: Turn = await past.turn("resp_0123", "p")
    told = {str(one["type"]): one for one in decoded(replayed(turn.response, after=-1))}
    assert told["response.custom_tool_call_input.delta"]["delta"] == "ls"
    assert told["response.completed"]["response"] == turn.response
