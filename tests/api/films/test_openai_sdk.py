"""OpenAI's own client asks for films: made, watched, had, listed, made anew and deleted."""

import hashlib
from typing import Any

import anyio
import openai
import pytest

from seedbed.core.message import Media, MediaKind
from seedbed.engines.scripted_filmmaker import ScriptedFilmmaker
from tests.api.films.filming import PNG, Set
from tests.api.test_consents import recorded
from tests.kit.media.made import repainted, uri

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.usefixtures("logged"),
    pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning"),
]
ASK: dict[str, Any] = {"model": "films", "prompt": "a red barn", "seconds": "1", "size": "64x32"}


async def ended(client: Any, id_: str) -> Any:
    with anyio.fail_after(60):
        while (video := await client.videos.retrieve(id_)).status in {"queued", "in_progress"}:
            await anyio.sleep(0.01)
    return video


async def test_a_film_is_asked_for_watched_and_had(scene: Set) -> None:
    async with scene.openai() as client, scene.working():
        asked = await client.videos.create(**ASK)
        assert (asked.object, asked.status, asked.progress) == ("video", "queued", 0)
        assert (asked.seconds, asked.size, asked.prompt) == ("1", "64x32", "a red barn")
        video = await ended(client, asked.id)
        assert (video.id, video.status, video.progress) == (asked.id, "completed", 100)
        assert (video.seconds, video.size, video.error) == ("1", "64x32", None)
        assert video.created_at <= video.completed_at < video.expires_at
        film = (await client.videos.download_content(video.id)).content
        part = await client.videos.download_content(
            video.id, variant="video", extra_headers={"range": "bytes=4-7"}
        )
        assert (film[4:8], part.content, part.response.status_code) == (b"ftyp", b"ftyp", 206)
        async with scene.http() as http:
            head = await http.head(f"/v1/videos/{video.id}/content")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(film))
        assert head.headers["content-type"] == "video/mp4"


async def test_a_film_begins_with_a_picture(scene: Set) -> None:
    async with scene.openai() as client, scene.working():
        asked = await client.videos.create(**ASK, input_reference=("a.png", PNG))
        assert (await ended(client, asked.id)).status == "completed"
    engine = scene.engines["films"]
    assert isinstance(engine, ScriptedFilmmaker)
    assert engine.asked[0].refs == (repainted(PNG, role="first_frame"),)


@pytest.mark.parametrize("by", ["file_id", "image_url"])
async def test_json_names_its_picture(scene: Set, by: str) -> None:
    async with scene.openai() as client, scene.http() as http, scene.working():
        file = await client.files.create(file=("a.png", PNG), purpose="vision")
        named = {"file_id": file.id, "image_url": uri(PNG)}
        body = ASK | {"input_reference": {by: named[by]}, "seconds": 1, "seed": 7}
        asked = (await http.post("/v1/videos", json=body)).json()
        assert (await ended(client, asked["id"])).status == "completed"
    engine = scene.engines["films"]
    assert isinstance(engine, ScriptedFilmmaker)
    (ask,) = engine.asked
    assert (ask.refs, ask.seed) == ((repainted(PNG, role="first_frame"),), 7)


async def test_a_film_is_made_anew(scene: Set) -> None:
    async with scene.openai() as client, scene.working():
        asked = await client.videos.create(**ASK)
        await ended(client, asked.id)
        again = await client.videos.remix(asked.id, prompt="a blue barn")
        assert (again.remixed_from_video_id, again.prompt) == (asked.id, "a blue barn")
        film = (await client.videos.download_content(asked.id)).content
        await client.videos.delete(asked.id)
        assert (await ended(client, again.id)).status == "completed"
    engine = scene.engines["films"]
    assert isinstance(engine, ScriptedFilmmaker)
    told = {"role": "reference_video", "artifact": hashlib.sha256(film).hexdigest()}
    assert engine.asked[1].refs == (Media(MediaKind.VIDEO, film, told),)


async def test_films_are_listed_the_newest_first_and_deleted(scene: Set) -> None:
    async with scene.openai() as client, scene.openai(scene.another_key("q")) as other:
        made = [(await client.videos.create(**ASK)).id for _ in range(3)]
        assert [one.id async for one in client.videos.list(limit=2)] == made[::-1]
        page = await client.videos.list(limit=2, order="asc")
        assert ([one.id for one in page.data], page.has_more) == (made[:2], True)
        gone = await client.videos.delete(made[0])
        assert (gone.id, gone.deleted, gone.object) == (made[0], True, "video.deleted")
        with pytest.raises(openai.NotFoundError):
            await client.videos.retrieve(made[0])
        assert [one.id async for one in other.videos.list()] == []
        for call in (other.videos.retrieve, other.videos.delete, other.videos.download_content):
            with pytest.raises(openai.NotFoundError):
                await call(made[1])


async def test_one_that_could_not_be_made_says_why(scene: Set) -> None:
    async with scene.openai() as client, scene.working():
        asked = await client.videos.create(**ASK | {"model": "torn"})
        video = await ended(client, asked.id)
        assert video.status == "failed"
        assert video.error.code == "engine_failed"
        assert "its reel tore" in video.error.message
        with pytest.raises(openai.BadRequestError, match="The film is failed"):
            await client.videos.download_content(video.id)


@pytest.mark.parametrize(
    ("options", "status", "param"),
    [
        ({"model": "nobody"}, 404, "model"),
        ({"model": "scripted"}, 400, "model"),
        ({"seconds": "soon"}, 400, "seconds"),
        ({"seconds": "61"}, 400, "seconds"),
        ({"seconds": "nan"}, 400, "seconds"),
        ({"size": "small"}, 400, "size"),
        ({"size": "4112x1024"}, 400, "size"),
        ({"prompt": ""}, 400, "prompt"),
        ({"prompt": "a" * (1 << 20)}, 400, None),
        ({"input_reference": {}}, 400, "input_reference.image_url"),
        ({"input_reference": {"image_url": "file:///etc/passwd"}}, 400, "input_reference"),
        ({"input_reference": {"file_id": "file-nobodys"}}, 404, None),
        ({"input_reference": {"file_id": "0" * 64}}, 404, None),
    ],
)
async def test_what_cannot_be_filmed_is_refused_at_once(
    scene: Set, options: dict[str, object], status: int, param: str | None
) -> None:
    async with scene.http() as http:
        told = await http.post("/v1/videos", json=ASK | options)
        assert (told.status_code, told.json()["error"]["param"]) == (status, param)
        assert (await http.get("/v1/videos")).json()["data"] == []


async def test_what_is_left_out_is_as_the_vendor_has_it(scene: Set) -> None:
    async with scene.openai() as client:
        asked = await client.videos.create(prompt="a", model="films")
        assert (asked.model, asked.seconds, asked.size) == ("films", "4", "720x1280")
        with pytest.raises(openai.BadRequestError, match="2 models here can"):
            await client.videos.create(prompt="a")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/videos/edits"),
        ("POST", "/v1/videos/extensions"),
        ("POST", "/v1/videos/characters"),
        ("GET", "/v1/videos/characters/char_1"),
    ],
)
async def test_what_goes_beyond_one_film_is_not_served(scene: Set, method: str, path: str) -> None:
    async with scene.http() as http:
        told = await http.request(method, path)
    assert (told.status_code, told.json()["error"]["code"]) == (501, "path_unserved")


async def test_no_thumbnail_is_had(scene: Set) -> None:
    async with scene.openai() as client:
        asked = await client.videos.create(**ASK)
        with pytest.raises(openai.BadRequestError, match="variant"):
            await client.videos.download_content(asked.id, variant="thumbnail")


async def test_one_that_was_cancelled_has_failed(scene: Set) -> None:
    async with scene.openai() as client, scene.http() as http:
        asked = await client.videos.create(**ASK)
        task = asked.id.replace("video_", "cgt-")
        assert (await http.delete(f"/api/v3/contents/generations/tasks/{task}")).json() == {}
        video = await client.videos.retrieve(asked.id)
    assert (video.status, video.error and video.error.code) == ("failed", "cancelled")


async def test_a_picture_names_its_consent(scene: Set) -> None:
    async with scene.openai() as client, scene.http() as http, scene.working():
        consent = (await recorded(http))["id"]
        body = ASK | {"input_reference": {"image_url": uri(PNG), "consent": consent}}
        asked = (await http.post("/v1/videos", json=body)).json()
        await ended(client, asked["id"])
    engine = scene.engines["films"]
    assert isinstance(engine, ScriptedFilmmaker)
    assert [ref.options.get("consent") for ref in engine.asked[0].refs] == [consent]


async def test_a_consent_without_a_picture_is_refused(scene: Set) -> None:
    async with scene.http() as http:
        body = ASK | {"consent": (await recorded(http))["id"]}
        form = {name: (None, value) for name, value in body.items()}
        told = [
            await http.post("/v1/videos", json=body),
            await http.post("/v1/videos", files=form),
        ]
    errors = [one.json()["error"] for one in told]
    assert [one.status_code for one in told] == [400, 400]
    assert [error["param"] for error in errors] == ["input_reference"] * 2
    assert "a consent is there, and no picture" in errors[0]["message"]
