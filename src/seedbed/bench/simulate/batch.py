"""What a simulated deployment is at: prompts that it reads and answers that it writes, in steps.

Floor 5. Each step writes a token of every answer, and fills the rest of what a step holds with
prompts, the first in line first. Steps that are alike are taken together (`steps.py`), so that an
ask takes a few events, however long it is.
"""

import heapq
from collections import deque
from dataclasses import dataclass, field

from seedbed.bench.simulate.fleet import Group
from seedbed.bench.simulate.steps import NONE, Steps, Stretch
from seedbed.bench.simulate.trace import Request
from seedbed.serving.admission import Place
from seedbed.serving.load import Run


@dataclass(slots=True, eq=False)
class Job:
    """One request on its way through a deployment.

    `left` are the tokens that it has to read. `came`, `began` and `ended` are what the deployment
    had done when it came, when its first token was written, and its last. Its `followers` wait
    until its prompt is read.
    """

    request: Request
    place: Place
    came: Steps
    run: Run | None = None
    cached: int = 0
    left: int = 0
    first: float = 0.0
    end: float = 0.0
    began: Steps = NONE
    ended: Steps = NONE
    followers: "list[Job]" = field(default_factory=list["Job"])


class Batch:
    """The jobs of one deployment, from their place in line to their last token."""

    def __init__(self, group: Group) -> None:
        self.stretch: Stretch | None = None
        """The steps that are being made."""
        self.done = NONE
        """What was done in all steps before."""
        self._group = group
        self._reading: deque[Job] = deque()
        self._writing: list[tuple[int, int, Job]] = []
        """By the step in which each is done."""
        self._pieces: list[tuple[Job, int]] = []
        """Which tokens each step of the stretch reads."""
        self._behind = 0
        """Tokens that stand before the next ones of all answers."""
        self._steps = self._count = 0

    @property
    def reads(self) -> bool:
        """Whether the steps that are being made have anything to read."""
        return bool(self._pieces)

    def done_by(self, moment: float) -> Steps:
        """What was done before the step that is under way."""
        stretch = self.stretch
        if stretch is None:
            return self.done
        return self.done.plus(stretch.one.times(stretch.before(moment)))

    def add(self, job: Job) -> None:
        """Put a job in line; it is read from the next stretch on."""
        self._reading.append(job)

    def begin(self, now: float) -> Stretch | None:
        """Begin as many steps as will be alike; `None` where there is nothing to do."""
        if not (self._reading or self._writing):
            return None
        room = max(self._group.chunk - len(self._writing), 1)
        bounds = [self._writing[0][0] - self._steps] if self._writing else []
        if self._reading:
            bounds.append(max(self._reading[0].left // room, 1))
        one = self._filled(room)
        self.stretch = Stretch(one, min(bounds), began=now, pace=self._group.seconds)
        return self.stretch

    def end(self) -> tuple[list[Job], list[Job]]:
        """End the stretch; returns whose answers are written, and whose prompts are read."""
        stretch, self.stretch = self.stretch, None
        assert stretch is not None  # noqa: S101 - it was begun
        self.done = self.done.plus(stretch.work)
        self._steps += stretch.steps
        self._behind += stretch.steps * len(self._writing)
        for job, piece in self._pieces:
            job.left -= piece * stretch.steps
        written: list[Job] = []
        while self._writing and self._writing[0][0] <= self._steps:
            job = heapq.heappop(self._writing)[2]
            self._behind -= job.request.input + job.request.output - 1
            written.append(job)
        read: list[Job] = []
        while self._reading and not self._reading[0].left:
            read.append(self._reading.popleft())
        return written, read

    def write(self, job: Job) -> None:
        """Write the further tokens of an answer, whose first is there."""
        self._count += 1
        self._behind += job.request.input
        ends = self._steps + job.request.output - 1
        heapq.heappush(self._writing, (ends, self._count, job))

    def _filled(self, room: int) -> Steps:
        """Fill a step: what it has to do, where answers leave room for so many tokens."""
        self._pieces, read, behind = [], 0, 0.0
        for job in self._reading:
            piece = min(job.left, room - read)
            if not piece:
                break
            self._pieces.append((job, piece))
            behind += piece * (job.request.input - job.left + (piece - 1) / 2)
            read += piece
        return Steps(1, read, len(self._writing), behind, self._behind)
