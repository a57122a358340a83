"""Workers that have died are found, fenced, and their jobs set free, once.

Floor 4. On this machine the system tells at once that a process has ended. Of other machines, and
of a process that is only frozen, nothing is known but that its sign of life has stood still.
"""

from seedbed.kit import processes
from seedbed.kit.clock import Clock
from seedbed.kit.silence import Watch
from seedbed.store.workers import Workers

SILENT_SECONDS = 10.0
"""How long a worker gives no sign of life before it is taken for dead. Our own doors know a token
for five seconds after they last saw it, so that by then they know the old one no more."""


class Adoption:
    """Looks after the workers beside `me`, which runs on `host`."""

    def __init__(self, workers: Workers, *, me: str, host: str, clock: Clock) -> None:
        self._workers, self._me, self._host, self._clock = workers, me, host, clock
        self._watch = Watch(SILENT_SECONDS)

    async def look(self) -> list[str]:
        """Fence those that are dead; the jobs that are free by that.

        Raises:
            StoreUnusable: the store refused.
        """
        living = [one for one in await self._workers.living() if one.id != self._me]
        gone = {
            worker.id: worker.beat
            for worker in living
            if worker.host == self._host and processes.is_gone(worker.process)
        }
        silent = self._watch.silent({w.id: w.beat for w in living}, self._clock.now())
        dead = gone | silent
        now = round(self._clock.wall() * 1e6)
        return await self._workers.fence(dead, now=now) if dead else []
