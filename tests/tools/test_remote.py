"""Servers of tools elsewhere: found, called, held to bounds, and never a danger to an answer."""

import sys
from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from seedbed.core.access import Principal
from seedbed.core.value import changed
from seedbed.tools.remote import Bounds, McpServer, Remote
from seedbed.tools.tool import Said, Toolbox, unheard
from tests.tools.servers import HERE, make_server, serving, tool_server

pytestmark = pytest.mark.anyio

WHO = Principal("u", "p", "k", frozenset())


@pytest.fixture(scope="module")
def seen() -> list[Any]:
    return []


@pytest.fixture(scope="module")
def url(seen: list[Any]) -> Iterator[str]:
    with tool_server(seen) as url:
        yield url


async def call(box: Toolbox, name: str, **arguments: object) -> Said:
    return await box.call(name, arguments, WHO, unheard)


async def test_its_tools_are_found_page_by_page_and_called(url: str, seen: list[Any]) -> None:
    heard: list[object] = []

    async def hear(done: float, total: float | None, note: str) -> None:
        heard.append((done, total, note))

    async with Remote(McpServer("adder", url), HERE).open(WHO) as box:
        assert box.fault == ""
        names = [tool.name for tool in box.tools]
        assert names == ["add", "fail", "odd.name", "long", "parts", "slow"]
        assert box.tools[0].description == "It does add."
        assert box.tools[0].schema["type"] == "object"
        said = await box.call("add", {"a": 1, "b": 2}, WHO, hear)
        assert (said.text, said.is_error) == ("3", False)
    assert heard == [(1, 2, "adding")]
    assert seen == [("add", {"a": 1, "b": 2})]


async def test_what_is_no_text_is_named_and_what_is_long_is_cut(url: str) -> None:
    bounds = changed(HERE, most_text=10)
    async with Remote(McpServer("adder", url), bounds).open(WHO) as box:
        assert (await call(box, "long", length=12)).text == (
            "xxxxxxxxxx\n[2 more characters are left out]"
        )
    async with Remote(McpServer("adder", url), HERE).open(WHO) as box:
        said = await call(box, "parts")
        assert said.text == "[image is not passed on]\n[a: file:///a]\nof b"
        assert (await call(box, "odd.name")).text == '{"sum": "é"}'
        said = await call(box, "fail")
        assert (said.text, said.is_error) == ("It cannot be done.", True)


@pytest.mark.parametrize("most", [2, 3])  # as many as a page has, or not
async def test_no_more_tools_are_taken_than_a_model_may_be_told_of(url: str, most: int) -> None:
    async with Remote(McpServer("adder", url), changed(HERE, most_tools=most)).open(WHO) as box:
        assert len(box.tools) == most


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/mcp", "http://localhost:1/mcp", "http://[::1]:1/mcp"]
)
async def test_a_caller_does_not_lead_us_into_our_own_network(address: str) -> None:
    async with Remote(McpServer("inward", address)).open(WHO) as box:
        assert box.tools == ()
        assert "this network" in box.fault
        said = await call(box, "add")
    assert said.is_error
    assert "'inward' failed" in said.text


async def test_every_address_of_a_name_is_looked_at() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        assert (host, port) == ("both.example", 443)
        return ["93.184.215.14", "10.0.0.1"]

    bounds = Bounds(resolve=resolve)
    async with Remote(McpServer("both", "https://both.example/mcp"), bounds).open(WHO) as box:
        assert box.fault == "both.example lies in this network, where callers do not lead us"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://127.0.0.1:9/mcp", "All connection attempts failed"),
        ("ftp://a.example/mcp", "is not an address"),
        ("nonsense", "is not an address"),
        ("http:///mcp", "is not an address"),
        ("http://a.example:port/mcp", "Invalid port"),
    ],
)
async def test_a_server_that_is_not_there_is_told(address: str, why: str) -> None:
    async with Remote(McpServer("gone", address), HERE).open(WHO) as box:
        assert why in box.fault


async def test_a_name_that_nobody_knows_is_told() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError(1, "no such name")

    bounds = changed(HERE, resolve=resolve)
    async with Remote(McpServer("gone", "http://a.example/mcp"), bounds).open(WHO) as box:
        assert box.fault == "a.example cannot be found: no such name"


async def elsewhere(_: Request) -> Response:
    return RedirectResponse("http://169.254.169.254/latest", 307)


async def endless(_: Request) -> Response:
    async def pieces() -> AsyncGenerator[bytes]:
        for _ in range(100):
            yield b" " * 1000

    return StreamingResponse(pieces(), media_type="application/json")


async def silent(_: Request) -> Response:
    await anyio.sleep(30)
    return PlainTextResponse("late")


async def broken(_: Request) -> Response:
    return PlainTextResponse("oops", 500)


async def no_json(_: Request) -> Response:
    return Response(b"{", media_type="application/json")


@pytest.fixture(scope="module")
def hostile() -> Iterator[str]:
    doors = [elsewhere, endless, silent, broken, no_json]
    routes = [Route(f"/{door.__name__}", door, methods=["POST"]) for door in doors]
    with serving(Starlette(routes=routes)) as url:
        yield url


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("elsewhere", "not followed"),
        ("endless", "more than 5,000 bytes"),
        ("silent", "did not answer within"),
        ("broken", "error response"),
        ("no_json", "parse"),
    ],
)
async def test_a_server_that_means_ill_does_no_harm(hostile: str, path: str, why: str) -> None:
    bounds = changed(HERE, most_bytes=5000, connect_seconds=0.5 if path == "silent" else 10)
    with anyio.fail_after(20):
        async with Remote(McpServer("ill", f"{hostile}/{path}"), bounds).open(WHO) as box:
            assert why in box.fault
            assert (await call(box, "add")).is_error


async def test_headers_go_to_the_server_alone() -> None:
    sent: list[str | None] = []

    async def look(request: Request) -> Response:
        sent.append(request.headers.get("authorization"))
        sent.append(request.headers.get("host"))
        return PlainTextResponse("no", 500)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    with serving(Starlette(routes=[Route("/", look, methods=["POST"])])) as url:
        port = url.rpartition(":")[2]
        server = McpServer("a", f"http://a.example:{port}/", {"authorization": "Bearer b"})
        async with Remote(server, changed(HERE, resolve=resolve)).open(WHO) as box:
            assert box.fault
    assert sent[:2] == ["Bearer b", f"a.example:{port}"]


@pytest.mark.slow
async def test_a_call_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    with tool_server() as url:
        bounds = changed(HERE, call_seconds=0.2)
        async with Remote(McpServer("adder", url), bounds).open(WHO) as box:
            said = await call(box, "slow")
    assert said.is_error


async def test_a_server_that_goes_away_in_between_is_told() -> None:
    with tool_server() as url:
        opened = Remote(McpServer("adder", url), HERE).open(WHO)
        box = await opened.__aenter__()
        assert box.tools
    said = await call(box, "add", a=1, b=1)
    assert said.is_error
    assert (await call(box, "add", a=1, b=1)).is_error
    await opened.__aexit__(None, None, None)


@pytest.mark.slow
async def test_an_older_server_is_spoken_to_and_left_where_it_does_not_let_go() -> None:
    inner = make_server().streamable_http_app()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        if scope.get("method") == "DELETE":
            await anyio.sleep_forever()
        if headers.get(b"mcp-protocol-version") == b"2026-07-28":
            scope = dict(scope) | {"path": "/nowhere"}  # so that it is taken for an older one
        await inner(scope, receive, send)

    with serving(app) as url:
        server = McpServer("held", f"{url}/mcp")
        with anyio.fail_after(20):
            async with Remote(server, changed(HERE, close_seconds=0.05)).open(WHO) as box:
                assert (await call(box, "add", a=1, b=2)).text == "3"


async def test_who_leaves_while_it_is_connected_leaves_nothing_behind(hostile: str) -> None:
    with anyio.move_on_after(0.2) as scope:
        async with Remote(McpServer("ill", f"{hostile}/silent"), HERE).open(WHO):
            pass
    assert scope.cancelled_caught


PROGRAM = """
import anyio
from mcp.server.stdio import stdio_server
from tests.tools.servers import make_server
async def main():
    server = make_server()
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
anyio.run(main)
"""


@pytest.mark.slow
async def test_a_command_that_the_operator_set_is_a_server_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = str(Path(__file__).parents[2])
    program = f"import sys; sys.path.insert(0, {root!r})\n{PROGRAM}"
    server = McpServer("here", command=(sys.executable, "-c", program))
    async with Remote(server, HERE).open(WHO) as box:
        assert (await call(box, "add", a=2, b=2)).text == "4"


@pytest.mark.slow
async def test_a_command_that_is_not_there_is_told() -> None:
    async with Remote(McpServer("here", command=("/nowhere/program",)), HERE).open(WHO) as box:
        assert "No such file" in box.fault
