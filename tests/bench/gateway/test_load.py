"""The caller, the upstream and the relay, over real sockets in one process."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest

from seedbed.bench.gateway import words
from seedbed.bench.gateway.load import Order, ask
from seedbed.bench.gateway.relay import Relay
from seedbed.bench.gateway.upstream import Upstream

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """An even pace still, ten times as fast as when it is measured."""
    paces = {said: seconds / 10 for said, seconds in words.PACES.items()}
    monkeypatch.setattr(words, "PACES", paces)


@asynccontextmanager
async def listening(make: Callable[[], asyncio.Protocol]) -> AsyncGenerator[int]:
    """A port; at the end every connection to it has been closed by its caller."""
    ends: list[asyncio.Event] = []

    def watched() -> asyncio.Protocol:
        protocol, end = make(), asyncio.Event()
        lost = protocol.connection_lost

        def see(exc: Exception | None) -> None:
            lost(exc)
            end.set()

        protocol.connection_lost = see
        ends.append(end)
        return protocol

    server = await asyncio.get_running_loop().create_server(watched, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for end in ends:
            await end.wait()


def order(
    port: int, *, requests: int = 20, stream: bool = False, patience: float = 30, slow: bool = False
) -> Order:
    return Order(port, "openai", "key", 4, requests, stream, patience, slow)


class Saying(asyncio.Protocol):
    """Says one thing to each request, in pieces of so many bytes; after nothing, it hangs up."""

    def __init__(self, answer: bytes, *, size: int = 1 << 20) -> None:
        self._answer = answer
        self._size = size

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert isinstance(self._transport, asyncio.Transport)
        if not self._answer:
            self._transport.close()
            return
        self._say(self._answer)

    def _say(self, rest: bytes) -> None:
        assert isinstance(self._transport, asyncio.Transport)
        self._transport.write(rest[: self._size])
        if rest[self._size :]:
            asyncio.get_running_loop().call_soon(self._say, rest[self._size :])


class Hanging(asyncio.Protocol):
    """Hangs up at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


async def test_every_request_brings_one_answer() -> None:
    async with listening(Upstream) as port:
        got = await ask(order(port))
    assert (got.answered, got.lost) == (20, 0)
    assert 0 < got.p50 <= got.p99
    assert got.lag_p50 == 0


async def test_a_stream_has_sixty_pieces_that_tell_their_lag() -> None:
    async with listening(Upstream) as port:
        got = await ask(order(port, requests=4, stream=True))
    assert (got.answered, got.lost) == (4, 0)
    assert 0 < got.lag_p50 <= got.lag_p99
    assert got.p50 >= (words.PIECES - 1) * words.PACES[words.EVEN] * 1e6
    assert 0 < got.first_p50 <= got.first_p99 < got.p50


@pytest.mark.slow
async def test_slow_streams_begin_one_after_the_other() -> None:
    async with listening(Upstream) as port:
        got = await ask(order(port, requests=4, stream=True, slow=True))
    assert (got.answered, got.lost) == (4, 0)
    pace = words.PACES[words.SLOW]
    assert got.p50 >= (words.PIECES - 1) * pace * 1e6
    assert got.wall >= (words.PIECES - 1) * pace * 1.75, "the last began after three quarters"


async def test_one_who_is_cut_off_before_it_began_has_failed() -> None:
    async with listening(Hanging) as port:
        got = await ask(order(port, requests=4, stream=True, slow=True))
    assert (got.answered, got.failed) == (0, 4)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_relay_changes_nothing(*, stream: bool) -> None:
    async with listening(Upstream) as behind, listening(partial(Relay, behind)) as port:
        got = await ask(order(port, requests=4, stream=stream))
    assert (got.answered, got.lost) == (4, 0)


async def test_answers_that_come_in_bits_are_put_together() -> None:
    stream = words.STREAM_HEAD + words.piece(1) * words.PIECES + words.last_pieces()
    for answer in (words.whole(), stream):
        async with listening(partial(Saying, answer, size=97)) as port:
            got = await ask(order(port, requests=4))
        assert (got.answered, got.lost) == (4, 0)


async def test_a_request_that_arrives_in_bits_is_answered_once() -> None:
    sent = words.request("openai", "key")
    async with listening(Upstream) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for parts in ((sent[:10], sent[10:300], sent[300:]), (sent,)):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
            assert await reader.readexactly(len(words.whole())) == words.whole()
        writer.close()


REFUSAL = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n"
SHORT = words.whole().replace(words.ANSWER, b"x" * len(words.ANSWER))
CUT = words.STREAM_HEAD + words.piece(1) * (words.PIECES - 1) + words.last_pieces()


@pytest.mark.parametrize(
    ("answer", "field"),
    [(REFUSAL, "refused"), (SHORT, "short"), (CUT, "short"), (b"", "failed")],
)
async def test_what_is_no_good_answer_is_counted_as_what_it_is(answer: bytes, field: str) -> None:
    async with listening(partial(Saying, answer)) as port:
        got = await ask(order(port))
    assert (got.answered, getattr(got, field), got.lost) == (0, 20, 20)
    assert got.p50 == 0


async def test_one_who_never_answers_is_given_up() -> None:
    async with listening(partial(Saying, b"HTTP/1.1 200 OK\r\n")) as port:
        got = await ask(order(port, patience=0.05))
    assert (got.answered, got.failed) == (0, 20)


async def test_where_nobody_listens_all_requests_fail() -> None:
    async with listening(Upstream) as port:
        pass
    got = await ask(order(port))
    assert (got.answered, got.failed) == (0, 20)
