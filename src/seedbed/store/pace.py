"""How fast bytes come from afar: measured, and never guessed.

Floor 2.
"""

from seedbed.kit.clock import Clock

_BELIEVED_SECONDS = 600.0
"""How long the pace that was measured is believed; after it, a fetch measures anew."""


class Pace:
    """How long a byte takes to come, by the last fetch."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._seconds, self._until = clock, 0.0, 0.0

    def expected(self, size: int) -> float:
        """Seconds that so many bytes take; none while nothing is known, so that one measures."""
        return size * self._seconds if self._clock.now() < self._until else 0.0

    def learn(self, size: int, seconds: float) -> None:
        """Take so many bytes in so many seconds for what is usual."""
        self._seconds = seconds / max(size, 1)
        self._until = self._clock.now() + _BELIEVED_SECONDS
