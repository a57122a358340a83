"""The process that runs jobs: its kinds, its chores, and the door that they ask models through.

Floor 7.
"""

import functools
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import httpx2

from seedbed.api.ark.called_back import words_of
from seedbed.api.ark.tasks_read import CALLBACK as ARK
from seedbed.api.links import Links
from seedbed.api.secrecy import trusting
from seedbed.app.films import films_of
from seedbed.app.running import daemon_of
from seedbed.app.store import artifacts_of, database_of, index_of, jobs_of, schedules_of
from seedbed.indexes.base import Index
from seedbed.jobs.batch import Batch
from seedbed.jobs.callback import SECONDS, Callbacks
from seedbed.jobs.door import Door
from seedbed.jobs.film import Calls
from seedbed.jobs.index_file import IndexFile, forget_indexes
from seedbed.jobs.response import Response
from seedbed.jobs.worker import Books, Chore, Worker
from seedbed.kit import logs
from seedbed.kit.clock import Clock, SystemClock
from seedbed.kit.media.fetching import Fetcher, Reach
from seedbed.kit.media.workshop import Workshop
from seedbed.serving.daemon import Daemon
from seedbed.settings import (
    Settings,
)
from seedbed.store.answers import Answers
from seedbed.store.claims import Claims
from seedbed.store.database import Database
from seedbed.store.objects import Objects
from seedbed.store.routes import Routes
from seedbed.store.secrets import Secrets
from seedbed.store.workers import Workers

_HOUR = 3600.0
_ANSWERS_KEPT = 7 * 86_400.0
"""Seconds for which an answer under an idempotency key is kept."""
_ROUTES_KEPT = 30 * 86_400.0
"""Seconds for which the way of a request is kept."""


def work(settings: Settings, environment: Mapping[str, str], *, json_lines: bool) -> None:
    """Run a worker here until it is told to end; what it has not done goes back to the queue."""
    logs.configure(json_lines=json_lines or not sys.stderr.isatty())
    anyio.run(_work, settings, environment, backend_options={"use_uvloop": True})


async def _work(settings: Settings, environment: Mapping[str, str]) -> None:
    async with working(settings, environment):
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            await anext(signals)


@asynccontextmanager
async def working(settings: Settings, environment: Mapping[str, str]) -> AsyncGenerator[None]:
    """Run a worker while the block lasts."""
    clock = SystemClock()
    database = database_of(settings, environment)
    books = Books(Claims(database), Workers(database), schedules_of(settings, database))
    verify = trusting(settings.certificate) if settings.certificate else True
    with httpx2.Client() as unused:  # whose making takes long: once, and not for each ask
        daemon = daemon_of(settings, None, unused)
    async with httpx2.AsyncClient(trust_env=False, verify=verify) as client:
        door = Door(partial(_server, settings, daemon), client, clock=clock)
        artifacts = artifacts_of(settings, database, environment, clock)
        objects = Objects(database, clock=clock)
        index = functools.cache(partial(index_of, settings))
        chores = [
            Chore(_HOUR, objects.sweep),
            Chore(_HOUR, artifacts.sweep),
            Chore(_HOUR, partial(_forget_indexes, objects, index, settings.home / "indexes")),
            Chore(_HOUR, partial(_forget_answers, Answers(database), clock)),
            Chore(_HOUR, partial(_forget_routes, Routes(database), clock)),
        ]
        calls = Calls(artifacts, door)
        kinds = [
            Batch(artifacts, jobs_of(settings, database), door).kind,
            Response(objects, door).kind,
            films_of(settings, database, artifacts, calls, clock).kind,
            IndexFile(objects, artifacts, door, index, Workshop()).kind,
            _callbacks(settings, database, clock).kind,
        ]
        worker = Worker(kinds, books, clock=clock, chores=chores)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worker.run)
            yield
            tasks.cancel_scope.cancel()
    database.close()


def _callbacks(settings: Settings, database: Database, clock: Clock) -> Callbacks:
    """What tells of the ends of jobs."""
    secrets = Secrets(database)
    reach = Reach(seconds=SECONDS, silence_seconds=SECONDS, inward=settings.fetch_private)
    links = Links(lambda: secrets.get("links"), clock=clock)
    return Callbacks(
        jobs_of(settings, database),
        Fetcher(reach).hand_over,
        lambda: secrets.get("callbacks"),
        clock=clock,
        words={ARK: words_of(Objects(database, clock=clock), links, clock)},
    )


async def _forget_indexes(objects: Objects, index: Callable[[], Index], folder: Path) -> None:
    """Forget what is indexed for stores that are over; where nothing is, nothing is loaded."""
    if await anyio.Path(folder).is_dir():
        await forget_indexes(objects, index())


async def _forget_answers(answers: Answers, clock: Clock) -> None:
    """Forget what was answered under idempotency keys, once nobody asks for it again."""
    await answers.forget(before=round((clock.wall() - _ANSWERS_KEPT) * 1e6))


async def _forget_routes(routes: Routes, clock: Clock) -> None:
    """Forget which ways requests took, once nobody asks any more why."""
    await routes.forget(before=round((clock.wall() - _ROUTES_KEPT) * 1e6))


def _server(settings: Settings, daemon: Daemon) -> str | None:
    """Where workers find the server, if there is one."""
    if settings.server:
        return settings.server
    announced = daemon.announced()
    return announced.url if announced else None
