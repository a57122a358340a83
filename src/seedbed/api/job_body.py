"""What a caller says of jobs, read into values of ours: a draft, a filter, a sum, a number.

Floor 6.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec
from starlette.requests import Request

from seedbed.api.intake import body
from seedbed.api.openai.body import read_body
from seedbed.core.access import Principal, Scope
from seedbed.core.errors import JobUnknown, RequestMalformed
from seedbed.core.job import Callback, Draft, Owner, State
from seedbed.core.money import MICROS, Amount
from seedbed.kit.http.address import read_address, split
from seedbed.store.jobs import Filter

LONGEST_BODY = 8 << 20
MOST_LISTED = 1_000
HIGHEST = 9
"""The priority that an ordinary key can give at most."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID = re.compile(r"job_[0-9a-f]{24}")
_ONCE = re.compile(r"[!-~]{1,200}")
_SEQ = re.compile(r"[0-9]{1,18}")
_LONGEST_ADDRESS = 2_000
_AHEAD = 315_360_000
"""Seconds from now that a moment may lie ahead: ten years."""
Body = TypeVar("Body", bound=msgspec.Struct)
JobId: TypeAlias = Annotated[str, msgspec.Meta(pattern="^job_[0-9a-f]{24}$")]
When: TypeAlias = (
    Annotated[datetime, msgspec.Meta(tz=True)] | Annotated[float, msgspec.Meta(ge=0, le=_AHEAD)]
)
Sum: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$", max_length=16)]


class JobBody(msgspec.Struct):
    """A job that is to be submitted. Moments are text in RFC 3339, or seconds from now."""

    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    input: dict[str, Any] | None = None
    priority: Annotated[int, msgspec.Meta(ge=0, le=99)] | None = None
    begins: When | None = None
    expires: When | None = None
    seconds: Annotated[float, msgspec.Meta(gt=0, le=31_536_000)] | None = None
    cap: Sum | None = None
    after: Annotated[list[JobId], msgspec.Meta(max_length=100)] | None = None
    callback: str | None = None


class ResumeBody(msgspec.Struct):
    """What a job may spend from now on, where that is to be another sum than before."""

    cap: Sum | None = None


async def read_draft(
    request: Request, principal: Principal, kinds: frozenset[str], currency: str, now: int
) -> Draft:
    """The job that a caller wants, on the caller's behalf.

    Raises:
        RequestMalformed: it cannot be read, or a value is out of range.
        RequestTooLarge: it is longer than a job may be.
        Left: the caller left before its end.
    """
    wish = await _read(request, JobBody)
    if wish.kind not in kinds:
        raise RequestMalformed(
            f"Jobs of the kind {wish.kind!r} cannot be submitted.",
            hint=f"Those that can are {', '.join(sorted(kinds))}.",
            field="kind",
        )
    priority = wish.priority or 0
    if priority > HIGHEST and not principal.may(Scope.ADMIN):
        raise RequestMalformed(
            f"The priority {priority} is for administrators.",
            hint=f"Take one from 0 to {HIGHEST}; the higher, the sooner.",
            field="priority",
        )
    return Draft(
        wish.kind,
        wish.input or {},
        Owner(principal.user, principal.project, principal.key),
        priority,
        begins=0 if wish.begins is None else _moment("begins", wish.begins, now),
        expires=None if wish.expires is None else _moment("expires", wish.expires, now),
        seconds=wish.seconds,
        cap=_amount(wish.cap, currency),
        after=tuple(wish.after or ()),
        once=_once(request.headers.get("idempotency-key")),
        callback=None if wish.callback is None else read_callback(wish.callback, "callback"),
    )


def read_callback(url: str, field: str, *, words: str = "", base: str = "") -> Callback:
    """The callback that a caller names in a field.

    Raises:
        RequestMalformed: it is no address of HTTP, or is too long.
    """
    try:
        parts, _ = split(url)
        read_address(f"{parts.scheme}://{parts.netloc}")
        if len(url) > _LONGEST_ADDRESS:
            raise ValueError(f"it has {len(url):,} letters")
    except ValueError as error:
        raise RequestMalformed(
            f"Field {field!r} cannot be called back: {error}.",
            hint="Send an address with https:// or http:// and no password in it, of "
            f"{_LONGEST_ADDRESS:,} letters at most.",
            field=field,
        ) from error
    return Callback(url, words, base)


async def read_cap(request: Request, currency: str) -> Amount | None:
    """What a job that is resumed may spend, if its caller says so.

    Raises:
        RequestMalformed: it cannot be read.
        Left: the caller left before its end.
    """
    return _amount((await _read(request, ResumeBody)).cap, currency)


def read_filter(query: Mapping[str, str], project: str | None) -> tuple[Filter, int]:
    """Which jobs are wanted, and how many at most.

    Raises:
        RequestMalformed: no number, or no state.
    """
    limit, state = query.get("limit", "50"), query.get("state")
    if not (_SEQ.fullmatch(limit) and 1 <= int(limit) <= MOST_LISTED):
        raise RequestMalformed(
            f"The limit {limit[:20]!r} is none.", hint=f"Take 1 to {MOST_LISTED}.", field="limit"
        )
    if state is not None and state not in set(State):
        raise RequestMalformed(
            f"There is no state {state[:20]!r}.",
            hint=f"Take one of {', '.join(State)}.",
            field="state",
        )
    kind = query.get("kind", "").replace("\0", "")
    return Filter(project, State(state) if state else None, kind or None), int(limit)


def read_seen(last: str | None) -> int:
    """The `seq` up to which a client has seen a job, by its `Last-Event-ID`.

    Raises:
        RequestMalformed: it is none of ours.
    """
    if not last:
        return 0
    if not _SEQ.fullmatch(last):
        raise RequestMalformed(
            f"The Last-Event-ID {last[:20]!r} is none of ours.",
            hint="Send the `id` of the last event that came, or leave it out.",
        )
    return int(last)


def job_id(text: str) -> str:
    """The id of a job.

    Raises:
        JobUnknown: it is none, so that there is no such job.
    """
    if not _ID.fullmatch(text):
        raise JobUnknown(text[:40])
    return text


async def _read(request: Request, kind: type[Body]) -> Body:
    """The body as it is typed; none is one that says nothing.

    Raises:
        RequestMalformed: it cannot be read, or has a field that is not known here.
        Left: the caller left before its end.
    """
    headers: dict[bytes, bytes] = dict(request.scope["headers"])
    sent = await body(request.receive, headers, limit=LONGEST_BODY)
    wish, unknown = read_body(sent or b"{}", kind)
    if unknown:
        field = next(iter(unknown))
        raise RequestMalformed(
            f"There is no field {field[:40]!r}.",
            hint=f"Those that there are: {', '.join(kind.__struct_fields__)}.",
            field=field[:40],
        )
    return wish


def _moment(field: str, said: datetime | float, now: int) -> int:
    """A moment in epoch microseconds, which a caller gave as such or in seconds from now.

    Raises:
        RequestMalformed: it is before 1970, or further ahead than seconds may say.
    """
    if not isinstance(said, datetime):
        return now + round(said * 1e6)
    moment = (said - _EPOCH) // timedelta(microseconds=1)
    if not 0 < moment <= now + _AHEAD * 10**6:
        raise RequestMalformed(
            f"The moment {said.isoformat()} is too far away.",
            hint="Name one after 1970 and within the next ten years.",
            field=field,
        )
    return moment


def _amount(text: str | None, currency: str) -> Amount | None:
    return None if text is None else Amount(int(Decimal(text) * MICROS), currency)


def _once(key: str | None) -> str | None:
    """The key under which a job is submitted once.

    Raises:
        RequestMalformed: it is too long, or has other letters than are plain.
    """
    if key is not None and not _ONCE.fullmatch(key):
        raise RequestMalformed(
            f"The Idempotency-Key {key[:40]!r} cannot be one.",
            hint="Send 1 to 200 plain letters, digits and signs, without blanks.",
        )
    return key
