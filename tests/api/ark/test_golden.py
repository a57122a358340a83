"""Answers as Ark's clients read them, recorded in `golden/ark`, whole and streamed.

`RECORD=1 pytest tests/api/ark/test_golden.py` writes what is answered now into the files; read the
difference before you keep it.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pydantic
import pytest

from seedbed.api.ark.chat import BotChat, Chat
from seedbed.api.ark.embeddings import Embeddings
from seedbed.api.ark.tokenization import Tokenization
from seedbed.api.dialect import Dialect, Reading
from seedbed.core import event as events
from seedbed.core.errors import EngineFailed, SeedbedError
from seedbed.core.event import Event, Failed, Reply
from seedbed.kit.sse import Parser
from tests.api.ark.vendor import TYPES as ARK
from tests.api.recording import RECORDING, cases, made, record

CASES = cases("ark")
BROKE = EngineFailed("m", why="its process ended")
CALLS: Mapping[str, Dialect] = {
    "/chat/completions": Chat(),
    "/bots/chat/completions": BotChat(),
    "/embeddings": Embeddings(),
    "/tokenization": Tokenization(),
}
TYPES: Mapping[str, tuple[type[pydantic.BaseModel], ...]] = {
    "/chat/completions": (ARK.chat.ChatCompletion, ARK.chat.ChatCompletionChunk),
    "/bots/chat/completions": (ARK.bot_chat.BotChatCompletion, ARK.bot_chat.BotChatCompletionChunk),
    "/embeddings": (ARK.CreateEmbeddingResponse,),
    "/tokenization": (ARK.create_tokenization_response.CreateTokenizationResponse,),
}


class Whole(msgspec.Struct):
    status: int
    body: object


class Case(msgspec.Struct, omit_defaults=True):
    """What is asked of which call; the events that answer it; what the caller receives."""

    name: str
    call: str
    request: dict[str, object]
    events: list[dict[str, object]]
    whole: Whole | None = None
    stream: list[object] | None = None

    def read(self, **fields: object) -> Reading:
        body = msgspec.json.encode(self.request | fields)
        return CALLS[self.call].read(body, request_id="req_0123", now=1_800_000_000)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_answer_is_written_as_it_was_recorded_whole_and_streamed(path: Path) -> None:
    case = _read(path)
    told = [_made(one) for one in case.events]
    whole, stream = _whole(case, told), _stream(case, told)
    if RECORDING:
        case.whole, case.stream = whole, stream
        record(path, case)
    assert whole == case.whole
    assert stream == case.stream


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_recorded_has_every_field_that_ark_requires(path: Path) -> None:
    case = _read(path)
    assert case.whole
    whole, *streamed = TYPES[case.call]
    if case.whole.status == 200:
        whole.model_validate(case.whole.body)
    chunks = [sent for sent in case.stream or () if isinstance(sent, dict) and "error" not in sent]
    assert bool(chunks) == bool(streamed)
    for chunk in chunks:
        streamed[0].model_validate(chunk)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_no_piece_of_a_stream_has_a_name_or_an_id_or_an_error_but_the_last(path: Path) -> None:
    case = _read(path)
    streamer = case.read(stream=True).streamer
    if streamer is None:
        assert case.stream is None
        return
    sent = b"".join(streamer.chunk(_made(one)) for one in case.events)
    assert {line.partition(b":")[0] for line in sent.split(b"\n")} == {b"data", b""}
    assert not any(isinstance(one, dict) and "error" in one for one in (case.stream or [])[:-1])


def _read(path: Path) -> Case:
    return msgspec.json.decode(path.read_bytes(), type=Case)


def _made(told: dict[str, object]) -> Event:
    if told["is"] == "Failed":
        return Failed(BROKE)
    return made(told, vars(events))


def _whole(case: Case, told: list[Event]) -> Whole:
    try:
        body = case.read().writer.whole(Reply.of(told))
    except SeedbedError as error:
        problem = CALLS[case.call].problem(error, request_id="req_0123")
        return Whole(problem.status, msgspec.json.decode(problem.body))
    return Whole(200, msgspec.json.decode(body))


def _stream(case: Case, told: list[Event]) -> list[object] | None:
    streamer = case.read(stream=True).streamer
    if streamer is None:
        return None
    sent = b"".join(streamer.chunk(event) for event in told)
    return [
        "[DONE]" if data == b"[DONE]" else msgspec.json.decode(data) for data in Parser().feed(sent)
    ]
