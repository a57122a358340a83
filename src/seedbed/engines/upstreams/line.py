"""The line to one upstream: HTTP that is bound in time, in size and to one address.

Floor 3. Bodies are asked for uncompressed, so that what is read is as long as what is sent. Nobody
is followed to another address. A proxy that the machine is set up with is used for upstreams beyond
this machine. A connection is used again where making one is dear, which is where it is encrypted:
some small servers promise to keep one and hang up on the next request.
"""

import ipaddress
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress

import anyio
import httpx2
import msgspec

from seedbed.engines.upstreams.base import Request, Unreadable
from seedbed.kit import sse

LONGEST_EVENT = 1 << 22
"""Bytes of one event of a stream."""
LONGEST_BODY = 1 << 26
"""Bytes of an answer that is no stream: some thousand vectors as text."""
_LONGEST_REFUSAL = 1 << 16
_CONNECT_SECONDS = 10.0
_KEPT_SECONDS = 30.0
_LINGER_SECONDS = 0.05


class Line:
    """Connections to one upstream, as many at once as it has places.

    `silence` is how many seconds it may send nothing; `keeps` says whether connections are used
    again, in place of what the address says.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        places: int,
        silence: float,
        keeps: bool | None = None,
    ) -> None:
        self._url = url
        self.silence = silence
        self._keeps = url.startswith("https:") if keeps is None else keeps
        self._client = httpx2.AsyncClient(
            headers={"accept-encoding": "identity", "user-agent": "seedbed"} | dict(headers),
            timeout=httpx2.Timeout(connect=_CONNECT_SECONDS, read=silence, write=30, pool=None),
            limits=httpx2.Limits(
                max_connections=places,
                max_keepalive_connections=places if self._keeps else 0,
                keepalive_expiry=_KEPT_SECONDS,
            ),
            follow_redirects=False,
            trust_env=not _is_here(httpx2.URL(url).host),
        )

    @asynccontextmanager
    async def opened(self, request: Request) -> AsyncGenerator[httpx2.Response]:
        """Send a request; its answer is open until the block is left.

        Raises:
            httpx2.HTTPError: as the library says.
        """
        built = self._client.build_request(
            "POST",
            f"{self._url}{request.path}",
            content=msgspec.json.encode(request.body),
            headers={"content-type": "application/json"},
        )
        response = await self._client.send(built, stream=True)
        try:
            yield response
        finally:
            await response.aclose()

    async def linger(self, received: AsyncGenerator[bytes]) -> None:
        """Wait for the end of a stream whose answer is over, so that its connection can be kept.

        The wait is short, and nothing that comes in it matters.
        """
        if self._keeps:
            with suppress(httpx2.HTTPError, Unreadable), anyio.move_on_after(_LINGER_SECONDS):
                await anext(received, None)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


async def body(response: httpx2.Response, *, most: int) -> bytes:
    """The whole of an answer that is no stream.

    Raises:
        Unreadable: it is compressed, or longer than `most` bytes.
    """
    _check_coding(response)
    whole = bytearray()
    async with aclosing(response.aiter_raw()) as received:
        async for data in received:
            whole += data
            if len(whole) > most:
                raise Unreadable(f"an answer of more than {most:,} bytes")
    return bytes(whole)


async def beginning(response: httpx2.Response) -> bytes:
    """The first bytes of a refusal, as many as hold its sentence; none where it is compressed."""
    begun = bytearray()
    async with aclosing(response.aiter_raw()) as received:
        async for data in received:
            begun += data
            if len(begun) > _LONGEST_REFUSAL:
                break
    return bytes(begun[:_LONGEST_REFUSAL]) if _coding(response) == "identity" else b""


async def events(response: httpx2.Response) -> AsyncGenerator[bytes]:
    """The data of each event of a stream.

    Raises:
        Unreadable: it is compressed, or one event is longer than `LONGEST_EVENT` bytes.
    """
    _check_coding(response)
    parser, pending = sse.Parser(), 0
    async with aclosing(response.aiter_raw()) as received:
        async for sent in received:
            found = parser.feed(sent)
            pending = len(sent) if found else pending + len(sent)
            _check_length(pending)
            for data in found:
                _check_length(len(data))
                yield data


def check_url(url: str) -> str:
    """The address of an upstream, without a slash at its end.

    Raises:
        ValueError: it is no address of HTTP, holds a secret, or would carry words in the clear.
    """
    try:
        found = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise ValueError(f"{url!r} is not an address: {error}") from error
    if found.scheme not in {"http", "https"} or not found.host:
        raise ValueError(f"{url!r} is not an address that begins with https://")
    if found.userinfo or found.query or found.fragment:
        raise ValueError(f"The address of {found.host!r} holds more than a host and a path")
    if found.scheme == "http" and not (_is_here(found.host) or _is_private(found.host)):
        raise ValueError(
            f"{url!r} would be spoken to in the clear: only an upstream on this machine or at a "
            "private address may begin with http://"
        )
    return url.rstrip("/")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def _check_length(length: int) -> None:
    if length > LONGEST_EVENT:
        raise Unreadable(f"an event of more than {LONGEST_EVENT:,} bytes")


def _coding(response: httpx2.Response) -> str:
    return response.headers.get("content-encoding", "identity")


def _check_coding(response: httpx2.Response) -> None:
    coding = _coding(response)
    if coding != "identity":
        raise Unreadable(f"an answer compressed as {coding[:40]!r}, though that was not asked for")
