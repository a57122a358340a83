"""Small houses for tests: a gateway over scripted engines, a real ledger, and a clock to turn."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import anyio

from seedbed.core.access import Principal, Scope
from seedbed.core.ask import Ask, Sampling
from seedbed.core.errors import SeedbedError
from seedbed.core.event import Event
from seedbed.core.fleet import Fleet
from seedbed.core.message import Message, Role, Text
from seedbed.core.model import Deployment, Model
from seedbed.core.prices import Price, Tariff, Unit
from seedbed.core.route import Route
from seedbed.engines.base import Engine
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import Clock
from seedbed.serving.account import Order
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.gateway import Gateway
from seedbed.serving.metering import Meter
from seedbed.store.database import Database
from seedbed.store.ledger import Ledger
from seedbed.store.routes import Routes

PRINCIPAL = Principal("ada", "default", "key_1", frozenset({Scope.MODELS}))


def price(unit: Unit, micros: int, per: int) -> Price:
    return Price("*", unit, micros, per, "USD", date.min, "a test")


TARIFF = Tariff(
    (
        price(Unit.INPUT_FRESH, 1, 1),
        price(Unit.OUTPUT_VISIBLE, 10, 1),
        price(Unit.HELD, 100, 1_000_000),
    ),
    "USD",
)
"""A micro for a token read, ten for one written, a hundred for a second."""


def model(name: str = "m", *, window: int = 64) -> Model:
    return Model(name, name, ("scripted",), window, 0, "Apache-2.0")


def live(
    engine: Engine,
    clock: Clock,
    *,
    name: str = "m",
    at: str = "here",
    places: int = 4,
    window: int = 64,
    tariff: Tariff = TARIFF,
) -> LiveDeployment:
    deployment = Deployment(
        f"{name}@{at}", model(name, window=window), "scripted", own_hardware=True, places=places
    )
    return LiveDeployment(deployment, engine, lambda _: tariff, supervisor=None, clock=clock)


@dataclass
class House:
    gateway: Gateway
    meter: Meter
    ledger: Ledger
    routes: Routes

    async def way(self, request_id: str) -> Route:
        """The way that a request took, once it is written."""
        await self.meter.flush()
        _, way = self.routes.find_now(request_id)
        assert way is not None
        return way

    async def events(self, order: Order) -> list[Event]:
        async with aclosing(self.gateway.generate(order)) as events:
            return [event async for event in events]


@asynccontextmanager
async def house(
    database: Database,
    clock: Clock,
    engines: Sequence[Engine] = (),
    *,
    lives: Sequence[LiveDeployment] = (),
    engine_within: float = 1.0,
    longest_answer: float = 600.0,
    fleets: Mapping[str, Fleet] = MappingProxyType({}),
) -> AsyncGenerator[House]:
    """A gateway that runs; its books are written when the block ends."""
    ledger = Ledger(database)
    meter = Meter(ledger, currency="USD", clock=clock)
    deployments = [*lives, *(live(engine, clock) for engine in engines)]
    gateway = Gateway(
        deployments,
        meter,
        clock=clock,
        engine_within=engine_within,
        longest_answer=longest_answer,
        fleets=fleets,
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(meter.run)
        yield House(gateway, meter, ledger, Routes(database))
        tasks.cancel_scope.cancel()
    await meter.close()


async def until(true: Callable[[], bool]) -> None:
    """Wait for what a thread or a process brings about, which no fake clock turns."""
    with anyio.fail_after(20):
        while not true():
            await anyio.sleep(0.001)


def order(
    text: str = "one two three",
    *,
    name: str = "m",
    id_: str = "req_1",
    sampling: Sampling | None = None,
    deadline: float | None = None,
) -> Order:
    messages = (Message(Role.USER, (Text(text),)),)
    ask = Ask(name, messages, sampling=sampling or Sampling(), deadline=deadline)
    return Order(ask, PRINCIPAL, id_)


def scripted(*, error: SeedbedError | None = None, fails_after: int = 0) -> Scripted:
    return Scripted("m", window=64, error=error, fails_after=fails_after)
