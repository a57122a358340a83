"""Connections are made to whom the machine trusts, straight or through its proxy."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import pytest

from seedbed.kit.http.client import Bounds, Client
from seedbed.kit.http.connecting import trusting
from seedbed.kit.http.errors import Unreachable
from seedbed.kit.http.proxy import Proxy
from tests.kit.http.serving import CERTIFICATE, Peer, each, serving, whole

LOOPS = [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})]
pytestmark = pytest.mark.anyio


@pytest.fixture(params=LOOPS, ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param


@pytest.fixture
def theirs() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


@pytest.fixture
def ours() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(CERTIFICATE))
    context.set_alpn_protocols(["http/1.1"])
    return context


def test_whom_the_machine_trusts_is_read_once() -> None:
    assert trusting() is trusting()
    assert trusting().verify_mode == ssl.CERT_REQUIRED
    assert trusting().check_hostname


async def test_what_is_encrypted_comes_and_goes(
    theirs: ssl.SSLContext, ours: ssl.SSLContext
) -> None:
    agreed = list[str | None]()

    async def answer(peer: Peer) -> None:
        agreed.append(peer.writer.get_extra_info("ssl_object").selected_alpn_protocol())
        for _ in range(2):
            await peer.request()
            await peer.say(whole(b"a" * (1 << 20)))

    async with serving(answer, theirs) as server:
        client = Client(f"https://localhost:{server.port}", tls=ours)
        for _ in range(2):
            with await client.send("POST", "/x") as response:
                assert len(await response.read(1 << 20)) == 1 << 20
        client.close()
    assert (agreed, server.opened) == (["http/1.1"], 1)


async def test_an_encrypted_body_may_end_with_its_connection(
    theirs: ssl.SSLContext, ours: ssl.SSLContext
) -> None:
    async def answer(peer: Peer) -> None:
        await peer.request()
        await peer.say(b"HTTP/1.1 200 OK\r\n\r\nall")
        peer.writer.close()

    async with serving(answer, theirs) as server:
        client = Client(f"https://localhost:{server.port}", tls=ours)
        with await client.send("POST", "/x") as response:
            assert await response.read(10) == b"all"


@pytest.mark.parametrize(
    ("host", "trusts", "why"),
    [
        ("localhost", False, "is not trusted: self-signed certificate"),
        ("127.0.0.1", True, "is not trusted: IP address mismatch"),
    ],
)
async def test_who_is_not_trusted_hears_no_word(
    theirs: ssl.SSLContext, ours: ssl.SSLContext, host: str, why: str, *, trusts: bool
) -> None:
    async with serving(each(whole(b"a")), theirs) as server:
        client = Client(f"https://{host}:{server.port}", tls=ours if trusts else None)
        with pytest.raises(Unreachable, match=why):
            await client.send("POST", "/x")
    assert not server.heard


async def test_a_server_that_speaks_in_the_clear_is_not_spoken_to(ours: ssl.SSLContext) -> None:
    async def answer(peer: Peer) -> None:
        await peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serving(answer) as server:
        client = Client(f"https://localhost:{server.port}", tls=ours)
        with pytest.raises(Unreachable, match=f"localhost:{server.port} does not speak TLS"):
            await client.send("POST", "/x")


async def test_a_server_that_does_not_greet_in_time_is_left(ours: ssl.SSLContext) -> None:
    async with serving(each()) as server:
        client = Client(
            f"https://localhost:{server.port}", (), Bounds(connect_seconds=0.05), tls=ours
        )
        with pytest.raises(Unreachable, match=r"no connection to .* within 0\.05 s"):
            await client.send("POST", "/x")


@asynccontextmanager
async def proxying(to: int, said: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> AsyncGenerator[Any]:
    """A proxy that says this to whoever wants to be connected, and connects them all with `to`."""

    async def answer(peer: Peer) -> None:
        await peer.request()
        reader, writer = await asyncio.open_connection("127.0.0.1", to)
        await peer.say(said)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_carry, reader, peer.writer)
                tasks.start_soon(_carry, peer.reader, writer)
        finally:
            writer.close()

    async with serving(answer) as proxy:
        yield proxy


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


async def test_what_is_encrypted_goes_through_a_proxy_unseen(
    theirs: ssl.SSLContext, ours: ssl.SSLContext
) -> None:
    async with (
        serving(each(whole(b"a"), whole(b"b")), theirs) as server,
        proxying(server.port) as proxy,
    ):
        by = Proxy("127.0.0.1", proxy.port, "Basic c2VjcmV0")
        client = Client(f"https://localhost:{server.port}", [("x", "y")], proxy=by, tls=ours)
        for wanted in (b"a", b"b"):
            with await client.send("POST", "/x") as response:
                assert await response.read(10) == wanted
        client.close()
    place = f"localhost:{server.port}"
    assert proxy.heard == [
        f"CONNECT {place} HTTP/1.1\r\nhost: {place}\r\n"
        "proxy-authorization: Basic c2VjcmV0\r\n\r\n".encode()
    ]
    assert not any(b"proxy-auth" in heard for heard in server.heard)
    assert len(server.heard) == 2


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"HTTP/1.1 407 Who\r\ncontent-length: 0\r\n\r\n", "the proxy answered 407"),
        (b"HTTP/1.1 200 OK\r\n\r\nsmuggled", "the proxy answered 200"),
        (b"garbage", "cannot be read|no HTTP"),
    ],
)
async def test_a_proxy_that_does_not_connect_us_is_told(said: bytes, why: str) -> None:
    async with serving(each(said)) as proxy:
        client = Client("https://a.example", proxy=Proxy("127.0.0.1", proxy.port, "secret"))
        with pytest.raises(Unreachable, match=why) as caught:
            await client.send("POST", "/x")
    assert f"a.example:443 by the proxy 127.0.0.1:{proxy.port}" in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_what_is_in_the_clear_is_asked_of_the_proxy_itself() -> None:
    async with serving(each(whole(b"a"))) as proxy:
        by = Proxy("127.0.0.1", proxy.port, "Basic c2VjcmV0")
        client = Client("http://10.0.0.1:8000/v1", proxy=by)
        with await client.send("POST", "/x") as response:
            assert await response.read(10) == b"a"
        client.close()
    (heard,) = proxy.heard
    assert heard.startswith(b"POST http://10.0.0.1:8000/v1/x HTTP/1.1\r\nhost: 10.0.0.1:8000\r\n")
    assert b"proxy-authorization: Basic c2VjcmV0\r\n" in heard
