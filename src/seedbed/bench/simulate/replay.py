"""A trace, replayed over a fleet under one policy.

Floor 5. What decides is what decides in a gateway: `seedbed.serving.placement`, `admission`, `load`
and `speed`. Only the engines and the time are simulated.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from seedbed.bench.simulate.batch import Job
from seedbed.bench.simulate.fleet import Group
from seedbed.bench.simulate.simulated import BYTES_PER_TOKEN, Simulated
from seedbed.bench.simulate.steps import NONE, Steps
from seedbed.bench.simulate.trace import Request
from seedbed.bench.simulate.virtual import VirtualClock
from seedbed.core.ask import Priority
from seedbed.core.errors import CapacityExceeded, DeadlineExceeded
from seedbed.core.policy import Policy
from seedbed.core.value import value
from seedbed.serving.admission import Place
from seedbed.serving.fairness import Ticket
from seedbed.serving.placement import Candidate, Rule, place, shortlist

_HOLDERS = 4
RANDOM = "random"
"""The control, which is no policy: each request goes to any deployment, whatever that does."""


@value
class Replayed:
    """What became of one request; moments are in seconds since the trace began.

    A request that was refused has no `first` and no `end`. Its deployment did `before` while it
    waited for its first token, and `while_written` until its last.
    """

    request: Request
    first: float | None = None
    end: float | None = None
    cached: int = 0
    before: Steps = NONE
    while_written: Steps = NONE


@value
class Replay:
    """A whole trace under one policy.

    `busy` is by group the seconds in which its deployments did anything; `seconds` is from the
    first request to the last answer. `micros` is what the answers cost.
    """

    policy: str
    groups: tuple[Group, ...]
    requests: tuple[Replayed, ...]
    busy: tuple[float, ...]
    seconds: float
    micros: float


def replay(
    requests: Sequence[Request], groups: tuple[Group, ...], policy: str, *, seed: int = 0
) -> Replay:
    """Replay a trace under a policy by its name, or at `RANDOM`; the same twice for one seed."""
    return asyncio.run(_Replaying(groups, policy, seed).run(requests))


class _Replaying:
    def __init__(self, groups: tuple[Group, ...], policy: str, seed: int) -> None:
        self._groups, self._policy = groups, policy
        self._chosen_by = Policy.BALANCED if policy == RANDOM else Policy(policy)
        self._random = Random(seed)  # noqa: S311 - the same each time
        self._clock = VirtualClock()
        self._alike = [
            [Simulated(group, nth, self._clock, self._ended) for nth in range(group.count)]
            for group in groups
        ]
        self._holders: dict[str, deque[Simulated]] = {}
        """Who has served each prefix, the last one at the end."""
        self._done: list[Replayed] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._rules = {
            priority: Rule(self._chosen_by, micros_per_second=0.0)
            if priority is Priority.BATCH
            else Rule(self._chosen_by)
            for priority in Priority
        }

    async def run(self, requests: Sequence[Request]) -> Replay:
        self._come(iter(requests))
        await self._clock.run()
        all_ = [one for alike in self._alike for one in alike]
        busy = tuple(sum(one.busy for one in alike) for alike in self._alike)
        hours = (
            group.micros(0, 0, 0, held=held) for group, held in zip(self._groups, busy, strict=True)
        )
        begins = requests[0].at if requests else 0.0
        ends = max((one.end for one in self._done if one.end is not None), default=begins)
        micros = sum(one.micros for one in all_) + sum(hours)
        return Replay(self._policy, self._groups, tuple(self._done), busy, ends - begins, micros)

    def _come(self, requests: Iterator[Request]) -> None:
        """Have the next request come when it is due, and after it the one after that."""
        request = next(requests, None)
        if request is None:
            return

        def come() -> None:
            self._place(request)
            self._come(requests)

        self._clock.call_at(request.at, come)

    def _place(self, request: Request) -> None:
        """Do what a gateway does with a request."""
        holders = self._holders.setdefault(request.prefix, deque(maxlen=_HOLDERS))
        looked = self._looked_at(holders if request.prefix else ())
        last = holders[-1] if request.prefix and holders else None
        candidates = [_candidate(one, request, is_last=one is last) for one in looked]
        placed = place(self._rules[request.priority], candidates, within=request.deadline)
        totals = (each.estimate.total for each in candidates)
        found = {one.name: (one, total) for one, total in zip(looked, totals, strict=True)}
        order = [found[name] for name in placed.order]
        best, total = order[0]
        if (room := best.queue.enter_now(_ticket(request, total))) is not None:
            self._begin(best, request, room)
            return
        self._clock.stir()
        task = asyncio.get_running_loop().create_task(self._wait(request, order))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _looked_at(self, holders: Iterable[Simulated]) -> list[Simulated]:
        if self._policy == RANDOM:
            counts = [group.count for group in self._groups]
            return [self._random.choice(*self._random.choices(self._alike, counts))]
        return shortlist(self._alike, holders, self._random)

    async def _wait(self, request: Request, order: list[tuple[Simulated, float]]) -> None:
        """Wait in the best line that is not full; a request that none can serve is refused."""
        for one, total in order:
            try:
                self._begin(one, request, await one.queue.enter(_ticket(request, total)))
            except CapacityExceeded:
                continue
            except DeadlineExceeded:
                break
            else:
                return
        self._done.append(Replayed(request))

    def _begin(self, one: Simulated, request: Request, room: Place) -> None:
        if request.prefix:
            holders = self._holders[request.prefix]
            if one in holders:
                holders.remove(one)
            holders.append(one)
        one.begin(request, room)

    def _ended(self, job: Job) -> None:
        before, while_written = job.began.plus(job.came, -1), job.ended.plus(job.began, -1)
        self._done.append(
            Replayed(job.request, job.first, job.end, job.cached, before, while_written)
        )


def _ticket(request: Request, seconds: float) -> Ticket:
    deadline = None if request.deadline is None else request.at + request.deadline
    return Ticket(request.key, request.priority, seconds, deadline, request.input)


def _candidate(one: Simulated, request: Request, *, is_last: bool) -> Candidate:
    work, group, speed = one.work(request), one.group, one.load.speed
    estimate = one.load.estimate(work)
    cached = work.cached_bytes / BYTES_PER_TOKEN
    fresh, held = request.input - cached, estimate.hardware_seconds
    micros = group.micros(fresh, cached, speed.output, held=held)
    return Candidate(
        one.name,
        round(micros),
        estimate,
        waiting=one.queue.expected_wait(request.priority, request.key),
        cached_bytes=work.cached_bytes,
        is_local=group.per_hour > 0,
        is_last=is_last,
    )
