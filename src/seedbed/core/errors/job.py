"""A job ended, and not well; or its worker was taken for dead.

Floor 1.
"""

from seedbed.core.errors.base import SeedbedError


class JobBroken(SeedbedError):
    """A job ended, and not well; another run may fare better."""

    code = "job_broken"


class JobDiverged(JobBroken):
    """A job that was begun again met other steps than those that were recorded."""

    code = "job_diverged"

    def __init__(self, job: str, number: int, *, recorded: str, met: str) -> None:
        super().__init__(
            f"Step {number} of {job} was {recorded!r} when it was recorded, and is {met!r} now.",
            hint="Its code or its input has changed: `seedbed jobs retry` runs it from the start.",
            job=job,
            number=number,
            recorded=recorded,
            met=met,
        )


class JobOverdue(JobBroken):
    """A job took longer than it may."""

    code = "job_overdue"

    def __init__(self, job: str, *, seconds: float) -> None:
        super().__init__(
            f"{job} was not done {seconds:g} s after it began.",
            hint="`seedbed jobs resume` goes on from its last step with as much time again.",
            job=job,
            seconds=seconds,
        )


class JobKeyless(JobBroken):
    """The key that a job runs for was revoked."""

    code = "job_keyless"

    def __init__(self, job: str) -> None:
        super().__init__(
            f"The key that {job} was submitted with has been revoked.",
            hint="Submit it with another.",
            job=job,
        )


class CallbackUndelivered(JobBroken):
    """Nobody takes what is to be told of a job's end."""

    code = "callback_undelivered"

    def __init__(self, job: str, *, why: str) -> None:
        super().__init__(
            f"The end of {job} cannot be told to its callback: {why}.",
            hint=f"`seedbed jobs show {job}` tells it; `seedbed jobs retry` tells it anew.",
            job=job,
            why=why,
        )


class JobFatal(JobBroken):
    """A job's worker died while it ran, again and again."""

    code = "job_fatal"

    def __init__(self, job: str, *, deaths: int) -> None:
        super().__init__(
            f"{deaths} workers have died while they ran {job}.",
            hint="See the worker's log; `seedbed jobs resume` tries it again.",
            job=job,
            deaths=deaths,
        )


class JobUnfinished(JobBroken):
    """A command waited for a job, and it ended without success."""

    code = "job_unfinished"

    def __init__(self, job: str, state: str, *, fault: str) -> None:
        super().__init__(
            f"{job} {'was' if state == 'cancelled' else 'has'} {state}."
            + (f" {fault}" if fault else ""),
            hint=f"`seedbed jobs resume {job}` goes on from where it stopped; with `--cap SUM` it "
            "may spend that much in all.",
            job=job,
            state=state,
        )


class WorkerFenced(SeedbedError):
    """A worker was silent for so long that it was taken for dead: others have its jobs."""

    code = "worker_fenced"

    def __init__(self, worker: str) -> None:
        super().__init__(
            f"The worker {worker} was taken for dead, and its jobs are with others.",
            hint="It ends; `seedbed worker` starts another.",
            worker=worker,
        )
