"""The doors of files and vector stores, with a model that knows texts by their words, and a worker
that can be had for a while.
"""

import base64
import json
import math
import struct
import zlib
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import httpx2
from openai import AsyncOpenAI
from starlette.types import ASGIApp

from seedbed.api.edge import Edge
from seedbed.api.manner import Manners
from seedbed.api.openai import files
from seedbed.api.openai.manner import OpenAi
from seedbed.api.openai.vector_stores import routes
from seedbed.api.openai.vector_stores.library import Library
from seedbed.api.site import build_site
from seedbed.core.ask import EmbedAsk
from seedbed.core.errors import ModelUnknown, SeedbedError
from seedbed.core.event import Embedded, Event, Failed, Finished, Started, Stop
from seedbed.core.usage import Usage
from seedbed.indexes.exact import Exact
from seedbed.jobs.door import Door
from seedbed.jobs.index_file import KIND, IndexFile
from seedbed.kit.clock import Clock, SystemClock
from seedbed.kit.media.workshop import Workshop
from seedbed.kit.terms import terms
from seedbed.knowledge.reader import Reader
from seedbed.knowledge.search import Searching
from seedbed.knowledge.stores import Stores
from seedbed.serving.account import Order
from seedbed.store.jobs import Filter
from seedbed.store.segments import Segments
from tests.api.files.doors import Doors, doors
from tests.jobs.houses import job_house

Answer = Callable[[httpx2.Request], httpx2.Response]
NUMBERS = 64


def vector(text: str) -> bytes:
    """A vector that is near those of texts with the same words."""
    numbers = [0.001] * NUMBERS
    for term in terms(text):
        numbers[zlib.crc32(term.encode()) % NUMBERS] += 1
    length = math.hypot(*numbers)
    return struct.pack(f"<{NUMBERS}f", *(number / length for number in numbers))


def embed(request: httpx2.Request) -> httpx2.Response:
    """What the house answers to a job that asks for vectors."""
    texts = json.loads(request.content)["input"]
    data = [{"embedding": base64.b64encode(vector(text)).decode()} for text in texts]
    return httpx2.Response(200, json={"data": data})


class Room:
    """What the tests of vector stores work with."""

    def __init__(self, inner: Doors) -> None:
        self.inner = inner
        self.reader: Reader | None = Reader("reader", 512)
        self.asked: list[Order] = []
        self.trouble: SeedbedError | None = None
        self.index = Exact(Segments(inner.home / "indexes"))
        files_ = inner.files
        self.stores = Stores(files_.objects, inner.jobs, lambda: self.index, inner.clock)
        searching = Searching(self.stores, self.generate)
        self.library = Library(inner.batches, searching, lambda: self.reader)
        self.app = self._site()

    async def generate(self, order: Order) -> AsyncGenerator[Event]:
        """What the gateway would tell."""
        self.asked.append(order)
        assert isinstance(order.ask, EmbedAsk)
        if order.ask.model != "reader":
            yield Failed(ModelUnknown(order.ask.model, known=("reader",)))
            return
        yield Started("reader")
        for at, text in enumerate(order.ask.texts):
            yield Embedded(at, vector(text))
        yield Finished(Stop.END, Usage())

    def client(self, project: str = "p") -> AsyncOpenAI:
        """The official client with a key of that project."""
        transport = httpx2.ASGITransport(self.app)
        return AsyncOpenAI(
            base_url="http://house/v1",
            api_key=self.inner.key(project),
            max_retries=0,
            http_client=httpx2.AsyncClient(transport=transport),
        )

    @asynccontextmanager
    async def working(self, answer: Answer = embed) -> AsyncGenerator[None]:
        """A worker while the block lasts."""
        house = job_house(self.inner.database, name=f"worker{len(self.inner.keys)}")
        self.inner.keys[house.key.principal.key] = ""
        transport = httpx2.MockTransport(answer)
        async with httpx2.AsyncClient(transport=transport) as client:
            door = Door(lambda: "http://here", client, clock=SystemClock())
            files_ = self.inner.files
            parts = (files_.objects, files_.artifacts, door, lambda: self.index, Workshop())
            async with house.worker(IndexFile(*parts).kind):
                yield

    async def worked(self, answer: Answer = embed) -> None:
        """Have a worker do all jobs that there are."""
        async with self.working(answer):
            with anyio.fail_after(20):
                while True:
                    jobs = await self.inner.jobs.newest(Filter(kind=KIND), last=100)
                    if all(job.state.is_end for job in jobs):
                        return
                    await anyio.sleep(0.01)

    def _site(self) -> ASGIApp:
        manners = Manners(OpenAi(), [])
        site = build_site(
            [*files.routes(self.inner.files), *routes.routes(self.library)],
            manners=manners,
            trouble=dict,
            instance="i",
            lifespan=_nothing_beside,
        )
        return Edge(site, manners=manners)


@asynccontextmanager
async def _nothing_beside(_: object) -> AsyncGenerator[None]:
    yield


@contextmanager
def rooms(home: Path, clock: Clock) -> Generator[Room]:
    """A house with these doors."""
    with doors(home, clock) as inner:
        yield Room(inner)
