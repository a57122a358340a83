"""What comes of one run of a job: its kind is run, within its time, and what it does is an end.

Floor 4. One of the three places where any exception may be caught: a job takes no other along.
"""

from math import inf
from typing import TypeAlias

import anyio
import structlog

from seedbed.core.errors import JobBroken, JobOverdue, SeedbedError, StoreUnusable, WorkerFenced
from seedbed.core.job import Fault, State
from seedbed.jobs.job import Kind, Later, Unfinished
from seedbed.jobs.step import Steps
from seedbed.kit.as_json import NotJson, as_json
from seedbed.kit.clock import Clock
from seedbed.store.claims import Claims
from seedbed.store.ending import fault_of
from seedbed.store.taking import Claim

log: structlog.stdlib.BoundLogger = structlog.get_logger()

End: TypeAlias = tuple[State, object, Fault | None]
"""How a job ended, its result, and why it failed."""
LONGEST_RESULT = 1 << 20
"""Characters of a job's result, which every list of jobs tells."""


async def outcome(kind: Kind, claim: Claim, claims: Claims, clock: Clock) -> End:
    """Run a job that was taken.

    Raises:
        WorkerFenced: the job is not ours any more.
        StoreUnusable: what it needs cannot be had at the moment.
        Later: it is to be begun again.
    """
    job, now = claim.job, round(clock.wall() * 1e6)
    seconds = job.seconds or kind.seconds
    left = None if seconds is None else seconds - (now - (job.began or 0)) / 1e6
    try:
        with anyio.move_on_after(left):
            return await _end(kind, claim, Steps(claim, claims, clock=clock))
        return _failed(JobOverdue(job.id, seconds=seconds or 0))
    except (WorkerFenced, StoreUnusable, Later):
        raise
    except SeedbedError as error:
        return _failed(error)
    except (Exception, SystemExit) as error:
        log.exception("job.broke", job=job.id, kind=job.kind)
        return _broken(error)
    except anyio.get_cancelled_exc_class() as error:
        if anyio.current_effective_deadline() == -inf:
            raise
        log.exception("job.broke", job=job.id, kind=job.kind)
        return _broken(error)  # nobody cancelled the job: it met something that was


async def _end(kind: Kind, claim: Claim, steps: Steps) -> End:
    try:
        return State.SUCCEEDED, _fit(await kind.run(claim.job, steps)), None
    except Unfinished as stop:
        return State.FAILED, _fit(stop.result), stop.fault


def _fit(result: object) -> object:
    """A result that can be recorded.

    Raises:
        JobBroken: it cannot.
    """
    try:
        long = len(as_json(result))
    except NotJson as error:
        raise JobBroken(
            f"What the job gave cannot be recorded: {error}.",
            hint="A job gives what JSON can hold; bytes go into an artifact.",
        ) from error
    if long > LONGEST_RESULT:
        raise JobBroken(
            f"The result of a job has at most {LONGEST_RESULT:,} characters; this has {long:,}.",
            hint="Put what is long into an artifact, and give its hash.",
        )
    return result


def _failed(error: SeedbedError) -> End:
    return State.FAILED, None, fault_of(error)


def _broken(error: BaseException) -> End:
    what = f"The job broke: {type(error).__name__}."
    return State.FAILED, None, Fault("job_broken", what, "The worker's log says more.")
