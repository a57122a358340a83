"""A client asks a real server, keeps what can be kept, and gives everything back."""

import asyncio
import gc
import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import anyio
import pytest
import uvloop

from seedbed.kit.http.client import Bounds, Client
from seedbed.kit.http.errors import HttpFault, HungUp, Silent, Unreachable, Unreadable
from tests.kit.http.serving import Answer, Peer, Server, chunked, each, serving, whole

LOOPS = [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})]
pytestmark = pytest.mark.anyio


@pytest.fixture(params=LOOPS, ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param


@asynccontextmanager
async def asking(
    answer: Answer, headers: tuple[tuple[str, str], ...] = (), **bounds: Any
) -> AsyncGenerator[tuple[Client, Server]]:
    async with serving(answer) as server:
        client = Client(f"{server.url}/v1/", headers, Bounds(**bounds))
        try:
            yield client, server
        finally:
            client.close()


async def body_of(client: Client, path: str = "/x", **more: Any) -> bytes:
    with await client.send("POST", path, **more) as response:
        return await response.read(1 << 24)


async def fails(client: Client) -> HttpFault:
    with pytest.raises(HttpFault) as caught:
        await body_of(client)
    return caught.value


async def test_the_loop_is_the_one_that_is_meant(
    anyio_backend: tuple[str, dict[str, Any]],
) -> None:
    is_uvloop = isinstance(asyncio.get_running_loop(), uvloop.Loop)
    assert is_uvloop is anyio_backend[1]["use_uvloop"]


async def test_a_request_is_written_as_it_is_meant() -> None:
    async with asking(each(whole(b"a"), whole(b"b")), (("x-key", "k"),)) as (client, server):
        assert await body_of(client, body=b"{}", headers=[("x-one", "1")]) == b"a"
        assert await body_of(client, "/y?z=1") == b"b"
    port = server.port
    assert server.heard == [
        f"POST /v1/x HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept-encoding: identity\r\n"
        "x-key: k\r\nx-one: 1\r\ncontent-length: 2\r\n\r\n{}".encode(),
        f"POST /v1/y?z=1 HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept-encoding: identity\r\n"
        "x-key: k\r\ncontent-length: 0\r\n\r\n".encode(),
    ]
    assert server.opened == 1


async def test_many_paths_are_asked_for_and_few_remembered() -> None:
    async with asking(each(*[whole(b"a")] * 130)) as (client, server):
        for number in range(130):
            await body_of(client, f"/{number}")
        assert len(client._heads) <= 64  # pyright: ignore[reportPrivateUsage]
    assert b"POST /v1/129 " in server.heard[-1]


async def test_a_response_is_here_as_soon_as_its_head_is() -> None:
    go_on = asyncio.Event()

    async def answer(peer: Peer) -> None:
        await peer.request()
        await peer.say(chunked(b"one", end=b""))
        await go_on.wait()
        await peer.say(b"3\r\ntwo\r\n0\r\n\r\n")

    async with asking(answer) as (client, _):
        with await client.send("POST", "/x") as response:
            assert (response.status_code, response.is_whole) == (200, False)
            assert await anext(response) == b"one"
            go_on.set()
            assert [piece async for piece in response] == [b"two"]
            assert response.is_whole
        assert response.is_whole
        assert [piece async for piece in response] == []
        response.close()  # once more changes nothing


async def test_what_has_come_is_handed_over_at_once() -> None:
    async with asking(each(chunked(b"a", b"b", b"c"))) as (client, _):
        with await client.send("POST", "/x") as response:
            assert [piece async for piece in response] == [b"abc"]


async def test_a_body_is_read_up_to_its_bound() -> None:
    async with asking(each(whole(b"x" * 11), whole(b"x" * 10), whole(b""))) as (client, _):
        with await client.send("POST", "/x") as response, pytest.raises(Unreadable, match="10 b"):
            await response.read(10)
        for length in (10, 0):
            with await client.send("POST", "/x") as response:
                assert await response.read(10) == b"x" * length


async def test_a_large_body_comes_and_goes_whole() -> None:
    large = bytes(range(256)) * (1 << 13)

    async def answer(peer: Peer) -> None:
        body = (await peer.request()).partition(b"\r\n\r\n")[2]
        await peer.say(whole(body))

    async with asking(answer) as (client, _):
        assert await body_of(client, body=large) == large


async def test_a_reader_that_is_slow_holds_the_sender_back() -> None:
    sent = 0

    async def answer(peer: Peer) -> None:
        nonlocal sent
        await peer.request()
        await peer.say(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1000):
            await peer.say(b"x" * (1 << 16))
            sent += 1
        peer.writer.close()

    async with asking(answer) as (client, _):
        with await client.send("POST", "/x") as response:
            stuck = -1
            while stuck < sent:  # until the server can send no more
                stuck = sent
                await anyio.wait_all_tasks_blocked()
            assert sent < 1000
            assert sum([len(piece) async for piece in response]) == 1000 << 16


async def test_bytes_that_come_while_nothing_is_asked_close_the_connection() -> None:
    async def answer(peer: Peer) -> None:
        await peer.request()
        await peer.say(whole(b"a"))
        if server.opened == 1:
            await idle.wait()
            await peer.say(whole(b"smuggled"))
        else:
            await peer.request()
            await peer.say(whole(b"b"))

    idle = asyncio.Event()
    async with asking(answer) as (client, server):
        assert await body_of(client) == b"a"
        idle.set()
        await server.all_closed()
        assert [await body_of(client) for _ in range(2)] == [b"a", b"b"]
    assert server.opened == 2


async def test_a_server_may_be_silent_for_as_long_as_it_is_let() -> None:
    async with asking(each(whole(b"a"), whole(b"b")), kept_seconds=0.01) as (client, server):
        for wanted in (b"a", b"b"):
            with await client.send("POST", "/x", silence_seconds=math.inf) as response:
                assert await response.read(10) == wanted
        await server.all_closed()
    assert server.opened == 1


async def test_a_caller_that_leaves_is_told_to_the_server_at_once() -> None:
    left = asyncio.Event()

    async def answer(peer: Peer) -> None:
        await peer.request()
        await peer.say(chunked(b"a", end=b""))
        await peer.reader.read()
        left.set()

    async with asking(answer) as (client, server):
        with await client.send("POST", "/x") as response:
            assert await anext(response) == b"a"
        await left.wait()
        assert not client.idle
    assert server.opened == 1


async def test_the_connection_that_was_used_last_is_used_next() -> None:
    async with asking(each(*[whole(b"a")] * 4)) as (client, server):
        one, two = await client.send("POST", "/1"), await client.send("POST", "/2")
        one.close()
        two.close()
        last = client.idle[-1]
        await body_of(client)
        assert client.idle[-1] is last
    assert server.opened == 2


async def test_a_kept_connection_that_was_closed_is_replaced_and_the_request_goes_out_again() -> (
    None
):
    async def answer(peer: Peer) -> None:
        await peer.request()
        await peer.say(whole(b"a"))
        await peer.request()
        if server.opened == 1:
            peer.writer.close()  # it takes the second request, and says nothing
        else:
            await peer.say(whole(b"c"))

    async with asking(answer) as (client, server):
        assert [await body_of(client) for _ in range(3)] == [b"a", b"a", b"c"]
    assert (server.opened, len(server.heard)) == (2, 4)


async def test_a_connection_that_closed_while_idle_is_not_used_again() -> None:
    async def answer(peer: Peer) -> None:
        await peer.request()
        await peer.say(whole(b"a"))
        peer.writer.close()

    async with asking(answer) as (client, server):
        await body_of(client)
        while client.idle[0].is_usable:
            await anyio.wait_all_tasks_blocked()
        await body_of(client)
    assert (server.opened, len(server.heard)) == (2, 2)


async def test_a_request_goes_out_twice_at_most() -> None:
    async def answer(peer: Peer) -> None:
        await peer.request()
        if server.opened == 1:
            await peer.say(whole(b"a"))
            await peer.request()
        peer.writer.close()

    async with asking(answer) as (client, server):
        await body_of(client)
        assert isinstance(await fails(client), HungUp)
    assert (server.opened, len(server.heard)) == (2, 3)


async def test_a_request_that_was_worked_on_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("seedbed.kit.http.client._STALE_SECONDS", -1)  # any time is too late

    async def answer(peer: Peer) -> None:
        await peer.request()
        await peer.say(whole(b"a"))
        await peer.request()
        peer.writer.close()

    async with asking(answer) as (client, server):
        await body_of(client)
        assert isinstance(await fails(client), HungUp)
    assert (server.opened, len(server.heard)) == (1, 2)


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nx: "])
async def test_a_fresh_connection_that_closes_is_not_tried_again(begun: bytes) -> None:
    async def answer(peer: Peer) -> None:
        await peer.request()
        await peer.say(begun)
        peer.writer.close()

    async with asking(answer) as (client, server):
        assert isinstance(await fails(client), HungUp)
    assert len(server.heard) == 1


async def test_after_its_first_byte_a_response_is_never_asked_for_again() -> None:
    async def answer(peer: Peer) -> None:
        await peer.request()
        await peer.say(whole(b"a"))
        await peer.request()
        await peer.say(b"H")
        peer.writer.close()

    async with asking(answer) as (client, server):
        await body_of(client)
        assert isinstance(await fails(client), HungUp)
    assert len(server.heard) == 2


async def test_a_body_that_breaks_off_is_given_as_far_as_it_came() -> None:
    async def answer(peer: Peer) -> None:
        await peer.request()
        await peer.say(chunked(b"one", end=b""))
        peer.writer.transport.abort()

    async with asking(answer) as (client, _):
        with await client.send("POST", "/x") as response:
            assert await anext(response) == b"one"
            with pytest.raises(HungUp):
                await anext(response)


@pytest.mark.parametrize("sent", [b"", whole(b"abc")[:-1]])
async def test_a_server_that_falls_silent_is_left(sent: bytes) -> None:
    async with asking(each(sent), silence_seconds=0.01) as (client, _):
        fault = await fails(client)
    assert isinstance(fault, Silent)
    assert str(fault) == "nothing came for 0.01 s"


async def test_a_request_may_have_a_silence_of_its_own() -> None:
    async with asking(each(b"")) as (client, _):
        with pytest.raises(Silent):
            await client.send("POST", "/x", silence_seconds=0.01)


async def test_a_server_that_takes_nothing_is_left() -> None:
    async def answer(peer: Peer) -> None:
        cast(asyncio.Transport, peer.writer.transport).pause_reading()
        await peer.reader.read()

    async with serving(answer) as server:
        client = Client(server.url, (), Bounds(silence_seconds=0.01))
        with pytest.raises(Silent):
            await client.send("POST", "/x", body=b"x" * (1 << 24))
        server.opened = server.closed  # it reads nothing, and so it never sees us go


async def test_a_connection_is_closed_when_it_was_idle_for_long() -> None:
    async with asking(each(whole(b"a")), kept_seconds=0.01) as (client, server):
        await body_of(client)
        await server.all_closed()
        assert not client.idle[0].is_usable


async def test_nobody_there_is_told_with_the_place() -> None:
    async with serving(each()) as server:
        pass
    client = Client(server.url)
    with pytest.raises(Unreachable, match=f"127.0.0.1:{server.port} cannot be reached"):
        await client.send("POST", "/x")


@pytest.mark.parametrize("connections", [1, 3])
async def test_so_many_ask_at_once_and_the_others_wait_in_turn(connections: int) -> None:
    now = most = 0

    async def one(client: Client, number: int) -> None:
        nonlocal now, most
        with await client.send("POST", f"/{number}") as response:
            now += 1
            most = max(most, now)
            await response.read(100)
            now -= 1

    async with asking(each(*[whole(b"a")] * 9), connections=connections) as (client, server):
        async with anyio.create_task_group() as tasks:
            for number in range(9):
                tasks.start_soon(one, client, number)
        assert client.places.free == connections
    assert server.opened == connections
    assert most <= connections
    if connections == 1:
        paths = [path.split()[1] for path in server.heard]
        assert paths == [f"/v1/{number}".encode() for number in range(9)]


async def test_whoever_leaves_at_any_step_leaves_nothing_behind() -> None:
    """Cancelled after ever more turns of the loop: in the queue, connecting, asking, reading."""

    async def answer(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.say(chunked(b"a", end=b""))
            await peer.say(b"1\r\nb\r\n0\r\n\r\n")

    async with asking(answer, connections=1) as (client, server):
        for turns in range(30):
            tasks = [asyncio.create_task(body_of(client)) for _ in range(2)]
            for _ in range(turns):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            assert client.places.free == 1
            assert not client.places.waiting
            assert await body_of(client) == b"ab"
        client.close()
        await server.all_closed()


async def test_a_closed_client_keeps_nothing() -> None:
    async with asking(each(whole(b"a"), whole(b"a"))) as (client, server):
        idle, busy = await client.send("POST", "/1"), await client.send("POST", "/2")
        idle.close()
        client.close()
        assert await busy.read(10) == b"a"
        busy.close()
        await server.all_closed()
        assert not client.idle
    gc.collect()


async def test_a_response_without_a_body_needs_no_reading() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"
    async with asking(each(head)) as (client, _):
        with await client.send("HEAD", "/x") as response:
            assert (response.headers, await response.read(0)) == ({b"content-length": b"5"}, b"")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/a b"), ("POST", "/a\r\nx: y"), ("P T", "/"), ("POST", "/é")]
)
async def test_what_is_no_request_is_not_sent(method: str, path: str) -> None:
    with pytest.raises(ValueError, match="is no request"):
        await Client("http://127.0.0.1:1").send(method, path)


async def test_a_header_cannot_hold_another() -> None:
    with pytest.raises(ValueError, match="has letters that no header") as caught:
        Client("http://127.0.0.1:1", [("authorization", "secret\r\nx: y")])
    assert "secret" not in str(caught.value)
