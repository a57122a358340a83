"""One end of a connection without a network: what is written to it, and whether it still stands."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import ServerState

from seedbed.api.limits import Limits
from seedbed.api.listening import Connection
from seedbed.api.openai.write import problem

HEAD = b"POST /x HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\n"
GET = b"GET /x HTTP/1.1\r\nhost: h\r\n\r\n"


class Wire(asyncio.Transport):
    """A transport that keeps what is written, and takes as much as it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.stuck_bytes = 0
        self.may_end = True
        self.is_closed = self.is_aborted = self.has_ended = self.is_paused = False

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_aborted = self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def can_write_eof(self) -> bool:
        return self.may_end

    def write_eof(self) -> None:
        self.has_ended = True

    def get_write_buffer_size(self) -> int:
        return self.stuck_bytes

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    @property
    def status(self) -> int | None:
        """The status of the first answer."""
        return int(self.written.split(b" ", 2)[1]) if self.written else None

    @property
    def code(self) -> str:
        """The code of the error that the answer holds."""
        body = self.written.partition(b"\r\n\r\n")[2]
        return msgspec.json.decode(body)["error"]["code"]


@dataclass
class Door:
    """An application that notes what it was asked, and answers when it is let."""

    lets: asyncio.Event = field(default_factory=asyncio.Event)
    reads: bool = True
    asked: list[Scope] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    left: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope)
        body, more = b"", self.reads
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.left += 1
                return
            body, more = body + message["body"], message["more_body"]
        self.bodies.append(body)
        await self.lets.wait()
        start = {"type": "http.response.start", "status": 200, "headers": []}
        await send(start)
        await send({"type": "http.response.body", "body": b"ok"})


class Room:
    """A server without a socket: connections are made to it by hand."""

    def __init__(self, door: Door, **limits: Any) -> None:
        self.limits = Limits(**limits)
        self._config = Config(door, ws="none", log_config=None, access_log=False)
        self.state = ServerState()

    def connect(self) -> tuple[Connection, Wire]:
        connection = Connection(self._config, self.state, {}, limits=self.limits, problem=problem)
        wire = Wire()
        connection.connection_made(wire)
        return connection, wire
