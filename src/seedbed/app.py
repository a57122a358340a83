"""Where the house is put together. The only file that names concrete rooms.

Floor 7. Read it top to bottom to see every part that runs.
"""

import errno
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

import anyio
import httpx2
import structlog
import uvicorn
from starlette.types import ASGIApp

from seedbed.api.edge import Edge
from seedbed.api.guard import Guard
from seedbed.api.hot import Hot
from seedbed.api.openai import routes as openai_routes
from seedbed.api.openai.write import problem
from seedbed.api.site import build_site
from seedbed.cli import main as cli
from seedbed.cli.house import House, SettingRow
from seedbed.core.errors import PortTaken, SettingRefused, StoreUnusable
from seedbed.core.model import Deployment, Model
from seedbed.core.money import MICROSECONDS_PER_HOUR, Price, PriceBook, Unit
from seedbed.engines.base import Engine, Spec
from seedbed.kit import ids, logs, plug
from seedbed.kit.clock import Clock, SystemClock
from seedbed.kit.machine import Machine, this_machine
from seedbed.serving.daemon import Daemon
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.gateway import Gateway
from seedbed.serving.metering import Meter
from seedbed.serving.supervisor import Supervisor
from seedbed.settings import Settings, read_settings
from seedbed.store.catalogue import SHIPPED, Catalogue, read_catalogue
from seedbed.store.database import Database, open_database
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from seedbed.store.weights import Weights

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_BACKLOG = 2048
_GRACE_SECONDS = 30
"""How long a server that is told to end lets answers that are under way finish."""


def main() -> None:
    """The `seedbed` command."""
    cli.run(lambda: build_house(os.environ))  # noqa: TID251 - handed to settings.py, its reader


def build_house(environment: Mapping[str, str]) -> House:
    """What the command line works with."""
    settings, origins = read_settings(environment)
    _make_home(settings.home)
    neighbour = httpx2.Client(trust_env=False)
    return House(
        home=settings.home,
        settings=[SettingRow(origin.name, origin.shown, origin.origin) for origin in origins],
        serves=settings.models,
        environment=environment,
        key=environment.get("SEEDBED_KEY"),
        catalogue=_catalogue(settings),
        weights=Weights(settings.home / "models"),
        client=httpx2.Client(follow_redirects=True, timeout=30),
        neighbour=neighbour,
        clock=SystemClock(),
        keys=lambda: Keys(open_database(settings.home / "seedbed.db")),
        ledger=lambda: Ledger(open_database(settings.home / "seedbed.db")),
        daemon=lambda port: _daemon(settings, port, neighbour),
        serve=lambda port, json_lines: serve(settings, port, neighbour, json_lines=json_lines),
    )


def serve(settings: Settings, port: int | None, client: httpx2.Client, *, json_lines: bool) -> None:
    """Run the server here until it is told to end.

    Raises:
        PortTaken: something else listens there.
    """
    logs.configure(json_lines=json_lines or not sys.stderr.isatty())
    daemon = _daemon(settings, port, client)
    listening = listen(settings.host, port or settings.port)
    app = build_app(settings, clock=SystemClock(), daemon=daemon)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening])


def build_app(settings: Settings, *, clock: Clock, daemon: Daemon | None = None) -> ASGIApp:
    """The whole application. What it needs beside it runs from ASGI's start-up to its shut-down.

    Raises:
        ModelAbsent: a model that should be served has not been pulled.
        StoreUnusable: the database cannot be opened.
    """
    database = open_database(settings.home / "seedbed.db")
    meter = Meter(Ledger(database), currency=settings.currency, clock=clock)
    catalogue, weights = _catalogue(settings), Weights(settings.home / "models")
    book = _price_book(settings)
    deployments = [
        _deploy(model, weights.path(model), settings, book, clock)
        for model in map(catalogue.find, dict.fromkeys(settings.models))
    ]
    gateway = Gateway(
        deployments,
        meter,
        clock=clock,
        engine_within=settings.engine_within_seconds,
        longest_answer=settings.longest_answer_seconds,
    )
    guard = Guard(Keys(database).find, clock=clock)
    instance = ids.fresh("instance")

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncGenerator[None]:
        async with running(deployments, meter, database):
            if daemon:
                daemon.announce(instance)
            log.info("server.started", instance=instance, models=list(settings.models))
            yield
            log.info("server.stopped", instance=instance)
            if daemon:
                daemon.retire(instance)

    site = build_site(
        openai_routes.routes(gateway.models, guard, since=int(clock.wall())),
        problem=problem,
        trouble=lambda: gateway.trouble,
        instance=instance,
        lifespan=lifespan,
    )
    hot = Hot(gateway, guard, openai_routes.CALLS, site=site, clock=clock)
    return Edge(hot, problem=problem)


@asynccontextmanager
async def running(
    deployments: list[LiveDeployment], meter: Meter, database: Database
) -> AsyncGenerator[None]:
    """Run the engines' processes and the meter while the block lasts; then close the books."""
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(meter.run)
            for live in deployments:
                if live.supervisor:
                    tasks.start_soon(live.supervisor.run)
            yield
            tasks.cancel_scope.cancel()
    except BaseExceptionGroup:
        log.exception("server.broke")
        signal.raise_signal(signal.SIGTERM)  # without its meter it must not serve
        raise
    finally:
        with anyio.CancelScope(shield=True):
            for live in deployments:
                await live.engine.aclose()
            try:
                await meter.close()
            except StoreUnusable as error:
                log.error("ledger.unwritten", why=error.reason, entries=meter.unwritten)
            finally:
                database.close()


def _deploy(
    model: Model, weights: Path | None, settings: Settings, book: PriceBook, clock: Clock
) -> LiveDeployment:
    """A model on its engine on this machine."""
    machine = this_machine()
    threads = settings.threads or machine.cores
    spec = Spec(model, weights, places=settings.places, threads=threads)
    kind, engine = make_engine(spec, machine)
    supervisor = None
    if engine.program:
        supervisor = Supervisor(
            model.name,
            engine,
            engine.program,
            log_file=settings.home / "logs" / f"{model.name}.log",
            base_environment=_engine_environment(settings.home / "engines" / kind),
            clock=clock,
        )
    own = engine.program is not None
    deployment = Deployment(
        f"{model.name}@here", model, kind, own_hardware=own, places=settings.places
    )
    today = datetime.fromtimestamp(clock.wall(), tz=UTC).date()
    tariff = book.tariff(model.name, on=today, own_hardware=own)
    return LiveDeployment(deployment, engine, tariff, supervisor=supervisor, clock=clock)


def _make_home(home: Path) -> None:
    """See that the home is there, readable by its owner alone.

    Raises:
        StoreUnusable: it cannot be made.
    """
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreUnusable(
            f"The home {home} cannot be made: {error.strerror}.",
            hint="Set SEEDBED_HOME to a folder that you may write to.",
            reason=str(error.strerror),
        ) from error


def make_engine(spec: Spec, machine: Machine) -> tuple[str, Engine]:
    """The first of the card's engines that this machine can run, and its kind.

    Raises:
        SettingRefused: there is none, or it needs what the card does not give.
    """
    model, lacking = spec.model, list[str]()
    try:
        for kind in model.engines:
            module = plug.load("seedbed.engines", kind)
            lack = module.lacks(machine)
            if lack is None:
                return kind, cast(Engine, module.make(spec))
            lacking.append(f"{kind} wants {lack}")
        raise LookupError(f"this machine cannot run its engines ({'; '.join(lacking)})")
    except (LookupError, ValueError) as error:
        raise SettingRefused(
            f"The card of {model.name!r} cannot be served: {error}.",
            hint="Mend the card in the home's `catalogue` folder, or take the model out of "
            "SEEDBED_MODELS.",
        ) from error


def _catalogue(settings: Settings) -> Catalogue:
    return read_catalogue(SHIPPED, settings.home / "catalogue")


def _price_book(settings: Settings) -> PriceBook:
    own = Price(
        model="*",
        unit=Unit.HELD,
        micros=settings.hardware_micros_per_hour,
        per=MICROSECONDS_PER_HOUR,
        currency=settings.currency,
        since=date.min,
        source="the setting hardware_per_hour",
    )
    return PriceBook.of([own], currency=settings.currency)


def _engine_environment(home: Path) -> dict[str, str]:
    """All that an engine's process learns of ours: a home of its own, and where programs are."""
    home.mkdir(parents=True, exist_ok=True)
    return {"HOME": str(home), "PATH": os.defpath, "LANG": "C.UTF-8"}


def _daemon(settings: Settings, port: int | None, client: httpx2.Client) -> Daemon:
    return Daemon(settings.home, host=settings.host, port=port or settings.port, client=client)


def listen(host: str, port: int) -> socket.socket:
    """Take the port, before anything is built behind it.

    Raises:
        PortTaken: another program has it.
        SettingRefused: nobody can listen there.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)  # at once: until somebody listens, others may bind here, too
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from error
        raise SettingRefused(
            f"The server cannot listen on {host}:{port}: {error.strerror}.",
            hint="Choose another address with SEEDBED_HOST, or another port with SEEDBED_PORT.",
        ) from error
    return listening
