"""Pictures, films and passages by the tools of the house, asked for by the official client."""

import base64
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ImageContent, ResourceLink, TextContent
from PIL import Image, ImageDraw

from seedbed.core.access import Scope
from seedbed.engines.base import Engine
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import SystemClock
from tests.api.films.filming import Set, on_set
from tests.api.images.painting import painters, size_of
from tests.api.openai.vector_stores.reading import FIGS, HONEY, filled, house_of
from tests.api.running import House, alive, build, make_key
from tests.engines.drafting.editing.files import file_of
from tests.kit.media import hostile
from tests.kit.media.made import picture, repainted, uri
from tests.media.marked import RED, Beside

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

MODES = pytest.mark.parametrize("mode", ["auto", "legacy"])


@asynccontextmanager
async def assistant(house: House | Set, mode: str = "auto") -> AsyncGenerator[Client]:
    """The official client, with the house's key."""
    http = house.client() if isinstance(house, House) else house.http()
    async with http:
        way = streamable_http_client("http://house/mcp", http_client=http)
        async with Client(way, mode=mode) as client:
            yield client


@asynccontextmanager
async def painting(home: Path, engines: Mapping[str, Engine]) -> AsyncGenerator[House]:
    clock = SystemClock()
    app = build(engines, home=home, clock=clock, studio=Beside())
    async with alive(app):
        yield House(app, make_key(home, Scope.MODELS), home, clock)


def told(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def said(client: Client, name: str, **arguments: Any) -> Any:
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result
    return json.loads(told(result))


async def refused(client: Client, name: str, **arguments: Any) -> str:
    result = await client.call_tool(name, arguments)
    assert result.is_error
    return told(result)


@MODES
async def test_a_picture_is_given_as_it_is_and_by_a_link_that_needs_no_key(
    home: Path, mode: str
) -> None:
    async with painting(home, painters()) as house, assistant(house, mode) as client:
        wish = {"model": "painter", "prompt": "a field", "size": "64x32"}
        picture, link = (await client.call_tool("generate_image", wish)).content
        assert isinstance(picture, ImageContent)
        assert isinstance(link, ResourceLink)
        assert (picture.mime_type, link.mime_type) == ("image/png", "image/png")
        data = base64.b64decode(picture.data)
        assert size_of(data) == (64, 32)
        assert link.uri.startswith("http://house/seedbed/artifacts/")
        async with house.client() as http:
            del http.headers["authorization"]
            assert (await http.get(link.uri)).content == data
    (entry,) = house.ledger.entries(last=5)
    assert (entry.usage.images, entry.principal.project) == (1, "p")


async def test_a_picture_is_changed_where_a_mask_says(home: Path) -> None:
    engines = painters()
    async with painting(home, engines) as house, assistant(house) as client:
        wish = {"model": "painter", "prompt": "remove this", "size": "64x32"}
        shown = {"image": uri(picture()), "mask": uri(picture(colour="blue"))}
        await client.call_tool("generate_image", wish | shown)
    (ask,) = engines["painter"].asked
    assert ask.refs == (
        repainted(picture(), role="base"),
        repainted(picture(colour="blue"), role="mask"),
    )


@pytest.mark.slow
@pytest.mark.parametrize("place", ["image", "mask"])
async def test_no_bad_picture_is_changed_or_a_mask(home: Path, place: str) -> None:
    engines = painters()
    wish = {"model": "painter", "prompt": "remove this", "size": "64x32"}
    shown = {"image": uri(picture()), "mask": uri(picture())}
    async with painting(home, engines) as house, assistant(house) as client:
        for make in hostile.BAD_PICTURES.values():
            why = await refused(client, "generate_image", **wish, **shown | {place: uri(make())})
            assert "cannot be used: it " in why
            assert "/root/" not in why
    assert not engines["painter"].asked


async def test_a_picture_that_does_not_come_about_is_told_in_a_sentence(home: Path) -> None:
    async with painting(home, painters()) as house, assistant(house) as client:
        wish = {"model": "torn", "prompt": "a"}
        assert "its brush broke" in await refused(client, "generate_image", **wish)
        wish["model"] = "other"
        assert "'other'" in await refused(client, "generate_image", **wish)
        for size in ("a", "0x1", "99999x1"):
            wish["size"] = size
            assert "The arguments are model, prompt, size, image, mask." in await refused(
                client, "generate_image", **wish
            )


@MODES
async def test_what_is_marked_in_a_picture_comes_back_as_boxes(home: Path, mode: str) -> None:
    image = Image.new("RGB", (200, 100), "#ffffff")
    ImageDraw.Draw(image).rectangle((50, 20, 149, 79), outline=RED, width=5)
    async with painting(home, painters()) as house, assistant(house, mode) as client:
        packed = base64.b64encode(file_of(image)).decode()
        found = await said(client, "find_marks", image=f"data:image/png;base64,{packed}")
        why = await refused(client, "find_marks", image="file:///etc/passwd")
        assert "neither an http or https address nor a data URI" in why
        assert "The arguments are image." in await refused(client, "find_marks", image="")
        assert "'" + "1" * 64 + "'" in await refused(client, "find_marks", image="1" * 64)
    (area,) = found["regions"]
    assert (area["form"], area["named"], area["words"]) == ("box", "red", [])
    assert area["box"]["x"] == pytest.approx(0.25, abs=0.02)
    assert house.ledger.entries(last=5) == []


async def test_a_film_is_made_by_a_job_that_is_watched_to_its_end(home: Path) -> None:
    heard: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        del total, message
        heard.append(progress)

    async with on_set(home) as scene, assistant(scene) as client, scene.http() as http:
        wish = {"model": "films", "prompt": "a field", "seconds": 1, "size": "64x32"}
        begun = await said(client, "create_video", **wish)
        assert begun["state"] == "queued"
        async with scene.working():
            watched = await client.call_tool(
                "watch_job", {"job": begun["job"]}, progress_callback=hear
            )
        assert json.loads(told(watched))["state"] == "succeeded"
        film = (await http.get(f"/v1/videos/{begun['video']}")).json()
        assert (film["status"], film["size"], film["seconds"]) == ("completed", "64x32", "1")
        content = await http.get(f"/v1/videos/{begun['video']}/content")
        assert content.headers["content-type"] == "video/mp4"


async def test_what_makes_no_films_is_refused(home: Path) -> None:
    async with on_set(home) as scene, assistant(scene) as client:
        wish = {"model": "scripted", "prompt": "a"}
        assert "scripted" in await refused(client, "create_video", **wish)
        assert "'other'" in await refused(client, "create_video", **wish | {"model": "other"})
        assert "seconds" in await refused(client, "create_video", **wish | {"seconds": 61})


async def test_passages_are_found_in_a_store_and_paid(home: Path) -> None:
    clock = SystemClock()
    store = await filled(home, clock)
    app = house_of(Scripted("m", window=64), home, clock)
    house = House(app, make_key(home, Scope.MODELS), home, clock)
    async with alive(app), assistant(house) as client:
        wish = {"store": store.id, "query": "who makes honey?"}
        found = await client.call_tool("search_knowledge", wish)
        assert told(found) == f"[bees.txt]\n{HONEY}\n\n[apes.md]\n{FIGS}"
        found = await client.call_tool("search_knowledge", wish | {"max_results": 1})
        assert told(found) == f"[bees.txt]\n{HONEY}"
    assert [one.usage.input for one in house.ledger.entries(last=5)] == [1, 1]


async def test_a_store_of_another_project_is_unknown(home: Path) -> None:
    clock = SystemClock()
    theirs = await filled(home, clock, project="q")
    app = house_of(Scripted("m", window=64), home, clock)
    house = House(app, make_key(home, Scope.MODELS), home, clock)
    async with alive(app), assistant(house) as client:
        for id_ in (theirs.id, "vs_0"):
            wish = {"store": id_, "query": "honey"}
            assert repr(id_) in await refused(client, "search_knowledge", **wish)
        wish = {"store": "../a", "query": "honey"}
        assert "The arguments are" in await refused(client, "search_knowledge", **wish)
