"""What is read of a message's request."""

import json
from typing import Any

import pytest

from seedbed.api.anthropic.blocks import Blocks
from seedbed.api.anthropic.read import read_message, read_prompt
from seedbed.api.anthropic.seal import Sealer
from seedbed.core.ask import Ask, Format, Limits, Sampling, Tool, ToolPolicy
from seedbed.core.check import Quote
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.message import Message, Result, Role, Text

BLOCKS = Blocks(Sealer(b"secret"))
SAY: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
TOOL = {"name": "look", "input_schema": {"type": "object"}}
OTHER = {"name": "write", "description": "d", "input_schema": {}, "strict": True, "type": "custom"}
HIDDEN = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png,evil", "data": ""},
}
HI = Message(Role.USER, (Text("hi"),))


def read(**fields: object) -> Ask:
    ask, _ = read_message(json.dumps(SAY | {"max_tokens": 9} | fields).encode(), BLOCKS)
    return ask


def turns(*messages: tuple[str, object]) -> list[dict[str, object]]:
    return [{"role": role, "content": content} for role, content in messages]


def test_a_plain_request_asks_for_no_more_than_it_says() -> None:
    assert read() == Ask("m", (HI,), limits=Limits(9), whole=True)
    assert read(stream=True) == Ask("m", (HI,), limits=Limits(9))


@pytest.mark.parametrize("system", ["Be brief.", [{"type": "text", "text": "Be brief."}]])
def test_the_systems_words_come_first(system: object) -> None:
    assert read(system=system).messages == (Message(Role.SYSTEM, (Text("Be brief."),)), HI)
    assert read(system=[]).messages == (HI,)


def test_what_a_tool_brought_is_a_message_of_the_tools() -> None:
    results = [{"type": "tool_result", "tool_use_id": id_, "content": "1"} for id_ in "ab"]
    said = [*results, {"type": "text", "text": "and now?"}]
    brought = [Message(Role.TOOL, (Result(id_, (Text("1"),)),)) for id_ in "ab"]
    messages = turns(("assistant", "a"), ("user", said), ("system", "Now."))
    assert read(messages=messages).messages == (
        Message(Role.ASSISTANT, (Text("a"),)),
        *brought,
        Message(Role.USER, (Text("and now?"),)),
        Message(Role.SYSTEM, (Text("Now."),)),
    )


def test_an_answer_cannot_be_begun_for_the_model() -> None:
    with pytest.raises(FieldUnserved, match=r"messages\[1\]\.role"):
        read(messages=turns(("user", "a"), ("assistant", "{")))


def test_tools_are_the_callers_own() -> None:
    assert read(tools=[TOOL, OTHER]).tools == (
        Tool("look", "", {"type": "object"}),
        Tool("write", "d", {}, strict=True),
    )


def test_tools_of_the_vendors_are_refused_by_name() -> None:
    with pytest.raises(FieldUnserved, match=r"tools\[1\]\.type") as refused:
        read(tools=[TOOL, {"type": "bash_20250124", "name": "bash"}])
    assert "bash_20250124" in str(refused.value)


@pytest.mark.parametrize("lacking", ["name", "input_schema"])
def test_a_tool_that_lacks_what_it_must_have_is_refused(lacking: str) -> None:
    lame = {name: value for name, value in TOOL.items() if name != lacking}
    with pytest.raises(RequestMalformed, match=rf"tools\[0\]\.{lacking}"):
        read(tools=[lame])


@pytest.mark.parametrize(
    ("choice", "policy"),
    [
        (None, ToolPolicy()),
        ({"type": "auto"}, ToolPolicy()),
        ({"type": "none"}, ToolPolicy("none")),
        ({"type": "any"}, ToolPolicy("required")),
        ({"type": "tool", "name": "look"}, ToolPolicy("required", ("look",))),
        ({"type": "auto", "disable_parallel_tool_use": True}, ToolPolicy(parallel=False)),
        (
            {"type": "tool", "name": "look", "disable_parallel_tool_use": True},
            ToolPolicy("required", ("look",), parallel=False),
        ),
    ],
)
def test_whether_a_tool_must_be_called(choice: object, policy: ToolPolicy) -> None:
    assert read(tools=[TOOL, OTHER], tool_choice=choice).tool_policy == policy


@pytest.mark.parametrize(("tools", "named"), [(None, "none"), ([TOOL, OTHER], "look, write")])
def test_a_tool_that_is_not_there_cannot_be_chosen(tools: object, named: str) -> None:
    with pytest.raises(RequestMalformed, match=named):
        read(tools=tools, tool_choice={"type": "tool", "name": "fly"})


def test_the_form_of_an_answer_is_a_schema() -> None:
    form = {"type": "json_schema", "schema": {"type": "object"}}
    asked = read(output_config={"format": form, "effort": "low"})
    assert asked.format == Format("schema", "answer", {"type": "object"}, strict=True)
    assert (asked.reasoning.effort, asked.reasoning.budget) == ("low", 1024)


def test_what_limits_and_draws_an_answer_is_read() -> None:
    asked = read(stop_sequences=["END"], temperature=0.5, top_p=0.9, top_k=40)
    assert asked.limits == Limits(9, ("END",))
    assert asked.sampling == Sampling(0.5, 0.9, 40)


def test_on_whose_behalf_it_is_asked_is_kept() -> None:
    assert read(metadata={"user_id": "u"}).metadata == {"user_id": "u"}
    assert read(metadata={}).metadata == {}


def test_wishes_in_our_own_words_are_read() -> None:
    asked = read(seedbed={"deadline": 3, "checks": [{"type": "quote"}]})
    assert (asked.deadline, asked.checks) == (3, (Quote(),))


def test_what_is_harmless_is_passed_over_and_what_is_unknown_is_kept() -> None:
    harmless = {
        "service_tier": "standard_only",
        "speed": "fast",
        "diagnostics": {},
        "mcp_servers": [],
        "container": None,
    }
    assert read(**harmless) == read()
    kept = {"cache_control": {"type": "ephemeral"}}
    assert read(**kept).extra == {"anthropic": kept}
    edits = {"edits": [{"type": "clear_thinking_20251015"}]}
    assert read(context_management=edits).extra == {"anthropic": {"context_management": edits}}


@pytest.mark.parametrize(
    ("field", "value"),
    [("container", "c"), ("inference_geo", "us")],
)
def test_what_changes_the_meaning_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(FieldUnserved, match=field):
        read(**{field: value})


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"max_tokens": None}, "max_tokens"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": turns(("tool", "a"))}, "role"),
        ({"messages": turns(("user", [{"type": "server_tool_use"}]))}, "server_tool_use"),
        ({"messages": turns(("user", [HIDDEN]))}, "media_type"),
        ({"stop_sequences": [""]}, "stop_sequences"),
        ({"temperature": 2}, "temperature"),
        ({"tool_choice": {"type": "required"}}, "tool_choice"),
    ],
)
def test_what_cannot_be_read_is_named(fields: dict[str, object], named: str) -> None:
    with pytest.raises(RequestMalformed, match=named):
        read(**fields)


def test_a_prompt_alone_needs_no_limit() -> None:
    body = SAY | {"system": "Be brief.", "tools": [TOOL], "thinking": {"type": "disabled"}}
    asked = read_prompt(json.dumps(body).encode(), BLOCKS)
    whole = read(**body)
    assert (asked.messages, asked.tools, asked.reasoning) == (
        whole.messages,
        whole.tools,
        whole.reasoning,
    )
