"""Whatever comes over a wire: it is answered, or refused in words, and breaks nothing."""

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.guard import Guard
from seedbed.core.errors import AccessDenied
from seedbed.kit.clock import FakeClock
from seedbed.kit.sse import Parser
from tests.api.wires import GET, Door, Room

LINES = st.sampled_from(
    [
        GET,
        b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\n",
        b"host: h\r\n",
        b"connection: upgrade\r\nupgrade: h2c\r\n",
        b"expect: 100-continue\r\n",
        b"\r\n",
        b"0\r\n\r\n",
    ]
)


@given(st.lists(LINES | st.binary(max_size=40), max_size=12))
def test_no_bytes_break_a_connection_and_every_answer_has_a_status(pieces: list[bytes]) -> None:
    async def send() -> None:
        door = Door()
        door.lets.set()
        connection, wire = Room(door).connect()
        for piece in pieces:
            if wire.is_closed:
                break
            connection.data_received(piece)
            for _ in range(3):
                await anyio.lowlevel.checkpoint()
        connection.look(float("inf"))
        connection.connection_lost(None)
        assert wire.is_closed or connection.due != float("inf")
        assert wire.status in {None, 100, 200, 400, 408, 431}

    anyio.run(send)


@given(st.binary(), st.booleans())
def test_no_header_opens_the_door(header: bytes, with_scheme: bool) -> None:
    async def nobody(_: str) -> None:
        return None

    sent = (b"Bearer " + header if with_scheme else header).decode("latin-1")
    with pytest.raises(AccessDenied):
        anyio.run(Guard(nobody, clock=FakeClock()).admit, sent)


@given(st.lists(st.binary(max_size=30) | st.sampled_from([b"data: ", b"\n", b"\r\n", b":"])))
def test_events_that_are_cut_anywhere_are_the_same_events(pieces: list[bytes]) -> None:
    parser, whole = Parser(), Parser()
    cut = [event for piece in pieces for event in parser.feed(piece)]
    assert cut == whole.feed(b"".join(pieces))
