"""The mixed trace once more, simulated: by how much that is off from what really happened.

Floor 5. How fast our house is, the simulator is told by the other workloads of the same round; when
each request came, how long it was and what it shared, by the trace.
"""

import statistics
from collections.abc import Iterator, Sequence
from itertools import pairwise

from seedbed.bench.serving.chats import TAIL, Got
from seedbed.bench.serving.targets import Spent
from seedbed.bench.serving.workloads import STREAMS
from seedbed.bench.simulate.fleet import Group
from seedbed.bench.simulate.judging import Timing, error, timings
from seedbed.bench.simulate.replay import replay
from seedbed.bench.simulate.trace import Request
from seedbed.core.policy import Policy


def simulator_error(alone: Spent, together: Spent, agent: Spent, trace: Spent) -> float | None:
    """The larger of the errors of the time for all and of the mean time to a first token, as a part
    of the real one. `None` where an answer was lost, or too short to tell a pace.
    """
    if any(spent.lost for spent in (alone, together, agent, trace)):
        return None
    group = _described(alone, together, agent)
    if group is None:
        return None
    began = min(one.at for one in trace.got)
    real = [Timing(one.at, one.at + one.first, one.at + one.took) for one in trace.got]
    requests = sorted(_requests(trace.got, began), key=lambda request: request.at)
    return round(error(real, timings(replay(requests, (group,), Policy.BALANCED))).largest, 3)


def _described(alone: Spent, together: Spent, agent: Spent) -> Group | None:
    """Our house in the simulator's words."""
    one, many = (_step(spent.got) for spent in (alone, together))
    fresh = sum(later.prompt - held for held, later in _turns(agent.got))
    reading = sum(later.first for _, later in _turns(agent.got))
    if min(one, many, fresh, reading) <= 0:
        return None
    beside = max(many - one, 0.0) / (STREAMS - 1)
    pace = fresh / reading
    return Group(name="ours", places=STREAMS, prefill=pace, step=one, beside=beside)


def _step(got: Sequence[Got]) -> float:
    """Seconds from one token of an answer to its next, in the middle of all answers."""
    paces = [(one.took - one.first) / (one.tokens - 1) for one in got if one.tokens > 1]
    return statistics.median(paces) if paces else 0.0


def _turns(got: Sequence[Got]) -> Iterator[tuple[int, Got]]:
    """Each turn of a loop but the first, with the tokens that were there before it."""
    for before, later in pairwise(got):
        yield before.prompt + before.tokens, later


def _requests(got: Sequence[Got], began: float) -> Iterator[Request]:
    """The trace in the simulator's words; what begins with the same text shares it."""
    alike: dict[str, list[Got]] = {}
    for one in got:
        alike.setdefault(one.opening, []).append(one)
    for opening, group in alike.items():
        held = 0
        for one in group:
            shared = min(held or max(one.prompt - TAIL, 0), one.prompt) if len(group) > 1 else 0
            keeps = one.prompt + one.tokens if one.goes_on else 0
            yield Request(
                at=one.at - began,
                input=max(one.prompt, 1),
                output=max(one.tokens, 1),
                prefix=opening if len(group) > 1 else "",
                shared=0 if one.goes_on and not held else shared,
                keeps=keeps,
            )
            held = keeps
