"""An ask with an idempotency key is answered once: whoever asks again is given the same answer.

Floor 4. In front of the gateway, for those asks alone. The answer and its entry are written in one
transaction before the last event is told, so that whoever has seen the end can rely on it. Who
leaves is expected back: the work goes on, as long as somebody wants it.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import TypeAlias

import anyio
import msgspec

from seedbed.core import event as events
from seedbed.core.errors import OnceDiffers, StoreUnusable
from seedbed.core.event import Event, Failed, Finished
from seedbed.kit.clock import Clock
from seedbed.serving.account import Once, Order
from seedbed.serving.metering import Meter
from seedbed.store.answers import Answers, Kept

_AGAIN_SECONDS = 1.0
_KINDS = {
    kind.__name__: kind
    for kind in (
        events.Started,
        events.TextDelta,
        events.ReasoningDelta,
        events.CallDelta,
        events.Embedded,
        events.Ranked,
        events.Previewed,
        events.Painted,
        events.PaintFailed,
        events.FilmProgress,
        events.Filmed,
        events.Spoken,
        events.Heard,
        events.Tokenized,
        events.Counted,
        events.UsageNow,
        events.Finished,
    )
}

Generate: TypeAlias = Callable[[Order], AsyncGenerator[Event]]


class _Run:
    """One answer on its way, for all who wait for it."""

    def __init__(self, digest: str) -> None:
        self.digest = digest
        self.events: list[Event] = []
        self.is_over = False
        self.listeners = 0
        self.task: asyncio.Task[None] | None = None
        self._came = anyio.Event()

    def add(self, event: Event) -> None:
        """Tell one more."""
        self.events.append(event)
        self._tell()

    def end(self) -> None:
        """Tell that nothing follows."""
        self.is_over = True
        self._tell()

    async def listen(self) -> AsyncGenerator[Event]:
        """All of it, from the beginning."""
        place = 0
        while True:
            came = self._came
            while place < len(self.events):
                yield self.events[place]
                place += 1
            if self.is_over:
                return
            await came.wait()

    def _tell(self) -> None:
        self._came.set()
        self._came = anyio.Event()


class OnceOnly:
    """Answers such asks. `is_wanted` tells whether an order whose caller has left still matters."""

    def __init__(
        self,
        generate: Generate,
        answers: Answers,
        meter: Meter,
        *,
        clock: Clock,
        is_wanted: Callable[[Order], Awaitable[bool]],
    ) -> None:
        self._generate, self._answers, self._meter = generate, answers, meter
        self._clock, self._is_wanted = clock, is_wanted
        self._runs: dict[tuple[str, str], _Run] = {}

    async def generate(self, order: Order) -> AsyncGenerator[Event]:
        """Yield the one stream of an order, which may have been yielded before.

        Raises:
            ValueError: the order has no idempotency key.
        """
        if (once := order.once) is None:
            raise ValueError(f"{order.request_id} has no idempotency key")
        name = order.principal.key, once.key
        run = self._runs.get(name)
        if run is None:
            run = self._runs[name] = _Run(once.digest)
            run.task = asyncio.create_task(self._answer(order, once, run))
        elif run.digest != once.digest:
            yield Failed(OnceDiffers(once.key))
            return
        run.listeners += 1
        try:
            async with aclosing(run.listen()) as listened:
                async for event in listened:
                    yield event
        finally:
            run.listeners -= 1

    async def close(self) -> None:
        """Give up what is under way; what it used is settled."""
        tasks = [run.task for run in self._runs.values() if run.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, order: Order, once: Once, run: _Run) -> None:
        watching = asyncio.create_task(self._watch(order, run))
        try:
            kept = await self._answers.find(order.principal.key, once.key)
            if kept is None:
                await self._ask(order, once, run)
            elif kept.digest != once.digest:
                run.add(Failed(OnceDiffers(once.key)))
            else:
                run.events += unpacked(kept.reply)
        except StoreUnusable as error:
            run.add(Failed(error))
        finally:
            watching.cancel()
            del self._runs[order.principal.key, once.key]
            run.end()

    async def _ask(self, order: Order, once: Once, run: _Run) -> None:
        async with aclosing(self._generate(order)) as stream:
            async for event in stream:
                if type(event) is Finished:
                    reply = packed([*run.events, event])
                    at, request = round(self._clock.wall() * 1e6), order.request_id
                    kept = Kept(order.principal.key, once.key, once.digest, request, reply, at)
                    self._meter.keep(kept)  # at once: it goes into the group of its entry
                    await self._written()
                run.add(event)

    async def _written(self) -> None:
        """Wait until all is written, however long the ledger refuses: it was used and is kept."""
        while True:
            try:
                return await self._meter.written()
            except StoreUnusable:
                await self._clock.sleep(_AGAIN_SECONDS)

    async def _watch(self, order: Order, run: _Run) -> None:
        """End a run that nobody listens to and nobody wants any more."""
        while True:
            await self._clock.sleep(_AGAIN_SECONDS)
            with suppress(StoreUnusable):  # then it is seen the next time
                if not run.listeners and run.task and not await self._is_wanted(order):
                    run.task.cancel()
                    return


def packed(stream: list[Event]) -> bytes:
    """The events of a whole answer, to be kept; their wires come again as our own words."""
    return msgspec.json.encode([(type(event).__name__, event) for event in stream])


def unpacked(reply: bytes) -> list[Event]:
    """The events that were kept."""
    said = msgspec.json.decode(reply, type=list[tuple[str, msgspec.Raw]])
    return [msgspec.json.decode(raw, type=_KINDS[kind]) for kind, raw in said]
