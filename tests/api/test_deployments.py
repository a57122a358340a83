"""What is deployed, for those who run the house."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from seedbed.core.access import Scope
from seedbed.core.ask import Ask
from seedbed.core.event import Event
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.kit.memory import LinuxGauge
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.residency import Residency
from seedbed.serving.resident import GRAPHICS, MAIN, Capacity
from tests.api.engines import Reader
from tests.api.running import WINDOW, Caller, House, alive, build, make_key

pytestmark = pytest.mark.anyio

DEPLOYMENTS = "/seedbed/deployments"
NOBODY = {"interactive": 0, "default": 0, "batch": 0}
UNKNOWN = {"read_tokens_per_second": 5000.0, "step_seconds": 0.02, "served": 0}
Opened = Callable[[], AbstractAsyncContextManager[House]]


@pytest.fixture
def opened(home: Path, clock: FakeClock) -> Opened:
    """A house of two models, one of them with a slash in its name, and an administrator's key."""

    @asynccontextmanager
    async def with_two() -> AsyncGenerator[House]:
        engines = {"m": Scripted("m", window=WINDOW), "maker/reader": Reader()}
        app = build(engines, home=home, clock=clock)
        async with alive(app):
            yield House(app, make_key(home, Scope.ADMIN), home, clock)

    return with_two


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was begun, since what runs in a test's own process is never loaded or unloaded."""
    begun: list[str] = []
    load, unload = LiveDeployment.load, LiveDeployment.unload

    def loading(live: LiveDeployment) -> None:
        begun.append(f"load {live.name}")
        load(live)

    async def unloading(live: LiveDeployment) -> None:
        begun.append(f"unload {live.name}")
        await unload(live)

    monkeypatch.setattr(LiveDeployment, "load", loading)
    monkeypatch.setattr(LiveDeployment, "unload", unloading)
    return begun


async def test_what_is_deployed_is_listed_with_how_it_fares(opened: Opened) -> None:
    async with opened() as house, house.client() as client:
        answer = await client.get(DEPLOYMENTS)
    assert answer.status_code == 200
    assert answer.json() == {
        "data": [
            {
                "name": "m@test",
                "model": "m",
                "engine": "scripted",
                "state": "ready",
                "progress": 1.0,
                "places": 1,
                "asked": 0,
                "waiting": NOBODY,
                "speed": UNKNOWN,
                "memory": {},
                "features": sorted(Scripted.features),
            },
            {
                "name": "maker/reader@test",
                "model": "maker/reader",
                "engine": "scripted",
                "state": "ready",
                "progress": 1.0,
                "places": 1,
                "asked": 0,
                "waiting": NOBODY,
                "speed": UNKNOWN,
                "memory": {},
                "features": ["embedding", "rerank"],
            },
        ]
    }


async def test_what_a_deployment_needs_of_memory_that_it_shares_is_told(
    opened: Opened, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = [Capacity(kind, 9e6, LinuxGauge()) for kind in (MAIN, GRAPHICS)]
    residency, init = Residency(*rooms, clock=clock), LiveDeployment.__init__

    def shares(live: LiveDeployment, *parts: Any, **named: Any) -> None:
        init(live, *parts, **named)
        live.residency = residency
        least = {MAIN: 5} | ({GRAPHICS: 7} if live.name == "m@test" else {})
        residency.add(live, model=live.name, setup="s", least=least)

    monkeypatch.setattr(LiveDeployment, "__init__", shares)
    async with opened() as house, house.client() as client:
        m, reader = (await client.get(DEPLOYMENTS)).json()["data"]
    known = {"is_measured": False, "may": 9_000_000}
    assert m["memory"] == {MAIN: {"needs": 5} | known, GRAPHICS: {"needs": 7} | known}
    assert reader["memory"] == {MAIN: {"needs": 5} | known}


class Patient(Scripted):
    """An engine that goes on only when it is told."""

    def __init__(self) -> None:
        super().__init__("m", window=WINDOW)
        self.waits, self.goes_on = anyio.Event(), anyio.Event()

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        self.waits.set()
        await self.goes_on.wait()
        async with aclosing(super().generate(ask)) as events:
            async for event in events:
                yield event


async def test_an_ask_that_is_under_way_is_counted(home: Path, clock: FakeClock) -> None:
    engine = Patient()
    app = build({"m": engine}, home=home, clock=clock)
    body = b'{"model": "m", "messages": [{"role": "user", "content": "hi"}]}'
    asked: list[int] = []
    async with alive(app):
        house = House(app, make_key(home, Scope.ADMIN), home, clock)
        async with house.client() as client:

            async def look() -> None:
                asked.append((await client.get(DEPLOYMENTS)).json()["data"][0]["asked"])

            async with anyio.create_task_group() as tasks:
                caller = Caller(body, key=house.key)
                tasks.start_soon(caller.ask, house.app)
                await engine.waits.wait()
                await look()
                engine.goes_on.set()
            await look()
    assert asked == [1, 0]


async def test_the_answer_does_not_wait_until_all_is_unloaded(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    drained, ended = anyio.Event(), list[str]()

    async def drains(live: LiveDeployment) -> None:
        await drained.wait()
        ended.append(live.name)

    monkeypatch.setattr(LiveDeployment, "unload", drains)
    async with opened() as house, anyio.create_task_group() as tasks:
        caller = Caller(b"", key=house.key, path=f"{DEPLOYMENTS}/m@test/unload", leaves_after=2)
        tasks.start_soon(caller.ask, house.app)
        await caller.left.wait()
        assert caller.sent[0]["status"] == 202
        assert "m@test" in caller.text
        assert ended == []
        drained.set()
    assert ended == ["m@test"]


@pytest.mark.parametrize("verb", ["load", "unload"])
@pytest.mark.parametrize("name", ["m@test", "maker/reader@test"])
async def test_loading_and_unloading_are_begun_and_the_deployment_is_told(
    opened: Opened, begun: list[str], verb: str, name: str
) -> None:
    async with opened() as house, house.client() as client:
        answer = await client.post(f"{DEPLOYMENTS}/{name}/{verb}")
    assert (answer.status_code, answer.json()["name"]) == (202, name)
    assert begun == [f"{verb} {name}"]


@pytest.mark.parametrize("verb", ["load", "unload"])
async def test_a_deployment_that_is_not_there_is_not_found_and_those_here_are_named(
    opened: Opened, begun: list[str], verb: str
) -> None:
    async with opened() as house, house.client() as client:
        answer = await client.post(f"{DEPLOYMENTS}/nope@test/{verb}")
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert error["code"] == "model_not_found"
    assert "m@test, maker/reader@test" in error["message"]
    assert begun == []


CALLS: list[tuple[str, str]] = [
    ("GET", DEPLOYMENTS),
    ("POST", f"{DEPLOYMENTS}/m@test/load"),
    ("POST", f"{DEPLOYMENTS}/m@test/unload"),
    ("POST", f"{DEPLOYMENTS}/nope@test/unload"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_it_is_for_administrators_alone(
    opened: Opened, begun: list[str], method: str, path: str
) -> None:
    async def ask(client: httpx2.AsyncClient) -> tuple[int, str]:
        answer = await client.request(method, path)
        return answer.status_code, answer.json()["error"]["code"]

    async with opened() as house:
        plain = make_key(house.home, Scope.MODELS, name="plain")
        async with house.client(authorization=f"Bearer {plain}") as client:
            assert await ask(client) == (403, "scope_missing")
        async with house.client(authorization="Bearer nobody") as client:
            assert await ask(client) == (401, "invalid_api_key")
    assert begun == []
