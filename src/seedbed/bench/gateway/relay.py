"""A gateway that does nothing: it hands bytes on, both ways, and looks at none of them.

Floor 5. Run as a program, with the port of the upstream. What it costs is what any gateway in this
language must cost.
"""

import asyncio
import sys
from functools import partial
from typing import cast

from seedbed.bench.gateway.serving import serve


class _Side(asyncio.Protocol):
    """One end of a pair: what it receives goes out of the other."""

    def __init__(self) -> None:
        self.other: _Side | None = None
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._early:
            self._transport.writelines(self._early)

    def data_received(self, data: bytes) -> None:
        if self.other:
            self.other.send(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.other:
            self.other.close()

    def send(self, data: bytes) -> None:
        """Send now, or as soon as there is somebody to send to."""
        if self._transport:
            self._transport.write(data)
        else:
            self._early.append(data)

    def close(self) -> None:
        """Hang up."""
        if self._transport:
            self._transport.close()


class Relay(_Side):
    """The caller's end, which brings an upstream's end along."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.other = _Side()
        self.other.other = self
        loop = asyncio.get_running_loop()
        ours = self.other
        self._opening = loop.create_task(loop.create_connection(lambda: ours, "127.0.0.1", port))


if __name__ == "__main__":
    serve(partial(Relay, int(sys.argv[1])))
