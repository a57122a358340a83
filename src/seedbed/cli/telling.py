"""How jobs are told to people: their state, how far they are, and when, in words.

Floor 6.
"""

from rich.text import Text

from seedbed.core.job import Job, Progress, State

_BAR = 16
_COLOURS = {
    State.QUEUED: "bright_black",
    State.RUNNING: "cyan",
    State.SUCCEEDED: "green",
    State.FAILED: "red",
    State.CANCELLED: "yellow",
    State.EXPIRED: "yellow",
}
_SPANS = ((86_400, "days", 2), (3600, "h", 2), (60, "min", 2), (1, "s", 0))
"""A unit in seconds, its word, and how many of it there must be."""


def state(job: Job) -> Text:
    """A job's state, in its colour."""
    ending = job.is_cancelling and not job.state.is_end
    return Text("cancelling" if ending else job.state.value, _COLOURS[job.state])


def bar(job: Job) -> Text:
    """How much of a job is done, as a bar."""
    share = 1.0 if job.state is State.SUCCEEDED else job.progress.share or 0.0
    filled = max(int(share * _BAR), 1 if share else 0)
    return Text.assemble(
        ("━" * filled, _COLOURS[job.state]), ("─" * (_BAR - filled), "bright_black")
    )


def counted(progress: Progress) -> str:
    """How much is done, in numbers.

    >>> counted(Progress(1_200, 5_000)), counted(Progress(3)), counted(Progress())
    ('1,200 of 5,000', '3', '')
    """
    if progress.total is not None:
        return f"{progress.done:,} of {progress.total:,}"
    return f"{progress.done:,}" if progress.done else ""


def when(job: Job, now: int) -> str:
    """What happened last to a job or will happen next, and how long ago or when.

    `now` is in epoch microseconds.
    """
    if job.ended is not None:
        return f"ended {_ago(job.ended, now)}"
    if job.state is State.RUNNING:
        return f"began {_ago(job.began or job.created, now)}"
    if job.begins > now:
        return f"begins in {span(job.begins - now)}"
    return f"waits {span(now - job.created)}"


def span(microseconds: int) -> str:
    """A span of time for a person.

    >>> [span(round(seconds * 1e6)) for seconds in (0.4, 90, 121, 7_300, 200_000)]
    ['0 s', '90 s', '2 min', '2 h', '2 days']
    """
    seconds = max(0, microseconds) / 1e6
    return next(
        f"{int(seconds / unit)} {w}" for unit, w, least in _SPANS if seconds >= unit * least
    )


def _ago(then: int, now: int) -> str:
    return f"{span(now - then)} ago"
