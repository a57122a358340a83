"""`seedbed mcp`: the running server's tools between two streams, for an assistant."""

import os
import sys
from pathlib import Path

import pytest
from mcp import MCPError, StdioServerParameters
from mcp.client import Client
from mcp.client.stdio import stdio_client
from mcp_types import TextContent

from tests.cli.conftest import Seedbed

pytestmark = pytest.mark.anyio


def started(environment: dict[str, str]) -> StdioServerParameters:
    """The command as an assistant starts it, with the environment of this house alone."""
    own = {"PATH": os.environ["PATH"]} | environment
    return StdioServerParameters(command=sys.executable, args=["-m", "seedbed", "mcp"], env=own)


@pytest.mark.slow
@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_an_assistant_that_starts_it_calls_tools(
    environment: dict[str, str], mode: str
) -> None:
    heard: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        del total, message
        heard.append(progress)

    async with Client(stdio_client(started(environment)), mode=mode) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert "ask_model" in names
        wish = {"model": "scripted", "prompt": " ".join(["word"] * 40)}
        result = await client.call_tool("ask_model", wish, progress_callback=hear)
        assert isinstance(result.content[0], TextContent)
        assert result.content[0].text == wish["prompt"]
        assert heard == [32]
        with pytest.raises(MCPError, match="There is no tool 'paint' here"):
            await client.call_tool("paint", {})


@pytest.mark.usefixtures("server")
def test_it_ends_with_its_input_and_prints_nothing_of_its_own(seedbed: Seedbed) -> None:
    said = seedbed("mcp")
    assert (said.status, said.out) == (0, "")


def test_without_a_key_it_says_how_to_bring_one(seedbed: Seedbed) -> None:
    said = seedbed("mcp")
    assert said.status == 1
    assert "No API key was sent" in said.err


def test_without_a_server_it_does_not_begin(seedbed: Seedbed, home: Path) -> None:
    said = seedbed("mcp", SEEDBED_KEY="sk-any")
    assert said.status == 1
    assert "seedbed up" in said.err


@pytest.mark.usefixtures("server")
def test_a_key_that_the_server_does_not_take_is_told(seedbed: Seedbed) -> None:
    said = seedbed("mcp", SEEDBED_KEY="sk-of-another")
    assert said.status == 1
    assert "401" in said.err
