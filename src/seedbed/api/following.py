"""Jobs followed over HTTP: one look at the store serves all who watch.

Floor 6. Looks happen only while somebody watches. A watcher who comes back says up to which `seq`
the job is known to it.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

import anyio
import structlog

from seedbed.core.errors import StoreUnusable
from seedbed.core.job import Job
from seedbed.kit.clock import Clock
from seedbed.store.overview import Overview

log: structlog.stdlib.BoundLogger = structlog.get_logger()

LOOK_SECONDS = 0.25
SIGN_LOOKS = 60
"""Looks between two signs of life to whoever waits: fifteen seconds."""
_AGAIN_SECONDS = 1.0
"""How long a store that refuses is left alone."""


@dataclass(slots=True)
class _Followed:
    """A job that somebody watches, as it was last seen."""

    job: Job
    watchers: int = 0
    woken: anyio.Event = field(default_factory=anyio.Event)

    def wake(self) -> None:
        """Have every watcher look."""
        self.woken.set()
        self.woken = anyio.Event()


class Following:
    """Looks at the jobs that are watched. Once `is_ending`, nobody is held any longer."""

    def __init__(
        self, overview: Overview, *, clock: Clock, is_ending: Callable[[], bool] = lambda: False
    ) -> None:
        self._overview, self._clock, self._is_ending = overview, clock, is_ending
        self._followed: dict[str, _Followed] = {}
        self._wanted = anyio.Event()

    async def run(self) -> None:
        """Look until cancelled."""
        looks = 0
        while True:
            await self._wanted.wait()
            await self._clock.sleep(LOOK_SECONDS)
            looks += 1
            try:
                await self._look()
            except StoreUnusable as error:
                log.error("jobs.unseen", why=error.reason)
                await self._clock.sleep(_AGAIN_SECONDS)
            if self._is_ending() or looks % SIGN_LOOKS == 0:
                for one in self._followed.values():
                    one.wake()

    async def follow(self, job: Job, *, seen: int = 0) -> AsyncGenerator[Job | None]:
        """The job whenever it has changed since `seen`, until its end.

        Whoever stands still for long gets `None` now and then, as a sign of life.
        """
        one = self._join(job)
        try:
            while not self._is_ending():
                woken, job = one.woken, one.job
                if job.seq > seen:
                    seen = job.seq
                    yield job
                if job.state.is_end:
                    return
                await woken.wait()
                if one.job is job:
                    yield None
        finally:
            self._leave(one)

    async def _look(self) -> None:
        seen = {id_: one.job.seq for id_, one in self._followed.items()}
        for job in await self._overview.changed(seen):
            one = self._followed.get(job.id)
            if one and job.seq > one.job.seq:  # watchers may have left meanwhile, or come with more
                one.job = job
                one.wake()

    def _join(self, job: Job) -> _Followed:
        one = self._followed.setdefault(job.id, _Followed(job))
        one.job = max(one.job, job, key=lambda of: of.seq)
        one.watchers += 1
        self._wanted.set()
        return one

    def _leave(self, one: _Followed) -> None:
        one.watchers -= 1
        if not one.watchers:
            del self._followed[one.job.id]
        if not self._followed:
            self._wanted = anyio.Event()
