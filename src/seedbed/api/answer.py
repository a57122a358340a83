"""One response to a model call on its way out: a problem, a whole body, or a stream.

Floor 6. The first event is awaited before the status line is sent, so that a refused ask is a
status and not a broken stream.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from math import inf
from typing import cast

from starlette.types import Receive, Send

from seedbed.api.dialect import Dialect, Streamer, Writer
from seedbed.api.manner import Sent
from seedbed.core.errors import SeedbedError
from seedbed.core.event import Event, Failed, Fold
from seedbed.kit.interrupt import Interrupt

LEFT = "left"
STALLED = "stalled"
"""Why the work for a caller was stopped."""

_STALLED_SECONDS = 20.0
"""A caller who takes nothing for so long has stopped reading, and holds the engine no longer."""
_LOOKS_AFTER_SECONDS = 0.02
"""How long after its beginning an answer is first looked at for a caller who has left."""
_JSON = (b"content-type", b"application/json")
_EVENTS = "text/event-stream; charset=utf-8"
_STREAMED = (b"cache-control", b"no-store")


class Answer:
    """Writes one response to a request that came with the headers `sent`."""

    def __init__(self, dialect: Dialect, send: Send, *, request_id: str, sent: Sent) -> None:
        self._dialect, self._request_id = dialect, request_id
        self._send = send
        self._head = dialect.head(request_id, sent)
        self.is_begun = False
        self._is_file = False

    async def problem(self, error: SeedbedError) -> None:
        """Answer with an error."""
        told = self._dialect.problem(error, request_id=self._request_id)
        await self._whole(told.status, (_JSON, *told.headers), told.body)

    async def whole(self, writer: Writer, events: AsyncGenerator[Event], media: str = "") -> None:
        """Answer with the stream folded; `media` is what it is where it is no JSON."""
        fold = Fold()
        async for event in events:
            fold.take(event)
        try:
            reply = fold.reply()
        except SeedbedError as error:
            await self.problem(error)
            return
        await self._whole(200, (_typed(media) if media else _JSON,), writer.whole(reply))

    async def stream(
        self,
        streamer: Streamer,
        events: AsyncGenerator[Event],
        interrupt: Interrupt,
        media: str = "",
    ) -> None:
        """Answer with the stream as it comes; a late failure is told in band.

        A file of a `media` type has no words for it: it breaks off, so that nobody takes it for
        whole.
        """
        first = await anext(events)
        if isinstance(first, Failed):
            await self.problem(first.error)
            return
        self._is_file = bool(media)
        await self._begin(200, (_typed(media or _EVENTS), _STREAMED))
        stall = _Stall(interrupt)
        send, chunk, now = self._send, streamer.chunk, asyncio.get_running_loop().time
        last, event = first, cast("Event | None", first)
        try:
            while event is not None:
                if data := chunk(event):
                    stall.since = now()
                    await send({"type": "http.response.body", "body": data, "more_body": True})
                    stall.since = inf
                last, event = event, await anext(events, None)
        finally:
            stall.end()
        if not (self._is_file and isinstance(last, Failed)):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def cut(self, streamer: Streamer | None, error: SeedbedError) -> None:
        """End an answer that is not finished, and say why."""
        if not self.is_begun:
            await self.problem(error)
        elif streamer is not None and not self._is_file:
            last = streamer.chunk(Failed(error))
            await self._send({"type": "http.response.body", "body": last, "more_body": False})

    async def _whole(
        self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes
    ) -> None:
        await self._begin(status, (*headers, (b"content-length", b"%d" % len(body))))
        await self._send({"type": "http.response.body", "body": body})

    async def _begin(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self.is_begun = True
        head = [*headers, *self._head]
        await self._send({"type": "http.response.start", "status": status, "headers": head})


def _typed(media: str) -> tuple[bytes, bytes]:
    return b"content-type", media.encode()


class _Stall:
    """Stops the work for a caller who takes nothing any more: one timer, however much is sent.

    `since` is when a sending began that is under way, by the loop's time.
    """

    def __init__(self, interrupt: Interrupt) -> None:
        self._interrupt = interrupt
        self._loop = asyncio.get_running_loop()
        self.since = inf
        self._timer = self._loop.call_later(_STALLED_SECONDS, self._look)

    def end(self) -> None:
        """Look no longer."""
        self._timer.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        due = min(self.since, now) + _STALLED_SECONDS
        if due > now:
            self._timer = self._loop.call_at(due, self._look)
        else:
            self._interrupt.stop(STALLED)


class Watch:
    """Looks whether the caller is still there, and stops the work when not.

    It begins after a moment, so that a quick answer costs a timer and no task: whoever leaves
    before is noticed then.
    """

    def __init__(self, receive: Receive, interrupt: Interrupt) -> None:
        self._receive, self._interrupt = receive, interrupt
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(_LOOKS_AFTER_SECONDS, self._begin)
        self._watching: asyncio.Task[None] | None = None

    async def end(self) -> None:
        """Look no longer."""
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching

    def _begin(self) -> None:
        self._watching = self._loop.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._interrupt.stop(LEFT)
