"""Which of many have fallen silent, because the process behind them is dead.

Floor 1. Told by our own steady clock and never by the calendar, which may jump: one is silent when
it gave no sign of life for so long while we watched.
"""

from collections.abc import Mapping

DEAD_AFTER_SECONDS = 60.0


class Watch:
    """Looks at them from time to time; `after` is in seconds."""

    def __init__(self, after: float = DEAD_AFTER_SECONDS) -> None:
        self._after = after
        self._seen: dict[str, tuple[int, float]] = {}

    def silent(self, signs: Mapping[str, int], now: float) -> dict[str, int]:
        """Those that have been silent for long, with their last sign of life.

        `signs` tells when each gave its last; `now` is of the steady clock, in seconds.
        """
        before, self._seen = self._seen, {}
        for one, sign in signs.items():
            last, since = before.get(one, (sign, now))
            self._seen[one] = sign, since if last == sign else now
        return {
            one: sign for one, (sign, since) in self._seen.items() if now - since >= self._after
        }
