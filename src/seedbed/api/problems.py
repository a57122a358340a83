"""Errors on the wire: one status for each branch of the tree.

Floor 6. Each dialect dresses the sentence in its own shape; the numbers are the same for all.
"""

from dataclasses import dataclass

from seedbed.core import errors

STATUS: dict[type[errors.SeedbedError], int] = {
    errors.SeedbedError: 500,
    errors.RequestRefused: 400,
    errors.RequestTooLarge: 413,
    errors.RequestTooSlow: 408,
    errors.HeadTooLarge: 431,
    errors.UrlTooLong: 414,
    errors.CodingUnserved: 415,
    errors.ModelUnknown: 404,
    errors.PathUnknown: 404,
    errors.PathUnserved: 501,
    errors.RouteUnknown: 404,
    errors.JobUnknown: 404,
    errors.ObjectUnknown: 404,
    errors.ObjectBusy: 409,
    errors.JobRefused: 409,
    errors.OnceDiffers: 422,
    errors.ToolsUnreachable: 424,
    errors.ArtifactUnknown: 404,
    errors.RangeOutside: 416,
    errors.AccessDenied: 401,
    errors.ScopeMissing: 403,
    errors.LinkForged: 403,
    errors.LinkExpired: 403,
    errors.BudgetSpent: 402,
    errors.Unavailable: 503,
    errors.CapacityExceeded: 429,
    errors.BudgetReserved: 429,
    errors.QueueFull: 429,
    errors.DeadlineExceeded: 504,
    errors.EngineFailed: 502,
    errors.SetupIncomplete: 500,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it goes over the wire."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


def broken() -> errors.SeedbedError:
    """What a caller is told of a fault that nobody foresaw; the log has the rest."""
    return errors.SeedbedError(
        "Something broke in this house while it worked on your request.",
        hint="The server's log tells more under this response's x-request-id.",
    )


def told(error: errors.SeedbedError) -> errors.SeedbedError:
    """What of an error is the caller's business; what the operator must mend is in the log."""
    if isinstance(error, errors.StoreUnusable):
        return errors.StoreAway()  # a database may come back by itself
    return broken() if isinstance(error, errors.SetupIncomplete) else error


def status(error: errors.SeedbedError) -> int:
    """The status of the nearest branch that has one."""
    if isinstance(error, errors.PathUnknown) and error.allowed:
        return 405
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def headers(error: errors.SeedbedError) -> tuple[tuple[bytes, bytes], ...]:
    """What clients act on: when to try again, and whether to."""
    if isinstance(error, errors.DeadlineExceeded | errors.BudgetSpent | errors.PathUnserved):
        return ((b"x-should-retry", b"false"),)
    if isinstance(error, errors.Unavailable):
        return ((b"retry-after", str(error.retry_after).encode()),)
    if isinstance(error, errors.EngineFailed) and "retry_after" in error.facts:
        return ((b"retry-after", str(error.facts["retry_after"]).encode()),)
    if isinstance(error, errors.PathUnknown) and error.allowed:
        return ((b"allow", ", ".join(error.allowed).encode()),)
    if isinstance(error, errors.RangeOutside):
        return ((b"content-range", b"bytes */%d" % error.size),)
    return ()
