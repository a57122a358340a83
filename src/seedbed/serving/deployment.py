"""A deployment as it lives: its engine, its places, its price, and who holds its hardware how long.

Floor 4.
"""

from seedbed.core.errors import CapacityExceeded
from seedbed.core.model import Deployment
from seedbed.core.money import Amount, Tariff
from seedbed.engines.base import Engine
from seedbed.kit.clock import Clock
from seedbed.serving.supervisor import Supervisor

WAITING = 16
"""Asks that a deployment takes for each of its places; the engine queues what it cannot run."""


class Shares:
    """A clock of fair shares: while n asks run side by side, each is charged 1/n of the time.

    So the shares add up to the time that the hardware was busy, however many asks ran at once. It
    is kept by one running sum, in one step each time an ask comes or goes.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._share = 0.0
        self._last = clock.now()
        self._holders = 0

    @property
    def holders(self) -> int:
        """How many asks hold a share."""
        return self._holders

    def change(self, by: int) -> None:
        """So many more, or fewer, asks hold a share from now on."""
        self.turned()
        self._holders += by

    def turned(self) -> float:
        """The seconds that an ask here since the beginning would have been charged by now."""
        now = self._clock.now()
        if self._holders:
            self._share += (now - self._last) / self._holders
        self._last = now
        return self._share


class Held:
    """One ask's hold on a deployment's hardware, until it is given back."""

    def __init__(self, shares: Shares) -> None:
        self._shares = shares
        self._from = shares.turned()
        self._until: float | None = None
        shares.change(+1)

    @property
    def microseconds(self) -> int:
        """Its share of the time so far."""
        until = self._shares.turned() if self._until is None else self._until
        return round((until - self._from) * 1e6)

    def give(self) -> None:
        """Hold no longer."""
        if self._until is None:
            self._until = self._shares.turned()
            self._shares.change(-1)


class LiveDeployment:
    """A deployment with its engine behind it."""

    def __init__(
        self,
        deployment: Deployment,
        engine: Engine,
        tariff: Tariff,
        *,
        supervisor: Supervisor | None,
        clock: Clock,
    ) -> None:
        self.deployment = deployment
        self.engine = engine
        self.tariff = tariff
        self.supervisor = supervisor
        self._shares = Shares(clock)

    @property
    def name(self) -> str:
        """The deployment's name."""
        return self.deployment.name

    @property
    def state(self) -> str:
        """`ready`, or what it is doing instead."""
        return self.supervisor.state if self.supervisor else "ready"

    async def ready(self, *, within: float) -> int:
        """Wait until the engine can be asked; returns which life of its process that is.

        Raises:
            EngineStarting: it cannot within that many seconds.
        """
        return await self.supervisor.ready(within=within) if self.supervisor else 1

    def condemn(self, life: int) -> None:
        """Say that the engine could not be reached in that life."""
        if self.supervisor:
            self.supervisor.condemn(life)

    def hold(self) -> Held:
        """Hold the hardware for one more ask, until `Held.give`.

        Raises:
            CapacityExceeded: every place is taken, and as many asks wait as may.
        """
        places = self.deployment.places
        if self._shares.holders >= places * WAITING:
            waiting = places * (WAITING - 1)
            raise CapacityExceeded(self.deployment.model.name, places=places, waiting=waiting)
        return Held(self._shares)

    def bound(self, *, input_tokens: int, output_tokens: int, seconds: float) -> Amount:
        """The most that such an ask can cost here."""
        held = round(seconds * 1e6) if self.deployment.own_hardware else 0
        return self.tariff.most(input_tokens=input_tokens, output_tokens=output_tokens, held=held)
