"""A house in which films are finished: a door that gives one, and a real studio."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx2

from seedbed.core import record
from seedbed.core.finish import FIELD, Finish
from seedbed.core.job import Job
from seedbed.jobs.door import Door
from seedbed.jobs.film import KIND, Calls, Film
from seedbed.kit.clock import SystemClock
from seedbed.media.consenting import Consenting
from seedbed.media.finishing import Finishing
from seedbed.media.generated import Generated
from seedbed.media.rules import Rules
from seedbed.media.safety import Safety
from seedbed.media.shelf import Shelf
from seedbed.media.studio.orders import Order
from seedbed.media.studio.studio import Studio, Tell
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from seedbed.store.consents import Consents
from seedbed.store.objects import Objects
from tests.jobs.houses import JobHouse, now
from tests.kit.film.made import HEIGHT, WIDTH, film, form

FPS, FRAMES = 8, 17
PLAIN = Finish()
USED = {"input_tokens": 1, "output_tokens": 2, "film_tokens": 2}


class Counting(Studio):
    """A studio that keeps its orders, and lets a test meet each line that is told; one that `holds`
    then goes no further.
    """

    def __init__(self, module: str = "seedbed.media.studio.process") -> None:
        super().__init__(module=module)
        self.orders, self.done = list[Order](), list[Order]()
        self.meet: Callable[[Order, float], None] = lambda _, __: None
        self.holds = False

    async def do(self, order: Order, tell: Tell) -> Mapping[str, object]:
        self.orders.append(order)

        async def told(share: float, what: str) -> None:
            self.meet(order, share)
            if self.holds:
                await anyio.sleep_forever()
            await tell(share, what)

        facts = await super().do(order, told)
        self.done.append(order)
        return facts


class Finished:
    """Such a house; the model's film has seventeen small frames, eight a second."""

    def __init__(
        self, house: JobHouse, home: Path, studio: Studio, *, judged: bool = False
    ) -> None:
        self.house, self.asked, self.bench = house, 0, home / "studio"
        clock = SystemClock()
        self.artifacts = Artifacts(house.database, lambda: open_blobs("", home, {}), clock=clock)
        objects = Objects(house.database, clock=clock)
        folders = home / "certificates", self.bench, home / "fonts"
        shelf = Shelf(self.artifacts, objects, clock, *folders, "0123456789abcdef")
        self.consents, self.program = Consents(house.database), home / "judge"
        safety = Safety(self.program if judged else None, home / "safety")
        rules = Rules(Consenting(self.consents, clock), safety)
        self._generated = Generated(shelf, Finishing(shelf, studio), rules)
        self._film = film(home / "made.mp4", range(FRAMES), form(fps=FPS)).read_bytes()

    async def _take(self, request: httpx2.Request) -> httpx2.Response:
        async def once() -> AsyncGenerator[bytes]:
            yield self._film

        self.asked += 1
        kept = await self.artifacts.put(once(), "video/mp4", holder="req_1", project="web")
        facts = {"hash": kept.hash, "media": "video/mp4", "width": WIDTH, "height": HEIGHT}
        told = {"film": {**facts, "fps": FPS, "sound": False}, "usage": USED}
        data = b"data: %b\n\n" % json.dumps(told).encode()
        return httpx2.Response(200, content=data, headers={"x-request-id": "req_1"})

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """A worker runs while the block lasts."""
        transport = httpx2.MockTransport(self._take)
        async with httpx2.AsyncClient(transport=transport) as client:
            door = Door(lambda: "http://here", client, clock=SystemClock())
            kind = Film(Calls(self.artifacts, door), finish=self._generated.made).kind
            async with self.house.worker(kind):
                yield

    async def submit(self, finish: Finish = PLAIN, **ask: object) -> Job:
        wish = record.write(finish)
        told = {"model": "m", "prompt": "a", **ask}
        wanted = {"film": "film_1", "until": now() + 10**9, "ask": told, FIELD: wish}
        return await self.house.submit(KIND, input=wanted)

    async def ended(self, finish: Finish = PLAIN, **ask: object) -> Job:
        async with self.working():
            return await self.house.ended(await self.submit(finish, **ask))

    async def file(self, hash_: str, path: Path) -> Path:
        found = await self.artifacts.look(hash_)
        data = b"".join([part async for part in self.artifacts.open(found)])
        await anyio.Path(path).write_bytes(data)
        return path

    def left(self) -> list[Path]:
        """The files that lie on the bench."""
        return [path for path in self.bench.rglob("*") if path.is_file()]
