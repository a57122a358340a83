"""Money on the path of a request: promised from memory, settled in memory, written in groups.

Floor 4. The process leases a slice from the ledger and spends it without a write; entries are
handed in within 50 ms. After `kill -9` the rest of the lease is written off by whoever finds it
silent, so no use goes unrecorded; at most 50 ms of detail is lost, never money.
"""

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
SLICE = 50_000
"""Micros that are leased at once, and so the most that a crash leaves unreconciled while idle."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Money set aside for one request, until `Meter.settle` or `Meter.refund` is called with it."""

    amount: Amount


class Meter:
    """The lease of this process, and the entries that are not yet written."""

    def __init__(self, ledger: Ledger, *, currency: str, clock: Clock) -> None:
        self._ledger = ledger
        self._currency = currency
        self._clock = clock
        self._lease: Lease | None = None
        self._extending = anyio.Lock()
        self._writing = anyio.Lock()
        self._unwritten: list[Entry] = []
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

    async def promise(self, amount: Amount) -> Promise:
        """Set money aside; waits for the ledger only when the lease runs short.

        Raises:
            LedgerUnavailable: the lease is too short and cannot be made longer, or entries cannot
                be written at the moment.
        """
        if self._trouble is not None:
            raise LedgerUnavailable(self._trouble)
        if self._lease is None or self._lease.free < amount.micros:
            async with self._extending:
                return self._set_aside(await self._extended(amount.micros), amount)
        return self._set_aside(self._lease, amount)

    def settle(self, promise: Promise, entry: Entry) -> None:
        """Turn a promise into an entry: what was not spent is free again at once."""
        spent = entry.spent.micros
        self._release(promise, spent=spent)
        self._unwritten.append(entry)
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
        """Write what has not been written yet.

        Raises:
            StoreUnusable: it could not be; it is kept and tried again.
        """
        async with self._writing:
            entries = list(self._unwritten)
            if self._lease is None:
                return
            try:
                alive = await self._ledger.record(self._lease.id, entries, now=self._now())
            except StoreUnusable as error:
                self._trouble = error.reason
                raise
            self._trouble = None
            del self._unwritten[: len(entries)]
            if not alive:
                log.warning("lease.lost", lease=self._lease.id)
                self._lease = await self._anew(self._lease)

    async def close(self) -> None:
        """Write the rest and end the lease."""
        await self.flush()
        if self._lease is not None:
            await self._ledger.close(self._lease.id, now=self._now())
            self._lease = None

    def _set_aside(self, lease: Lease, amount: Amount) -> Promise:
        self._lease = replace(lease, reserved=lease.reserved + amount.micros)
        return Promise(amount)

    def _release(self, promise: Promise, *, spent: int) -> None:
        lease = self._lease
        assert lease is not None  # noqa: S101 - a promise is made from a lease
        reserved = lease.reserved - promise.amount.micros
        self._lease = replace(lease, reserved=reserved, spent=lease.spent + spent)

    async def _extended(self, micros: int) -> Lease:
        """The lease with room for so much. Called under the lock."""
        try:
            if self._lease is None:
                self._lease = await self._ledger.lease(
                    max(micros, SLICE), currency=self._currency, now=self._now()
                )
            while (lease := self._lease).free < micros:
                more = max(micros - lease.free, SLICE)
                if await self._ledger.extend(lease.id, more, now=self._now()):
                    # spends may have gone on meanwhile: add to the lease as it is now
                    self._lease = replace(self._lease, granted=self._lease.granted + more)
                else:
                    self._lease = await self._anew(self._lease)
        except StoreUnusable as error:
            raise LedgerUnavailable(error.reason) from error
        return self._lease

    async def _anew(self, lost: Lease) -> Lease:
        """A new lease in place of one that was written off; what is unsettled moves over to it."""
        micros = lost.reserved + SLICE
        fresh = await self._ledger.lease(micros, currency=self._currency, now=self._now())
        reserved = self._lease.reserved if self._lease else 0
        unwritten = sum(entry.spent.micros for entry in self._unwritten)
        return replace(fresh, reserved=reserved, spent=unwritten)

    async def _write_groups(self) -> None:
        while True:
            await self._come.wait()
            self._come = anyio.Event()
            await self._clock.sleep(GROUP_SECONDS)
            await self._try_to_flush()

    async def _keep(self) -> None:
        while True:
            await self._clock.sleep(RENEW_SECONDS)
            await self._try_to_flush()
            await self._bury()

    async def _try_to_flush(self) -> None:
        try:
            await self.flush()
        except StoreUnusable as error:
            log.error("ledger.unwritten", why=error.reason, entries=len(self._unwritten))
            await self._clock.sleep(1.0)
            self._come.set()

    async def _bury(self) -> None:
        silent_since = self._now() - round(DEAD_AFTER_SECONDS * 1e6)
        try:
            lost = await self._ledger.reconcile(silent_since=silent_since, now=self._now())
        except StoreUnusable as error:
            log.error("ledger.unwritten", why=error.reason, entries=len(self._unwritten))
            return
        if lost is not None:
            log.warning("lease.reconciled", written_off=str(lost))

    def _now(self) -> int:
        return round(self._clock.wall() * 1e6)
