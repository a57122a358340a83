"""Whether following another's prefix gains anything on a deployment, by what its followers told.

Floor 4. Some engines keep what they read where no other ask finds it. That is seen, and nobody is
held there any more, but for a few now and then, in case it has changed. All is counted in asks.
"""

from collections import deque

_JUDGED = 8
"""Followers after whom it is judged."""
_PASSED = 256
"""Asks that could have followed and were let go on, before it is tried again."""


class Gains:
    """Judges by the last followers, all of them together, so that no single one decides."""

    def __init__(self) -> None:
        self._gains: deque[float] = deque(maxlen=_JUDGED)
        self._passed: set[str] | None = None
        """While nobody follows: who was let go on since then."""

    @property
    def is_off(self) -> bool:
        """Whether nobody is held at the moment."""
        return self._passed is not None

    def follows(self, who: str) -> bool:
        """Whether an ask that could follow is to; it may ask more than once."""
        if self._passed is None:
            return True
        if len(self._passed) < _PASSED or who in self._passed:
            self._passed.add(who)
            return False
        self._passed = None
        self._gains.clear()
        return True

    def note(self, *, took: float, alone: float, own: float, part: float) -> None:
        """A follower began its answer after so many seconds, and would have alone after so many,
        `own` of them for its own prompt and the rest for those that were read beside it.

        `part` is what of its prompt was computed for it, between 0 and 1. It has gained if it was
        spared half of that part at least.
        """
        if self._passed is None and own > 0:
            self._gains.append((alone - took) / own - part / 2)
            if len(self._gains) == _JUDGED and sum(self._gains) < 0:
                self._passed = set()
