"""Which leases have fallen silent, because the process that held them is dead.

Floor 4. Told by our own steady clock and never by the calendar, which may jump: a lease is silent
when nobody has renewed it for a minute while we watched.
"""

from collections.abc import Mapping

DEAD_AFTER_SECONDS = 60.0


class Watch:
    """Looks at the leases from time to time."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, float]] = {}

    def silent(self, leases: Mapping[str, int], now: float) -> dict[str, int]:
        """Those of the open leases that have been silent for long, with their last renewal.

        `leases` tells when each was last renewed; `now` is of the steady clock, in seconds.
        """
        before, self._seen = self._seen, {}
        for lease, renewed in leases.items():
            last, since = before.get(lease, (renewed, now))
            self._seen[lease] = renewed, since if last == renewed else now
        return {
            lease: renewed
            for lease, (renewed, since) in self._seen.items()
            if now - since >= DEAD_AFTER_SECONDS
        }
