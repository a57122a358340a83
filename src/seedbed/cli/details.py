"""All that is known of one job, as rows for a person.

Floor 6.
"""

import json
import textwrap
from collections.abc import Iterator, Sequence

from rich.text import Text

from seedbed.cli import show, telling
from seedbed.core.job import Job, Step

_LONGEST = 300
"""Letters of an input or a result that are shown; `--json` tells all."""
_STEPS = 8
"""How many of the newest steps are shown."""


def details(job: Job, steps: Sequence[Step], now: int) -> list[tuple[str, str | Text]]:
    """The rows; what does not matter to this job is left out. `now` is in epoch microseconds."""
    rows = [
        ("job", job.id),
        ("kind", job.kind),
        ("state", _state(job, now)),
        ("done", _done(job)),
        ("told", job.progress.note),
        *_fault(job),
        ("spent", f"{job.spent}, of {job.cap} at most" if job.cap else str(job.spent)),
        ("of", f"{job.owner.user}, project {job.owner.project}"),
        *_times(job, now),
        ("priority", str(job.priority) if job.priority else ""),
        ("follows", ", ".join(job.after)),
        ("begun", f"{job.run} times" if job.run > 1 else ""),
        ("input", _short(job.input) if job.input else ""),
        ("result", _short(job.result) if job.result is not None else ""),
        *_steps(steps),
    ]
    return [(name, value) for name, value in rows if value]


def _state(job: Job, now: int) -> Text:
    return Text.assemble(telling.state(job), ", ", telling.when(job, now))


def _done(job: Job) -> Text:
    return Text.assemble(telling.bar(job), " ", telling.counted(job.progress))


def _fault(job: Job) -> Iterator[tuple[str, str | Text]]:
    if job.fault:
        yield "why", Text(job.fault.what, "red")
        yield "", job.fault.hint


def _times(job: Job, now: int) -> Iterator[tuple[str, str | Text]]:
    moments = {
        "submitted": job.created,
        "begins": job.begins if job.begins > job.created else None,
        "expires": job.expires,
        "began": job.began,
        "ended": job.ended,
    }
    for name, at in moments.items():
        if at is not None:
            yield name, show.moment(at)
    if job.began is not None:
        yield "took", telling.span((job.ended or now) - job.began)
    if job.seconds is not None:
        yield "may take", telling.span(round(job.seconds * 1e6))


def _steps(steps: Sequence[Step]) -> Iterator[tuple[str, str | Text]]:
    earlier = len(steps) - _STEPS
    if earlier > 0:
        yield "steps", f"{earlier:,} earlier ones"
    for one in steps[-_STEPS:]:
        first = earlier <= 0 and one is steps[0]
        yield "steps" if first else " ", f"{one.number}  {show.moment(one.at)}  {one.name}"


def _short(value: object) -> str:
    said = json.dumps(value, ensure_ascii=False)
    return textwrap.shorten(said, _LONGEST, placeholder=" …")
