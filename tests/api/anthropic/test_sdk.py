"""Anthropic's own unmodified client against a real server, and its asynchronous one in process."""

from collections.abc import Callable, Iterator

import anthropic
import httpx2
import pydantic
import pytest
from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import Message, MessageParam, TextBlock, ThinkingBlock, ToolParam, ToolUseBlock
from anthropic.types.beta import BetaMessageParam

from seedbed.core.access import Scope
from seedbed.core.ask import Ask, ReasoningPolicy
from seedbed.core.errors import CapacityExceeded, DeadlineExceeded, EngineFailed, EngineStarting
from seedbed.core.message import (
    Call,
    Media,
    MediaKind,
    Reasoning,
    Result,
    Role,
    Text,
)
from seedbed.core.message import (
    Message as Said,
)
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import SystemClock
from tests.api.running import WINDOW, House, build, make_key, served

pytestmark = pytest.mark.usefixtures("logged")

SAY: list[MessageParam] = [{"role": "user", "content": "one two three"}]
TOOLS: list[ToolParam] = [
    {"name": name, "input_schema": {"type": "object"}} for name in ("weather", "clock")
]
BROKE = EngineFailed("late", why="its process ended")


def engine(**options: object) -> Scripted:
    return Scripted("m", window=WINDOW, **options)  # type: ignore[arg-type]  # as Scripted has them


ENGINES = {
    "echo": engine(),
    "thinker": engine(script=[Reasoning("Let me see."), Text("Forty-two.")]),
    "caller": engine(
        script=[
            Reasoning("Hm."),
            Call("call_1", "weather", '{"city": "Paris"}'),
            Call("call_2", "clock", "{}"),
        ]
    ),
    "full": engine(error=CapacityExceeded("full", places=4)),
    "starting": engine(error=EngineStarting("starting", state="loading", retry_after=3)),
    "slow": engine(error=DeadlineExceeded(seconds=60)),
    "broken": engine(error=EngineFailed("broken", why="its process ended")),
    "late": engine(error=BROKE, fails_after=2),
    "unforeseen": engine(script=[Media(MediaKind.IMAGE, b"")]),
    "city": engine(script=[Text('{"city": "Paris", "letters": 5}')]),
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The base URL of a server with all those models, and a key to it."""
    home = tmp_path_factory.mktemp("home")
    with served(build(ENGINES, home=home, clock=SystemClock())) as url:
        yield url, make_key(home, Scope.MODELS)


@pytest.fixture
def client(address: tuple[str, str]) -> Iterator[Anthropic]:
    url, key = address
    with Anthropic(base_url=url, api_key=key, max_retries=0) as client:
        yield client


def ask(client: Anthropic, model: str = "echo") -> Message:
    return client.messages.create(model=model, max_tokens=20, messages=SAY)


def told(message: Message) -> list[object]:
    """Its blocks, without what the streaming helper adds to them."""
    return [block.model_dump(exclude_none=True) for block in message.content]


def last(model: str) -> Ask:
    return ENGINES[model].asked[-1]


def test_an_answer_comes_whole(client: Anthropic) -> None:
    raw = client.messages.with_raw_response.create(model="echo", max_tokens=20, messages=SAY)
    answer = raw.parse()
    assert answer.content == [TextBlock(type="text", text="one two three")]
    assert (answer.type, answer.role, answer.model) == ("message", "assistant", "echo")
    assert (answer.stop_reason, answer.stop_sequence) == ("end_turn", None)
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (4, 3)
    assert answer.id == f"msg_{(raw.request_id or '').removeprefix('req_')}"
    cost = (answer.model_extra or {})["seedbed"]
    assert (cost["currency"], cost["request_id"]) == ("USD", raw.request_id)


def test_an_answer_comes_as_it_is_made(client: Anthropic) -> None:
    with client.messages.create(model="echo", max_tokens=20, messages=SAY, stream=True) as stream:
        kinds = [event.type for event in stream]
    assert kinds == [
        "message_start",
        "content_block_start",
        *["content_block_delta"] * 3,
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


@pytest.mark.parametrize("model", ["echo", "thinker", "caller"])
def test_the_streaming_helper_puts_together_what_comes_whole(client: Anthropic, model: str) -> None:
    whole = client.messages.create(model=model, max_tokens=20, messages=SAY, tools=TOOLS)
    with client.messages.stream(model=model, max_tokens=20, messages=SAY, tools=TOOLS) as stream:
        streamed = stream.get_final_message()
    assert told(streamed) == told(whole)
    assert streamed.stop_reason == whole.stop_reason
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    assert streamed.usage.output_tokens_details == whole.usage.output_tokens_details


def test_words_are_told_apart_from_thought(client: Anthropic) -> None:
    with client.messages.stream(model="thinker", max_tokens=20, messages=SAY) as stream:
        assert "".join(stream.text_stream) == "Forty-two."


def test_what_the_client_sends_back_is_understood(client: Anthropic) -> None:
    answer = client.messages.create(model="caller", max_tokens=20, messages=SAY, tools=TOOLS)
    thought, first, second = answer.content
    assert isinstance(thought, ThinkingBlock)
    assert isinstance(first, ToolUseBlock)
    assert isinstance(second, ToolUseBlock)
    assert (first.input, second.input, answer.stop_reason) == ({"city": "Paris"}, {}, "tool_use")
    results: MessageParam = {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": first.id, "content": "12 C"},
            {"type": "tool_result", "tool_use_id": second.id, "is_error": True},
        ],
    }
    said = [*SAY, answer.to_param(), results]
    client.messages.create(model="caller", max_tokens=20, messages=said, tools=TOOLS)
    assert last("caller").messages[1:] == (
        Said(
            Role.ASSISTANT,
            (
                Reasoning("Hm."),
                Call("call_1", "weather", '{"city":"Paris"}'),
                Call("call_2", "clock", "{}"),
            ),
        ),
        Said(Role.TOOL, (Result("call_1", (Text("12 C"),)),)),
        Said(Role.TOOL, (Result("call_2", (), is_error=True),)),
    )


def test_a_thought_that_was_changed_is_refused_and_named(client: Anthropic) -> None:
    thought, words = ask(client, "thinker").content
    assert isinstance(thought, ThinkingBlock)
    changed = thought.model_copy(update={"thinking": "Ha."})
    said: list[MessageParam] = [*SAY, {"role": "assistant", "content": [changed, words]}, *SAY]
    with pytest.raises(anthropic.BadRequestError, match=r"messages\[1\]\.content\[0\]"):
        client.messages.create(model="thinker", max_tokens=20, messages=said)


class City(pydantic.BaseModel):
    city: str
    letters: int


def test_an_answer_is_parsed_as_the_type_that_was_asked_for(client: Anthropic) -> None:
    answer = client.messages.parse(model="city", max_tokens=20, messages=SAY, output_format=City)
    assert answer.parsed_output == City(city="Paris", letters=5)
    form = last("city").format
    assert (form.kind, form.strict, form.schema["required"]) == (
        "schema",
        True,
        ["city", "letters"],
    )


def test_thought_may_be_bounded_or_forbidden(client: Anthropic) -> None:
    for_a_while = {"type": "enabled", "budget_tokens": 1024}
    asked = {"model": "thinker", "max_tokens": 20, "messages": SAY}
    client.messages.create(**asked, thinking=for_a_while)  # type: ignore[call-overload]  # as the guide has it
    assert last("thinker").reasoning == ReasoningPolicy("on", None, 1024)
    client.messages.create(**asked, thinking={"type": "disabled"})  # type: ignore[call-overload]  # as above
    assert last("thinker").reasoning == ReasoningPolicy("off")


def test_the_tokens_of_a_prompt_are_counted_and_cost_nothing(client: Anthropic) -> None:
    before = len(ENGINES["echo"].asked)
    assert client.messages.count_tokens(model="echo", messages=SAY).input_tokens == 4
    assert len(ENGINES["echo"].asked) == before


def test_models_are_listed_page_by_page_and_retrieved(client: Anthropic) -> None:
    listed = list(client.models.list(limit=3))
    assert [model.id for model in listed] == list(ENGINES)
    shown = client.models.retrieve("echo")
    assert shown in listed
    assert (shown.type, shown.display_name, shown.max_input_tokens) == ("model", "echo", WINDOW)
    assert shown.capabilities
    assert shown.capabilities.thinking.types.enabled.supported
    assert not shown.capabilities.citations.supported


REFUSALS: list[tuple[Callable[[Anthropic], object], type[anthropic.APIStatusError], str]] = [
    (lambda c: ask(c, "nope"), anthropic.NotFoundError, "not_found_error"),
    (lambda c: c.models.retrieve("nope"), anthropic.NotFoundError, "not_found_error"),
    (lambda c: c.models.list(limit=0), anthropic.BadRequestError, "invalid_request_error"),
    (
        lambda c: ask(c.with_options(api_key="wrong")),
        anthropic.AuthenticationError,
        "authentication_error",
    ),
    (lambda c: ask(c, "full"), anthropic.OverloadedError, "overloaded_error"),
    (lambda c: ask(c, "starting"), anthropic.OverloadedError, "overloaded_error"),
    (lambda c: ask(c, "slow"), anthropic.GatewayTimeoutError, "timeout_error"),
    (lambda c: ask(c, "broken"), anthropic.InternalServerError, "api_error"),
    (lambda c: ask(c, "late"), anthropic.InternalServerError, "api_error"),
    (lambda c: ask(c, "unforeseen"), anthropic.InternalServerError, "api_error"),
    (
        lambda c: c.messages.create(
            model="echo", max_tokens=9, messages=SAY, extra_body={"mcp_servers": [{}]}
        ),
        anthropic.BadRequestError,
        "invalid_request_error",
    ),
    (
        lambda c: c.messages.count_tokens(model="full", messages=SAY),
        anthropic.OverloadedError,
        "overloaded_error",
    ),
]


@pytest.mark.parametrize(("call", "kind", "type_"), REFUSALS, ids=[str(n) for n in range(12)])
def test_an_error_is_the_clients_own_with_all_that_it_tells(
    client: Anthropic,
    call: Callable[[Anthropic], object],
    kind: type[anthropic.APIStatusError],
    type_: str,
) -> None:
    with pytest.raises(anthropic.APIStatusError) as refused:
        call(client)
    error = refused.value
    assert type(error) is kind
    assert error.type == type_
    assert (error.request_id or "").startswith("req_")
    assert isinstance(error.body, dict)
    assert error.body["request_id"] == error.request_id
    assert ask(client), "the same connection goes on"


def test_a_client_waits_as_long_as_it_is_told_before_it_tries_again(client: Anthropic) -> None:
    with pytest.raises(anthropic.OverloadedError) as refused:
        ask(client, "starting")
    assert refused.value.response.headers["retry-after"] == "3"


def test_a_failure_in_mid_stream_is_raised_after_the_words_that_came(client: Anthropic) -> None:
    words: list[str] = []
    with (
        client.messages.stream(model="late", max_tokens=20, messages=SAY) as stream,
        pytest.raises(anthropic.APIStatusError) as failed,
    ):
        words.extend(stream.text_stream)
    assert words == ["one", " two"]
    assert str(BROKE) in failed.value.message


def test_a_fault_that_nobody_foresaw_in_mid_stream_is_never_taken_for_an_end(
    client: Anthropic,
) -> None:
    stream = client.messages.create(model="unforeseen", max_tokens=9, messages=SAY, stream=True)
    with pytest.raises(httpx2.RemoteProtocolError):
        list(stream)
    assert ask(client), "and the house goes on"


def test_who_leaves_in_mid_stream_is_not_missed(client: Anthropic) -> None:
    with client.messages.create(model="echo", max_tokens=20, messages=SAY, stream=True) as stream:
        next(iter(stream))
    assert ask(client), "the house goes on"


def test_what_the_client_has_in_beta_is_answered_as_well(client: Anthropic) -> None:
    beta = client.beta.messages
    said: list[BetaMessageParam] = [{"role": "user", "content": "one two three"}]
    answer = beta.create(model="echo", max_tokens=20, messages=said, betas=["unknown-2030-01-01"])
    assert answer.content[0].model_dump(exclude_none=True)["text"] == "one two three"
    with beta.stream(model="thinker", max_tokens=20, messages=said) as stream:
        assert "".join(stream.text_stream) == "Forty-two."
    assert beta.count_tokens(model="echo", messages=said).input_tokens == 4
    assert [model.id for model in client.beta.models.list()] == list(ENGINES)


@pytest.mark.parametrize("root", ["/api/coding", "/api/compatible"])
def test_programs_made_for_ark_find_messages_below_their_own_roots(
    address: tuple[str, str], root: str
) -> None:
    url, key = address
    with Anthropic(base_url=url + root, api_key=key, max_retries=0) as client:
        assert ask(client).stop_reason == "end_turn"
        assert client.messages.count_tokens(model="echo", messages=SAY).input_tokens == 4


@pytest.mark.anyio
async def test_the_asynchronous_client_asks_in_process(house: House) -> None:
    async with AsyncAnthropic(
        base_url="http://house", api_key=house.key, max_retries=0, http_client=house.client()
    ) as client:
        asked = {"model": "scripted", "max_tokens": 20, "messages": SAY}
        whole = await client.messages.create(**asked)  # type: ignore[call-overload]  # as the guide has it
        async with client.messages.stream(**asked) as stream:  # type: ignore[arg-type]  # as above
            words = [word async for word in stream.text_stream]
            streamed = await stream.get_final_message()
        counted = await client.messages.count_tokens(model="scripted", messages=SAY)
        listed = [model.id async for model in client.models.list()]
        with pytest.raises(anthropic.NotFoundError, match="no model 'nope' here"):
            await client.messages.create(model="nope", max_tokens=20, messages=SAY)
    assert "".join(words) == "one two three"
    assert told(streamed) == told(whole)
    assert counted.input_tokens == whole.usage.input_tokens
    assert listed == ["scripted"]
