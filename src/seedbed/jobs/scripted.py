"""The fake kind of job that ships: it does as many steps as its input says.

Floor 4. For tests, for benchmarks, and as the plainest example of a kind. What a step does is
handed in; without that a step does nothing.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from seedbed.core.errors import JobRefused
from seedbed.core.job import Job
from seedbed.jobs.job import Kind
from seedbed.jobs.step import Steps
from seedbed.store.taking import Limits

NAME = "scripted"


@dataclass(frozen=True, slots=True)
class Doing:
    """A step that is being done: of which job, its name, its idempotency key, and the token that
    this run shows at our own doors.
    """

    job: Job
    name: str
    key: str
    token: str


Effect: TypeAlias = Callable[[Doing], Awaitable[object]]


async def nothing(doing: Doing) -> object:
    """What a step does that does nothing."""
    del doing


class Scripted:
    """Does steps. `begun` and `done` count the jobs that it has run."""

    def __init__(self, effect: Effect = nothing, *, at_once: int = 16) -> None:
        self._effect = effect
        self._limits = Limits(at_once, of_one_key=at_once)
        self.begun = self.done = 0

    @property
    def kind(self) -> Kind:
        """As the worker is given it."""
        return Kind(NAME, self.run, limits=self._limits)

    async def run(self, job: Job, steps: Steps) -> object:
        """Do the steps; the result is what each has given.

        Raises:
            JobRefused: its input has no number of steps.
        """
        wanted = job.input.get("steps")
        if not isinstance(wanted, int):
            raise JobRefused(
                f"The scripted kind does a number of steps, and was given {wanted!r}.",
                hint='Submit it with an input such as {"steps": 3}.',
            )
        self.begun += 1
        given = [await self._step(job, steps, f"step {number}") for number in range(wanted)]
        self.done += 1
        return given

    async def _step(self, job: Job, steps: Steps, name: str) -> object:
        def work(key: str) -> Awaitable[object]:
            return self._effect(Doing(job, name, key, steps.token))

        given: object = await steps.do(name, work)
        return given
