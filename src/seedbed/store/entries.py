"""Entries as rows: written in groups by one prepared statement, read one by one, summed.

Floor 2. Everything here runs on a connection that somebody else has begun.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import chain

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select

from seedbed.core.access import Principal, payer
from seedbed.core.money import Amount, Entry, Modality
from seedbed.core.usage import Usage
from seedbed.store.database import execute
from seedbed.store.tables import ENTRIES

_COUNTERS = (
    "input_fresh",
    "input_cache_read",
    "input_cache_write",
    "output_visible",
    "output_reasoning",
    "images",
    "film_milliseconds",
    "sound_milliseconds",
)
_COLUMNS = tuple(column.name for column in ENTRIES.columns if column.name != "id")
_INSERT = f"""INSERT INTO entries ("{'", "'.join(_COLUMNS)}") VALUES """  # noqa: S608 - no word is a caller's
_TOGETHER = 32
"""Rows that one statement inserts at most. The interpreter's lock is let go of for each statement,
and is slow to come back from a busy loop, so that few statements are written sooner than many."""
_EPOCH = date(1970, 1, 1)
_AT_ONCE = 500
"""Rows that are fetched together, and ids that are looked for together."""

UNRECONCILED = "unreconciled"
"""How an entry ended that is a write-off: money, and no request."""

GROUPINGS: dict[str, ColumnElement[str] | ColumnElement[int]] = {
    "model": ENTRIES.c.model,
    "deployment": ENTRIES.c.deployment,
    "key": ENTRIES.c.key,
    "project": ENTRIES.c.project,
    "user": ENTRIES.c.user,
    "modality": ENTRIES.c.modality,
    "day": ENTRIES.c.began // 86_400_000_000,
}
"""What uses can be summed by; a day is that of UTC, here as the days since the epoch."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What the entries of one group used. `group` has a word for each grouping that was asked for.

    `held` is in microseconds. `written_off` is that part of `spent` which is no request's: the rest
    of leases whose process died. `shadow` sums those entries that have one; `None` where none has.
    """

    group: tuple[str, ...]
    requests: int
    usage: Usage
    held: int
    spent: Amount
    written_off: Amount
    shadow: Amount | None


@dataclass(frozen=True, slots=True)
class Span:
    """When uses began: from `since` on, before `until`, in epoch microseconds; `None` is open."""

    since: int | None = None
    until: int | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The span as SQL has it."""
        bounds: list[ColumnElement[bool]] = []
        if self.since is not None:
            bounds.append(ENTRIES.c.began >= self.since)
        if self.until is not None:
            bounds.append(ENTRIES.c.began < self.until)
        return bounds


def insert(connection: Connection, lease_entries: Sequence[tuple[str, Entry]]) -> None:
    """Write entries, each with the id of the lease that its money was promised from."""
    rows = [_row(lease, entry) for lease, entry in lease_entries]
    for start in range(0, len(rows), _TOGETHER):
        together = rows[start : start + _TOGETHER]
        execute(connection, _insert(len(together)), tuple(chain.from_iterable(together)))


@cache
def _insert(rows: int) -> str:
    """The statement that inserts so many; the driver keeps it prepared."""
    return _INSERT + ", ".join([f"({', '.join('?' * len(_COLUMNS))})"] * rows)


def written(connection: Connection, request_ids: Sequence[str]) -> set[str]:
    """Those of the ids that are in the books."""
    found: set[str] = set()
    for start in range(0, len(request_ids), _AT_ONCE):
        some = request_ids[start : start + _AT_ONCE]
        known = select(ENTRIES.c.request_id).where(ENTRIES.c.request_id.in_(some))
        found |= set(connection.execute(known).scalars())
    return found


def find(connection: Connection, request_id: str) -> Entry | None:
    """The entry of a request, if it is in the books."""
    wanted = select(ENTRIES).where(ENTRIES.c.request_id == request_id)
    row = connection.execute(wanted).mappings().first()
    return None if row is None else _entry(row)


def newest(connection: Connection, last: int, span: Span) -> list[Entry]:
    """The newest entries, newest first."""
    wanted = select(ENTRIES).where(*span.conditions).order_by(ENTRIES.c.id.desc()).limit(last)
    return [_entry(row) for row in connection.execute(wanted).mappings()]


def each(connection: Connection, span: Span) -> Iterator[Entry]:
    """Every entry, oldest first, without holding more than a few in memory."""
    wanted = select(ENTRIES).where(*span.conditions).order_by(ENTRIES.c.id)
    with connection.execute(wanted, execution_options={"yield_per": _AT_ONCE}) as rows:
        for row in rows.mappings():
            yield _entry(row)


def sums(connection: Connection, by: Sequence[str], span: Span) -> list[Sum]:
    """What each group used, each currency for itself; the dearest first."""
    groups = [GROUPINGS[word] for word in by]
    names = (*_COUNTERS, "held", "spent", "shadow")
    totals = [func.sum(ENTRIES.c[name]).label(f"sum_{name}") for name in names]
    is_written_off = ENTRIES.c.stop == UNRECONCILED
    written_off = func.sum(ENTRIES.c.spent).filter(is_written_off)
    wanted = select(
        *(group.label(f"group_{at}") for at, group in enumerate(groups)),
        ENTRIES.c.currency,
        func.count().filter(~is_written_off).label("requests"),
        func.coalesce(written_off, 0).label("written_off"),
        *totals,
    )
    wanted = wanted.where(*span.conditions).group_by(*groups, ENTRIES.c.currency)
    rows = connection.execute(wanted).mappings()
    found = [_sum(row, len(groups)) for row in rows]
    return sorted(found, key=lambda one: (-one.spent.micros, one.group))


def _sum(row: RowMapping, groups: int) -> Sum:
    shadow = row["sum_shadow"]
    return Sum(
        group=tuple(_word(row[f"group_{at}"]) for at in range(groups)),
        requests=row["requests"],
        usage=Usage(*(row[f"sum_{name}"] for name in _COUNTERS)),
        held=row["sum_held"],
        spent=Amount(row["sum_spent"], row["currency"]),
        written_off=Amount(row["written_off"], row["currency"]),
        shadow=None if shadow is None else Amount(shadow, row["currency"]),
    )


def _word(group: str | int) -> str:
    return group if isinstance(group, str) else str(_EPOCH + timedelta(group))


def _row(lease: str, entry: Entry) -> tuple[object, ...]:
    """In the order of the columns, which a test compares."""
    principal, usage, shadow = entry.principal, entry.usage, entry.shadow
    return (
        entry.request_id,
        lease,
        principal.user,
        payer(principal.project),
        principal.key,
        entry.model,
        entry.deployment,
        usage.input_fresh,
        usage.input_cache_read,
        usage.input_cache_write,
        usage.output_visible,
        usage.output_reasoning,
        entry.held,
        entry.reserved.micros,
        entry.spent.micros,
        entry.spent.currency,
        entry.began,
        entry.took,
        entry.stop,
        entry.modality,
        None if shadow is None else shadow.micros,
        entry.first,
        usage.images,
        usage.film_milliseconds,
        usage.sound_milliseconds,
    )


def _entry(row: RowMapping) -> Entry:
    currency, shadow = row["currency"], row["shadow"]
    return Entry(
        request_id=row["request_id"],
        principal=Principal(row["user"], row["project"], row["key"], frozenset()),
        model=row["model"],
        deployment=row["deployment"],
        usage=Usage(*(row[name] for name in _COUNTERS)),
        reserved=Amount(row["reserved"], currency),
        spent=Amount(row["spent"], currency),
        held=row["held"],
        began=row["began"],
        took=row["took"],
        stop=row["stop"],
        modality=Modality(row["modality"]),
        shadow=None if shadow is None else Amount(shadow, currency),
        first=row["first"],
    )
