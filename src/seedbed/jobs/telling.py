"""A job as programs are told of it, the same at every door.

Floor 4. Moments as RFC 3339 has them, money as decimal text beside its currency.
"""

from dataclasses import asdict
from datetime import UTC, datetime

from seedbed.core.job import Job


def told(job: Job) -> dict[str, object]:
    """How a job stands; what it was given is in `whole`."""
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state.value,
        "seq": job.seq,
        "user": job.owner.user,
        "project": job.owner.project,
        "priority": job.priority,
        "progress": asdict(job.progress),
        "run": job.run,
        "is_cancelling": job.is_cancelling,
        "created": moment(job.created),
        "begins": moment(job.begins) if job.begins else None,
        "began": moment(job.began),
        "ended": moment(job.ended),
        "expires": moment(job.expires),
        "seconds": job.seconds,
        "spent": job.spent.decimal,
        "cap": None if job.cap is None else job.cap.decimal,
        "currency": job.spent.currency,
        "result": job.result,
        "fault": None if job.fault is None else asdict(job.fault),
    }


def whole(job: Job) -> dict[str, object]:
    """How a job stands, and what it was given."""
    return told(job) | {"after": list(job.after), "input": job.input}


def moment(epoch_microseconds: int | None) -> str | None:
    """A moment for a program.

    >>> moment(1_800_000_000_250_000)
    '2027-01-15T08:00:00.250Z'
    """
    if epoch_microseconds is None:
        return None
    at = datetime.fromtimestamp(epoch_microseconds / 1e6, tz=UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
