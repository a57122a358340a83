"""A house that films, with a worker beside it: what the tests of films share."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx
import httpx2
from openai import AsyncOpenAI
from starlette.types import ASGIApp

from seedbed.api.ark.called_back import words_of
from seedbed.api.ark.tasks_read import CALLBACK
from seedbed.api.links import Links
from seedbed.core.access import Scope
from seedbed.core.errors import EngineFailed
from seedbed.engines.base import Engine
from seedbed.engines.scripted import Scripted
from seedbed.engines.scripted_filmmaker import ScriptedFilmmaker
from seedbed.jobs.callback import Callbacks
from seedbed.jobs.door import Door
from seedbed.jobs.film import Calls, Film
from seedbed.jobs.schedule import following
from seedbed.jobs.worker import Books, Worker
from seedbed.kit.clock import SystemClock
from seedbed.kit.media.fetching import Fetcher, Reach
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from seedbed.store.claims import Claims
from seedbed.store.database import Database, open_database
from seedbed.store.jobs import Jobs
from seedbed.store.keys import Keys
from seedbed.store.objects import Objects
from seedbed.store.schedules import Schedules
from seedbed.store.secrets import Secrets
from seedbed.store.workers import Workers
from tests.api.running import alive, build
from tests.kit.media.made import picture

BROKE = EngineFailed("m", why="its reel tore", begun=True)
PNG = picture()


TASKS = "/api/v3/contents/generations/tasks"
_FILM = {"model": "films", "prompt": "a", "size": "64x32", "seconds": 1}
_TASK = {"model": "films", "content": [{"type": "text", "text": "a"}]}
STEPS: list[tuple[str, dict[str, Any]]] = [
    ("POST /v1/videos film", {"json": _FILM}),
    ("GET /v1/videos", {}),
    ("GET /v1/videos/{film}", {}),
    ("GET /v1/videos/{film}/content", {}),
    ("POST /v1/videos/{film}/remix", {"json": {"prompt": "b"}}),
    ("DELETE /v1/videos/{film}", {}),
    (f"POST {TASKS} task", {"json": _TASK}),
    (f"GET {TASKS}", {}),
    (f"GET {TASKS}/{{task}}", {}),
    (f"DELETE {TASKS}/{{task}}", {}),
]
"""Each door of films, asked in the plainest way; the film of that name has been made by then."""


def filmmakers() -> dict[str, Engine]:
    return {
        "films": ScriptedFilmmaker("films", window=64),
        "torn": ScriptedFilmmaker("torn", window=64, error=BROKE, begins=True),
        "scripted": Scripted("scripted", window=64),
    }


class Keyed(httpx2.ASGITransport):
    """The way of a worker to a house that knows keys alone, and no tokens of jobs."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        super().__init__(app)
        self._key = key

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["authorization"] = f"Bearer {self._key}"
        return await super().handle_async_request(request)


@dataclass
class Set:
    """A house with film-makers, which runs; its jobs are done while a block of `working` lasts."""

    app: ASGIApp
    home: Path
    engines: dict[str, Engine]
    key: str

    def another_key(self, project: str) -> str:
        with closing(open_database(self.home / "seedbed.db")) as database:
            scopes = frozenset({Scope.MODELS})
            made = Keys(database).create(project, user="u", project=project, scopes=scopes, now=1)
        return made[1]

    def http(self, key: str = "") -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app),
            base_url="http://house",
            headers={"authorization": f"Bearer {key or self.key}"} if key != "-" else {},
        )

    def openai(self, key: str = "") -> Any:
        """OpenAI's client; it calls all of its videos deprecated, which a checker would repeat."""
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(self.app))
        return AsyncOpenAI(
            base_url="http://house/v1", api_key=key or self.key, http_client=http, max_retries=0
        )

    def ark(self, sdk: Any, key: str = "") -> Any:
        return sdk.AsyncArk(
            base_url="http://house/api/v3",
            api_key=key or self.key,
            max_retries=0,
            http_client=httpx.AsyncClient(transport=httpx.ASGITransport(self.app)),
        )

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """A worker runs, whose door is that of this house."""
        clock = SystemClock()
        with closing(open_database(self.home / "seedbed.db")) as database:
            books = Books(
                Claims(database),
                Workers(database),
                Schedules(database, Jobs(database, currency="USD"), following=following),
            )
            artifacts = Artifacts(database, lambda: open_blobs("", self.home, {}), clock=clock)
            async with httpx2.AsyncClient(transport=Keyed(self.app, self.key)) as client:
                door = Door(lambda: "http://house", client, clock=clock)
                kinds = [Film(Calls(artifacts, door)).kind, telling(database).kind]
                worker = Worker(kinds, books, clock=clock)
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(worker.run)
                    yield
                    tasks.cancel_scope.cancel()


def telling(database: Database) -> Callbacks:
    """What tells of the ends of films, as a worker has it, on this machine, too."""
    clock, secrets = SystemClock(), Secrets(database)
    links = Links(lambda: secrets.get("links"), clock=clock)
    return Callbacks(
        Jobs(database, currency="USD"),
        Fetcher(Reach(inward=True)).hand_over,
        lambda: secrets.get("callbacks"),
        clock=clock,
        words={CALLBACK: words_of(Objects(database, clock=clock), links, clock)},
    )


@asynccontextmanager
async def on_set(home: Path) -> AsyncGenerator[Set]:
    engines = filmmakers()
    app = build(engines, home=home, clock=SystemClock())
    async with alive(app):
        made = Set(app, home, engines, "")
        made.key = made.another_key("p")
        yield made
