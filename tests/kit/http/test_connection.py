"""Whatever a server sends ends in a whole response or in a fault, and nothing is mixed up."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import h11
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from seedbed.kit.http.client import Bounds, Client
from seedbed.kit.http.connection import MOST_AHEAD, Connection
from seedbed.kit.http.errors import HttpFault, HungUp, Silent
from tests.examples import examples
from tests.kit.http.serving import chunked, whole

NEXT = whole(b"ZZZ")
"""The answer to the request that follows; nothing else has a Z in it."""
TURNS = 60
SCRIPTS = [
    whole(b"abc"),
    whole(b""),
    whole(b"abc", "connection: close"),
    whole(b"a" * 300, "x-one: 1", "x-two: 2"),
    whole(b"no", status="503 Busy"),
    whole(b"", status="204 None"),
    chunked(b"a", b"bcd"),
    chunked(b"a" * 40, end=b"0\r\nx-sum: 1\r\n\r\n"),
    b"HTTP/1.1 100 Continue\r\n\r\n" + whole(b"abc"),
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
    b"HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\nabc",
    whole(b"abc") + whole(b"smuggled"),
    chunked(b"abc") + b"HTTP/1.1 200",
]


class Wire:
    """A transport without a network: what is written is kept, and a test says what comes."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.written, self.unsent = connection, b"", 0
        self.held = self.closing = False
        connection.connection_made(cast(asyncio.Transport, self))

    def write(self, data: bytes) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        self.held = True

    def resume_reading(self) -> None:
        self.held = False

    def abort(self) -> None:
        if not self.closing:
            self.closing = True
            asyncio.get_running_loop().call_soon(self.connection.connection_lost, None)

    def bring(self, data: bytes) -> None:
        if not self.closing:
            self.connection.data_received(data)

    def end(self, how: str) -> None:
        """The server closes in good order, breaks off, or says nothing any more."""
        if self.closing:
            return
        if how == "silent":
            self.connection._heard -= 1000  # pyright: ignore[reportPrivateUsage]
            self.connection._look()  # pyright: ignore[reportPrivateUsage]
            return
        if how == "closed":
            self.connection.eof_received()
        self.abort()


class Wires:
    """Makes a wire for each connection that a client wants."""

    def __init__(self) -> None:
        self.made: list[Wire] = []

    async def connect(self) -> Connection:
        connection = Connection(kept_seconds=30)
        self.made.append(Wire(connection))
        return connection


async def turns_until(is_so: Any) -> None:
    """Let the loop turn until something is so, which takes a few turns or never happens."""
    for _ in range(TURNS):
        if is_so():
            return
        await asyncio.sleep(0)
    raise AssertionError("it hangs")


async def outcome(client: Client) -> tuple[int, bytes] | HttpFault:
    try:
        with await client.send("POST", "/x", body=b"{}") as response:
            return response.status_code, await response.read(1 << 20)
    except HttpFault as fault:
        return fault


async def exchange(cuts: Sequence[bytes], how: str) -> tuple[tuple[int, bytes] | HttpFault, bool]:
    """What came of such an answer, and whether its connection was used for the next request."""
    client, wires = Client("http://127.0.0.1:1", (), Bounds(connections=1)), Wires()
    client.connecting = cast(Any, wires)
    first = asyncio.create_task(outcome(client))
    await turns_until(lambda: wires.made and wires.made[0].written)
    wire = wires.made[0]
    for cut in cuts:
        wire.bring(cut)
        await asyncio.sleep(0)
    if not first.done():
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    asked_once = wire.written
    if how != "open" or not first.done():
        wire.end("silent" if how == "open" else how)
    await turns_until(first.done)

    second = asyncio.create_task(outcome(client))
    await turns_until(lambda: len(wires.made) == 2 or len(wire.written) > len(asked_once))
    is_reused = len(wires.made) == 1
    await turns_until(lambda: wires.made[-1].written)
    wires.made[-1].bring(NEXT)
    await turns_until(second.done)
    assert second.result() == (200, b"ZZZ")
    assert client.places.free == 1
    client.close()
    assert all(made.closing for made in wires.made)
    return first.result(), is_reused


async def held() -> tuple[Connection, Wire]:
    """A connection whose reader lets more lie than may lie there."""
    wires = Wires()
    connection = await wires.connect()
    asking = asyncio.create_task(connection.ask(b"", silence_seconds=30))
    await asyncio.sleep(0)
    wires.made[0].bring(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MOST_AHEAD + 1))
    await asking
    assert wires.made[0].held
    return connection, wires.made[0]


@pytest.mark.anyio
async def test_a_sender_that_is_held_back_is_let_go_on_by_reading() -> None:
    connection, wire = await held()
    wire.bring(b"y")  # was on its way
    assert await connection.more() == b"x" * (MOST_AHEAD + 1) + b"y"
    assert not wire.held
    assert not connection.rest()


@pytest.mark.anyio
async def test_a_sender_that_is_held_back_is_not_silent() -> None:
    connection, wire = await held()
    wire.end("silent")
    assert not wire.closing
    assert len(await connection.more()) > MOST_AHEAD
    wire.end("silent")
    with pytest.raises(Silent):
        await connection.more()


@pytest.mark.anyio
async def test_what_came_of_a_sender_that_was_held_back_and_went_is_read() -> None:
    connection, wire = await held()
    wire.end("broken")
    assert len(await connection.more()) > MOST_AHEAD
    assert wire.held  # nobody is there to go on
    with pytest.raises(HungUp):
        await connection.more()


@pytest.mark.anyio
@pytest.mark.parametrize(("unsent", "is_left"), [([9, 9], True), ([9, 8, 7, 6], False)])
async def test_a_request_on_its_way_is_no_silence_as_long_as_it_moves(
    unsent: list[int], *, is_left: bool
) -> None:
    connection, wire = await held()
    await connection.more()
    for wire.unsent in unsent:
        wire.end("silent")
    assert wire.closing is is_left
    connection.abort()
    await asyncio.sleep(0)


def judged(sent: bytes) -> tuple[int, bytes] | str:
    """What another reader makes of it: the one response in it, or why it is not just that.

    Of a head that it does not read at all, such as one with a strange reason or a blank line before
    it, it cannot say where its response ends.
    """
    reader = h11.Connection(h11.CLIENT)
    request = h11.Request(
        method="POST", target="/x", headers=[("host", "a"), ("content-length", "0")]
    )
    reader.send(request)
    reader.send(h11.EndOfMessage())
    reader.receive_data(sent)
    status, body = 0, b""
    try:
        while True:
            match reader.next_event():
                case h11.Response(status_code=status):
                    pass
                case h11.Data(data=data):
                    body += bytes(data)
                case h11.EndOfMessage():
                    return "more follows" if reader.trailing_data[0].strip() else (status, body)
                case h11.InformationalResponse():
                    pass
                case _:
                    return "it is not whole"
    except h11.RemoteProtocolError:
        return "its body is not read" if status else "its head is not read"


@st.composite
def mangled(draw: st.DrawFn) -> list[bytes]:
    """A response with a few bytes more, fewer or other, cut anywhere."""
    sent = draw(st.sampled_from(SCRIPTS))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(sent)))
        gone = draw(st.integers(0, 4))
        new = draw(
            st.binary(max_size=4).map(lambda data: data.replace(b"Z", b"z"))
            | st.sampled_from([b"\r\n", b"\r\n\r\n", b"0\r\n\r\n", b": ", b"content-length: 1\r\n"])
            | st.sampled_from([b"transfer-encoding: chunked\r\n", b"HTTP/1.1 200 OK\r\n", b"9"])
        )
        sent = sent[:place] + new + sent[place + gone :]
    places = sorted(draw(st.lists(st.integers(0, len(sent)), max_size=5)))
    edges = [0, *places, len(sent)]
    cuts = [sent[a:b] for a, b in pairwise(edges)]
    return [cut for cut in cuts if cut]


@examples(400)
@given(mangled(), st.sampled_from(["open", "closed", "broken", "silent"]))
def test_whatever_comes_ends_and_nothing_is_mixed_up(cuts: list[bytes], how: str) -> None:
    result, is_reused = asyncio.run(exchange(cuts, how))
    event(f"{how}: {'whole' if isinstance(result, tuple) else type(result).__name__}")
    event(f"reused: {is_reused}")
    if is_reused:
        assert how == "open"
        assert judged(b"".join(cuts)) in {result, "its head is not read"}


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=5), st.booleans())
def test_junk_is_never_a_response(cuts: list[bytes], closes: bool) -> None:
    result, is_reused = asyncio.run(exchange(cuts, "closed" if closes else "open"))
    assert isinstance(result, HttpFault)
    assert not is_reused
