"""What is asked in Anthropic's words."""

import json
from typing import Any

import msgspec
import pytest

from seedbed.core.ask import (
    Ask,
    EmbedAsk,
    Feature,
    Format,
    Limits,
    ReasoningPolicy,
    RerankAsk,
    Sampling,
    Tool,
    ToolPolicy,
)
from seedbed.core.errors import FeatureUnserved, FieldUnserved, RequestMalformed
from seedbed.core.message import (
    Call,
    Media,
    MediaKind,
    Message,
    Opaque,
    Part,
    Reasoning,
    Result,
    Role,
    Text,
)
from seedbed.core.value import changed
from seedbed.engines.upstreams.anthropic import Anthropic
from seedbed.engines.upstreams.base import Unreadable
from tests.engines.upstreams.fake import say, served


def body_of(ask: Ask, *serves: Feature) -> dict[str, Any]:
    request = Anthropic(served(*serves)).ask(ask)
    assert request.path == "/messages"
    return json.loads(msgspec.json.encode(request.body))


def blocks_of(*parts: Part, role: Role = Role.USER) -> list[dict[str, Any]]:
    (message,) = body_of(Ask("mine", (Message(role, parts),)))["messages"]
    return message["content"]


def test_a_plain_ask_says_no_more_than_it_must() -> None:
    assert body_of(say("hi")) == {
        "model": "theirs",
        "max_tokens": 4096,  # the window: the dialect wants a limit
        "stream": True,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
    }


@pytest.mark.parametrize("url", ["https://a.example", "https://a.example/v1"])
def test_its_address_may_leave_out_the_version(url: str) -> None:
    assert Anthropic(served()).root(url) == "https://a.example/v1"


def test_its_key_goes_in_its_own_header() -> None:
    assert Anthropic(served()).headers("k")["x-api-key"] == "k"
    assert "x-api-key" not in Anthropic(served()).headers(None)
    assert Anthropic(served()).headers(None)["anthropic-version"]


def test_the_systems_words_come_first_and_speakers_alternate() -> None:
    body = body_of(
        Ask(
            "mine",
            (
                Message(Role.SYSTEM, (Text("Be brief."),)),
                Message(Role.SYSTEM, (Text("Be kind."),)),
                Message(Role.USER, (Text("a"), Text(""))),
                Message(Role.USER, (Text("b"),)),
                Message(Role.ASSISTANT, (Reasoning("hm"), Call("c", "f", '{"x":1}'))),
                Message(Role.TOOL, (Result("c", (Text("no"),), is_error=True),)),
                Message(Role.SYSTEM, (Text("Now."),)),
            ),
        )
    )
    result = {"tool_use_id": "c", "content": [{"type": "text", "text": "no"}]}
    assert body["system"] == "Be brief.\n\nBe kind."
    assert body["messages"] == [
        {
            "role": "user",
            "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        },
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "c", "name": "f", "input": {"x": 1}}],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "is_error": True} | result],
        },
        {"role": "system", "content": [{"type": "text", "text": "Now."}]},
    ]


def test_a_thought_that_only_its_maker_can_read_goes_back_as_it_came() -> None:
    assert blocks_of(Reasoning("", seal=b"hidden:EmwK")) == [
        {"type": "redacted_thinking", "data": "EmwK"}
    ]


def test_of_what_came_in_the_same_words_the_keeping_of_the_prompt_is_carried() -> None:
    beside = {"cache_control": {"type": "ephemeral", "ttl": "1h"}, "context_management": {}}
    told = body_of(changed(say("hi"), extra={"anthropic": beside}))
    assert told == body_of(say("hi")) | {"cache_control": {"type": "ephemeral"}}
    assert body_of(changed(say("hi"), extra={"openai": beside})) == body_of(say("hi"))


def test_a_sealed_thought_goes_back() -> None:
    assert blocks_of(Reasoning("hm", seal=b"s=")) == [
        {"type": "thinking", "thinking": "hm", "signature": "s="}
    ]


@pytest.mark.parametrize("arguments", ["{broken", "[1]", "[" * 100_000])
def test_arguments_that_are_no_object_are_kept_in_one(arguments: str) -> None:
    (block,) = blocks_of(Call("c", "f", arguments))
    assert block["input"] == {"arguments": arguments}


def test_a_call_without_arguments_has_none() -> None:
    assert blocks_of(Call("c", "f", ""))[0]["input"] == {}


def test_media_go_as_blocks() -> None:
    blocks = blocks_of(
        Media(MediaKind.IMAGE, "data:image/png;base64,AAAA"),
        Media(MediaKind.FILE, "https://example.com/a.pdf"),
    )
    assert blocks == [
        {
            "type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"},
        },
        {"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}},
    ]


def test_a_film_is_refused_by_name() -> None:
    with pytest.raises(FieldUnserved, match="video"):
        blocks_of(Media(MediaKind.VIDEO, "https://example.com/a.mp4"))


def test_a_part_of_its_own_dialect_goes_back_unread_and_a_foreign_one_is_refused() -> None:
    assert blocks_of(Opaque("anthropic", {"type": "x"})) == [{"type": "x"}]
    with pytest.raises(RequestMalformed, match="in the words of 'other'"):
        blocks_of(Opaque("other", {}))


def test_what_limits_and_draws_an_answer_is_passed_on() -> None:
    drawn = Sampling(0.5, 0.9, 40, seed=7)
    body = body_of(say("hi", limits=Limits(9, ("END",)), sampling=drawn))
    assert (body["max_tokens"], body["stop_sequences"]) == (9, ["END"])
    assert (body["temperature"], body["top_p"], body["top_k"]) == (0.5, 0.9, 40)
    assert "seed" not in body


@pytest.mark.parametrize(
    ("sampling", "field"),
    [
        (Sampling(min_p=0.5), "min_p"),
        (Sampling(frequency_penalty=0.5), "frequency_penalty"),
        (Sampling(presence_penalty=0.5), "presence_penalty"),
    ],
)
def test_a_sampling_value_without_a_word_is_refused_by_name(sampling: Sampling, field: str) -> None:
    with pytest.raises(FieldUnserved, match=f"{field}.*0.5"):
        body_of(say("hi", sampling=sampling))


def test_a_sampling_value_that_changes_nothing_is_left_out() -> None:
    still = Sampling(min_p=0, frequency_penalty=0, presence_penalty=0)
    assert body_of(say("hi", sampling=still)) == body_of(say("hi"))


@pytest.mark.parametrize(
    ("policy", "names", "choice"),
    [
        (ToolPolicy(), ["f", "g"], {"type": "auto"}),
        (ToolPolicy("none", parallel=False), ["f", "g"], {"type": "none"}),
        (
            ToolPolicy("required", parallel=False),
            ["f", "g"],
            {"type": "any", "disable_parallel_tool_use": True},
        ),
        (ToolPolicy("required", only=("g",)), ["g"], {"type": "tool", "name": "g"}),
    ],
)
def test_only_the_tools_that_may_be_called_are_offered(
    policy: ToolPolicy, names: list[str], choice: object
) -> None:
    tools = (Tool("f", "Does.", {"type": "object"}, strict=True), Tool("g"))
    body = body_of(say("hi", tools=tools, tool_policy=policy))
    assert [tool["name"] for tool in body["tools"]] == names
    assert body["tool_choice"] == choice


def test_a_tool_is_told_whole() -> None:
    tools = (Tool("f", "Does.", {"type": "object"}, strict=True), Tool("g"))
    first, second = body_of(say("hi", tools=tools))["tools"]
    assert first == {
        "name": "f",
        "description": "Does.",
        "input_schema": {"type": "object"},
        "strict": True,
    }
    assert second["input_schema"] == {"type": "object", "properties": {}}


@pytest.mark.parametrize(
    ("policy", "thinking", "effort"),
    [
        (ReasoningPolicy(), None, None),
        (ReasoningPolicy("off", "high"), {"type": "disabled"}, None),
        (ReasoningPolicy("on"), {"type": "adaptive"}, None),
        (ReasoningPolicy(effort="minimal"), {"type": "adaptive"}, "low"),
        (ReasoningPolicy("on", "max"), {"type": "adaptive"}, "max"),
        (ReasoningPolicy("on", budget=2000), {"type": "enabled", "budget_tokens": 2000}, None),
        (ReasoningPolicy("on", budget=5), {"type": "enabled", "budget_tokens": 1024}, None),
        (ReasoningPolicy("on", budget=9000), {"type": "enabled", "budget_tokens": 4095}, None),
    ],
)
def test_thought_has_a_budget_or_an_effort(
    policy: ReasoningPolicy, thinking: object, effort: str | None
) -> None:
    asked = say("hi", reasoning=policy)
    body = body_of(asked, Feature.REASONING)
    assert body.get("thinking") == thinking
    assert body.get("output_config") == ({"effort": effort} if effort else None)
    assert not {"thinking", "output_config"} & set(body_of(asked))


def test_a_budget_that_no_answer_would_fit_behind_is_left_to_the_model() -> None:
    asked = say("hi", reasoning=ReasoningPolicy("on", budget=500), limits=Limits(1000))
    assert body_of(asked, Feature.REASONING)["thinking"] == {"type": "adaptive"}


def test_the_form_of_an_answer() -> None:
    form = Format("schema", schema={"type": "object"})
    told = {"format": {"type": "json_schema", "schema": {"type": "object"}}}
    assert body_of(say("hi", format=form))["output_config"] == told


def test_it_has_no_words_for_vectors_and_scores() -> None:
    dialect = Anthropic(served())
    with pytest.raises(FeatureUnserved, match="embedding"):
        dialect.embed(EmbedAsk("mine", ("a",)))
    with pytest.raises(FeatureUnserved, match="rerank"):
        dialect.rerank(RerankAsk("mine", "a", ("a",)))
    for reading in (dialect.vectors, dialect.scores):
        with pytest.raises(Unreadable):
            reading(b"{}")
    assert not dialect.adapt("anything")


def test_a_count_says_what_is_read_and_nothing_of_the_answer() -> None:
    asked = say(
        "hi",
        tools=(Tool("add"),),
        limits=Limits(4000),
        sampling=Sampling(temperature=0.5),
        reasoning=ReasoningPolicy("on", budget=2000),
    )
    request = Anthropic(served(Feature.REASONING)).count(asked)
    body = body_of(asked, Feature.REASONING)
    assert request.path == "/messages/count_tokens"
    told = {"model", "messages", "tools", "tool_choice", "thinking"}
    assert json.loads(msgspec.json.encode(request.body)) == {name: body[name] for name in told}
