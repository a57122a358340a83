"""A deployment that is only simulated: how far it is with each ask at any moment.

Floor 5. It works in steps, and each step writes a token of every answer and reads a chunk of one
prompt, the first in line. So all answers are written at one pace, and the moment of whatever ends
next is found without going through the steps: a request takes three events, however long it is.
"""

import heapq
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from seedbed.bench.simulate.cache import Cache
from seedbed.bench.simulate.fleet import Group
from seedbed.bench.simulate.trace import Request
from seedbed.bench.simulate.virtual import VirtualClock
from seedbed.core.usage import Usage
from seedbed.serving.admission import Place, Queue
from seedbed.serving.load import Load, Run
from seedbed.serving.speed import Speed, Work

BYTES_PER_TOKEN = 4
_WAITING = 16
"""Asks that may wait for each place, as at a gateway."""
_ALMOST = 1e-6
"""Tokens."""


@dataclass(slots=True, eq=False)
class Job:
    """One request on its way through a deployment; `left` are the tokens that it has to read."""

    request: Request
    place: Place
    run: Run
    cached: int
    left: float
    first: float = 0.0
    end: float = 0.0


class Simulated:
    """One deployment. `ended` is told of each job that is done."""

    def __init__(
        self, group: Group, nth: int, clock: VirtualClock, ended: Callable[[Job], None]
    ) -> None:
        self.group = group
        self.name = f"{group.name}-{nth}"
        self.load = Load(Speed(group.prior), clock)
        self.queue = Queue(
            group.name, places=group.places, waiting=group.places * _WAITING, clock=clock
        )
        self.cache = Cache(group.cache)
        self.busy = 0.0
        """Seconds."""
        self.micros = 0.0
        """What its answers cost, but for the hardware."""
        self._clock, self._ended = clock, ended
        self._reading: deque[Job] = deque()
        self._writing: list[tuple[float, int, Job]] = []
        """By the token at which each is done."""
        self._written = 0.0
        """Tokens that an answer has by now which began when there was none."""
        self._since = 0.0
        self._count = self._version = 0

    def work(self, request: Request) -> Work:
        """What a request would take here, as far as a gateway knows it."""
        cached = self.cache.known(request.prefix, request.shared)
        return Work(request.input * BYTES_PER_TOKEN, cached * BYTES_PER_TOKEN)

    def begin(self, request: Request, place: Place) -> None:
        """Take a request that was given its place."""
        cached = self.cache.known(request.prefix, request.shared)
        job = Job(
            request, place, self.load.begin(self.work(request)), cached, request.input - cached
        )
        if self.group.leading and request.prefix:  # whoever comes later is read later, and finds it
            self.cache.put(request.prefix, request.shared)
        start = self.group.start
        if start:
            self._clock.call_at(self._clock.now() + start, lambda: self._line_up(job))
        else:
            self._line_up(job)

    def _line_up(self, job: Job) -> None:
        self._pass()
        self._reading.append(job)
        if len(self._reading) == 1:
            self._plan()

    def _pass(self) -> None:
        """Bring everything to this moment."""
        passed, self._since = self._clock.now() - self._since, self._clock.now()
        if not (self._reading or self._writing):
            return
        self.busy += passed
        reading, writing = self._paces()
        self._written += passed * writing
        if self._reading:
            self._reading[0].left -= passed * reading

    def _paces(self) -> tuple[float, float]:
        """Tokens that are read in a second, and that are written of each answer."""
        group, answers = self.group, len(self._writing)
        step = group.step + group.beside * (answers - 1) if answers else 0.0
        if self._reading:
            step += group.chunk / group.prefill
        return group.chunk / step, 1 / step

    def _plan(self) -> None:
        """Find what ends next, and be called then."""
        self._version += 1
        if not (self._reading or self._writing):
            return
        reading, writing = self._paces()
        read = self._reading[0].left / reading if self._reading else math.inf
        written = (self._writing[0][0] - self._written) / writing if self._writing else math.inf
        version, is_read = self._version, read <= written
        self._clock.call_at(
            self._clock.now() + min(read, written), lambda: self._due(version, is_read=is_read)
        )

    def _due(self, version: int, *, is_read: bool) -> None:
        """Something ends: of the reading, or of the writing. However late on the clock it is, and
        however coarse that is by then, just that has come to its end.
        """
        if version != self._version:
            return  # things have changed since that was planned
        self._pass()
        if is_read:
            self._reading[0].left = 0.0
        else:
            self._written = self._writing[0][0]
        while self._writing and self._writing[0][0] <= self._written + _ALMOST:
            self._finish(heapq.heappop(self._writing)[2])
        if self._reading and self._reading[0].left <= _ALMOST:
            self._read(self._reading.popleft())
        self._plan()

    def _read(self, job: Job) -> None:
        """The prompt is read, and the first token written."""
        job.first = self._clock.now()
        job.run.first()
        if job.request.prefix:
            self.cache.put(job.request.prefix, job.request.shared)
        if job.request.output == 1:
            self._finish(job)
            return
        if not self._writing:
            self._written = 0.0
        self._count += 1
        heapq.heappush(self._writing, (self._written + job.request.output - 1, self._count, job))

    def _finish(self, job: Job) -> None:
        request, job.end = job.request, self._clock.now()
        fresh = request.input - job.cached
        self.micros += self.group.micros(fresh, job.cached, request.output, held=0.0)
        self.cache.put(request.prefix or self._count, request.keeps or request.input)
        job.run.end(Usage(fresh, job.cached, 0, request.output))
        if self.queue.depth:
            self._clock.stir()
        job.place.give()
        self._ended(job)
