"""Nine pictures, three films and three sounds of odd kinds in one request, and bad ones among them,
at every door that takes some: each answer is a film, a picture, or a refusal that names the file.
"""

from itertools import islice
from pathlib import Path
from typing import Any

import anyio
import pytest

from seedbed.engines.scripted_filmmaker import ScriptedFilmmaker
from seedbed.kit.clock import SystemClock
from tests.api.films.filming import TASKS, Set
from tests.api.images.painting import painters
from tests.api.running import alive, build
from tests.kit.media import hostile
from tests.kit.media.made import picture, uri

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.usefixtures("logged")]
KINDS = {"image": hostile.ODD_PICTURES, "video": hostile.ODD_FILMS, "audio": hostile.ODD_SOUNDS}
COUNTS = {"image": 9, "video": 3, "audio": 3}
PNG = b"\x89PNG\r\n\x1a\n"


def odd() -> list[tuple[str, bytes]]:
    """What is odd, and can be read."""
    return [
        (kind, make())
        for kind, those in KINDS.items()
        for make in islice(those.values(), COUNTS[kind])
    ]


def task(sent: list[tuple[str, bytes]]) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": "a --rs 480p --frames 1"}]
    for kind, data in sent:
        name = f"{kind}_url"
        content.append({"type": name, name: {"url": uri(data)}, "role": f"reference_{kind}"})
    return {"model": "films", "content": content}


def film(sent: list[tuple[str, bytes]]) -> dict[str, Any]:
    refs = [{"kind": kind, "source": uri(data), "role": f"reference_{kind}"} for kind, data in sent]
    return {"model": "films", "prompt": "a", "frames": 1, "size": [64, 32], "refs": refs}


def clean(told: str) -> None:
    """See that an answer tells nothing of this machine."""
    assert hostile.SECRET.decode() not in told
    assert "/root/" not in told
    assert "Traceback" not in told


async def ended(client: Any, path: str) -> dict[str, Any]:
    with anyio.fail_after(60):
        while (told := (await client.get(path)).json())["status"] in {
            "queued",
            "running",
            "in_progress",
        }:
            await anyio.sleep(0.01)
    clean(str(told))
    return told


async def test_fifteen_odd_files_make_a_film_at_both_doors(scene: Set) -> None:
    async with scene.http() as client, scene.working():
        id_ = (await client.post(TASKS, json=task(odd()))).json()["id"]
        assert (await ended(client, f"{TASKS}/{id_}"))["status"] == "succeeded"
        assert (await client.post("/seedbed/films", json=film(odd()))).status_code == 200
    engine = scene.engines["films"]
    assert isinstance(engine, ScriptedFilmmaker)
    for ask in engine.asked:
        assert len(ask.refs) == 15
        assert all(str(ref.source)[2:].startswith("\\x89PNG") for ref in ask.refs[:9])


@pytest.mark.parametrize("at", [0, 8, 10, 14])
async def test_one_bad_file_among_fifteen_is_named(scene: Set, at: int) -> None:
    sent = odd()
    kind = sent[at][0]
    sent[at] = kind, b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"
    named = f"number {at + 1} of 15, cannot be used: it is text/plain, and no "
    async with scene.http() as client, scene.working():
        answer = await client.post("/seedbed/films", json=film(sent))
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "refs")
        assert named in answer.json()["error"]["message"]
        clean(answer.text)
        made = await client.post(TASKS, json=task(sent))
        assert made.status_code == 200, made.text
        id_ = made.json()["id"]
        told = await ended(client, f"{TASKS}/{id_}")
        assert told["status"] == "failed"
        assert named in told["error"]["message"]
    assert not getattr(scene.engines["films"], "asked")  # noqa: B009 - it is the fake's


async def test_no_bad_picture_is_a_films_first_frame(scene: Set) -> None:
    async with scene.http() as client, scene.working():
        for make in hostile.BAD_PICTURES.values():
            body = {"model": "films", "prompt": "a", "size": "64x32", "seconds": "1"}
            files = {"input_reference": ("a.png", make(), "image/png")}
            made = await client.post("/v1/videos", data=body, files=files)
            if made.status_code == 200:
                told = await ended(client, f"/v1/videos/{made.json()['id']}")
                assert (told["status"], told["error"]["code"]) == ("failed", "medium_refused")
            else:
                assert made.status_code == 400
                clean(made.text)
    assert not getattr(scene.engines["films"], "asked")  # noqa: B009 - it is the fake's


async def test_pictures_are_painted_of_odd_ones_and_of_no_bad_one(home: Path) -> None:
    engines = painters()
    app = build({**engines}, home=home, clock=SystemClock())
    async with alive(app):
        made = Set(app, home, {}, "")
        made.key = made.another_key("p")
        async with made.http() as client:
            sent = [data for kind, data in odd() if kind == "image"]
            files = [("image[]", ("a.png", data)) for data in sent] + [("mask", picture())]
            body = {"model": "painter", "prompt": "a", "size": "64x32"}
            edited = await client.post("/v1/images/edits", data=body, files=files)
            assert edited.status_code == 200
            ark = "/api/v3/images/generations"
            asked = {**body, "image": [uri(data) for data in sent]}
            assert (await client.post(ark, json=asked)).status_code == 200
            for make in hostile.BAD_PICTURES.values():
                files = [("image", ("a.png", make()))]
                refused = await client.post("/v1/images/edits", data=body, files=files)
                other = await client.post(ark, json={**body, "image": uri(make())})
                assert (refused.status_code, other.status_code) == (400, 400)
                assert refused.json()["error"]["param"] == "image"
                assert "cannot be used: it " in refused.json()["error"]["message"]
                clean(refused.text + other.text)
    first, second = engines["painter"].asked
    assert (len(first.refs), len(second.refs)) == (10, 9)
