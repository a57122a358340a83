"""What is too much, at every door: bodies without end, JSON without bottom, callers who stop
reading.
"""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import anyio
import anyio.lowlevel
import httpx2
import msgspec
import pytest
from starlette.types import ASGIApp, Message
from structlog.typing import EventDict
from uvicorn.config import Config
from uvicorn.server import ServerState

from seedbed.api.files.form import FRAME
from seedbed.api.intake import LONGEST_BODY
from seedbed.api.limits import Limits
from seedbed.api.listening import Connection
from seedbed.api.openai.write import problem
from seedbed.core.access import Scope
from seedbed.core.message import Text
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.store.database import Database
from tests.api.every_route import (
    LONGEST_FILE,
    MODEL,
    SAID,
    Whole,
    filled,
    furnished,
    is_told,
    whole,
)
from tests.api.running import CHAT, WINDOW, Caller, House, alive, build, make_key
from tests.api.wires import Wire

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

PIECE = 1 << 20
MUCH = 100 << 20
FORM = {"content-type": "multipart/form-data; boundary=b"}
OPENED = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
STREAMS = {
    CHAT: {"messages": SAID},
    "/v1/responses": {"input": "hi"},
    "/v1/messages": {"messages": SAID, "max_tokens": 99_999},
    "/api/v3/chat/completions": {"messages": SAID},
    "/api/v3/responses": {"input": "hi"},
}
"""What is streamed, and the least that it takes."""


@pytest.fixture
async def house(home: Path, database: Database) -> AsyncGenerator[Whole]:
    async with whole(home, database) as opened:
        yield opened


class Endless:
    """A body that is far longer than any that is taken, and how much of it was taken."""

    def __init__(self, begins: bytes = b"") -> None:
        self.sent, self._begins = 0, begins

    async def pieces(self) -> AsyncGenerator[bytes]:
        yield self._begins
        while self.sent < MUCH:
            self.sent += PIECE
            yield b" " * PIECE


async def doors(house: Whole, client: httpx2.AsyncClient) -> list[str]:
    """Every path where something is sent, with things that are there behind it; of Ark's bases,
    which all mean the same, one.
    """
    ids = await furnished(client)
    posted = [path for method, path in house.routes if method == "POST"]
    found = [path for method, path in house.doors.calls if method == "POST"]
    for path in posted:
        found += filled(path, ids) if "{" in path else [path]
    return sorted({path for path in found if not path.startswith(("/api/coding", "/api/plan"))})


@pytest.mark.slow
async def test_no_door_takes_a_hundred_megabytes(house: Whole) -> None:
    """What is refused is refused while it comes, and no more of it is taken than is let in."""
    async with house.client("ours") as client:
        for path in await doors(house, client):
            for headers, begins in (({}, b""), (FORM, OPENED)):
                body = Endless(begins)
                answer = await client.post(path, content=body.pieces(), headers=headers)
                assert body.sent <= max(LONGEST_BODY, LONGEST_FILE + FRAME) + PIECE, path
                assert answer.status_code < 500 or answer.status_code == 501, (path, answer.text)


async def test_no_door_takes_a_byte_of_what_says_that_it_is_too_long(house: Whole) -> None:
    async with house.client("ours") as client:
        for path in sorted(path for _, path in house.doors.calls):
            body = Endless()
            long = {"content-length": str(MUCH)}
            answer = await client.post(path, content=body.pieces(), headers=long)
            assert (answer.status_code, body.sent) == (413, 0), path
            assert is_told(answer, path)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [201, 1_000, 100_000])
async def test_no_door_falls_into_json_without_bottom(house: Whole, depth: int) -> None:
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    async with house.client("ours") as client:
        for path in sorted(path for _, path in house.doors.calls):
            answer = await client.post(path, content=b'{"model":"scripted","x":%b}' % deep)
            assert answer.status_code in {400, 501}, (path, answer.text[:200])
            assert is_told(answer, path)
        for path in await doors(house, client):
            answer = await client.post(path, content=deep)
            assert answer.status_code < 500 or answer.status_code == 501, (path, answer.text)


@pytest.fixture
def engine() -> Scripted:
    """Says more than there is room for."""
    return Scripted("m", window=WINDOW, script=[Text("word " * 60)])


@pytest.fixture
async def talking(home: Path, clock: FakeClock, engine: Scripted) -> AsyncGenerator[House]:
    app = build({"m": engine}, home=home, clock=clock)
    async with alive(app):
        yield House(app, make_key(home, Scope.MODELS), home, clock)


def streamed(path: str) -> bytes:
    return msgspec.json.encode({"model": "m", "stream": True} | STREAMS[path])


@pytest.mark.parametrize("path", STREAMS)
async def test_a_caller_who_takes_nothing_more_stops_the_engine_at_once(
    path: str,
    talking: House,
    engine: Scripted,
    logged: list[EventDict],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("seedbed.api.answer._STALLED_SECONDS", 0.01)
    caller = Caller(streamed(path), key=talking.key, path=path, stalls_after=6)
    await caller.ask(talking.app)
    assert engine.steps <= len(caller.sent)
    assert [event["how"] for event in logged if event["event"] == "caller.gone"] == ["stalled"]


class Full(Wire):
    """A transport whose other end reads nothing: when it is full it says so."""

    protocol: Connection

    def __init__(self, room: int) -> None:
        super().__init__()
        self._room, self.is_full = room, anyio.Event()

    def write(self, data: bytes) -> None:
        super().write(data)
        if len(self.written) > self._room:
            self.protocol.pause_writing()
            self.is_full.set()

    def get_write_buffer_size(self) -> int:
        return len(self.written)


@pytest.mark.parametrize("path", STREAMS)
async def test_no_more_is_held_for_a_caller_who_stops_reading_than_there_is_room_for(
    path: str, talking: House, engine: Scripted
) -> None:
    room = 4 << 10
    wire, state = Full(room), ServerState()
    config = Config(talking.app, ws="none", log_config=None, access_log=False)
    wire.protocol = Connection(config, state, {}, limits=Limits(), problem=problem)
    wire.protocol.connection_made(wire)
    body = streamed(path)
    head = f"POST {path} HTTP/1.1\r\nauthorization: Bearer {talking.key}\r\n"
    wire.protocol.data_received(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
    with anyio.fail_after(60):
        await wire.is_full.wait()
    made = engine.steps
    for _ in range(1_000):
        await anyio.lowlevel.checkpoint()
    assert engine.steps <= made + 2
    assert len(wire.written) <= 2 * room
    wire.protocol.connection_lost(None)
    (task,) = state.tasks
    await task
    assert engine.steps <= made + 3


class Turns:
    """Counts the turns of the loop."""

    def __init__(self) -> None:
        self.count, self._loop = 0, asyncio.get_running_loop()
        self._next = self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self.count += 1
        self._next = self._loop.call_soon(self._turn)

    def end(self) -> None:
        self._next.cancel()


class Timed(Caller):
    """A caller who notes at which turn of the loop the first piece comes, and takes each."""

    def __init__(self, turns: Turns, body: bytes, *, key: str, path: str) -> None:
        super().__init__(body, key=key, path=path)
        self._turns, self._asked, self.waited = turns, turns.count, 0

    async def ask(self, app: ASGIApp) -> None:
        self._asked = self._turns.count
        await super().ask(app)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body" and not self.waited:
            self.waited = self._turns.count - self._asked
        await super().send(message)
        await anyio.lowlevel.checkpoint()


@pytest.mark.slow
@pytest.mark.parametrize("path", STREAMS)
async def test_the_first_piece_of_a_stream_takes_as_many_turns_among_200_as_alone(
    path: str, house: Whole
) -> None:
    said = [{"role": "user", "content": "word " * 200}]
    named = {"messages": said} if "messages" in STREAMS[path] else {"input": said, "store": False}
    body = msgspec.json.encode({"model": MODEL, "stream": True} | STREAMS[path] | named)
    turns, key = Turns(), house.keys["ours"]
    await Caller(body, key=key, path=path).ask(house.app)  # whose key is known from here on
    alone = Timed(turns, body, key=key, path=path)
    await alone.ask(house.app)
    others = [Timed(turns, body, key=key, path=path) for _ in range(199)]
    last = Timed(turns, body, key=key, path=path)
    async with anyio.create_task_group() as asking:
        for other in others:
            asking.start_soon(other.ask, house.app)
        while not all(other.waited for other in others):
            await anyio.lowlevel.checkpoint()
        asking.start_soon(last.ask, house.app)
    turns.end()
    assert last.waited <= alone.waited + 1
    assert max(other.waited for other in others) <= alone.waited + 1
