"""How fast a deployment is: a live model, learned from what it served.

Floor 4. It reads a prompt in a time that grows with the tokens that are new to it, those of asks
that it reads before among them; and it writes all answers side by side, a token of each in a step
that takes the longer the more there are. Both are straight lines, which `seedbed.kit.trend` learns.
It knows no clock: `seedbed.serving.load` watches the answers, and tells it what they took.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from seedbed.core.usage import Usage
from seedbed.core.value import value
from seedbed.kit.trend import Trend

_FASTEST_STEP = 20e-6
"""Seconds. An answer with shorter steps came in one piece, and does not tell what took how long."""
_NOTHING = 1e-9
_OWN = 0.25
"""Of the time that an answer took, as much at least was its own."""
_MEMORY = 50
"""Answers after which one weighs a third of what it did."""


@value
class Work:
    """What an ask will take, as far as it can be known before.

    `cached_bytes` of the `input_bytes` were likely computed already. It writes at most `output`
    tokens, where that is bounded.
    """

    input_bytes: int
    cached_bytes: int = 0
    output: int | None = None


class Doing(Protocol):
    """Whoever knows what a deployment does at this moment."""

    @property
    def answers(self) -> float:
        """Those that it writes."""
        ...

    @property
    def reading_bytes(self) -> int:
        """Those that it has to read."""
        ...


@value
class Pressure:
    """What a deployment does at this moment: answers that it writes, bytes that it has to read."""

    answers: float = 0.0
    reading_bytes: int = 0


IDLE = Pressure()


@value
class Estimate:
    """Seconds to the first token and to the end of an answer, and own hardware that it takes."""

    first: float
    total: float
    hardware_seconds: float


@value
class Served:
    """What one answer took, as the gateway saw it.

    It had `fresh` tokens read, and `cached` ones found in a cache, of `input_bytes`; its `first`
    event came after so many seconds, in which `before` tokens of others were read, too, beside
    `writing` answers. `written` tokens came in the `seconds` from the first to the last, while on
    average `answers` were written, itself among them, and `between` tokens of others were read.
    Where it `is_untold` how many of the tokens were in the cache, reading them shows no speed.
    """

    fresh: int
    first: float
    written: int = 0
    seconds: float = 0.0
    answers: float = 1.0
    cached: int = 0
    before: float = 0.0
    writing: int = 0
    between: float = 0.0
    input_bytes: int = 0
    is_untold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is believed of a deployment before it has served anything.

    `prefill` is in tokens a second, `start` the seconds before any token is read, `step` those for
    a token of one answer, and `beside` what each further answer adds to a step.
    """

    prefill: float
    start: float
    step: float
    beside: float

    @classmethod
    def here(cls, *, parameters: int, cores: int) -> "Prior":
        """Of a model on this machine, which reads as fast as its cores reckon.

        Measured with 135 million parameters in four bits on two cores of a server: about 1,000
        tokens read a second, 14 ms for a step of one answer, 1.1 ms for each further one. A core
        reckons as many parameters in a second whatever model they are of; what is believed of an
        accelerator is so far too slow, and corrected by its first few answers.
        """
        size = max(parameters, 1_000_000) / max(cores, 1)
        return cls(prefill=67.5e9 / size, start=0.01, step=size / 4.8e9, beside=size / 61e9)

    @classmethod
    def elsewhere(cls) -> "Prior":
        """Of a model that others serve, on hardware and in a line that are not known."""
        return cls(prefill=5_000.0, start=0.4, step=0.02, beside=0.0005)


class Speed:
    """What one deployment was seen to do, and what it is therefore expected to do."""

    def __init__(self, prior: Prior) -> None:
        self._first = Trend(prior.start, 1 / prior.prefill, at=256, scale=256)
        self._step = Trend(prior.step - prior.beside, prior.beside, at=1, scale=2)
        self._tokens = Trend(_NOTHING, 0.25, at=1_000, scale=1e6)
        self.output = 256.0
        """Tokens that an answer has on average."""
        self.served = 0
        """Answers that it was learned from, in this process."""

    @property
    def bytes_per_token(self) -> float:
        """How many bytes of a prompt are one token, its template's own among them."""
        return 1 / max(self._tokens.at(1), _NOTHING)

    @property
    def prefill(self) -> float:
        """Tokens read in a second."""
        return 1 / max(self._first.slope, _NOTHING)

    def step(self, answers: float) -> float:
        """Seconds for one token of each of so many answers."""
        return self._step.at(answers)

    def learn(self, served: Served) -> None:
        """Learn from an answer. What was not seen, and what cannot be true, teaches nothing."""
        self.served += 1
        tokens = served.fresh + served.cached
        if tokens > 0 and served.input_bytes > 0:
            self._tokens.learn(served.input_bytes, tokens)
        if served.written > 0:
            self.output += (served.written - self.output) / min(self.served + 1, _MEMORY)
        steps = served.written - 1
        if steps > 0:
            if served.seconds < _FASTEST_STEP * steps:
                return
            seconds = _without(served.seconds, served.between * self._first.slope)
            self._step.learn(max(served.answers, 1.0), seconds / steps)
        if served.is_untold:
            return
        read = _without(served.first, self._step.at(served.writing) if served.writing else 0.0)
        self._first.learn(served.fresh + served.before, read)

    def estimate(self, work: Work, doing: Doing = IDLE) -> Estimate:
        """What an ask will take that is begun now, beside what the deployment does already."""
        return Estimate(*self._reckoned(work, doing))

    def total(self, work: Work, doing: Doing) -> float:
        """Of that the seconds to its end alone, which each ask is let in by."""
        return self._reckoned(work, doing)[1]

    def _reckoned(self, work: Work, doing: Doing) -> tuple[float, float, float]:
        slope = self._tokens.slope
        alone = self._first.at(_positive(work.input_bytes - work.cached_bytes) * slope)
        first = alone + self._first.slope * doing.reading_bytes * slope
        if doing.answers:
            first += self._step.at(doing.answers)
        output = self.output
        if work.output is not None and work.output < output:
            output = work.output
        answers = doing.answers + 1
        writing = _positive(output - 1) * self._step.at(answers)
        return first, first + writing, alone + writing / answers

    def held(self, usage: Usage) -> float:
        """Seconds of hardware that an answer with that usage takes by itself."""
        fresh = usage.input_fresh + usage.input_cache_write
        return self._first.at(fresh) + usage.output * self._step.at(1)

    def reading(self, tokens: float) -> float:
        """Seconds that reading so many tokens takes by itself, beside others of the same prompt."""
        return self._first.slope * tokens

    def alone(self, input_bytes: int) -> float:
        """Seconds that computing a prefix of so many bytes takes by itself."""
        return self._first.slope * self._tokens.slope * input_bytes

    def as_dict(self) -> dict[str, dict[str, float]]:
        """What was learned, for a file."""
        return {name: trend.kept() for name, trend in self._trends().items()}

    def restore(self, kept: Mapping[str, object]) -> None:
        """Go on from what was learned before a restart, which counts as a few answers only.

        Raises:
            ValueError: it was not written by `as_dict`.
        """
        for name, trend in self._trends().items():
            sums = kept.get(name)
            if not isinstance(sums, Mapping):
                raise ValueError(f"what was learned lacks {name!r}")
            trend.restore(cast("Mapping[str, float]", sums))

    def _trends(self) -> dict[str, Trend]:
        return {"first": self._first, "step": self._step, "tokens": self._tokens}


def _positive(number: float) -> float:
    return number if number > 0 else 0  # `max` would take three times as long, for each ask


def _without(seconds: float, others: float) -> float:
    """What of the time was not spent on others, as far as that is known: a part at least."""
    return max(seconds - others, seconds * _OWN)
