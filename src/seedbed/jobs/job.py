"""What a kind of job is: a plain function of steps, with rules for how it is run.

Floor 4. `app/worker.py` hands the kinds to the worker; nothing else knows them all.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from seedbed.core.job import Fault, Job
from seedbed.jobs.step import Steps
from seedbed.store.taking import Limits

Run: TypeAlias = Callable[[Job, Steps], Awaitable[object]]
"""What a job of a kind does; what it returns is the job's result, as JSON has it.

Whatever it does beyond its steps it does again whenever the job is taken up, so that it must come
to the same steps again: time, chance and the world are for steps.
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job. `seconds` is how long one may run where its draft does not say."""

    name: str
    run: Run
    limits: Limits = field(default_factory=Limits)
    seconds: float | None = None


class Unfinished(Exception):
    """A job that must stop where it is, and has something to show for what it has done."""

    def __init__(self, result: object, fault: Fault) -> None:
        super().__init__(fault.what)
        self.result, self.fault = result, fault


class Later(Exception):
    """A job that has come to nothing yet, and is to be begun again in so many `seconds`."""

    def __init__(self, seconds: float, why: str) -> None:
        super().__init__(why)
        self.seconds, self.why = seconds, why
