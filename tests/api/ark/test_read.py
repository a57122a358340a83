"""What Ark's words for a chat are understood as, and how they are refused."""

import json
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.ark import wire
from seedbed.api.ark.read import read_chat
from seedbed.api.openai.read import read_chat as read_openai_chat
from seedbed.core.ask import Ask, Limits, ReasoningPolicy
from seedbed.core.errors import FieldUnserved, RequestMalformed, RequestRefused
from seedbed.core.message import Media, MediaKind, Message, Reasoning, Role, Text

HI = {"role": "user", "content": "hi"}
ALL = [
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "repetition_penalty",
    "stop",
    "n",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "function_call",
    "response_format",
    "thinking",
    "reasoning_effort",
    "service_tier",
    "user",
]
"""Every field that Ark's SDK sends, as `null` where it was left out."""


def read(*messages: object, **fields: object) -> Ask:
    body = {"model": "m", "messages": messages or [HI], **fields}
    return read_chat(json.dumps(body).encode(), wire.ChatBody)[0]


def refusal(*messages: object, **fields: object) -> RequestRefused:
    with pytest.raises(RequestRefused) as refused:
        read(*messages, **fields)
    return refused.value


def part(**fields: object) -> object:
    (message,) = read({"role": "user", "content": [fields]}).messages
    return message.parts[0]


def test_null_means_the_same_as_leaving_a_field_out() -> None:
    assert read(**dict.fromkeys([*ALL, "a_word_of_tomorrow"])) == read()
    assert read(stream_options={"include_usage": None, "chunk_include_usage": None}) == read()


def test_a_field_that_is_not_known_is_kept_for_engines_that_may_know_it() -> None:
    assert read(word=7, other=None).extra == {"ark": {"word": 7}}
    assert read().extra == {}


@pytest.mark.parametrize(
    ("fields", "bound"),
    [
        ({}, None),
        ({"max_tokens": 9}, 9),
        ({"max_completion_tokens": 9}, 9),
        ({"max_tokens": 9, "reasoning_effort": "low"}, 9 + 1024),
        ({"max_tokens": 9, "thinking": {"type": "enabled", "budget_tokens": 5}}, 14),
        ({"max_tokens": 9, "thinking": {"type": "disabled"}, "reasoning_effort": "low"}, 9),
        ({"max_completion_tokens": 9, "reasoning_effort": "low"}, 9),
        ({"max_tokens": 9, "thinking": {"type": "enabled"}}, 9),
    ],
)
def test_one_bound_leaves_thought_out_and_the_other_does_not(
    fields: dict[str, object], bound: int | None
) -> None:
    assert read(stop="x", **fields).limits == Limits(bound, ("x",))


def test_two_bounds_of_one_answer_are_refused() -> None:
    error = refusal(max_tokens=1, max_completion_tokens=2)
    assert error.facts["field"] == "max_tokens"


@pytest.mark.parametrize(
    ("fields", "policy"),
    [
        ({"thinking": {"type": "enabled"}}, ReasoningPolicy("on")),
        ({"thinking": {"type": "disabled"}}, ReasoningPolicy("off")),
        ({"thinking": {"type": "auto"}}, ReasoningPolicy()),
        ({"reasoning_effort": "minimal"}, ReasoningPolicy("on", "minimal", 256)),
        (
            {"thinking": {"type": "disabled"}, "reasoning_effort": "high"},
            ReasoningPolicy("off"),
        ),
    ],
)
def test_whether_to_think_and_how_much_are_said_apart(
    fields: dict[str, object], policy: ReasoningPolicy
) -> None:
    assert read(**fields).reasoning == policy


def test_pictures_films_and_sounds_are_media_with_their_options() -> None:
    url = "https://media.test/a"
    picture = {"url": url, "detail": "low", "min_pixels": 9, "max_pixels": None}
    assert part(type="image_url", image_url=picture) == Media(
        MediaKind.IMAGE, url, {"detail": "low", "min_pixels": 9}
    )
    film = {"url": url, "fps": 0.5}
    assert part(type="video_url", video_url=film) == Media(MediaKind.VIDEO, url, {"fps": 0.5})
    for sound, source in (
        ({"url": url, "data": None}, url),
        ({"data": "AA==", "format": "mp3"}, "data:audio/mp3;base64,AA=="),
        ({"data": "AA=="}, "data:audio/wav;base64,AA=="),
        ({"data": "data:audio/flac;base64,AA=="}, "data:audio/flac;base64,AA=="),
    ):
        assert part(type="input_audio", input_audio=sound) == Media(MediaKind.AUDIO, source)


@pytest.mark.parametrize("source", ["data:application/pdf;base64,JVBERg==", "file-ab12"])
def test_a_document_is_sent_along_or_named_by_its_id(source: str) -> None:
    field = "file_data" if source.startswith("data:") else "file_id"
    file = {field: source, "filename": "a.pdf"}
    named = Media(MediaKind.FILE, source, {"filename": "a.pdf"})
    assert part(type="file", file=file) == named


def test_a_document_that_is_nowhere_is_refused() -> None:
    error = refusal({"role": "user", "content": [{"type": "file", "file": {"filename": "a"}}]})
    assert isinstance(error, RequestMalformed)


def test_a_sound_that_is_nowhere_is_refused() -> None:
    sound = {"type": "input_audio", "input_audio": {"format": "wav"}}
    error = refusal({"role": "user", "content": [sound]})
    assert isinstance(error, RequestMalformed)
    assert "input_audio" in str(error.facts["field"])


def test_earlier_thought_comes_back_without_its_seal() -> None:
    said = {
        "role": "assistant",
        "content": "Yes.",
        "reasoning_content": "Hm.",
        "encrypted_content": "x",
    }
    assert read(HI, said, HI).messages[1].parts == (Reasoning("Hm."), Text("Yes."))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("repetition_penalty", 1.1),
        ("logit_bias", {"1": 5}),
        ("function_call", "auto"),
        ("service_tier", "fast"),
    ],
)
def test_what_would_change_the_meaning_is_refused_by_name(field: str, value: object) -> None:
    error = refusal(**{field: value})
    assert isinstance(error, FieldUnserved)
    assert error.facts["field"] == field


def test_what_changes_nothing_is_accepted() -> None:
    assert read(repetition_penalty=1, logit_bias={}, service_tier="auto", user="u") == read()


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
SAID = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant"]), "content": WORDS}
)
MESSAGES = st.lists(SAID, min_size=1, max_size=4)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "stream": st.none() | st.booleans(),
        "temperature": st.none() | st.floats(0, 2),
        "top_p": st.none() | st.floats(0, 1),
        "stop": st.none() | st.lists(WORDS.filter(bool), max_size=3),
        "max_completion_tokens": st.none() | st.integers(1, 9_999),
        "reasoning_effort": st.none() | st.sampled_from(["minimal", "low", "medium", "high"]),
        "parallel_tool_calls": st.none() | st.booleans(),
        "response_format": st.none() | st.just({"type": "json_object"}),
    },
)


@given(MESSAGES, FIELDS)
def test_what_both_dialects_can_say_means_the_same_in_both(
    messages: list[dict[str, str]], fields: dict[str, object]
) -> None:
    body = json.dumps({"model": "m", "messages": messages, **fields}).encode()
    assert read_chat(body, wire.ChatBody)[0] == read_openai_chat(body)[0]


@given(MESSAGES, FIELDS)
def test_an_ask_that_is_written_and_read_again_is_the_same(
    messages: list[dict[str, str]], fields: dict[str, object]
) -> None:
    ask = read(*messages, **fields)
    assert read(*[written(message) for message in ask.messages], **words(ask)) == ask


def written(message: Message) -> object:
    return {"role": message.role, "content": message.text}


def words(ask: Ask) -> dict[str, object]:
    """The fields of an ask, in Ark's words, `null` where it leaves a value to the model."""
    sampling, effort = ask.sampling, ask.reasoning.effort
    forms = {"json": {"type": "json_object"}}
    return {
        "stream": not ask.whole,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "stop": list(ask.limits.stop),
        "max_completion_tokens": ask.limits.output,
        "reasoning_effort": effort,
        "parallel_tool_calls": ask.tool_policy.parallel,
        "response_format": forms.get(ask.format.kind),
    }


def test_a_system_message_is_one() -> None:
    assert read({"role": "developer", "content": "x"}).messages == (
        Message(Role.SYSTEM, (Text("x"),)),
    )
    assert cast(str, refusal({"role": "function", "content": "x"}).facts["field"]).endswith("role")
