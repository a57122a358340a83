"""The vendor's own clients ask for pictures, Volcengine's and BytePlus's, and OpenAI's there."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any

import httpx2
import pytest
from openai import OpenAI

from seedbed.core.ask import ImageAsk
from seedbed.engines.scripted_painter import ScriptedPainter
from seedbed.kit.sse import Parser
from tests.api.ark.vendor import BYTEPLUS, RAISED, VOLCENGINE
from tests.api.images.painting import size_of
from tests.api.running import House
from tests.kit.media.made import picture, repainted, uri

pytestmark = pytest.mark.usefixtures("logged")

PATH = "/api/v3/images/generations"
RED, BLUE = (picture(colour=colour) for colour in ("red", "blue"))
OPTIONS: Any = import_module("volcenginesdkarkruntime.types.images")
TWO = OPTIONS.SequentialImageGenerationOptions(max_images=2)


@pytest.fixture(params=[VOLCENGINE.Ark, BYTEPLUS.Ark])
def client(address: tuple[str, str], request: pytest.FixtureRequest) -> Iterator[Any]:
    url, key = address
    with request.param(base_url=f"{url}/api/v3", api_key=key, max_retries=0) as client:
        yield client


def test_a_picture_is_a_link_to_it(client: Any) -> None:
    told = client.images.generate(
        model="painter", prompt="a red barn", size="64x32", watermark=False, seed=-1
    )
    (one,) = told.data
    assert (told.model, one.size, one.output_format) == ("painter", "64x32", "png")
    assert told.created == told.created_at > 0
    used = told.usage
    assert (used.generated_images, used.output_tokens, used.total_tokens) == (1, 8, 8)
    assert used.input_images is None
    got = httpx2.get(one.url)
    assert (got.status_code, got.headers["content-type"]) == (200, "image/png")
    assert size_of(got.content) == (64, 32)
    assert httpx2.head(one.url).status_code == 200


def test_several_pictures_come_one_by_one(client: Any) -> None:
    stream = client.images.generate(
        model="painter",
        prompt="spring\nsummer\nautumn",
        size="64x32",
        response_format="b64_json",
        sequential_image_generation="auto",
        sequential_image_generation_options=TWO,
        stream=True,
    )
    *pictures, last = list(stream)
    assert [one.type for one in pictures] == ["image_generation.partial_succeeded"] * 2
    assert [one.image_index for one in pictures] == [0, 1]
    assert [size_of(base64.b64decode(one.b64_json)) for one in pictures] == [(64, 32)] * 2
    assert last.type == "image_generation.completed"
    used: Any = last.usage  # the client makes of all three events what it makes of the first
    assert (used["generated_images"], used["output_tokens"]) == (2, 16)
    assert last.created == last.created_at


def test_a_failure_comes_behind_all_successes(client: Any) -> None:
    asked: dict[str, Any] = {
        "model": "torn",
        "prompt": "spring\nsummer\nautumn",
        "size": "64x32",
        "sequential_image_generation": "auto",
    }
    seen: list[int] = []
    with pytest.raises(Exception, match="brush broke") as caught:
        seen.extend(one.image_index for one in client.images.generate(**asked, stream=True))
    assert type(caught.value).__name__ == "ArkAPIError"
    told = client.images.generate(**asked)
    assert seen == [1, 2]
    failed, *painted = told.data
    assert failed.error["code"] == "InternalServiceError"
    assert all(one.url for one in painted)
    assert told.usage.generated_images == 2


@pytest.mark.anyio
async def test_what_failed_stands_between_the_pictures_and_the_end(house: House) -> None:
    asked = {"model": "torn", "prompt": "a\nb", "size": "64x32", "stream": True}
    async with house.client() as client:
        answer = await client.post(PATH, json=asked | {"sequential_image_generation": "auto"})
    assert b"id:" not in answer.content
    names = [line.removeprefix("event: ") for line in answer.text.split("\n") if "event:" in line]
    kinds = ["partial_succeeded", "partial_failed", "completed"]
    assert names == [f"image_generation.{kind}" for kind in kinds]
    assert Parser().feed(answer.content)[-1] == b"[DONE]"


@pytest.mark.anyio
async def test_pictures_come_to_one_who_does_not_block(address: tuple[str, str]) -> None:
    url, key = address
    client: Any = VOLCENGINE.AsyncArk(base_url=f"{url}/api/v3", api_key=key, max_retries=0)
    async with client:
        told = await client.images.generate(model="painter", prompt="a", size="64x32")
        assert told.usage.generated_images == 1
        stream = await client.images.generate(
            model="painter", prompt="a", size="64x32", stream=True
        )
        assert [one.type async for one in stream] == [
            "image_generation.partial_succeeded",
            "image_generation.completed",
        ]


def test_openai_s_client_at_this_path_is_streamed_its_own_events(
    address: tuple[str, str],
) -> None:
    url, key = address
    with OpenAI(base_url=f"{url}/api/v3", api_key=key, max_retries=0) as client:
        first, last = client.images.generate(
            model="painter",
            prompt="a",
            size="64x32",
            stream=True,
            partial_images=1,
            response_format="b64_json",
            extra_body={"watermark": True},
        )
        told = client.images.generate(model="painter", prompt="a", size="1K", n=2)
    assert first.type == "image_generation.partial_image"
    assert last.type == "image_generation.completed"
    assert size_of(base64.b64decode(last.b64_json)) == (64, 32)
    assert told.data is not None
    assert [size_of(httpx2.get(one.url or "").content) for one in told.data] == [(1_024, 1_024)] * 2


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"model": "nobody"}, 404, "InvalidEndpointOrModel.NotFound"),
        ({"model": "full"}, 429, "ServerOverloaded"),
        ({"size": "9x9"}, 400, "InvalidParameter.size"),
        ({"size": "5K"}, 400, "InvalidParameter.size"),
        ({"output_format": "jpeg"}, 400, "InvalidParameter.UnsupportedParameter"),
        ({"layer_decomposition": True}, 400, "InvalidParameter.UnsupportedParameter"),
        ({"guidance_scale": 11}, 400, "InvalidParameter.guidance_scale"),
    ],
)
def test_what_cannot_be_painted_is_an_error_in_the_vendor_s_words(
    address: tuple[str, str], options: dict[str, Any], status: int, code: str
) -> None:
    url, key = address
    asked: dict[str, Any] = {"model": "painter", "prompt": "a", "size": "64x32", **options}
    with (
        VOLCENGINE.Ark(base_url=f"{url}/api/v3", api_key=key, max_retries=0) as client,
        pytest.raises(RAISED.ArkAPIStatusError) as refused,
    ):
        client.images.generate(**asked)
    assert (refused.value.status_code, refused.value.code) == (status, code)


@pytest.mark.anyio
async def test_a_stream_in_which_nothing_came_about_ends_in_an_error(house: House) -> None:
    asked = {"model": "broken", "prompt": "a", "size": "64x32", "stream": True}
    async with house.client() as client:
        answer = await client.post(PATH, json=asked)
    (only,) = Parser().feed(answer.content)
    assert b"InternalServiceError" in only


@pytest.mark.anyio
@pytest.mark.parametrize("base", ["/api/v3", "/api/coding/v3", "/api/plan/v3"])
async def test_null_is_the_same_as_leaving_out(
    house: House, engines: dict[str, ScriptedPainter], base: str
) -> None:
    asked: dict[str, object] = {"model": "painter", "prompt": "a\nb"}
    unset = (
        "image response_format size seed guidance_scale watermark optimize_prompt tools n "
        "optimize_prompt_options sequential_image_generation output_format layer_decomposition "
        "sequential_image_generation_options stream partial_images mood"
    )
    async with house.client() as client:
        answer = await client.post(
            f"{base}/images/generations", json=asked | dict.fromkeys(unset.split())
        )
    assert (answer.status_code, len(answer.json()["data"])) == (200, 1)
    assert engines["painter"].asked == [ImageAsk("painter", "a\nb", watermark=True)]


@pytest.mark.anyio
async def test_what_is_asked_reaches_the_engine(
    house: House, engines: dict[str, ScriptedPainter]
) -> None:
    asked: dict[str, object] = {"model": "painter", "prompt": "a", "response_format": "b64_json"}
    wishes: list[dict[str, object]] = [
        {"size": "1k", "image": uri(RED), "seed": 3, "guidance_scale": 2.5, "output_format": "png"},
        {"size": "adaptive", "image": [uri(RED), uri(BLUE)]},
        {"sequential_image_generation": "auto", "mood": "bright", "tools": []},
        {"sequential_image_generation": "disabled", "optimize_prompt": True},
        {"watermark": False},
    ]
    async with house.client() as client:
        for wish in wishes:
            answer = await client.post(PATH, json=asked | wish)
            assert answer.status_code == 200
    one, two = [repainted(data, role="base") for data in (RED, BLUE)]
    plain = ImageAsk("painter", "a", watermark=True)
    assert engines["painter"].asked == [
        replace(plain, refs=(one,), tier="1K", seed=3, guidance=2.5, format="png"),
        replace(plain, refs=(one, two)),
        replace(plain, count=15, exact=False, extra={"ark": {"mood": "bright"}}),
        plain,
        replace(plain, watermark=False),
    ]


@pytest.mark.anyio
async def test_pictures_to_go_by_are_counted(house: House) -> None:
    asked = {"model": "painter", "prompt": "a", "image": [uri(RED), uri(BLUE)], "size": "64x32"}
    async with house.client() as client:
        answer = await client.post(PATH, json=asked)
    assert answer.json()["usage"]["input_images"] == 2
