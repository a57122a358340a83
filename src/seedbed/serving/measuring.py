"""What deployments hold is looked at, again and again, and the most of it remembered.

Floor 4.
"""

from collections.abc import Callable, Sequence

import anyio.to_thread
import structlog

from seedbed.kit.clock import Clock
from seedbed.serving.peaks import Peaks
from seedbed.serving.resident import Capacity, Resident

log: structlog.stdlib.BoundLogger = structlog.get_logger()

BETWEEN_LOOKS = 2.0
"""Seconds from the end of one to the beginning of the next."""
_STEP = 1 << 20
"""Peaks are remembered in whole mebibytes, so that they are not written for each page."""


class Measuring:
    """Looks with the gauge of each capacity, and keeps the peaks."""

    def __init__(self, capacities: Sequence[Capacity], peaks: Peaks, clock: Clock) -> None:
        self._capacities, self._peaks, self._clock = capacities, peaks, clock

    def recall(self, resident: Resident) -> None:
        """Take what it held at most before this process began, if it was set up alike."""
        for kind, holding in resident.holdings.items():
            peak = self._peaks.of(resident.engine.name, kind, resident.setup)
            if peak is not None:
                holding.peak, holding.is_measured = peak, True

    def note(self, resident: Resident, kind: str, held: int) -> bool:
        """Take what a deployment was seen to hold, in bytes; returns whether that is news."""
        holding = resident.holdings[kind]
        peak = max(holding.peak, -(-held // _STEP) * _STEP)
        is_measured = holding.is_measured or resident.engine.state == "ready"
        if (peak, is_measured) == (holding.peak, holding.is_measured):
            return False
        holding.peak, holding.is_measured = peak, is_measured
        if is_measured:
            self._peaks.note(resident.engine.name, kind, resident.setup, peak)
        return True

    async def run(self, residents: Sequence[Resident], news: Callable[[], None]) -> None:
        """Look until cancelled; tell of news."""
        while True:
            for capacity in self._capacities:
                sharing = [each for each in residents if capacity.kind in each.holdings]
                if await self._look(capacity, sharing):
                    news()
            await self._clock.sleep(BETWEEN_LOOKS)

    async def _look(self, capacity: Capacity, residents: Sequence[Resident]) -> bool:
        """Look once at those who share a memory; returns whether there is news."""
        there = {pid: each for each in residents if (pid := each.engine.pid) is not None}
        calm = all(each.engine.state in {"ready", "unloaded"} for each in residents)
        held = await anyio.to_thread.run_sync(
            lambda: capacity.gauge.held(there.keys(), calm=calm), abandon_on_cancel=True
        )
        news = False
        for pid, resident in there.items():
            if resident.engine.pid != pid:
                continue  # it ended while it was looked at
            if pid in held:
                news |= self.note(resident, capacity.kind, held[pid])
            elif calm:
                _warn(resident, capacity.kind)
        return news


def _warn(resident: Resident, kind: str) -> None:
    """Say once that nobody knows what it holds."""
    if kind not in resident.untold and not resident.holdings[kind].is_measured:
        resident.untold.add(kind)
        least = resident.holdings[kind].need
        log.warning("residency.unmeasured", name=resident.engine.name, memory=kind, bytes=least)
