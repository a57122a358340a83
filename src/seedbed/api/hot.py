"""Model calls: a plain ASGI callable in front of the site, with nothing between it and the gateway.

Floor 6. It finds the dialect by method and path, lets the guard look at the key, reads the body,
and relays events until they end or the caller leaves. The first event is awaited before the status
line is sent, so that a refused ask is a status and not a broken stream.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import anyio
import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from seedbed.api.dialect import Dialect, Reading, Streamer, Writer
from seedbed.api.edge import REQUEST_ID
from seedbed.api.guard import Guard
from seedbed.api.problems import Problem
from seedbed.core.errors import PathUnknown, RequestTooLarge, SeedbedError, SetupIncomplete
from seedbed.core.event import Event, Failed, Reply
from seedbed.kit.clock import Clock
from seedbed.serving.account import Order
from seedbed.serving.gateway import Gateway

log: structlog.stdlib.BoundLogger = structlog.get_logger()

LONGEST_BODY = 32 << 20
_STALLED_SECONDS = 20.0
"""A caller who takes nothing for so long has stopped reading, and holds the engine no longer."""
_JSON = (b"content-type", b"application/json")
_STREAM = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"))


class Hot:
    """The application: model calls are answered here, everything else by `site`."""

    def __init__(
        self,
        gateway: Gateway,
        guard: Guard,
        calls: Mapping[tuple[str, str], Dialect],
        *,
        site: ASGIApp,
        clock: Clock,
    ) -> None:
        self._gateway = gateway
        self._guard = guard
        self._calls: dict[str, dict[str, Dialect]] = {}
        for (method, path), dialect in calls.items():
            self._calls.setdefault(path, {})[method] = dialect
        self._site = site
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's request."""
        methods = self._calls.get(scope["path"]) if scope["type"] == "http" else None
        if methods is None:
            await self._site(scope, receive, send)
            return
        dialect = methods.get(scope["method"], next(iter(methods.values())))
        answer = _Answer(send)
        try:
            if scope["method"] not in methods:
                raise PathUnknown(scope["method"], scope["path"], allowed=tuple(methods))
            reading, order = await self._read(dialect, scope, receive)
        except SeedbedError as error:
            why = error.what if isinstance(error, SetupIncomplete) else ""
            log.info("request.refused", request=scope[REQUEST_ID], code=error.code, why=why)
            await answer.problem(dialect.problem(error))
            return
        except _Left:
            log.info("request.refused", request=scope[REQUEST_ID], code="caller_left")
            return
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_watch, receive, tasks.cancel_scope)
            async with aclosing(self._gateway.generate(order)) as events:
                try:
                    if reading.streamer:
                        await answer.stream(dialect, reading.streamer, events)
                    else:
                        await answer.whole(dialect, reading.writer, events)
                except TimeoutError:
                    log.info("caller.stalled", request=scope[REQUEST_ID])
            tasks.cancel_scope.cancel()

    async def _read(
        self, dialect: Dialect, scope: Scope, receive: Receive
    ) -> tuple[Reading, Order]:
        request_id: str = scope[REQUEST_ID]
        headers = dict(scope["headers"])
        principal = await self._guard.admit(headers.get(b"authorization", b"").decode("latin-1"))
        body = await _body(receive)
        reading = dialect.read(body, request_id=request_id, now=int(self._clock.wall()))
        return reading, Order(reading.ask, principal, request_id)


class _Answer:
    """One response on its way out."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def problem(self, problem: Problem) -> None:
        """Answer with an error."""
        await self._start(problem.status, (_JSON, *problem.headers), problem.body)

    async def whole(self, dialect: Dialect, writer: Writer, events: AsyncGenerator[Event]) -> None:
        """Answer with the stream folded."""
        try:
            reply = Reply.of([event async for event in events])
        except SeedbedError as error:
            await self.problem(dialect.problem(error))
            return
        await self._start(200, (_JSON,), writer.whole(reply))

    async def stream(
        self, dialect: Dialect, streamer: Streamer, events: AsyncGenerator[Event]
    ) -> None:
        """Answer with the stream as it comes; a late failure is told in band."""
        first = await anext(events)
        if isinstance(first, Failed):
            await self.problem(dialect.problem(first.error))
            return
        await self._start(200, _STREAM, None)
        await self._more(streamer.chunk(first))
        async for event in events:
            await self._more(streamer.chunk(event))
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _more(self, data: bytes) -> None:
        if data:
            with anyio.fail_after(_STALLED_SECONDS):
                await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def _start(
        self, status: int, headers: tuple[tuple[bytes, bytes], ...], body: bytes | None
    ) -> None:
        length = () if body is None else ((b"content-length", str(len(body)).encode()),)
        start = {"type": "http.response.start", "status": status, "headers": [*headers, *length]}
        await self._send(start)
        if body is not None:
            await self._send({"type": "http.response.body", "body": body})


class _Left(Exception):
    """The caller is gone."""


async def _body(receive: Receive) -> bytes:
    """The whole body.

    Raises:
        RequestTooLarge: it is longer than `LONGEST_BODY`.
        _Left: the caller left before its end.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Left
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LONGEST_BODY:
            raise RequestTooLarge(limit=LONGEST_BODY)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _watch(receive: Receive, scope: anyio.CancelScope) -> None:
    """Stop the work when the caller leaves: whatever was used until then is settled."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
