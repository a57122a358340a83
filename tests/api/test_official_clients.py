"""OpenAI's own unmodified client against a real server, and its asynchronous one in process."""

import base64
import math
import struct
from collections.abc import Callable, Iterator
from typing import Any, Literal, cast

import openai
import pydantic
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import (
    ChatCompletionMessageParam,
    ChatCompletionStreamOptionsParam,
    ChatCompletionToolParam,
)

from seedbed.api.hot import LONGEST_BODY
from seedbed.core.access import Scope
from seedbed.core.ask import EmbedAsk, ReasoningPolicy
from seedbed.core.errors import CapacityExceeded, DeadlineExceeded, EngineFailed, EngineStarting
from seedbed.core.message import Call, Media, MediaKind, Reasoning, Text
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import SystemClock
from tests.api.engines import Certain, Reader, vector
from tests.api.running import WINDOW, House, build, make_key, served

pytestmark = pytest.mark.usefixtures("logged")

SAY: list[ChatCompletionMessageParam] = [{"role": "user", "content": "one two three"}]
USAGE: ChatCompletionStreamOptionsParam = {"include_usage": True}
TOOLS: list[ChatCompletionToolParam] = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
    for name in ("weather", "clock")
]
BROKE = EngineFailed("late", why="its process ended")


def engine(**options: object) -> Scripted:
    return Scripted("m", window=WINDOW, **options)  # type: ignore[arg-type]  # as Scripted has them


ENGINES = {
    "echo": engine(),
    "thinker": engine(script=[Reasoning("Let me see."), Text("Forty-two.")]),
    "caller": engine(
        script=[Call("call_1", "weather", '{"city": "Paris"}'), Call("call_2", "clock", "{}")]
    ),
    "full": engine(error=CapacityExceeded("full", places=4)),
    "starting": engine(error=EngineStarting("starting", state="loading", retry_after=3)),
    "slow": engine(error=DeadlineExceeded(seconds=60)),
    "broken": engine(error=EngineFailed("broken", why="its process ended")),
    "late": engine(error=BROKE, fails_after=2),
    "unforeseen": engine(script=[Media(MediaKind.IMAGE, b"")]),
    "certain": Certain("certain", window=WINDOW),
    "city": engine(script=[Text('{"city": "Paris", "letters": 5}')]),
}
READER = Reader()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The base URL of a server with all those models, and a key to it."""
    home = tmp_path_factory.mktemp("home")
    with served(build(ENGINES | {"reader": READER}, home=home, clock=SystemClock())) as url:
        yield f"{url}/v1", make_key(home, Scope.MODELS)


@pytest.fixture
def client(address: tuple[str, str]) -> Iterator[OpenAI]:
    url, key = address
    with OpenAI(base_url=url, api_key=key, max_retries=0) as client:
        yield client


def test_an_answer_comes_whole(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="echo", messages=SAY)
    answer = raw.parse()
    (choice,) = answer.choices
    assert (choice.message.role, choice.message.content) == ("assistant", "one two three")
    assert choice.finish_reason == "stop"
    assert choice.message.tool_calls is None
    assert answer.model == "echo"
    assert answer.usage
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (4, 3)
    assert answer.usage.total_tokens == 7
    assert answer.id == f"chatcmpl-{(raw.request_id or '').removeprefix('req_')}"


def test_the_client_carries_what_an_answer_cost(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="echo", messages=SAY)
    cost = (raw.parse().model_extra or {})["seedbed"]
    assert (cost["cost"], cost["currency"]) == ("0.000000", "USD")
    assert cost["request_id"] == raw.request_id


def test_an_answer_comes_as_it_is_made(client: OpenAI) -> None:
    with client.chat.completions.create(model="echo", messages=SAY, stream=True) as stream:
        chunks = list(stream)
    assert [c.choices[0].delta.content for c in chunks] == ["", "one", " two", " three", None]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [c.choices[0].finish_reason for c in chunks] == [None] * 4 + ["stop"]
    assert len({chunk.id for chunk in chunks}) == 1


def test_usage_comes_last_in_a_stream_that_wants_it(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model="echo", messages=SAY, stream=True, stream_options=USAGE
    )
    *chunks, last = stream
    assert [chunk.usage for chunk in chunks] == [None] * len(chunks)
    assert last.choices == []
    assert last.usage
    assert (last.usage.prompt_tokens, last.usage.completion_tokens) == (4, 3)
    assert last.model_extra
    assert last.model_extra["seedbed"]["currency"] == "USD"


def test_the_streaming_helper_puts_an_answer_together(client: OpenAI) -> None:
    with client.chat.completions.stream(
        model="thinker", messages=SAY, stream_options=USAGE
    ) as stream:
        kinds = [event.type for event in stream]
        answer = stream.get_final_completion()
    assert answer.choices[0].message.content == "Forty-two."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage
    assert answer.usage.completion_tokens == 4
    assert kinds.count("content.done") == 1


def test_the_streaming_helper_puts_calls_together(client: OpenAI) -> None:
    with client.chat.completions.stream(model="caller", messages=SAY, tools=TOOLS) as stream:
        answer = stream.get_final_completion()
    calls = answer.choices[0].message.tool_calls or []
    assert [(call.id, call.function.name, call.function.arguments) for call in calls] == [
        ("call_1", "weather", '{"city": "Paris"}'),
        ("call_2", "clock", "{}"),
    ]
    assert answer.choices[0].finish_reason == "tool_calls"


def test_thought_is_carried_beside_the_words(client: OpenAI) -> None:
    answer = client.chat.completions.create(model="thinker", messages=SAY)
    message = answer.choices[0].message
    assert message.content == "Forty-two."
    assert message.model_extra == {"reasoning_content": "Let me see."}
    assert answer.usage
    assert answer.usage.completion_tokens_details
    assert answer.usage.completion_tokens_details.reasoning_tokens == 3


def test_what_the_client_sends_back_of_its_calls_is_understood(client: OpenAI) -> None:
    answer = client.chat.completions.create(model="caller", messages=SAY, tools=TOOLS)
    message = answer.choices[0].message
    calls = message.tool_calls or []
    results: list[ChatCompletionMessageParam] = [
        {"role": "tool", "tool_call_id": call.id, "content": "12 C"} for call in calls
    ]
    earlier: ChatCompletionMessageParam = message.to_dict()  # type: ignore[assignment]  # as OpenAI's guide has it
    client.chat.completions.create(model="caller", messages=[*SAY, earlier, *results], tools=TOOLS)
    asked = ENGINES["caller"].asked[-1].messages
    assert [part for part in asked[1].parts if isinstance(part, Call)] == [
        Call("call_1", "weather", '{"city": "Paris"}'),
        Call("call_2", "clock", "{}"),
    ]


def test_models_are_listed_and_retrieved(client: OpenAI) -> None:
    listed = list(client.models.list())
    assert [model.id for model in listed] == [*ENGINES, "reader"]
    shown = client.models.retrieve("echo")
    assert shown in listed
    assert (shown.object, shown.owned_by) == ("model", "seedbed")
    assert (shown.model_extra or {})["seedbed"] == {
        "features": sorted(Scripted.features),
        "window": WINDOW,
        "engine": "scripted",
        "state": "ready",
    }


class City(pydantic.BaseModel):
    city: str
    letters: int


def test_an_answer_is_parsed_as_the_type_that_was_asked_for(client: OpenAI) -> None:
    answer = client.chat.completions.parse(model="city", messages=SAY, response_format=City)
    assert answer.choices[0].message.parsed == City(city="Paris", letters=5)
    form = ENGINES["city"].asked[-1].format
    assert (form.kind, form.name, form.strict) == ("schema", "City", True)
    assert form.schema["required"] == ["city", "letters"]


def test_a_stream_is_parsed_as_the_type_that_was_asked_for(client: OpenAI) -> None:
    with client.chat.completions.stream(model="city", messages=SAY, response_format=City) as stream:
        answer = stream.get_final_completion()
    assert answer.choices[0].message.parsed == City(city="Paris", letters=5)


def test_the_type_of_a_tools_arguments_is_parsed(client: OpenAI) -> None:
    class Weather(pydantic.BaseModel):
        city: str

    tool = openai.pydantic_function_tool(Weather, name="weather")
    clock: ChatCompletionToolParam = openai.pydantic_function_tool(NoArguments, name="clock")
    answer = client.chat.completions.parse(model="caller", messages=SAY, tools=[tool, clock])
    calls = answer.choices[0].message.tool_calls or []
    assert [call.function.parsed_arguments for call in calls] == [
        Weather(city="Paris"),
        NoArguments(),
    ]
    assert [sent.strict for sent in ENGINES["caller"].asked[-1].tools] == [True, True]


class NoArguments(pydantic.BaseModel):
    pass


def test_how_likely_each_token_was_is_told_whole_and_streamed(client: OpenAI) -> None:
    whole = client.chat.completions.create(
        model="certain", messages=SAY, logprobs=True, top_logprobs=2
    )
    with client.chat.completions.stream(
        model="certain", messages=SAY, logprobs=True, top_logprobs=2
    ) as stream:
        streamed = stream.get_final_completion()
    for answer in (whole, streamed):
        logprobs = answer.choices[0].logprobs
        tokens = (logprobs.content if logprobs else None) or []
        assert [token.token for token in tokens] == ["one", " two", " three"]
        assert [bytes(token.bytes or ()) for token in tokens] == [b"one", b" two", b" three"]
        assert {token.logprob for token in tokens} == {math.log(0.5)}
        assert [top.logprob for top in tokens[0].top_logprobs] == [math.log(0.5), -9999.0]


def test_likelihoods_without_others_beside_them_may_be_asked_for(client: OpenAI) -> None:
    answer = client.chat.completions.create(model="certain", messages=SAY, logprobs=True)
    logprobs = answer.choices[0].logprobs
    assert [token.top_logprobs for token in (logprobs.content if logprobs else None) or []] == [
        [],
        [],
        [],
    ]


def test_thought_may_be_bounded_or_forbidden(client: OpenAI) -> None:
    asked = ENGINES["thinker"].asked
    client.chat.completions.create(model="thinker", messages=SAY, reasoning_effort="low")
    assert asked[-1].reasoning == ReasoningPolicy("on", "low", 1024)
    no = {"thinking": {"type": "disabled"}}
    client.chat.completions.create(model="thinker", messages=SAY, extra_body=no)
    assert asked[-1].reasoning == ReasoningPolicy("off")


def test_thought_comes_before_the_words_in_a_stream(client: OpenAI) -> None:
    stream = client.chat.completions.create(model="thinker", messages=SAY, stream=True)
    deltas = [chunk.choices[0].delta for chunk in stream]
    thought = [(delta.model_extra or {}).get("reasoning_content") for delta in deltas]
    assert thought == [None, "Let", " me", " see.", None, None]
    assert [delta.content for delta in deltas] == ["", None, None, None, "Forty-two.", None]


def test_a_text_is_continued_whole_and_streamed(client: OpenAI) -> None:
    whole = client.completions.create(model="echo", prompt="one two three", max_tokens=2)
    (choice,) = whole.choices
    assert (choice.text, choice.finish_reason, choice.logprobs) == ("one two", "length", None)
    assert whole.object == "text_completion"
    assert whole.usage
    assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (4, 2)
    assert ENGINES["echo"].asked[-1].raw
    *pieces, last = client.completions.create(
        model="echo", prompt=["one two three"], stream=True, stream_options=USAGE
    )
    assert [piece.choices[0].text for piece in pieces] == ["one", " two", " three", ""]
    assert pieces[-1].choices[0].finish_reason == "stop"
    assert last.choices == []
    assert last.usage
    assert last.usage.completion_tokens == 3


def test_how_likely_each_token_of_a_continued_text_was_is_told(client: OpenAI) -> None:
    answer = client.completions.create(model="certain", prompt="one two", logprobs=1)
    logprobs = answer.choices[0].logprobs
    assert logprobs
    assert logprobs.tokens == ["one", " two"]
    assert logprobs.token_logprobs == [math.log(0.5)] * 2
    assert logprobs.top_logprobs == [{"one": math.log(0.5)}, {" two": math.log(0.5)}]
    assert logprobs.text_offset == [0, 3]


def test_a_continued_text_that_fails_late_is_raised_after_the_words_that_came(
    client: OpenAI,
) -> None:
    words: list[str] = []
    stream = client.completions.create(model="late", prompt="one two three", stream=True)
    with pytest.raises(openai.APIError) as failed:
        words.extend(piece.choices[0].text for piece in stream)
    assert words == ["one", " two"]
    assert failed.value.message == str(BROKE)


@pytest.mark.parametrize("encoding", [openai.omit, "float", "base64"])
def test_texts_are_turned_into_vectors(
    client: OpenAI, encoding: Literal["float", "base64"] | openai.Omit
) -> None:
    texts = ["a", "four", "a"]
    answer = client.embeddings.create(model="reader", input=texts, encoding_format=encoding)
    assert [one.index for one in answer.data] == [0, 1, 2]
    found = [one.embedding for one in answer.data]
    if encoding == "base64":  # what was asked for by name is handed on as it came
        assert found == [base64.b64encode(vector(text)).decode() for text in texts]
    else:
        assert found == [list(struct.unpack("<2f", vector(text))) for text in texts]
    assert (answer.model, answer.usage.prompt_tokens, answer.usage.total_tokens) == ("reader", 3, 3)
    assert (answer.model_extra or {})["seedbed"]["currency"] == "USD"


def test_what_vectors_are_for_is_handed_on(client: OpenAI) -> None:
    client.embeddings.create(
        model="reader", input="who?", dimensions=2, extra_body={"input_type": "search_query"}
    )
    assert READER.asked[-1] == EmbedAsk("reader", ("who?",), "query", dimensions=2)


def test_texts_are_ranked(client: OpenAI) -> None:
    body = {"model": "reader", "query": "red fox", "documents": ["a dog", "a red fox", "a fox"]}
    answer = client.post("/rerank", body=body, cast_to=dict[str, object])
    assert [(one["index"], one["relevance_score"]) for one in cast(Any, answer["results"])] == [
        (1, 2.0),
        (2, 1.0),
        (0, 0.0),
    ]


def ask(client: OpenAI, model: str = "echo", **fields: object) -> object:
    return client.chat.completions.create(model=model, messages=SAY, extra_body=fields)


Refusal = tuple[Callable[[OpenAI], object], type[openai.APIStatusError], int, str, str | None]
REFUSALS: list[Refusal] = [
    (lambda c: ask(c, "nope"), openai.NotFoundError, 404, "model_not_found", "model"),
    (lambda c: c.models.retrieve("a/b"), openai.NotFoundError, 404, "model_not_found", "model"),
    (lambda c: ask(c, messages=[]), openai.BadRequestError, 400, "request_malformed", "messages"),
    (lambda c: ask(c, top_k="x"), openai.BadRequestError, 400, "request_malformed", "top_k"),
    (
        lambda c: ask(c, temperature=9),
        openai.BadRequestError,
        400,
        "request_malformed",
        "temperature",
    ),
    (
        lambda c: ask(c, audio={"voice": "a", "format": "wav"}),
        openai.BadRequestError,
        400,
        "field_unserved",
        "audio",
    ),
    (
        lambda c: c.post("/chat/completions", cast_to=object, content=b"{"),
        openai.BadRequestError,
        400,
        "request_malformed",
        None,
    ),
    (
        lambda c: ask(c, messages=[{"role": "user", "content": "word " * WINDOW}]),
        openai.BadRequestError,
        400,
        "context_length_exceeded",
        "messages",
    ),
    (
        lambda c: c.post("/chat/completions", cast_to=object, content=b" " * (LONGEST_BODY + 1)),
        openai.APIStatusError,
        413,
        "request_too_large",
        None,
    ),
    (
        lambda c: ask(c.with_options(api_key="sb-" + "x" * 43)),
        openai.AuthenticationError,
        401,
        "invalid_api_key",
        None,
    ),
    (
        lambda c: c.models.list(extra_headers={"authorization": openai.Omit()}),
        openai.AuthenticationError,
        401,
        "invalid_api_key",
        None,
    ),
    (lambda c: ask(c, "full"), openai.RateLimitError, 429, "rate_limit_exceeded", None),
    (lambda c: ask(c, "starting"), openai.InternalServerError, 503, "engine_starting", None),
    (lambda c: ask(c, "slow"), openai.InternalServerError, 504, "deadline_exceeded", None),
    (lambda c: ask(c, "broken"), openai.InternalServerError, 502, "engine_failed", None),
    (lambda c: ask(c, "late"), openai.InternalServerError, 502, "engine_failed", None),
    (lambda c: ask(c, "unforeseen"), openai.InternalServerError, 500, "internal_error", None),
    (
        lambda c: c.chat.completions.create(model="echo", messages=SAY, n=2),
        openai.BadRequestError,
        400,
        "feature_unserved",
        "model",
    ),
    (
        lambda c: ask(c, "reader"),
        openai.BadRequestError,
        400,
        "feature_unserved",
        "model",
    ),
    (
        lambda c: c.embeddings.create(model="reader", input=[1, 2]),
        openai.BadRequestError,
        400,
        "request_malformed",
        "input",
    ),
    (
        lambda c: c.completions.create(model="echo", prompt="word " * WINDOW),
        openai.BadRequestError,
        400,
        "context_length_exceeded",
        "prompt",
    ),
    (
        lambda c: c.completions.create(model="echo", prompt="x", suffix="y"),
        openai.BadRequestError,
        400,
        "field_unserved",
        "suffix",
    ),
    (
        lambda c: c.fine_tuning.jobs.list(),
        openai.NotFoundError,
        404,
        "path_unknown",
        None,
    ),
]


@pytest.mark.parametrize(
    ("call", "kind", "status", "code", "param"),
    REFUSALS,
    ids=[f"{status}-{code}-{param}" for _, _, status, code, param in REFUSALS],
)
def test_an_error_is_the_clients_own_with_all_that_it_tells(
    client: OpenAI,
    call: Callable[[OpenAI], object],
    kind: type[openai.APIStatusError],
    status: int,
    code: str,
    param: str | None,
) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        call(client)
    error = refused.value
    assert type(error) is kind
    assert (error.status_code, error.code, error.param) == (status, code, param)
    assert (error.request_id or "").startswith("req_")
    assert ask(client), "the same connection goes on"


def test_a_client_waits_as_long_as_it_is_told_before_it_tries_again(client: OpenAI) -> None:
    with pytest.raises(openai.InternalServerError) as refused:
        ask(client, "starting")
    assert refused.value.response.headers["retry-after"] == "3"


def test_a_client_does_not_repeat_what_took_too_long(client: OpenAI) -> None:
    before = len(ENGINES["slow"].asked)
    with pytest.raises(openai.InternalServerError):
        ask(client.with_options(max_retries=2), "slow")
    assert len(ENGINES["slow"].asked) == before + 1


def test_a_failure_in_mid_stream_is_raised_after_the_words_that_came(client: OpenAI) -> None:
    words: list[str] = []
    stream = client.chat.completions.create(model="late", messages=SAY, stream=True)
    with pytest.raises(openai.APIError) as failed:
        words.extend(chunk.choices[0].delta.content or "" for chunk in stream)
    assert failed.value.message == str(BROKE)
    assert (failed.value.code, failed.value.type) == ("engine_failed", "server_error")


def test_a_fault_that_nobody_foresaw_in_mid_stream_is_never_taken_for_an_end(
    client: OpenAI,
) -> None:
    stream = client.chat.completions.create(model="unforeseen", messages=SAY, stream=True)
    with pytest.raises(openai.APIConnectionError):
        list(stream)
    assert ask(client), "and the house goes on"


@pytest.mark.anyio
async def test_the_asynchronous_client_asks_in_process(house: House) -> None:
    async with AsyncOpenAI(
        base_url="http://house/v1", api_key=house.key, max_retries=0, http_client=house.client()
    ) as client:
        whole = await client.chat.completions.create(model="scripted", messages=SAY)
        stream = await client.chat.completions.create(
            model="scripted", messages=SAY, stream=True, stream_options=USAGE
        )
        chunks = [chunk async for chunk in stream]
        listed = [model.id async for model in client.models.list()]
        with pytest.raises(openai.NotFoundError, match="no model 'nope' here"):
            await client.chat.completions.create(model="nope", messages=SAY)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert whole.choices[0].message.content == text == "one two three"
    assert whole.usage == chunks[-1].usage
    assert listed == ["scripted"]
