"""The leases of this process: one of the house's money, and one for each budget that it spends.

Floor 4. Everything here is done in memory and at once. What the ledger grants, and when it is
written, is `seedbed.serving.metering`'s.
"""

from collections.abc import Iterable, Iterator, Mapping

import structlog

from seedbed.core.access import Principal
from seedbed.core.budget import Budget, Measure
from seedbed.core.errors import SettingRefused
from seedbed.core.money import Amount
from seedbed.kit import ids
from seedbed.serving.pool import NEVER, UNBOOKED, Need, Pool, Promise
from seedbed.store.leases import Keep, Standing, Want

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_MONEY = Measure.MONEY  # to look into an enum takes as long as three calls


class Pools:
    """What this process may spend without asking."""

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._bounded: dict[str, Pool] = {}
        self._leaving: list[Pool] = []
        self.house: Pool | None = None

    def take(self, principal: Principal, most: Amount, tokens: int, now: int) -> Promise | None:
        """Set aside what an ask may use, if every lease that it needs has so much free."""
        house, money = self.house, most.micros
        if house is None or house.granted - house.reserved - house.spent < money:
            return None
        pools = (house,)
        for budget in principal.budgets:
            pool = self._bounded.get(budget.id)
            if pool is None or not pool.begins <= now < pool.ends:
                return None
            units = money if pool.measure is _MONEY else tokens
            if pool.granted - pool.reserved - pool.spent < units:
                return None
            pools += (pool,)
        for pool in pools:
            pool.take(money if pool.measure is _MONEY else tokens)
        return Promise(most, tokens, pools)

    def wants(self, need: Need, waiting: Iterable[Need], now: int) -> list[tuple[Pool, Want]]:
        """Which leases must be opened or made longer for an ask; what others wait for comes along.

        Raises:
            SettingRefused: a budget counts another currency than the ledger.
        """
        return [
            (pool, _want(pool, need, waiting))
            for pool in self._needed(need.principal, now)
            if pool.free < need.of(pool.measure)
        ]

    def widen(self, pool: Pool, standing: Standing) -> None:
        """Take over what was granted, or drop a lease that was lost."""
        self._tell(pool, standing)
        if standing.is_open:
            pool.granted = standing.granted
        else:
            self._drop(pool)

    def top_up(self) -> dict[str, Keep]:
        """What leases are to hold so that asks need not wait for more."""
        spent = [self.house] if self.house else []
        spent += [pool for pool in self._bounded.values() if pool.ample > pool.granted]
        return {pool.id: Keep(max(pool.granted, pool.ample)) for pool in spent}

    def renew(self) -> dict[str, Keep]:
        """Give back what nobody needed; what each lease is to hold from now on."""
        for budget, pool in list(self._bounded.items()):
            pool.renew()
            if not pool.reserved and pool.free <= 0:
                self._leaving.append(self._bounded.pop(budget))
        if self.house is not None:
            self.house.renew()
        return {pool.id: self._keep(pool) for pool in self._all()}

    def leave(self) -> None:
        """End every lease as soon as nothing is promised from it."""
        self._leaving = list(self._all())
        self._bounded.clear()
        self.house = None

    def learn(self, standings: Mapping[str, Standing]) -> bool:
        """Take over how leases stand; `True` where one gave something back that must be told."""
        gave = False
        for pool in list(self._all()):
            standing = standings.get(pool.id)
            if standing is None:
                continue
            self._tell(pool, standing)
            if not standing.is_open:
                self._drop(pool)
                continue
            pool.granted = standing.granted
            over = standing.used - standing.budget.cap if standing.budget else 0
            if over > 0 and pool.free > 0:
                pool.give_back(over)
                gave = True
        return gave

    def _needed(self, principal: Principal, now: int) -> Iterator[Pool]:
        if self.house is None:
            self.house = Pool(ids.fresh("lease"), self._currency, UNBOOKED)
        yield self.house
        for budget in principal.budgets:
            pool = self._bounded.get(budget.id)
            if pool is None or not pool.begins <= now < pool.ends:
                if pool is not None:
                    self._leaving.append(pool)
                pool = self._bounded[budget.id] = self._open(budget, now)
            yield pool

    def _open(self, budget: Budget, now: int) -> Pool:
        if budget.measure is Measure.MONEY and budget.currency != self._currency:
            raise SettingRefused(
                f"The {budget.words} cannot be kept: the ledger counts in {self._currency}.",
                hint="Take it away with `seedbed keys budget --remove` and set it anew.",
            )
        ends = budget.window.ends(now)
        return Pool(
            ids.fresh("lease"),
            budget.currency,
            UNBOOKED,
            budget=budget.id,
            begins=budget.window.begins(now),
            measure=budget.measure,
            limit=budget,
            ends=NEVER if ends is None else ends,
        )

    def _keep(self, pool: Pool) -> Keep:
        ends = any(pool is one for one in self._leaving)
        if ends:
            pool.give_back(pool.free)
        return Keep(pool.granted, ends=ends and not pool.reserved)

    def _all(self) -> Iterator[Pool]:
        if self.house is not None:
            yield self.house
        yield from self._bounded.values()
        yield from self._leaving

    def _drop(self, pool: Pool) -> None:
        if pool is self.house:
            self.house = None
        self._bounded = {key: one for key, one in self._bounded.items() if one is not pool}
        self._leaving = [one for one in self._leaving if one is not pool]

    def _tell(self, pool: Pool, standing: Standing) -> None:
        """Log what somebody should look at, and remember what callers are warned of."""
        if standing.is_lost:
            log.warning("lease.lost", lease=pool.id)
        if standing.budget is not None:
            pool.limit = standing.budget
            pool.warning = standing.budget.warning(standing.settled)
            if standing.crossed:
                log.warning("budget.warned", why=pool.warning, budget=standing.budget.id)


def _want(pool: Pool, need: Need, waiting: Iterable[Need]) -> Want:
    promised = pool.reserved + pool.spent
    together = sum(one.of(pool.measure) for one in waiting if one.spends(pool))
    least = promised + need.of(pool.measure)
    return Want(pool, least, max(least, promised + together, max(0, pool.granted) + pool.slice))
