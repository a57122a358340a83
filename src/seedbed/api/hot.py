"""Model calls: a plain ASGI callable in front of the site, with nothing between it and the gateway.

Floor 6. It finds the dialect by method and path, lets the guard look at the key, reads the body,
and relays events until they end or the caller leaves.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from seedbed.api.answer import Answer, Watch
from seedbed.api.dialect import ByRequest, Dialect, Reading
from seedbed.api.edge import CALLED_BY
from seedbed.api.guard import Guard
from seedbed.api.intake import LONGEST_BODY, Left, body
from seedbed.api.manner import Sent, authorization
from seedbed.api.problems import broken
from seedbed.api.stopping import STOPPED, Stopping
from seedbed.core.ask import Priority
from seedbed.core.errors import (
    RequestMalformed,
    SeedbedError,
    ServerStopping,
    SetupIncomplete,
)
from seedbed.kit import ids
from seedbed.kit.clock import Clock
from seedbed.kit.interrupt import Interrupt
from seedbed.serving.account import Once, Order
from seedbed.serving.observing import Record, Refusal
from seedbed.serving.once import Generate, OnceOnly

log: structlog.stdlib.BoundLogger = structlog.get_logger()

Calls: TypeAlias = Mapping[tuple[str, str], Dialect | ByRequest]
"""Model calls, by method and path."""
_LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class _Called:
    """A request as it came, before its body."""

    request_id: str
    path: str
    sent: Sent


class Hot:
    """The application: model calls are answered here, everything else by `site`.

    It is one of the three places where any exception may be caught.
    """

    def __init__(  # noqa: PLR0913 - what the house is made of
        self,
        generate: Generate,
        guard: Guard,
        calls: Calls,
        *,
        site: ASGIApp,
        clock: Clock,
        once: OnceOnly,
        note: Callable[[Record], None],
        stopping: Stopping | None = None,
    ) -> None:
        self._generate, self._note = generate, note
        self._once = once
        self._guard = guard
        self._calls: dict[str, dict[str, Dialect | ByRequest]] = {}
        for (method, path), dialect in calls.items():
            self._calls.setdefault(path, {})[method] = dialect
        self._site = site
        self._clock = clock
        self._under_way = (stopping or Stopping()).under_way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's request."""
        methods = self._calls.get(scope["path"]) if scope["type"] == "http" else None
        dialect = methods.get(scope["method"]) if methods else None
        if dialect is None:
            scope[CALLED_BY] = tuple(methods or ())
            await self._site(scope, receive, send)
            return
        request_id = ids.fresh("req")
        if isinstance(dialect, ByRequest):
            dialect = dialect.choose(scope)
        sent: dict[bytes, bytes] = dict(scope["headers"])
        answer = Answer(dialect, send, request_id=request_id, sent=sent)
        try:
            called = _Called(request_id, scope["path"], sent)
            reading, order = await self._read(dialect, called, receive)
            await self._relay(reading, order, receive, answer)
        except SeedbedError as error:
            why = error.what if isinstance(error, SetupIncomplete) else ""
            self._refused(request_id, error.code, why)
            await answer.problem(error)
        except Left:
            self._refused(request_id, "caller_left")
        except Exception:
            log.exception("request.broke", request=request_id, path=scope["path"])
            if not answer.is_begun:
                await answer.problem(broken())

    async def _read(
        self, dialect: Dialect, called: "_Called", receive: Receive
    ) -> tuple[Reading, Order]:
        headers, request_id = called.sent, called.request_id
        principal = await self._guard.admit(authorization(headers))
        sent = await body(receive, headers, limit=LONGEST_BODY)
        reading = dialect.read(sent, request_id=request_id, now=int(self._clock.wall()))
        trace = headers.get(b"traceparent")
        told = trace.decode("latin-1") if trace else None
        once = _once(headers, called.path, sent) if b"idempotency-key" in headers else None
        ask = reading.ask
        if b"x-seedbed-priority" in headers:
            ask = replace(ask, priority=_priority(headers[b"x-seedbed-priority"]))
        return reading, Order(ask, principal, request_id, told, once)

    async def _relay(
        self, reading: Reading, order: Order, receive: Receive, answer: Answer
    ) -> None:
        async with Interrupt() as interrupt:
            self._under_way.add(interrupt)
            watch = Watch(receive, interrupt)
            generate = self._generate if order.once is None else self._once.generate
            way = reading.way
            events = generate(order) if way is None else way.generate(order, generate)
            try:
                if reading.streamer:
                    await answer.stream(reading.streamer, events, interrupt, reading.media)
                else:
                    await answer.whole(reading.writer, events, reading.media)
            finally:
                try:
                    await events.aclose()
                finally:
                    self._under_way.discard(interrupt)
                    await watch.end()
        if interrupt.reason == STOPPED:  # pragma: no branch - 3.11 traces not what a throw resumed
            await answer.cut(reading.streamer, ServerStopping())
        elif interrupt.reason is not None:
            log.info("caller.gone", request=order.request_id, how=interrupt.reason)

    def _refused(self, request_id: str, code: str, why: str = "") -> None:
        """Note what never came as far as the gateway."""
        if why:
            log.error("request.unready", request=request_id, code=code, why=why)
        self._note(Refusal(request_id, "-", "-", code, self._clock.wall()))


def _priority(said: bytes) -> Priority:
    """How urgent an ask is, as its header says.

    Raises:
        RequestMalformed: it says nothing that is known.
    """
    try:
        return Priority(said.decode("latin-1"))
    except ValueError:
        raise RequestMalformed(
            f"X-Seedbed-Priority is {said.decode('latin-1')!r}.",
            hint=f"It is one of {', '.join(Priority)}, or is left out.",
        ) from None


def _once(headers: Mapping[bytes, bytes], path: str, sent: bytes) -> Once:
    """The idempotency key that a request came with.

    Raises:
        RequestMalformed: it is empty, too long, or has letters that are not plain.
    """
    key = headers[b"idempotency-key"].decode("latin-1")
    if not (0 < len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()):
        raise RequestMalformed(
            f"An idempotency key has 1 to {_LONGEST_KEY} plain letters, digits and signs, "
            f"and this has {len(key)}.",
            hint="Send a random one, or leave the header out.",
        )
    return Once(key, hashlib.sha256(path.encode() + b"\n" + sent).hexdigest())
