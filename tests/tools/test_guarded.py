"""Requests that go where a caller says: to the address that was looked at, under its own name."""

from collections.abc import AsyncIterator, Sequence

import httpx2
import pytest

from seedbed.tools.guarded import Guarded
from seedbed.tools.remote import Bounds

pytestmark = pytest.mark.anyio


class Pieces(httpx2.AsyncByteStream):
    def __init__(self) -> None:
        self.is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"abc"
        yield b"def"

    async def aclose(self) -> None:
        self.is_closed = True


class Inner(httpx2.AsyncBaseTransport):
    """Notes what is sent on, and answers six bytes."""

    def __init__(self) -> None:
        self.sent: list[httpx2.Request] = []
        self.pieces = Pieces()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        return httpx2.Response(200, stream=self.pieces)


async def resolve(host: str, port: int) -> Sequence[str]:
    assert host
    return ["93.184.215.14"] if port == 443 else ["93.184.215.14", "192.168.0.1"]


async def test_a_request_goes_to_the_address_and_is_verified_by_the_name() -> None:
    inner = Inner()
    guarded = Guarded(inner, Bounds(resolve=resolve, most_bytes=6))
    async with httpx2.AsyncClient(transport=guarded) as http:
        answer = await http.get("https://a.example/b?c=d")
    (sent,) = inner.sent
    assert str(sent.url) == "https://93.184.215.14/b?c=d"
    assert sent.headers["host"] == "a.example"
    assert sent.extensions["sni_hostname"] == "a.example"
    assert answer.content == b"abcdef"
    assert str(answer.request.url) == "https://a.example/b?c=d"
    assert inner.pieces.is_closed


async def test_one_inward_address_among_several_is_one_too_many() -> None:
    inner = Inner()
    async with httpx2.AsyncClient(transport=Guarded(inner, Bounds(resolve=resolve))) as http:
        with pytest.raises(httpx2.ConnectError, match=r"a\.example lies in this network"):
            await http.get("http://a.example/")
    assert inner.sent == []


async def test_an_answer_that_is_too_long_breaks_off() -> None:
    guarded = Guarded(Inner(), Bounds(resolve=resolve, most_bytes=5))
    async with httpx2.AsyncClient(transport=guarded) as http:
        with pytest.raises(httpx2.ReadError, match="more than 5 bytes"):
            await http.get("https://a.example/")
