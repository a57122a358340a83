"""Which choices go on as they came."""

import json
from typing import Any

import pytest

from seedbed.core.event import CHAT_CHOICES, CHAT_WHOLE, CallDelta, ReasoningDelta, TextDelta, Wire
from seedbed.engines.upstreams.base import Ended, Piece
from seedbed.engines.upstreams.chunks import Stream

TOLD = Wire(CHAT_CHOICES, b"")


def piece(**fields: Any) -> dict[str, Any]:
    """A choice of a chunk as OpenAI sends it."""
    return {
        "index": 0,
        "delta": {"content": "hi"},
        "logprobs": None,
        "finish_reason": None,
    } | fields


def message(**fields: Any) -> dict[str, Any]:
    """A choice of a whole answer as OpenAI sends it."""
    said = {"role": "assistant", "content": "hi", "refusal": None} | fields
    return {"index": 0, "message": said, "logprobs": None, "finish_reason": "stop"}


def without(choice: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in choice.items() if name not in names}


def call(index: int | None, **fields: Any) -> dict[str, Any]:
    function = {"name": "f", "arguments": "{"}
    return {"index": index, "id": "c", "type": "function", "function": function} | fields


def wires(*sent: bytes) -> list[Wire | None]:
    """What the deltas of some chunks carry."""
    reader = Stream()
    pieces = [one for data in sent for one in reader.read(data)]
    deltas = [one for one in pieces if isinstance(one, TextDelta | ReasoningDelta | CallDelta)]
    return [delta.wire for delta in deltas]


def choices(*sent: object) -> list[bytes]:
    """Choices as bytes, one of each chunk."""
    return [json.dumps([choice], ensure_ascii=False).encode() for choice in sent]


def chunks(*sent: object) -> list[bytes]:
    return [b'{"id":"theirs","choices":' + one + b"}" for one in choices(*sent)]


def wire_of(body: bytes) -> Wire | None:
    """What the end of a whole answer carries."""
    pieces: list[Piece] = list(Stream().whole(body))
    (wire,) = [one.wire for one in pieces if isinstance(one, Ended)]
    return wire


@pytest.mark.parametrize(
    "choice",
    [
        piece(),
        piece(delta={"content": "\N{SNOWMAN}", "tool_calls": None, "theirs": {"a": [1]}}),
        piece(delta={"reasoning_content": "hm"}),
        piece(delta={"content": "hi", "reasoning": None, "refusal": None, "role": None}),
        piece(theirs=None, stop_reason=None, text=None),
        piece(delta={"tool_calls": [call(0)]}),
    ],
)
def test_a_piece_that_says_what_we_would_goes_on_as_it_came(choice: dict[str, Any]) -> None:
    (raw,) = choices(choice)
    assert wires(*chunks(choice)) == [Wire(CHAT_CHOICES, raw)]


@pytest.mark.parametrize(
    "choice",
    [
        without(piece(), "index"),
        without(piece(), "logprobs"),
        without(piece(), "finish_reason"),
        piece(finish_reason=""),
        piece(finish_reason="stop"),
        piece(logprobs={"content": []}),
        piece(logprobs={"content": [{"token": "a", "logprob": -1}]}),
        piece(text="more"),
        piece(delta={"role": "assistant", "content": "hi"}),
        piece(delta={"refusal": "no"}),
        piece(delta={"content": "hi", "refusal": "no"}),
        piece(delta={"reasoning": "hm"}),
        piece(delta={"content": "hi", "reasoning": "hm"}),
        piece(delta={"tool_calls": [call(1)]}),
        piece(delta={"tool_calls": [call(None)]}),
        piece(delta={"tool_calls": [call(0, id=None)]}),
        piece(delta={"tool_calls": [call(0, type=None)]}),
        piece(delta={"tool_calls": [call(0, function={"name": "f"})]}),
        without(piece(text="hi"), "delta"),
    ],
)
def test_a_piece_that_says_it_otherwise_is_told_by_its_events(choice: dict[str, Any]) -> None:
    assert set(wires(*chunks(choice))) == {None}


@pytest.mark.parametrize(
    ("later", "goes_on"),
    [
        ({"index": 0, "function": {"arguments": "}"}}, True),
        ({"index": 0, "id": None, "function": {"name": None, "arguments": "}"}}, True),
        ({"index": 0, "id": "c", "function": {"arguments": "}"}}, False),
        ({"index": 0, "id": "", "function": {"arguments": "}"}}, False),
        ({"index": 0, "function": {"name": "f", "arguments": "}"}}, False),
        ({"index": 0, "function": {"name": None, "arguments": None}}, False),
        ({"index": 0}, False),
    ],
)
def test_clients_add_up_the_names_of_calls_so_each_is_told_once(
    later: dict[str, Any], *, goes_on: bool
) -> None:
    sent = piece(delta={"tool_calls": [call(0)]}), piece(delta={"tool_calls": [later]})
    first, second = wires(*chunks(*sent))
    assert first is not None
    assert (second is not None) is goes_on


def test_of_several_deltas_in_one_piece_the_first_brings_its_bytes() -> None:
    choice = piece(delta={"reasoning_content": "hm", "content": "hi", "tool_calls": [call(0)]})
    (raw,) = choices(choice)
    assert wires(*chunks(choice)) == [Wire(CHAT_CHOICES, raw), TOLD, TOLD]


def test_pieces_that_say_nothing_bring_nothing() -> None:
    assert wires(*chunks(piece(delta={"role": "assistant", "content": ""}), piece(delta={}))) == []


def test_one_of_several_answers_does_not_go_on_with_the_others() -> None:
    several = json.dumps({"choices": [piece(), piece(index=1)]}).encode()
    assert wires(several) == [None]
    tooled = json.dumps({"choices": [piece(delta={"tool_calls": [call(0)]}), piece()]}).encode()
    assert wires(tooled) == [None, None]


@pytest.mark.parametrize(
    "raw",
    [
        b'[{"index":0,"delta":{"content":"hi"},\n"logprobs":null,"finish_reason":null}]',
        b'[{"index":0,"delta":{"content":"hi"},\r"logprobs":null,"finish_reason":null}]',
        b'[{"index":0,"delta":{"content":"hi"},"logprobs":null,"finish_reason":null,"x":"\xff"}]',
    ],
)
def test_what_cannot_stand_in_a_line_of_text_does_not_go_on(raw: bytes) -> None:
    assert wires(b'{"choices":' + raw + b"}") == [None]


TOOLED = message(content=None, tool_calls=[call(0)]) | {"finish_reason": "tool_calls"}


@pytest.mark.parametrize(
    "choice",
    [
        message(),
        message(content=""),
        message(reasoning_content="hm", annotations=[], tool_calls=None),
        message() | {"finish_reason": "length", "stop_reason": None},
        message() | {"finish_reason": "content_filter"},
        message(tool_calls=[]),
        TOOLED,
        message(tool_calls=[call(None), call(None, id="d")]) | {"finish_reason": "tool_calls"},
    ],
)
def test_a_whole_answer_that_says_what_we_would_goes_on_as_it_came(choice: dict[str, Any]) -> None:
    raw = json.dumps([choice], indent=1).encode()
    assert wire_of(b'{"choices":' + raw + b"}") == Wire(CHAT_WHOLE, raw)


@pytest.mark.parametrize(
    "choice",
    [
        without(message(), "index"),
        without(message(), "logprobs"),
        message() | {"logprobs": {"content": [{"token": "hi", "logprob": -1}]}},
        message() | {"finish_reason": "function_call"},
        message() | {"finish_reason": "tool_calls"},
        message() | {"message": {"content": "hi", "role": "assistant"}},
        message() | {"text": "more"},
        message(role="user"),
        message(refusal="no"),
        message(reasoning="hm"),
        message(content=None),
        TOOLED | {"finish_reason": "stop"},
        message(content="", tool_calls=[call(0)]) | {"finish_reason": "tool_calls"},
        message(content=None, tool_calls=[call(0, type=None)]) | {"finish_reason": "tool_calls"},
        message(content=None, tool_calls=[call(0, id="")]) | {"finish_reason": "tool_calls"},
        {"index": 0, "text": "hi", "logprobs": None, "finish_reason": "stop"},
    ],
)
def test_a_whole_answer_that_says_it_otherwise_is_told_by_its_events(
    choice: dict[str, Any],
) -> None:
    assert wire_of(json.dumps({"choices": [choice]}).encode()) is None


def test_a_whole_answer_that_is_no_text_does_not_go_on() -> None:
    body = json.dumps({"choices": [message(theirs="?")]}).encode()
    assert wire_of(body) is not None
    assert wire_of(body.replace(b"?", b"\xff")) is None
    assert wire_of(json.dumps({"choices": [message(), message() | {"index": 1}]}).encode()) is None
