"""One connection to a server: what is asked over it, and what comes of it, one after another.

Floor 1. One timer serves for silence and for idleness. It is set anew only when it fires, or when
it would fire too late, so that a byte that comes costs no more than a look at the loop's clock.
"""

import asyncio
import math
from typing import cast

from seedbed.kit.http.errors import HttpFault, HungUp, Silent, Unreadable
from seedbed.kit.http.reading import Reading

MOST_AHEAD = 1 << 18
"""Bytes of a body that may lie here untaken; beyond them the sender is held back."""
_SLACK_SECONDS = 0.002
"""A loop's timer may fire this much too early."""


class Connection(asyncio.Protocol):
    """A connection that is made, as long as it is open. `kept_seconds` is how long it may be idle.

    Whoever asks over it is alone on it until `rest` or `abort`.
    """

    def __init__(self, *, kept_seconds: float) -> None:
        self.reading = Reading()
        self.loop = asyncio.get_running_loop()
        self._kept_seconds = self._patience = kept_seconds
        self._fault: HttpFault | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._is_held = self._is_asked = False
        self._unsent = 0
        self._heard = self.loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._due = math.inf

    @property
    def is_usable(self) -> bool:
        """Whether another request may be sent over it."""
        return not (self.reading.is_spoilt or self.transport.is_closing())

    async def ask(self, request: bytes, *, silence_seconds: float, bodiless: bool = False) -> None:
        """Send a request, and wait until the head of its response is in `reading`.

        Raises:
            HttpFault: there is no such head, and the connection is closed.
        """
        reading = self.reading
        reading.begin(bodiless=bodiless)
        self._is_asked = True
        self._wait_for(silence_seconds)
        try:
            self.transport.write(request)
            while not reading.is_headed:
                if self._fault is not None:
                    raise self._fault
                await self._woken()
        except BaseException:
            self.abort()
            raise

    async def more(self) -> bytes:
        """All of the body that has arrived since the last call; nothing, once it is over.

        Raises:
            HttpFault: the response broke off.
        """
        reading = self.reading
        while not reading.arrived:
            if reading.is_whole:
                return b""
            if self._fault is not None:
                raise self._fault
            await self._woken()
        if self._is_held:
            self._is_held = False
            self._heard = self.loop.time()
            if not self.transport.is_closing():
                self.transport.resume_reading()
        return reading.take()

    def rest(self) -> bool:
        """End the exchange, and return whether the connection can be kept for another.

        If not, it is closed at once: by that the other side learns that nobody listens any more.
        """
        unsent = self.transport.get_write_buffer_size()
        if self.is_usable and self.reading.is_whole and not unsent:
            self._is_asked = False
            self._wait_for(self._kept_seconds)
            return True
        self.abort()
        return False

    def retire(self) -> None:
        """Leave the transport to another protocol: nothing here may close it any more."""
        self._stop()

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The loop has made the connection."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """The loop hands over what has come."""
        self._heard = self.loop.time()
        reading = self.reading
        try:
            reading.feed(data)
        except Unreadable as fault:
            self._fail(fault)
            return
        if not self._is_asked:
            self.abort()
            return
        if reading.arrived > MOST_AHEAD and not self._is_held:
            self._is_held = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """The other side has closed in good order: that may be the end of a body, and of us."""
        try:
            self.reading.end()
        except HungUp as fault:
            self._fail(fault)
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed, by whomever."""
        self._stop()
        self._fail(HungUp("the connection broke before the end of the response"))

    def _fail(self, fault: HttpFault) -> None:
        self._fault = self._fault or fault
        self.transport.abort()
        self._wake()

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _woken(self) -> asyncio.Future[None]:
        """Is done when something has come or gone."""
        self._waiter = waiter = self.loop.create_future()
        return waiter

    def _wait_for(self, seconds: float) -> None:
        """From now on, close when nothing has come for so long."""
        self._patience, self._heard = seconds, self.loop.time()
        self._unsent = 0
        due = self._heard + seconds
        if self._timer is None or due < self._due:
            self._set(due)

    def _set(self, due: float) -> None:
        self._stop()
        self._due = due
        if due < math.inf:
            self._timer = self.loop.call_at(due, self._look)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        """The timer has fired: close, if it has been silent for as long as that."""
        unsent = self.transport.get_write_buffer_size()
        if self._is_held or 0 < unsent < (self._unsent or math.inf):
            self._heard = self.loop.time()  # we are what it waits for, or it takes what we send
        self._unsent = unsent
        due = self._heard + self._patience
        if due - self.loop.time() > _SLACK_SECONDS:
            self._set(due)
        elif self._is_asked:
            self._fail(Silent(f"nothing came for {self._patience:g} s"))
        else:
            self.abort()
