"""Where the house is put together. The only file that names concrete rooms.

Floor 7. Read it top to bottom to see every part that runs.
"""

import errno
import gc
import os
import pwd
import shutil
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import anyio
import httpx2
import structlog
from starlette.types import ASGIApp

from seedbed import __version__
from seedbed.api import deployments as deployment_routes
from seedbed.api import metrics as metrics_routes
from seedbed.api import schema
from seedbed.api.edge import Edge
from seedbed.api.guard import Guard
from seedbed.api.hot import Hot
from seedbed.api.limits import Limits
from seedbed.api.openai import routes as openai_routes
from seedbed.api.openai.write import problem
from seedbed.api.secrecy import secure, trusting
from seedbed.api.server import make_server, room_for
from seedbed.api.site import build_site
from seedbed.api.stopping import Stopping
from seedbed.bench import engines as bench
from seedbed.cli import main as cli
from seedbed.cli.house import House, SettingRow
from seedbed.core.ask import Feature
from seedbed.core.book import PriceBook, check
from seedbed.core.errors import PortTaken, SettingRefused, StoreUnusable
from seedbed.core.model import ListPrice, Model, Upstream
from seedbed.core.prices import Unit
from seedbed.kit import ids, logs
from seedbed.kit.clock import Clock, SystemClock, today
from seedbed.kit.machine import this_machine
from seedbed.serving.daemon import Daemon
from seedbed.serving.deploy import Deployer, Share, engines_for, engines_here, probe
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.gateway import Gateway
from seedbed.serving.metering import Meter
from seedbed.serving.metrics import Metrics
from seedbed.serving.observing import Observer, Record, RequestLog
from seedbed.serving.spans import Spans
from seedbed.serving.tracing import Tracing, read_headers
from seedbed.serving.trial import TEN, Verdict, try_out
from seedbed.settings import Settings, read_proxies, read_secret, read_settings
from seedbed.store.audit import Audit
from seedbed.store.budgets import Budgets
from seedbed.store.catalogue import SHIPPED, Catalogue, read_catalogue
from seedbed.store.database import Database, open_database
from seedbed.store.hub import Hub
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from seedbed.store.prices import read_prices
from seedbed.store.weights import Weights

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_BACKLOG = 2048


def main() -> None:
    """The `seedbed` command."""
    logs.configure(json_lines=not sys.stderr.isatty(), quiet=True)
    cli.run(lambda: build_house(os.environ))  # noqa: TID251 - handed to settings.py, its reader


def build_house(environment: Mapping[str, str]) -> House:
    """What the command line works with."""
    settings, origins = read_settings(environment)
    _make_home(settings.home)
    verify = trusting(settings.certificate) if settings.certificate else True
    neighbour = httpx2.Client(trust_env=False, verify=verify)
    catalogue = _catalogue(settings)
    return House(
        home=settings.home,
        settings=[SettingRow(origin.name, origin.shown, origin.origin) for origin in origins],
        serves=settings.models,
        environment=environment,
        key=environment.get("SEEDBED_KEY"),
        catalogue=catalogue,
        weights=_weights(settings, environment),
        client=httpx2.Client(follow_redirects=True, timeout=30),
        neighbour=neighbour,
        clock=SystemClock(),
        keys=lambda: Keys(open_database(settings.home / "seedbed.db")),
        budgets=lambda: Budgets(open_database(settings.home / "seedbed.db")),
        audit=lambda: Audit(open_database(settings.home / "seedbed.db")),
        ledger=lambda: Ledger(open_database(settings.home / "seedbed.db")),
        prices=lambda: _whole_book(_price_book(settings, catalogue, SystemClock()), catalogue),
        hardware=settings.hardware,
        operator=_operator(),
        daemon=lambda port: _daemon(settings, port, neighbour),
        machine=this_machine(),
        engines=lambda: engines_here(this_machine()),
        probe=lambda model: anyio.run(
            partial(
                probe,
                model,
                secret=partial(read_secret, environment=environment),
                proxies=read_proxies(environment),
            )
        ),
        try_engines=lambda told: anyio.run(try_engines, settings, environment, neighbour, told),
        bench_engines=lambda turns, told: anyio.run(
            bench_engines, settings, turns, told, backend_options={"use_uvloop": True}
        ),
        engines_for=lambda weights: engines_for(weights, this_machine()),
        serve=lambda port, json_lines: serve(
            settings,
            port,
            environment,
            daemon=_daemon(settings, port, neighbour),
            json_lines=json_lines,
        ),
    )


def _operator() -> str:
    """Who runs this program, by the name that the machine knows them by."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # as in a container that is run with a number alone
        return f"user {os.getuid()}"


def serve(
    settings: Settings,
    port: int | None,
    environment: Mapping[str, str],
    *,
    daemon: Daemon,
    json_lines: bool,
) -> None:
    """Run the server here until it is told to end.

    Raises:
        PortTaken: something else listens there.
        SettingRefused: others could overhear, and nobody said that they may.
    """
    logs.configure(json_lines=json_lines or not sys.stderr.isatty())
    tls = secure(
        settings.host,
        certificate=settings.certificate,
        key=settings.certificate_key,
        in_the_clear=settings.in_the_clear,
    )
    listening = listen(settings.host, port or settings.port)
    stopping = Stopping()
    server = make_server(
        build_app(
            settings,
            clock=SystemClock(),
            daemon=daemon,
            environment=environment,
            stopping=stopping,
        ),
        limits=Limits(connections=room_for(settings.connections)),
        problem=problem,
        stopping=stopping,
        grace=settings.grace_seconds,
        tls=tls,
    )
    gc.collect()
    gc.freeze()  # what was made at the start lives to the end: no collection need look at it
    gc.set_threshold(50_000, 20, 50)
    server.run(sockets=[listening])


def build_app(
    settings: Settings,
    *,
    clock: Clock,
    daemon: Daemon | None = None,
    environment: Mapping[str, str] | None = None,
    stopping: Stopping | None = None,
) -> ASGIApp:
    """The whole application. What it needs beside it runs from ASGI's start-up to its shut-down.

    `environment` holds the secrets that cards name by `env:`; `stopping` tells of the end.

    Raises:
        ModelAbsent: a model that should be served has not been pulled.
        StoreUnusable: the database cannot be opened.
    """
    instance = ids.fresh("instance")
    secret = partial(read_secret, environment=environment or {})
    database = open_database(settings.home / "seedbed.db")
    catalogue, weights = _catalogue(settings), Weights(settings.home / "models")
    deployer, proxies = _deployer(settings, clock), read_proxies(environment or {})
    deployments = [
        deployer.deploy(model, weights.find, secret=secret, proxies=proxies)
        for model in map(catalogue.find, dict.fromkeys(settings.models))
    ]
    meter = Meter(
        Ledger(database),
        currency=settings.currency,
        clock=clock,
        hours=lambda: [hours for live in deployments if (hours := live.hours())],
    )
    metrics = Metrics(deployments, meter)
    traces = _tracing(settings, deployments, secret, instance=instance, clock=clock)
    requests = [RequestLog()] if settings.log_requests else []
    observer = Observer([*requests, metrics, *([traces] if traces else [])], clock=clock)
    gateway = _gateway(deployments, meter, settings, clock, note=observer.note)
    guard = Guard(Keys(database).find, clock=clock)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncGenerator[None]:
        async with observed(observer, traces), running(deployments, meter, database):
            if daemon:
                daemon.announce(instance)
            log.info("server.started", instance=instance, models=list(settings.models))
            yield
            log.info("server.stopped", instance=instance)
            if daemon:
                daemon.retire(instance)

    site = build_site(
        [
            *openai_routes.routes(gateway, guard, since=int(clock.wall())),
            *deployment_routes.routes(gateway, guard),
            *metrics_routes.routes(metrics, guard),
            schema.route(),
        ],
        problem=problem,
        trouble=lambda: gateway.trouble | (stopping.trouble if stopping else {}),
        instance=instance,
        lifespan=lifespan,
    )
    edge = Edge(site, problem=problem)
    return Hot(
        gateway,
        guard,
        openai_routes.CALLS,
        site=edge,
        clock=clock,
        stopping=stopping,
    )


@asynccontextmanager
async def observed(observer: Observer, traces: Tracing | None) -> AsyncGenerator[None]:
    """Hand on what happens while the block lasts, and at its end the rest."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(observer.run)
        if traces:
            tasks.start_soon(traces.run)
        yield
        tasks.cancel_scope.cancel()
    observer.flush()
    if traces:
        await traces.close()


async def try_engines(
    settings: Settings,
    environment: Mapping[str, str],
    client: httpx2.Client,
    told: Callable[[str, Verdict], None],
) -> None:
    """Ask ten requests of the first model on each of its engines, and through our own door.

    The engines run one after the other, beside a server that may run, too.
    """
    catalogue, weights = _catalogue(settings), Weights(settings.home / "models")
    model = catalogue.find(_first(settings))
    able = {kind for kind, lack in engines_here(this_machine()) if lack is None}
    tried = {kind: replace(model, engines=(kind,)) for kind in model.engines if kind in able}
    server = _daemon(settings, None, client).find()
    if server and _is_served(model.name, server.url, settings, client):
        tried["through the door"] = _own_door(model, server.url, settings)
    clock = SystemClock()
    deployer = _deployer(settings, clock)
    secret = partial(read_secret, environment=environment)
    for label, one in tried.items():
        proxies = read_proxies(environment)
        live = deployer.deploy(one, weights.find, secret=secret, proxies=proxies)
        database = open_database(settings.home / "seedbed.db")
        meter = Meter(Ledger(database), currency=settings.currency, clock=clock)
        gateway = _gateway([live], meter, settings, clock)
        async with running([live], meter, database):
            for name in TEN:
                told(label, await try_out(model.name, gateway.generate, name))


async def bench_engines(
    settings: Settings, turns: int, told: Callable[[str], None]
) -> list[bench.Row]:
    """Measure each engine that the first model has here, bare and ours in turn."""
    catalogue, weights = _catalogue(settings), Weights(settings.home / "models")
    model = catalogue.find(_first(settings))
    deployer = _deployer(replace(settings, places=bench.PLACES), SystemClock())
    able = {kind for kind, lack in engines_here(this_machine()) if lack is None}
    rows: list[bench.Row] = []
    for kind in model.engines:
        laid = weights.find(model, kind)
        if kind in able and laid.weights:
            live = deployer.deploy(replace(model, engines=(kind,)), weights.find, secret=str)
            threads = settings.threads or this_machine().cores
            subject = bench.Subject(live, laid.weights, model.window, threads)
            rows += await bench.measure_all(subject, bench.WORKLOADS, turns=turns, told=told)
    return rows


def _first(settings: Settings) -> str:
    """The first model that is served, which is the one that is tried and measured.

    Raises:
        SettingRefused: none is.
    """
    if settings.models:
        return settings.models[0]
    raise SettingRefused(
        "Setting 'models' names no model, so there is nothing to try.",
        hint="Name one: SEEDBED_MODELS=smollm2-135m.",
    )


def _is_served(name: str, url: str, settings: Settings, client: httpx2.Client) -> bool:
    """Whether the server that runs has that model for the holder of the first key."""
    key_file = settings.home / "admin.key"
    if not key_file.exists():
        return False
    headers = {"authorization": f"Bearer {key_file.read_text().strip()}"}
    return client.get(f"{url}/v1/models/{name}", headers=headers).status_code == 200


def _own_door(model: Model, url: str, settings: Settings) -> Model:
    """The same model as this house's own server serves it, as if that were somebody else's."""
    upstream = Upstream(
        url=f"{url}/v1",
        dialect="openai",
        model=model.name,
        secret=f"file:{settings.home / 'admin.key'}",
        serves=frozenset(Feature) - {Feature.CHOICES},
    )
    priced_there = ListPrice(
        settings.currency, date.min, "priced by the server behind the door", {Unit.INPUT_FRESH: "0"}
    )
    engines = ("remote",)
    return replace(model, engines=engines, files=(), upstream=upstream, price=priced_there)


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


def _catalogue(settings: Settings) -> Catalogue:
    return read_catalogue(SHIPPED, settings.home / "catalogue")


def _gateway(
    deployments: Sequence[LiveDeployment],
    meter: Meter,
    settings: Settings,
    clock: Clock,
    *,
    note: Callable[[Record], None] = lambda _: None,
) -> Gateway:
    return Gateway(
        deployments,
        meter,
        clock=clock,
        engine_within=settings.engine_within_seconds,
        longest_answer=settings.longest_answer_seconds,
        note=note,
    )


def _tracing(
    settings: Settings,
    deployments: Sequence[LiveDeployment],
    secret: Callable[[str], str],
    *,
    instance: str,
    clock: Clock,
) -> Tracing | None:
    if not settings.otlp:
        return None
    headers = read_headers(secret(settings.otlp_headers)) if settings.otlp_headers else {}
    upstreams = {live.name: live.deployment.model.upstream for live in deployments}
    return Tracing(
        f"{settings.otlp}/v1/traces",
        Spans(upstreams, instance=instance, version=__version__),
        models=frozenset(live.deployment.model.name for live in deployments),
        client=httpx2.Client(headers=headers, timeout=5),
        clock=clock,
    )


def _weights(settings: Settings, environment: Mapping[str, str]) -> Weights:
    token = read_secret(settings.hub_token, environment) if settings.hub_token else None
    return Weights(settings.home / "models", hub=Hub(settings.hub, token))


def _deployer(settings: Settings, clock: Clock) -> Deployer:
    machine = this_machine()
    share = Share(
        places=settings.places,
        threads=settings.threads or machine.cores,
        layers=settings.layers,
        server=_program(settings.llama_server),
    )
    book = _price_book(settings, _catalogue(settings), clock)
    return Deployer(settings.home, machine=machine, share=share, book=book, clock=clock)


def _program(name: str) -> Path | None:
    """A program of the operator's, by its path or by its name on the PATH.

    Raises:
        SettingRefused: there is none.
    """
    if not name:
        return None
    found = shutil.which(name)
    if found is None:
        raise SettingRefused(
            f"Setting 'llama_server' is {name!r}, and there is no such program.",
            hint="Give its whole path, or leave the setting out to use the one that comes along.",
        )
    return Path(found)


def _price_book(settings: Settings, catalogue: Catalogue, clock: Clock) -> PriceBook:
    """Every price but those of the cards, which each card brings along; all are checked together.

    Raises:
        SettingRefused: a file of prices cannot be understood, or prices do not go together.
    """
    filed, rates = read_prices(settings.home / "prices")
    book = PriceBook(settings.currency, (*settings.hardware.prices(), *filed), rates)
    check(_whole_book(book, catalogue), today=today(clock))
    for model in catalogue.all():
        if model.shadow:
            where = f"the [shadow] of the card of {model.name!r}"
            shadow = model.shadow.prices(model.name, where=where)
            check(replace(book, prices=shadow), today=today(clock))
    return book


def _whole_book(book: PriceBook, catalogue: Catalogue) -> PriceBook:
    return book.also(price for model in catalogue.all() for price in model.listed)


def _daemon(settings: Settings, port: int | None, client: httpx2.Client) -> Daemon:
    return Daemon(
        settings.home,
        host=settings.host,
        port=port or settings.port,
        client=client,
        speaks_tls=bool(settings.certificate),
    )


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
