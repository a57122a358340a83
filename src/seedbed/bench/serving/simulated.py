"""The mixed trace once more, simulated: by how much that is off from what really happened.

Floor 5. How fast our house is, is found from the other workloads of the same round, and from asks
with a form in a life of their own; when each request came, how long it was and what it shared, is
told by the trace. Nothing is taken from the times that the simulation is judged by.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from seedbed.bench.serving.chats import COLOURS, TAIL, Got, alone
from seedbed.bench.serving.targets import Spent, Target
from seedbed.bench.serving.workloads import IN_FLIGHT, STREAMS
from seedbed.bench.simulate.fitting import Seen, fit
from seedbed.bench.simulate.fleet import Group
from seedbed.bench.simulate.judging import Spread, Timing, error, spread, timings
from seedbed.bench.simulate.replay import replay
from seedbed.bench.simulate.trace import Request
from seedbed.core.policy import Policy

FITTED = ("A", "B", "C cold", "E")
"""The workloads that tell the pace."""
JUDGED = "mixed"
_BEFORE = Group(name="ours", places=STREAMS, block=32, prefill=1_000.0, step=0.015, beside=0.001)
"""What is believed of our house before any of it was seen: how openvino takes prompts to pieces,
and a pace that only has to be near enough to begin with.
"""


@dataclass(frozen=True, slots=True)
class Check:
    """Our house in the simulator's words, how far that is off, and both beside one another."""

    group: Group
    error: float
    real: Spread
    simulated: Spread


async def first_form(ours: Target) -> float | None:
    """Seconds that the first ask in a server's life waits longer which is held to a form, while as
    many others are read and answered as in the trace. `None` where an answer was lost.
    """
    (form,) = alone("first form", 1, tokens=64, output=48)
    others = alone("beside a form", IN_FLIGHT - 1, tokens=300, output=128)
    got = await ours.together([replace(form, schema=COLOURS, whole=False), *others])
    if any(one.lost for one in got):
        return None
    return max(got[0].first - min(one.first for one in got[1:]), 0.0)


def check(rows: Mapping[str, Spent], form: float | None) -> Check | None:
    """Compare the trace with its simulation. `None` where a workload was not run, or an answer
    lost, or all were too short to tell a pace.
    """
    wanted = [rows.get(name) for name in (*FITTED, JUDGED)]
    spent = [one for one in wanted if one and not one.lost]
    if form is None or len(spent) < len(wanted):
        return None
    *fitted, trace = (_seen(one.got) for one in spent)
    group = fit(_BEFORE, fitted)
    if group is None:
        return None
    group = msgspec.structs.replace(group, form=form)
    real = [Timing(r.at, r.at + one.first, r.at + one.took) for one in trace if (r := one.request)]
    requests = sorted((one.request for one in trace), key=lambda request: request.at)
    found = timings(replay(requests, (group,), Policy.BALANCED))
    off = round(error(real, found).largest, 3)
    return Check(group, off, spread(real), spread(found))


def _seen(got: Sequence[Got]) -> list[Seen]:
    """A run in the simulator's words; what begins with the same text shares it."""
    began = min(one.at for one in got)
    alike: dict[str, list[Got]] = {}
    for one in got:
        alike.setdefault(one.opening, []).append(one)
    return [seen for group in alike.values() for seen in _alike(group, began)]


def _alike(group: Sequence[Got], began: float) -> Iterator[Seen]:
    """Those that begin with the same text."""
    held = 0
    for one in group:
        shared = min(held, one.prompt) if one.goes_on else max(one.prompt - TAIL, 0)
        keeps = one.prompt + one.tokens if one.goes_on else 0
        request = Request(
            at=one.at - began,
            input=max(one.prompt, 1),
            output=max(one.tokens, 1),
            prefix=one.opening if len(group) > 1 else "",
            shared=shared if len(group) > 1 else 0,
            keeps=keeps,
            form=one.has_form,
        )
        yield Seen(request, one.first, one.took)
        held = keeps
