"""A house that runs: with the engines that a test hands it, in process or on a real server."""

import socket
import threading
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import httpx2
from starlette.types import ASGIApp, Message, Scope

from seedbed.api import artifacts, callbacks, consents, deployments, jobs, mcp, regions
from seedbed.api.anthropic import batches as anthropic_batches
from seedbed.api.anthropic import files as anthropic_files
from seedbed.api.anthropic import routes as anthropic_routes
from seedbed.api.anthropic.manner import Anthropic, wants
from seedbed.api.anthropic.seal import Sealer
from seedbed.api.ark import files as ark_files
from seedbed.api.ark import images as ark_images
from seedbed.api.ark import manner as ark_manner
from seedbed.api.ark import responses as ark_responses
from seedbed.api.ark import routes as ark_routes
from seedbed.api.ark import tasks as ark_tasks
from seedbed.api.ark.contexts import Contexts
from seedbed.api.edge import Edge
from seedbed.api.files.batches import Batches
from seedbed.api.files.files import Files
from seedbed.api.films import call as film_call
from seedbed.api.films import check as film_check
from seedbed.api.films.films import Films
from seedbed.api.following import Following
from seedbed.api.guard import Guard
from seedbed.api.hot import Hot
from seedbed.api.images.delivery import Gallery
from seedbed.api.limits import Limits
from seedbed.api.links import Links
from seedbed.api.manner import Manners
from seedbed.api.openai import batches as openai_batches
from seedbed.api.openai import conversations, images, moderations, stored, uploads, videos
from seedbed.api.openai import files as openai_files
from seedbed.api.openai import routes as openai_routes
from seedbed.api.openai.audio import routes as audio
from seedbed.api.openai.manner import OpenAi
from seedbed.api.openai.responses import routes as responses
from seedbed.api.openai.responses.background import Background
from seedbed.api.openai.responses.state import Past
from seedbed.api.openai.usual import Usual
from seedbed.api.openai.vector_stores import routes as vector_stores
from seedbed.api.openai.vector_stores.library import Library
from seedbed.api.openai.write import problem
from seedbed.api.server import make_server
from seedbed.api.site import build_site
from seedbed.api.stopping import Stopping
from seedbed.app.tools import tools_of
from seedbed.core import access
from seedbed.core.model import Deployment, Model
from seedbed.core.money import Amount
from seedbed.core.prices import Tariff
from seedbed.engines.base import Engine
from seedbed.indexes.exact import Exact
from seedbed.kit.clock import Clock
from seedbed.kit.media.fetching import Fetcher, Reach
from seedbed.kit.media.workshop import Workshop
from seedbed.knowledge.reader import reader_of
from seedbed.knowledge.search import Searching
from seedbed.knowledge.stores import Stores
from seedbed.media.consenting import Consenting
from seedbed.media.finding import Finding
from seedbed.media.permitting import Permitting
from seedbed.media.rules import Rules
from seedbed.media.safety import Safety
from seedbed.media.studio.studio import Studio
from seedbed.serving.account import Order
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.gateway import Gateway
from seedbed.serving.media.filming import Filming
from seedbed.serving.media.references import References, Table
from seedbed.serving.media.sounding import Sounding
from seedbed.serving.media.sources import ArtifactShelf
from seedbed.serving.metering import Meter
from seedbed.serving.observing import Observer, RequestLog
from seedbed.serving.once import OnceOnly
from seedbed.store.answers import Answers
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from seedbed.store.consents import Consents
from seedbed.store.database import Database, open_database
from seedbed.store.jobs import Jobs
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from seedbed.store.objects import Objects
from seedbed.store.overview import Overview
from seedbed.store.secrets import Secrets
from seedbed.store.segments import Segments
from seedbed.tools.remote import BOUNDS, Bounds

WINDOW = 64
CHAT = "/v1/chat/completions"
COMPLETIONS = "/v1/completions"
EMBEDDINGS = "/v1/embeddings"
RERANK = "/v1/rerank"


@dataclass(frozen=True)
class House:
    """An application that runs, a key to it, and its books."""

    app: ASGIApp
    key: str
    home: Path
    clock: Clock

    @property
    def ledger(self) -> Ledger:
        return Ledger(open_database(self.home / "seedbed.db"))

    def client(self, **headers: str) -> httpx2.AsyncClient:
        """A client in this process, with the key."""
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app),
            base_url="http://house",
            headers={"authorization": f"Bearer {self.key}"} | headers,
        )


def make_key(home: Path, *scopes: access.Scope, name: str = "test") -> str:
    with closing(open_database(home / "seedbed.db")) as database:
        made = Keys(database).create(name, user="u", project="p", scopes=frozenset(scopes), now=1)
    return made[1]


def _jobs(database: Database) -> Jobs:
    """Jobs that may spend a dollar each, where nothing else is said."""
    return Jobs(database, currency="USD", cap=Amount(1_000_000, "USD"))


def build(
    engines: Mapping[str, Engine],
    *,
    home: Path,
    clock: Clock,
    longest_answer: float = 60.0,
    stopping: Stopping | None = None,
    bounds: Bounds = BOUNDS,
    judge: str = "",
    default_model: str = "",
    workshop: Workshop | None = None,
    studio: Studio | None = None,
) -> ASGIApp:
    """The application as `seedbed.app` wires it, with these engines by the names of models."""
    database = open_database(home / "seedbed.db")
    meter = Meter(Ledger(database), currency="USD", clock=clock)
    observer = Observer([RequestLog()], clock=clock)
    gateway = Gateway(
        [_deployment(name, engine, clock) for name, engine in engines.items()],
        meter,
        clock=clock,
        engine_within=1.0,
        longest_answer=longest_answer,
        note=observer.note,
    )
    kept = Artifacts(database, lambda: open_blobs("", home, {}), clock=clock)
    guard = Guard(Keys(database).find, clock=clock)
    following = Following(
        Overview(database), clock=clock, is_ending=lambda: bool(stopping and stopping.is_begun)
    )
    kinds = frozenset({"batch", "work"})
    desk = jobs.Desk(_jobs(database), following, guard, clock, kinds, "USD")

    async def is_wanted(_: Order) -> bool:
        return True

    files = Files(Objects(database, clock=clock), kept, guard, clock, 1 << 20)
    road = Filming(Sounding(gateway.generate, workshop).generate, kept, clock=clock).generate
    table = Table(Fetcher(Reach(inward=True)), ArtifactShelf(kept, files.hash_of))
    consenting = Consenting(Consents(database), clock)
    road = References(road, table).generate
    rules = Rules(consenting, Safety(None, home / "safety"))
    road = Permitting(road, rules, home / "safety").generate
    archive = responses.Archive(_past(database, clock, following), guard)
    usual = Usual(gateway.named, default_model)
    completed = stored.Stored(Objects(database, clock=clock), guard, clock)
    answers = Answers(database)
    once = OnceOnly(road, answers, meter, clock=clock, is_wanted=is_wanted)

    links = Links(lambda: Secrets(database).get("links"), clock=clock)
    shelf = artifacts.Shelf(kept, links, guard, clock, longest=1 << 20)
    gallery = Gallery(kept, links, clock)
    films = Films(files, desk, shelf, gateway.named, consenting, most_waiting=8)
    batches = Batches(files, desk.jobs)

    stores = Stores(files.objects, desk.jobs, lambda: Exact(Segments(home / "indexes")), clock)
    searching = Searching(stores, road)
    finding = Finding(table, studio)
    tools = tools_of(gateway, road, films, searching, finding)
    door = mcp.McpDoor(tools, guard, stopping=stopping)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncGenerator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(meter.run)
            tasks.start_soon(observer.run)
            tasks.start_soon(following.run)
            tasks.start_soon(door.run)
            yield
            await once.close()
            tasks.cancel_scope.cancel()
        observer.flush()
        await meter.close()
        database.close()

    manners = Manners(OpenAi(), [mcp.MANNER, (wants, Anthropic()), *ark_manner.MANNERS])
    hall = ark_routes.Hall(gateway, guard, int(clock.wall()))
    contexts = Contexts(Objects(database, clock=clock), clock, longest_answer)
    site = build_site(
        [
            *anthropic_routes.routes(gateway, guard),
            *anthropic_files.routes(files),
            *anthropic_batches.routes(batches),
            *ark_routes.routes(hall),
            *ark_responses.routes(archive),
            *ark_files.routes(files),
            *ark_tasks.routes(films),
            *openai_routes.routes(gateway, guard, since=int(clock.wall())),
            *stored.routes(completed),
            *openai_files.routes(files),
            *uploads.routes(files),
            *openai_batches.routes(batches),
            *videos.routes(films, usual),
            *vector_stores.routes(Library(batches, searching, lambda: reader_of(gateway.named))),
            *responses.routes(archive),
            *conversations.routes(archive),
            *images.routes(),
            *deployments.routes(gateway, guard),
            *jobs.routes(desk),
            *callbacks.routes(desk, lambda: Secrets(database).get("callbacks")),
            *consents.routes(consents.Bureau(Consents(database), files, desk)),
            *regions.routes(finding, guard),
            *door.routes(),
            *artifacts.routes(shelf),
        ],
        manners=manners,
        trouble=lambda: gateway.trouble | (stopping.trouble if stopping else {}),
        instance="instance_of_a_test",
        lifespan=lifespan,
    )
    edge = Edge(site, manners=manners)
    return Hot(
        road,
        guard,
        {
            **openai_routes.calls(completed),
            **images.calls(gallery, usual),
            **moderations.calls(judge),
            **audio.CALLS,
            **film_call.CALLS,
            **film_check.CALLS,
            **ark_images.calls(gallery),
            **responses.calls(archive, usual, bounds, searching),
            **anthropic_routes.calls(Sealer(b"secret"), bounds),
            **ark_routes.calls(contexts),
            **ark_responses.calls(archive.past, bounds),
        },
        site=edge,
        clock=clock,
        once=once,
        note=observer.note,
        stopping=stopping,
    )


def _past(database: Database, clock: Clock, following: Following) -> Past:
    objects, jobs = Objects(database, clock=clock), Jobs(database, currency="USD")
    return Past(objects, Background(objects, jobs, following), clock=clock)


def _deployment(name: str, engine: Engine, clock: Clock) -> LiveDeployment:
    model = Model(name, name, ("scripted",), WINDOW, 0, "Apache-2.0")
    deployment = Deployment(f"{name}@test", model, "scripted", own_hardware=False, places=1)
    return LiveDeployment(
        deployment, engine, lambda _: Tariff((), "USD"), supervisor=None, clock=clock
    )


@asynccontextmanager
async def alive(app: ASGIApp) -> AsyncGenerator[None]:
    """Run an application's start-up, and at the end its shut-down, which settles everything."""
    ends = anyio.Event()
    asked = iter(["lifespan.startup", "lifespan.shutdown"])
    send, told = anyio.create_memory_object_stream[Message](2)

    async def receive() -> Message:
        kind = next(asked)
        if kind == "lifespan.shutdown":
            await ends.wait()
        return {"type": kind}

    async def run() -> None:
        await app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send.send)

    async with anyio.create_task_group() as tasks, send, told:
        tasks.start_soon(run)
        assert (await told.receive())["type"] == "lifespan.startup.complete"
        yield
        ends.set()
        assert (await told.receive())["type"] == "lifespan.shutdown.complete"


@contextmanager
def served(app: ASGIApp, port: int = 0) -> Generator[str]:
    """Run an application on the house's own server, in a thread; gives its address."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen()  # connections wait from here on, so that nobody need wait for the start
    server = make_server(app, limits=Limits(), problem=problem, stopping=Stopping(), grace=60)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        httpx2.get(f"{url}/healthz", timeout=60)  # answered only once the start-up is done
        yield url
    finally:
        server.should_exit = True
        thread.join()


class Caller:
    """One request by ASGI's own two ends, for what no client lets a test do: to leave.

    It leaves after so many messages to it or with an event, or takes no more. `stray` messages come
    from it after its body, and mean nothing.
    """

    def __init__(
        self,
        body: bytes,
        *,
        key: str,
        path: str = CHAT,
        leaves_after: int | None = None,
        leaves_with: anyio.Event | None = None,
        stray: int = 0,
        stalls_after: int | None = None,
    ) -> None:
        self.scope: Scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "headers": [(b"authorization", f"Bearer {key}".encode())],
        }
        self.sent: list[Message] = []
        self._bodies = [*[b""] * stray, body]
        self._leaves_after = leaves_after
        self._stalls_after = stalls_after
        self.left = leaves_with or anyio.Event()
        self.is_watched = anyio.Event()
        if leaves_after == 0:
            self.left.set()

    async def ask(self, app: ASGIApp) -> None:
        await app(self.scope, self.receive, self.send)

    async def receive(self) -> Message:
        if self._bodies:
            return {"type": "http.request", "body": self._bodies.pop(), "more_body": False}
        self.is_watched.set()
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if len(self.sent) == self._leaves_after:
            self.left.set()
        if len(self.sent) == self._stalls_after:
            await anyio.sleep_forever()

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent).decode()
