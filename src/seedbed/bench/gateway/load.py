"""The caller: so many connections, each asking again as soon as it has its answer.

Floor 5. Run as a program: each line of standard input is an `Order`, and is answered with a `Got`.
It runs in a process of its own, so that its work is in nobody's figures.
"""

import asyncio
import re
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import msgspec
import uvloop

from seedbed.bench.gateway import words
from seedbed.bench.gateway.doors import DOORS

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_MARK = re.compile(rb"@(\d+)@")
_OK = b"HTTP/1.1 200"
_STREAM_ENDS = b"\r\n" + words.STREAM_END


class Order(msgspec.Struct):
    """Ask so often, with so many in flight, and give up after `patience` seconds.

    Where streams are `slow`, callers begin one after the other, as long as a stream takes.
    """

    port: int
    door: str
    key: str
    in_flight: int
    requests: int
    stream: bool
    patience: float
    slow: bool = False

    @property
    def pace(self) -> bytes:
        """What a prompt says of the pace of its stream; nothing where it wants none."""
        if not self.stream:
            return b""
        return words.SLOW if self.slow else words.EVEN

    @property
    def spread(self) -> float:
        """Seconds from one caller's beginning to the next's."""
        return words.PACES[words.SLOW] * words.PIECES / self.in_flight if self.slow else 0.0


class Got(msgspec.Struct):
    """What came. Latencies are of whole answers, lags of single pieces, and firsts of the first
    piece since it was asked for; all in microseconds.
    """

    answered: int
    refused: int
    failed: int
    short: int
    wall: float
    p50: float
    p99: float
    lag_p50: float
    lag_p99: float
    first_p50: float = 0.0
    first_p99: float = 0.0

    @property
    def lost(self) -> int:
        """Requests that brought no whole and good answer."""
        return self.refused + self.failed + self.short


@dataclass(slots=True)
class _Work:
    """What is left to do, and what has come of it."""

    order: Order
    request: bytes
    over: asyncio.Future[None]
    left: int
    open: int
    taken: list[int] = field(default_factory=list[int])
    lags: list[int] = field(default_factory=list[int])
    firsts: list[int] = field(default_factory=list[int])
    refused: int = 0
    short: int = 0

    def next(self) -> bool:
        """Take one of the requests that are left."""
        self.left -= 1
        return self.left >= 0

    def end(self) -> None:
        """One caller has nothing left to do."""
        self.open -= 1
        if self.open == 0 and not self.over.done():
            self.over.set_result(None)


class _Caller(asyncio.Protocol):
    """One connection. It reads as much of HTTP as the measured gateways send."""

    def __init__(self, work: _Work, wait: float) -> None:
        self._work, self._wait = work, wait
        self._transport: asyncio.Transport | None = None
        self._began = 0
        self._answer = b""
        self._seen = 0
        """How much of a stream's answer has been looked through for pieces."""
        self._pieces = 0
        self._busy = True
        """It has not asked all that it will."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._wait:
            asyncio.get_running_loop().call_later(self._wait, self._ask)
        else:
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._busy:
            self._work.end()

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter_ns()
        answer = self._answer = self._answer + data if self._answer else data
        head = answer.find(b"\r\n\r\n") + 4
        if head < 4:
            return
        length = _LENGTH.search(answer, 0, head)
        if length is None:
            self._read_pieces(answer, now)
        elif len(answer) >= head + int(length[1]):
            self._take(now, whole=words.is_whole(answer))

    def _read_pieces(self, answer: bytes, now: int) -> None:
        for mark in _MARK.finditer(answer, self._seen):
            if not self._pieces:
                self._work.firsts.append(now - self._began)
            self._pieces += 1
            self._seen = mark.end()
            self._work.lags.append(now - int(mark[1]))
        if answer.endswith(_STREAM_ENDS):
            ends = DOORS[self._work.order.door].ends
            self._take(now, whole=self._pieces == words.PIECES and ends in answer)

    def _take(self, now: int, *, whole: bool) -> None:
        if not self._answer.startswith(_OK):
            self._work.refused += 1
        elif not whole:
            self._work.short += 1
        else:
            self._work.taken.append(now - self._began)
        self._ask()

    def _ask(self) -> None:
        if self._transport is None:
            return  # it was lost while it waited
        if not self._work.next():
            self._busy = False
            self._transport.close()
            self._work.end()
            return
        self._answer, self._seen, self._pieces = b"", 0, 0
        self._began = time.perf_counter_ns()
        self._transport.write(self._work.request)


async def ask(order: Order) -> Got:
    """Do what the order says."""
    loop = asyncio.get_running_loop()
    sent = words.request(order.door, order.key, pace=order.pace)
    over: asyncio.Future[None] = loop.create_future()
    work = _Work(order, sent, over, left=order.requests, open=order.in_flight)
    began = time.perf_counter()
    opening = (
        loop.create_connection(partial(_Caller, work, at * order.spread), "127.0.0.1", order.port)
        for at in range(order.in_flight)
    )
    opened = await asyncio.gather(*opening, return_exceptions=True)
    for failed in opened:
        if isinstance(failed, OSError):
            work.end()
    await asyncio.wait([over], timeout=order.patience)
    took = time.perf_counter() - began
    for connection in opened:
        if not isinstance(connection, BaseException):
            connection[0].abort()
    return _told(work, took)


def _told(work: _Work, wall: float) -> Got:
    answered = len(work.taken)
    missing = work.order.requests - answered - work.refused - work.short
    return Got(
        answered=answered,
        refused=work.refused,
        failed=missing,
        short=work.short,
        wall=wall,
        p50=_part(work.taken, 0.5),
        p99=_part(work.taken, 0.99),
        lag_p50=_part(work.lags, 0.5),
        lag_p99=_part(work.lags, 0.99),
        first_p50=_part(work.firsts, 0.5),
        first_p99=_part(work.firsts, 0.99),
    )


def _part(nanoseconds: list[int], part: float) -> float:
    """What so large a part of them does not exceed, in microseconds; 0 where there are none."""
    if not nanoseconds:
        return 0.0
    return sorted(nanoseconds)[int((len(nanoseconds) - 1) * part)] / 1000


def main() -> None:
    """Take orders until standard input ends."""
    for line in sys.stdin:
        got = uvloop.run(ask(msgspec.json.decode(line, type=Order)))
        sys.stdout.buffer.write(msgspec.json.encode(got) + b"\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
