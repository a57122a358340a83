"""Volcengine's, BytePlus's and OpenAI's own unmodified clients against a real server, and
Volcengine's asynchronous one in process.
"""

import base64
import math
import struct
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from typing import Any

import anyio
import httpx
import openai
import pydantic
import pytest
from starlette.types import Message

from seedbed.core.access import Scope
from seedbed.core.ask import Ask, EmbedAsk, Priority, ReasoningPolicy
from seedbed.core.errors import CapacityExceeded, DeadlineExceeded, EngineFailed
from seedbed.core.event import Event, Started
from seedbed.core.message import Call, Reasoning, Text
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import SystemClock
from tests.api.ark.vendor import BYTEPLUS, VOLCENGINE
from tests.api.ark.vendor import RAISED as raised  # noqa: N811 - a module
from tests.api.engines import Reader, vector
from tests.api.running import WINDOW, Caller, House, build, make_key, served

pytestmark = pytest.mark.usefixtures("logged")

SAY: list[Any] = [{"role": "user", "content": "one two three"}]
TOOLS: list[Any] = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
    for name in ("weather", "clock")
]
BROKE = EngineFailed("late", why="its process ended")


def engine(**options: object) -> Scripted:
    return Scripted("m", window=WINDOW, **options)  # type: ignore[arg-type]  # as Scripted has them


class Endless(Scripted):
    """Its first answer has no end."""

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        if not self.asked:
            self.asked.append(ask)
            yield Started("m")
            await anyio.sleep_forever()
        async with aclosing(super().generate(ask)) as events:
            async for event in events:
                yield event


ENGINES = {
    "doubao-echo-1-6-251015": engine(),
    "ep-20251101-abcde": engine(),
    "bot-20251101-abcde": engine(),
    "thinker": engine(script=[Reasoning("Let me see."), Text("Forty-two.")]),
    "caller": engine(
        script=[Call("call_1", "weather", '{"city": "Paris"}'), Call("call_2", "clock", "{}")]
    ),
    "city": engine(script=[Text('{"city": "Paris", "letters": 5}')]),
    "full": engine(error=CapacityExceeded("full", places=4)),
    "slow": engine(error=DeadlineExceeded(seconds=60)),
    "broken": engine(error=EngineFailed("broken", why="its process ended")),
    "late": engine(error=BROKE, fails_after=2),
    "endless": Endless("m", window=WINDOW),
}
ECHO, POINT, BOT = list(ENGINES)[:3]
READER = Reader()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server with all those models, and a key to it."""
    home = tmp_path_factory.mktemp("home")
    with served(build(ENGINES | {"reader": READER}, home=home, clock=SystemClock())) as url:
        yield url, make_key(home, Scope.MODELS)


@pytest.fixture(params=["/api/v3", "/api/coding/v3", "/api/plan/v3"])
def base(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def client(address: tuple[str, str]) -> Iterator[Any]:
    url, key = address
    with VOLCENGINE.Ark(base_url=f"{url}/api/v3", api_key=key, max_retries=0) as client:
        yield client


@pytest.fixture
def byteplus(address: tuple[str, str]) -> Iterator[Any]:
    url, key = address
    with BYTEPLUS.Ark(base_url=f"{url}/api/v3", api_key=key, max_retries=0) as client:
        yield client


def test_an_answer_comes_whole_from_each_base(address: tuple[str, str], base: str) -> None:
    url, key = address
    with VOLCENGINE.Ark(base_url=url + base, api_key=key, max_retries=0) as client:
        answer: Any = client.chat.completions.create(model=ECHO, messages=SAY)
    (choice,) = answer.choices
    assert (choice.message.role, choice.message.content) == ("assistant", "one two three")
    assert (choice.finish_reason, answer.model) == ("stop", ECHO)
    assert answer.service_tier == "default"
    used = answer.usage
    assert (used.prompt_tokens, used.completion_tokens, used.total_tokens) == (4, 3, 7)
    assert used.prompt_tokens_details.cached_tokens == 0


def test_an_answer_comes_as_it_is_made(client: Any) -> None:
    chunks = list(
        client.chat.completions.create(
            model=POINT,
            messages=SAY,
            stream=True,
            stream_options={"include_usage": True, "chunk_include_usage": True},
        )
    )
    told = [chunk.choices[0].delta.content for chunk in chunks[:-1]]
    assert told == ["", "one", " two", " three", None]
    assert [chunk.usage.completion_tokens for chunk in chunks[1:]] == [1, 2, 3, 3, 3]
    assert chunks[0].usage is None
    assert chunks[-1].choices == []


def test_whoever_leaves_a_stream_stops_the_work(client: Any) -> None:
    stream = client.chat.completions.create(model="endless", messages=SAY, stream=True)
    assert next(iter(stream)).choices[0].delta.role == "assistant"
    stream.response.close()
    assert client.chat.completions.create(model="endless", messages=SAY), "its one place is free"


def test_thought_stands_beside_the_words(client: Any) -> None:
    asked = ENGINES["thinker"].asked
    ask: Any = {"model": "thinker", "messages": SAY, "thinking": {"type": "enabled"}}
    answer = client.chat.completions.create(**ask, reasoning_effort="low")
    assert answer.choices[0].message.reasoning_content == "Let me see."
    assert answer.choices[0].message.content == "Forty-two."
    assert answer.usage.completion_tokens_details.reasoning_tokens == 3
    assert asked[-1].reasoning == ReasoningPolicy("on", "low", 1024)
    deltas = [one.choices[0].delta for one in client.chat.completions.create(**ask, stream=True)]
    assert [one.reasoning_content for one in deltas] == [None, "Let", " me", " see.", None, None]
    client.chat.completions.create(**ask | {"thinking": {"type": "disabled"}})
    assert asked[-1].reasoning == ReasoningPolicy("off")


def test_calls_come_and_what_they_brought_is_understood(client: Any) -> None:
    answer = client.chat.completions.create(model="caller", messages=SAY, tools=TOOLS)
    message = answer.choices[0].message
    assert [call.function.name for call in message.tool_calls] == ["weather", "clock"]
    results: list[Any] = [
        {"role": "tool", "tool_call_id": call.id, "content": "12 C"} for call in message.tool_calls
    ]
    earlier = message.model_dump()
    client.chat.completions.create(model="caller", messages=[*SAY, earlier, *results], tools=TOOLS)
    assert ENGINES["caller"].asked[-1].messages[1].parts[0] == Call(
        "call_1", "weather", '{"city": "Paris"}'
    )


class City(pydantic.BaseModel):
    city: str
    letters: int


def test_an_answer_is_parsed_as_the_type_that_was_asked_for(client: Any) -> None:
    parse = client.beta.chat.completions.parse
    answer = parse(model="city", messages=SAY, response_format=City)
    assert answer.choices[0].message.parsed == City(city="Paris", letters=5)
    assert ENGINES["city"].asked[-1].format.kind == "schema"


def test_a_bot_answers_as_a_model_does(client: Any) -> None:
    answer = client.bot_chat.completions.create(model=BOT, messages=SAY)
    assert answer.choices[0].message.content == "one two three"
    (used,) = answer.bot_usage.model_usage
    assert (used.name, used.prompt_tokens, used.total_tokens) == (BOT, 4, 7)
    assert answer.references is None
    *_, last = client.bot_chat.completions.create(
        model=BOT, messages=SAY, stream=True, stream_options={"include_usage": True}
    )
    assert last.bot_usage.model_usage[0].completion_tokens == 3


def test_a_session_goes_on(client: Any) -> None:
    context = client.context.create(
        model=ECHO, messages=[{"role": "system", "content": "be brief"}], ttl=7_200
    )
    assert (context.mode, context.ttl) == ("session", 7_200)
    assert context.truncation_strategy.last_history_tokens == 4096
    say = client.context.completions.create
    first = say(context_id=context.id, model=ECHO, messages=SAY)
    assert first.choices[0].message.content == "one two three"
    chunks = list(say(context_id=context.id, model=ECHO, messages=SAY, stream=True))
    assert "".join(one.choices[0].delta.content or "" for one in chunks) == "one two three"
    told = [message.text for message in ENGINES[ECHO].asked[-1].messages]
    assert told == ["be brief", "one two three", "one two three", "one two three"]
    with pytest.raises(raised.ArkNotFoundError):
        say(context_id="ctx-0", model=ECHO, messages=SAY)


def test_texts_are_turned_into_vectors_of_numbers(client: Any) -> None:
    answer = client.embeddings.create(model="reader", input=["a", "four"], dimensions=2)
    assert [one.index for one in answer.data] == [0, 1]
    found = [one.embedding for one in answer.data]
    assert found == [list(struct.unpack("<2f", vector(text))) for text in ("a", "four")]
    assert (answer.object, answer.usage.prompt_tokens) == ("list", 2)
    packed = client.embeddings.create(model="reader", input="a", encoding_format="base64")
    assert packed.data[0].embedding == base64.b64encode(vector("a")).decode()


def test_parts_are_turned_into_one_vector_in_the_shape_that_each_client_reads(
    client: Any, byteplus: Any
) -> None:
    items = [{"type": "text", "text": text} for text in ("a", "b")]
    numbers = [pytest.approx(math.cos(3)), pytest.approx(math.sin(3))]
    for one in (client, byteplus):
        answer = one.multimodal_embeddings.create(model="reader", input=items)
        data = answer.data[0] if one is byteplus else answer.data
        assert data.embedding == numbers
    assert READER.asked[-1] == EmbedAsk("reader", ("a\nb",))
    client.batch.multimodal_embeddings.create(model="reader", input=items[:1])
    assert READER.asked[-1] == EmbedAsk("reader", ("a",), priority=Priority.BATCH)


def test_what_is_no_text_is_no_vector_yet(client: Any) -> None:
    for kind in ("image_url", "video_url"):
        item = {"type": kind, kind: {"url": "https://media.test/a"}}
        with pytest.raises(raised.ArkBadRequestError) as refused:
            client.multimodal_embeddings.create(model="reader", input=[item])
        assert refused.value.param == "input[0]"
    sparse = {"type": "enabled"}
    text = [{"type": "text", "text": "a"}]
    for fields in ({"sparse_embedding": sparse}, {"instructions": "Be kind."}):
        with pytest.raises(raised.ArkBadRequestError) as refused:
            client.multimodal_embeddings.create(model="reader", input=text, **fields)
        assert refused.value.param == next(iter(fields))
    off = {"sparse_embedding": {"type": "disabled"}, "instructions": ""}
    assert client.multimodal_embeddings.create(model="reader", input=text, **off)


def test_texts_are_cut_into_tokens(client: Any) -> None:
    answer = client.tokenization.create(model=ECHO, text=["one two", "one"])
    first, second = answer.data
    assert (first.total_tokens, second.total_tokens) == (2, 1)
    assert first.token_ids[0] == second.token_ids[0]
    assert first.offset_mapping == [[0, 3], [4, 7]]
    (alone,) = client.tokenization.create(model=ECHO, text="one").data
    assert (alone.index, alone.token_ids) == (0, second.token_ids)


def test_batch_calls_wait_for_others(client: Any) -> None:
    answer = client.batch.chat.completions.create(model=ECHO, messages=SAY)
    assert answer.choices[0].message.content == "one two three"
    assert ENGINES[ECHO].asked[-1].priority is Priority.BATCH
    client.batch_chat.completions.create(model=ECHO, messages=SAY, timeout=60.0)
    client.batch.embeddings.create(model="reader", input="a")
    assert READER.asked[-1] == EmbedAsk("reader", ("a",), priority=Priority.BATCH)


def test_a_batch_call_that_took_too_long_is_not_asked_again(client: Any) -> None:
    before = len(ENGINES["slow"].asked)
    with pytest.raises(raised.ArkUnprocessableEntityError):
        client.batch.chat.completions.create(model="slow", messages=SAY)
    assert len(ENGINES["slow"].asked) == before + 1


@pytest.mark.parametrize("path", ["chat/completions", "embeddings", "embeddings/multimodal"])
def test_a_batch_call_always_says_when_to_ask_again(address: tuple[str, str], path: str) -> None:
    url, key = address
    text = [{"type": "text", "text": "a"}]
    body: dict[str, object] = {"model": "full", "messages": SAY}
    if path.startswith("embeddings"):
        body["input"] = text if path.endswith("multimodal") else "a"
    headers = {"authorization": f"Bearer {key}"}
    answer = httpx.post(f"{url}/api/v3/batch/{path}", json=body, headers=headers)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


REFUSALS: list[tuple[Callable[[Any], object], type[Exception], str]] = [
    (
        lambda c: c.chat.completions.create(model="doubao-pro", messages=SAY),
        raised.ArkNotFoundError,
        "InvalidEndpointOrModel.NotFound",
    ),
    (
        lambda c: c.chat.completions.create(model=ECHO, messages=SAY, temperature=9),
        raised.ArkBadRequestError,
        "InvalidParameter.temperature",
    ),
    (
        lambda c: c.chat.completions.create(model=ECHO, messages=SAY, repetition_penalty=2),
        raised.ArkBadRequestError,
        "InvalidParameter.UnsupportedParameter",
    ),
    (
        lambda c: c.chat.completions.create(
            model=ECHO, messages=[{"role": "user", "content": "word " * WINDOW}]
        ),
        raised.ArkBadRequestError,
        "OutofContextError",
    ),
    (
        lambda c: c.chat.completions.create(model="full", messages=SAY),
        raised.ArkRateLimitError,
        "ServerOverloaded",
    ),
    (
        lambda c: c.chat.completions.create(model="broken", messages=SAY),
        raised.ArkInternalServerError,
        "InternalServiceError",
    ),
    (
        lambda c: c.embeddings.create(model=ECHO, input=[]),
        raised.ArkBadRequestError,
        "InvalidParameter.input",
    ),
    (
        lambda c: c.tokenization.create(model=ECHO, text=""),
        raised.ArkBadRequestError,
        "InvalidParameter.text",
    ),
]


@pytest.mark.parametrize(("call", "kind", "code"), REFUSALS, ids=[str(n) for n in range(8)])
def test_an_error_is_the_clients_own_with_all_that_it_tells(
    client: Any, call: Callable[[Any], object], kind: type[Exception], code: str
) -> None:
    with pytest.raises(kind) as refused:
        call(client)
    error: Any = refused.value
    assert error.code == code
    assert "Request id: req_" in error.message
    assert error.response.headers["x-client-request-id"] == error.request_id
    assert error.response.headers["x-request-id"].startswith("req_")


def test_a_message_for_the_house_alone_is_refused(address: tuple[str, str]) -> None:
    answer = httpx.post(f"{address[0]}/api/v3/e2e/get/certificate", json={"model": ECHO})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "x-is-encrypted"


def test_a_key_that_is_not_ours_opens_nothing(address: tuple[str, str]) -> None:
    stranger: Any = VOLCENGINE.Ark(base_url=f"{address[0]}/api/v3", api_key="sb-no", max_retries=0)
    with pytest.raises(raised.ArkAuthenticationError) as refused:
        stranger.multimodal_embeddings.create(model=ECHO, input=[{"type": "text", "text": "a"}])
    assert refused.value.code == "AuthenticationError"


def test_a_client_does_not_repeat_what_took_too_long(address: tuple[str, str]) -> None:
    before = len(ENGINES["slow"].asked)
    patient: Any = VOLCENGINE.Ark(
        base_url=f"{address[0]}/api/v3", api_key=address[1], max_retries=2
    )
    with pytest.raises(raised.ArkInternalServerError):
        patient.chat.completions.create(model="slow", messages=SAY)
    assert len(ENGINES["slow"].asked) == before + 1


def test_a_failure_in_mid_stream_is_raised_after_the_words_that_came(client: Any) -> None:
    words: list[str] = []
    stream = client.chat.completions.create(model="late", messages=SAY, stream=True)
    with pytest.raises(raised.ArkAPIError) as failed:
        words.extend(chunk.choices[0].delta.content or "" for chunk in stream)
    assert words == ["", "one", " two"]
    assert failed.value.code == "InternalServiceError"


def test_byteplus_asks_in_the_same_words(byteplus: Any) -> None:
    answer = byteplus.chat.completions.create(model=ECHO, messages=SAY)
    assert answer.choices[0].message.content == "one two three"


def test_openais_client_is_at_home_here(address: tuple[str, str]) -> None:
    url, key = address
    with openai.OpenAI(base_url=f"{url}/api/v3", api_key=key, max_retries=0) as client:
        answer = client.chat.completions.create(model=ECHO, messages=SAY)
        assert answer.choices[0].message.content == "one two three"
        stream = client.chat.completions.create(model=ECHO, messages=SAY, stream=True)
        assert "".join(one.choices[0].delta.content or "" for one in stream) == "one two three"
        found = client.embeddings.create(model="reader", input="a").data[0].embedding
        assert found == list(struct.unpack("<2f", vector("a")))
        assert [one.id for one in client.models.list()] == [*ENGINES, "reader"]
        assert client.models.retrieve(POINT).object == "model"
        with pytest.raises(openai.NotFoundError) as refused:
            client.models.retrieve("nope")
        assert refused.value.code == "InvalidEndpointOrModel.NotFound"


@pytest.mark.anyio
async def test_whoever_leaves_while_parts_are_sent_has_asked_nothing(house: House) -> None:
    class Leaver(Caller):
        async def receive(self) -> Message:
            return {"type": "http.disconnect"}

    caller = Leaver(b"", key=house.key, path="/api/v3/embeddings/multimodal")
    caller.scope["query_string"] = b""
    await caller.ask(house.app)
    assert caller.sent == []
    assert list(house.ledger.entries(last=10)) == []


@pytest.mark.anyio
async def test_the_asynchronous_client_asks_in_process(house: House) -> None:
    transport = httpx.ASGITransport(house.app)
    async with VOLCENGINE.AsyncArk(
        base_url="http://house/api/v3",
        api_key=house.key,
        max_retries=0,
        http_client=httpx.AsyncClient(transport=transport),
    ) as client:
        whole = await client.chat.completions.create(model="scripted", messages=SAY)
        stream = await client.chat.completions.create(model="scripted", messages=SAY, stream=True)
        chunks = [chunk async for chunk in stream]
        context = await client.context.create(model="scripted", messages=SAY)
        told = await client.context.completions.create(
            context_id=context.id, model="scripted", messages=SAY
        )
        tokens = await client.tokenization.create(model="scripted", text="one")
        vectors = await client.multimodal_embeddings.create(
            model="scripted", input=[{"type": "text", "text": "a"}]
        )
        waited = await client.batch.chat.completions.create(model="scripted", messages=SAY)
        with pytest.raises(raised.ArkNotFoundError, match="no model 'nope' here"):
            await client.chat.completions.create(model="nope", messages=SAY)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "one two three"
    for answer in (whole, told, waited):
        assert answer.choices[0].message.content == "one two three"
    assert len(vectors.data.embedding) == 16
    assert tokens.data[0].total_tokens == 1
