"""A model that answers at once and says always the same: what every gateway is measured before.

Floor 5. Run as a program. It reads as much of HTTP as the measured gateways send.
"""

import asyncio
import functools
import re
import time
from typing import cast

from seedbed.bench.gateway import words
from seedbed.bench.gateway.serving import serve

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_STREAM = re.compile(rb'"stream": ?true')
_WHOLE = words.whole()
_LAST = words.last_pieces()


class Upstream(asyncio.Protocol):
    """One connection, which asks for one answer after the other."""

    def __init__(self) -> None:
        self._held = b""
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whatever still has to be sent is sent to nobody."""
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Answer once the whole request is here."""
        if self._held:
            data = self._held + data
        ends = data.find(b"\r\n\r\n") + 4
        if ends < 4 or len(data) < ends + _length(data[:ends]):
            self._held = data
            return
        self._held = b""
        if _STREAM.search(data, ends):
            self._stream(next((pace for said, pace in words.PACES.items() if said in data), 0.0))
        else:
            self._send(_WHOLE)

    def _stream(self, pace: float) -> None:
        if pace:
            self._send(words.STREAM_HEAD)
            self._pace(0, pace, self._loop.time())
        else:
            pieces = words.piece(time.perf_counter_ns()) * words.PIECES
            self._send(words.STREAM_HEAD + pieces + _LAST)

    def _pace(self, count: int, pace: float, began: float) -> None:
        """Send one piece; the next comes when its time has come, counted from the first."""
        if self._transport is None:
            return
        if count == words.PIECES:
            self._send(_LAST)
            return
        self._send(words.piece(time.perf_counter_ns()))
        due = began + (count + 1) * pace
        self._loop.call_at(due, self._pace, count + 1, pace, began)

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


@functools.lru_cache(maxsize=1024)
def _length(head: bytes) -> int:
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    serve(Upstream)
