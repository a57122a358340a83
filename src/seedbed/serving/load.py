"""What a deployment does at this moment, and what that teaches its speed.

Floor 4. The gateway says when an ask begins, when its first token comes and when it ends. The
answers side by side are kept as one running sum, in one step each time that one comes or goes.
"""

import math
from dataclasses import dataclass

from seedbed.core.usage import Usage
from seedbed.kit.clock import Clock
from seedbed.serving.speed import Estimate, Served, Speed, Work

_FIRST = 64
"""Answers each of which is learned from."""
_MORE = 1.1
"""Who has read for a while and has not done takes a tenth longer at least, as far as is known."""
_EVERY_SECONDS = 0.02
"""From then on one in so many seconds is."""


class Load:
    """The asks under way on one deployment: those that are read, and those that are written."""

    def __init__(self, speed: Speed, clock: Clock) -> None:
        self.speed = speed
        self.reading_bytes = 0
        self.answers = 0
        self.sums = Sums()
        self.readers: dict[Run, int] = {}
        """Who has its prompt read now, with the bytes that are new to the engine."""
        self._clock = clock
        self._last = clock.now()
        self._learned = -math.inf

    def estimate(self, work: Work) -> Estimate:
        """What an ask will take that is begun now."""
        return self.speed.estimate(work, self)

    def total(self, work: Work) -> float:
        """Seconds until an ask will have been answered that is begun now."""
        return self.speed.total(work, self)

    def alone(self, input_bytes: int) -> float:
        """Seconds that computing a prefix of so many bytes takes by itself: as it was learned, and
        more than those who read at this moment have been at it, for what each of them reads.
        """
        now, rate = self._clock.now(), 0.0
        for run, fresh in self.readers.items():
            if fresh > 0:
                rate = max(rate, (now - run.began) / fresh)
        beside = max(len(self.readers), 1)
        return max(self.speed.alone(input_bytes), _MORE * rate / beside * input_bytes)

    def learns(self, now: float) -> bool:
        """Whether an answer that ends now is learned from: of very many some are enough."""
        if now - self._learned < _EVERY_SECONDS and self.speed.served >= _FIRST:
            return False
        self._learned = now
        return True

    def begin(self, work: Work, *, shared: int = 0) -> "Run":
        """Count an ask that the engine is given now, until `Run.end`.

        So many bytes may be `shared` with another that has not been read to its end.
        """
        return Run(self, work, shared)

    def turn(self) -> float:
        """Bring the sums to this moment, before anything changes; returns the moment."""
        now = self._clock.now()
        sums, passed = self.sums, now - self._last
        sums.writing += self.answers * passed
        if self.reading_bytes > 0:
            sums.reading += passed
        self._last = now
        return now


@dataclass(slots=True)
class Sums:
    """Since the beginning: answers times seconds, seconds in which anything was read, its bytes."""

    writing: float = 0.0
    reading: float = 0.0
    read_bytes: int = 0


class Run:
    """One ask on a deployment, as its load sees it."""

    __slots__ = (
        "_before",
        "_first",
        "_fresh",
        "_is_over",
        "_load",
        "_may_find",
        "_read",
        "_since",
        "_work",
        "_writing",
        "began",
        "later",
    )

    def __init__(self, load: Load, work: Work, shared: int) -> None:
        self._load, self._work = load, work
        self._may_find = work.cached_bytes > 0 or shared > 0
        self.began = load.turn()
        fresh = work.input_bytes - work.cached_bytes
        self._fresh = fresh if fresh > 0 else 0
        self._before, self._writing = load.reading_bytes, load.answers
        self._read = load.sums.read_bytes
        self.later = 0.0
        """Seconds that reading took of what came after it and was read before: known by `first`."""
        load.reading_bytes += self._fresh
        load.readers[self] = self._fresh
        self._first: float | None = None
        self._since = (0.0, 0.0, 0)
        self._is_over = False

    def first(self) -> None:
        """Its first token has come: the prompt is read, and the answer is being written."""
        load = self._load
        if self._first is None and not self._is_over:
            self._first = load.turn()
            load.reading_bytes -= self._fresh
            del load.readers[self]
            load.answers += 1
            load.sums.read_bytes += self._fresh
            sums = load.sums
            self._since = sums.writing, sums.reading, sums.read_bytes
            others = sums.read_bytes - self._read - self._fresh
            if others > self._before:
                self.later = load.speed.alone(others - self._before)

    def end(self, usage: Usage | None = None) -> None:
        """It is over. Where it ended well, what it used is learned from; only once."""
        load = self._load
        if self._is_over:
            return
        self._is_over = True
        now = load.turn()
        if self._first is None:
            load.reading_bytes -= self._fresh
            del load.readers[self]
            return
        load.answers -= 1
        if usage is not None and load.learns(now):
            load.speed.learn(self._served(usage, self._first, now - self._first))

    def _served(self, usage: Usage, first: float, seconds: float) -> Served:
        speed, sums = self._load.speed, self._load.sums
        writing, reading, read_bytes = self._since
        bytes_per_token = speed.bytes_per_token
        is_untold = self._may_find and not usage.input_cache_read
        between = (sums.read_bytes - read_bytes) / bytes_per_token
        return Served(
            fresh=usage.input_fresh + usage.input_cache_write,
            cached=usage.input_cache_read,
            input_bytes=self._work.input_bytes,
            first=first - self.began,
            before=self._before / bytes_per_token,
            writing=self._writing,
            written=usage.output,
            seconds=seconds,
            answers=(sums.writing - writing) / seconds if seconds > 0 else 1.0,
            between=min(between, (sums.reading - reading) * speed.prefill),
            is_untold=is_untold,
        )
