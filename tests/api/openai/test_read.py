"""What a body of Responses means, what of it is refused by name, and that it is told again."""

from typing import cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.openai.responses.items import kept, numbered, read_items, seal, unseal
from seedbed.api.openai.responses.output import custom_input
from seedbed.api.openai.responses.said import messages
from seedbed.core.ask import Format, ReasoningPolicy, ToolPolicy
from seedbed.core.errors import FieldUnserved, RequestMalformed, SeedbedError
from seedbed.core.message import Call, Media, MediaKind, Message, Reasoning, Result, Role, Text
from seedbed.store.database import Database
from tests.api.openai.asking import ask_of, past_of, read

WEATHER = {"type": "function", "name": "weather"}
SHELL = {"type": "custom", "name": "shell"}
NAMED = {"type": "function", "name": "weather"}


def refused(database: Database, **fields: object) -> SeedbedError:
    with pytest.raises(SeedbedError) as caught:
        read(past_of(database), {"input": "a"} | fields)
    return caught.value


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("truncation", {"truncation": "auto"}),
        ("service_tier", {"service_tier": "flex"}),
        ("context_management", {"context_management": [{"type": "compaction"}]}),
        ("prompt", {"prompt": {"id": "p"}}),
        ("moderation", {"moderation": {"model": "m"}}),
        ("context", {"reasoning": {"context": "all_turns"}}),
        ("mode", {"reasoning": {"mode": "pro"}}),
        ("verbosity", {"text": {"verbosity": "low"}}),
        ("store", {"background": True, "store": False}),
        ("multi_agent", {"multi_agent": {"enabled": True}}),
        ("tools[1].type", {"tools": [WEATHER, {"type": "web_search"}]}),
        ("tools[0].format", {"tools": [SHELL | {"format": {"type": "grammar"}}]}),
        ("tool_choice.type", {"tool_choice": {"type": "file_search"}}),
        ("input[0].type", {"input": [{"type": "computer_call"}]}),
    ],
)
def test_what_would_change_the_meaning_is_refused_by_name(
    database: Database, field: str, fields: dict[str, object]
) -> None:
    error = refused(database, **fields)
    assert isinstance(error, FieldUnserved)
    assert error.facts["field"] == field


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("input", {"input": None}),
        ("input", {"input": []}),
        ("input[0].role", {"input": [{"role": "judge", "content": "a"}]}),
        ("input[0]", {"input": [{"type": "function_call_output", "output": "a"}]}),
        ("tools[0]", {"tools": [{"type": "function"}]}),
        ("tools[0].type", {"tools": [{"name": "a"}]}),
        ("tool_choice", {"tool_choice": NAMED}),
        ("tool_choice", {"tool_choice": {"type": "allowed_tools"}, "tools": [WEATHER]}),
        ("text.format.name", {"text": {"format": {"type": "json_schema", "schema": {}}}}),
        ("conversation", {"previous_response_id": "resp_1", "conversation": "conv_1"}),
        (
            "image_url",
            {"input": [{"role": "user", "content": [{"type": "input_image"}]}]},
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_field(
    database: Database, field: str, fields: dict[str, object]
) -> None:
    error = refused(database, **fields)
    assert isinstance(error, RequestMalformed)
    assert error.facts["field"] == field


def test_what_is_harmless_is_accepted(database: Database) -> None:
    fields: dict[str, object] = {
        "truncation": "disabled",
        "service_tier": "default",
        "context_management": [],
        "reasoning": {"context": "auto", "mode": "standard"},
        "text": {"verbosity": "medium", "format": {"type": "text"}},
        "prompt_cache_key": "k",
        "prompt_cache_retention": "24h",
        "safety_identifier": "s",
        "stream_options": {"include_obfuscation": False},
        "include": ["file_search_call.results"],
        "previous_response_id": None,
    }
    reading = read(past_of(database), {"input": "a"} | fields)
    assert ask_of(reading).extra == {}


@pytest.mark.parametrize(
    ("choice", "policy"),
    [
        (None, ToolPolicy()),
        ("none", ToolPolicy("none")),
        ("required", ToolPolicy("required")),
        (NAMED, ToolPolicy("required", ("weather",))),
        ({"type": "custom", "name": "shell"}, ToolPolicy("required", ("shell",))),
        ({"type": "allowed_tools", "tools": [NAMED]}, ToolPolicy("auto", ("weather",))),
        (
            {"type": "allowed_tools", "mode": "required", "tools": [NAMED, SHELL]},
            ToolPolicy("required", ("weather", "shell")),
        ),
    ],
)
def test_a_choice_of_tools_is_a_policy(
    database: Database, choice: object, policy: ToolPolicy
) -> None:
    asked = {"input": "a", "tools": [WEATHER, SHELL], "tool_choice": choice}
    assert ask_of(read(past_of(database), asked)).tool_policy == policy


@pytest.mark.parametrize(
    ("told", "form"),
    [
        ({"type": "json_object"}, Format("json")),
        (
            {"type": "json_schema", "name": "n", "schema": {"type": "object"}},
            Format("schema", "n", {"type": "object"}),
        ),
        (
            {"type": "json_schema", "json_schema": {"name": "n", "schema": {}, "strict": True}},
            Format("schema", "n", strict=True),
        ),
    ],
)
def test_a_form_is_read_flat_or_nested(database: Database, told: object, form: Format) -> None:
    reading = read(past_of(database), {"input": "a", "text": {"format": told}})
    assert ask_of(reading).format == form


def test_no_effort_is_no_thought(database: Database) -> None:
    reading = read(past_of(database), {"input": "a", "reasoning": {"effort": "none"}})
    assert ask_of(reading).reasoning == ReasoningPolicy("off")


def test_a_nested_form_is_told_flat(database: Database) -> None:
    told = {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}
    reading = read(past_of(database), {"input": "a", "text": {"format": told}})
    body = msgspec.json.decode(reading.writer.whole(cast("object", None)))  # type: ignore[arg-type]
    assert body["text"]["format"]["name"] == "n"


def test_what_an_assistant_did_in_a_row_is_one_message() -> None:
    items = read_items(
        [
            {"role": "developer", "content": "b"},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "?"}]},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
            {"role": "assistant", "content": [{"type": "output_text", "text": "So."}]},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
            {"type": "custom_tool_call", "call_id": "1", "name": "sh", "input": "ls"},
            {"type": "function_call", "call_id": "2", "name": "f", "arguments": "{}"},
            {"type": "custom_tool_call_output", "call_id": "1", "output": "a"},
            {
                "type": "function_call_output",
                "call_id": "2",
                "output": [{"type": "input_text", "text": "b"}],
            },
            {"role": "assistant", "content": []},
            {"type": "reasoning", "encrypted_content": "another house's"},
            {
                "role": "user",
                "content": [
                    {"type": "input_image", "image_url": "http://a/b.png", "detail": "low"},
                    {"type": "input_image", "image_url": "http://a/c.png"},
                    {"type": "input_file", "file_data": "data:,a", "filename": "a.txt"},
                    {"type": "input_file", "file_url": "http://a/d"},
                    {"type": "input_file", "file_id": "file-ab12"},
                ],
            },
        ],
        field="input",
    )
    calls = Call("1", "sh", '{"input":"ls"}'), Call("2", "f", "{}")
    spoken = (Reasoning("Hm."), Text("So."), Text("No."), *calls)
    assert messages(items, instructions="a") == (
        Message(Role.SYSTEM, (Text("a"),)),
        Message(Role.SYSTEM, (Text("b"),)),
        Message(Role.USER, (Text("?"),)),
        Message(Role.ASSISTANT, spoken),
        Message(Role.TOOL, (Result("1", (Text("a"),)),)),
        Message(Role.TOOL, (Result("2", (Text("b"),)),)),
        Message(
            Role.USER,
            (
                Media(MediaKind.IMAGE, "http://a/b.png", {"detail": "low"}),
                Media(MediaKind.IMAGE, "http://a/c.png"),
                Media(MediaKind.FILE, "data:,a", {"filename": "a.txt"}),
                Media(MediaKind.FILE, "http://a/d"),
                Media(MediaKind.FILE, "file-ab12"),
            ),
        ),
    )


WORDS = st.text(max_size=8)
PARTS = st.lists(
    st.fixed_dictionaries({"type": st.just("input_text"), "text": WORDS})
    | st.fixed_dictionaries({"type": st.just("output_text"), "text": WORDS})
    | st.fixed_dictionaries({"type": st.just("refusal"), "refusal": WORDS})
    | st.fixed_dictionaries({"type": st.just("input_image"), "image_url": st.just("http://a")}),
    max_size=3,
)
CONTENT = WORDS | PARTS
ROLES = st.sampled_from(["user", "assistant", "system", "developer"])
TEXTS = st.lists(st.fixed_dictionaries({"text": WORDS}), max_size=2)
ITEMS = st.lists(
    st.fixed_dictionaries({"role": ROLES, "content": CONTENT})
    | st.fixed_dictionaries(
        {
            "type": st.just("function_call"),
            "call_id": WORDS,
            "name": WORDS,
            "arguments": WORDS,
        }
    )
    | st.fixed_dictionaries(
        {"type": st.just("function_call_output"), "call_id": WORDS, "output": CONTENT}
    )
    | st.fixed_dictionaries(
        {"type": st.just("custom_tool_call"), "call_id": WORDS, "name": WORDS, "input": WORDS}
    )
    | st.fixed_dictionaries({"type": st.just("reasoning"), "summary": TEXTS, "content": TEXTS}),
    max_size=6,
)


def told(items: list[dict[str, object]]) -> tuple[Message, ...]:
    """What items say; a picture's detail is `auto` where nothing is said of it."""
    said = messages(read_items(items, field="input"), instructions=None)
    return msgspec.convert(
        msgspec.json.decode(
            msgspec.json.encode(said).replace(b'"options":{}', b'"options":{"detail":"auto"}')
        ),
        tuple[object, ...],
    )  # type: ignore[return-value]  # compared as JSON


@given(ITEMS)
def test_what_is_kept_says_what_was_sent(items: list[dict[str, object]]) -> None:
    new_id = numbered("0123")
    said = [kept(item, new_id) for item in read_items(items, field="input")]
    again = msgspec.json.decode(msgspec.json.encode(said))
    assert told(again) == told(items)
    assert len({item["id"] for item in said}) == len(said)
    once_more = [kept(item, numbered("0123")) for item in read_items(again, field="input")]
    assert [one | {"id": ""} for one in once_more] == [one | {"id": ""} for one in said]


@given(st.text(), st.none() | st.binary())
def test_a_thought_comes_back_as_it_was_sealed(text: str, proof: bytes | None) -> None:
    assert unseal(seal(text, proof)) == Reasoning(text, seal=proof)


@pytest.mark.parametrize("text", ["", "a", "é", "gAAAAABo", "WzFd", "WyJhIiwiIV0="])
def test_what_another_house_sealed_is_passed_over(text: str) -> None:
    assert unseal(text) is None


@pytest.mark.parametrize("written", ["{", '{"input": 1}', '{"other": "a"}'])
def test_a_call_that_is_not_sound_is_told_as_it_was_written(written: str) -> None:
    assert custom_input(written) == written
    assert custom_input('{"input": "ls"}') == "ls"
