"""The drawing process, with somebody in the draftsman's place."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import cast

import cv2
import msgspec
import pytest

from seedbed.core.errors import RequestMalformed, SceneMalformed, SceneUndrawable, SeedbedError
from seedbed.engines.drafting.draftsman import Draftsman, Tell
from seedbed.engines.drafting.wire import LINES, Begun, Broken, Drawn, Line, Order, Wrong
from seedbed.engines.workers import draft
from seedbed.engines.workers.draft import Worker

pytestmark = pytest.mark.anyio
ORDER = msgspec.json.encode(Order(key="k", prompt="a fox")) + b"\n"
BEGUN = Begun({}, (), 1)


class Someone:
    """Draws as a test wants it, and tells of each frame that it drew."""

    def __init__(self, work: Callable[[Tell], None]) -> None:
        self.prompts, self._work = list[str](), work
        self.ended = threading.Event()

    def draw(self, order: Order, tell: Tell) -> None:
        self.prompts.append(order.prompt)
        try:
            self._work(tell)
        finally:
            self.ended.set()


@asynccontextmanager
async def working(
    someone: Someone, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[tuple[str, int]]:
    """The process's worker in this process; gives where it listens."""
    greeted: asyncio.Future[tuple[str, int]] = asyncio.get_running_loop().create_future()

    def greet(*, host: str, port: str) -> None:
        greeted.set_result((host, int(port)))

    monkeypatch.setattr(draft, "greet", greet)
    worker = Worker(cast("Draftsman", someone), places=1, key="k")
    serving = asyncio.create_task(worker.serve())
    yield await greeted
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def said(place: tuple[str, int], order: bytes) -> list[Line]:
    """What comes back until the other end closes."""
    reader, writer = await asyncio.open_connection(*place)
    writer.write(order)
    told = await reader.read()
    writer.close()
    return [LINES.decode(line) for line in told.splitlines()]


async def test_what_the_draftsman_tells_comes_in_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(tell: Tell) -> None:
        tell(BEGUN)
        tell(Drawn(1))

    async with working(someone := Someone(work), monkeypatch) as place:
        assert await said(place, ORDER) == [BEGUN, Drawn(1)]
    assert someone.prompts == ["a fox"]


def failing(error: Exception) -> Callable[[Tell], None]:
    def work(tell: Tell) -> None:
        tell(BEGUN)
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SceneUndrawable("shots[0]", why="no", hint="Do."), Wrong("shots[0]", "no", "Do.")),
        (
            SceneMalformed("canvas", why="no."),
            Wrong("canvas", "no.", SceneMalformed("canvas", why="no.").hint),
        ),
        (
            RequestMalformed("It is none.", hint="Do.", field="span"),
            Wrong("", "It is none.", "Do.", "span"),
        ),
        (KeyError("a"), Broken("KeyError: 'a'")),
        (cv2.error("no"), Broken("error: no")),
    ],
)
async def test_what_goes_wrong_ends_one_order(
    error: SeedbedError, told: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with working(Someone(failing(error)), monkeypatch) as place:
        assert await said(place, ORDER) == [BEGUN, told]
        assert await said(place, ORDER) == [BEGUN, told]


@pytest.mark.parametrize("order", [b'{"key": "another"}\n', b"GET / HTTP/1.1\n", b"", b"{}\n"])
async def test_whoever_does_not_know_the_key_is_not_answered(
    order: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with working(someone := Someone(lambda _: None), monkeypatch) as place:
        reader, writer = await asyncio.open_connection(*place)
        writer.write(order)
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
    assert not someone.prompts


@pytest.mark.parametrize("error", [None, KeyError("a")])
async def test_who_leaves_ends_the_work_at_a_frame(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, drawn = threading.Event(), list[int]()

    def work(tell: Tell) -> None:
        tell(BEGUN)
        left.wait(30)
        if error is not None:
            raise error
        while True:
            drawn.append(1)
            tell(Drawn(len(drawn)))

    async with working(someone := Someone(work), monkeypatch) as place:
        reader, writer = await asyncio.open_connection(*place)
        writer.write(ORDER)
        await reader.readline()
        writer.close()
        await writer.wait_closed()
        left.set()
        await asyncio.to_thread(someone.ended.wait, 30)
    assert someone.ended.is_set()
    assert len(drawn) < 10
