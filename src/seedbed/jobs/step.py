"""The steps of one run of a job: each is done once, and remembered.

Floor 4. A step that an earlier run has done gives what it gave then. One that a run was killed in
is done again, under the same idempotency key, by which whatever it acts on can know it.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import anyio
import structlog

from seedbed.core.errors import (
    EngineFailed,
    JobBroken,
    JobDiverged,
    SeedbedError,
    StoreUnusable,
    Unavailable,
)
from seedbed.core.job import Progress, Step
from seedbed.kit.as_json import NotJson, as_json
from seedbed.kit.clock import Clock
from seedbed.store.claims import Claims
from seedbed.store.taking import Claim

log: structlog.stdlib.BoundLogger = structlog.get_logger()

Work = Callable[[str], Awaitable[object]]
"""What a step does; it is given the step's idempotency key, and returns what JSON can hold."""
_LONGEST_NAME = 200
_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a step is tried that fails, and how many seconds pass between: ever twice as many.

    What the other side says of when to come back (`Unavailable.retry_after`) is the least.
    """

    times: int = 0
    first: float = 1.0
    longest: float = 30.0
    of: tuple[type[SeedbedError], ...] = (Unavailable, EngineFailed)

    def pause(self, failures: int, error: SeedbedError) -> float | None:
        """How long to wait after so many failures; `None` where it is not tried again."""
        if failures > self.times or not isinstance(error, self.of):
            return None
        asked = error.retry_after if isinstance(error, Unavailable) else 0
        return max(float(asked), min(self.longest, self.first * 2.0 ** (failures - 1)))


class Steps:
    """Does the steps of one run."""

    def __init__(self, claim: Claim, claims: Claims, *, clock: Clock) -> None:
        self._claim, self._claims, self._clock = claim, claims, clock
        self._known = {step.number: step for step in claim.steps}
        self._next = 0

    @property
    def token(self) -> str:
        """What this run shows at our own doors, to act on the owner's behalf."""
        return self._claim.token

    async def do(self, name: str, work: Work, *, retry: Retry = Retry()) -> Any:  # noqa: ANN401 - JSON
        """Do a step, unless an earlier run has done it.

        Raises:
            JobDiverged: the step of this number had another name.
            JobBroken: its name is too long, or what it gives is not what JSON can hold.
            WorkerFenced: the job is not ours any more.
        """
        number = self._numbered(1)
        return await self._once(number, name, work, retry)

    async def each(
        self,
        names: Sequence[str],
        work: Callable[[int, str], Awaitable[object]],
        *,
        at_once: int,
        retry: Retry = Retry(),
    ) -> AsyncGenerator[tuple[int, Any]]:
        """Do many steps side by side; yield what each gave with its place, as they come to an end.

        `work` is given the place in `names` and the idempotency key. The first that fails ends all.
        """
        first = self._numbered(len(names))
        places = iter(range(len(names)))
        running: set[asyncio.Task[tuple[int, Any]]] = set()
        scope = dict[int, anyio.CancelScope]()

        async def one(place: int) -> tuple[int, Any]:
            def this(key: str) -> Awaitable[object]:
                return work(place, key)

            with scope[place]:
                return place, await self._once(first + place, names[place], this, retry)
            raise asyncio.CancelledError

        try:
            while True:
                while len(running) < at_once and (place := next(places, None)) is not None:
                    scope[place] = anyio.CancelScope()
                    running.add(asyncio.create_task(one(place)))
                if not running:
                    return
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    place, given = task.result()
                    running.discard(task)  # until then its fault is looked at in the end
                    del scope[place]
                    yield place, given
        finally:
            for each in scope.values():
                each.cancel()
            with anyio.CancelScope(shield=True):  # what they began is ended in full
                await asyncio.gather(*running, return_exceptions=True)

    async def tell(self, progress: Progress) -> None:
        """Say how far the job is.

        Raises:
            WorkerFenced: the job is not ours any more.
        """
        await self._kept(lambda: self._claims.tell(self._claim, progress))

    def _numbered(self, count: int) -> int:
        first = self._next
        self._next += count
        return first

    async def _once(self, number: int, name: str, work: Work, retry: Retry) -> Any:  # noqa: ANN401
        known = self._known.get(number)
        if known is not None:
            if known.name != name:
                raise JobDiverged(self._claim.job.id, number, recorded=known.name, met=name)
            return known.result
        _check_name(name)
        result = await self._tried(work, f"{self._claim.job.id}.{number}", retry)
        said = _as_recorded(name, result)
        step = Step(number, name, said, round(self._clock.wall() * 1e6))
        await self._kept(lambda: self._claims.step(self._claim, step))
        return said

    async def _tried(self, work: Work, key: str, retry: Retry) -> object:
        failures = 0
        while True:
            try:
                return await work(key)
            except SeedbedError as error:
                failures += 1
                pause = retry.pause(failures, error)
                if pause is None:
                    raise
                log.info("step.again", key=key, code=error.code, failures=failures, after=pause)
            await self._clock.sleep(pause)

    async def _kept(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write, however long the store refuses: what was done must not be done again."""
        while True:
            try:
                return await write()
            except StoreUnusable as error:
                log.error("step.unwritten", job=self._claim.job.id, why=error.reason)
            await self._clock.sleep(_AGAIN_SECONDS)


def _check_name(name: str) -> None:
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise JobBroken(
            f"A step cannot have the name {name[:40]!r}, of {len(name):,} letters.",
            hint=f"Give it one of at most {_LONGEST_NAME} letters that can be printed.",
        )


def _as_recorded(name: str, result: object) -> object:
    """What a step gave, as a later run would have it."""
    try:
        return json.loads(as_json(result))
    except NotJson as error:
        raise JobBroken(
            f"What the step {name!r} gave cannot be recorded: {error}.",
            hint="A step gives what JSON can hold; bytes go into an artifact.",
        ) from error
