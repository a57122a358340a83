"""Entries to put into a ledger, and leases to put them on."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from seedbed.core.access import Principal, Scope
from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.core.money import Amount, Entry, Lease
from seedbed.core.usage import Usage
from seedbed.kit import ids
from seedbed.store.leases import Keep, Standing, Want
from seedbed.store.ledger import Group, Ledger
from seedbed.store.tables import LEASES

ADA = Principal("ada", "engines", "key_1", frozenset[Scope]())


def entry(
    request_id: str,
    micros: int,
    *,
    model: str = "m",
    currency: str = "USD",
    usage: Usage = Usage(1, 2, 3, 4, 5),  # noqa: B008 - frozen
) -> Entry:
    """A settled use that cost so much."""
    return Entry(
        request_id=request_id,
        principal=ADA,
        model=model,
        deployment=f"{model}@here",
        usage=usage,
        reserved=Amount(micros + 10, currency),
        spent=Amount(micros, currency),
        held=6,
        began=1_800_000_000_000_000,
        took=7,
        stop="end",
    )


def budget(
    cap: int,
    *,
    owner: Owner = Owner.PROJECT,
    subject: str = "engines",
    window: Window = Window.ALL,
    measure: Measure = Measure.MONEY,
    warn: int = 80,
) -> Budget:
    """A budget that has not been set yet."""
    return Budget(ids.fresh("budget"), owner, subject, window, measure, cap, "USD", warn)


async def opened(
    ledger: Ledger, micros: int, *, now: int, currency: str = "USD", of: Budget | None = None
) -> Lease:
    """A lease over so much, of the house's money or of a budget."""
    id_ = ids.fresh("lease")
    lease = Lease(id_, currency, micros)
    if of is not None:
        lease = Lease(id_, currency, micros, budget=of.id, measure=of.measure)
    (standing,) = await ledger.grant([Want(lease, micros, micros)], now=now)
    assert (standing.granted, standing.is_open) == (micros, True)
    return lease


async def widened(ledger: Ledger, lease: Lease, micros: int, *, now: int) -> bool:
    """Grant so much in all; whether the lease was still open."""
    (standing,) = await ledger.grant([Want(lease, micros, micros)], now=now)
    return standing.is_open


async def handed_in(
    ledger: Ledger,
    leases: Lease | Sequence[Lease],
    entries: Sequence[Entry],
    *,
    now: int,
    in_doubt: bool = False,
) -> Standing:
    """Record entries on those leases; how the first stands then."""
    of = [leases] if isinstance(leases, Lease) else leases
    uses = [(of, entry) for entry in entries]
    keeps = {} if uses else {of[0].id: Keep(of[0].granted)}
    standings = await ledger.record(Group(uses, keeps, in_doubt), now=now)
    return standings[of[0].id]


async def closed(ledger: Ledger, lease: Lease, *, now: int) -> None:
    """End a lease."""
    await ledger.record(Group([], {lease.id: Keep(0, ends=True)}), now=now)


async def buried(ledger: Ledger, *, silent_since: int, now: int) -> list[Amount]:
    """Write off the leases that were last renewed before then."""
    renewed = await ledger.open_leases()
    dead = {lease: when for lease, when in renewed.items() if when < silent_since}
    return await ledger.reconcile(dead, now=now)


def total(ledger: Ledger) -> int:
    """The micros of every entry."""
    return sum(one.spent.micros for one in ledger.sums(()))


def put_leases(connection: Connection, *names: str) -> None:
    """Rows that are quickly written."""
    books = {"currency": "USD", "granted": 1, "spent": 0, "renewed": 0, "state": "open"}
    connection.execute(LEASES.insert(), [{"id": name, **books} for name in names])


def count_leases(connection: Connection) -> int:
    """How many of them there are."""
    return connection.execute(select(func.count()).select_from(LEASES)).scalar_one()
