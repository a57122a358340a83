"""A deployment as it lives: its engine, its places, its price, and what its hardware does.

Floor 4.
"""

from datetime import UTC, date, datetime

import anyio

from seedbed.core.budget import Window
from seedbed.core.errors import CapacityExceeded, EngineStarting, ModelUnpriced
from seedbed.core.model import Deployment
from seedbed.core.money import Amount, Hours
from seedbed.core.prices import Tariff
from seedbed.core.usage import Usage
from seedbed.engines.base import Engine
from seedbed.kit.clock import Clock
from seedbed.serving.pricing import Tariffs
from seedbed.serving.shares import Held, Shares
from seedbed.serving.supervisor import Supervisor

WAITING = 16
"""Asks that a deployment takes for each of its places; the engine queues what it cannot run."""

_UNLOADING_RETRY = 5
_A_DAY = 86_400


class LiveDeployment:
    """A deployment with its engine behind it."""

    def __init__(
        self,
        deployment: Deployment,
        engine: Engine,
        tariffs: Tariffs,
        *,
        supervisor: Supervisor | None,
        clock: Clock,
        shadows: Tariffs | None = None,
    ) -> None:
        self.deployment = deployment
        self.engine = engine
        self.supervisor = supervisor
        self._tariffs, self._shadows = tariffs, shadows
        self._clock = clock
        self._day: int | None = None
        self._shadow: Tariff | None = None
        self.tariff: Tariff
        """The prices that the last ask was bound by; what ends after midnight costs as it began."""
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

    def today(self) -> Tariff:
        """The prices of today.

        Raises:
            ModelUnpriced: there are none.
        """
        day = int(self._clock.wall() // _A_DAY)
        if day != self._day:
            on = datetime.fromtimestamp(day * _A_DAY, tz=UTC).date()
            self.tariff, self._shadow = self._tariffs(on), self._shadow_of(on)
            self._day = day
        return self.tariff

    def bound(self, *, input_tokens: int, output_tokens: int, seconds: float) -> Amount:
        """The most that such an ask can cost here, if it begins now.

        Raises:
            ModelUnpriced: no price is in force today.
        """
        held = round(seconds * 1e6) if self.deployment.own_hardware else 0
        return self.today().most(input_tokens=input_tokens, output_tokens=output_tokens, held=held)

    def shadow(self, usage: Usage) -> Amount | None:
        """What the provider that the card names would take for the same tokens, if it names one."""
        return self._shadow.cost(usage, 0) if self._shadow else None

    def hours(self) -> Hours | None:
        """How long own hardware was loaded, busy and loading since this was last asked.

        It counts for the day of now. `None` where others have the hardware.
        """
        if self.supervisor is None:
            return None
        day = Window.DAY.begins(round(self._clock.wall() * 1e6))
        loaded, loading = self.supervisor.states.take("ready", "loading")
        return Hours(self.name, day, loaded, self._shares.take_busy(), loading)

    def _shadow_of(self, on: date) -> Tariff | None:
        try:
            return self._shadows(on) if self._shadows else None
        except ModelUnpriced:  # it only stands beside; nobody is refused for it
            return None
