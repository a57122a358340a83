"""The house as a server of tools: to the official client, in both of its ways, and to others."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest
from mcp import MCPError
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent

from seedbed.api.stopping import Stopping
from seedbed.core.access import Scope
from seedbed.core.message import Text
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import SystemClock
from tests.api.running import WINDOW, Caller, House, alive, build, make_key

pytestmark = pytest.mark.anyio


def house_of(home: Path, *scopes: Scope, stopping: Stopping | None = None) -> House:
    engines = {
        "echo": Scripted("echo", window=WINDOW),
        "long": Scripted("long", window=1000, script=[Text(" ".join(["word"] * 500))]),
    }
    clock = SystemClock()
    app = build(engines, home=home, clock=clock, stopping=stopping)
    return House(app, make_key(home, *(scopes or (Scope.MODELS,))), home, clock)


@pytest.fixture
async def house(home: Path) -> AsyncGenerator[House]:
    house = house_of(home)
    async with alive(house.app):
        yield house


@asynccontextmanager
async def client(house: House, mode: str = "auto", key: str = "") -> AsyncGenerator[Client]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with house.client(**headers) as http:
        way = streamable_http_client("http://house/mcp", http_client=http)
        async with Client(way, mode=mode) as client:
            yield client


async def said(client: Client, name: str, **arguments: Any) -> tuple[str, bool]:
    result = await client.call_tool(name, arguments)
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text, result.is_error


@pytest.mark.parametrize(("mode", "version"), [("auto", "2026-07-28"), ("legacy", "2025-11-25")])
async def test_the_official_client_finds_and_calls_tools(
    house: House, mode: str, version: str
) -> None:
    async with client(house, mode) as asked:
        assert asked.protocol_version == version
        assert asked.server_info
        assert asked.server_info.name == "seedbed"
        tools = {tool.name: tool for tool in (await asked.list_tools()).tools}
        assert set(tools) == {
            *("ask_model", "create_video", "embed_texts", "find_marks", "generate_image"),
            *("list_models", "search_knowledge", "submit_batch", "watch_job"),
        }
        assert tools["ask_model"].input_schema["required"] == ["model", "prompt"]
        assert await said(asked, "ask_model", model="echo", prompt="a b c") == ("a b c", False)
        models = json.loads((await said(asked, "list_models"))[0])
        assert [model["model"] for model in models] == ["echo", "long"]


async def test_what_goes_wrong_is_told_to_the_model_and_an_unknown_tool_to_the_client(
    house: House,
) -> None:
    async with client(house) as asked:
        text, is_error = await said(asked, "ask_model", model="echo")
        assert is_error
        assert "missing required field `prompt`" in text
        assert "The arguments are model, prompt, system, max_tokens, temperature." in text
        text, is_error = await said(asked, "ask_model", model="other", prompt="a")
        assert is_error
        assert "'other'" in text
        with pytest.raises(MCPError, match="There is no tool 'paint' here"):
            await asked.call_tool("paint", {})


async def test_what_is_asked_is_paid_by_the_key(home: Path) -> None:
    house = house_of(home)
    async with alive(house.app), client(house) as asked:
        await said(asked, "ask_model", model="echo", prompt="a b c", system="d", max_tokens=2)
    (entry,) = house.ledger.entries(last=5)
    assert (entry.usage.input, entry.usage.output) == (6, 2)
    assert (entry.principal.user, entry.principal.project) == ("u", "p")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_how_far_an_answer_is_is_told_on_the_way(house: House, mode: str) -> None:
    heard: list[tuple[float, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        assert total is None
        heard.append((progress, message))

    async with client(house, mode) as asked:
        wish = {"model": "long", "prompt": "go"}
        await asked.call_tool("ask_model", wish, progress_callback=hear)
    assert heard[:2] == [(32, "writing"), (64, "writing")]
    assert len(heard) == 15


async def test_keys_are_those_of_the_other_doors(house: House, home: Path) -> None:
    without = make_key(home, Scope.METRICS, name="m")
    async with house.client() as http:
        for key, status in (("sk-of-another-house", 401), (without, 403)):
            headers = {"authorization": f"Bearer {key}"}
            assert (await http.post("/mcp", json={}, headers=headers)).status_code == status
    with pytest.raises(ExceptionGroup) as refused:
        async with client(house, key="sk-of-another-house"):
            pass
    assert refused.group_contains(MCPError, match="is not known here")


async def test_a_refusal_is_json_rpc_with_the_status_of_the_other_doors(house: House) -> None:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(house.app), base_url="http://house"
    ) as http:
        answer = await http.post("/mcp", json={})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["x-request-id"].startswith("req_")
        told = answer.json()
        assert (told["jsonrpc"], told["id"]) == ("2.0", None)
        assert told["error"]["data"] == {"code": "key_missing"}
        answer = await http.get("/mcp")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 400), (b"[" * 100_000, 400), (b" " * (5 << 20), 413)],
)
async def test_what_is_no_message_is_refused(house: House, body: bytes, status: int) -> None:
    headers = {
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2026-07-28",
    }
    async with house.client() as http:
        assert (await http.post("/mcp", content=body, headers=headers)).status_code == status


def _call(key: str, version: str, **leaves: Any) -> Caller:
    """A call of a tool with progress, by a client that does what none of the library's does."""
    meta: dict[str, object] = {"progressToken": 1}
    if version == "2026-07-28":
        meta |= {
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    wish = {"name": "ask_model", "arguments": {"model": "long", "prompt": "go"}, "_meta": meta}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": wish}
    caller = Caller(json.dumps(body).encode(), key=key, path="/mcp", **leaves)
    caller.scope["headers"] = [
        *caller.scope["headers"],
        (b"content-type", b"application/json"),
        (b"accept", b"application/json, text/event-stream"),
        (b"mcp-protocol-version", version.encode()),
        (b"mcp-method", b"tools/call"),
        (b"mcp-name", b"ask_model"),
    ]
    caller.scope.update({"query_string": b"", "http_version": "1.1", "scheme": "http"})
    caller.scope.update({"server": ("house", 80), "client": ("127.0.0.1", 1), "root_path": ""})
    return caller


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
async def test_a_client_that_leaves_stops_the_model(home: Path, version: str) -> None:
    engine = Scripted("long", window=1000, script=[Text(" ".join(["word"] * 500))])
    app = build({"long": engine}, home=home, clock=SystemClock())
    key = make_key(home, Scope.MODELS)
    async with alive(app):
        caller = _call(key, version, leaves_after=2)
        with anyio.fail_after(20):
            await caller.ask(app)
    assert "notifications/progress" in caller.text
    assert 32 <= engine.steps < 200


async def test_a_server_that_ends_cuts_a_call_off_and_says_so_where_it_can(home: Path) -> None:
    stopping = Stopping()
    house = house_of(home, stopping=stopping)
    async with alive(house.app), house.client() as http, anyio.create_task_group() as tasks:

        async def stop() -> None:
            while not stopping.under_way:
                await anyio.lowlevel.checkpoint()
            stopping.cut()

        tasks.start_soon(stop)
        answer = await http.post("/mcp", json={})  # which waits for what speaks the protocol
        assert answer.status_code == 503
        assert answer.json()["error"]["data"] == {"code": "server_stopping"}


async def test_a_stream_that_had_begun_is_cut_without_an_end(home: Path) -> None:
    stopping = Stopping()
    house = house_of(home, stopping=stopping)
    async with alive(house.app):
        caller = _call(house.key, "2026-07-28")
        send = caller.send

        async def cut(message: Any) -> None:
            await send(message)
            if b"progress" in message.get("body", b""):
                stopping.cut()

        with anyio.fail_after(20):
            await house.app(caller.scope, caller.receive, cut)
    assert "notifications/progress" in caller.text
    assert '"result"' not in caller.text
