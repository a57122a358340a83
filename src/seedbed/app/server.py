"""The process that serves: every part of it, in the order of what stands on what.

Floor 7.
"""

import functools
import gc
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

import httpx2
import structlog
from starlette.types import ASGIApp

from seedbed import __version__
from seedbed.api import artifacts as artifact_routes
from seedbed.api import jobs as job_routes
from seedbed.api import mcp as mcp_door
from seedbed.api.anthropic.seal import Sealer
from seedbed.api.edge import Edge
from seedbed.api.files.files import Files
from seedbed.api.films.films import Films
from seedbed.api.following import Following
from seedbed.api.guard import Guard
from seedbed.api.hot import Hot
from seedbed.api.limits import Limits
from seedbed.api.links import Links
from seedbed.api.openai.write import problem
from seedbed.api.secrecy import secure
from seedbed.api.server import make_server, room_for
from seedbed.api.site import build_site
from seedbed.api.stopping import Stopping
from seedbed.app.catalogue import (
    cascades,
    catalogue_of,
    deployer_of,
    gateway_of,
    residency_of,
)
from seedbed.app.doors import MANNERS, Parts, doors_of
from seedbed.app.planning import foreseen
from seedbed.app.programs import programs_of
from seedbed.app.rules import permitting_of
from seedbed.app.running import beside, listen, observed, running
from seedbed.app.store import artifacts_of, database_of, index_of, jobs_of, saved_prefixes_of
from seedbed.app.tools import tools_of
from seedbed.core.access import Principal
from seedbed.core.budget import Owner
from seedbed.core.faults import undeployed
from seedbed.core.fleet import Fleet
from seedbed.core.value import changed
from seedbed.kit import ids, logs
from seedbed.kit.clock import Clock, SystemClock
from seedbed.kit.media.fetching import Fetcher, Reach
from seedbed.knowledge.search import Searching
from seedbed.knowledge.stores import Stores
from seedbed.serving.account import Order
from seedbed.serving.cascade import Cascade
from seedbed.serving.daemon import Daemon
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.media.filming import Filming
from seedbed.serving.media.preparing import Preparer, Preparing, taken_by
from seedbed.serving.media.references import References, Table
from seedbed.serving.media.sounding import Sounding
from seedbed.serving.media.sources import ArtifactShelf
from seedbed.serving.metering import Meter
from seedbed.serving.metrics import Metrics
from seedbed.serving.observing import Observer, RequestLog
from seedbed.serving.once import OnceOnly
from seedbed.serving.spans import Spans
from seedbed.serving.tracing import Tracing, read_headers
from seedbed.settings import (
    Settings,
    read_proxies,
    read_secret,
    read_table,
)
from seedbed.store.answers import Answers
from seedbed.store.consents import Consents
from seedbed.store.fleets import read_fleets
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from seedbed.store.objects import Objects
from seedbed.store.overview import Overview
from seedbed.store.secrets import Secrets
from seedbed.store.tokens import PREFIX, Tokens
from seedbed.store.weights import Weights
from seedbed.tools.remote import Bounds

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_SUBMITTED = frozenset({"batch"})
"""Kinds of jobs that callers may submit."""


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
    database = database_of(settings, environment or {})
    catalogue, weights = catalogue_of(settings), Weights(settings.home / "models")
    fleets = read_fleets(settings.home / "deployments")
    for fault in undeployed(fleets, catalogue.all()).values():
        log.warning("deployments.unread", why=fault.what, mend=fault.mend)
    residency = residency_of(settings, clock, fleets)
    saved = saved_prefixes_of(settings, database, environment or {}, clock)
    deployer = deployer_of(settings, clock, residency=residency, prefixes=saved)
    proxies = read_proxies(environment or {})
    deployments = [
        live
        for model in map(catalogue.find, dict.fromkeys(settings.models))
        for live in deployer.deploy_all(
            model, fleets.get(model.name, Fleet()), weights.find, secret=secret, proxies=proxies
        )
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
    gateway = gateway_of(
        deployments,
        meter,
        settings,
        clock,
        note=observer.note,
        fleets=fleets,
        salt=Secrets(database).get_now("salt"),
    )
    tokens = Tokens(database)
    guard = Guard(_finder(Keys(database), tokens), clock=clock)
    cascade = Cascade(
        gateway.generate,
        cascades(fleets),
        gateway.price,
        note=meter.tell,
        clock=clock,
        longest_answer=settings.longest_answer_seconds,
    )
    artifacts = artifacts_of(settings, database, environment or {}, clock)
    objects = Objects(database, clock=clock)
    files = Files(objects, artifacts, guard, clock, settings.artifact_bytes)
    fetcher = Fetcher(Reach(inward=settings.fetch_private))
    ours = ArtifactShelf(artifacts, files.hash_of)
    films = References(
        Filming(Sounding(cascade.generate).generate, artifacts, clock=clock).generate,
        Table(fetcher, ours),
    )
    generate = foreseen(
        permitting_of(
            Preparing(films.generate, taken_by(deployments), Preparer(fetcher, ours)).generate,
            settings,
            database,
            clock,
        ).generate,
        settings.planner,
        gateway.named,
    )
    once = OnceOnly(
        generate,
        Answers(database),
        meter,
        clock=clock,
        is_wanted=partial(is_wanted, tokens),
    )

    shelf = artifact_routes.Shelf(
        artifacts,
        Links(lambda: Secrets(database).get("links"), clock=clock),
        guard,
        clock,
        settings.artifact_bytes,
    )
    following = Following(
        Overview(database), clock=clock, is_ending=lambda: bool(stopping and stopping.is_begun)
    )
    desk = job_routes.Desk(
        jobs_of(settings, database),
        following,
        guard,
        clock,
        _SUBMITTED,
        settings.currency,
    )

    stores = Stores(objects, desk.jobs, functools.cache(partial(index_of, settings)), clock)
    bounds = Bounds(inward=settings.fetch_private)
    programs = programs_of(read_table(settings.home, "mcp_servers"), secret, bounds)
    searching = Searching(stores, generate)
    mcp = mcp_door.McpDoor(
        tools_of(gateway, generate, Films(files, desk, shelf, gateway.named), searching),
        guard,
        stopping=stopping,
    )

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncGenerator[None]:
        async with (
            observed(observer, traces),
            running(
                deployments, meter, database, *(each.run for each in (residency, saved) if each)
            ),
            beside(following.run),
            beside(mcp.run),
        ):
            if daemon:
                daemon.announce(instance)
            log.info("server.started", instance=instance, models=list(settings.models))
            yield
            await once.close()
            log.info("server.stopped", instance=instance)
            if daemon:
                daemon.retire(instance)

    doors = doors_of(
        Parts(
            gateway,
            guard,
            clock,
            shelf,
            desk,
            files,
            metrics,
            mcp,
            Sealer(Secrets(database).get_now("thoughts")),
            changed(bounds, programs=programs),
            settings.longest_answer_seconds,
            searching,
            settings.search_model,
            settings.moderation_model,
            settings.default_model,
            Consents(database),
            lambda: Secrets(database).get("callbacks"),
        )
    )
    site = build_site(
        doors.routes,
        manners=MANNERS,
        trouble=lambda: gateway.trouble | (stopping.trouble if stopping else {}),
        instance=instance,
        lifespan=lifespan,
    )
    edge = Edge(site, manners=MANNERS)
    return Hot(
        generate,
        guard,
        doors.calls,
        site=edge,
        clock=clock,
        once=once,
        note=observer.note,
        stopping=stopping,
    )


def _finder(keys: Keys, tokens: Tokens) -> Callable[[str], Awaitable[Principal | None]]:
    """Who stands behind a secret: the owner of a key, or of the job whose token it is."""

    async def find(secret: str) -> Principal | None:
        return await (tokens.principal if secret.startswith(PREFIX) else keys.find)(secret)

    return find


async def is_wanted(tokens: Tokens, order: Order) -> bool:
    """Whether somebody comes back for an answer: for one of a job, while the job is wanted."""
    jobs = [one.subject for one in order.principal.budgets if one.owner is Owner.JOB]
    return all([await tokens.is_wanted(job) for job in jobs])


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
        models=frozenset(name for live in deployments for name in live.deployment.model.names),
        client=httpx2.Client(headers=headers, timeout=5),
        clock=clock,
    )
