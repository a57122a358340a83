"""Ark's manner: its errors, and the two ids that a request has here.

Floor 6.
"""

from collections.abc import Mapping

from seedbed.api.ark import write
from seedbed.api.manner import Headers, Sent
from seedbed.api.problems import Problem
from seedbed.core.errors import SeedbedError

BASES = ("/api/v3", "/api/coding/v3", "/api/plan/v3")
"""Where Ark's paths begin; the others are those of its plans, and mean the same."""
_THEIRS = b"x-client-request-id"
_AGAIN_SECONDS = 5
_ASKED_AGAIN = frozenset({408, 409, 429})
_IN_VAIN = 422


class Ark:
    """What all of Ark's calls share. `fields` says how a call names the neutral ones."""

    fields: Mapping[str, str] = write.FIELDS

    def problem(self, error: SeedbedError, *, request_id: str) -> Problem:
        """An error as the whole response."""
        return write.problem(error, request_id, self.fields)

    def head(self, request_id: str, sent: Sent) -> Headers:
        """The headers that every response has: our id, and that of the caller, if there is one."""
        ours = (b"x-request-id", request_id.encode())
        return (ours, (_THEIRS, sent[_THEIRS])) if _THEIRS in sent else (ours,)


class Patient(Ark):
    """The manner of batch calls. Their client asks again until its time is over, at once unless it
    is told when to; that asking again is in vain it sees by nothing but the status.
    """

    def problem(self, error: SeedbedError, *, request_id: str) -> Problem:
        """An error as the whole response."""
        told = super().problem(error, request_id=request_id)
        if told.status not in _ASKED_AGAIN and told.status < 500:
            return told
        names = [name for name, _ in told.headers]
        if b"x-should-retry" in names:
            return Problem(_IN_VAIN, told.headers, told.body)
        if b"retry-after" in names:
            return told
        again = (b"retry-after", str(_AGAIN_SECONDS).encode())
        return Problem(told.status, (*told.headers, again), told.body)


def wants(path: str, sent: Sent) -> bool:
    """Whether a request wants this manner: by what it asks for."""
    del sent
    return any(f"{path}/".startswith(f"{base}/") for base in BASES)


def waits(path: str, sent: Sent) -> bool:
    """Whether it wants that of batch calls."""
    del sent
    return any(path.startswith(f"{base}/batch/") for base in BASES)


MANNERS = ((waits, Patient()), (wants, Ark()))
"""For the site: who wants which."""
