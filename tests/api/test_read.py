"""What OpenAI's words are understood as, and how they are refused."""

import json
from dataclasses import replace
from typing import cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.openai import wire
from seedbed.api.openai.read import read_chat
from seedbed.core.ask import (
    Ask,
    Feature,
    Limits,
    Sampling,
    Tool,
    ToolPolicy,
)
from seedbed.core.errors import FieldUnserved, RequestMalformed, RequestRefused
from seedbed.core.message import Call, Media, MediaKind, Message, Reasoning, Result, Role, Text

HI = {"role": "user", "content": "hi"}
WEATHER = {"type": "function", "function": {"name": "weather"}}


def body(*messages: object, **fields: object) -> bytes:
    return json.dumps({"model": "m", "messages": messages or [HI], **fields}).encode()


def read(*messages: object, **fields: object) -> Ask:
    return read_chat(body(*messages, **fields))[0]


def refusal(*messages: object, **fields: object) -> RequestRefused:
    with pytest.raises(RequestRefused) as refused:
        read(*messages, **fields)
    return refused.value


def test_a_bare_request_leaves_everything_to_the_model() -> None:
    assert read() == Ask("m", (Message(Role.USER, (Text("hi"),)),), whole=True)


@pytest.mark.parametrize(("count", "bound"), [(0, ">= 1"), (10_001, "<= 10000")])
def test_a_conversation_of_no_messages_or_of_too_many_is_refused(count: int, bound: str) -> None:
    whole = {"model": "m", "messages": [HI] * count}
    with pytest.raises(RequestMalformed) as refused:
        read_chat(json.dumps(whole).encode())
    assert refused.value.what == f"Field 'messages': Expected `array` of length {bound}."
    assert len(read(*[HI] * 10_000).messages) == 10_000


def test_only_what_is_streamed_is_seen_before_its_end() -> None:
    assert read(stream=False).whole
    assert not read(stream=True).whole


@pytest.mark.parametrize(
    ("wired", "meant"),
    [
        ({"role": "system", "content": "be brief"}, Message(Role.SYSTEM, (Text("be brief"),))),
        ({"role": "developer", "content": "be brief"}, Message(Role.SYSTEM, (Text("be brief"),))),
        ({"role": "user", "content": "", "name": "Ann"}, Message(Role.USER, (Text(""),))),
        ({"role": "user", "content": []}, Message(Role.USER, ())),
        ({"role": "assistant"}, Message(Role.ASSISTANT, ())),
        (
            {"role": "tool", "content": "12 C", "tool_call_id": "call_1"},
            Message(Role.TOOL, (Result("call_1", (Text("12 C"),)),)),
        ),
        (
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "I will not."}]},
            Message(Role.ASSISTANT, (Text("I will not."),)),
        ),
    ],
)
def test_a_message_of_each_role_is_understood(wired: object, meant: Message) -> None:
    assert read(wired).messages == (meant,)


def test_parts_of_a_message_stay_apart_and_in_order() -> None:
    parts = [
        {"type": "text", "text": "What is"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://pictures.test/a.png"}},
        {"type": "text", "text": "this?"},
    ]
    ask = read({"role": "user", "content": parts})
    assert ask.messages[0].parts == (
        Text("What is"),
        Media(MediaKind.IMAGE, "data:image/png;base64,AA==", {"detail": "low"}),
        Media(MediaKind.IMAGE, "https://pictures.test/a.png"),
        Text("this?"),
    )
    assert ask.needs == {Feature.CHAT, Feature.MEDIA}


def test_an_earlier_answer_comes_back_as_thought_words_and_calls() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "not JSON"}}
    earlier = {
        "role": "assistant",
        "content": "Wait.",
        "reasoning_content": "Hm.",
        "tool_calls": [call],
    }
    (message,) = read(earlier).messages
    assert message.parts == (Reasoning("Hm."), Text("Wait."), Call("call_1", "f", "not JSON"))


@pytest.mark.parametrize("role", ["system", "developer", "user"])
def test_a_message_that_must_say_something_and_does_not_is_refused_by_place(role: str) -> None:
    error = refusal(HI, {"role": role})
    assert error.facts["field"] == "messages[1].content"
    assert f"a {role} message says something" in str(error)


def test_a_tools_message_without_the_call_that_it_answers_is_refused() -> None:
    error = refusal({"role": "tool", "content": "12 C"})
    assert error.facts["field"] == "messages[0].tool_call_id"


@pytest.mark.parametrize(
    ("fields", "meant"),
    [
        ({}, ToolPolicy()),
        ({"tool_choice": "none"}, ToolPolicy("none")),
        ({"tool_choice": "auto"}, ToolPolicy("auto")),
        ({"tool_choice": "required"}, ToolPolicy("required")),
        ({"tool_choice": WEATHER}, ToolPolicy("required", ("weather",))),
        ({"parallel_tool_calls": False}, ToolPolicy(parallel=False)),
        (
            {"tool_choice": WEATHER, "parallel_tool_calls": False},
            ToolPolicy("required", ("weather",), parallel=False),
        ),
    ],
)
def test_which_tools_may_be_called_is_understood(
    fields: dict[str, object], meant: ToolPolicy
) -> None:
    ask = read(tools=[WEATHER], **fields)
    assert ask.tool_policy == meant
    assert ask.tools == (Tool("weather"),)


def test_a_tool_keeps_its_description_and_its_schema() -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    told = {"name": "weather", "description": "Today's.", "parameters": schema, "strict": True}
    ask = read(tools=[{"type": "function", "function": told}])
    assert ask.tools == (Tool("weather", "Today's.", schema, strict=True),)


@pytest.mark.parametrize(("tools", "sent"), [([], "none"), ([WEATHER], "weather")])
def test_a_chosen_tool_that_was_not_sent_is_refused(tools: list[object], sent: str) -> None:
    error = refusal(tools=tools, tool_choice={"type": "function", "function": {"name": "clock"}})
    assert error.facts["field"] == "tool_choice"
    assert "'clock'" in error.what
    assert error.hint == f"Tools sent: {sent}."


def test_where_to_end_is_understood() -> None:
    assert read(max_tokens=5, stop="\n").limits == Limits(5, ("\n",))
    assert read(max_tokens=5, max_completion_tokens=6).limits == Limits(6)
    assert read(stop=["a", "b"]).limits == Limits(stop=("a", "b"))
    assert read(stop=[]).limits == Limits()


@pytest.mark.parametrize(
    ("stop", "said"),
    [("", "1 texts, of which 1 are empty"), (["a", ""], "2 texts"), (["a"] * 17, "17 texts")],
)
def test_stop_texts_that_are_empty_or_too_many_are_refused(stop: object, said: str) -> None:
    error = refusal(stop=stop)
    assert error.facts["field"] == "stop"
    assert said in error.what


def test_how_to_draw_tokens_is_understood() -> None:
    told = {
        "temperature": 0.0,
        "top_p": 0.9,
        "top_k": 40,
        "min_p": 0.05,
        "frequency_penalty": -2,
        "presence_penalty": 2,
        "seed": -(1 << 63),
    }
    assert read(**told).sampling == Sampling(**cast(dict[str, float], told))  # type: ignore[arg-type]  # each by its own name
    assert read(n=3).sampling == Sampling(choices=3)
    assert read(logprobs=True).sampling == Sampling(logprobs=0)
    assert read(logprobs=True, top_logprobs=5).sampling == Sampling(logprobs=5)
    assert read(logprobs=False, top_logprobs=5).sampling == Sampling()


OPTIONAL = [
    field.encode_name
    for field in msgspec.structs.fields(wire.ChatBody)
    if field.encode_name not in {"model", "messages"}
]


@pytest.mark.parametrize("field", OPTIONAL)
def test_null_is_the_same_as_leaving_a_field_out(field: str) -> None:
    assert read(**{field: None}) == read()
    assert read_chat(body(**{field: None}))[1] == read_chat(body())[1]


def test_null_in_every_place_of_a_message_is_the_same_as_leaving_it_out() -> None:
    names = [field.encode_name for field in msgspec.structs.fields(wire.WireMessage)]
    nothing = dict.fromkeys(names)
    assert read(nothing | HI) == read()
    assert read(nothing | {"role": "assistant"}) == read({"role": "assistant"})


def test_unknown_fields_are_kept_for_whoever_knows_them() -> None:
    ask = read(prompt_cache_key="k", safety_identifier=None, nested={"a": [1]})
    assert ask.extra == {
        "openai": {"prompt_cache_key": "k", "safety_identifier": None, "nested": {"a": [1]}}
    }
    assert replace(ask, extra={}) == read()


REFUSED = [
    ("audio", {"voice": "alloy"}, "answers are text"),
    ("modalities", ["text", "audio"], "answers are text"),
    ("prediction", {"type": "content", "content": "x"}, "no engine takes predicted output"),
    ("web_search_options", {}, "no search is connected"),
    ("functions", [], "replaced by `tools`"),
    ("function_call", "auto", "replaced by `tool_choice`"),
    ("logit_bias", {"50256": -100}, "token numbers differ"),
    ("service_tier", "flex", "there is one tier"),
    ("verbosity", "low", "no engine takes it"),
    ("guided_json", {"type": "object"}, "replaced by `structured_outputs`"),
    ("guided_regex", "a+", "replaced by `structured_outputs`"),
    ("guided_choice", ["a"], "replaced by `structured_outputs`"),
    ("guided_grammar", 'root ::= "a"', "replaced by `structured_outputs`"),
]


@pytest.mark.parametrize(("field", "value", "because"), REFUSED)
def test_what_would_change_the_meaning_is_refused_by_name(
    field: str, value: object, because: str
) -> None:
    error = refusal(**{field: value})
    assert isinstance(error, FieldUnserved)
    assert error.facts["field"] == field
    assert f"Field '{field}'" in error.what
    assert because in error.what
    assert error.hint == f"Leave '{field}' out."


def test_a_refused_value_is_quoted_but_never_at_length() -> None:
    error = refusal(prediction={"type": "content", "content": "x" * 10_000})
    assert len(str(error)) < 300


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("modalities", ["text"]),
        ("store", False),
        ("logit_bias", {}),
        ("service_tier", "auto"),
        ("service_tier", "default"),
        ("verbosity", "medium"),
        ("stream_options", {"include_obfuscation": True}),
        ("response_format", {"type": "text"}),
        ("grammar", ""),
        ("n", 1),
        ("user", "somebody"),
    ],
)
def test_what_is_harmless_is_accepted_and_changes_nothing(field: str, value: object) -> None:
    assert replace(read(**{field: value}), extra={}) == read()


def test_metadata_is_carried_along() -> None:
    assert read(metadata={"run": "7"}).metadata == {"run": "7"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", 7),
        ("model", ""),
        ("messages", []),
        ("messages", "hi"),
        ("messages[0]", ["hi"]),
        ("messages[0].role", [{"role": "function", "content": "x"}]),
        ("messages[0].content", [{"role": "user", "content": 7}]),
        ("stream", "yes"),
        ("stream_options", True),
        ("max_tokens", 0),
        ("max_tokens", "5"),
        ("max_completion_tokens", 1.5),
        ("max_completion_tokens", (1 << 31) + 1),
        ("temperature", 2.1),
        ("temperature", -0.1),
        ("top_p", 1.1),
        ("top_k", -1),
        ("min_p", 2),
        ("frequency_penalty", -2.5),
        ("presence_penalty", 2.5),
        ("seed", 1 << 63),
        ("n", 0),
        ("n", 129),
        ("top_logprobs", 21),
        ("tools", {}),
        ("tools[0].type", [{"type": "custom", "function": {"name": "f"}}]),
        ("tools[0].function.name", [{"type": "function", "function": {"name": ""}}]),
        ("tool_choice", "always"),
        ("response_format.type", {"type": "xml"}),
        ("structured_outputs", {"structural_tag": "x"}),
        ("structured_outputs.choice", {"choice": []}),
        ("structured_outputs.choice[1]", {"choice": ["a", ""]}),
        ("structured_outputs.regex", {"regex": ""}),
        ("structured_outputs.json", {"json": 7}),
        ("grammar", {"root": "a"}),
        ("reasoning_effort", "enormous"),
        ("thinking", {}),
        ("thinking.type", {"type": "sometimes"}),
        ("thinking.budget_tokens", {"type": "enabled", "budget_tokens": -1}),
        ("chat_template_kwargs", {"add_bos": True}),
        ("chat_template_kwargs.enable_thinking", {"enable_thinking": "no"}),
        ("metadata[...]", {"a": 1}),
        ("stop[1]", ["a", 1]),
    ],
)
def test_a_wrong_value_is_refused_with_the_place_where_it_stands(field: str, value: object) -> None:
    name = field.split("[", maxsplit=1)[0].split(".", maxsplit=1)[0]
    with pytest.raises(RequestMalformed) as refused:
        read(**{name: value})
    assert refused.value.facts["field"] == field
    assert f"Field '{field}'" in refused.value.what


def test_two_thousand_tools_are_read_and_left_to_the_gateway_to_count() -> None:
    tools = [{"type": "function", "function": {"name": f"f{at}"}} for at in range(2000)]
    assert len(read(tools=tools).tools) == 2000


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"model=m", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"model":"\xff"}', "not JSON"),
        (b'{"model":"\xed\xa0\x80"}', "not JSON"),
        (b'{"model":"\\ud800"}', "not JSON"),
        (b"1" * 5000, "Number out of range"),
        (b"{} {}", "not JSON"),
        (b"[" * 100_000, "deeper than 200 levels"),
        (b"[" * 100_000 + b"]" * 100_000, "deeper than 200 levels"),
        (b"[]", "Expected `object`, got `array`"),
        (b'"hi"', "Expected `object`, got `str`"),
        (b"7", "Expected `object`, got `int`"),
        (b"null", "Expected `object`, got `null`"),
        (b"{}", "missing required field `model`"),
        (b'{"model":"m"}', "missing required field `messages`"),
    ],
)
def test_a_body_that_is_no_request_is_refused_with_what_is_wrong_with_it(
    sent: bytes, said: str
) -> None:
    with pytest.raises(RequestMalformed) as refused:
        read_chat(sent)
    assert said in refused.value.what
    assert refused.value.facts["field"] is None


def test_a_body_may_nest_as_deep_as_a_schema_does_and_no_deeper() -> None:
    def nested(depth: int) -> bytes:
        return body(extra="X").replace(b'"X"', b"[" * depth + b"]" * depth)

    read_chat(nested(198))
    with pytest.raises(RequestMalformed, match="deeper than 200 levels"):
        read_chat(nested(200))


roles = st.sampled_from([Role.SYSTEM, Role.USER, Role.ASSISTANT])
texts = st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1)


@given(st.lists(st.tuples(roles, texts), min_size=1))
def test_whatever_is_said_is_read_word_for_word_and_in_order(
    said: list[tuple[Role, list[str]]],
) -> None:
    messages = [
        {"role": role, "content": [{"type": "text", "text": text} for text in texts]}
        for role, texts in said
    ]
    ask = read(*messages)
    assert [message.role for message in ask.messages] == [role for role, _ in said]
    for message, (_, texts) in zip(ask.messages, said, strict=True):
        assert message.parts == tuple(Text(text) for text in texts)
