"""A deployment as it lives: its engine, its places, its price, and who holds its hardware how long.

Floor 4.
"""

from collections.abc import Callable

import anyio

from seedbed.core.errors import CapacityExceeded, EngineStarting
from seedbed.core.model import Deployment
from seedbed.core.money import Amount, Tariff
from seedbed.engines.base import Engine
from seedbed.kit.clock import Clock
from seedbed.serving.supervisor import Supervisor

WAITING = 16
"""Asks that a deployment takes for each of its places; the engine queues what it cannot run."""

_UNLOADING_RETRY = 5


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

    def __init__(self, shares: Shares, *, given: Callable[[], None] = lambda: None) -> None:
        self._shares = shares
        self._given = given
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
            self._given()


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
        self._idle = anyio.Event()
        self._unloaded: anyio.Event | None = None
        """While it is unloading: set once it has."""

    @property
    def name(self) -> str:
        """The deployment's name."""
        return self.deployment.name

    @property
    def state(self) -> str:
        """`ready`, or what it is doing instead."""
        if self._unloaded:
            return f"unloading, once {self._shares.holders} answers are finished"
        return self.supervisor.state if self.supervisor else "ready"

    @property
    def progress(self) -> float | None:
        """How much of its loading is done, between 0 and 1; `None` where that is unknown."""
        return self.supervisor.progress if self.supervisor else 1.0

    @property
    def holders(self) -> int:
        """How many asks hold it."""
        return self._shares.holders

    def load(self) -> None:
        """See that its engine's process is started."""
        if self.supervisor:
            self.supervisor.load()

    async def unload(self) -> None:
        """Let the answers that are under way finish, then end its engine's process.

        Asks that come meanwhile wait, and have it loaded anew.
        """
        if self.supervisor is None or self._unloaded:
            return
        self._unloaded = anyio.Event()
        try:
            while self._shares.holders:
                self._idle = anyio.Event()
                await self._idle.wait()
            await self.supervisor.unload()
        finally:
            self._unloaded.set()
            self._unloaded = None

    async def ready(self, *, within: float) -> int:
        """Wait until the engine can be asked; returns which life of its process that is.

        Raises:
            EngineStarting: it cannot within that many seconds.
        """
        if self.supervisor is None:
            return 1
        if self._unloaded:
            with anyio.move_on_after(within):
                await self._unloaded.wait()
        if self._unloaded:
            name = self.deployment.model.name
            raise EngineStarting(name, state=self.state, retry_after=_UNLOADING_RETRY)
        return await self.supervisor.ready(within=within)

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
        return Held(self._shares, given=self._given)

    def _given(self) -> None:
        if not self._shares.holders:
            self._idle.set()

    def bound(self, *, input_tokens: int, output_tokens: int, seconds: float) -> Amount:
        """The most that such an ask can cost here."""
        held = round(seconds * 1e6) if self.deployment.own_hardware else 0
        return self.tariff.most(input_tokens=input_tokens, output_tokens=output_tokens, held=held)
