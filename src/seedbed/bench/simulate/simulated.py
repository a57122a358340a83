"""A deployment that is only simulated: its line, its cache, and when each ask gets how far.

Floor 5. Whoever comes while a step is made waits for its end; whoever shares a prefix that is just
being computed waits for that, as at a gateway.
"""

from collections.abc import Callable

from seedbed.bench.simulate.batch import Batch, Job
from seedbed.bench.simulate.cache import Cache
from seedbed.bench.simulate.fleet import Group
from seedbed.bench.simulate.steps import Stretch
from seedbed.bench.simulate.trace import Request
from seedbed.bench.simulate.virtual import VirtualClock
from seedbed.core.usage import Usage
from seedbed.serving.admission import Place, Queue
from seedbed.serving.load import Load
from seedbed.serving.speed import Speed, Work

BYTES_PER_TOKEN = 4
_WAITING = 16
"""Asks that may wait for each place, as at a gateway."""


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
        self.cache = Cache(group.cache, block=group.block)
        self.busy = 0.0
        """Seconds."""
        self.micros = 0.0
        """What its answers cost, but for the hardware."""
        self._clock, self._ended = clock, ended
        self._batch = Batch(group)
        self._leaders: dict[str, Job] = {}
        """Who computes which prefix now."""
        self._knows_forms_at: float | None = None
        self._answers = self._version = 0

    def work(self, request: Request) -> Work:
        """What a request would take here, as far as a gateway knows it."""
        cached = self.cache.known(request.prefix, request.shared)
        return Work(request.input * BYTES_PER_TOKEN, cached * BYTES_PER_TOKEN)

    def begin(self, request: Request, place: Place) -> None:
        """Take a request that was given its place."""
        now = self._clock.now()
        job, begins = Job(request, place, self._batch.done_by(now)), now + self.group.start
        if request.form and self.group.form:
            if self._knows_forms_at is None:
                self._knows_forms_at = now + self.group.form
            begins = max(begins, self._knows_forms_at + self.group.start)
        self._lead_or_follow(job, begins)

    def _lead_or_follow(self, job: Job, begins: float) -> None:
        """Let a job begin, unless another is just computing the prefix that they share."""
        request = job.request
        held = self.cache.known(request.prefix, request.shared)
        leads = self.group.leading and request.shared <= self.group.cache  # else all would, in turn
        if leads and request.prefix and request.shared - held >= self.group.block:
            leader = self._leaders.setdefault(request.prefix, job)
            if leader is not job:
                leader.followers.append(job)
                return
        job.run = self.load.begin(self.work(request))
        if begins > self._clock.now():
            self._clock.call_at(begins, lambda: self._line_up(job))
        else:
            self._line_up(job)

    def _line_up(self, job: Job) -> None:
        request, batch = job.request, self._batch
        job.cached = min(self.cache.known(request.prefix, request.shared), request.input - 1)
        job.left = request.input - job.cached
        batch.add(job)
        if batch.stretch is None:
            self._go_on()
        elif not batch.reads and batch.stretch.cut(self._clock.now()):
            self._await_end(batch.stretch)

    def _go_on(self) -> None:
        stretch = self._batch.begin(self._clock.now())
        if stretch:
            self._await_end(stretch)

    def _await_end(self, stretch: Stretch) -> None:
        self._version += 1
        version = self._version
        self._clock.call_at(stretch.began + stretch.seconds, lambda: self._due(version, stretch))

    def _due(self, version: int, stretch: Stretch) -> None:
        """A stretch has come to its end."""
        if version != self._version:
            return  # it was cut
        self.busy += stretch.seconds
        written, read = self._batch.end()
        for job in written:
            self._finish(job)
        for job in read:
            self._read(job)
        self._go_on()

    def _read(self, job: Job) -> None:
        """The prompt is read, and the first token written."""
        request, run = job.request, job.run
        assert run is not None  # noqa: S101 - it has begun
        job.first, job.began = self._clock.now(), self._batch.done
        run.first()
        if request.prefix:
            self.cache.put(request.prefix, request.shared)
            self._let_follow(job)
        if request.output == 1:
            self._finish(job)
        else:
            self._batch.write(job)

    def _let_follow(self, leader: Job) -> None:
        """Whoever waited for a prefix goes on, and is there after the step that begins now."""
        if self._leaders.get(leader.request.prefix) is not leader:
            return
        del self._leaders[leader.request.prefix]
        now = self._clock.now()
        for job in leader.followers:
            self._clock.call_at(now, lambda job=job: self._lead_or_follow(job, now))

    def _finish(self, job: Job) -> None:
        request, run = job.request, job.run
        assert run is not None  # noqa: S101 - it has begun
        job.end, job.ended = self._clock.now(), self._batch.done
        fresh = request.input - job.cached
        self.micros += self.group.micros(fresh, job.cached, request.output, held=0.0)
        self._answers += 1
        self.cache.put(request.prefix or self._answers, request.keeps or request.input)
        run.end(Usage(fresh, job.cached, 0, request.output))
        if self.queue.depth:
            self._clock.stir()
        job.place.give()
        self._ended(job)
