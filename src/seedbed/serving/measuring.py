"""What deployments hold is looked at, again and again, and the most of it remembered.

Floor 4.
"""

from collections.abc import Callable, Sequence

import anyio.to_thread

from seedbed.kit.clock import Clock
from seedbed.kit.memory import Gauge
from seedbed.serving.peaks import Peaks
from seedbed.serving.resident import Resident

_SECONDS = 2.0
"""Between two looks."""
_STEP = 1 << 20
"""Peaks are remembered in whole mebibytes, so that they are not written for each page."""


class Measuring:
    """Looks with a gauge, and keeps the peaks."""

    def __init__(self, gauge: Gauge, peaks: Peaks, clock: Clock) -> None:
        self._gauge, self._peaks, self._clock = gauge, peaks, clock

    def recall(self, resident: Resident) -> None:
        """Take what it held at most before this process began, if it was set up alike."""
        peak = self._peaks.of(resident.engine.name, resident.setup)
        if peak is not None:
            resident.peak, resident.is_measured = peak, True

    def note(self, resident: Resident, held: int) -> bool:
        """Take what a deployment was seen to hold, in bytes; returns whether that is news."""
        peak = max(resident.peak, -(-held // _STEP) * _STEP)
        is_measured = resident.is_measured or resident.engine.state == "ready"
        if (peak, is_measured) == (resident.peak, resident.is_measured):
            return False
        resident.peak, resident.is_measured = peak, is_measured
        if is_measured:
            self._peaks.note(resident.engine.name, resident.setup, peak)
        return True

    async def run(self, residents: Sequence[Resident], news: Callable[[], None]) -> None:
        """Look until cancelled; tell of news."""
        while True:
            for resident in residents:
                pid = resident.engine.pid
                if pid is None:
                    continue
                held = await anyio.to_thread.run_sync(self._gauge.held, pid)
                if held is not None and resident.engine.pid == pid and self.note(resident, held):
                    news()
            await self._clock.sleep(_SECONDS)
