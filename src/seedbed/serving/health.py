"""Whether a deployment may be asked: a breaker that opens when it fails again and again.

Floor 4. Closed, it is asked as usual. After some failures in a row it opens, and nobody asks until
a pause is over; then one ask tries it (half open), and what becomes of that one closes it or opens
it for twice as long. An upstream that says when it may be asked again is believed.
"""

import math
from enum import StrEnum

from seedbed.core.errors import (
    AnswerMalformed,
    EngineFailed,
    SeedbedError,
    UpstreamDiffers,
    UpstreamRefused,
)

_FAILURES = 3
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 300.0
_LONGEST_ASKED = 86_400.0
"""Seconds. Whoever asks not to be asked for longer than a day is tried once a day."""
_PROBE_SECONDS = 120.0
"""After this long a probe that nobody has told the end of is taken for lost, and another goes."""


class State(StrEnum):
    """Of a breaker."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


class Health:
    """The breaker of one deployment. It knows no clock: moments are those of a steady one."""

    def __init__(
        self,
        *,
        failures: int = _FAILURES,
        first_pause: float = _FIRST_PAUSE,
        longest_pause: float = _LONGEST_PAUSE,
    ) -> None:
        self._most, self._first_pause, self._longest = failures, first_pause, longest_pause
        self._failures = 0
        """In a row, of asks that had not begun."""
        self._pause = first_pause
        self._until = -math.inf
        self.is_open = False
        """Whether it has failed so that nobody asks, but for one who tries it."""
        self._probe = -math.inf
        """Since when one ask tries it."""
        self.last = ""
        """The sentence of the last failure."""

    def state(self, now: float) -> State:
        """What the breaker is."""
        if not self.is_open:
            return State.CLOSED
        return State.OPEN if now < self._until else State.HALF_OPEN

    def why_not(self, now: float) -> str | None:
        """Why it is not to be asked now, in words; `None` where it may be."""
        if not self.is_open:
            return None
        if now < self._until:
            seconds = math.ceil(self._until - now)
            return f"it is left alone for {seconds:,} s more, since it failed: {self.last}"
        if now < self._probe + _PROBE_SECONDS:
            return f"one ask tries whether it is well again, since it failed: {self.last}"
        return None

    def again_in(self, now: float) -> float:
        """Seconds until it may be tried; 0 where it may be now."""
        return max(0.0, self._until - now) if self.is_open else 0.0

    def begin(self, now: float) -> bool:
        """Take leave to ask it. Whoever has it tells what came of it, or that nothing did.

        While it is half open only one gets leave, who then is the probe.
        """
        if not self.is_open:
            return True
        if self.why_not(now) is not None:
            return False
        self._probe = now
        return True

    def succeeded(self) -> None:
        """Its first event came. Of one that was under way when it opened, that says nothing."""
        if self.is_open and not self._is_tried:
            return
        self._failures = 0
        self._pause = self._first_pause
        self.is_open = False
        self._probe = -math.inf

    def failed(self, error: SeedbedError, now: float) -> None:
        """It failed before its first event. What only the ask is to blame for is no failure.

        A refusal of our key, our account or our pace opens it at once, and so does an answer of
        another model: the next ask would fare the same.
        """
        if not _is_its_own(error):
            self.left()
            return
        self._failures += 1
        self.last = error.what
        if asked := _asked(error):
            self._open(now, asked)
        elif self.is_open and not self._is_tried:
            return  # one of those that were under way when it opened
        elif self.is_open or self._failures >= self._most or _is_lasting(error):
            self._open(now, self._pause)
            self._pause = min(self._pause * 2, self._longest)

    def left(self) -> None:
        """The ask ended without telling anything of the deployment: it was refused, or left."""
        self._probe = -math.inf

    @property
    def _is_tried(self) -> bool:
        return self._probe > -math.inf

    def _open(self, now: float, seconds: float) -> None:
        self._until = max(self._until, now + seconds)
        self.is_open = True
        self._probe = -math.inf


def _is_its_own(error: SeedbedError) -> bool:
    return isinstance(error, EngineFailed) and not isinstance(error, AnswerMalformed)


def _is_lasting(error: SeedbedError) -> bool:
    return isinstance(error, UpstreamRefused | UpstreamDiffers)


def _asked(error: SeedbedError) -> float:
    """Seconds for which an upstream asks to be left alone; 0 where it does not."""
    seconds = error.facts.get("retry_after")
    if not isinstance(seconds, int | float) or not 0 < seconds < math.inf:
        return 0.0
    return min(float(seconds), _LONGEST_ASKED)
