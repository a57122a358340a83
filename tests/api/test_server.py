"""The server's life: what it looks at, and how it ends. In one process, without a signal."""

import asyncio
import resource
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.typing import EventDict

from seedbed.api.limits import Limits
from seedbed.api.openai.write import problem
from seedbed.api.server import Server, make_server, room_for
from seedbed.api.stopping import STOPPED, Stopping
from seedbed.kit.interrupt import Interrupt
from tests.api.wires import GET

pytestmark = pytest.mark.anyio


class Slow:
    """An application whose answers wait until they are let, or cut off."""

    def __init__(self, stopping: Stopping) -> None:
        self.stopping = stopping
        self.asked, self.lets = asyncio.Event(), asyncio.Event()
        self.cut: list[str | None] = []
        self.heeds = True
        self.has_ended = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
            self.has_ended = True
            return
        async with Interrupt() as interrupt:
            if self.heeds:
                self.stopping.under_way.add(interrupt)
            self.asked.set()
            try:
                await self.lets.wait()
            finally:
                self.stopping.under_way.discard(interrupt)
        self.cut.append(interrupt.reason)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"told"})


@asynccontextmanager
async def standing(
    app: ASGIApp, stopping: Stopping, *, grace: float
) -> AsyncGenerator[tuple[Server, int]]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = make_server(app, limits=Limits(), problem=problem, stopping=stopping, grace=grace)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield server, listening.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def slow() -> Slow:
    return Slow(Stopping())


async def asked(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET)
    return reader, writer


async def test_an_answer_under_way_is_finished_and_idle_callers_are_sent_away(slow: Slow) -> None:
    async with standing(slow, slow.stopping, grace=60) as (server, port):
        idle, other = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = await asked(port)
        await slow.asked.wait()
        server.should_exit = True
        assert await idle.read() == b""
        assert slow.stopping.trouble == {"server": "stopping"}
        slow.lets.set()
        assert (await reader.read()).endswith(b"told\r\n0\r\n\r\n")
    other.close()
    writer.close()
    assert slow.cut == [None]
    assert slow.has_ended


async def test_an_answer_that_takes_longer_than_the_grace_is_cut_off(
    slow: Slow, logged: list[EventDict]
) -> None:
    async with standing(slow, slow.stopping, grace=0) as (server, port):
        reader, writer = await asked(port)
        await slow.asked.wait()
        server.should_exit = True
        assert b"told" in await reader.read()
    writer.close()
    assert slow.cut == [STOPPED]
    assert slow.has_ended
    assert [line["answers"] for line in logged if line["event"] == "answers.cut"] == [1]


@pytest.mark.slow
async def test_while_answers_are_finished_their_callers_are_looked_at_each_second(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = asyncio.Queue[Server]()

    def look(self: Server) -> None:
        looks.put_nowait(self)

    monkeypatch.setattr(Server, "_look", look)
    async with standing(slow, slow.stopping, grace=1.5) as (server, port):
        _, writer = await asked(port)
        await slow.asked.wait()
        while not looks.empty():
            looks.get_nowait()
        server.should_exit = True
        with anyio.fail_after(60):
            for _ in range(2):
                await looks.get()
        slow.lets.set()
    writer.close()


async def test_work_that_heeds_nobody_is_cancelled_at_last(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedbed.api.server._SETTLING_LOOKS", 1)
    slow.heeds = False
    async with standing(slow, slow.stopping, grace=0) as (server, port):
        reader, writer = await asked(port)
        await slow.asked.wait()
        server.should_exit = True
        assert b"told" not in await reader.read()
    writer.close()
    assert slow.cut == []
    assert slow.has_ended


async def test_a_connection_that_is_overdue_is_found_by_the_look_of_each_second(
    slow: Slow,
) -> None:
    async with standing(slow, slow.stopping, grace=0) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while not server.server_state.connections:
            await asyncio.sleep(0)
        (connection,) = server.held
        await server.on_tick(0)
        assert not connection.transport.is_closing()
        connection.due = 0
        await server.on_tick(1)
        assert not connection.transport.is_closing()
        await server.on_tick(10)
        assert await reader.read() == b""
    writer.close()


async def test_the_first_signal_ends_and_the_second_takes_the_patience_away(slow: Slow) -> None:
    server = make_server(slow, limits=Limits(), problem=problem, stopping=slow.stopping, grace=9)
    assert slow.stopping.trouble == {}
    server.handle_exit(signal.SIGTERM, None)
    assert (server.should_exit, server.force_exit, slow.stopping.is_begun) == (True, False, True)
    server.handle_exit(signal.SIGTERM, None)
    assert server.force_exit


@pytest.mark.parametrize(
    ("limits", "wanted", "room", "raised"),
    [
        ((1024, 20_000), 10_000, 10_000, [(20_000, 20_000)]),
        ((1024, 1024), 10_000, 768, []),
        ((1024, 1024), 768, 768, []),
        ((64, 64), 10_000, 1, []),
        ((1024, resource.RLIM_INFINITY), 744, 744, []),
        ((1024, resource.RLIM_INFINITY), 9_744, 9_744, [(10_000, resource.RLIM_INFINITY)]),
    ],
)
async def test_the_machine_is_asked_for_as_many_files_as_it_has(
    monkeypatch: pytest.MonkeyPatch,
    logged: list[EventDict],
    limits: tuple[int, int],
    wanted: int,
    room: int,
    raised: list[tuple[int, int]],
) -> None:
    set_to: list[tuple[int, int]] = []

    def has(_: int) -> tuple[int, int]:
        return limits

    def raises(_: int, both: tuple[int, int]) -> None:
        set_to.append(both)

    monkeypatch.setattr("resource.getrlimit", has)
    monkeypatch.setattr("resource.setrlimit", raises)
    assert room_for(wanted) == room
    assert set_to == raised
    assert bool(logged) == (room < wanted)
