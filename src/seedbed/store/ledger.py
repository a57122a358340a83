"""The ledger: what was leased, what was spent, and what a dead process left behind.

Floor 2. Every process that serves holds leases, spends them in memory (`seedbed.serving.metering`)
and hands its entries in by groups. The sum of all entries is what was spent, to the millionth.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from seedbed.core.access import Principal, Scope
from seedbed.core.budget import Measure
from seedbed.core.money import Amount, Entry, Hours, Lease
from seedbed.core.route import Route
from seedbed.core.usage import Usage
from seedbed.store import answers, leases, routes
from seedbed.store import entries as books
from seedbed.store.answers import Kept
from seedbed.store.database import Database, Row, execute
from seedbed.store.entries import UNRECONCILED, Span, Sum
from seedbed.store.leases import Keep, Standing, Want
from seedbed.store.tables import HOURS

_ADD_HOURS = """
    INSERT INTO hours (deployment, day, loaded, busy, loading) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (deployment, day) DO UPDATE SET loaded = hours.loaded + excluded.loaded,
    busy = hours.busy + excluded.busy, loading = hours.loading + excluded.loading
"""
_NOBODY = Principal("-", "-", "-", frozenset[Scope]())


@dataclass(frozen=True, slots=True)
class Group:
    """Uses that are written in one transaction, and what leases are to hold after it.

    Each use comes with the leases that it was promised from, that of the house first. `in_doubt`
    says that an earlier try may have succeeded, so that what is in the books must be looked for.
    `answers` are kept beside the entries that they were settled with, and so are the `routes` of
    requests that took one; those of the requests `forgotten` are taken away.
    """

    uses: Sequence[tuple[Sequence[Lease], Entry]]
    keeps: Mapping[str, Keep] = field(default_factory=dict[str, Keep])
    in_doubt: bool = False
    answers: Sequence[Kept] = ()
    routes: Sequence[Route] = ()
    forgotten: Sequence[str] = ()


class Snapshot:
    """The books as they stood at one moment: all that is read from it goes together."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def entries(self, *, since: int | None = None, until: int | None = None) -> Iterator[Entry]:
        """Every entry that began in that span, oldest first, a few at a time in memory."""
        return books.each(self._connection, Span(since, until))

    def sums(
        self, by: Sequence[str], *, since: int | None = None, until: int | None = None
    ) -> list[Sum]:
        """What was used, by the words of `entries.GROUPINGS` and by currency, the dearest first."""
        return books.sums(self._connection, by, Span(since, until))

    def hours(self, *, since: int | None = None, until: int | None = None) -> list[Hours]:
        """What own hardware did on the days that began in that span."""
        wanted = select(HOURS).order_by(HOURS.c.day, HOURS.c.deployment)
        if since is not None:
            wanted = wanted.where(HOURS.c.day >= since)
        if until is not None:
            wanted = wanted.where(HOURS.c.day < until)
        return [Hours(**row) for row in self._connection.execute(wanted).mappings()]


class Ledger:
    """The books, on a database. Moments are in epoch microseconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def grant(self, wants: Sequence[Want], *, now: int) -> list[Standing]:
        """Open leases or make them longer, as far as their budgets allow, in one transaction."""
        return await self._database.write(lambda c: [leases.grant(c, want, now) for want in wants])

    async def record(self, group: Group, *, now: int) -> dict[str, Standing]:
        """Write entries, charge and renew their leases, in one transaction.

        Entries of a lease that was written off are written all the same and taken out of its
        write-off, as far as that goes, so that the sum stays right.
        """
        return await self._database.write(lambda c: _record(c, group, now))

    async def open_leases(self) -> Mapping[str, int]:
        """When each open lease was last renewed."""
        return await self._database.read(leases.open_leases)

    async def reconcile(self, dead: Mapping[str, int], *, now: int) -> list[Amount]:
        """Write off, as spent, the rest of leases that nobody has renewed since then.

        Returns what of the house's money was written off, an amount for each currency.
        """
        return await self._database.write(lambda c: _reconcile(c, dead, now))

    async def add_hours(self, hours: Sequence[Hours]) -> None:
        """Add what own hardware did to what is on the books for that day."""
        await self._database.write(lambda c: _add_hours(c, hours))

    def entries(
        self, *, last: int, since: int | None = None, until: int | None = None
    ) -> list[Entry]:
        """The newest entries, newest first."""
        return self._database.read_now(lambda c: books.newest(c, last, Span(since, until)))

    def sums(
        self, by: Sequence[str], *, since: int | None = None, until: int | None = None
    ) -> list[Sum]:
        """What was used, as `Snapshot.sums` tells it."""
        return self._database.read_now(lambda c: books.sums(c, by, Span(since, until)))

    def hours(self, *, since: int | None = None, until: int | None = None) -> list[Hours]:
        """What own hardware did, as `Snapshot.hours` tells it."""
        return self._database.read_now(lambda c: Snapshot(c).hours(since=since, until=until))

    @contextmanager
    def snapshot(self) -> Generator[Snapshot]:
        """The books as they stand now, for several readings that must agree."""
        with self._database.reading() as connection:
            yield Snapshot(connection)


def _record(connection: Connection, group: Group, now: int) -> dict[str, Standing]:
    uses = group.uses
    if group.in_doubt:
        known = books.written(connection, [entry.request_id for _, entry in uses])
        uses = [use for use in uses if use[1].request_id not in known]
    books.insert(connection, [(of[0].id, entry) for of, entry in uses])
    answers.put(connection, group.answers)
    routes.put(connection, group.routes)
    routes.drop(connection, group.forgotten)
    charges = dict.fromkeys(group.keeps, 0) | _charges(uses)
    standings = {
        lease: leases.charge(connection, lease, units, group.keeps.get(lease), now)
        for lease, units in charges.items()
    }
    for lease in {of[0].id for of, _ in uses}:
        if not standings[lease].is_open:
            leases.take_out(connection, lease, charges[lease])
    return standings


def _charges(uses: Sequence[tuple[Sequence[Lease], Entry]]) -> dict[str, int]:
    """What is spent of each lease, in what it counts."""
    charges: dict[str, int] = {}
    for of, entry in uses:
        for lease in of:
            if lease.measure is Measure.MONEY:
                units = entry.spent.micros
            else:
                units = entry.usage.input + entry.usage.output
            charges[lease.id] = charges.get(lease.id, 0) + units
    return charges


def _reconcile(connection: Connection, dead: Mapping[str, int], now: int) -> list[Amount]:
    rows = [leases.write_off(connection, lease, renewed) for lease, renewed in dead.items()]
    house = [row for row in rows if row is not None and row["budget"] is None]
    entries = [_write_off(row, now) for row in house]
    books.insert(connection, [(entry.request_id, entry) for entry in entries])
    lost: dict[str, Amount] = {}
    for entry in entries:
        currency = entry.spent.currency
        lost[currency] = lost.get(currency, Amount(0, currency)) + entry.spent
    return list(lost.values())


def _write_off(row: Row, now: int) -> Entry:
    rest = Amount(max(0, row["granted"] - row["spent"]), row["currency"])
    return Entry(
        request_id=row["id"],
        principal=_NOBODY,
        model=UNRECONCILED,
        deployment="-",
        usage=Usage(),
        reserved=rest,
        spent=rest,
        held=0,
        began=now,
        took=0,
        stop=UNRECONCILED,
    )


def _add_hours(connection: Connection, hours: Sequence[Hours]) -> None:
    for one in hours:
        values = one.deployment, one.day, one.loaded, one.busy, one.loading
        execute(connection, _ADD_HOURS, values)
