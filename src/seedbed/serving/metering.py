"""Money on the path of a request: promised from memory, settled in memory, written in groups.

Floor 4. The process leases slices from the ledger and spends them without a write; entries are
handed in within 50 ms. After `kill -9` the rest of its leases is written off by whoever finds them
silent, so no use goes unrecorded; at most 50 ms of detail is lost, never money.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import anyio
import structlog

from seedbed.core.access import Principal
from seedbed.core.budget import Budget, Measure
from seedbed.core.errors import BudgetReserved, LedgerUnavailable, SeedbedError, StoreUnusable
from seedbed.core.money import Amount, Entry, Hours
from seedbed.core.route import Route
from seedbed.kit.clock import Clock
from seedbed.kit.silence import Watch
from seedbed.serving.exhausted import Exhausted
from seedbed.serving.pool import Need, Pool, Promise
from seedbed.serving.pools import Pools
from seedbed.serving.refusals import Refusals
from seedbed.store.answers import Kept
from seedbed.store.leases import Keep, Standing
from seedbed.store.ledger import Group, Ledger
from seedbed.store.windows import spent

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_MONEY = Measure.MONEY  # to look into an enum takes as long as three calls

GROUP_SECONDS = 0.05
RENEW_SECONDS = 10.0


class Meter:
    """The leases of this process, and the entries that are not yet written.

    What leases hold changes under one lock, but for what is promised and spent of them, which
    needs no waiting. An entry goes to the leases that it was promised from. If those were written
    off meanwhile (the process had been frozen), the ledger takes the entry out of the write-off.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        currency: str,
        clock: Clock,
        hours: Callable[[], Sequence[Hours]] = tuple,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._pools = Pools(currency)
        self._watch = Watch()
        self._changing = anyio.Lock(fast_acquire=True)
        self._exhausted = Exhausted()
        self._waiting: list[Need] = []
        self._unwritten: list[tuple[Sequence[Pool], Entry]] = []
        self._answers: list[Kept] = []
        self._routes: dict[str, Route] = {}
        """By the ids of their requests."""
        self._refusals = Refusals()
        self._forgotten: list[str] = []
        """Requests whose ways are on the books, and are to be taken from there."""
        self._in_doubt = False
        self._take_hours = hours
        self._hours: list[Hours] = []
        self._come = anyio.Event()
        self._trouble: str | None = None

    @property
    def lease(self) -> Pool | None:
        """The lease of the house's money as it stands, for those who look."""
        return self._pools.house

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written at the moment, if so."""
        return self._trouble

    @property
    def unwritten(self) -> int:
        """How many entries are not in the books yet."""
        return len(self._unwritten)

    def promise_now(self, principal: Principal, most: Amount, tokens: int) -> Promise | None:
        """Set aside the most that an ask may use, if that takes no waiting."""
        if self._trouble is not None:
            return None
        now = self._now() if principal.budgets else 0
        return self._pools.take(principal, most, tokens, now)

    async def promise(self, principal: Principal, most: Amount, tokens: int) -> Promise:
        """Set aside the most that an ask may use, of the house's money and of each budget.

        Waits for the ledger only when a lease runs short.

        Raises:
            BudgetSpent, BudgetReserved: a budget has not so much left.
            SettingRefused: a budget counts another currency than the ledger.
            LedgerUnavailable: a lease is too short and cannot be made longer, or entries cannot
                be written at the moment.
        """
        need = Need(principal, most, tokens)
        self._exhausted.check(need, now=self._now(), steady=self._clock.now())
        self._waiting.append(need)
        try:
            while (promise := self._promise_if_sound(need)) is None:
                async with self._changing:
                    if (promise := self._promise_if_sound(need)) is not None:
                        return promise
                    await self._widen(need)
            return promise
        finally:
            self._waiting.remove(need)

    def settle(self, promise: Promise, entry: Entry) -> None:
        """Turn a promise into an entry: what was not spent is free again at once."""
        for pool in promise.pools:
            if pool.measure is _MONEY:
                pool.release(promise.money.micros, entry.spent.micros)
            else:
                pool.release(promise.tokens, entry.usage.input + entry.usage.output)
        self._unwritten.append((promise.pools, entry))
        self._come.set()

    def keep(self, answer: Kept) -> None:
        """Write an answer together with the entry that was settled for it a moment ago.

        Nothing may be awaited between the two.
        """
        self._answers.append(answer)

    def tell(self, route: Route) -> None:
        """Write the way that a request took, with the next group.

        One that was refused takes the place of an older one, where there are many.
        """
        old = self._refusals.add(route) if route.refused else None
        if old is not None:
            unwritten = self._routes.pop(old, None)
            if unwritten is None or self._changing.locked():  # it may be being written just now
                self._forgotten.append(old)
        self._routes[route.request_id] = route
        self._come.set()

    def refund(self, promise: Promise) -> None:
        """Take a promise back: nothing was used."""
        self.lessen(promise, 0)

    def lessen(self, promise: Promise, micros: int) -> Promise:
        """Take a promise back but for so many micros, or for what it is if that is less."""
        kept = min(micros, promise.money.micros)
        for pool in promise.pools:
            is_money = pool.measure is Measure.MONEY
            pool.release(promise.money.micros - kept if is_money else promise.tokens, 0)
        return Promise(Amount(kept, promise.money.currency), 0, promise.pools)

    async def run(self) -> None:
        """Write entries in groups, renew the leases, and bury those of the dead, for ever."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._write_groups)
            tasks.start_soon(self._keep)

    async def flush(self) -> None:
        """Write what has not been written yet.

        Raises:
            StoreUnusable: it could not be; it is kept and tried again.
        """
        async with self._changing:
            await self._write(self._pools.top_up())

    async def written(self) -> None:
        """Wait until all that has been settled so far is on the books.

        Raises:
            StoreUnusable: it could not be written; it is kept and tried again.
        """
        async with self._changing:
            if self._unwritten or self._answers:
                await self._write(self._pools.top_up())

    async def renew(self) -> None:
        """`flush`, renew every lease, and give back what they have free and nobody needed.

        Raises:
            StoreUnusable: it could not be written; it is kept and tried again.
        """
        async with self._changing:
            while await self._write(self._pools.renew()):
                pass  # a cap was lowered: what had been granted beyond it goes back at once
            self._hours += self._take_hours()
            if self._hours:
                await self._ledger.add_hours(self._hours)
                self._hours.clear()

    async def close(self) -> None:
        """Write the rest and end the leases, but those that something is still promised from.

        Raises:
            StoreUnusable: it could not be written.
        """
        self._pools.leave()
        await self.renew()

    def _promise_if_sound(self, need: Need) -> Promise | None:
        if self._trouble is not None:
            raise LedgerUnavailable(self._trouble)
        return self.promise_now(need.principal, need.most, need.tokens)

    async def _widen(self, need: Need) -> None:
        """Have leases opened or made longer, so that an ask fits in. Called under the lock.

        What was granted is taken over even if the caller has left meanwhile.
        """
        now = self._now()
        wants = self._pools.wants(need, self._waiting, now)
        try:
            standings = await self._ledger.grant([want for _, want in wants], now=now)
        except StoreUnusable as error:
            raise LedgerUnavailable(error.reason) from error
        refusals: list[SeedbedError] = []
        for (pool, want), standing in zip(wants, standings, strict=True):
            self._pools.widen(pool, standing)
            if (budget := standing.budget) is not None and standing.granted < want.least:
                refusals.append(self._refusal(pool, standing, budget, need.of(pool.measure)))
        if refusals:
            raise refusals[0]
        await asyncio.sleep(0)  # where who has left meets the cancellation, with nothing promised

    def _refusal(self, pool: Pool, standing: Standing, budget: Budget, units: int) -> SeedbedError:
        """Why a budget has less than `units`: it is spent, or what is promised may come back."""
        now = self._now()
        settled = standing.settled - standing.spent + pool.spent  # what is not yet written, too
        if budget.cap - settled < units:
            self._exhausted.note(budget, settled, now=now, steady=self._clock.now())
            return spent(budget, settled, units, now)
        elsewhere = standing.used - standing.granted
        left = max(0, budget.cap - elsewhere - pool.reserved - pool.spent)
        return BudgetReserved(budget.words, left=budget.say(left), needed=budget.say(units))

    async def _write(self, keeps: Mapping[str, Keep]) -> bool:
        """Hand in what is unwritten. Called under the lock. `True`: something more must be told."""
        uses = self._unwritten.copy()
        answers, routes = self._answers.copy(), [*self._routes.values()]
        forgotten = self._forgotten.copy()
        group = Group(
            uses,
            keeps,
            in_doubt=self._in_doubt,
            answers=answers,
            routes=routes,
            forgotten=forgotten,
        )
        self._in_doubt = True  # until the ledger answers
        try:
            standings = await self._ledger.record(group, now=self._now())
        except StoreUnusable as error:
            self._trouble = error.reason
            raise
        self._in_doubt, self._trouble = False, None
        del self._unwritten[: len(uses)]
        del self._answers[: len(answers)]
        for route in routes:
            if self._routes.get(route.request_id) is route:
                del self._routes[route.request_id]
        del self._forgotten[: len(forgotten)]
        return self._pools.learn(standings)

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
        await self._bury()
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
        try:
            silent = self._watch.silent(await self._ledger.open_leases(), self._clock.now())
            lost = await self._ledger.reconcile(silent, now=self._now()) if silent else ()
        except StoreUnusable as error:
            log.error("ledger.unwritten", why=error.reason, entries=len(self._unwritten))
            self._trouble = error.reason
            self._come.set()
            return
        for amount in lost:
            log.warning("lease.reconciled", written_off=str(amount))

    def _now(self) -> int:
        return round(self._clock.wall() * 1e6)
