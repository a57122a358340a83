"""What one connection may make the server hold, and until when. Time is told, never waited for."""

import asyncio
import inspect
from collections.abc import Callable
from math import inf

import anyio
import httptools
import pytest
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from seedbed.api.limits import LONG_BODY
from seedbed.api.listening import Connection
from tests.api.wires import GET, HEAD, Door, Room

pytestmark = pytest.mark.anyio


@pytest.fixture
async def door() -> Door:
    opened = Door()
    opened.lets.set()
    return opened


@pytest.fixture
async def room(door: Door) -> Room:
    return Room(door)


def now() -> float:
    return asyncio.get_running_loop().time()


async def settled() -> None:
    for _ in range(5):
        await anyio.lowlevel.checkpoint()


async def test_a_request_is_answered_and_the_connection_kept(door: Door, room: Room) -> None:
    connection, wire = room.connect()
    connection.data_received(HEAD + b"abc")
    await settled()
    assert (wire.status, door.bodies) == (200, [b"abc"])
    connection.look(now() + 74)
    assert not wire.is_closed
    connection.look(now() + 76)
    assert wire.is_closed


async def test_a_connection_that_never_speaks_is_closed(room: Room) -> None:
    connection, wire = room.connect()
    connection.look(now() + 9)
    assert not wire.is_closed
    connection.look(now() + 11)
    assert wire.is_closed
    assert wire.written == b""


@pytest.mark.parametrize(
    "drop", [b"\r\n", b"GET /", b"GET /x HTTP/1.1\r\n", b"GET / HTTP/1.1\r\na: b\r\nc"]
)
async def test_a_head_that_comes_by_drops_does_not_win_time(room: Room, drop: bytes) -> None:
    connection, wire = room.connect()
    connection.data_received(drop)
    due = connection.due
    for _ in range(5):
        connection.data_received(b"\r\n" if drop == b"\r\n" else b"x")
    assert connection.due == due
    connection.look(due + 0.1)
    assert wire.is_closed


async def test_empty_lines_after_an_answer_do_not_keep_the_connection(room: Room) -> None:
    connection, wire = room.connect()
    connection.data_received(GET)
    await settled()
    due = connection.due
    connection.data_received(b"\r\n\r\n")
    assert connection.due == due < now() + 76
    connection.look(due)
    assert wire.is_closed


async def test_an_answer_that_is_being_made_is_waited_for(door: Door, room: Room) -> None:
    door.lets.clear()
    connection, wire = room.connect()
    connection.data_received(GET)
    await settled()
    connection.look(now() + 10_000)
    assert not wire.is_closed
    door.lets.set()
    await settled()
    assert wire.status == 200


LONG = b"x" * 70_000
HEADS: list[tuple[bytes, int, str]] = [
    (b"GET / HTTP/1.1\r\na: " + LONG + b"\r\n\r\n", 431, "head_too_large"),
    (b"GET / HTTP/1.1\r\n" + LONG + b": a\r\n\r\n", 431, "head_too_large"),
    (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 101 + b"\r\n", 431, "head_too_large"),
    (b"GET /" + b"u" * 8192 + b" HTTP/1.1\r\n\r\n", 414, "url_too_long"),
    (b"GET /\r\n\r\n", 400, "request_malformed"),
    (b"GET / HTTP/2.0\r\n\r\n", 400, "request_malformed"),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "request_malformed"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "request_malformed"),
    (b"CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n", 400, "request_malformed"),
    (b"GET http://a HTTP/1.1\r\n\r\n", 400, "request_malformed"),
    (b"GET / HTTP/1.1\r\na: b\r\n c\r\n\r\n", 400, "request_malformed"),
    (b"GET / HTTP/1.1\r\na : b\r\n\r\n", 400, "request_malformed"),
    (b"GET / HTTP/1.1\na: b\n\n", 400, "request_malformed"),
]
SMUGGLED: list[bytes] = [
    b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    b"transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n",
    b"content-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
    b"content-length: -3\r\n\r\nabc",
    b"content-length: 99999999999999999999\r\n\r\nabc",
    b"transfer-encoding: gzip\r\n\r\nabc",
    b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [*HEADS, *((b"POST / HTTP/1.1\r\n" + sent, 400, "request_malformed") for sent in SMUGGLED)],
)
async def test_a_head_that_is_too_much_or_means_two_things_is_refused(
    room: Room, door: Door, sent: bytes, status: int, code: str
) -> None:
    connection, wire = room.connect()
    connection.data_received(sent)
    connection.data_received(b"what is sent after that is not looked at")
    await settled()
    assert (wire.status, wire.code) == (status, code)
    assert b"\r\nconnection: close\r\n" in wire.written
    assert wire.has_ended
    assert door.bodies == []
    connection.look(now() + 6)
    assert wire.is_closed


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\na: " + LONG, b"GET /" + LONG, b"\r\n" * 40_000]
)
async def test_a_head_without_end_is_refused_where_it_passes_the_bound(
    room: Room, sent: bytes
) -> None:
    connection, wire = room.connect()
    for at in range(0, len(sent), 1000):
        connection.data_received(sent[at : at + 1000])
    assert (wire.status, wire.code) == (431, "head_too_large")


async def test_a_head_in_pieces_is_bounded_as_one_that_comes_whole(room: Room, door: Door) -> None:
    connection, wire = room.connect()
    connection.data_received(
        b"GET / HTTP/1.1\r\n" + b"".join(b"a: " + LONG[:9000] + b"\r\n" for _ in range(7))
    )
    connection.data_received(b"a: " + LONG[:9000] + b"\r\n\r\n")
    await settled()
    assert (wire.status, door.asked) == (431, [])


async def test_a_long_body_may_come_with_its_head(room: Room, door: Door) -> None:
    connection, wire = room.connect()
    connection.data_received(b"POST / HTTP/1.1\r\ncontent-length: 70000\r\n\r\n" + LONG)
    await settled()
    assert (wire.status, door.bodies) == (200, [LONG])


async def test_a_body_that_stands_still_is_refused_in_words(room: Room, door: Door) -> None:
    connection, wire = room.connect()
    connection.data_received(HEAD + b"a")
    await settled()
    connection.look(now() + 9)
    assert wire.status is None
    connection.look(now() + 11)
    await settled()
    assert (wire.status, wire.code, door.left) == (408, "request_too_slow", 1)


async def test_a_body_by_drops_has_a_minute(room: Room, door: Door) -> None:
    connection, wire = room.connect()
    connection.data_received(b"POST / HTTP/1.1\r\ncontent-length: 100\r\n\r\na")
    await settled()
    began = now()
    connection.body_since = began - 55  # as if it had begun so long ago
    connection.data_received(b"a")
    assert connection.due < began + 6
    connection.look(began + 6)
    assert (wire.status, wire.code) == (408, "request_too_slow")


async def test_an_upload_of_somebody_who_was_let_in_has_as_long_as_it_keeps_coming(
    room: Room, door: Door
) -> None:
    connection, wire = room.connect()
    connection.data_received(b"POST / HTTP/1.1\r\ncontent-length: 100\r\n\r\na")
    await settled()
    door.asked[0][LONG_BODY] = True
    connection.body_since = now() - 9_999
    connection.data_received(b"a")
    connection.look(now() + 9)
    assert wire.status is None
    connection.look(now() + 11)
    assert (wire.status, wire.code) == (408, "request_too_slow")


async def test_a_body_that_we_do_not_take_is_not_its_callers_fault(door: Door) -> None:
    door.lets.clear()
    door.reads = False
    connection, wire = Room(door).connect()
    connection.data_received(b"POST / HTTP/1.1\r\ncontent-length: 100000\r\n\r\n" + LONG)
    assert wire.is_paused
    connection.look(connection.due)
    assert not wire.is_closed
    assert connection.due > now() + 10


async def test_trailers_without_end_are_refused(room: Room) -> None:
    connection, wire = room.connect()
    connection.data_received(
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
    )
    for _ in range(200):
        await settled()
        connection.data_received(b"x: " + b"y" * 995 + b"\r\n")
    assert (wire.status, wire.code) == (431, "head_too_large")


async def test_what_was_answered_before_its_body_came_is_soon_closed(door: Door) -> None:
    door.reads = False
    connection, wire = Room(door).connect()
    connection.data_received(HEAD + b"a")
    await settled()
    assert wire.status == 200
    connection.look(now() + 6)
    assert wire.is_closed


async def test_requests_one_behind_the_other_are_answered_in_turn(room: Room, door: Door) -> None:
    connection, wire = room.connect()
    connection.data_received(GET * 4)
    for _ in range(10):
        await settled()
    assert wire.written.count(b"HTTP/1.1 200") == len(door.asked) == 4
    assert connection.ahead == []


async def test_no_more_than_a_few_requests_wait_on_a_connection(room: Room, door: Door) -> None:
    door.lets.clear()
    connection, wire = room.connect()
    connection.data_received(GET * 9)
    await settled()
    assert not wire.is_closed
    connection.data_received(GET)
    assert wire.is_aborted
    assert wire.written == b""


async def test_a_caller_who_leaves_is_missed_by_every_request_of_his(
    room: Room, door: Door
) -> None:
    connection, _ = room.connect()
    connection.data_received(HEAD)
    first = connection.cycle
    await settled()
    connection.data_received(b"abc" + GET)
    assert not first.disconnected
    connection.connection_lost(None)
    assert first.disconnected
    assert connection.cycle.disconnected


UPGRADES = [
    b"upgrade: h2c\r\nconnection: Upgrade, HTTP2-Settings\r\nhttp2-settings: AAMAAABk\r\n",
    b"Connection: upgrade\r\nUpgrade: websocket\r\n",
]


@pytest.mark.parametrize("asked", UPGRADES)
@pytest.mark.parametrize("cut", [20, 60, 1000])
async def test_a_wish_to_speak_something_else_is_ignored_and_the_body_read(
    room: Room, door: Door, asked: bytes, cut: int
) -> None:
    connection, wire = room.connect()
    sent = b"POST /x HTTP/1.1\r\na: b\r\n" + asked + b"content-length: 3\r\n\r\nabc" + GET
    connection.data_received(sent[:cut])
    connection.data_received(sent[cut:])
    for _ in range(5):
        await settled()
    assert wire.written.count(b"HTTP/1.1 200") == 2
    assert door.bodies == [b"abc", b""]
    assert door.asked[0]["headers"] == [(b"a", b"b"), (b"content-length", b"3")]


async def test_beyond_its_connections_the_server_says_so_and_closes(door: Door) -> None:
    room = Room(door, connections=2)
    kept = [room.connect() for _ in range(2)]
    _, wire = room.connect()
    assert (wire.status, wire.code, wire.is_closed) == (503, "server_full", True)
    assert b"\r\nretry-after: 1\r\n" in wire.written
    kept[0][0].connection_lost(None)
    room.state.connections.pop()  # the one that was refused goes, too
    _, wire = room.connect()
    assert wire.written == b""


async def test_an_answer_that_nobody_takes_is_thrown_away(room: Room) -> None:
    connection, wire = room.connect()
    connection.data_received(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n")
    await settled()
    assert wire.is_closed
    wire.stuck_bytes = 9
    connection.look(now() + 76)
    assert wire.is_aborted


async def test_over_tls_a_refusal_is_followed_by_the_end_a_little_later(room: Room) -> None:
    connection, wire = room.connect()
    wire.may_end = False
    connection.data_received(b"\x00")
    await asyncio.sleep(0)
    assert (wire.status, wire.has_ended, wire.is_closed) == (400, False, False)
    connection.look(now() + 6)
    assert wire.is_closed


async def test_an_answer_to_a_connection_that_is_overdue_already_sets_no_new_time(
    room: Room, door: Door
) -> None:
    door.lets.clear()
    connection, _ = room.connect()
    connection.data_received(GET)
    await settled()
    connection.data_received(b"GET / HT")
    due = connection.due
    door.lets.set()
    await settled()
    assert connection.due == due < now() + 11


async def test_noise_behind_a_request_does_not_write_into_its_answer(
    room: Room, door: Door
) -> None:
    door.lets.clear()
    connection, wire = room.connect()
    connection.data_received(GET)
    await settled()
    connection.data_received(b"\x00\x00")
    assert wire.is_aborted
    assert wire.written == b""


async def test_http_1_0_is_answered_and_closed(room: Room) -> None:
    connection, wire = room.connect()
    connection.data_received(b"GET / HTTP/1.0\r\n\r\n")
    await settled()
    assert (wire.status, wire.is_closed) == (200, True)


USED: list[tuple[Callable[..., object], list[str]]] = [
    (HttpToolsProtocol.connection_made, ["self.connections.add(self)", "self.flow = FlowControl("]),
    (HttpToolsProtocol.connection_lost, ["self.connections.discard(self)", "message_event.set()"]),
    (HttpToolsProtocol.on_message_begin, ["self.scope = {", "self.headers = []", "self.url = b"]),
    (
        HttpToolsProtocol.on_headers_complete,
        [
            'self.scope["method"] =',
            "self.pipeline.appendleft(",
            "existing_cycle.response_complete",
            "on_response=self.on_response_complete",
        ],
    ),
    (HttpToolsProtocol.on_message_complete, ["self.cycle.response_complete", "more_body = False"]),
    (HttpToolsProtocol.on_body, ["self.cycle.body += body", "self.flow.pause_reading()"]),
    (HttpToolsProtocol.on_response_complete, ["self.pipeline.pop()", "total_requests += 1"]),
    (RequestResponseCycle.receive, ["self.body = bytearray()", "self.flow.resume_reading()"]),
    (RequestResponseCycle.send, ["self.response_started = True", "self.on_response()"]),
]


async def test_who_takes_nothing_of_a_closing_connection_is_cut_off(room: Room) -> None:
    connection, wire = room.connect()
    connection.due = inf
    connection.part(now())
    assert connection.due == inf
    wire.stuck_bytes = 9
    connection.transport.close()
    connection.part(now())
    assert connection.due < inf
    connection.look(now() + 60)
    assert wire.is_aborted


@pytest.mark.parametrize(("method", "lines"), USED, ids=lambda used: getattr(used, "__name__", ""))
async def test_the_inside_of_uvicorn_is_still_what_we_build_on(
    method: Callable[..., object], lines: list[str]
) -> None:
    source = inspect.getsource(method)
    assert [line for line in lines if line not in source] == []


async def test_no_method_of_uvicorns_is_new_or_gone_under_ours(room: Room) -> None:
    ours = {name for name in vars(Connection) if not name.startswith("_")}
    assert ours - {"look", "part"} <= vars(HttpToolsProtocol).keys()
    connection, _ = room.connect()
    assert isinstance(connection.parser, httptools.HttpRequestParser)
    assert httptools_impl.STATUS_LINE[431].startswith(b"HTTP/1.1 431 ")
