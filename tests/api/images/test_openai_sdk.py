"""OpenAI's own client asks for pictures: whole, streamed, edited, by link, and in vain."""

import base64
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx2
import openai
import pytest
from openai import AsyncOpenAI, AsyncStream, OpenAI
from openai.types import ImageGenStreamEvent

from seedbed.core.access import Scope
from seedbed.core.ask import ImageAsk
from seedbed.core.money import Modality
from seedbed.engines.scripted_painter import ScriptedPainter
from seedbed.kit.clock import FakeClock
from seedbed.store.database import open_database
from seedbed.store.keys import Keys
from tests.api.images.painting import BROKE, size_of
from tests.api.running import Caller, House
from tests.kit.media.made import picture, repainted

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

GENERATIONS = "/v1/images/generations"
PNG, TWO, MASK = (picture(colour=colour) for colour in ("red", "green", "blue"))


@pytest.fixture
def client(house: House) -> AsyncOpenAI:
    return AsyncOpenAI(
        base_url="http://house/v1", api_key=house.key, http_client=house.client(), max_retries=0
    )


@pytest.fixture
def waiting(address: tuple[str, str]) -> Iterator[OpenAI]:
    """The client that blocks."""
    url, key = address
    with OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
        yield client


async def test_pictures_come_whole(client: AsyncOpenAI, house: House) -> None:
    told = await client.images.generate(
        model="painter", prompt="a red barn", n=2, size="64x32", quality="low"
    )
    assert told.data is not None
    assert [size_of(base64.b64decode(one.b64_json or "")) for one in told.data] == [(64, 32)] * 2
    assert (told.size, told.quality, told.output_format) == ("64x32", "low", "png")
    assert (told.background, told.created) == ("opaque", int(house.clock.wall()))
    assert told.usage is not None
    used = told.usage
    assert (used.input_tokens, used.output_tokens, used.total_tokens) == (3, 16, 19)
    assert told.model_extra is not None
    assert told.model_extra["seedbed"]["cost"] == "0.000000"


def test_pictures_come_to_one_who_blocks(waiting: OpenAI) -> None:
    told = waiting.images.generate(model="painter", prompt="a", size="32x32")
    assert told.data is not None
    assert size_of(base64.b64decode(told.data[0].b64_json or "")) == (32, 32)
    events = list(waiting.images.generate(model="painter", prompt="a", size="32x32", stream=True))
    assert [event.type for event in events] == ["image_generation.completed"]


async def test_under_a_name_of_the_vendors_that_meant_links_a_picture_is_told_by_one(
    client: AsyncOpenAI,
) -> None:
    told = await client.images.generate(model="dall-e-3", prompt="a", size="32x32")
    assert told.data is not None
    assert told.data[0].url is not None
    assert told.data[0].b64_json is None
    asked = await client.images.generate(
        model="dall-e-3", prompt="a", size="32x32", response_format="b64_json"
    )
    assert asked.data is not None
    assert asked.data[0].url is None


async def test_a_picture_is_seen_while_it_is_painted(client: AsyncOpenAI) -> None:
    stream = await client.images.generate(
        model="painter", prompt="a red barn", size="64x32", stream=True, partial_images=2
    )
    first, second, last = [event async for event in stream]
    assert first.type == second.type == "image_generation.partial_image"
    told = first.to_dict(), second.to_dict()
    assert [one["partial_image_index"] for one in told] == [0, 1]
    assert last.type == "image_generation.completed"
    assert size_of(base64.b64decode(last.b64_json)) == (64, 32)
    assert (last.size, last.output_format, last.quality) == ("64x32", "png", "auto")
    assert (last.usage.input_tokens, last.usage.output_tokens) == (3, 8)


async def test_each_picture_of_a_stream_tells_its_own_use(client: AsyncOpenAI) -> None:
    stream = await client.images.generate(
        model="painter", prompt="a red barn", size="64x32", stream=True, n=2
    )
    used = [event.usage async for event in stream if event.type == "image_generation.completed"]
    assert [(one.input_tokens, one.output_tokens) for one in used] == [(3, 8), (0, 8)]


async def test_a_picture_is_painted_anew(
    client: AsyncOpenAI, engines: dict[str, ScriptedPainter]
) -> None:
    told = await client.images.edit(
        model="painter", prompt="greener", image=[PNG, TWO], mask=MASK, size="32x32"
    )
    assert told.data is not None
    assert size_of(base64.b64decode(told.data[0].b64_json or "")) == (32, 32)
    stream = await client.images.edit(
        model="painter", prompt="x", image=PNG, size="32x32", stream=True, partial_images=1
    )
    kinds = [event.type async for event in stream]
    assert kinds == ["image_edit.partial_image", "image_edit.completed"]
    first, _ = engines["painter"].asked
    roles = {PNG: "base", TWO: "base", MASK: "mask"}
    assert first.refs == tuple(repainted(one, role=role) for one, role in roles.items())


async def test_a_link_opens_without_a_key(client: AsyncOpenAI, house: House) -> None:
    told = await client.images.generate(
        model="painter", prompt="a", size="32x32", response_format="url"
    )
    assert told.data is not None
    url = told.data[0].url
    assert url is not None
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(house.app)) as stranger:
        got, head = await stranger.get(url), await stranger.head(url)
        assert (got.status_code, got.headers["content-type"]) == (200, "image/png")
        assert size_of(got.content) == (32, 32)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(got.content))
        assert (await stranger.get(url.replace("signature=", "signature=0"))).status_code == 403
        assert (await stranger.get(url.partition("?")[0])).status_code == 401


async def test_what_another_project_has_painted_is_unknown(
    client: AsyncOpenAI, house: House, home: Path
) -> None:
    told = await client.images.generate(
        model="painter", prompt="a", size="32x32", response_format="url"
    )
    assert told.data is not None
    path = (told.data[0].url or "").partition("?")[0]
    database = open_database(home / "seedbed.db")
    scopes = frozenset({Scope.MODELS})
    _, key = Keys(database).create("other", user="v", project="q", scopes=scopes, now=1)
    database.close()
    async with house.client() as own, house.client(authorization=f"Bearer {key}") as other:
        assert (await own.get(path)).status_code == 200
        assert (await other.get(path)).status_code == 404


async def test_pictures_are_in_the_books_as_such(
    client: AsyncOpenAI, house: House, clock: FakeClock
) -> None:
    raw = await client.images.with_raw_response.generate(
        model="painter", prompt="a red barn", n=2, size="64x32"
    )
    with anyio.fail_after(20):
        while not (found := house.ledger.entries(last=1)):
            await clock.advance(1)
    (entry,) = found
    assert entry.request_id == raw.headers["x-request-id"]
    assert (entry.modality, entry.usage.images, entry.usage.output) == (Modality.IMAGE, 2, 16)


@pytest.mark.parametrize(
    ("options", "status", "param"),
    [
        ({"model": "nobody"}, 404, "model"),
        ({"model": "full"}, 429, None),
        ({"size": "9x9"}, 400, "size"),
        ({"n": 11}, 400, "n"),
        ({"output_format": "webp"}, 400, "output_format"),
        ({"background": "transparent"}, 400, "background"),
        ({"output_compression": 50}, 400, "output_compression"),
        ({"style": "natural"}, 400, "style"),
        ({"prompt": ""}, 400, "prompt"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_what_cannot_be_painted_is_a_status(
    client: AsyncOpenAI, options: dict[str, object], status: int, param: str | None, stream: bool
) -> None:
    asked = {"model": "painter", "prompt": "a", "size": "32x32", "stream": stream} | options
    with pytest.raises(openai.APIStatusError) as refused:
        await client.post(GENERATIONS.removeprefix("/v1"), cast_to=object, body=asked)
    assert refused.value.status_code == status
    assert isinstance(refused.value.body, dict)
    assert refused.value.body["param"] == param


async def test_where_nothing_came_about_it_is_told(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.APIStatusError, match="brush broke") as refused:
        await client.images.generate(model="broken", prompt="a", size="32x32")
    assert refused.value.status_code == 502
    stream = await client.images.generate(model="broken", prompt="a", size="32x32", stream=True)
    with pytest.raises(openai.APIError, match="brush broke"):
        _ = [event async for event in stream]


async def test_a_picture_that_failed_among_others_is_told_behind_them(client: AsyncOpenAI) -> None:
    told = await client.images.generate(model="torn", prompt="a", n=2, size="32x32")
    assert told.data is not None
    assert told.model_extra is not None
    assert len(told.data) == 1
    assert told.model_extra["seedbed"]["failed"] == [
        {"index": 0, "code": BROKE.code, "message": BROKE.what}
    ]
    stream = await client.images.generate(model="torn", prompt="a", n=2, size="32x32", stream=True)
    seen: list[str] = []
    with pytest.raises(openai.APIError, match="brush broke"):
        await _take(stream, seen)
    assert seen == ["image_generation.completed"]


@pytest.mark.parametrize(
    ("files", "param"), [({"mask": b"x"}, "image"), ({"image[]": b"x", "n": 2}, None)]
)
async def test_an_edit_needs_its_pictures(
    house: House, files: dict[str, object], param: str | None
) -> None:
    told = [(name, ("x.png", data)) for name, data in files.items() if isinstance(data, bytes)]
    if param is None:
        told *= 17
        param = "image"
    async with house.client() as client:
        answer = await client.post(
            "/v1/images/edits", data={"model": "painter", "prompt": "a"}, files=told
        )
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_a_body_that_is_no_form_is_refused(house: House) -> None:
    async with house.client() as client:
        answer = await client.post("/v1/images/edits", json={"model": "painter"})
        assert answer.status_code == 400
        assert "multipart/form-data" in answer.json()["error"]["message"]
        big = await client.post("/v1/images/edits", content=b"x" * ((32 << 20) + 1))
        assert big.status_code == 413


async def test_variations_are_not_served(client: AsyncOpenAI) -> None:
    with (
        pytest.raises(openai.APIStatusError, match="varies a picture") as refused,
        pytest.warns(DeprecationWarning, match="deprecated"),
    ):
        await client.images.create_variation(image=PNG)  # pyright: ignore[reportDeprecated]
    assert refused.value.status_code == 501


async def test_who_leaves_stops_the_work(house: House, engines: dict[str, ScriptedPainter]) -> None:
    body = b'{"model": "painter", "prompt": "a", "n": 10, "size": "32x32", "stream": true}'
    caller = Caller(body, key=house.key, path=GENERATIONS, leaves_after=2)
    await caller.ask(house.app)
    assert 1 <= engines["painter"].steps <= 3


async def test_what_is_asked_reaches_the_engine(
    house: House, engines: dict[str, ScriptedPainter]
) -> None:
    asked = {
        "model": "painter",
        "prompt": "a",
        "size": "32x32",
        "quality": "hd",
        "background": "opaque",
        "output_format": "png",
        "seed": 7,
        "user": "u",
        "moderation": "low",
        "style": "vivid",
        "mood": "bright",
        "partial_images": 2,
    }
    async with house.client() as client:
        assert (await client.post(GENERATIONS, json=asked)).status_code == 200
        await client.post(
            GENERATIONS, json={"model": "painter", "prompt": "a", "size": "auto", "seed": -1}
        )
    first, second = engines["painter"].asked
    wanted = ImageAsk("painter", "a", size=(32, 32), quality="hd", background="opaque")
    assert (first.quality, first.seed, first.format, first.previews) == ("hd", 7, "png", 0)
    assert (first.size, first.background) == (wanted.size, wanted.background)
    assert first.extra == {"openai": {"mood": "bright"}}
    assert (second.size, second.seed, second.quality) == (None, None, None)


async def test_the_same_key_paints_once(house: House, engines: dict[str, ScriptedPainter]) -> None:
    asked = {"model": "torn", "prompt": "a", "size": "32x32", "n": 2}
    async with house.client(**{"idempotency-key": "one"}) as client:
        first, second = [(await client.post(GENERATIONS, json=asked)).json() for _ in range(2)]
    assert first["data"] == second["data"]
    assert first["seedbed"] == second["seedbed"]
    assert len(engines["torn"].asked) == 1


async def _take(stream: AsyncStream[ImageGenStreamEvent], seen: list[str]) -> None:
    """What kinds of events come, as far as the stream goes."""
    async for event in stream:
        seen.append(event.type)  # noqa: PERF401 - those before a failure are wanted, too
