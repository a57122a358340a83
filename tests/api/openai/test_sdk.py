"""OpenAI's own client asks for responses: whole, streamed, kept, gone on from, counted."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import cast

import openai
import pydantic
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.responses import FunctionToolParam
from starlette.types import Message as Told

from seedbed.api.openai.responses.wire import ResponseBody
from seedbed.core.access import Scope
from seedbed.core.ask import Feature, Format, ReasoningPolicy, ToolPolicy
from seedbed.core.errors import CapacityExceeded, EngineFailed
from seedbed.core.message import Call, Message, Reasoning, Result, Role, Text
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock, SystemClock
from seedbed.store.database import open_database
from seedbed.store.keys import Keys
from tests.api.running import WINDOW, Caller, House, alive, build, make_key, served

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

MUST = {"model", "input"}
WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "weather",
    "parameters": {"type": "object"},
    "strict": False,
}
CALL = Call("call_1", "weather", '{"city": "Paris"}')
BROKE = EngineFailed("late", why="its process ended")


def engine(**options: object) -> Scripted:
    return Scripted("m", window=WINDOW, **options)  # type: ignore[arg-type]  # as Scripted has them


@pytest.fixture
def engines() -> dict[str, Scripted]:
    return {
        "echo": engine(),
        "thinker": engine(script=[Reasoning("Let me see."), Text("Forty two.")]),
        "caller": engine(script=[CALL]),
        "city": engine(script=[Text('{"city": "Paris", "letters": 5}')]),
        "full": engine(error=CapacityExceeded("full", places=4)),
        "late": engine(error=BROKE, fails_after=2, script=[Text("one two three")]),
    }


@pytest.fixture
async def house(
    home: Path, clock: FakeClock, engines: dict[str, Scripted]
) -> AsyncGenerator[House]:
    app = build(engines, home=home, clock=clock)
    async with alive(app):
        yield House(app, make_key(home, Scope.MODELS), home, clock)


@pytest.fixture
async def client(house: House) -> AsyncGenerator[AsyncOpenAI]:
    async with AsyncOpenAI(
        base_url="http://house/v1", api_key=house.key, max_retries=0, http_client=house.client()
    ) as client:
        yield client


def stranger(house: House) -> AsyncOpenAI:
    """A client of another project."""
    database = open_database(house.home / "seedbed.db")
    scopes = frozenset({Scope.MODELS})
    _, key = Keys(database).create("them", user="v", project="q", scopes=scopes, now=1)
    database.close()
    return AsyncOpenAI(
        base_url="http://house/v1",
        api_key=key,
        max_retries=0,
        http_client=house.client(authorization=f"Bearer {key}"),
    )


async def test_a_response_is_kept_before_its_caller_has_it(client: AsyncOpenAI) -> None:
    raw = await client.responses.with_raw_response.create(model="echo", input="one two three")
    answer = raw.parse()
    assert (answer.output_text, answer.status) == ("one two three", "completed")
    assert answer.id == f"resp_{(raw.request_id or '').removeprefix('req_')}"
    assert answer.usage
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (4, 3)
    assert (answer.model_extra or {})["seedbed"]["request_id"] == raw.request_id
    assert await client.responses.retrieve(answer.id) == answer


async def test_a_response_goes_on_from_the_one_before_and_not_from_its_instructions(
    client: AsyncOpenAI, engines: dict[str, Scripted]
) -> None:
    first = await client.responses.create(model="echo", input="a", instructions="Be brief.")
    second = await client.responses.create(model="echo", input="b", previous_response_id=first.id)
    third = await client.responses.create(model="echo", input="c", previous_response_id=second.id)
    asked = engines["echo"].asked
    assert asked[0].messages[0] == Message(Role.SYSTEM, (Text("Be brief."),))
    said = [(message.role.value, message.text) for message in asked[-1].messages]
    assert [text for _, text in said] == ["a", "a", "b", "b", "c"]
    assert [role for role, _ in said] == ["user", "assistant", "user", "assistant", "user"]
    assert third.previous_response_id == second.id


async def test_a_chain_that_is_broken_is_told(client: AsyncOpenAI) -> None:
    first = await client.responses.create(model="echo", input="a")
    second = await client.responses.create(model="echo", input="b", previous_response_id=first.id)
    await client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError, match=first.id):
        await client.responses.create(model="echo", input="c", previous_response_id=second.id)


async def test_what_is_not_to_be_stored_is_not(client: AsyncOpenAI) -> None:
    answer = await client.responses.create(model="echo", input="a", store=False)
    with pytest.raises(openai.NotFoundError):
        await client.responses.retrieve(answer.id)


async def test_another_project_finds_nothing_of_it(house: House, client: AsyncOpenAI) -> None:
    answer = await client.responses.create(model="echo", input="a")
    talk = await client.conversations.create()
    item = cast(str, answer.output[0].id)
    async with stranger(house) as them:
        for wanted in (
            them.responses.retrieve(answer.id),
            them.responses.delete(answer.id),
            them.responses.cancel(answer.id),
            them.responses.input_items.list(answer.id),
            them.responses.create(model="echo", input="b", previous_response_id=answer.id),
            them.responses.create(model="echo", input="b", conversation=talk.id),
            them.responses.create(model="echo", input=[{"type": "item_reference", "id": item}]),
            them.conversations.retrieve(talk.id),
            them.conversations.delete(talk.id),
            them.conversations.items.list(talk.id),
        ):
            with pytest.raises(openai.NotFoundError):
                await wanted
    assert await client.responses.retrieve(answer.id) == answer


async def test_the_streaming_helper_puts_an_answer_together(client: AsyncOpenAI) -> None:
    async with client.responses.stream(model="thinker", input="a") as stream:
        kinds = [event.type async for event in stream]
        answer = await stream.get_final_response()
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    assert answer.output_text == "Forty two."
    assert [item.type for item in answer.output] == ["reasoning", "message"]
    kept = await client.responses.retrieve(answer.id)
    assert kept.output_text == "Forty two."


async def test_a_kept_response_is_streamed_again_and_from_where_a_caller_was(
    client: AsyncOpenAI,
) -> None:
    answer = await client.responses.create(model="thinker", input="a")
    again = [e async for e in await client.responses.retrieve(answer.id, stream=True)]
    assert [event.sequence_number for event in again] == list(range(len(again)))
    assert again[0].type == "response.created"
    deltas = [e.delta for e in again if e.type == "response.output_text.delta"]
    assert deltas == ["Forty ", "two."]
    assert again[-1].type == "response.completed"
    assert again[-1].response == answer
    rest = await client.responses.retrieve(answer.id, stream=True, starting_after=4)
    assert [event.sequence_number async for event in rest] == list(range(5, len(again)))


async def test_calls_are_streamed_again_too(client: AsyncOpenAI) -> None:
    answer = await client.responses.create(model="caller", input="a", tools=[WEATHER])
    again = [e async for e in await client.responses.retrieve(answer.id, stream=True)]
    (delta,) = [e.delta for e in again if e.type == "response.function_call_arguments.delta"]
    assert delta == CALL.arguments
    assert [e.type for e in again][2] == "response.output_item.added"


async def test_a_call_is_answered_by_its_output(
    client: AsyncOpenAI, engines: dict[str, Scripted]
) -> None:
    first = await client.responses.create(model="caller", input="Rain?", tools=[WEATHER])
    (call,) = first.output
    assert call.type == "function_call"
    await client.responses.create(
        model="echo",
        previous_response_id=first.id,
        input=[{"type": "function_call_output", "call_id": call.call_id, "output": "No."}],
    )
    *_, said, brought = engines["echo"].asked[-1].messages
    assert said == Message(Role.ASSISTANT, (CALL,))
    assert brought == Message(Role.TOOL, (Result("call_1", (Text("No."),)),))


async def test_a_thought_is_carried_by_its_caller(
    client: AsyncOpenAI, engines: dict[str, Scripted]
) -> None:
    first = await client.responses.create(
        model="thinker", input="a", store=False, include=["reasoning.encrypted_content"]
    )
    thought = first.output[0]
    assert thought.type == "reasoning"
    told = {"type": "reasoning", "summary": [], "encrypted_content": thought.encrypted_content}
    await client.responses.create(
        model="echo",
        store=False,
        input=[told, {"role": "user", "content": "b"}],  # type: ignore[list-item]  # no id
    )
    assert engines["echo"].asked[-1].messages[0].parts == (Reasoning("Let me see."),)


async def test_an_item_is_named_by_its_id(
    client: AsyncOpenAI, engines: dict[str, Scripted]
) -> None:
    first = await client.responses.create(model="echo", input="a")
    talk = await client.conversations.create(items=[{"role": "user", "content": "c"}])
    (item,) = (await client.conversations.items.list(talk.id)).data
    named = [cast(str, first.output[0].id), cast(str, item.id)]
    second = await client.responses.create(
        model="echo", input=[{"type": "item_reference", "id": id_} for id_ in named]
    )
    assert [m.text for m in engines["echo"].asked[-1].messages] == ["a", "c"]
    listed = [one.id async for one in client.responses.input_items.list(second.id, order="asc")]
    assert listed == named
    for unknown in ("msg_0", named[0][:-4] + "0009"):
        with pytest.raises(openai.NotFoundError):
            await client.responses.create(
                model="echo", input=[{"type": "item_reference", "id": unknown}]
            )


async def test_input_items_come_in_pages(client: AsyncOpenAI) -> None:
    said = [{"role": "user", "content": str(number)} for number in range(5)]
    answer = await client.responses.create(model="echo", input=said)  # type: ignore[arg-type]
    pages = client.responses.input_items.list(answer.id, limit=2)
    texts = [item.content[0].text async for item in pages]  # type: ignore[union-attr]
    assert texts == ["4", "3", "2", "1", "0"]
    first = await client.responses.input_items.list(answer.id, limit=2, order="asc")
    assert first.has_more
    assert first.data[0].type == "message"
    for wrong in ({"limit": 0}, {"limit": 101}, {"order": "up"}):
        with pytest.raises(openai.BadRequestError):
            await client.responses.input_items.list(answer.id, **wrong)  # type: ignore[arg-type]
    with pytest.raises(openai.NotFoundError):
        await client.responses.input_items.list(answer.id, after="msg_0")


class City(pydantic.BaseModel):
    city: str
    letters: int


async def test_an_answer_is_parsed(client: AsyncOpenAI, engines: dict[str, Scripted]) -> None:
    answer = await client.responses.parse(model="city", input="Which?", text_format=City)
    assert answer.output_parsed == City(city="Paris", letters=5)
    form = engines["city"].asked[-1].format
    assert (form.kind, form.name, form.strict) == ("schema", "City", True)
    assert form != Format()


async def test_what_is_asked_of_a_model_reaches_it(
    client: AsyncOpenAI, engines: dict[str, Scripted]
) -> None:
    await client.responses.create(
        model="caller",
        input="a",
        tools=[WEATHER],
        tool_choice={"type": "function", "name": "weather"},
        reasoning={"effort": "low"},
        temperature=0.5,
        max_output_tokens=7,
        parallel_tool_calls=False,
        metadata={"a": "b"},
        extra_body={"seedbed": {"deadline": 9}, "top_k": 4},
    )
    ask = engines["caller"].asked[-1]
    assert ask.tool_policy == ToolPolicy("required", ("weather",), parallel=False)
    assert ask.reasoning == ReasoningPolicy("on", "low", 1024)
    assert (ask.sampling.temperature, ask.limits.output, ask.deadline) == (0.5, 7, 9)
    assert (ask.metadata, ask.extra) == ({"a": "b"}, {"openai.responses": {"top_k": 4}})
    assert ask.needs == {Feature.CHAT, Feature.TOOLS, Feature.REASONING}


async def test_an_answer_that_is_cut_off_is_incomplete(client: AsyncOpenAI) -> None:
    answer = await client.responses.create(model="echo", input="a b c", max_output_tokens=2)
    assert (answer.status, answer.output_text) == ("incomplete", "a b")
    assert answer.incomplete_details
    assert answer.incomplete_details.reason == "max_output_tokens"


async def test_a_refusal_is_a_status_and_nothing_is_kept(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.RateLimitError):
        await client.responses.create(model="full", input="a", stream=True)
    with pytest.raises(openai.NotFoundError, match="no model 'nope' here"):
        await client.responses.create(model="nope", input="a")
    with pytest.raises(openai.InternalServerError):
        await client.responses.create(model="late", input="a")


async def test_a_late_failure_is_told_in_the_stream_and_kept(client: AsyncOpenAI) -> None:
    stream = await client.responses.create(model="late", input="a", stream=True)
    events = [event async for event in stream]
    *_, error, failed = events
    assert error.type == "error"
    assert (error.code, error.message) == ("engine_failed", str(BROKE))
    assert failed.type == "response.failed"
    assert failed.response.error
    assert failed.response.output_text == "one two"
    kept = await client.responses.retrieve(failed.response.id)
    assert kept.status == "failed"


async def test_the_tokens_of_a_prompt_are_counted_with_what_was_said_before(
    client: AsyncOpenAI,
) -> None:
    first = await client.responses.create(model="echo", input="a b c")
    alone = await client.responses.input_tokens.count(model="echo", input="d")
    after = await client.responses.input_tokens.count(
        model="echo", input="d", previous_response_id=first.id
    )
    assert (alone.object, alone.input_tokens) == ("response.input_tokens", 2)
    assert after.input_tokens == 10


async def test_what_is_not_served_says_so(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.InternalServerError, match="compacts") as refused:
        await client.responses.compact(model="echo", input="a")
    assert refused.value.status_code == 501
    answer = await client.responses.create(model="echo", input="a")
    with pytest.raises(openai.BadRequestError, match="background"):
        await client.responses.cancel(answer.id)
    with pytest.raises(openai.BadRequestError, match="starting_after"):
        await client.get(f"/responses/{answer.id}?stream=true&starting_after=x", cast_to=object)


async def test_a_conversation_grows_with_each_response(
    client: AsyncOpenAI, engines: dict[str, Scripted]
) -> None:
    talk = await client.conversations.create(
        items=[{"role": "user", "content": "a"}], metadata={"topic": "b"}
    )
    await client.responses.create(model="echo", input="c", conversation=talk.id, store=False)
    answer = await client.responses.create(
        model="echo", input="d", conversation={"id": talk.id}, stream=True
    )
    last = [event async for event in answer][-1]
    assert last.type == "response.completed"
    assert last.response.conversation
    assert last.response.conversation.id == talk.id
    assert [m.text for m in engines["echo"].asked[-1].messages] == ["a", "c", "c", "d"]
    told = [i.content[0].text async for i in client.conversations.items.list(talk.id, limit=2)]  # type: ignore[union-attr]
    assert told == ["d", "d", "c", "c", "a"]


async def test_a_conversation_is_changed_and_deleted(client: AsyncOpenAI) -> None:
    talk = await client.conversations.create(metadata={"topic": "a"})
    assert (await client.conversations.retrieve(talk.id)).metadata == {"topic": "a"}
    changed = await client.conversations.update(talk.id, metadata={"topic": "b"})
    assert (changed.id, changed.metadata) == (talk.id, {"topic": "b"})
    added = await client.conversations.items.create(
        talk.id, items=[{"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]
    )
    first, second = added.data
    assert (first.type, second.type) == ("message", "message")
    one = await client.conversations.items.retrieve(cast(str, first.id), conversation_id=talk.id)
    assert one == first
    left = await client.conversations.items.delete(cast(str, first.id), conversation_id=talk.id)
    assert left.id == talk.id
    assert [i.id async for i in client.conversations.items.list(talk.id)] == [second.id]
    gone = await client.conversations.delete(talk.id)
    assert gone.deleted
    for wanted in (
        client.conversations.retrieve(talk.id),
        client.conversations.items.retrieve(cast(str, second.id), conversation_id=talk.id),
    ):
        with pytest.raises(openai.NotFoundError):
            await wanted


async def test_an_item_is_of_one_conversation(client: AsyncOpenAI) -> None:
    ours = await client.conversations.create(items=[{"role": "user", "content": "a"}])
    other = await client.conversations.create()
    (item,) = (await client.conversations.items.list(ours.id)).data
    with pytest.raises(openai.NotFoundError):
        await client.conversations.items.retrieve(cast(str, item.id), conversation_id=other.id)


async def test_a_key_without_the_right_is_let_into_nothing(house: House) -> None:
    key = make_key(house.home, Scope.METRICS, name="metrics")
    client = AsyncOpenAI(
        base_url="http://house/v1",
        api_key=key,
        max_retries=0,
        http_client=house.client(authorization=f"Bearer {key}"),
    )
    async with client:
        for wanted in (
            client.responses.retrieve("resp_0"),
            client.conversations.create(),
            client.responses.create(model="echo", input="a", background=True),
        ):
            with pytest.raises(openai.PermissionDeniedError):
                await wanted


async def test_what_is_asked_for_in_the_background_waits_for_a_worker(client: AsyncOpenAI) -> None:
    answer = await client.responses.create(model="echo", input="a", background=True)
    assert (answer.status, answer.background, answer.output) == ("queued", True, [])
    assert (await client.responses.retrieve(answer.id)).status == "queued"
    with pytest.raises(openai.BadRequestError, match="queued"):
        await client.responses.create(model="echo", input="b", previous_response_id=answer.id)
    for _ in range(2):
        assert (await client.responses.cancel(answer.id)).status == "cancelled"
    await client.responses.delete(answer.id)
    with pytest.raises(openai.NotFoundError):
        await client.responses.retrieve(answer.id)
    with pytest.raises(openai.NotFoundError):
        await client.responses.create(
            model="echo", input="b", background=True, previous_response_id=answer.id
        )


@pytest.fixture
def synchronous(home: Path, engines: dict[str, Scripted]) -> Iterator[OpenAI]:
    with served(build(engines, home=home, clock=SystemClock())) as url:
        key = make_key(home, Scope.MODELS)
        with OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
            yield client


def test_the_synchronous_client_asks_a_server(synchronous: OpenAI) -> None:
    client = synchronous
    first = client.responses.create(model="echo", input="a")
    with client.responses.stream(model="echo", input="b", previous_response_id=first.id) as stream:
        texts = [event.delta for event in stream if event.type == "response.output_text.delta"]
        answer = stream.get_final_response()
    assert "".join(texts) == answer.output_text == "b"
    assert [item.type for item in client.responses.input_items.list(answer.id)] == ["message"]
    talk = client.conversations.create()
    client.responses.create(model="echo", input="c", conversation=talk.id)
    assert len(list(client.conversations.items.list(talk.id))) == 2
    client.responses.delete(answer.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(answer.id)
    with client.responses.create(model="echo", input="a b c", stream=True) as leaving:
        next(iter(leaving))
    assert client.responses.create(model="echo", input="d").output_text == "d"


async def test_whoever_leaves_while_a_conversation_is_sent_begins_none(house: House) -> None:
    class Leaver(Caller):
        async def receive(self) -> Told:
            return {"type": "http.disconnect"}

    caller = Leaver(b"", key=house.key, path="/v1/conversations")
    caller.scope["query_string"] = b""
    await caller.ask(house.app)
    assert caller.sent[0]["status"] == 400


async def test_a_field_that_is_null_is_as_if_left_out(house: House) -> None:
    fields = [name for name in ResponseBody.__struct_encode_fields__ if name not in MUST]
    nulls = dict.fromkeys(fields)
    async with house.client() as client:
        told = await client.post("/v1/responses", json={**nulls, "model": "echo", "input": "a"})
    assert (told.status_code, told.json()["status"]) == (200, "completed")
