"""What is asked in OpenAI's words."""

import base64
import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from seedbed.core.ask import (
    Ask,
    EmbedAsk,
    Feature,
    Format,
    Limits,
    Memory,
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
from seedbed.engines.upstreams.base import Unreadable
from seedbed.engines.upstreams.openai import OpenAi
from tests.engines.upstreams.fake import say, served

PNG = b"\x89PNG and so on"


def body_of(ask: Ask, *serves: Feature) -> dict[str, Any]:
    request = OpenAi(served(*serves)).ask(ask)
    return json.loads(msgspec.json.encode(request.body))


def messages_of(*parts: Part, role: Role = Role.USER) -> list[dict[str, Any]]:
    return body_of(Ask("mine", (Message(role, parts),)))["messages"]


def test_a_plain_ask_says_no_more_than_it_must() -> None:
    assert OpenAi(served()).ask(say("hi")).path == "/chat/completions"
    assert body_of(say("hi")) == {
        "model": "theirs",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


@pytest.mark.parametrize(
    ("salts", "owner", "sent"), [(True, "x" * 64, True), (True, "", False), (False, "x", False)]
)
def test_who_may_share_is_told_where_that_is_wanted(owner: str, *, salts: bool, sent: bool) -> None:
    dialect = OpenAi(replace(served(), salts=salts))
    body = dialect.ask(say("hi", memory=Memory(owner))).body
    assert body.get("cache_salt") == (owner if sent else None)
    raw = dialect.ask(say("hi", memory=Memory(owner), raw=True)).body
    assert ("cache_salt" in raw) is sent


def test_a_whole_answer_is_asked_for_in_one_piece() -> None:
    for raw in (False, True):
        body = body_of(say("hi", whole=True, raw=raw))
        assert body["stream"] is False
        assert "stream_options" not in body


def test_what_limits_and_draws_an_answer_is_passed_on() -> None:
    drawn = Sampling(0.5, 0.9, 40, 0.1, 0.2, 0.3, seed=7, logprobs=2)
    body = body_of(say("hi", limits=Limits(9, ("END",)), sampling=drawn))
    wanted = {
        "max_tokens": 9,
        "stop": ["END"],
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 40,
        "min_p": 0.1,
        "frequency_penalty": 0.2,
        "presence_penalty": 0.3,
        "seed": 7,
        "logprobs": True,
        "top_logprobs": 2,
    }
    assert {name: body[name] for name in wanted} == wanted


def test_a_raw_ask_is_a_completion_of_its_text() -> None:
    request = OpenAi(served()).ask(say("Once", raw=True, sampling=Sampling(logprobs=1)))
    assert request.path == "/completions"
    assert request.body["prompt"] == "Once"
    assert request.body["logprobs"] == 1
    assert "messages" not in request.body


def test_a_tools_round_is_told_in_its_own_messages() -> None:
    asked = (
        Message(Role.SYSTEM, (Text("Be brief."),)),
        Message(Role.ASSISTANT, (Reasoning("hm"), Text("Look."), Call("c1", "f", '{"a":1}'))),
        Message(Role.TOOL, (Result("c1", (Text("4"), Text("2"))),)),
        Message(Role.ASSISTANT, (Call("c2", "f", "{}"),)),
        Message(Role.USER, (Result("c2", (Text("no"),), is_error=True), Text("And?"))),
    )
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
    again = {"id": "c2", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    assert body_of(Ask("mine", asked))["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "assistant", "content": "Look.", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "42"},
        {"role": "assistant", "content": None, "tool_calls": [again]},
        {"role": "tool", "tool_call_id": "c2", "content": "no"},
        {"role": "user", "content": "And?"},
    ]


def test_media_go_as_parts_of_their_kinds() -> None:
    sound = "data:audio/wav;base64,AAAA"
    (message,) = messages_of(
        Text("See"),
        Media(MediaKind.IMAGE, PNG, {"detail": "low"}),
        Media(MediaKind.VIDEO, "https://example.com/v.mp4", {"fps": 1}),
        Media(MediaKind.AUDIO, sound),
        Media(MediaKind.AUDIO, b"ID3"),
        Media(MediaKind.FILE, b"%PDF-1", {"filename": "a.pdf"}),
    )
    uri = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    pdf = f"data:application/pdf;base64,{base64.b64encode(b'%PDF-1').decode()}"
    assert message["content"] == [
        {"type": "text", "text": "See"},
        {"type": "image_url", "image_url": {"detail": "low", "url": uri}},
        {"type": "video_url", "video_url": {"fps": 1, "url": "https://example.com/v.mp4"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "input_audio", "input_audio": {"data": "SUQz", "format": "mp3"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": pdf}},
    ]


def test_a_part_of_its_own_dialect_goes_back_unread_and_a_foreign_one_is_refused() -> None:
    (message,) = messages_of(Opaque("openai", {"type": "x"}))
    assert message["content"] == [{"type": "x"}]
    with pytest.raises(RequestMalformed, match="Opaque cannot be sent"):
        messages_of(Opaque("other", {}))


@pytest.mark.parametrize("kind", [MediaKind.AUDIO, MediaKind.FILE])
def test_what_it_cannot_fetch_is_refused_by_name(kind: MediaKind) -> None:
    with pytest.raises(FieldUnserved, match=f"a URL of {kind.value}"):
        messages_of(Media(kind, "https://example.com/a"))


def test_a_picture_in_a_tools_result_is_refused_and_not_lost() -> None:
    with pytest.raises(FieldUnserved, match="Media in a tool's result"):
        messages_of(Result("c", (Media(MediaKind.IMAGE, PNG),)))


TOOLS = (Tool("f", "Does.", {"type": "object"}, strict=True), Tool("g"))


@pytest.mark.parametrize(
    ("policy", "names", "choice"),
    [
        (ToolPolicy(), ["f", "g"], "auto"),
        (ToolPolicy("none"), ["f", "g"], "none"),
        (ToolPolicy("required"), ["f", "g"], "required"),
        (ToolPolicy("auto", only=("g",)), ["g"], "auto"),
        (ToolPolicy("required", ("f",)), ["f"], {"type": "function", "function": {"name": "f"}}),
    ],
)
def test_only_the_tools_that_may_be_called_are_offered(
    policy: ToolPolicy, names: list[str], choice: object
) -> None:
    body = body_of(say("hi", tools=TOOLS, tool_policy=policy))
    assert [tool["function"]["name"] for tool in body["tools"]] == names
    assert body["tool_choice"] == choice
    assert "parallel_tool_calls" not in body


def test_a_tool_is_told_whole_and_calls_one_at_a_time_where_that_is_wanted() -> None:
    body = body_of(say("hi", tools=TOOLS, tool_policy=ToolPolicy(parallel=False)))
    assert body["parallel_tool_calls"] is False
    assert body["tools"][0]["function"] == {
        "name": "f",
        "description": "Does.",
        "parameters": {"type": "object"},
        "strict": True,
    }
    assert body["tools"][1]["function"]["parameters"] == {"type": "object", "properties": {}}


@pytest.mark.parametrize(
    ("form", "field", "told"),
    [
        (Format("json"), "response_format", {"type": "json_object"}),
        (
            Format("schema", "one", {"type": "object"}, strict=True),
            "response_format",
            {
                "type": "json_schema",
                "json_schema": {"name": "one", "schema": {"type": "object"}, "strict": True},
            },
        ),
        (Format("regex", pattern="[a-z]"), "structured_outputs", {"regex": "[a-z]"}),
        (Format("grammar", pattern="root ::= x"), "structured_outputs", {"grammar": "root ::= x"}),
    ],
)
def test_the_form_of_an_answer(form: Format, field: str, told: object) -> None:
    assert body_of(say("hi", format=form))[field] == told


def test_a_pattern_is_told_in_the_words_of_several_servers() -> None:
    body = body_of(say("hi", format=Format("grammar", pattern="root ::= x")))
    assert body["grammar"] == body["ebnf"] == "root ::= x"
    assert body_of(say("hi", format=Format("regex", pattern="[a-z]")))["regex"] == "[a-z]"


@pytest.mark.parametrize(
    ("policy", "effort"),
    [
        (ReasoningPolicy(), None),
        (ReasoningPolicy("on"), "medium"),
        (ReasoningPolicy("off", "high"), "none"),
        (ReasoningPolicy(effort="xhigh"), "xhigh"),
        (ReasoningPolicy("on", budget=1000), "low"),
        (ReasoningPolicy(budget=5000), "medium"),
        (ReasoningPolicy(budget=50_000), "high"),
    ],
)
def test_thought_is_asked_for_by_effort_and_only_of_models_that_think(
    policy: ReasoningPolicy, effort: str | None
) -> None:
    asked = say("hi", reasoning=policy)
    assert body_of(asked, Feature.REASONING).get("reasoning_effort") == effort
    assert "reasoning_effort" not in body_of(asked)


def test_it_learns_each_word_once() -> None:
    dialect = OpenAi(served())
    asked = say("hi", limits=Limits(5))
    assert dialect.adapt("Use 'max_completion_tokens' instead.")
    assert dialect.ask(asked).body["max_completion_tokens"] == 5
    assert not dialect.adapt("Use 'max_completion_tokens' instead.")
    assert dialect.adapt("stream_options: extra fields not permitted")
    assert "stream_options" not in dialect.ask(asked).body
    assert not dialect.adapt("stream_options: extra fields not permitted")


def test_vectors_and_scores_are_asked_for() -> None:
    dialect = OpenAi(served())
    asked = dialect.embed(EmbedAsk("mine", ("a", "b"), dimensions=8))
    assert asked.path == "/embeddings"
    assert asked.body == {
        "model": "theirs",
        "input": ("a", "b"),
        "encoding_format": "float",
        "dimensions": 8,
    }
    ranked = dialect.rerank(RerankAsk("mine", "q", ("a", "b")))
    assert ranked.path == "/rerank"
    assert ranked.body["query"] == "q"
    assert ranked.body["documents"] == ("a", "b")


def test_it_has_no_words_for_a_count() -> None:
    dialect = OpenAi(served())
    with pytest.raises(FeatureUnserved, match="tokens"):
        dialect.count(say("hi"))
    with pytest.raises(Unreadable):
        dialect.counted(b"{}")
