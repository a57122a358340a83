"""Servers of tools in Responses: a real one on this machine, asked for by OpenAI's own client."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import AsyncOpenAI, OpenAI
from structlog.typing import EventDict

from seedbed.api.openai.responses.items import read_items
from seedbed.api.openai.responses.output import Style
from seedbed.api.openai.responses.said import messages
from seedbed.api.openai.responses.servers import Approval, ToolFilter, asks_for
from seedbed.api.openai.responses.walk import Walk
from seedbed.core.access import Scope
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.event import ToolPhase, ToolRan
from seedbed.core.message import Call, Part, Result, Text
from seedbed.core.value import changed
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock, SystemClock
from seedbed.store.database import Database
from seedbed.tools.remote import BOUNDS, Bounds, McpServer, Remote
from tests.api.openai.asking import past_of, read
from tests.api.running import House, alive, build, make_key, served
from tests.api.turns import Turns, guarded_server, use
from tests.tools.servers import HERE

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

DONE, FAILED = ToolPhase.DONE, ToolPhase.FAILED
SECRET = "a-word-that-nobody-else-knows"
PLACE = "https://tools.example/mcp"


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
) -> AsyncGenerator[AsyncOpenAI]:
    """OpenAI's client of a house with that one model."""
    app = build({"m": engine}, home=home, clock=clock, bounds=bounds)
    async with alive(app):
        house = House(app, make_key(home, Scope.MODELS), home, clock)
        async with AsyncOpenAI(
            base_url="http://house/v1", api_key=house.key, max_retries=0, http_client=house.client()
        ) as client:
            yield client


def kept_in(home: Path) -> bytes:
    """All that the database holds."""
    return b"".join(file.read_bytes() for file in home.glob("seedbed.db*"))


def tool(url: str, **fields: object) -> Any:
    return {"type": "mcp", "server_label": "adder", "server_url": url, **fields}


def free(url: str, **fields: object) -> Any:
    return tool(url, require_approval="never", **fields)


def parts(engine: Scripted, ask: int = -1) -> list[Part]:
    return [part for message in engine.asked[ask].messages for part in message.parts]


async def test_a_model_calls_a_tool_of_a_server_and_answers_with_what_it_brought(
    home: Path, clock: FakeClock, url: str
) -> None:
    engine = Turns([Text("Let me see."), use("add", a=1, b=2)], [Text("Three.")])
    async with asking(home, clock, engine) as client:
        tools = [free(url, allowed_tools=["add"])]
        answer = await client.responses.create(model="m", input="one and two", tools=tools)
    listed, thought, ran, said = answer.output
    assert (listed.type, thought.type, ran.type, said.type) == (
        *("mcp_list_tools", "message", "mcp_call", "message"),
    )
    assert listed.type == "mcp_list_tools"
    assert [(one.name, one.description) for one in listed.tools] == [("add", "It does add.")]
    assert ran.type == "mcp_call"
    assert (ran.server_label, ran.name, ran.arguments) == ("adder", "add", '{"a":1,"b":2}')
    assert (ran.output, ran.error, ran.status) == ("3", None, "completed")
    assert answer.output_text == "Let me see.Three."
    assert answer.status == "completed"
    assert [one.name for one in engine.asked[0].tools] == ["add"]


OURS: Any = {"type": "mcp", "server_label": "adder", "require_approval": "never"}


async def test_a_server_of_the_operator_s_is_called_by_its_label(
    home: Path, clock: FakeClock, url: str
) -> None:
    engine = Turns([use("add", a=1, b=2)], [Text("Three.")])
    ours = changed(HERE, programs={"adder": Remote(McpServer("adder", url), HERE)})
    async with asking(home, clock, engine, ours) as client:
        answer = await client.responses.create(model="m", input="?", tools=[OURS])
    assert [one.type for one in answer.output] == ["mcp_list_tools", "mcp_call", "message"]
    (told,) = answer.tools
    assert told.type == "mcp"
    assert (told.server_label, told.server_url) == ("adder", None)


async def test_a_label_that_nobody_set_up_is_no_server(home: Path, clock: FakeClock) -> None:
    async with asking(home, clock, Turns([Text("a")])) as client:
        with pytest.raises(openai.APIStatusError, match="none of that label") as refused:
            await client.responses.create(model="m", input="?", tools=[OURS])
    assert refused.value.status_code == 424


async def test_a_request_never_names_what_is_run(home: Path, clock: FakeClock) -> None:
    tool: Any = {**OURS, "command": "/bin/true", "arguments": []}
    async with asking(home, clock, Turns([Text("a")])) as client:
        with pytest.raises(openai.APIStatusError, match="none of that label"):
            await client.responses.create(model="m", input="?", tools=[tool])


async def test_a_stream_tells_each_step_in_the_vendor_s_order(
    home: Path, clock: FakeClock, url: str
) -> None:
    engine = Turns([use("add", a=1, b=2)], [use("fail")], [Text("Three.")])
    async with asking(home, clock, engine) as client:
        tools = [free(url, allowed_tools={"tool_names": ["add", "fail"]})]
        async with client.responses.stream(model="m", input="?", tools=tools) as stream:
            told = [event async for event in stream]
            answer = await stream.get_final_response()
    names = [event.type.removeprefix("response.") for event in told]
    call = ["mcp_call.in_progress", "mcp_call_arguments.delta", "mcp_call_arguments.done"]
    assert names[2:18] == [
        *("output_item.added", "mcp_list_tools.in_progress", "mcp_list_tools.completed"),
        *("output_item.done", "output_item.added", *call, "mcp_call.completed"),
        *("output_item.done", "output_item.added", *call, "mcp_call.failed", "output_item.done"),
    ]
    assert names[-1] == "completed"
    failed = answer.output[2]
    assert failed.type == "mcp_call"
    assert (failed.status, failed.output) == ("failed", None)
    assert failed.error is not None
    assert "It cannot be done." in str(failed.error)


def test_the_client_that_does_not_wait_is_streamed_the_same(home: Path, url: str) -> None:
    engine = Turns([use("add", a=1, b=2)], [Text("Three.")])
    app = build({"m": engine}, home=home, clock=SystemClock(), bounds=HERE)
    with (
        served(app) as house,
        OpenAI(base_url=f"{house}/v1", api_key=make_key(home, Scope.MODELS)) as client,
    ):
        told = list(client.responses.create(model="m", input="?", tools=[free(url)], stream=True))
    last = told[-1]
    assert last.type == "response.completed"
    assert [one.type for one in last.response.output][1:] == ["mcp_call", "message"]


async def test_a_call_waits_for_its_caller_s_word_and_is_made_once(
    home: Path, clock: FakeClock, url: str
) -> None:
    engine = Turns([use("add", a=1, b=2)], [Text("Three.")], [Text("Still.")])
    async with asking(home, clock, engine) as client:
        first = await client.responses.create(model="m", input="?", tools=[tool(url)])
        asked = first.output[-1]
        assert asked.type == "mcp_approval_request"
        assert (asked.server_label, asked.name) == ("adder", "add")
        word: Any = {"type": "mcp_approval_response", "approval_request_id": asked.id}
        second = await client.responses.create(
            model="m",
            input=[word | {"approve": True}],
            previous_response_id=first.id,
            tools=[tool(url)],
        )
        ran = second.output[1]
        assert ran.type == "mcp_call"
        assert (ran.approval_request_id, ran.output) == (asked.id, "3")
        third = await client.responses.create(
            model="m",
            input=[word | {"approve": True}],
            previous_response_id=second.id,
            tools=[tool(url)],
        )
        assert [one.type for one in third.output] == ["mcp_list_tools", "message"]
        replayed = [
            event.type
            async for event in await client.responses.retrieve(second.id, stream=True)
            if event.type.startswith("response.mcp")
        ]
        assert replayed[-1] == "response.mcp_call.completed"
    call, result = parts(engine)[1:3]
    assert isinstance(call, Call)
    assert isinstance(result, Result)
    assert (call.name, result.parts) == ("add", (Text("3"),))


async def test_what_waits_is_told_again_as_it_was(home: Path, clock: FakeClock, url: str) -> None:
    async with asking(home, clock, Turns([use("add", a=1, b=2)])) as client:
        answer = await client.responses.create(model="m", input="?", tools=[tool(url)])
        events = await client.responses.retrieve(answer.id, stream=True)
        items = [one.item async for one in events if one.type == "response.output_item.done"]
    assert [one.model_dump() for one in items] == [one.model_dump() for one in answer.output]


async def test_a_call_that_is_not_allowed_is_told_to_the_model(
    home: Path, clock: FakeClock, url: str
) -> None:
    engine = Turns([Text("As you wish.")])
    asked = {"type": "mcp_approval_request", "id": "mcpr_1", "server_label": "adder"}
    said: Any = [
        {"role": "user", "content": "?"},
        {"type": "mcp_list_tools", "id": "mcpl_1", "server_label": "adder", "tools": []},
        asked | {"name": "add", "arguments": "{}"},
        {
            "type": "mcp_approval_response",
            "approval_request_id": "mcpr_1",
            "approve": False,
            "reason": "Not now.",
        },
        {
            "type": "mcp_call",
            "id": "mcp_1",
            "server_label": "adder",
            "name": "a.b",
            "arguments": "{}",
            "error": {"type": "http_error", "code": 500, "message": "away"},
        },
    ]
    async with asking(home, clock, engine) as client:
        await client.responses.create(model="m", input=said, tools=[tool(url)])
    _, call, result, other, failed = parts(engine)
    assert isinstance(call, Call)
    assert isinstance(result, Result)
    assert isinstance(other, Call)
    assert isinstance(failed, Result)
    refusal = "The user does not allow this call. Not now."
    assert (call.name, result.parts, result.is_error) == ("add", (Text(refusal),), True)
    assert (other.name, failed.is_error) == ("a_b", True)


async def test_no_more_calls_are_made_than_the_caller_wants(
    home: Path, clock: FakeClock, url: str
) -> None:
    engine = Turns([use("add", a=1, b=2)], [use("add", a=3, b=4)], [Text("Three.")])
    async with asking(home, clock, engine) as client:
        answer = await client.responses.create(
            model="m", input="?", tools=[free(url)], max_tool_calls=1
        )
    assert [one.status for one in answer.output if one.type == "mcp_call"] == [
        *("completed", "failed"),
    ]


async def test_what_opens_a_server_reaches_it_and_nobody_else(
    home: Path,
    clock: FakeClock,
    url: str,
    seen: list[dict[bytes, bytes]],
    logged: list[EventDict],
) -> None:
    engine = Turns([use("add", a=1, b=2)], [Text("Three.")])
    opens = {"authorization": SECRET, "headers": {"x-also": SECRET}}
    async with asking(home, clock, engine) as client:
        tools = [free(f"{url}?key={SECRET}", **opens)]
        answer = await client.responses.create(model="m", input="?", tools=tools)
        kept = await client.responses.retrieve(answer.id)
    assert seen[-1][b"authorization"] == f"Bearer {SECRET}".encode()
    assert seen[-1][b"x-also"] == SECRET.encode()
    told = kept.tools[0]
    assert told.type == "mcp"
    assert (told.server_url, told.headers) == (f"{url.removesuffix('mcp')}<redacted>", None)
    assert SECRET not in answer.to_json() + kept.to_json() + str(logged)
    assert b"Three." in kept_in(home)
    assert SECRET.encode() not in kept_in(home)


async def test_a_server_in_our_own_network_is_refused_before_a_model_is_asked(
    home: Path, clock: FakeClock, url: str
) -> None:
    engine = Turns()
    async with asking(home, clock, engine, BOUNDS) as client:
        with pytest.raises(openai.APIStatusError, match="lies in this network") as caught:
            await client.responses.create(model="m", input="?", tools=[free(url)], stream=True)
    assert caught.value.status_code == 424
    assert caught.value.code == "tools_unreachable"
    assert engine.asked == []


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("connector_id", {"tools": [tool(PLACE, connector_id="connector_gmail")]}),
        ("tunnel_id", {"tools": [tool(PLACE, tunnel_id="t")]}),
        ("read_only", {"tools": [tool(PLACE, allowed_tools={"read_only": True})]}),
        ("read_only", {"tools": [tool(PLACE, require_approval={"never": {"read_only": True}})]}),
        ("background", {"tools": [tool(PLACE)], "background": True}),
    ],
)
def test_what_changes_the_meaning_is_refused_by_name(
    field: str, fields: dict[str, object], database: Database
) -> None:
    with pytest.raises(FieldUnserved, match=field):
        read(past_of(database), {"input": "?", **fields})


@pytest.mark.parametrize(
    ("why", "tools"),
    [
        ("server_label", [{"type": "mcp", "server_url": PLACE}]),
        ("label 'adder'", [tool(PLACE), tool(PLACE)]),
        ("authorization", [tool(PLACE, authorization=f"{SECRET}\n")]),
        ("headers", [tool(PLACE, headers={"a b": "c"})]),
    ],
)
def test_a_server_that_cannot_be_read_is_refused_without_its_secret(
    why: str, tools: object, database: Database
) -> None:
    with pytest.raises(RequestMalformed, match=why) as caught:
        read(past_of(database), {"input": "?", "tools": tools})
    assert SECRET not in str(caught.value)


async def test_a_word_on_what_nobody_asked_is_refused(
    home: Path, clock: FakeClock, url: str
) -> None:
    word: Any = {"type": "mcp_approval_response", "approval_request_id": "mcpr_9"}
    said: Any = [{"role": "user", "content": "?"}, word | {"approve": True}]
    async with asking(home, clock, Turns([Text("No.")])) as client:
        with pytest.raises(openai.BadRequestError, match="mcpr_9"):
            await client.responses.create(model="m", input=said, tools=[tool(url)])
        said[1]["approve"] = False
        with pytest.raises(openai.BadRequestError, match="mcpr_9"):
            await client.responses.create(model="m", input=said, tools=[tool(url)])
        await client.responses.create(model="m", input=said)  # nothing is called, and all is well


@given(st.lists(st.tuples(st.text(), st.sampled_from([DONE, FAILED]), st.text(min_size=1))))
def test_calls_that_are_told_mean_the_same_when_they_are_read(
    runs: list[tuple[str, ToolPhase, str]],
) -> None:
    walk, style = Walk(), Style("0123")
    for at, (arguments, phase, text) in enumerate(runs):
        begun = ToolRan(at, "adder", "a.b", arguments)
        walk.take(begun)
        said = {"output": text} if phase is DONE else {"error": text}
        walk.take(changed(begun, phase=phase, **said))
    told = messages(
        read_items([style.closed(item) for item in walk.items], field="input"), instructions=None
    )
    calls, results = told[::2], told[1::2]
    assert [one.parts[0] for one in calls] == [
        Call(f"mcp_{at}", "a_b", run[0]) for at, run in enumerate(runs)
    ]
    for one, (_, phase, text) in zip(results, runs, strict=True):
        (result,) = one.parts
        assert isinstance(result, Result)
        assert result.is_error is (phase is FAILED)
        assert phase is FAILED or result.parts == (Text(text),)


@pytest.mark.parametrize(
    ("approval", "asked"),
    [
        (None, "ab"),
        ("always", "ab"),
        ("never", ""),
        (Approval(), "ab"),
        (Approval(never=ToolFilter(["a"])), "b"),
        (Approval(always=ToolFilter(["a"])), "a"),
        (Approval(always=ToolFilter(["a"]), never=ToolFilter(["b"])), "a"),
    ],
)
def test_the_tools_that_need_a_word_are_those_that_the_caller_says(
    approval: Any, asked: str
) -> None:
    assert "".join(filter(asks_for(approval), "ab")) == asked
