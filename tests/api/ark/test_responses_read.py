"""What Ark's words for a response are understood as, and how they are refused."""

import json
from typing import cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.ark.responses_read import Read, ResponseBody, read_response
from seedbed.api.ark.write import problem
from seedbed.api.openai.responses.items import kept, numbered, read_items
from seedbed.api.openai.responses.said import messages
from seedbed.core.ask import Ask, Feature, Format, Limits, ReasoningPolicy
from seedbed.core.errors import FieldUnserved, RequestRefused
from seedbed.core.message import Media, MediaKind
from tests.api.openai.asking import NOW

A_DAY = 86_400
ALL = ResponseBody.__struct_fields__
SCHEMA = {"name": "city", "schema": {"type": "object"}, "strict": True}
PREFIX = {"type": "enabled", "prefix": True}


def read(**fields: object) -> Read:
    body = json.dumps({"model": "m", "input": "a", **fields}).encode()
    return read_response(body, numbered("0123"), NOW)


def ask(**fields: object) -> Ask:
    return read(**fields).asked.ask


def said(**part: object) -> object:
    content = [part]
    (message,) = ask(input=[{"role": "user", "content": content}]).messages
    return message.parts[0]


def test_null_means_the_same_as_leaving_a_field_out() -> None:
    nulls = dict.fromkeys(set(ALL) - {"model", "input"})
    assert ask(**nulls, a_word_of_tomorrow=None) == ask()
    assert ask(a_word_of_tomorrow=1).extra == {"ark.responses": {"a_word_of_tomorrow": 1}}
    item = {"role": "user", "content": "a", "type": None, "id": None, "partial": None}
    assert ask(input=[item]) == ask()


@pytest.mark.parametrize(
    ("thinking", "effort", "policy"),
    [
        (None, None, ReasoningPolicy()),
        ("auto", None, ReasoningPolicy()),
        ("auto", "low", ReasoningPolicy("on", "low", 1024)),
        ("enabled", None, ReasoningPolicy("on")),
        ("enabled", "minimal", ReasoningPolicy("on", "minimal", 256)),
        ("enabled", "none", ReasoningPolicy("off")),
        ("disabled", "high", ReasoningPolicy("off")),
    ],
)
def test_thinking_and_effort_are_read_together(
    thinking: str | None, effort: str | None, policy: ReasoningPolicy
) -> None:
    assert ask(thinking={"type": thinking}, reasoning={"effort": effort}).reasoning == policy


@pytest.mark.parametrize("form", [SCHEMA, {"json_schema": SCHEMA}])
def test_a_schema_stands_beside_its_type_or_below_it(form: dict[str, object]) -> None:
    told = ask(text={"format": {"type": "json_schema"} | form}).format
    assert told == Format("schema", "city", {"type": "object"}, strict=True)


def test_media_are_understood() -> None:
    limit = {"min_pixels": 9, "max_pixels": 99}
    assert said(
        type="input_image", image_url="http://a", detail="low", image_pixel_limit=limit
    ) == Media(MediaKind.IMAGE, "http://a", {"detail": "low"} | limit)
    assert said(type="input_image", image_url="http://a", file_id=None, detail=None) == Media(
        MediaKind.IMAGE, "http://a"
    )
    film = said(type="input_video", video_url="http://a", fps=0.5)
    assert film == Media(MediaKind.VIDEO, "http://a", {"fps": 0.5})
    vad = {"type": "server_vad"}
    sound = said(type="input_audio", audio_url="http://a", chunking_strategy=vad)
    assert sound == Media(MediaKind.AUDIO, "http://a")
    file = said(type="input_file", file_url="http://a", filename="a.pdf")
    assert file == Media(MediaKind.FILE, "http://a", {"filename": "a.pdf"})
    content = [{"type": "input_video", "video_url": "http://a"}]
    assert Feature.MEDIA in ask(input=[{"role": "user", "content": content}]).needs


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("input[1].partial", {"input": ["user", "assistant"]}),
        ("background", {"background": True}),
        ("session", {"session": {"id": "s"}}),
        ("service_tier", {"service_tier": "fast"}),
        ("context_management", {"context_management": {"edits": [{"type": "clear_thinking"}]}}),
        ("tool_choice.type", {"tool_choice": {"type": "knowledge_search"}}),
        ("input[0].type", {"input": [{"type": "web_search_call"}]}),
        ("tools.type", {"tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}]}),
        *(
            ("tools[0].type", {"tools": [{"type": kind}]})
            for kind in ("web_search", "image_process", "knowledge_search", "doubao_app")
        ),
    ],
)
def test_what_would_change_the_meaning_is_refused_by_name(
    field: str, fields: dict[str, object]
) -> None:
    if field.endswith("partial"):
        roles = cast(list[str], fields["input"])
        fields["input"] = [
            {"role": role, "content": "a", "partial": role != "user"} for role in roles
        ]
    with pytest.raises(FieldUnserved) as refused:
        read(**fields)
    assert refused.value.facts["field"] == field
    told = msgspec.json.decode(problem(refused.value, "req_1").body)["error"]
    assert told["code"] == "InvalidParameter.UnsupportedParameter"


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("max_output_tokens", {"caching": PREFIX, "max_output_tokens": 9}),
        ("stream", {"caching": PREFIX, "stream": True}),
        ("expire_at", {"expire_at": NOW}),
        ("expire_at", {"expire_at": NOW + 31 * A_DAY}),
        ("caching.type", {"caching": {"type": "on"}}),
        ("input", {"input": None}),
    ],
)
def test_what_does_not_go_together_is_refused(code: str, fields: dict[str, object]) -> None:
    with pytest.raises(RequestRefused) as refused:
        read(**fields)
    assert refused.value.facts["field"] == code


def test_nothing_to_edit_or_to_cache_is_harmless() -> None:
    edits: dict[str, object] = {"edits": []}
    off = {"type": "disabled", "prefix": True}
    told = read(context_management=edits, session={}, caching=off, max_output_tokens=9)
    assert told.asked.ask.limits == Limits(9)
    assert not told.reads_only


def test_a_prefix_is_an_ask_of_one_token() -> None:
    told = read(caching=PREFIX)
    assert told.reads_only
    assert told.asked.ask.limits == Limits(1)


def test_what_is_kept_has_an_end() -> None:
    assert read().until == NOW + 3 * A_DAY
    assert read(expire_at=NOW + 60).until == NOW + 60
    assert read(expire_at=NOW + 60, store=False).until is None


WORDS = st.text(min_size=1, max_size=8)
PARTS = st.one_of(
    st.fixed_dictionaries({"type": st.just("input_text"), "text": st.text(max_size=8)}),
    st.fixed_dictionaries(
        {
            "type": st.just("input_image"),
            "image_url": WORDS,
            "detail": st.sampled_from(["low", "high", "auto"]),
        },
        optional={
            "file_id": st.none(),
            "image_pixel_limit": st.none()
            | st.fixed_dictionaries({"min_pixels": st.integers(1, 9), "max_pixels": st.none()}),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.just("input_video"), "video_url": WORDS},
        optional={"fps": st.none() | st.floats(0.2, 5)},
    ),
    st.fixed_dictionaries({"type": st.just("input_audio"), "audio_url": WORDS}),
)
ITEMS = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {
                "role": st.sampled_from(["user", "system", "developer"]),
                "content": st.lists(PARTS, max_size=3),
            },
            optional={"type": st.just("message"), "partial": st.none()},
        ),
        st.fixed_dictionaries({"role": st.just("assistant"), "content": WORDS}),
        st.fixed_dictionaries(
            {"type": st.just("function_call"), "call_id": WORDS, "name": WORDS, "arguments": WORDS}
        ),
        st.fixed_dictionaries(
            {"type": st.just("function_call_output"), "call_id": WORDS, "output": WORDS}
        ),
        st.fixed_dictionaries(
            {
                "type": st.just("reasoning"),
                "summary": st.just([{"type": "summary_text", "text": "Let me see."}]),
            }
        ),
    ),
    min_size=1,
    max_size=5,
)


@given(ITEMS)
def test_what_is_kept_says_what_was_sent(items: list[dict[str, object]]) -> None:
    told = read(input=items).asked
    again = msgspec.json.decode(msgspec.json.encode(told.items))
    assert messages(read_items(again, field="input"), instructions=None) == told.ask.messages
    new_id = numbered("0123")
    assert [kept(one, new_id) for one in read_items(again, field="input")] == list(told.items)
