"""Making a connection: straight or through a proxy, in the clear or over TLS.

Floor 1. A proxy is told a host and a port, and of what is spoken over TLS it sees nothing else.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import cache, partial
from typing import TypeAlias, cast

from seedbed.kit.http import heads
from seedbed.kit.http.address import Address
from seedbed.kit.http.connection import Connection
from seedbed.kit.http.errors import HttpFault, Unreachable
from seedbed.kit.http.proxy import Proxy
from seedbed.kit.http.racing import first_of

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""What gives the addresses of a host that may be connected to, for a port."""


async def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, each once, as the system tells them.

    Raises:
        OSError: it knows none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@cache
def trusting() -> ssl.SSLContext:
    """Trusts whom this machine trusts, and speaks HTTP/1.1 alone.

    It is made at its first use, as reading the certificates takes a while.
    """
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class Connecting:
    """The way to one server. `tls` is `None` where `trusting()` will do; times are in seconds.

    Connected is to the very addresses that `resolve` gives. What it raises passes, unless it is an
    `OSError`.
    """

    def __init__(
        self,
        address: Address,
        proxy: Proxy | None,
        tls: ssl.SSLContext | None,
        *,
        connect_seconds: float,
        kept_seconds: float,
        resolve: Resolve = resolved,
    ) -> None:
        self._address, self._proxy, self._tls = address, proxy, tls
        self._resolve = resolve
        self._connect_seconds, self._kept_seconds = connect_seconds, kept_seconds

    async def connect(self) -> Connection:
        """A connection over which nothing has been asked.

        Raises:
            Unreachable: there is none to be had within `connect_seconds`.
        """
        way = self._address.place
        if self._proxy is not None:
            way = f"{way} by the proxy {self._proxy.host}:{self._proxy.port}"
        try:
            async with asyncio.timeout(self._connect_seconds):
                return await self._connected()
        except TimeoutError as error:
            why = f"no connection to {way} within {self._connect_seconds:g} s"
            raise Unreachable(why) from error
        except ssl.SSLCertVerificationError as error:
            raise Unreachable(f"{way} is not trusted: {error.verify_message}") from error
        except ssl.SSLError as error:
            raise Unreachable(f"{way} does not speak TLS with us: {error.reason}") from error
        except OSError as error:
            raise Unreachable(f"{way} cannot be reached: {error.strerror or error}") from error
        except HttpFault as fault:
            raise Unreachable(f"no connection to {way}: {fault}") from fault

    async def _connected(self) -> Connection:
        address, proxy = self._address, self._proxy
        context = (self._tls or trusting()) if address.is_encrypted else None
        if proxy is None:
            return await self._made(address.host, address.port, context)
        connection = await self._made(proxy.host, proxy.port, None)
        if context is None:
            return connection
        try:
            await self._tunnelled(connection, proxy)
            return await self._encrypted(connection, context)
        except BaseException:
            connection.abort()
            raise

    async def _made(self, host: str, port: int, context: ssl.SSLContext | None) -> Connection:
        loop = asyncio.get_running_loop()
        name = host if context else None

        async def attempt(address: str) -> Connection:
            made = loop.create_connection(
                self._fresh, address, port, ssl=context, server_hostname=name
            )
            return (await made)[1]

        addresses = await self._resolve(host, port)
        return await first_of([partial(attempt, address) for address in addresses])

    async def _tunnelled(self, connection: Connection, proxy: Proxy) -> None:
        """Have the proxy connect us.

        Raises:
            Unreachable: it refuses, or says more than it was asked.
        """
        place = self._address.place
        head = heads.first_line("CONNECT", place) + heads.lines((("host", place), *proxy.headers))
        await connection.ask(head + b"\r\n", silence_seconds=self._connect_seconds)
        reading = connection.reading
        if not 200 <= reading.status < 300 or reading.arrived:
            raise Unreachable(f"the proxy answered {reading.status}")

    async def _encrypted(self, connection: Connection, context: ssl.SSLContext) -> Connection:
        """The same connection, with TLS within it."""
        connection.retire()
        fresh = self._fresh()
        fresh.connection_made(connection.transport)  # which it may have to close before it is ours
        transport = await asyncio.get_running_loop().start_tls(
            connection.transport, fresh, context, server_hostname=self._address.host
        )
        fresh.connection_made(cast(asyncio.Transport, transport))
        return fresh

    def _fresh(self) -> Connection:
        return Connection(kept_seconds=self._kept_seconds)
