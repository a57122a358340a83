"""Ark's own clients ask for films, Volcengine's and BytePlus's; OpenAI's tasks are theirs, too."""

import json
from contextlib import closing
from typing import Any

import anyio
import httpx2
import pytest

from seedbed.core.message import MediaKind
from seedbed.engines.scripted_filmmaker import ScriptedFilmmaker
from seedbed.kit.clock import SystemClock
from seedbed.store.claims import Claims
from seedbed.store.database import open_database
from tests.api.ark.vendor import BYTEPLUS, RAISED, VOLCENGINE
from tests.api.films.filming import PNG, Set
from tests.api.test_consents import recorded
from tests.kit.http.serving import each, serving, whole
from tests.kit.media.made import film, repainted, sound, uri

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]
PATH = "/api/v3/contents/generations/tasks"
URIS = {
    "image_url": uri(PNG),
    "video_url": uri(film(frames=3), "video/mp4"),
    "audio_url": uri(sound(), "audio/mp4"),
}
TEXT = {"type": "text", "text": "a red barn --rs 480p --ratio 1:1 --frames 25 --seed 3"}
ASK: dict[str, Any] = {"model": "films", "content": [TEXT]}


def shown(role: str | None, kind: str = "image_url") -> dict[str, Any]:
    said = {"type": kind, kind: {"url": URIS[kind]}}
    return said if role is None else said | {"role": role}


async def ended(client: Any, id_: str) -> Any:
    with anyio.fail_after(60):
        while (task := await client.content_generation.tasks.get(task_id=id_)).status in {
            "queued",
            "running",
        }:
            await anyio.sleep(0.01)
    return task


@pytest.mark.parametrize("sdk", [VOLCENGINE, BYTEPLUS])
async def test_a_task_is_made_watched_and_had_by_its_link(scene: Set, sdk: Any) -> None:
    async with scene.working():
        client = scene.ark(sdk)
        asked = await client.content_generation.tasks.create(
            **ASK, safety_identifier="u", service_tier="flex"
        )
        assert asked.id.startswith("cgt-")
        task = await ended(client, asked.id)
    assert (task.id, task.model, task.status, task.error) == (
        asked.id,
        "films",
        "succeeded",
        None,
    )
    assert (task.resolution, task.ratio, task.frames) == ("480p", "1:1", 25)
    assert (task.framespersecond, task.seed, task.generate_audio) == (24, 3, False)
    assert (task.safety_identifier, task.service_tier, task.draft) == ("u", "default", False)
    assert task.usage.completion_tokens == task.usage.total_tokens == 480 * 480 * 25 // 1_024
    assert task.created_at <= task.updated_at
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(scene.app)) as stranger:
        film = await stranger.get(task.content.video_url)
        part = await stranger.get(task.content.video_url, headers={"range": "bytes=4-7"})
        head = await stranger.head(task.content.video_url)
    assert (film.status_code, film.headers["content-type"]) == (200, "video/mp4")
    assert (film.content[4:8], part.content, part.status_code) == (b"ftyp", b"ftyp", 206)
    assert head.headers["content-length"] == str(len(film.content))


async def test_what_a_film_goes_by_has_its_roles(scene: Set) -> None:
    async with scene.working():
        client = scene.ark(VOLCENGINE)
        for content in (
            [shown("first_frame"), shown("last_frame")],
            [shown(None), {"type": "text", "text": "it moves"}],
            [
                shown("reference_image"),
                shown("reference_video", "video_url"),
                shown(None, "audio_url"),
            ],
        ):
            asked = await client.content_generation.tasks.create(
                model="films", content=content, frames=1, resolution="480p"
            )
            assert (await ended(client, asked.id)).status == "succeeded"
    engine = scene.engines["films"]
    assert isinstance(engine, ScriptedFilmmaker)
    told = [[(ref.kind, ref.options["role"]) for ref in ask.refs] for ask in engine.asked]
    image = MediaKind.IMAGE
    assert told == [
        [(image, "first_frame"), (image, "last_frame")],
        [(image, "first_frame")],
        [
            (image, "reference_image"),
            (MediaKind.VIDEO, "reference_video"),
            (MediaKind.AUDIO, "reference_audio"),
        ],
    ]
    assert engine.asked[1].refs == (repainted(PNG, role="first_frame"),)
    assert [ask.ratio for ask in engine.asked] == ["adaptive"] * 3


async def test_a_task_that_waits_is_cancelled_and_then_deleted(scene: Set) -> None:
    client = scene.ark(VOLCENGINE)
    tasks = client.content_generation.tasks
    asked = await tasks.create(**ASK)
    await tasks.delete(asked.id)
    assert (await tasks.get(task_id=asked.id)).status == "cancelled"
    await tasks.delete(asked.id)
    with pytest.raises(RAISED.ArkNotFoundError):
        await tasks.get(task_id=asked.id)


async def test_a_task_that_runs_cannot_be_deleted(scene: Set) -> None:
    engine, wait = scene.engines["films"], anyio.Event()
    assert isinstance(engine, ScriptedFilmmaker)
    engine.waits = wait
    client = scene.ark(VOLCENGINE)
    tasks = client.content_generation.tasks
    async with scene.working():
        asked = await tasks.create(**ASK)
        with anyio.fail_after(60):
            while (await tasks.get(task_id=asked.id)).status != "running":
                await anyio.sleep(0.01)
        with pytest.raises(RAISED.ArkPermissionDeniedError, match="runs and cannot be deleted"):
            await tasks.delete(asked.id)
        wait.set()
        assert (await ended(client, asked.id)).status == "succeeded"


async def test_tasks_are_listed_by_pages_and_filters(scene: Set) -> None:
    client = scene.ark(VOLCENGINE)
    tasks = client.content_generation.tasks
    made = [(await tasks.create(**ASK)).id for _ in range(3)]
    async with scene.openai() as other:
        with pytest.warns(DeprecationWarning, match="The Sora API"):
            video = await other.videos.create(prompt="a", model="torn", size="64x32")
    made.append(video.id.replace("video_", "cgt-"))
    await tasks.delete(made[0])
    page = await tasks.list(page_num=2, page_size=3)
    assert ([one.id for one in page.items], page.total) == ([made[0]], 4)
    by: dict[str, Any]
    for by, wanted in (
        ({"status": "cancelled"}, made[:1]),
        ({"model": "torn"}, made[3:]),
        ({"task_ids": [made[1], made[2]]}, [made[2], made[1]]),
        ({"service_tier": "flex"}, []),
    ):
        assert [one.id for one in (await tasks.list(**by)).items] == wanted
    (one,) = (await tasks.list(model="torn")).items
    assert (one.resolution, one.ratio, one.duration) == ("32p", "2:1", 4)
    strange = scene.ark(VOLCENGINE, scene.another_key("q")).content_generation.tasks
    assert (await strange.list()).total == 0
    with pytest.raises(RAISED.ArkNotFoundError):
        await strange.get(task_id=made[0])


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"model": "nobody"}, 404, "InvalidEndpointOrModel.NotFound"),
        ({"model": "scripted"}, 400, "InvalidParameter.UnsupportedParameter"),
        ({"callback_url": "ftp://a.example/"}, 400, "InvalidParameter.callback_url"),
        ({"return_last_frame": True}, 400, "InvalidParameter.UnsupportedParameter"),
        ({"draft": True}, 400, "InvalidParameter.UnsupportedParameter"),
        ({"service_tier": "fast"}, 400, "InvalidParameter.UnsupportedParameter"),
        ({"resolution": "8k"}, 400, "InvalidParameter.resolution"),
        ({"duration": 0}, 400, "InvalidParameter.duration"),
        ({"content": []}, 400, "InvalidParameter.content"),
        ({"content": [{"type": "text", "text": "a --rs 8k"}]}, 400, "InvalidParameter.content"),
        ({"content": [{"type": "draft_task", "draft_task": {"id": "a"}}]}, 400, None),
        ({"content": [shown(None), shown(None)]}, 400, "InvalidParameter.content"),
        ({"content": [shown("last_frame")]}, 400, "InvalidParameter.content"),
        ({"content": [shown("first_frame")] * 2}, 400, "InvalidParameter.content"),
        (
            {"content": [shown("first_frame"), shown("reference_image")]},
            400,
            "InvalidParameter.content",
        ),
        ({"content": [shown(None, "audio_url")]}, 400, "InvalidParameter.content"),
        (
            {"content": [{"type": "image_url", "image_url": {"url": "ftp://a"}}]},
            400,
            None,
        ),
    ],
)
async def test_what_cannot_be_filmed_is_refused_at_once(
    scene: Set, options: dict[str, object], status: int, code: str | None
) -> None:
    async with scene.http() as http:
        told = await http.post(PATH, json=ASK | options)
        assert told.status_code == status
        assert code in {None, told.json()["error"]["code"]}
        assert (await http.get(PATH)).json() == {"items": [], "total": 0}


async def test_fields_go_before_the_options_of_the_text_and_null_is_nothing(scene: Set) -> None:
    text = "--foo bar --dur 3 --dur 4 --cf true --wm false --rs 1080p"
    nothing = ("draft", "callback_url", "tools", "frames", "seed")
    asked: dict[str, object] = {name: None for name in nothing}  # noqa: C420 - of any object
    asked |= {"model": "films", "content": [{"type": "text", "text": text}], "resolution": "4k"}
    async with scene.http() as http:
        id_ = (await http.post(PATH, json=asked | {"priority": 9})).json()["id"]
        task = (await http.get(f"{PATH}/{id_}")).json()
        bare = ASK | {"duration": -1, "content": [TEXT | {"text": "--dur 2"}]}
        other_id = (await http.post(PATH, json=bare)).json()["id"]
        other = (await http.get(f"{PATH}/{other_id}")).json()
        refused = await http.get(PATH, params={"page_num": "0"})
    assert (task["resolution"], task["duration"], task["priority"]) == ("4k", 4, 9)
    assert (task["status"], task["seed"], task["framespersecond"]) == ("queued", -1, 24)
    assert ("content" in task, task["error"]) == (False, None)
    assert other["duration"] == -1
    assert refused.json()["error"]["code"] == "InvalidParameter.page_num"


async def test_a_task_that_could_not_be_made_says_why(scene: Set) -> None:
    async with scene.working():
        client = scene.ark(VOLCENGINE)
        asked = await client.content_generation.tasks.create(**ASK | {"model": "torn"})
        task = await ended(client, asked.id)
    assert (task.status, task.error.code, task.content) == ("failed", "engine_failed", None)


async def test_a_task_that_nobody_began_in_time_has_expired(scene: Set) -> None:
    ref = {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}
    async with scene.http() as http:
        id_ = (await http.post(PATH, json={"model": "films", "content": [ref]})).json()["id"]
        with closing(open_database(scene.home / "seedbed.db")) as database:
            await Claims(database).tidy(now=round((SystemClock().wall() + 172_800) * 1e6) + 1)
        task = (await http.get(f"{PATH}/{id_}")).json()
        gone = await http.get(f"{PATH}/task-1")
    assert (task["status"], task["error"]["code"]) == ("expired", "expired")
    assert gone.status_code == 404


@pytest.mark.parametrize("model", ["films", "torn"])
async def test_the_end_of_a_task_is_told_as_the_task_would_be_shown(scene: Set, model: str) -> None:
    async with serving(each(whole(b""))) as server, scene.working():
        client = scene.ark(VOLCENGINE)
        url = f"{server.url}/hook"
        asked = await client.content_generation.tasks.create(
            **ASK | {"model": model}, callback_url=url
        )
        await ended(client, asked.id)
        with anyio.fail_after(60):
            while not server.heard:
                await anyio.sleep(0.01)
        async with scene.http() as http:
            shown_ = (await http.get(f"{PATH}/{asked.id}")).json()
    (heard,) = server.heard
    assert heard.startswith(b"POST /hook HTTP/1.1\r\n")
    told = json.loads(heard.partition(b"\r\n\r\n")[2])
    if model == "torn":
        assert (told, told["status"]) == (shown_, "failed")
        return
    link, link_ = (one["content"].pop("video_url") for one in (told, shown_))
    assert told == shown_
    assert link.partition("?")[0] == link_.partition("?")[0]
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(scene.app)) as stranger:
        assert (await stranger.get(link)).status_code == 200


async def test_a_face_and_a_voice_name_their_consent(scene: Set) -> None:
    async with scene.http() as http:
        ids = [(await recorded(http, kind=kind))["id"] for kind in ("face", "voice")]
    face = shown("face") | {"consent": ids[0]}
    voice = shown("voice", "audio_url") | {"consent": ids[1]}
    async with scene.working():
        client = scene.ark(VOLCENGINE)
        asked = await client.content_generation.tasks.create(
            model="films", content=[face, voice], frames=1, resolution="480p"
        )
        await ended(client, asked.id)
    engine = scene.engines["films"]
    assert isinstance(engine, ScriptedFilmmaker)
    (ask,) = engine.asked
    told = [(ref.options["role"], ref.options["consent"]) for ref in ask.refs]
    assert told == [("face", ids[0]), ("voice", ids[1])]
