"""The pace of a deployment, found from what it was seen to do.

Floor 5. What steps take is a straight line of what they had to do, and a replay tells what that was
behind each answer; so the line is had by least squares. Which steps an answer had depends a little
on the pace, so it is done a few times, each from the pace that was found before.
"""

import math
from collections.abc import Iterator, Sequence
from typing import cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from seedbed.bench.simulate.fleet import Group
from seedbed.bench.simulate.replay import replay
from seedbed.bench.simulate.steps import Steps
from seedbed.bench.simulate.trace import Request
from seedbed.core.policy import Policy
from seedbed.core.value import value

_TIMES, _COLUMNS = 12, 6
_LEAST_OFF = 0.03
_FASTEST = 1e-9
"""Seconds, and for each token."""


@value
class Seen:
    """A request, and the seconds until its first token and in all that it really took."""

    request: Request
    first: float
    took: float


def fit(group: Group, runs: Sequence[Sequence[Seen]]) -> Group | None:
    """The group at the pace that was seen. Each run began when nothing else was done.

    Deviations count as parts of what was expected, so that short times weigh as much as long ones,
    and by their size and not its square: what else the machine did for a while shall not tell.
    `None` where that shows no pace, since nothing was read or nothing took time.
    """
    for _ in range(_TIMES):
        found = _solved([row for run in runs for row in _rows(group, run)])
        start, base, read, wrote, read_behind, write_behind = found
        if min(read, base + wrote) < _FASTEST:
            return None
        group = msgspec.structs.replace(
            group,
            start=start,
            prefill=1 / read,
            step=base + wrote,
            beside=wrote,
            read_behind=read_behind,
            write_behind=write_behind,
        )
    return group


def _rows(group: Group, run: Sequence[Seen]) -> Iterator[list[float]]:
    """Two equations for each answer, with the seconds that were seen at the end: what lay before
    its first token, and what behind.
    """
    seen = {id(one.request): one for one in run}
    requests = sorted((one.request for one in run), key=lambda request: request.at)
    for one in replay(requests, (group,), Policy.BALANCED).requests:
        real, first, end = seen[id(one.request)], one.first or 0.0, one.end or 0.0
        yield _row(1.0, one.before, real.first, expected=first - one.request.at)
        if end > first:
            yield _row(0.0, one.while_written, real.took - real.first, expected=end - first)


def _row(starts: float, did: Steps, seconds: float, *, expected: float) -> list[float]:
    counts = did.count, did.read, did.wrote, did.read_behind, did.wrote_behind
    off = max(abs(seconds / expected - 1), _LEAST_OFF)
    return [each / expected / math.sqrt(off) for each in (starts, *counts, seconds)]


def _solved(rows: Sequence[Sequence[float]]) -> list[float]:
    """What each count is to be multiplied with, so that each row comes to about its last column;
    one that would have to be taken away is left out.
    """
    all_ = np.array(rows).reshape(len(rows), _COLUMNS + 1)
    scales = cast("list[float]", all_.max(axis=0, initial=_FASTEST).tolist())
    kept = list(range(_COLUMNS))
    while kept:
        found = _least_squares(all_[:, kept] / [scales[each] for each in kept], all_[:, -1])
        if min(found) >= 0:
            best = dict(zip(kept, found, strict=True))
            return [best.get(each, 0.0) / scales[each] for each in range(_COLUMNS)]
        del kept[found.index(min(found))]
    return [0.0] * _COLUMNS


def _least_squares(rows: NDArray[np.float64], to: NDArray[np.float64]) -> list[float]:
    return cast("list[float]", np.linalg.lstsq(rows, to, rcond=None)[0].tolist())
