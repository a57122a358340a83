"""Model calls over HTTP: what comes back, and what becomes of the work when nobody waits for it."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from pathlib import Path

import anyio
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Message
from structlog.typing import EventDict

from seedbed.api.guard import Guard
from seedbed.api.intake import LONGEST_BODY
from seedbed.api.openai import wire
from seedbed.api.stopping import Stopping
from seedbed.core.access import Scope
from seedbed.core.ask import Ask
from seedbed.core.errors import (
    CapacityExceeded,
    EngineFailed,
    EngineStarting,
    LedgerUnavailable,
    RequestMalformed,
    StoreUnusable,
)
from seedbed.core.event import Event, Started, TextDelta
from seedbed.core.message import Media, MediaKind, Text
from seedbed.engines.base import Engine
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.kit.sse import Parser
from tests.api.engines import Reader
from tests.api.running import (
    CHAT,
    COMPLETIONS,
    EMBEDDINGS,
    RERANK,
    WINDOW,
    Caller,
    House,
    alive,
    build,
    make_key,
)
from tests.examples import examples

pytestmark = pytest.mark.anyio

ASK: dict[str, object] = {"model": "m", "messages": [{"role": "user", "content": "Say it."}]}
LEAST: dict[str, dict[str, object]] = {
    CHAT: ASK,
    COMPLETIONS: {"model": "m", "prompt": "Say it."},
    EMBEDDINGS: {"model": "m", "input": ["a", "b c"]},
    RERANK: {"model": "m", "query": "a", "documents": ["a", "b"]},
}
"""The least that each call needs."""
Opened = Callable[[Engine], AbstractAsyncContextManager[House]]


@pytest.fixture
def opened(home: Path, clock: FakeClock) -> Opened:
    """A house whose model `m` answers by that engine."""

    @asynccontextmanager
    async def with_engine(engine: Engine) -> AsyncGenerator[House]:
        app = build({"m": engine}, home=home, clock=clock)
        async with alive(app):
            yield House(app, make_key(home, Scope.MODELS), home, clock)

    return with_engine


def body(**fields: object) -> bytes:
    return json.dumps(ASK | fields).encode()


def scripted(text: str = "one two three", **options: object) -> Scripted:
    return Scripted("m", window=WINDOW, script=[Text(text)], **options)  # type: ignore[arg-type]  # as Scripted has them


class Silent(Scripted):
    """An engine that breaks its contract: it ends without an end, after so many words."""

    def __init__(self, words: int) -> None:
        super().__init__("m", window=WINDOW)
        self._words = words

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        del ask
        for at in range(self._words):
            yield TextDelta(f"{at} ") if at else Started("m")


class Broken(Scripted):
    """An engine with a fault that nobody foresaw, before its first event."""

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        raise ZeroDivisionError(ask.model)
        yield Started("m")


async def test_an_answer_comes_whole_or_as_it_is_made(opened: Opened) -> None:
    async with opened(scripted()) as house, house.client() as client:
        whole = await client.post(CHAT, content=body())
        streamed = await client.post(CHAT, content=body(stream=True))
    assert whole.headers["content-type"] == "application/json"
    assert whole.headers["content-length"] == str(len(whole.content))
    assert whole.json()["choices"][0]["message"]["content"] == "one two three"
    assert streamed.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert streamed.headers["cache-control"] == "no-store"
    *chunks, end = Parser().feed(streamed.content)
    deltas = [json.loads(chunk)["choices"][0]["delta"] for chunk in chunks]
    assert [delta.get("content") for delta in deltas] == ["", "one", " two", " three", None]
    assert end == b"[DONE]"


async def test_the_answers_name_is_the_requests_and_its_time_the_houses(opened: Opened) -> None:
    async with opened(scripted()) as house, house.client() as client:
        answer = await client.post(CHAT, content=body())
    request = answer.headers["x-request-id"]
    assert answer.json()["id"] == request.replace("req_", "chatcmpl-")
    assert answer.json()["seedbed"]["request_id"] == request
    assert answer.json()["created"] == int(house.clock.wall())


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (EngineFailed("m", why="its process ended"), 502, {}),
        (CapacityExceeded("m", places=4), 429, {"retry-after": "1"}),
        (EngineStarting("m", state="loading", retry_after=7), 503, {"retry-after": "7"}),
        (LedgerUnavailable("disk full"), 503, {"retry-after": "5"}),
    ],
)
async def test_a_failure_before_the_answer_is_a_status_even_where_a_stream_was_wanted(
    opened: Opened, error: EngineFailed, status: int, headers: dict[str, str], *, stream: bool
) -> None:
    async with opened(scripted(error=error)) as house, house.client() as client:
        answer = await client.post(CHAT, content=body(stream=stream))
    assert answer.status_code == status
    assert answer.json()["error"]["message"] == str(error)
    assert answer.headers["content-type"] == "application/json"
    assert headers.items() <= dict(answer.headers).items()


async def test_a_late_failure_is_told_in_band_and_never_as_an_end(opened: Opened) -> None:
    engine = scripted(error=EngineFailed("m", why="its process ended"), fails_after=2)
    async with opened(engine) as house, house.client() as client:
        answer = await client.post(CHAT, content=body(stream=True))
    assert answer.status_code == 200
    assert b"[DONE]" not in answer.content
    last = json.loads(Parser().feed(answer.content)[-1])
    assert last["error"]["code"] == "engine_failed"


@pytest.mark.parametrize("words", [0, 3])
async def test_a_stream_that_is_cut_off_is_never_told_as_an_end(opened: Opened, words: int) -> None:
    async with opened(Silent(words)) as house, house.client() as client:
        whole = await client.post(CHAT, content=body())
        streamed = await client.post(CHAT, content=body(stream=True))
    assert whole.status_code == 502
    assert b"[DONE]" not in streamed.content
    told = streamed.json() if words == 0 else json.loads(Parser().feed(streamed.content)[-1])
    assert told["error"]["code"] == "engine_failed"
    assert streamed.status_code == (502 if words == 0 else 200)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_fault_that_nobody_foresaw_is_a_500_with_a_name_to_look_up(
    opened: Opened, logged: list[EventDict], *, stream: bool
) -> None:
    async with opened(Broken("m", window=WINDOW)) as house, house.client() as client:
        answer = await client.post(CHAT, content=body(stream=stream))
        after = await client.get("/healthz")
    assert answer.status_code == 500
    assert answer.json()["error"]["type"] == "server_error"
    assert "ZeroDivisionError" not in answer.text
    (broke,) = [line for line in logged if line["event"] == "request.broke"]
    assert broke["request"] == answer.headers["x-request-id"]
    assert broke["path"] == CHAT
    assert after.status_code == 200


async def test_a_fault_that_nobody_foresaw_in_mid_stream_breaks_off_without_an_end(
    opened: Opened, logged: list[EventDict]
) -> None:
    unplayable = Scripted("m", window=WINDOW, script=[Media(MediaKind.IMAGE, b"")])
    async with opened(unplayable) as house:
        caller = Caller(body(stream=True), key=house.key)
        await house.app(caller.scope, caller.receive, caller.send)
    assert caller.sent[0]["status"] == 200
    assert all(message.get("more_body") for message in caller.sent[1:])
    assert "[DONE]" not in caller.text
    assert [line["event"] for line in logged].count("request.broke") == 1


def settled(house: House) -> list[tuple[str, int]]:
    """How each request ended in the books, and with how many words."""
    return [(entry.stop, entry.usage.output) for entry in house.ledger.entries(last=10)]


async def test_a_caller_who_leaves_in_mid_stream_stops_the_work_and_pays_for_what_was_done(
    opened: Opened,
) -> None:
    engine = scripted("word " * 50)
    async with opened(engine) as house:
        caller = Caller(body(stream=True), key=house.key, leaves_after=5)
        await house.app(caller.scope, caller.receive, caller.send)
    words = caller.text.count('"content":"') - 1  # the first chunk has a role and no word
    assert words == 3
    assert engine.steps <= words + 1
    assert settled(house) == [("cancelled", engine.steps)]


class Noticed(Scripted):
    """An engine that tells when it has made its third word."""

    def __init__(self) -> None:
        super().__init__("m", window=WINDOW, script=[Text("word " * 50)])
        self.told = anyio.Event()

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        async with aclosing(super().generate(ask)) as events:
            async for event in events:
                if self.steps == 3:
                    self.told.set()
                yield event


async def test_a_caller_who_leaves_before_a_whole_answer_stops_the_work_and_pays_for_it(
    opened: Opened,
) -> None:
    engine = Noticed()
    async with opened(engine) as house:
        caller = Caller(body(), key=house.key, leaves_with=engine.told)
        await house.app(caller.scope, caller.receive, caller.send)
    assert caller.sent == []
    assert 3 <= engine.steps <= 4
    assert settled(house) == [("cancelled", engine.steps)]


async def test_a_caller_who_leaves_at_once_pays_nothing(opened: Opened) -> None:
    engine = scripted()
    async with opened(engine) as house:
        caller = Caller(body(), key=house.key, leaves_after=0)
        await house.app(caller.scope, caller.receive, caller.send)
    assert caller.sent == []
    assert engine.asked == []
    assert settled(house) == []


async def test_a_caller_who_leaves_after_the_answer_pays_for_all_of_it(opened: Opened) -> None:
    engine = scripted()
    async with opened(engine) as house:
        caller = Caller(body(), key=house.key, leaves_after=2)
        await house.app(caller.scope, caller.receive, caller.send)
    assert settled(house) == [("end", 3)]


async def test_a_caller_who_leaves_while_sending_has_asked_nothing(
    opened: Opened, logged: list[EventDict]
) -> None:
    engine = scripted()
    messages: list[Message] = [
        {"type": "http.request", "body": b'{"model":', "more_body": True},
        {"type": "http.disconnect"},
    ]
    async with opened(engine) as house:
        caller = Caller(b"", key=house.key)

        async def receive() -> Message:
            return messages.pop(0)

        await house.app(caller.scope, receive, caller.send)
    assert caller.sent == []
    assert engine.asked == []
    assert settled(house) == []
    assert {"request.refused", "caller_left"} <= {
        word for line in logged for word in (line["event"], line.get("code"))
    }


async def test_only_leaving_stops_the_work(opened: Opened) -> None:
    engine = scripted()
    async with opened(engine) as house:
        caller = Caller(body(), key=house.key, stray=3)
        await house.app(caller.scope, caller.receive, caller.send)
    assert settled(house) == [("end", 3)]


async def test_a_body_in_many_pieces_is_put_together(opened: Opened) -> None:
    async def pieces() -> AsyncGenerator[bytes]:
        whole = body()
        for at in range(0, len(whole), 7):
            yield whole[at : at + 7]

    async with opened(scripted()) as house, house.client() as client:
        answer = await client.post(CHAT, content=pieces())
    assert answer.status_code == 200


async def test_a_body_over_the_limit_is_refused_before_the_rest_of_it_is_read(
    opened: Opened,
) -> None:
    sent = 0

    async def endless() -> AsyncGenerator[bytes]:
        nonlocal sent
        while True:
            sent += 1 << 20
            yield b" " * (1 << 20)

    async with opened(scripted()) as house, house.client() as client:
        answer = await client.post(CHAT, content=endless())
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "request_too_large"
    assert f"{LONGEST_BODY:,} bytes" in answer.json()["error"]["message"]
    assert sent == LONGEST_BODY + (1 << 20)


@pytest.mark.parametrize("path", [path for path in LEAST if path != CHAT])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_another_method_is_refused_with_the_one_that_is_taken(
    house: House, method: str, path: str
) -> None:
    async with house.client() as client:
        answer = await client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.json()["error"]["code"] == "path_unknown"
    assert "This path takes POST." in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", LEAST)
async def test_every_call_is_settled_under_the_name_that_its_answer_has(
    opened: Opened, path: str
) -> None:
    engine = Reader() if path in {EMBEDDINGS, RERANK} else scripted()
    async with opened(engine) as house, house.client() as client:
        answer = await client.post(path, json=LEAST[path])
    assert answer.status_code == 200
    (entry,) = house.ledger.entries(last=10)
    assert entry.request_id == answer.headers["x-request-id"]
    assert answer.json()["seedbed"]["request_id"] == entry.request_id
    assert entry.usage.input == answer.json()["usage"]["prompt_tokens"] > 0


@pytest.mark.parametrize("path", LEAST)
async def test_no_call_is_answered_without_a_key(house: House, path: str) -> None:
    async with house.client(authorization="Bearer nobody") as client:
        answer = await client.post(path, json=LEAST[path])
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize("path", [CHAT, COMPLETIONS])
async def test_what_the_engine_refuses_is_named_as_the_call_names_it(
    opened: Opened, path: str
) -> None:
    error = RequestMalformed("W.", hint="H.", field="format.schema")
    async with opened(scripted(error=error)) as house, house.client() as client:
        whole = await client.post(path, json=LEAST[path])
        streamed = await client.post(path, json=LEAST[path] | {"stream": True})
    assert (whole.status_code, streamed.status_code) == (400, 400)
    for answer in (whole, streamed):
        assert answer.json()["error"]["param"] == "response_format.schema"


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer  ", "Basic dTpw"])
async def test_who_brings_no_key_is_told_how_to_bring_one(
    house: House, authorization: str | None
) -> None:
    async with house.client() as client:
        del client.headers["authorization"]
        headers = {"authorization": authorization} if authorization is not None else {}
        answer = await client.post(CHAT, content=body(), headers=headers)
    assert answer.status_code == 401
    assert "Authorization: Bearer KEY" in answer.json()["error"]["message"]
    assert answer.json()["error"]["code"] == "invalid_api_key"


async def test_a_key_without_the_right_to_ask_models_is_told_which_right_it_lacks(
    house: House,
) -> None:
    bare = make_key(house.home, name="bare")
    async with house.client(authorization=f"Bearer {bare}") as client:
        answer = await client.post(CHAT, content=body(model="scripted"))
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "scope_missing"
    assert "'models'" in answer.json()["error"]["message"]


async def test_a_caller_who_stops_reading_holds_the_engine_no_longer(
    opened: Opened, logged: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedbed.api.answer._STALLED_SECONDS", 0.01)
    engine = scripted("word " * 50)
    async with opened(engine) as house:
        caller = Caller(body(stream=True), key=house.key, stalls_after=4)
        await house.app(caller.scope, caller.receive, caller.send)
    assert engine.steps <= 3
    assert [stop for stop, _ in settled(house)] == ["cancelled"]
    gone = [event["how"] for event in logged if event["event"] == "caller.gone"]
    assert gone == ["stalled"]


class Slow(Scripted):
    """An engine that thinks for longer than a caller may take nothing."""

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        async with aclosing(super().generate(ask)) as events:
            async for event in events:
                yield event
                await anyio.sleep(0.01)


async def test_a_caller_who_waits_for_a_slow_model_is_not_taken_for_one_who_stopped_reading(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedbed.api.answer._STALLED_SECONDS", 0.001)
    async with opened(Slow("m", window=WINDOW, script=[Text("one two")])) as house:
        caller = Caller(body(stream=True), key=house.key)
        await house.app(caller.scope, caller.receive, caller.send)
    assert "[DONE]" in caller.text


class Taking(Caller):
    """A caller who takes each message after a moment, as a real connection may."""

    async def send(self, message: Message) -> None:
        await anyio.lowlevel.checkpoint()
        await super().send(message)


class Stuck(Scripted):
    """An engine that says one word, and once that is on its way nothing more."""

    def __init__(self) -> None:
        super().__init__("m", window=WINDOW, script=[Text("one two three")])
        self.is_stuck = anyio.Event()

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        async with aclosing(super().generate(ask)) as events:
            async for event in events:
                yield event
                if isinstance(event, TextDelta):
                    self.is_stuck.set()
                    await anyio.sleep_forever()


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_that_the_server_waits_for_no_longer_says_so(
    home: Path, clock: FakeClock, *, stream: bool
) -> None:
    engine, stopping = Stuck(), Stopping()
    app = build({"m": engine}, home=home, clock=clock, stopping=stopping)
    caller = Taking(body(stream=stream), key=make_key(home, Scope.MODELS))
    async with alive(app), anyio.create_task_group() as tasks:
        tasks.start_soon(caller.ask, app)
        await engine.is_stuck.wait()
        await caller.is_watched.wait()
        stopping.cut()
    assert caller.sent[0]["status"] == (200 if stream else 503)
    assert "server_stopping" in caller.text
    assert "[DONE]" not in caller.text
    assert not caller.sent[-1].get("more_body")
    assert settled(House(app, "", home, clock)) == [("cancelled", 1)]
    assert stopping.under_way == set()


async def test_a_whole_answer_that_has_begun_to_be_sent_is_broken_off_in_silence(
    home: Path, clock: FakeClock
) -> None:
    stopping = Stopping()
    app = build({"m": scripted()}, home=home, clock=clock, stopping=stopping)
    caller = Caller(body(), key=make_key(home, Scope.MODELS), stalls_after=1)
    async with alive(app), anyio.create_task_group() as tasks:
        tasks.start_soon(caller.ask, app)
        while not caller.sent:
            await anyio.lowlevel.checkpoint()
        stopping.cut()
    assert [message["type"] for message in caller.sent] == ["http.response.start"]
    assert settled(House(app, "", home, clock)) == [("end", 3)]


async def test_why_keys_cannot_be_read_is_told_to_the_operator_alone(
    opened: Opened, logged: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def admit(*_: object) -> None:
        raise StoreUnusable("The database is damaged.", hint="H.", reason="R")

    monkeypatch.setattr(Guard, "admit", admit)
    async with opened(scripted()) as house, house.client() as client:
        answer = await client.post(CHAT, content=body())
    assert answer.status_code == 503
    assert "damaged" not in answer.text
    (unready,) = [line for line in logged if line["event"] == "request.unready"]
    assert unready["why"] == "The database is damaged."


async def test_a_key_is_never_in_a_log_nor_in_an_answer(
    house: House, clock: FakeClock, logged: list[EventDict]
) -> None:
    wrong = "sb-" + "w" * 43
    async with house.client() as client:
        fine = await client.post(CHAT, content=body(model="scripted"))
        refused = await client.post(
            CHAT, content=body(), headers={"authorization": f"Bearer {wrong}"}
        )
        short = await client.post(CHAT, content=body(), headers={"authorization": "Bearer hunter2"})
    assert (fine.status_code, refused.status_code, short.status_code) == (200, 401, 401)
    await clock.advance(1)
    told = f"{logged} {fine.headers} {fine.text} {refused.text} {short.text}"
    for secret in (house.key, wrong, "hunter2"):
        assert secret not in told
    assert "sb-wwww..." in refused.json()["error"]["message"]
    assert "request.settled" in told


async def test_what_is_said_is_never_in_a_log(house: House, logged: list[EventDict]) -> None:
    said = [{"role": "user", "content": "my secret wish"}]
    async with house.client() as client:
        answer = await client.post(CHAT, content=body(model="scripted", messages=said))
    assert "secret wish" in answer.text
    assert "secret wish" not in str(logged)


@pytest.mark.parametrize("depth", [200, 900, 969, 970, 971, 972, 973, 999, 100_000])
async def test_no_nesting_brings_the_house_down(house: House, depth: int) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": "X"}}
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    async with house.client() as client:
        answer = await client.post(
            CHAT, content=body(model="scripted", tools=[tool]).replace(b'"X"', deep)
        )
    assert answer.status_code == 400


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
KINDS: dict[str, type[msgspec.Struct]] = {
    CHAT: wire.ChatBody,
    COMPLETIONS: wire.CompletionBody,
    EMBEDDINGS: wire.EmbeddingBody,
    RERANK: wire.RerankBody,
}


@st.composite
def sent(draw: st.DrawFn) -> tuple[str, str]:
    """A path, and what is sent there: a request that is nearly right, any JSON, or any text."""
    path = draw(st.sampled_from(sorted(KINDS)))
    fields = st.sampled_from(sorted(KINDS[path].__struct_encode_fields__))
    wrong = st.dictionaries(fields, VALUES, max_size=3)
    nearly = wrong.map(lambda told: LEAST[path] | {"model": "scripted"} | told)
    return path, draw((VALUES | nearly).map(json.dumps) | st.text())


@settings(
    examples(300),
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # one house for all is meant
)
@given(asked=sent())
async def test_no_json_whatever_is_a_fault_of_the_house(
    house: House, asked: tuple[str, str]
) -> None:
    path, text = asked
    async with house.client() as client:
        answer = await client.post(path, content=text.encode(errors="surrogatepass"))
    assert answer.status_code < 500
    if answer.status_code != 200:
        assert answer.json()["error"]["message"]
