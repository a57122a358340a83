"""Jobs: what takes longer than a request, as it stands at one moment.

Floor 1. Values only. A job is a row (`seedbed.store.jobs`) that a worker runs (`seedbed.jobs`);
moments are in epoch microseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from seedbed.core.money import Amount


class State(StrEnum):
    """How far a job is; the last four are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    """Nobody began it before it was of no use any more."""

    @property
    def is_end(self) -> bool:
        """Whether nothing more happens by itself."""
        return self not in {State.QUEUED, State.RUNNING}


@dataclass(frozen=True, slots=True)
class Owner:
    """On whose behalf a job runs: the key that submitted it, with its user and project."""

    user: str
    project: str
    key: str


@dataclass(frozen=True, slots=True)
class Callback:
    """Who is told of a job's end: an address of HTTP, in our own words or those of a door, such as
    `ark`; links in what is told lead below `base`.
    """

    url: str
    words: str = ""
    base: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A job that is to be submitted.

    The higher the `priority`, the sooner. It begins not before `begins`, and not at all after
    `expires`; it may run for `seconds`. It may spend `cap`. It waits until the jobs `after` have
    succeeded. Two drafts of one key with the same `once` are one job. Its end is told to the
    `callback`.
    """

    kind: str
    input: Mapping[str, object]
    owner: Owner
    priority: int = 0
    begins: int = 0
    expires: int | None = None
    seconds: float | None = None
    cap: Amount | None = None
    after: tuple[str, ...] = ()
    once: str | None = None
    callback: Callback | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """So much is done of so much, in whatever the kind counts; `total` is `None` if unknown."""

    done: int = 0
    total: int | None = None
    note: str = ""

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1.

        >>> Progress(1, 4).share
        0.25
        """
        return None if not self.total else min(1.0, self.done / self.total)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a job failed, in the words of the error that ended it."""

    code: str
    what: str
    hint: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. `seq` grows with every change, so that a watcher can go on from one.

    `run` counts how often it was begun; `is_cancelling` tells that somebody wants it to end.
    `spent` is what its steps have used, `cap` what they may.
    """

    id: str
    kind: str
    input: Mapping[str, object]
    owner: Owner
    state: State
    seq: int
    priority: int
    created: int
    spent: Amount
    begins: int = 0
    expires: int | None = None
    seconds: float | None = None
    cap: Amount | None = None
    after: tuple[str, ...] = ()
    progress: Progress = field(default_factory=Progress)
    run: int = 0
    began: int | None = None
    ended: int | None = None
    is_cancelling: bool = False
    result: object = None
    fault: Fault | None = None
    callback: Callback | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job that is done; `number` is its place in the order of asking."""

    number: int
    name: str
    result: object
    at: int
