"""Whatever an upstream sends, what goes on as it came says the same as what we would write."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.openai.chat import ChatWriter
from seedbed.core.access import Scope
from seedbed.core.event import CallDelta, Event, Finished, ReasoningDelta, Reply, TextDelta
from seedbed.core.usage import Usage
from seedbed.engines.upstreams.base import Ended, Piece, Unreadable
from seedbed.engines.upstreams.chunks import Stream
from seedbed.kit import sse
from seedbed.kit.clock import FakeClock
from tests.api.running import CHAT, House, alive, build, make_key
from tests.api.upstream import bare
from tests.engines.upstreams import fake

Change = tuple[str, object]
"""A field and another value of it, or `...` where it is left out."""

FUNCTION = {"name": "f", "arguments": "{"}
FIRST = {"index": 0, "id": "c", "type": "function", "function": FUNCTION}
LATER = {"index": 0, "function": {"arguments": "}"}}
CHANGED_CALL: list[Change] = [
    *(("index", value) for value in (..., None, 1)),
    *(("id", value) for value in (..., None, "", "c", "d")),
    *(("type", value) for value in (..., None)),
    *(("function", value) for value in (..., None, {}, {"name": "g"}, {"arguments": "}"})),
]
CHANGED_SAID: list[Change] = [
    *(("role", value) for value in (..., None, "assistant", "user")),
    *(("content", value) for value in (..., None, "", "a", "\n", "\N{SNOWMAN}")),
    *(("refusal", value) for value in (..., None, "", "no")),
    *(("reasoning", value) for value in (None, "", "hm")),
    *(("reasoning_content", value) for value in (None, "", "hm")),
]
CHANGED_CHOICE: list[Change] = [
    *(("index", value) for value in (..., None, 1)),
    ("logprobs", ...),
    ("logprobs", {"content": [{"token": "a", "logprob": -1}]}),
    ("stop_reason", None),
    *(("finish_reason", value) for value in (..., None, "stop", "tool_calls", "function_call")),
]


def changed(base: dict[str, Any], changes: list[Change]) -> st.SearchStrategy[dict[str, Any]]:
    """The base, with up to two of its fields changed."""

    def apply(chosen: list[Change]) -> dict[str, Any]:
        return {n: value for n, value in (base | dict(chosen)).items() if value is not ...}

    return st.lists(st.sampled_from(changes), max_size=2).map(apply)


def choices(
    name: str, said: dict[str, Any], reason: str | None
) -> st.SearchStrategy[list[dict[str, Any]]]:
    """One choice or, seldom, several; `name` is where what is said stands."""
    calls = st.lists(changed(FIRST, CHANGED_CALL) | changed(LATER, CHANGED_CALL), max_size=2)
    words = changed(said, CHANGED_SAID)

    def call(said: dict[str, Any], calls: list[dict[str, Any]]) -> dict[str, Any]:
        return said | {"tool_calls": calls, "content": None}

    def choose(base: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
        return base | {name: said}

    base = {"index": 0, "logprobs": None, "finish_reason": reason}
    saids = words | st.builds(call, words, calls)
    one = st.builds(choose, changed(base, CHANGED_CHOICE), saids)
    return st.lists(one, min_size=1, max_size=1) | st.lists(one, max_size=2)


CHUNKS = st.lists(choices("delta", {"content": "a"}, None), max_size=4)
MESSAGE = {"role": "assistant", "content": "a", "refusal": None}
WHOLES = choices("message", MESSAGE, "stop") | choices("message", MESSAGE, "tool_calls")


@given(CHUNKS)
def test_a_stream_that_goes_on_as_it_came_adds_up_to_the_same(sent: list[object]) -> None:
    reader = Stream()
    events: list[Event] = []
    try:
        for choices in sent:
            events += _deltas(reader.read(msgspec.json.encode({"choices": choices})))
    except Unreadable:
        return
    assert _added_up(events) == _added_up(bare(events))


@given(WHOLES)
def test_a_whole_answer_that_goes_on_as_it_came_is_the_same(sent: list[object]) -> None:
    try:
        pieces = Stream().whole(msgspec.json.encode({"choices": sent}))
    except Unreadable:
        return
    for end in [piece for piece in pieces if isinstance(piece, Ended) and piece.wire]:
        events = [*_deltas(pieces), Finished(end.stop, Usage(), wire=end.wire)]
        forwarded, written = (_choice(told) for told in (events, bare(events)))
        assert forwarded | written | {"message": None} == forwarded | {"message": None}
        assert _known(forwarded["message"]) == _known(written["message"])


@pytest.mark.anyio
async def test_what_an_upstream_says_goes_all_the_way_to_the_caller(
    home: Path, clock: FakeClock
) -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 2}
    piece = {"index": 0, "delta": {"content": "a"}, "logprobs": None, "finish_reason": None}
    whole = {"index": 0, "message": MESSAGE, "logprobs": None, "finish_reason": "stop"}
    chunk = {"id": "theirs", "choices": [piece | {"theirs": 7}], "usage": usage}
    sent = (
        fake.stream(chunk, fake.chunk(reason="stop", usage=usage), "[DONE]"),
        fake.whole({"id": "theirs", "choices": [whole | {"theirs": 7}], "usage": usage}),
    )
    asked = {"model": "mine", "messages": [{"role": "user", "content": "hi"}]}
    async with fake.speaking(*sent) as upstream, fake.engine_of(fake.spec(upstream.url)) as engine:
        app = build({"mine": engine}, home=home, clock=clock)
        async with alive(app):
            client = House(app, make_key(home, Scope.MODELS), home, clock).client()
            stream = (await client.post(CHAT, json=asked | {"stream": True})).content
            body = (await client.post(CHAT, json=asked)).json()
    assert [one.body["stream"] for one in upstream.asked] == [True, False]
    datas = sse.Parser().feed(stream)
    assert [b'"theirs":7' in data.replace(b" ", b"") for data in datas] == [
        False,
        True,
        False,
        False,
    ]
    assert body["choices"] == [whole | {"theirs": 7}]
    assert body["usage"]["total_tokens"] == 11
    assert "theirs" not in {body["id"], body["model"]}


def _deltas(pieces: Sequence[Piece]) -> list[Event]:
    return [one for one in pieces if isinstance(one, TextDelta | ReasoningDelta | CallDelta)]


def _writer() -> ChatWriter:
    return ChatWriter({"id": "i"}, include_usage=False)


def _choice(events: list[Event]) -> dict[str, Any]:
    return msgspec.json.decode(_writer().whole(Reply.of(events)))["choices"][0]


def _known(message: dict[str, Any]) -> dict[str, Any]:
    """What clients read of a message; calls without what only pieces have."""
    calls = [
        {name: call[name] for name in ("id", "type", "function")}
        for call in message.get("tool_calls") or ()
    ]
    words = {name: message[name] for name in ("role", "content", "refusal")}
    return words | {"thought": message.get("reasoning_content") or None, "calls": calls}


def _added_up(events: list[Event]) -> dict[str, Any]:
    """A stream as clients add it up: texts are joined, calls are told apart by their numbers."""
    writer = _writer()
    sum_: dict[str, Any] = {"logprobs": []}
    for data in sse.Parser().feed(b"".join(map(writer.chunk, events))):
        (choice,) = msgspec.json.decode(data)["choices"]
        assert (choice["index"], choice["finish_reason"]) == (0, None)
        sum_["logprobs"] += [choice["logprobs"]] if choice["logprobs"] else []
        _add(sum_, choice["delta"])
    return sum_


def _add(sum_: dict[str, Any], delta: dict[str, Any]) -> None:
    for name, value in delta.items():
        if name == "tool_calls":
            for call in value or ():
                _add(sum_.setdefault(f"call {call['index']}", {}), call)
        elif isinstance(value, dict):
            _add(sum_.setdefault(name, {}), value)
        elif isinstance(value, str) and value and name != "type":
            sum_[name] = sum_.get(name, "") + value
