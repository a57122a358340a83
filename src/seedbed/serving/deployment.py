"""A deployment as it lives: its engine, its places, its price, and what its hardware does.

Floor 4.
"""

from datetime import UTC, date, datetime
from math import inf
from pathlib import Path

import anyio
import msgspec
import structlog

from seedbed.core.ask import Priority
from seedbed.core.budget import Window
from seedbed.core.errors import EngineStarting, ModelUnpriced
from seedbed.core.model import Deployment
from seedbed.core.money import Amount, Hours
from seedbed.core.prices import Tariff
from seedbed.core.route import Attempt
from seedbed.core.usage import Usage
from seedbed.engines.base import Engine
from seedbed.kit import atomic
from seedbed.kit.clock import Clock
from seedbed.serving.admission import Queue
from seedbed.serving.health import Health
from seedbed.serving.leading import LEAST_SHARED, Leading
from seedbed.serving.load import Load
from seedbed.serving.prefixes import Prefixes
from seedbed.serving.pricing import Tariffs
from seedbed.serving.residency import Residency, Use
from seedbed.serving.shares import Held, Shares
from seedbed.serving.speed import Prior, Speed
from seedbed.serving.supervisor import Supervisor

log: structlog.stdlib.BoundLogger = structlog.get_logger()

WAITING = 16
"""Asks that a deployment takes for each of its places, those that wait for one among them."""

_UNLOADING_RETRY = 5
_BLOCK = 32
"""Tokens by which an engine's cache is cut, and rounded up, at most."""
_CACHED_ELSEWHERE = 1 << 24
"""Tokens that an upstream's cache is taken to hold."""
_BLOCKS_ELSEWHERE = 50_000
"""Blocks of prompts that are remembered of an upstream: about 50 MB."""
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
        self.deployment, self.name = deployment, deployment.name
        self.answered = Attempt(self.name)
        """What is told of the way of an ask that it answered."""
        self.engine = engine
        self.supervisor = supervisor
        self._tariffs, self._shadows = tariffs, shadows
        self._clock = clock
        self._day: float | None = None
        self._shadow: Tariff | None = None
        self.tariff: Tariff
        """The prices that the last ask was bound by; what ends after midnight costs as it began."""
        self._speed_file: Path | None = None
        self._shares = Shares(clock)
        places = deployment.places
        self.queue = Queue(
            deployment.model.name, places=places, waiting=places * (WAITING - 1), clock=clock
        )
        """Who waits for one of its places."""
        self.load_now = Load(Speed(_prior(deployment)), clock)
        """What it does, and how fast it was seen to be."""
        most = inf if deployment.own_hardware else _BLOCKS_ELSEWHERE
        self.prefixes = Prefixes(_cached_tokens(deployment), most=most)
        """What its engine probably has in its cache."""
        self.leading = Leading(self.prefixes, clock)
        """Who computes which prefix here."""
        self._life = 0
        self.parts: tuple[LiveDeployment, ...] = ()
        """The two that do its work, where it is split: who reads, and who writes."""
        self.residency: Residency | None = None
        """With whom it shares a memory in which not all fit, if it does."""
        self.health = Health()
        """Whether it may be asked, where no process of ours is behind it."""
        self._idle = anyio.Event()
        self._unloaded: anyio.Event | None = None
        """While it is unloading: set once it has."""

    @property
    def state(self) -> str:
        """`ready`, or what it is doing instead."""
        if self.parts:
            return next((part.state for part in self.parts if part.state != "ready"), "ready")
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
        for part in self.parts:
            part.load()
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

    @property
    def pid(self) -> int | None:
        """Its engine's process, if one lives."""
        return self.supervisor.pid if self.supervisor else None

    @property
    def took(self) -> float | None:
        """Seconds that its last loading took."""
        return self.supervisor.took if self.supervisor else None

    async def admit(self, priority: Priority, *, within: float) -> Use | None:
        """Wait until it may be loaded, and keep it so until the use is ended, if it shares memory.

        Raises:
            EngineStarting: its turn does not come within that many seconds.
            MemoryExceeded: it is larger than all of the memory.
        """
        if self.residency is None:
            return None
        return await self.residency.admit(self.name, priority=priority, within=within)

    async def bring(self, *, within: float) -> None:
        """See that its engine's process is started, once there is room for it.

        Raises:
            EngineStarting, MemoryExceeded: as `admit` does.
        """
        use = await self.admit(Priority.DEFAULT, within=within)
        if use is None:
            self.load()
        else:
            use.end()

    @property
    def life_now(self) -> int:
        """Which life of its engine's process can be asked at once; 0 where one has to wait."""
        if self.parts:
            return all(part.life_now for part in self.parts) and self.parts[-1].life_now
        if self.supervisor is None:
            return 1
        return 0 if self._unloaded else self.supervisor.life

    async def ready(self, *, within: float) -> int:
        """Wait until the engine can be asked; returns which life of its process that is.

        Raises:
            EngineStarting: it cannot within that many seconds.
        """
        if self.parts:
            return [await part.ready(within=within) for part in self.parts][-1]
        if self.supervisor is None:
            return 1
        if self._unloaded:
            with anyio.move_on_after(within):
                await self._unloaded.wait()
        if self._unloaded:
            name = self.deployment.model.name
            raise EngineStarting(name, state=self.state, retry_after=_UNLOADING_RETRY)
        return await self.supervisor.ready(within=within)

    def see_life(self, life: int) -> None:
        """Take notice of which life of the engine's process is asked: a new one has no cache."""
        if life != self._life:
            self._life = life
            self.prefixes.clear()

    def wants_links(self, size: int) -> bool:
        """Whether it matters what others asked before a prompt of so many bytes.

        On an engine of ours it does: what another project has asked must not show.
        """
        return self.deployment.own_hardware or size >= LEAST_SHARED

    def condemn(self, life: int) -> None:
        """Say that the engine could not be reached in that life."""
        if self.parts:
            self.parts[-1].condemn(life)
        if self.supervisor:
            self.supervisor.condemn(life)

    def hold(self) -> Held:
        """Hold the hardware for one more ask, until `Held.give`. Of two it is the writer's, which
        stands by while the other reads.
        """
        if self.parts:
            return self.parts[-1].hold()
        return Held(self._shares, given=self._given)

    def _given(self) -> None:
        if self._unloaded and not self._shares.holders:
            self._idle.set()

    def today(self) -> Tariff:
        """The prices of today.

        Raises:
            ModelUnpriced: there are none.
        """
        day = self._clock.wall() // _A_DAY
        if day != self._day:
            on = datetime.fromtimestamp(day * _A_DAY, tz=UTC).date()
            self.tariff, self._shadow = self._tariffs(on), self._shadow_of(on)
            self._day = day
        return self.tariff

    def bound(
        self,
        *,
        input_tokens: int,
        output_tokens: int,
        seconds: float,
        images: int = 0,
        film: int = 0,
        sound: int = 0,
    ) -> Amount:
        """The most that such an ask can cost here, if it begins now.

        Raises:
            ModelUnpriced: no price is in force today.
        """
        held = round(seconds * 1e6) if self.deployment.own_hardware else 0
        return self.today().most(
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            held=held,
            images=images,
            film=film,
            sound=sound,
        )

    def recall(self, file: Path) -> None:
        """Go on from the speed that was learned before a restart, if it was kept in that file."""
        self._speed_file = file
        if not file.exists():
            return
        try:
            kept = msgspec.json.decode(file.read_bytes(), type=dict[str, object])
            self.load_now.speed.restore(kept)
        except (ValueError, OSError) as error:
            log.warning("speed.unreadable", deployment=self.name, why=str(error))

    def remember(self) -> None:
        """Keep what was learned of its speed."""
        speed = self.load_now.speed
        if self._speed_file is None or not speed.served:
            return
        try:
            atomic.write(self._speed_file, msgspec.json.encode(speed.as_dict()))
        except OSError as error:  # a full disk keeps nobody from an answer
            log.warning("speed.unwritten", deployment=self.name, why=str(error))

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


def _prior(deployment: Deployment) -> Prior:
    """What is believed of its speed before it has served anything."""
    if not deployment.own_hardware:
        return Prior.elsewhere()
    model = deployment.model
    return Prior.here(parameters=model.active or model.parameters, cores=deployment.cores)


def _cached_tokens(deployment: Deployment) -> int:
    """The most tokens that its engine's cache holds."""
    if not deployment.own_hardware:
        return _CACHED_ELSEWHERE
    blocks = deployment.model.window // _BLOCK + 1
    return (deployment.places * blocks + 1) * _BLOCK
