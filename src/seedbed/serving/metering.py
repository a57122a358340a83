"""Money on the path of a request: promised from memory, settled in memory, written in groups.

Floor 4. The process leases a slice from the ledger and spends it without a write; entries are
handed in within 50 ms. After `kill -9` the rest of the lease is written off by whoever finds it
silent, so no use goes unrecorded; at most 50 ms of detail is lost, never money.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import anyio
import structlog

from seedbed.core.errors import LedgerUnavailable, StoreUnusable
from seedbed.core.money import Amount, Entry, Lease
from seedbed.kit.clock import Clock
from seedbed.store.ledger import Ledger

log: structlog.stdlib.BoundLogger = structlog.get_logger()

GROUP_SECONDS = 0.05
RENEW_SECONDS = 10.0
DEAD_AFTER_SECONDS = 60.0
SLICE = 20_000
"""Micros that are leased at once, and that a lease keeps free when it is renewed. A crash leaves
unreconciled: these, what was promised at that moment, and what a burst took since the renewal."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Money set aside for one ask from one lease, until it is settled or refunded."""

    amount: Amount
    lease: str


class Meter:
    """The lease of this process, and the entries that are not yet written.

    The lease changes under one lock, but for what it promises and spends, which needs no waiting.
    An entry goes to the lease that it was promised from. If that was written off meanwhile (the
    process had been frozen), the ledger takes the entry out of the write-off.
    """

    def __init__(self, ledger: Ledger, *, currency: str, clock: Clock) -> None:
        self._ledger = ledger
        self._currency = currency
        self._clock = clock
        self._lease: Lease | None = None
        self._changing = anyio.Lock()
        self._unwritten: list[tuple[str, Entry]] = []
        self._come = anyio.Event()
        self._trouble: str | None = None

    @property
    def lease(self) -> Lease | None:
        """The lease as it stands, for those who look."""
        return self._lease

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written at the moment, if so."""
        return self._trouble

    @property
    def unwritten(self) -> int:
        """How many entries are not in the books yet."""
        return len(self._unwritten)

    async def promise(self, amount: Amount) -> Promise:
        """Set money aside; waits for the ledger only when the lease runs short.

        Raises:
            LedgerUnavailable: the lease is too short and cannot be made longer, or entries cannot
                be written at the moment.
        """
        if self._trouble is not None:
            raise LedgerUnavailable(self._trouble)
        if self._lease is None or self._lease.free < amount.micros:
            async with self._changing:
                return self._set_aside(await self._long_enough(amount.micros), amount)
        return self._set_aside(self._lease, amount)

    def settle(self, promise: Promise, entry: Entry) -> None:
        """Turn a promise into an entry: what was not spent is free again at once."""
        self._release(promise, spent=entry.spent.micros)
        self._unwritten.append((promise.lease, entry))
        self._come.set()

    def refund(self, promise: Promise) -> None:
        """Take a promise back: nothing was used."""
        self._release(promise, spent=0)

    async def run(self) -> None:
        """Write entries in groups, renew the lease, and bury the leases of the dead, for ever."""
        await self._bury()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._write_groups)
            tasks.start_soon(self._keep)

    async def flush(self) -> None:
        """Write what has not been written yet, and renew the lease.

        Raises:
            StoreUnusable: it could not be; it is kept and tried again.
        """
        async with self._changing:
            await self._write(surplus=0)

    async def renew(self) -> None:
        """`flush`, and give back what the lease has free beyond a slice.

        Raises:
            StoreUnusable: it could not be written; it is kept and tried again.
        """
        async with self._changing:
            lease = self._lease
            await self._write(surplus=max(0, lease.free - SLICE) if lease else 0)

    async def close(self) -> None:
        """Write the rest and end the lease.

        Raises:
            StoreUnusable: it could not be written.
        """
        await self.flush()
        if self._lease is not None:
            await self._ledger.close(self._lease.id, now=self._now())
            self._lease = None

    def _set_aside(self, lease: Lease, amount: Amount) -> Promise:
        self._lease = replace(lease, reserved=lease.reserved + amount.micros)
        return Promise(amount, lease.id)

    def _release(self, promise: Promise, *, spent: int) -> None:
        lease = self._lease
        if lease is None or lease.id != promise.lease:
            return  # it was written off; the ledger knows what to do with the entry
        reserved = lease.reserved - promise.amount.micros
        self._lease = replace(lease, reserved=reserved, spent=lease.spent + spent)

    async def _long_enough(self, micros: int) -> Lease:
        """The lease with so much free. Called under the lock."""
        try:
            if self._lease is None:
                self._lease = await self._new(micros)
            while (lease := self._lease).free < micros:
                more = max(micros - lease.free, SLICE)
                if await self._ledger.extend(lease.id, more, now=self._now()):
                    self._grant(more)
                else:
                    self._lease = await self._new(micros)
        except StoreUnusable as error:
            raise LedgerUnavailable(error.reason) from error
        return self._lease

    async def _write(self, *, surplus: int) -> None:
        """Hand in what is unwritten, each entry to its lease. Called under the lock."""
        groups: dict[str, list[Entry]] = {self._lease.id: []} if self._lease else {}
        unwritten = list(self._unwritten)
        for lease, entry in unwritten:
            groups.setdefault(lease, []).append(entry)
        self._grant(-surplus)
        try:
            alive = await self._record(groups, surplus)
        except StoreUnusable as error:
            self._grant(surplus)
            self._trouble = error.reason
            raise
        self._trouble = None
        del self._unwritten[: len(unwritten)]
        if self._lease and not alive[self._lease.id]:
            log.warning("lease.lost", lease=self._lease.id)
            self._lease = None

    async def _record(self, groups: Mapping[str, list[Entry]], surplus: int) -> Mapping[str, bool]:
        current = self._lease.id if self._lease else None
        return {
            lease: await self._ledger.record(
                lease, entries, give_back=surplus if lease == current else 0, now=self._now()
            )
            for lease, entries in groups.items()
        }

    def _grant(self, micros: int) -> None:
        """Add to what is granted, as it stands now: promises go on while the ledger is written."""
        if self._lease is not None:
            self._lease = replace(self._lease, granted=self._lease.granted + micros)

    async def _new(self, micros: int) -> Lease:
        micros = max(micros, SLICE)
        return await self._ledger.lease(micros, currency=self._currency, now=self._now())

    async def _write_groups(self) -> None:
        while True:
            await self._come.wait()
            self._come = anyio.Event()
            await self._clock.sleep(GROUP_SECONDS)
            try:
                await self.flush()
            except StoreUnusable as error:
                log.error("ledger.unwritten", why=error.reason, entries=len(self._unwritten))
                await self._clock.sleep(1.0)
                self._come.set()

    async def _keep(self) -> None:
        while True:
            await self._clock.sleep(RENEW_SECONDS)
            try:
                await self.renew()
            except StoreUnusable as error:
                log.error("ledger.unwritten", why=error.reason, entries=len(self._unwritten))
                self._come.set()
            else:
                await self._bury()

    async def _bury(self) -> None:
        silent_since = self._now() - round(DEAD_AFTER_SECONDS * 1e6)
        try:
            lost = await self._ledger.reconcile(silent_since=silent_since, now=self._now())
        except StoreUnusable as error:
            log.error("ledger.unwritten", why=error.reason, entries=len(self._unwritten))
            self._trouble = error.reason
            self._come.set()
            return
        if lost is not None:
            log.warning("lease.reconciled", written_off=str(lost))

    def _now(self) -> int:
        return round(self._clock.wall() * 1e6)
