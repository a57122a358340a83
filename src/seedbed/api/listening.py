"""One connection, with bounds on what a caller may make the server hold and how long.

Floor 6. uvicorn's own protocol waits forever for a head, takes headers without end and queues any
number of requests. Here a connection has one moment, `due`, by which something must have come; the
server looks at all of them once a second, so that no request costs a timer.
"""

import asyncio
from collections.abc import Callable
from math import inf
from types import SimpleNamespace
from typing import Any, cast

import httptools
from uvicorn._types import HTTPScope
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from seedbed.api.gathering import Gathering
from seedbed.api.limits import LONG_BODY, Limits
from seedbed.api.problems import Problem
from seedbed.core.errors import (
    HeadTooLarge,
    RequestMalformed,
    RequestTooSlow,
    SeedbedError,
    ServerFull,
    UrlTooLong,
)

_NOBODY = cast(
    RequestResponseCycle,
    SimpleNamespace(response_complete=True, more_body=False, message_event=asyncio.Event()),
)
"""What stands for a request before the first one, and for one that is to be read anew."""
_VERSIONS = frozenset({"1.0", "1.1"})
_HOP = frozenset({b"connection", b"upgrade", b"http2-settings"})


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with `Limits`."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        limits: Limits,
        problem: Callable[[SeedbedError], Problem],
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = limits
        self._problem = problem
        self.due = inf
        self._fault: SeedbedError | None = None
        self.ahead: list[RequestResponseCycle] = []
        """Requests before the latest one whose answers may not be finished."""
        self.cycle = self._before = _NOBODY
        self.scope = cast(HTTPScope, {})
        self._head = self.scope
        self._head_bytes = 0
        self._may_be_long = False
        self._body_of = _NOBODY
        self.body_since = 0.0
        self._barren_bytes = 0
        self._is_parting = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection, if there is room."""
        super().connection_made(Gathering(transport, self.loop))
        self.due = self.loop.time() + self._limits.head_within
        if len(self.connections) > self._limits.connections:
            self._say(ServerFull(connections=self._limits.connections))
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell every request that its caller has left; uvicorn tells the latest only."""
        self._leave_alone()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has come, and decide by when more must."""
        if self._is_parting:
            return
        self._may_be_long = len(data) > self._limits.head_bytes or self._head_bytes > 0
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError as error:
            self._refuse(self._fault or _no_http(str(error)))
            return
        cycle = self.cycle
        if "method" not in self.scope:
            self._await_head(len(data))
        elif not cycle.response_complete:
            if cycle.more_body:
                self._await_body(cycle, len(data))
            else:
                self.due = inf

    def on_headers_complete(self) -> None:
        """Look at a head before anything is made of it."""
        self._fault = self._look_at_head()
        self._head_bytes = 0
        if self._fault is not None:
            raise self._fault
        before = self.cycle
        if self.parser.should_upgrade():
            self._before, self.cycle = before, _NOBODY
            return
        super().on_headers_complete()
        if not before.response_complete:
            self.ahead.append(before)

    def on_response_complete(self) -> None:
        """Go on with the next request, or begin to wait for one."""
        self.server_state.total_requests += 1
        if self.pipeline and not self.transport.is_closing():
            self.flow.resume_reading()
            self._start_asgi_task(*self.pipeline.pop())
            return
        self.ahead.clear()
        if self.cycle.more_body:  # the rest of it is of no use to anybody
            self.due = self.loop.time() + self._limits.parting
        elif self.due == inf:
            self.due = self.loop.time() + self._limits.idle
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def part(self, now: float) -> None:
        """Bound the parting of a connection that closes: its caller may take nothing any more."""
        if self.due == inf and self.transport.is_closing():
            self.due = now + self._limits.parting

    def look(self, now: float) -> None:
        """End the connection if what it waits for is overdue; `now` is the loop's time."""
        if now < self.due:
            return
        cycle = self.cycle
        if self.transport.is_closing() or self.transport.get_write_buffer_size():
            self.transport.abort()  # to close would wait for a caller who takes nothing
        elif cycle.response_complete or cycle is not self._body_of:
            self.transport.close()
        elif self.flow.read_paused:
            self.due = now + self._limits.body_pause  # it is us who are slow
        else:
            self._refuse(RequestTooSlow(seconds=round(now - self.body_since)))

    def _look_at_head(self) -> SeedbedError | None:
        limits, headers = self._limits, self.headers
        if len(headers) > limits.headers or (
            self._may_be_long
            and sum(len(name) + len(value) + 4 for name, value in headers) > limits.head_bytes
        ):
            return HeadTooLarge(limit=limits.head_bytes, headers=limits.headers)
        if len(self.url) > limits.url_bytes:
            return UrlTooLong(limit=limits.url_bytes)
        if len(self.pipeline) >= limits.waiting_requests:
            return _no_http(f"more than {limits.waiting_requests} requests wait on one connection")
        if self.parser.get_http_version() not in _VERSIONS:
            return _no_http(f"its version is {self.parser.get_http_version()}")
        return None

    def _await_head(self, size: int) -> None:
        """Bound a head that has begun; before its first line `due` stands as it is."""
        if self._head is not self.scope:
            self._head = self.scope
            self.due = self.loop.time() + self._limits.head_within
        self._head_bytes += size
        if self._head_bytes > self._limits.head_bytes:
            limits = self._limits
            self._refuse(HeadTooLarge(limit=limits.head_bytes, headers=limits.headers))

    def _await_body(self, cycle: RequestResponseCycle, size: int) -> None:
        """Bound a body that is not whole. Trailers and the like are no progress."""
        now, limits = self.loop.time(), self._limits
        if self._body_of is not cycle:
            self._body_of, self.body_since, self._barren_bytes = cycle, now, 0
            self.due = now + limits.body_pause
        if cycle.body:
            self._barren_bytes = 0
            within = inf if LONG_BODY in self.scope else limits.body_within
            self.due = min(self.body_since + within, now + limits.body_pause)
            return
        self._barren_bytes += size
        if self._barren_bytes > 2 * limits.head_bytes:
            self._refuse(HeadTooLarge(limit=limits.head_bytes, headers=limits.headers))

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Read the request as if it had not asked to speak something else."""
        self.cycle = self._before
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(_no_http("this is no proxy"))
            return
        kept = [(name, value) for name, value in self.headers if name not in _HOP]
        head = b"".join(b"%b: %b\r\n" % header for header in kept)
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(b"%b %b HTTP/1.1\r\n%b\r\n%b" % (method, self.url, head, rest))

    def _refuse(self, error: SeedbedError) -> None:
        """Tell why the connection ends, unless an earlier request's answer is still to come."""
        cycle = self.cycle
        is_next = cycle.response_complete or (cycle.more_body and not cycle.response_started)
        is_ahead = any(not earlier.response_complete for earlier in self.ahead)
        self._leave_alone()
        if is_ahead or not is_next:
            self.transport.abort()
            return
        self._say(error)
        self._is_parting = True
        self.due = self.loop.time() + self._limits.parting
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _say(self, error: SeedbedError) -> None:
        told = self._problem(error)
        headers = [
            *self.server_state.default_headers,
            *told.headers,
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(told.body)),
            (b"connection", b"close"),
        ]
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[told.status] + head + b"\r\n" + told.body)

    def _leave_alone(self) -> None:
        """Let every request know that nobody waits for its answer."""
        for cycle in (*self.ahead, self.cycle):
            if not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()


def _no_http(why: str) -> RequestMalformed:
    return RequestMalformed(f"The request cannot be read: {why}.", hint="Send it as HTTP/1.1.")
