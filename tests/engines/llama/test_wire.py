"""How a conversation is told to the server."""

import msgspec
import pytest

from seedbed.core.ask import Ask, Limits, Sampling
from seedbed.core.errors import RequestMalformed
from seedbed.core.event import Likely, Stop
from seedbed.core.message import Call, Media, MediaKind, Message, Part, Result, Role, Text
from seedbed.engines.llama import wire

PNG = Media(MediaKind.IMAGE, b"\x89PNG\r\n")


def told(role: Role, *parts: Part) -> object:
    body = wire.conversation([Message(role, parts)], Ask("m", ()))
    return body["messages"]


def test_words_are_text_and_pictures_make_a_list() -> None:
    assert told(Role.USER, Text("a"), Text("b")) == [{"role": "user", "content": "ab"}]
    url = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0K"}}
    content = [{"type": "text", "text": "a"}, url]
    assert told(Role.USER, Text("a"), PNG) == [{"role": "user", "content": content}]


@pytest.mark.parametrize(
    ("source", "url"),
    [
        (b"\xff\xd8\xff", "data:image/jpeg;base64,/9j/"),
        (b"?", "data:image/*;base64,Pw=="),
        ("data:image/png;base64,AAAA", "data:image/png;base64,AAAA"),
    ],
)
def test_a_picture_is_sent_as_data(source: str | bytes, url: str) -> None:
    (part,) = wire.content([Media(MediaKind.IMAGE, source)])
    assert part == {"type": "image_url", "image_url": {"url": url}}


def test_calls_and_their_results_are_messages_of_their_own_kind() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    expected = [{"role": "assistant", "content": None, "tool_calls": [call]}]
    assert told(Role.ASSISTANT, Call("1", "f", "{}")) == expected
    (with_words,) = wire.conversation(
        [Message(Role.ASSISTANT, (Text("Hm."), Call("1", "f", "{}")))], Ask("m", ())
    )["messages"]  # type: ignore[misc]  # it is a list
    assert with_words == {"role": "assistant", "content": "Hm.", "tool_calls": [call]}
    results = (Result("1", (Text("a"),)), Result("2", (Text("b"),)))
    assert told(Role.TOOL, *results) == [
        {"role": "tool", "tool_call_id": "1", "content": "a"},
        {"role": "tool", "tool_call_id": "2", "content": "b"},
    ]


def test_a_message_of_nothing_is_empty_words() -> None:
    assert told(Role.USER) == [{"role": "user", "content": ""}]


def test_only_what_was_asked_for_is_told() -> None:
    plain = wire.stream(Ask("m", ()))
    assert set(plain) == {"stream", "timings_per_token", "return_progress"}
    limits, sampling = Limits(output=3, stop=("x",)), Sampling(temperature=0.0, seed=-1)
    full = wire.stream(Ask("m", (), limits=limits, sampling=sampling))
    assert (full["max_tokens"], full["temperature"]) == (3, 0.0)
    assert "stop" not in full  # the engine ends it itself, and knows where


@pytest.mark.parametrize("seed", [-1, (1 << 32) - 1, 1 << 80])
def test_a_seed_is_never_the_one_by_which_a_seed_is_drawn(seed: int) -> None:
    told = wire.stream(Ask("m", (), sampling=Sampling(seed=seed)))["seed"]
    assert isinstance(told, int)
    assert 0 <= told < (1 << 32) - 1


@pytest.mark.parametrize(("top", "asked"), [(0, 1), (3, 3)])
def test_the_likeliest_tokens_are_asked_for_in_the_words_of_each_path(top: int, asked: int) -> None:
    ask = Ask("m", (Message(Role.USER, (Text("a"),)),), sampling=Sampling(logprobs=top))
    chat = wire.conversation(ask.messages, ask)
    assert (chat["logprobs"], chat["top_logprobs"]) == (True, asked)
    assert wire.continuation(ask) == {"prompt": "a", "logprobs": asked}


def test_words_that_are_continued_are_words_alone() -> None:
    with pytest.raises(RequestMalformed, match="a part of kind 'Media'"):
        wire.continuation(Ask("m", (Message(Role.USER, (PNG,)),)))


def test_a_token_has_as_many_alternatives_as_were_asked_for() -> None:
    other = wire.Token("b", None)
    token = wire.Token("a", -0.5, [wire.Token("a", -0.5), other])
    assert token.likely(0) == Likely("a", -0.5)
    assert token.likely(2).top == (Likely("a", -0.5), Likely("b", -9999.0))


def test_a_reason_to_end_that_is_not_known_is_no_end() -> None:
    assert wire.stop("tool_calls") == Stop.CALL
    with pytest.raises(msgspec.ValidationError, match="tired"):
        wire.stop("tired")
