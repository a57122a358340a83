"""Media that lie somewhere in the net, fetched without being led into one's own; and what is handed
over there.

Floor 1. The name is resolved once, every address that it has is checked, and the connection goes to
one of those and no other; so a name that changes between the check and the connection changes
nothing. Each redirect is checked anew. No key or cookie goes along, and no proxy is asked, since it
would resolve the name by itself.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from seedbed.kit.http import heads
from seedbed.kit.http.address import Address, read_address, split
from seedbed.kit.http.connecting import Connecting, Resolve, resolved
from seedbed.kit.http.connection import Connection
from seedbed.kit.http.errors import HttpFault
from seedbed.kit.http.response import Response
from seedbed.kit.media.errors import Inward, MediumFault
from seedbed.kit.media.inward import is_inward

_MOVED = frozenset({301, 302, 303, 307, 308})
_UNESCAPED = "/%:@!$&'()*+,;=~?-._"
_HEADERS = (("accept", "*/*"), ("accept-encoding", "identity"), ("user-agent", "seedbed"))


@dataclass(frozen=True, slots=True)
class Reach:
    """Where may be fetched, how much, for how long in all and how long without a byte.

    With `inward` addresses of one's own network are fetched from, too, at any port.
    """

    most_bytes: int = 64 << 20
    seconds: float = 30.0
    silence_seconds: float = 10.0
    redirects: int = 3
    ports: frozenset[int] = frozenset({80, 443, 8080, 8443})
    inward: bool = False


class Fetcher:
    """Fetches. `tls` is `None` for the certificates that this machine trusts."""

    def __init__(
        self,
        reach: Reach = Reach(),
        *,
        resolve: Resolve = resolved,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._reach, self._resolve, self._tls = reach, resolve, tls

    async def fetch(self, url: str) -> bytes:
        """What lies there, whole.

        Raises:
            MediumFault: it cannot be had, or not within these bounds.
            Inward: the address leads to where nothing is fetched from.
        """
        async with self._bounded("it has not come"):
            return await self._followed(url)

    async def hand_over(self, url: str, body: bytes, headers: Iterable[tuple[str, str]]) -> int:
        """Post something there; the status of the answer, of which no more is read. It is not sent
        on to where that leads.

        Raises:
            MediumFault: there is no answer, or not within these bounds.
            Inward: the address leads to where nothing is asked.
        """
        length = ("content-length", str(len(body)))
        async with self._bounded("it was not answered"):
            address, target = self._read(url)
            head = heads.first_line("POST", target) + _lines(address, (*headers, length))
            with await self._asked(address, head + b"\r\n" + body) as response:
                return response.status_code

    @asynccontextmanager
    async def _bounded(self, late: str) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._reach.seconds):
                yield
        except TimeoutError as error:
            raise MediumFault(f"{late} within {self._reach.seconds:g} s") from error
        except HttpFault as fault:
            raise MediumFault(str(fault)) from fault

    async def _followed(self, url: str) -> bytes:
        for _ in range(self._reach.redirects + 1):
            address, target = self._read(url)
            head = heads.first_line("GET", target) + _lines(address)
            with await self._asked(address, head + b"\r\n") as response:
                moved = _moved(response)
                if moved is None:
                    return await response.read(self._reach.most_bytes)
                url = urljoin(url, moved)
        raise MediumFault(f"it leads on more than {self._reach.redirects} times")

    def _read(self, url: str) -> tuple[Address, str]:
        """The host, and what is asked of it.

        Raises:
            MediumFault: it is no address that may be fetched.
        """
        try:
            parts, _ = split(url)
            address = read_address(f"{parts.scheme}://{parts.netloc}")
        except ValueError as error:
            raise MediumFault(str(error)) from error
        if not self._reach.inward and address.port not in self._reach.ports:
            ports = ", ".join(map(str, sorted(self._reach.ports)))
            raise Inward(f"{address.place} is not asked: only the ports {ports} are")
        query = f"?{parts.query}" if parts.query else ""
        return address, quote((parts.path or "/") + query, safe=_UNESCAPED)

    async def _asked(self, address: Address, request: bytes) -> Response:
        """The head of what a fresh connection answers."""
        connecting = Connecting(
            address,
            None,
            self._tls,
            connect_seconds=self._reach.silence_seconds,
            kept_seconds=self._reach.silence_seconds,
            resolve=self._checked,
        )
        connection = await connecting.connect()
        await connection.ask(request, silence_seconds=self._reach.silence_seconds)
        return Response(connection, Connection.abort)

    async def _checked(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host.

        Raises:
            Inward: one of them is inward.
        """
        found = await self._resolve(host, port)
        if not self._reach.inward and any(map(is_inward, found)):
            raise Inward(f"{host} leads into a network of this house's own")
        return found


def _lines(address: Address, more: Iterable[tuple[str, str]] = ()) -> bytes:
    """The headers of a request."""
    return heads.lines((("host", address.authority), *_HEADERS, ("connection", "close"), *more))


def _moved(response: Response) -> str | None:
    """Where it is said to be instead.

    Raises:
        MediumFault: it is neither here nor elsewhere.
    """
    status, where = response.status_code, response.headers.get(b"location")
    if status in _MOVED and where is not None:
        return where.decode("latin-1")
    if status != 200:
        raise MediumFault(f"its server answered {status}")
    return None
