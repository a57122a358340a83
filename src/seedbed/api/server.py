"""The server's life: it looks at its connections once a second, and ends in good order.

Floor 6. When it is told to end it takes no more connections, lets answers under way finish, cuts
off what has not after its patience, and only then lets the application close its books. A second
signal takes the patience away.
"""

import asyncio
import resource
import socket
import ssl
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import cast

import structlog
import uvicorn
from starlette.types import ASGIApp

from seedbed.api.limits import Limits
from seedbed.api.listening import Connection
from seedbed.api.problems import Problem
from seedbed.api.stopping import Stopping
from seedbed.core.errors import SeedbedError

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_LOOKS_PER_SECOND = 10
_SETTLING_LOOKS = 50
"""Looks until work that was cut off has settled: five seconds."""
_KEPT_FILES = 256
"""Open files that are kept back for the house itself: its database, logs, engines and upstreams."""


class Server(uvicorn.Server):
    """uvicorn's server with our connections. `grace` is in seconds."""

    def __init__(self, config: uvicorn.Config, *, stopping: Stopping, grace: float) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._grace_looks = round(grace * _LOOKS_PER_SECOND)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End; told so again, without waiting."""
        self.force_exit = self.should_exit
        self._stopping.is_begun = True
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """What uvicorn does ten times a second; once a second, look at every connection."""
        if counter % _LOOKS_PER_SECOND == 0:
            self._look()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End in good order."""
        self._stopping.is_begun = True
        for server in self.servers:
            server.close()
        for listening in sockets or ():
            listening.close()
        for connection in self.held:
            connection.shutdown()
        await self._wait(self._grace_looks)
        if self.server_state.tasks:
            log.warning("answers.cut", answers=len(self.server_state.tasks))
            self._stopping.cut()
            self.force_exit = False
            await self._wait(_SETTLING_LOOKS)
        for task in tuple(self.server_state.tasks):
            task.cancel()
        for connection in self.held:
            connection.transport.close()
        await self.lifespan.shutdown()

    async def _wait(self, looks: int) -> None:
        """Wait until every connection is closed, or for so many looks at most."""
        for look in range(looks):
            if self.force_exit or not (self.server_state.connections or self.server_state.tasks):
                return
            if look % _LOOKS_PER_SECOND == 0:
                self._look()
            await asyncio.sleep(1 / _LOOKS_PER_SECOND)

    @property
    def held(self) -> list[Connection]:
        """The connections that are open."""
        return cast(list[Connection], list(self.server_state.connections))

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in self.held:
            connection.part(now)
            if connection.due <= now:
                connection.look(now)


def make_server(
    app: ASGIApp,
    *,
    limits: Limits,
    problem: Callable[[SeedbedError], Problem],
    stopping: Stopping,
    grace: float,
    tls: ssl.SSLContext | None = None,
) -> Server:
    """A server for an application; it speaks TLS where it is told how."""
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=cast(type[asyncio.Protocol], partial(Connection, limits=limits, problem=problem)),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    config.load()
    config.ssl = tls
    return Server(config, stopping=stopping, grace=grace)


def room_for(connections: int) -> int:
    """As many of these connections as the machine allows, after asking it for all that it has."""
    wanted = connections + _KEPT_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = wanted if hard == resource.RLIM_INFINITY else hard
    if soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    if wanted <= files:
        return connections
    room = max(files - _KEPT_FILES, 1)
    log.warning("connections.bounded", wanted=connections, room=room, open_files=files)
    return room
