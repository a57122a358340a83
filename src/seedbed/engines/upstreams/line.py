"""The line to one upstream: HTTP that is bound in time, in size and to one address.

Floor 3. Bodies are asked for uncompressed, so that what is read is as long as what is sent. Nobody
is followed to another address. A proxy that the machine is set up with is used for upstreams beyond
this machine. Connections are kept; what is asked over one that the upstream has just closed goes
out once more, over a fresh one.
"""

import ipaddress
import math
import re
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from email.utils import mktime_tz, parsedate_tz
from types import MappingProxyType

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
_LONGEST_WAIT = 86_400
_NUMBER = re.compile(r"\d{1,12}(\.\d*)?")
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

    def ask(self, request: Request, *, silence: float | None = None) -> Awaitable[Response]:
        """Send a request, and wait for its answer, which must be closed.

        `silence` is for an answer that may be silent for longer or shorter than others.

        Raises:
            HttpFault: there is no answer.
        """
        return self._client.send(
            "POST",
            request.path,
            body=msgspec.json.encode(request.body),
            silence_seconds=self.silence if silence is None else silence,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        self._client.close()


def body(response: Response, *, most: int) -> Awaitable[bytes]:
    """The whole of an answer that is no stream.

    Raises:
        Unreadable: it is compressed.
        HttpFault: it broke off, or is longer than `most` bytes.
    """
    _check_coding(response)
    return response.read(most)


async def beginning(response: Response) -> bytes:
    """The first bytes of a refusal, as many as hold its sentence; none where it is compressed."""
    begun = bytearray()
    async for data in response:
        begun += data
        if len(begun) > _LONGEST_REFUSAL:
            break
    return bytes(begun[:_LONGEST_REFUSAL]) if _is_plain(response) else b""


async def ended(response: Response) -> None:
    """Wait a moment for the end of an answer of which no more is wanted.

    It may still be on its way, and once it is here, the connection can be kept.
    """
    if not response.is_whole:
        with suppress(HttpFault), anyio.move_on_after(_LINGER_SECONDS):
            async for _ in response:
                break


class Events:
    """The events of one stream, as bytes bring them."""

    __slots__ = ("_parser", "_pending")

    def __init__(self, response: Response) -> None:
        """Begin at the first.

        Raises:
            Unreadable: the stream is compressed.
        """
        _check_coding(response)
        self._parser = sse.Parser()
        self._pending = 0
        """Bytes that may be of an event that has not come whole."""

    def feed(self, sent: bytes) -> list[bytes]:
        """The data of each event that these bytes complete.

        Raises:
            Unreadable: an event is longer than `LONGEST_EVENT` bytes.
        """
        found = self._parser.feed(sent)
        self._pending += len(sent)
        if (
            self._pending > LONGEST_EVENT
            and max(map(len, found), default=self._pending) > LONGEST_EVENT
        ):
            raise Unreadable(f"an event of more than {LONGEST_EVENT:,} bytes")
        if found:
            self._pending = len(sent)
        return found


def kind(response: Response) -> str:
    """The type of what was sent, in small letters and without its parameters."""
    told = response.headers.get(b"content-type", b"")
    return told.partition(b";")[0].strip().lower().decode("latin-1")


def retry_after(response: Response) -> int | None:
    """For how many seconds it will not answer, as its head tells; at most a day."""
    told = _header(response, b"retry-after")
    if _NUMBER.fullmatch(told):
        seconds = float(told)
    elif _NUMBER.fullmatch(precisely := _header(response, b"retry-after-ms")):
        seconds = float(precisely) / 1000
    else:
        until, now = _moment(told), _moment(_header(response, b"date"))
        if until is None or now is None:  # whose clock it is by cannot be known
            return None
        seconds = max(until - now, 0.0)
    return min(math.ceil(seconds), _LONGEST_WAIT)


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


def _header(response: Response, name: bytes) -> str:
    return response.headers.get(name, b"").decode("latin-1").strip()


def _moment(told: str) -> float | None:
    """A moment as HTTP writes it, in seconds since 1970."""
    read = parsedate_tz(told)
    try:
        return None if read is None else mktime_tz(read)
    except (ValueError, OverflowError):
        return None


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


def _is_plain(response: Response) -> bool:
    return response.headers.get(b"content-encoding", b"identity") == b"identity"


def _check_coding(response: Response) -> None:
    if not _is_plain(response):
        coding = response.headers[b"content-encoding"][:40].decode("latin-1")
        raise Unreadable(f"an answer compressed as {coding!r}, though that was not asked for")
