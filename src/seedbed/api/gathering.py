"""A transport that sends at once what is written in one turn of the loop: a head and its body.

Floor 6. Each sending is a call of the system, which costs more than the rest of a short answer.
"""

import asyncio
from typing import Any


class Gathering(asyncio.Transport):
    """Stands before a connection's transport."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._gathered: list[bytes | bytearray | memoryview] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send soon, with what else is written in this turn."""
        if not self._gathered:
            self._loop.call_soon(self._send)
        self._gathered.append(data)

    def close(self) -> None:
        """Close once everything is sent."""
        self._send()
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._gathered.clear()
        self._transport.abort()

    def write_eof(self) -> None:
        """Say that nothing follows."""
        self._send()
        self._transport.write_eof()

    def can_write_eof(self) -> bool:
        """Whether that can be said."""
        return self._transport.can_write_eof()

    def get_write_buffer_size(self) -> int:
        """Bytes that are not sent yet."""
        return sum(map(len, self._gathered)) + self._transport.get_write_buffer_size()

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        """Take nothing more."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Take more."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: object = None) -> Any:  # noqa: ANN401 - as asyncio has it
        """What is known of the connection."""
        return self._transport.get_extra_info(name, default)

    def _send(self) -> None:
        gathered, self._gathered = self._gathered, []
        if gathered and not self._transport.is_closing():
            self._transport.write(gathered[0] if len(gathered) == 1 else b"".join(gathered))
