"""Servers of tools in messages: a real one on this machine, asked for by Anthropic's own client."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anthropic
import msgspec
import pytest
from anthropic import Anthropic, AsyncAnthropic
from hypothesis import given
from hypothesis import strategies as st
from structlog.typing import EventDict

from seedbed.api.anthropic import ran, wire
from seedbed.api.anthropic.blocks import Blocks
from seedbed.api.anthropic.seal import Sealer
from seedbed.api.anthropic.servers import offers
from seedbed.core.access import Scope
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.event import ToolPhase, ToolRan
from seedbed.core.message import Call, Part, Reasoning, Result, Text
from seedbed.core.value import changed
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock, SystemClock
from seedbed.tools.remote import BOUNDS, Bounds, McpServer, Remote
from tests.api.running import House, alive, build, make_key, served
from tests.api.turns import Turns, guarded_server, use
from tests.tools.servers import HERE

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

SECRET = "a-word-that-nobody-else-knows"
SAY: Any = [{"role": "user", "content": "one and two"}]
BETA = ["mcp-client-2025-11-20"]


@pytest.fixture(scope="module")
def seen() -> list[dict[bytes, bytes]]:
    return []


@pytest.fixture(scope="module")
def url(seen: list[dict[bytes, bytes]]) -> Iterator[str]:
    with guarded_server(seen) as url:
        yield url


@asynccontextmanager
async def asking(
    home: Path, clock: FakeClock, engine: Scripted, bounds: Bounds = HERE
) -> AsyncGenerator[AsyncAnthropic]:
    """Anthropic's client of a house with that one model."""
    app = build({"m": engine}, home=home, clock=clock, bounds=bounds)
    async with alive(app):
        house = House(app, make_key(home, Scope.MODELS), home, clock)
        async with AsyncAnthropic(
            base_url="http://house", api_key=house.key, max_retries=0, http_client=house.client()
        ) as client:
            yield client


def kept_in(home: Path) -> bytes:
    """All that the database holds."""
    return b"".join(file.read_bytes() for file in home.glob("seedbed.db*"))


def server(url: str, **fields: object) -> Any:
    return {"type": "url", "name": "adder", "url": url, **fields}


def toolset(**fields: object) -> Any:
    return {"type": "mcp_toolset", "mcp_server_name": "adder", **fields}


def wish(url: str, **fields: object) -> Any:
    return {
        "model": "m",
        "max_tokens": 50,
        "messages": SAY,
        "mcp_servers": [server(url)],
        "tools": [toolset()],
        "betas": BETA,
        **fields,
    }


def script() -> Turns:
    return Turns(
        [Reasoning("Hm."), Text("Let me see."), use("add", a=1, b=2)],
        [use("fail")],
        [Text("Three.")],
    )


async def test_a_server_of_the_operator_s_is_called_by_its_name(
    home: Path, clock: FakeClock, url: str
) -> None:
    ours = changed(HERE, programs={"adder": Remote(McpServer("adder", url), HERE)})
    named = {"type": "url", "name": "adder"}
    async with asking(home, clock, script(), ours) as client:
        answer = await client.beta.messages.create(**wish(url, mcp_servers=[named]))
    assert [block.type for block in answer.content] == BLOCKS


BLOCKS = ["thinking", "text", *["mcp_tool_use", "mcp_tool_result"] * 2, "text"]


async def test_a_model_calls_tools_of_a_server_and_answers_with_what_they_brought(
    home: Path, clock: FakeClock, url: str
) -> None:
    engine = script()
    async with asking(home, clock, engine) as client:
        answer = await client.beta.messages.create(**wish(url))
    assert [block.type for block in answer.content] == BLOCKS
    call, result, _, failed = answer.content[2:6]
    assert call.type == "mcp_tool_use"
    assert (call.server_name, call.name, call.input) == ("adder", "add", {"a": 1, "b": 2})
    assert result.type == failed.type == "mcp_tool_result"
    assert (result.tool_use_id, result.is_error) == (call.id, False)
    assert [block.text for block in result.content if not isinstance(block, str)] == ["3"]
    assert failed.is_error
    assert answer.stop_reason == "end_turn"


async def test_a_stream_tells_the_same_blocks(home: Path, clock: FakeClock, url: str) -> None:
    whole, streamed = home / "whole", home / "streamed"
    async with asking(whole, clock, script()) as client:
        answer = await client.beta.messages.create(**wish(url))
    async with (
        asking(streamed, clock, script()) as client,
        client.beta.messages.stream(**wish(url)) as stream,
    ):
        final = await stream.get_final_message()
    assert [told(block) for block in final.content] == [told(block) for block in answer.content]
    assert final.usage.output_tokens == answer.usage.output_tokens


def told(block: Any) -> object:
    """A block without the ids that are made anew for each request."""
    fields = block.model_dump(exclude_none=True)
    return {name: value for name, value in fields.items() if name not in {"id", "tool_use_id"}}


def test_the_client_that_does_not_wait_is_streamed_the_same(home: Path, url: str) -> None:
    app = build({"m": script()}, home=home, clock=SystemClock(), bounds=HERE)
    with (
        served(app) as house,
        Anthropic(base_url=house, api_key=make_key(home, Scope.MODELS)) as client,
        client.beta.messages.stream(**wish(url)) as stream,
    ):
        assert [block.type for block in stream.get_final_message().content] == BLOCKS


async def test_earlier_calls_are_told_to_the_model(home: Path, clock: FakeClock, url: str) -> None:
    engine = Turns([Text("Three.")])
    said: Any = [
        *SAY,
        {
            "role": "assistant",
            "content": [
                {"type": "mcp_tool_listing", "mcp_server_name": "adder", "tools": []},
                {
                    "type": "mcp_tool_use",
                    "id": "mcptoolu_1",
                    "name": "a.b",
                    "server_name": "adder",
                    "input": {},
                },
                {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "content": "3"},
                {"type": "text", "text": "So."},
            ],
        },
        *SAY,
    ]
    async with asking(home, clock, engine) as client:
        await client.beta.messages.create(**wish(url, messages=said))
    parts: list[Part] = [part for one in engine.asked[0].messages for part in one.parts]
    assert parts[1:4] == [
        Call("mcptoolu_1", "a_b", "{}"),
        Result("mcptoolu_1", (Text("3"),)),
        Text("So."),
    ]


async def test_what_opens_a_server_reaches_it_and_nobody_else(
    home: Path,
    clock: FakeClock,
    url: str,
    seen: list[dict[bytes, bytes]],
    logged: list[EventDict],
) -> None:
    servers = [server(url, authorization_token=SECRET)]
    async with asking(home, clock, script()) as client:
        answer = await client.beta.messages.create(**wish(url, mcp_servers=servers))
    assert seen[-1][b"authorization"] == f"Bearer {SECRET}".encode()
    assert SECRET not in answer.to_json() + str(logged)
    assert SECRET.encode() not in kept_in(home)


async def test_a_server_in_our_own_network_is_refused_before_a_model_is_asked(
    home: Path, clock: FakeClock, url: str
) -> None:
    engine = Turns()
    async with asking(home, clock, engine, BOUNDS) as client:
        with pytest.raises(anthropic.BadRequestError, match="lies in this network"):
            await client.beta.messages.create(**wish(url), stream=True)
    assert engine.asked == []


async def test_a_prompt_is_counted_without_asking_its_servers(home: Path, clock: FakeClock) -> None:
    async with asking(home, clock, Turns()) as client:
        counted = await client.beta.messages.count_tokens(
            model="m",
            messages=SAY,
            mcp_servers=[server("http://127.0.0.1:9/mcp")],
            tools=[toolset()],
            betas=["mcp-client-2025-11-20"],
        )
    assert counted.input_tokens > 0


@given(
    st.dictionaries(st.text(), st.integers() | st.text()),
    st.sampled_from([ToolPhase.DONE, ToolPhase.FAILED]),
    st.text(),
)
def test_a_call_that_is_told_means_the_same_when_it_is_read(
    arguments: dict[str, object], phase: ToolPhase, text: str
) -> None:
    raw = msgspec.json.encode(arguments).decode()
    event = ToolRan(0, "adder", "a.b", raw, output=text, error=text, phase=phase)
    told = [ran.used(event, "0123"), ran.brought(event, "0123")]
    blocks = msgspec.convert(told, list[wire.Block])
    call, result = Blocks(Sealer(b"secret")).parts(blocks, "content")
    assert call == Call("mcptoolu_01230000", "a_b", raw)
    failed = phase is ToolPhase.FAILED
    assert result == Result("mcptoolu_01230000", (Text(text),), is_error=failed)


def body(**fields: object) -> wire.CountBody:
    told = {"model": "m", "messages": SAY, "mcp_servers": [server("https://tools.example")]}
    return msgspec.convert(told | fields, wire.CountBody)


NAMES = ["add", "fail"]


@pytest.mark.parametrize(
    ("fields", "allowed"),
    [
        ({}, NAMES),
        ({"tools": [toolset()]}, NAMES),
        ({"tools": [toolset(configs={"add": {"enabled": False}})]}, ["fail"]),
        (
            {
                "tools": [
                    toolset(
                        default_config={"enabled": False},
                        configs={"add": {"enabled": True}, "fail": {"defer_loading": True}},
                    )
                ]
            },
            ["add"],
        ),
        ({"mcp_servers": [server("u", tool_configuration={"allowed_tools": ["add"]})]}, ["add"]),
        ({"mcp_servers": [server("u", tool_configuration={"enabled": False})]}, []),
        ({"mcp_servers": [server("u", tool_configuration={"enabled": True})]}, NAMES),
    ],
)
def test_the_tools_that_may_be_called_are_those_that_the_caller_says(
    fields: dict[str, object], allowed: list[str]
) -> None:
    (offer,) = offers(body(**fields), BOUNDS)
    held = offer.allowed
    assert [name for name in NAMES if held is None or name in held] == allowed


@pytest.mark.parametrize(
    ("why", "error", "fields"),
    [
        ("'shop'", RequestMalformed, {"tools": [toolset(mcp_server_name="shop")]}),
        ("two toolsets", RequestMalformed, {"tools": [toolset(), toolset()]}),
        ("mcp_server_name", RequestMalformed, {"tools": [{"type": "mcp_toolset"}]}),
        ("one name", RequestMalformed, {"mcp_servers": [server("u"), server("v")]}),
        (r"tools\[0\].tools", FieldUnserved, {"tools": [toolset(tools=[])]}),
    ],
)
def test_servers_that_do_not_fit_their_toolsets_are_refused(
    why: str, error: type[Exception], fields: dict[str, object]
) -> None:
    with pytest.raises(error, match=why):
        offers(body(**fields), BOUNDS)
