"""What a replay comes to, in figures; and how far a simulation is from what really happened.

Floor 5.
"""

import math
from collections.abc import Mapping, Sequence

from seedbed.bench.simulate.replay import Replay, Replayed
from seedbed.core.value import value

_HUNDREDTHS = (50, 95, 99)


@value
class Judged:
    """A replay in figures.

    `cost` is what the answers cost, `rent` what the fleet would have taken for the whole time,
    busy or not; `goodput` are answers in time for each second, `first` the seconds to the first
    token at which so many of a hundred are. `cached` is a part of all tokens read, `used` of the
    time of all deployments.
    """

    policy: str
    answered: int
    refused: int
    late: int
    cost: float
    rent: float
    goodput: float
    first: Mapping[int, float]
    cached: float
    used: float


@value
class Timing:
    """When one request came, had its first token and ended, in seconds of any one clock."""

    at: float
    first: float
    end: float


@value
class Spread:
    """Seconds at which so many of a hundred are: to the first token, and to the end."""

    first: Mapping[int, float]
    whole: Mapping[int, float]


@value
class Error:
    """By what part of the real figures the simulated ones are off, upwards or downwards."""

    makespan: float
    first: float

    @property
    def largest(self) -> float:
        """The larger of the two, without its sign."""
        return max(abs(self.makespan), abs(self.first))


def judge(replay: Replay) -> Judged:
    """Sum a replay up."""
    served = [one for one in replay.requests if one.end is not None]
    late = sum(_is_late(one) for one in served)
    read = sum(one.request.input for one in served)
    seconds = replay.seconds or 1.0
    busy_tokens = replay.micros - sum(
        group.micros(0, 0, 0, held=held)
        for group, held in zip(replay.groups, replay.busy, strict=True)
    )
    hours = sum(group.micros(0, 0, 0, held=seconds * group.count) for group in replay.groups)
    firsts = spread(timings(replay)).first
    return Judged(
        policy=replay.policy,
        answered=len(served),
        refused=len(replay.requests) - len(served),
        late=late,
        cost=replay.micros / 1e6,
        rent=(busy_tokens + hours) / 1e6,
        goodput=(len(served) - late) / seconds,
        first=firsts,
        cached=sum(one.cached for one in served) / read if read else 0.0,
        used=sum(replay.busy) / (seconds * sum(group.count for group in replay.groups)),
    )


def timings(replay: Replay) -> list[Timing]:
    """When the answered requests of a replay came, began and ended."""
    return [
        Timing(one.request.at, one.first or 0.0, one.end)
        for one in replay.requests
        if one.end is not None
    ]


def spread(timings: Sequence[Timing]) -> Spread:
    """How far the times of answers are spread."""
    firsts = sorted(one.first - one.at for one in timings)
    wholes = sorted(one.end - one.at for one in timings)
    return Spread(
        {hundredth: _at(firsts, hundredth) for hundredth in _HUNDREDTHS},
        {hundredth: _at(wholes, hundredth) for hundredth in _HUNDREDTHS},
    )


def error(real: Sequence[Timing], simulated: Sequence[Timing]) -> Error:
    """How far a simulation is off, over the time for all and the mean time to a first token.

    Raises:
        ValueError: one of them has no answers, or took no time.
    """
    makespans = _makespan(real), _makespan(simulated)
    firsts = _first(real), _first(simulated)
    return Error(makespans[1] / makespans[0] - 1, firsts[1] / firsts[0] - 1)


def _is_late(one: Replayed) -> bool:
    allowed = one.request.deadline
    return allowed is not None and one.end is not None and one.end - one.request.at > allowed


def _makespan(timings: Sequence[Timing]) -> float:
    return _more_than_nothing(
        max((one.end for one in timings), default=0) - min((one.at for one in timings), default=0)
    )


def _first(timings: Sequence[Timing]) -> float:
    return _more_than_nothing(sum(one.first - one.at for one in timings) / max(len(timings), 1))


def _more_than_nothing(seconds: float) -> float:
    if not seconds > 0:
        raise ValueError("without answers that took time there is nothing to compare")
    return seconds


def _at(ordered: Sequence[float], hundredth: int) -> float:
    """The value at which so many of a hundred are, of values in order; no number of none."""
    return ordered[math.ceil(len(ordered) * hundredth / 100) - 1] if ordered else math.nan
