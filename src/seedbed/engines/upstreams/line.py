"""The line to one upstream: HTTP that is bound in time, in size and to one address.

Floor 3. Bodies are asked for uncompressed, so that what is read is as long as what is sent. Nobody
is followed to another address. A proxy that the machine is set up with is used for upstreams beyond
this machine. Connections are kept; what is asked over one that the upstream has just closed goes
out once more, over a fresh one.
"""

import ipaddress
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from types import MappingProxyType, TracebackType

import anyio
import msgspec

from seedbed.engines.upstreams.base import Request, Unreadable
from seedbed.kit import sse
from seedbed.kit.http.address import read_address
from seedbed.kit.http.client import Bounds, Client
from seedbed.kit.http.errors import HttpFault
from seedbed.kit.http.proxy import proxy_for
from seedbed.kit.http.response import Response

LONGEST_EVENT = 1 << 22
"""Bytes of one event of a stream."""
LONGEST_BODY = 1 << 26
"""Bytes of an answer that is no stream: some thousand vectors as text."""
_LONGEST_REFUSAL = 1 << 16
_CONNECT_SECONDS = 10.0
_KEPT_SECONDS = 30.0
_LINGER_SECONDS = 0.05
_STRAIGHT: Mapping[str, str] = MappingProxyType({})


class Line:
    """Connections to one upstream, as many at once as it has places.

    `silence` is how many seconds it may send nothing; `proxies` are the variables that name the
    machine's proxies, such as `https_proxy`.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        places: int,
        silence: float,
        proxies: Mapping[str, str] = _STRAIGHT,
    ) -> None:
        """Connect to nobody yet.

        Raises:
            ValueError: a header holds what none can, or the proxy is one that cannot be used.
        """
        address = read_address(url)
        own = {"user-agent": "seedbed", "content-type": "application/json"} | dict(headers)
        self.silence = silence
        self._client = Client(
            url,
            own.items(),
            Bounds(
                connections=places,
                connect_seconds=_CONNECT_SECONDS,
                silence_seconds=silence,
                kept_seconds=_KEPT_SECONDS,
            ),
            proxy=None if _is_here(address.host) else proxy_for(address, proxies),
        )

    def opened(self, request: Request, *, silence: float | None = None) -> "Opened":
        """Send a request; its answer is open until the block is left.

        `silence` is for an answer that may be silent for longer or shorter than others.
        """
        return Opened(self._client, request, self.silence if silence is None else silence)

    async def aclose(self) -> None:
        """Close the connections."""
        self._client.close()


class Opened:
    """An answer that is open while its block runs.

    A block that ends by itself has read all that it wanted: the end of the stream, which may still
    be on its way, is waited for a moment, so that the connection can be kept. A block that is left
    by an exception, as a caller's leaving is, closes the connection at once.
    """

    __slots__ = ("_client", "_request", "_response", "_silence")

    def __init__(self, client: Client, request: Request, silence: float) -> None:
        self._client, self._request, self._silence = client, request, silence

    async def __aenter__(self) -> Response:
        """Send the request.

        Raises:
            HttpFault: there is no answer.
        """
        self._response = await self._client.send(
            "POST",
            self._request.path,
            body=msgspec.json.encode(self._request.body),
            silence_seconds=self._silence,
        )
        return self._response

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None and not self._response.is_whole:
                await self._linger()
        finally:
            self._response.close()

    async def _linger(self) -> None:
        """Wait for one thing more; nothing that comes in it matters but the end."""
        with suppress(HttpFault), anyio.move_on_after(_LINGER_SECONDS):
            async for _ in self._response:
                break


async def body(response: Response, *, most: int) -> bytes:
    """The whole of an answer that is no stream.

    Raises:
        Unreadable: it is compressed.
        HttpFault: it broke off, or is longer than `most` bytes.
    """
    _check_coding(response)
    return await response.read(most)


async def beginning(response: Response) -> bytes:
    """The first bytes of a refusal, as many as hold its sentence; none where it is compressed."""
    begun = bytearray()
    async for data in response:
        begun += data
        if len(begun) > _LONGEST_REFUSAL:
            break
    return bytes(begun[:_LONGEST_REFUSAL]) if _coding(response) == "identity" else b""


async def events(response: Response) -> AsyncGenerator[bytes]:
    """The data of each event of a stream.

    Raises:
        Unreadable: it is compressed, or one event is longer than `LONGEST_EVENT` bytes.
        HttpFault: it broke off.
    """
    _check_coding(response)
    parser, pending = sse.Parser(), 0
    async for sent in response:
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
    address = read_address(url)
    if not (address.is_encrypted or _is_here(address.host) or _is_private(address.host)):
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


def _coding(response: Response) -> str:
    return response.headers.get("content-encoding", "identity")


def _check_coding(response: Response) -> None:
    coding = _coding(response)
    if coding != "identity":
        raise Unreadable(f"an answer compressed as {coding[:40]!r}, though that was not asked for")
