"""A house in which films are drawn, with a door that counts, and a studio that is none."""

import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx2

from seedbed.app.planning import plan_for
from seedbed.core import record
from seedbed.core.finish import FIELD, Finish
from seedbed.core.job import Job
from seedbed.core.scene.form import write_scene
from seedbed.core.scene.layers import Backdrop
from seedbed.core.scene.motion import Transition
from seedbed.core.scene.scene import Canvas, Scene, Shot
from seedbed.jobs.door import Door
from seedbed.jobs.film import CHAT, DRAWN, KIND, LOOK, Calls, Film
from seedbed.kit.clock import SystemClock
from seedbed.kit.media.fetching import Fetcher, Reach
from seedbed.media.consenting import Consenting
from seedbed.media.drafting import Drafting
from seedbed.media.given import Given
from seedbed.media.rules import Rules
from seedbed.media.safety import Safety
from seedbed.media.shelf import Shelf
from seedbed.media.studio.orders import Assemble, Check, Order
from seedbed.media.studio.studio import Studio, Tell
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from seedbed.store.consents import Consents
from seedbed.store.objects import Objects
from tests.jobs.houses import JobHouse, now

PLAIN = Finish()
FACTS = {"width": 64, "height": 48, "seconds": 3.0, "fps": 12.0}
USED = {"input_tokens": 0, "output_tokens": 5, "film_tokens": 5}
Meet = Callable[[int], None]


def three_shots(*seconds: float) -> Scene:
    """A film of three shots, the second of which comes by a transition."""
    first, second, third = seconds or (1.0, 1.0, 1.0)
    return Scene(
        Canvas(64, 48, fps=12),
        (
            Shot("first", first, (Backdrop(id="ground", place="sea"),)),
            Shot(
                "second",
                second,
                (Backdrop(id="ground", place="city"),),
                into=Transition("dissolve", 0.25),
            ),
            Shot("third", third, (Backdrop(id="ground", place="field"),)),
        ),
    )


class Quiet(Studio):
    """A studio that writes which pieces it was given, and keeps its orders."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[Order] = []
        self.meet: Callable[[Order], None] = lambda _: None

    async def do(self, order: Order, tell: Tell) -> Mapping[str, object]:
        self.orders.append(order)
        self.meet(order)
        if isinstance(order, Check):
            return {"read": await anyio.Path(order.file).read_text()}
        assert isinstance(order, Assemble)
        told = [await anyio.Path(piece).read_text() for piece in order.pieces]
        await tell(1.0, "joined")
        await anyio.Path(order.out).write_text("|".join(told))
        return FACTS


class Drawn:
    """Such a house."""

    def __init__(self, house: JobHouse, home: Path, *, mark: str = "ab") -> None:
        self.house, self.asked, self.studio = house, list[dict[str, Any]](), Quiet()
        clock = SystemClock()
        self.artifacts = Artifacts(house.database, lambda: open_blobs("", home, {}), clock=clock)
        self.objects = Objects(house.database, clock=clock)
        self.consents = Consents(house.database)
        self.meet: Meet = lambda _: None
        self.looked, self.chats = list[dict[str, Any]](), list[tuple[str, dict[str, Any]]]()
        self.verdict: tuple[int, dict[str, object]] = (200, {"drawable": True})
        self.says, self.planner = list[httpx2.Response](), ""
        folders = home / "certificates", home / "studio", home / "fonts"
        self._shelf = Shelf(self.artifacts, self.objects, clock, *folders, mark)
        self.given = Given(self.artifacts, Fetcher(Reach(inward=True)))
        self._rules = Rules(Consenting(self.consents, clock), Safety(None, home / "safety"))

    async def _take(self, request: httpx2.Request) -> httpx2.Response:
        """Draw a piece: its bytes say which it is; or look at a whole Scene, or answer a chat."""
        body = json.loads(request.content)
        if request.url.path == LOOK:
            self.looked.append(body)
            return httpx2.Response(self.verdict[0], json=self.verdict[1])
        if request.url.path == CHAT:
            self.chats.append((request.headers["idempotency-key"], body))
            return self.says.pop(0)
        self.asked.append(body)
        self.meet(len(self.asked))
        shot = "+".join(shot["id"] for shot in body["scene"]["shots"])
        name = f"{shot}:{body['span'][0]}+{body['span'][1]}"
        id_ = hashlib.sha256(name.encode() + request.headers["idempotency-key"].encode())
        request_id = f"req_{id_.hexdigest()[:20]}"
        kept = await self.keep(name.encode(), request_id)
        lines = {"progress": 0.5, "what": "frames"}, {"film": {"hash": kept}, "usage": USED}
        data = b"".join(b"data: %b\n\n" % json.dumps(one).encode() for one in lines)
        return httpx2.Response(200, content=data, headers={"x-request-id": request_id})

    async def keep(self, data: bytes, holder: str, media: str = "video/mp4") -> str:
        async def once() -> AsyncGenerator[bytes]:
            yield data

        put = self.artifacts.put
        return (await put(once(), media, holder=holder, project="web")).hash

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """A worker runs while the block lasts."""
        transport = httpx2.MockTransport(self._take)
        async with httpx2.AsyncClient(transport=transport) as client:
            door = Door(lambda: "http://here", client, clock=SystemClock())
            calls = Calls(self.artifacts, door)
            plan = partial(plan_for, calls, self.planner)
            drafting = Drafting(
                self._shelf, calls, self.studio, plan=plan, rules=self._rules, given=self.given
            )
            async with self.house.worker(Film(calls, drafting.run).kind):
                yield

    async def submit(
        self,
        scene: Scene | None = None,
        film: str = "film_1",
        *,
        finish: Finish = PLAIN,
        **ask: object,
    ) -> Job:
        told: dict[str, object] = {"model": "draft", "prompt": "", **ask}
        if scene is not None:
            told["scene"] = write_scene(scene)
        wanted = {"film": film, "until": now() + 10**9, "ask": told, DRAWN: True}
        return await self.house.submit(KIND, input={**wanted, FIELD: record.write(finish)})

    async def ended(
        self,
        scene: Scene | None = None,
        film: str = "film_1",
        *,
        finish: Finish = PLAIN,
        **ask: object,
    ) -> Job:
        async with self.working():
            return await self.house.ended(await self.submit(scene, film, finish=finish, **ask))

    async def text(self, hash_: str) -> str:
        found = await self.artifacts.look(hash_)
        return b"".join([part async for part in self.artifacts.open(found)]).decode()

    @property
    def drawn(self) -> list[str]:
        """The shots of each piece that was asked for."""
        return ["+".join(one["id"] for one in body["scene"]["shots"]) for body in self.asked]
