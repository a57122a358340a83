"""The doors of files and batches, with the books behind them and a key for each of two projects."""

import json
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from starlette.types import ASGIApp

from seedbed.api.anthropic import batches as anthropic_batches
from seedbed.api.anthropic import files as anthropic_files
from seedbed.api.anthropic.manner import Anthropic
from seedbed.api.anthropic.manner import wants as is_anthropic
from seedbed.api.ark import files as ark_files
from seedbed.api.ark.manner import MANNERS
from seedbed.api.edge import Edge
from seedbed.api.files.batches import Batches
from seedbed.api.files.files import Files
from seedbed.api.guard import Guard
from seedbed.api.manner import Manners
from seedbed.api.openai import batches, files, uploads
from seedbed.api.openai.manner import OpenAi
from seedbed.api.site import build_site
from seedbed.core.access import Scope
from seedbed.core.job import Fault, Progress, State, Step
from seedbed.jobs.batch import LINES
from seedbed.kit import ids
from seedbed.kit.clock import Clock
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from seedbed.store.claims import Claims
from seedbed.store.database import Database, open_database
from seedbed.store.jobs import Jobs
from seedbed.store.keys import Keys
from seedbed.store.objects import Objects
from seedbed.store.taking import Claim, Limits
from seedbed.store.workers import Worker, Workers

LONGEST = 1 << 20
ASK = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {"n": 1}}


@dataclass
class Doors:
    """The site with these doors alone."""

    home: Path
    clock: Clock
    database: Database
    longest: int = LONGEST
    keys: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.database, currency="USD")
        self.artifacts = Artifacts(
            self.database, lambda: open_blobs("", self.home, {}), clock=self.clock
        )
        guard = Guard(Keys(self.database).find, clock=self.clock)
        objects = Objects(self.database, clock=self.clock)
        self.files = Files(objects, self.artifacts, guard, self.clock, self.longest)
        self.batches = Batches(self.files, self.jobs)
        self.app = self._site()

    def key(self, project: str, *scopes: Scope) -> str:
        """A key of a project."""
        name = f"{project}{len(self.keys)}"
        told = {"user": "u", "project": project, "now": 1}
        made = Keys(self.database).create(
            name,
            scopes=frozenset(scopes or {Scope.MODELS}),
            **told,  # type: ignore[arg-type]
        )[1]
        self.keys[name] = made
        return made

    def client(self, project: str = "p", **headers: str) -> httpx2.AsyncClient:
        """A client in this process with a key of that project."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app),
            base_url="http://house",
            headers={"authorization": f"Bearer {self.key(project)}"} | told,
        )

    async def held(self) -> set[str]:
        """Who holds anything."""
        return {hold.holder for one in await self.artifacts.all() for hold in one.holds}

    @asynccontextmanager
    async def taken(self) -> AsyncGenerator[tuple[Claims, Claim]]:
        """The one job that waits, as a worker has it that took it."""
        worker = Worker(ids.fresh("worker"), "here", "1:1", ("batch",), 1, 1)
        await Workers(self.database).join(worker)
        claims = Claims(self.database)
        (claim,) = await claims.take(worker.id, {"batch": Limits()}, room=1, now=self.files.now)
        yield claims, claim

    async def answered(
        self, told: Sequence[tuple[str, int, object]], *, fault: Fault | None = None
    ) -> None:
        """Have the one job that waits end with these answers: an id, a status and a body each."""
        lines = [json.dumps(answer(*one)).encode() + b"\n" for one in told]
        async with self.taken() as (claims, claim):
            kept = await self.artifacts.put(
                pieces(*lines), LINES, holder=claim.job.id, project=claim.job.owner.project
            )
            await claims.tell(claim, Progress(len(told), len(told), ""))
            state = State.FAILED if fault else State.SUCCEEDED
            result = {"file": kept.hash, "lines": len(told)}
            await claims.end(claim, state, now=self.files.now, result=result, fault=fault)

    async def stopped(
        self, told: Sequence[tuple[str, int, object]], state: State = State.CANCELLED
    ) -> None:
        """Have it end in that state after it has done these as steps, and written no file."""
        async with self.taken() as (claims, claim):
            for number, one in enumerate(told):
                step = Step(number, f"line {number}", answer(*one), self.files.now)
                await claims.step(claim, step)
            await claims.end(claim, state, now=self.files.now, result=None)

    async def expire(self) -> None:
        """Have the jobs end that nobody began in time."""
        await Claims(self.database).tidy(now=self.files.now)

    def _site(self) -> ASGIApp:
        manners = Manners(OpenAi(), [(is_anthropic, Anthropic()), *MANNERS])
        routes = [
            *anthropic_files.routes(self.files),
            *anthropic_batches.routes(self.batches),
            *files.routes(self.files),
            *uploads.routes(self.files),
            *batches.routes(self.batches),
            *ark_files.routes(self.files),
        ]
        site = build_site(
            routes, manners=manners, trouble=dict, instance="i", lifespan=_nothing_beside
        )
        return Edge(site, manners=manners)


@asynccontextmanager
async def _nothing_beside(_: object) -> AsyncGenerator[None]:
    yield


@contextmanager
def doors(home: Path, clock: Clock, *, longest: int = LONGEST) -> Generator[Doors]:
    """The doors of a house."""
    with closing(open_database(home / "seedbed.db")) as database:
        yield Doors(home, clock, database, longest)


async def pieces(*told: bytes) -> AsyncGenerator[bytes]:
    """These bytes as they come."""
    for one in told:
        yield one


def answer(custom_id: str, status: int, body: object) -> dict[str, object]:
    """One line of answers, as a job writes it."""
    response = {"status_code": status, "request_id": "req_1", "body": body}
    return {"id": "job.0", "custom_id": custom_id, "response": response, "error": None}


def asks(*custom_ids: str, **more: object) -> bytes:
    """A file of asks."""
    return b"\n".join(json.dumps(ASK | {"custom_id": one} | more).encode() for one in custom_ids)


def part(name: str, content: bytes = b"", *, file: str | None = None, media: str = "") -> bytes:
    """One part of a form, with its boundary `b` before it."""
    told = f'form-data; name="{name}"' + (f'; filename="{file}"' if file is not None else "")
    kind = f"\r\nContent-Type: {media}" if media else ""
    return f"--b\r\nContent-Disposition: {told}{kind}\r\n\r\n".encode() + content + b"\r\n"


END = b"--b--\r\n"
FORM: Mapping[str, str] = {"content-type": "multipart/form-data; boundary=b"}


def code(told: httpx2.Response) -> tuple[int, Any]:
    """How a request was refused, in OpenAI's words."""
    return told.status_code, told.json()["error"]["code"]
