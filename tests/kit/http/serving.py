"""A real server on the loopback that says what a test tells it to, byte by byte."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from ssl import SSLContext
from typing import TypeAlias

Answer: TypeAlias = "Callable[[Peer], Awaitable[None]]"
CERTIFICATE = Path(__file__).parent / "localhost.pem"
"""A certificate for `localhost` with its key, which nobody trusts but these tests."""


@dataclass
class Peer:
    """One connection, as the server has it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: list[bytes]

    async def request(self) -> bytes:
        """The next request, whole."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        request = head + await self.reader.readexactly(int(length or 0))
        self.heard.append(request)
        return request

    async def say(self, sent: bytes) -> None:
        self.writer.write(sent)
        await self.writer.drain()


@dataclass
class Server:
    """Where it listens, what it was asked, and how many connections it has and had."""

    port: int = 0
    opened: int = 0
    closed: int = 0
    heard: list[bytes] = field(default_factory=list[bytes])
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def all_closed(self) -> None:
        """Wait until every connection that was made is closed by the one who made it."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.closed == self.opened)


@asynccontextmanager
async def serving(answer: Answer, tls: SSLContext | None = None) -> AsyncGenerator[Server]:
    """A server that answers each connection so, and then waits until the other side closes it."""
    server = Server()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.opened += 1
        try:
            await answer(Peer(reader, writer, server.heard))
            await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has gone, as some tests want
        finally:
            writer.close()
            async with server.changed:
                server.closed += 1
                server.changed.notify_all()

    async with await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls) as listening:
        server.port = listening.sockets[0].getsockname()[1]
        yield server
        await server.all_closed()


def each(*answers: bytes) -> Answer:
    """Answers its requests with these bytes in turn, whichever connection they come over."""
    rest = list(answers)

    async def answer(peer: Peer) -> None:
        while rest:
            await peer.request()
            await peer.say(rest.pop(0))

    return answer


def whole(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + end
