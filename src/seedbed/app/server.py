"""The process that serves: every part of it, in the order of what stands on what.

Floor 7. `answering` has what answers, `keeping` what is kept, `road` the way of a model call
between those who ask and what answers, `doors` the paths at which they ask.
"""

import functools
import gc
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import partial

import structlog
from starlette.types import ASGIApp

from seedbed.api import mcp as mcp_door
from seedbed.api.anthropic.seal import Sealer
from seedbed.api.edge import Edge
from seedbed.api.films.films import Films
from seedbed.api.hot import Hot
from seedbed.api.limits import Limits
from seedbed.api.openai.write import problem
from seedbed.api.secrecy import secure
from seedbed.api.server import make_server, room_for
from seedbed.api.site import Lifespan, build_site
from seedbed.api.stopping import Stopping
from seedbed.app.answering import Answering, Base, answering_of
from seedbed.app.doors import MANNERS, Parts, doors_of
from seedbed.app.keeping import Keeping, keeping_of
from seedbed.app.programs import programs_of
from seedbed.app.road import Road, road_of
from seedbed.app.running import beside, listen, observed, running
from seedbed.app.store import database_of, index_of
from seedbed.app.tools import tools_of
from seedbed.core.value import changed
from seedbed.kit import ids, logs
from seedbed.kit.clock import Clock, SystemClock
from seedbed.knowledge.search import Searching
from seedbed.knowledge.stores import Stores
from seedbed.media.consenting import Consenting
from seedbed.media.finding import Finding
from seedbed.serving.daemon import Daemon
from seedbed.settings import Settings, read_table
from seedbed.store.consents import Consents
from seedbed.store.secrets import Secrets
from seedbed.tools.remote import Bounds

log: structlog.stdlib.BoundLogger = structlog.get_logger()


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
    environment = environment or {}
    database = database_of(settings, environment)
    base = Base(settings, environment, database, clock, ids.fresh("instance"))
    answering, keeping = answering_of(base), keeping_of(base, stopping)
    road = road_of(base, answering, keeping)
    parts = _parts(base, answering, keeping, road, stopping)
    doors = doors_of(parts)
    site = build_site(
        doors.routes,
        manners=MANNERS,
        trouble=lambda: answering.gateway.trouble | (stopping.trouble if stopping else {}),
        instance=base.instance,
        lifespan=_lifespan(base, answering, parts, road, daemon),
    )
    return Hot(
        road.generate,
        keeping.guard,
        doors.calls,
        site=Edge(site, manners=MANNERS),
        clock=clock,
        once=road.once,
        note=answering.observer.note,
        stopping=stopping,
    )


def _parts(
    base: Base, answering: Answering, keeping: Keeping, road: Road, stopping: Stopping | None
) -> Parts:
    """What the doors open on."""
    settings, gateway = base.settings, answering.gateway
    searching, finding = _searching(base, keeping, road), Finding(road.table)
    consents = Consents(base.database)
    films = _films(base, answering, keeping, consents)
    tools = tools_of(gateway, road.generate, films, searching, finding)
    return Parts(
        *(gateway, keeping.guard, base.clock, keeping.shelf, keeping.desk, keeping.files),
        metrics=answering.metrics,
        mcp=mcp_door.McpDoor(tools, keeping.guard, stopping=stopping),
        sealer=Sealer(Secrets(base.database).get_now("thoughts")),
        bounds=_bounds(base),
        longest_answer=settings.longest_answer_seconds,
        searching=searching,
        search_model=settings.search_model,
        judge=settings.moderation_model,
        default_model=settings.default_model,
        consents=consents,
        callback_secret=lambda: Secrets(base.database).get("callbacks"),
        finding=finding,
        films=films,
    )


def _searching(base: Base, keeping: Keeping, road: Road) -> Searching:
    """What documents are searched by, each index opened once."""
    index = functools.cache(partial(index_of, base.settings))
    stores = Stores(keeping.objects, keeping.desk.jobs, index, base.clock)
    return Searching(stores, road.generate)


def _films(base: Base, answering: Answering, keeping: Keeping, consents: Consents) -> Films:
    """What takes films, as many as may wait."""
    consenting = Consenting(consents, base.clock)
    return Films(
        *(keeping.files, keeping.desk, keeping.shelf, answering.gateway.named, consenting),
        base.settings.films_waiting,
    )


def _bounds(base: Base) -> Bounds:
    """What servers of tools are held to, which the operator or a caller names."""
    bounds = Bounds(inward=base.settings.fetch_private)
    table = read_table(base.settings.home, "mcp_servers")
    return changed(bounds, programs=programs_of(table, base.secret, bounds))


def _lifespan(
    base: Base, answering: Answering, parts: Parts, road: Road, daemon: Daemon | None
) -> Lifespan:
    """What runs from ASGI's start-up to its shut-down."""

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncGenerator[None]:
        async with (
            observed(answering.observer, answering.traces),
            running(answering.deployments, answering.meter, base.database, *answering.works),
            beside(parts.desk.following.run),
            beside(parts.mcp.run),
        ):
            if daemon:
                daemon.announce(base.instance)
            log.info("server.started", instance=base.instance, models=list(base.settings.models))
            yield
            await road.once.close()
            log.info("server.stopped", instance=base.instance)
            if daemon:
                daemon.retire(base.instance)

    return lifespan
