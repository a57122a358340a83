"""What an assistant asks between two streams is asked of the server, each time anew."""

from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import httpx2
import pytest
from mcp import MCPError
from mcp.client import Client
from mcp_types import TextContent

from seedbed.core.access import Scope
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import SystemClock
from seedbed.tools.mcp_relay import Relay
from tests.api.running import alive, build, make_key

pytestmark = pytest.mark.anyio

MODES = pytest.mark.parametrize("mode", ["auto", "legacy"])


@pytest.fixture
async def relay(home: Path) -> AsyncGenerator[Relay]:
    app = build({"echo": Scripted("echo", window=1000)}, home=home, clock=SystemClock())
    headers = {"authorization": f"Bearer {make_key(home, Scope.MODELS)}"}
    transport = httpx2.ASGITransport(app)
    async with alive(app):
        yield Relay("http://house", headers, partial(httpx2.AsyncClient, transport=transport))


@MODES
async def test_tools_are_listed_and_called_with_their_progress(relay: Relay, mode: str) -> None:
    heard: list[tuple[float, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        del total
        heard.append((progress, message))

    words = " ".join(["word"] * 40)
    async with Client(relay.server, mode=mode) as client:
        assert "ask_model" in {tool.name for tool in (await client.list_tools()).tools}
        wish = {"model": "echo", "prompt": words}
        result = await client.call_tool("ask_model", wish, progress_callback=hear)
        assert isinstance(result.content[0], TextContent)
        assert result.content[0].text == words
    assert heard == [(32, "writing")]


@MODES
async def test_the_servers_own_words_are_passed_on(relay: Relay, mode: str) -> None:
    async with Client(relay.server, mode=mode) as client:
        with pytest.raises(MCPError, match="There is no tool 'paint' here"):
            await client.call_tool("paint", {})


async def test_a_server_that_is_gone_is_told_and_may_come_back() -> None:
    relay = Relay("http://127.0.0.1:9", {}, httpx2.AsyncClient)
    async with Client(relay.server) as client:
        for _ in range(2):
            with pytest.raises(MCPError, match=r"No Seedbed server answers at http://127\.0\.0\.1"):
                await client.list_tools()
