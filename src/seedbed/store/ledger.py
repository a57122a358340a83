"""The ledger: what was leased, what was spent, and what a dead process left behind.

Floor 2. Every process that serves holds a lease, spends it in memory (`seedbed.serving.metering`)
and hands its entries in by groups. The sum of all entries is what was spent, to the millionth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, case, func, select

from seedbed.core.access import Principal, Scope
from seedbed.core.money import Amount, Entry, Lease
from seedbed.core.usage import Usage
from seedbed.kit import ids
from seedbed.store.database import Database
from seedbed.store.tables import ENTRIES, LEASES

UNRECONCILED = "unreconciled"
_NOBODY = Principal("-", "-", "-", frozenset[Scope]())


@dataclass(frozen=True, slots=True)
class Total:
    """What one model has used."""

    model: str
    requests: int
    usage: Usage
    held: int
    spent: Amount


class Ledger:
    """The books, on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lease(self, micros: int, *, currency: str, now: int) -> Lease:
        """Open a lease over so much. `now` is in epoch microseconds, here and below."""
        lease = Lease(ids.fresh("lease"), currency, granted=micros)
        row = {"id": lease.id, "currency": currency, "granted": micros}
        row |= {"spent": 0, "renewed": now, "state": "open"}
        await self._database.write(lambda c: c.execute(LEASES.insert().values(row)))
        return lease

    async def extend(self, lease: str, micros: int, *, now: int) -> bool:
        """Grant so much more. `False` when the lease has been reconciled away meanwhile."""
        change = LEASES.update().where(LEASES.c.id == lease, LEASES.c.state == "open")
        change = change.values(granted=LEASES.c.granted + micros, renewed=now)
        return await self._database.write(lambda c: c.execute(change).rowcount == 1)

    async def record(
        self, lease: str, entries: Sequence[Entry], *, now: int, give_back: int = 0
    ) -> bool:
        """Write entries, renew the lease and take so much of its grant back, in one transaction.

        `False` when the lease had been reconciled away: the entries are written all the same and
        taken out of its write-off, as far as that goes, so that the sum stays right; a new lease
        must be taken.
        """
        group = _Group(lease, tuple(entries), give_back)
        return await self._database.write(lambda c: _record(c, group, now))

    async def close(self, lease: str, *, now: int) -> None:
        """End a lease that has nothing in flight; what is left of it is nobody's."""
        change = LEASES.update().where(LEASES.c.id == lease, LEASES.c.state == "open")
        await self._database.write(
            lambda c: c.execute(change.values(state="closed", granted=LEASES.c.spent, renewed=now))
        )

    async def reconcile(self, *, silent_since: int, now: int) -> Amount | None:
        """Write off, as spent, the rest of open leases that were last renewed before then.

        Returns what was written off, or `None` where no lease was found dead. One call takes the
        dead leases of one currency; where the ledger has changed its own, the next takes the next.
        """
        return await self._database.write(lambda c: _reconcile(c, silent_since, now))

    def entries(self, *, last: int) -> list[Entry]:
        """The newest entries, newest first."""
        wanted = select(ENTRIES).order_by(ENTRIES.c.id.desc()).limit(last)
        return self._database.read_now(
            lambda c: [_entry(row) for row in c.execute(wanted).mappings()]
        )

    def totals(self) -> list[Total]:
        """What each model has used in all, the dearest first. The sum of these is all there is."""
        sums = [func.sum(ENTRIES.c[name]).label(name) for name in (*_COUNTERS, "held", "spent")]
        requests = func.count().label("requests")
        wanted = select(ENTRIES.c.model, ENTRIES.c.currency, requests, *sums)
        wanted = wanted.group_by(ENTRIES.c.model, ENTRIES.c.currency)
        totals = self._database.read_now(
            lambda c: [_total(row) for row in c.execute(wanted).mappings()]
        )
        return sorted(totals, key=lambda total: -total.spent.micros)


_COUNTERS = (
    "input_fresh",
    "input_cache_read",
    "input_cache_write",
    "output_visible",
    "output_reasoning",
)


@dataclass(frozen=True, slots=True)
class _Group:
    """Entries of one lease, and how much of its grant is given back with them."""

    lease: str
    entries: Sequence[Entry]
    give_back: int


def _record(connection: Connection, group: _Group, now: int) -> bool:
    lease, entries = group.lease, group.entries
    unwritten = _unwritten(connection, entries)
    if unwritten:
        connection.execute(ENTRIES.insert(), [_row(lease, entry) for entry in unwritten])
    spent = sum(entry.spent.micros for entry in unwritten)
    renew = LEASES.update().where(LEASES.c.id == lease, LEASES.c.state == "open")
    granted = LEASES.c.granted - group.give_back
    renew = renew.values(spent=LEASES.c.spent + spent, granted=granted, renewed=now)
    if connection.execute(renew).rowcount == 1:
        return True
    write_off = ENTRIES.update().where(ENTRIES.c.request_id == lease)
    rest = case((ENTRIES.c.spent > spent, ENTRIES.c.spent - spent), else_=0)
    connection.execute(write_off.values(spent=rest))
    return False


def _unwritten(connection: Connection, entries: Sequence[Entry]) -> list[Entry]:
    """Those not in the books yet: a group whose fate nobody knew is handed in twice."""
    ids_ = [entry.request_id for entry in entries]
    known = select(ENTRIES.c.request_id).where(ENTRIES.c.request_id.in_(ids_))
    written = set(connection.execute(known).scalars())
    return [entry for entry in entries if entry.request_id not in written]


def _reconcile(connection: Connection, silent_since: int, now: int) -> Amount | None:
    silent = LEASES.c.state == "open", LEASES.c.renewed < silent_since
    first = connection.execute(select(LEASES).where(*silent)).mappings().first()
    if first is None:
        return None
    dead = *silent, LEASES.c.currency == first["currency"]
    rows = connection.execute(select(LEASES).where(*dead)).mappings().all()
    entries = [_write_off(row, now) for row in rows]
    connection.execute(ENTRIES.insert(), [_row(e.request_id, e) for e in entries])
    connection.execute(
        LEASES.update().where(*dead).values(state="reconciled", spent=LEASES.c.granted)
    )
    return sum((e.spent for e in entries[1:]), start=entries[0].spent)


def _write_off(values: RowMapping, now: int) -> Entry:
    rest = Amount(max(0, values["granted"] - values["spent"]), values["currency"])
    return Entry(
        request_id=values["id"],
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


def _row(lease: str, entry: Entry) -> dict[str, object]:
    return {
        "request_id": entry.request_id,
        "lease": lease,
        "user": entry.principal.user,
        "project": entry.principal.project,
        "key": entry.principal.key,
        "model": entry.model,
        "deployment": entry.deployment,
        **dict(zip(_COUNTERS, entry.usage.counts(), strict=True)),
        "held": entry.held,
        "reserved": entry.reserved.micros,
        "spent": entry.spent.micros,
        "currency": entry.spent.currency,
        "began": entry.began,
        "took": entry.took,
        "stop": entry.stop,
    }


def _entry(values: RowMapping) -> Entry:
    return Entry(
        request_id=values["request_id"],
        principal=Principal(values["user"], values["project"], values["key"], frozenset()),
        model=values["model"],
        deployment=values["deployment"],
        usage=Usage(*(values[name] for name in _COUNTERS)),
        reserved=Amount(values["reserved"], values["currency"]),
        spent=Amount(values["spent"], values["currency"]),
        held=values["held"],
        began=values["began"],
        took=values["took"],
        stop=values["stop"],
    )


def _total(values: RowMapping) -> Total:
    return Total(
        model=values["model"],
        requests=values["requests"],
        usage=Usage(*(values[name] for name in _COUNTERS)),
        held=values["held"],
        spent=Amount(values["spent"], values["currency"]),
    )
