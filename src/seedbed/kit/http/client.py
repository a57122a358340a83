"""A client of one server: connections that are kept, and at most so many at once.

Floor 1. The head of a request is written once for all that have the same, so that a request costs
one joining of bytes and one write.
"""

import ssl
from collections.abc import Iterable
from dataclasses import dataclass

from seedbed.kit.http import heads
from seedbed.kit.http.address import read_address
from seedbed.kit.http.connecting import Connecting
from seedbed.kit.http.connection import Connection
from seedbed.kit.http.errors import HungUp
from seedbed.kit.http.places import Places
from seedbed.kit.http.proxy import Proxy
from seedbed.kit.http.response import Response

_STALE_SECONDS = 1.0
"""How soon after a request a connection closes that had grown old; later the request was taken."""
_MOST_HEADS = 64
"""Beginnings of requests that are remembered."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many connections at once, and for how many seconds what is waited for."""

    connections: int | None = None
    connect_seconds: float = 10.0
    silence_seconds: float = 120.0
    kept_seconds: float = 30.0
    """How long a connection is kept that nothing is asked over."""


class Client:
    """Asks one server; `headers` go with every request.

    `tls` is `None` for the certificates that this machine trusts.
    """

    def __init__(
        self,
        url: str,
        headers: Iterable[tuple[str, str]] = (),
        bounds: Bounds = Bounds(),
        *,
        proxy: Proxy | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Connect to nobody yet.

        Raises:
            ValueError: the URL or a header is none.
        """
        address = read_address(url)
        own = [("host", address.authority), ("accept-encoding", "identity"), *headers]
        self._before = address.path
        if proxy is not None and not address.is_encrypted:
            self._before = f"http://{address.authority}{address.path}"
            own.extend(proxy.headers)
        self._lines = heads.lines(own)
        self._bounds = bounds
        self.connecting = Connecting(
            address,
            proxy,
            tls,
            connect_seconds=bounds.connect_seconds,
            kept_seconds=bounds.kept_seconds,
        )
        self._heads: dict[tuple[str, str], bytes] = {}
        self.idle: list[Connection] = []
        """Connections that nothing is asked over; the one that was used last is the last."""
        self.places = Places(bounds.connections)
        self._is_closed = False

    async def send(
        self,
        method: str,
        path: str,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        *,
        silence_seconds: float | None = None,
    ) -> Response:
        """Ask, and wait for the head of the response.

        A request goes out once more, over a fresh connection, if the one that it went over had been
        kept and closed at once without a single byte: the other side had then closed it for its
        idleness, before it took the request. Over a fresh connection nothing is ever sent twice.

        Raises:
            HttpFault: there is no response.
            ValueError: the path, or a header, is none.
        """
        head = self._head(method, path)
        if headers:
            head += heads.lines(headers)
        request = b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body)
        seconds = self._bounds.silence_seconds if silence_seconds is None else silence_seconds
        await self.places.enter()
        try:
            connection = await self._asked(request, seconds, bodiless=method == "HEAD")
        except BaseException:
            self.places.leave()
            raise
        return Response(connection, self._let_go)

    def close(self) -> None:
        """Close what is idle; what is in use closes when its response does."""
        self._is_closed = True
        while self.idle:
            self.idle.pop().abort()

    async def _asked(self, request: bytes, seconds: float, *, bodiless: bool) -> Connection:
        """A connection over which the head of the response has come."""
        kept = self._kept()
        if kept is not None:
            began = kept.loop.time()
            try:
                await kept.ask(request, silence_seconds=seconds, bodiless=bodiless)
            except HungUp:
                if kept.reading.received or kept.loop.time() - began > _STALE_SECONDS:
                    raise
            else:
                return kept
        fresh = await self.connecting.connect()
        await fresh.ask(request, silence_seconds=seconds, bodiless=bodiless)
        return fresh

    def _kept(self) -> Connection | None:
        """The connection that was used last: the others may then grow old and close."""
        while self.idle:
            connection = self.idle.pop()
            if connection.is_usable:
                return connection
        return None

    def _let_go(self, connection: Connection) -> None:
        if self._is_closed:
            connection.abort()
        elif connection.rest():
            self.idle.append(connection)
        self.places.leave()

    def _head(self, method: str, path: str) -> bytes:
        head = self._heads.get((method, path))
        if head is None:
            if len(self._heads) >= _MOST_HEADS:
                self._heads.clear()
            head = heads.first_line(method, self._before + path) + self._lines
            self._heads[method, path] = head
        return head
