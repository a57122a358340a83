"""A film that may not be made is refused where it is asked for, and when it would be begun."""

import json
from contextlib import closing
from typing import Any

import anyio
import httpx2
import pytest

from seedbed.api.intake import LONGEST_BODY
from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.core.feature import Feature
from seedbed.core.scene.form import write_scene
from seedbed.core.scene.layers import Backdrop
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot
from seedbed.engines.scripted_filmmaker import ScriptedFilmmaker
from seedbed.store.budgets import Budgets
from seedbed.store.database import open_database
from tests.api.films.filming import PNG, TASKS, Set
from tests.api.test_consents import PATH, recorded
from tests.kit.media.made import uri

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]
FILM = {"model": "films", "prompt": "a", "size": "64x32", "seconds": "1"}
CALL = {"model": "films", "prompt": "a", "size": [64, 32], "frames": 1}
TASK: dict[str, Any] = {"model": "films", "content": [{"type": "text", "text": "a"}]}
SCENE = Scene(Canvas(64, 32, fps=5), (Shot("a", 1.0, (Backdrop(id="g", place="sea"),)),))


def asks(consent: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each way to ask for a film of somebody's face, with a consent."""
    told = {"consent": consent} if consent else {}
    face = {"type": "image_url", "image_url": {"url": uri(PNG)}, "role": "face", **told}
    ref = {"kind": "image", "source": uri(PNG), "role": "face", **told}
    named = Reference("ada", "face", "a" * 64, "image/png", consent)
    written = write_scene(Scene(SCENE.canvas, SCENE.shots, references=(named,)))
    return {
        "a task": (TASKS, {"model": "films", "content": [face]}),
        "a call": ("/seedbed/films", CALL | {"refs": [ref]}),
        "a call with a Scene": ("/seedbed/films", CALL | {"scene": written}),
        "a film with a Scene": ("/v1/videos", FILM | {"scene": written, "model": "films"}),
    }


def engine(scene: Set) -> ScriptedFilmmaker:
    found = scene.engines["films"]
    assert isinstance(found, ScriptedFilmmaker)
    return found


def limit(scene: Set, cap: int) -> None:
    """So many micros are what the project may spend."""
    with closing(open_database(scene.home / "seedbed.db")) as database:
        budget = Budget("budget_1", Owner.PROJECT, "p", Window.ALL, Measure.MONEY, cap, "USD")
        Budgets(database).set_budget(budget, actor="test", now=1)


async def listed(client: httpx2.AsyncClient) -> list[dict[str, Any]]:
    return (await client.get("/seedbed/jobs")).json()["data"]


@pytest.mark.parametrize("way", asks(""))
async def test_a_face_is_filmed_with_a_consent_that_holds_here_alone(scene: Set, way: str) -> None:
    async with scene.http() as client, scene.http(scene.another_key("theirs")) as other:
        over, theirs = await recorded(client, until=1), await recorded(other)
        pictures = await recorded(client, uses=["pictures"])
        withdrawn = (await recorded(client))["id"]
        await client.post(f"{PATH}/{withdrawn}/withdraw")
        why = {
            "": "it names no consent",
            "consent_0": "there is no consent 'consent_0'",
            theirs["id"]: f"there is no consent '{theirs['id']}'",
            over["id"]: "was good until 1970-01-01",
            pictures["id"]: "is for pictures, and not for films",
            withdrawn: "was withdrawn on",
        }
        for consent, words in why.items():
            door, body = asks(consent)[way]
            answer = await client.post(door, json=body)
            assert answer.status_code == 400, answer.text
            assert words in answer.json()["error"]["message"]
        assert await listed(client) == []
    assert not engine(scene).asked


async def test_evidence_of_another_project_shows_no_consent(scene: Set) -> None:
    async with scene.http() as client, scene.http(scene.another_key("theirs")) as other:
        evidence = (await recorded(other))["evidence"]
        wish = {"who": "Ada", "kind": "face", "purpose": "a film", "uses": ["films"]}
        answer = await client.post(PATH, json=wish | {"evidence": evidence})
        assert (await client.get(PATH)).json()["data"] == []
    assert answer.status_code == 404


async def test_one_that_is_withdrawn_before_its_film_is_begun_stops_it(scene: Set) -> None:
    async with scene.http() as client:
        consent = (await recorded(client))["id"]
        door, body = asks(consent)["a task"]
        id_ = (await client.post(door, json=body)).json()["id"]
        (job,) = await listed(client)
        told = (await client.post(f"{PATH}/{consent}/withdraw")).json()
        assert told["cancelled"] == [job["id"]]
        again = await client.post(f"/seedbed/jobs/{job['id']}/retry")
        assert again.status_code == 202
        async with scene.working():
            ended = await end(client, again.json()["id"])
        assert (await client.get(f"{TASKS}/{id_}")).json()["status"] == "cancelled"
    assert (ended["state"], ended["fault"]["code"]) == ("failed", "consent_missing")
    assert float(ended["spent"].split()[0]) == 0
    assert not engine(scene).asked


async def end(client: httpx2.AsyncClient, job: str) -> dict[str, Any]:
    with anyio.fail_after(60):
        while (told := (await client.get(f"/seedbed/jobs/{job}")).json())["state"] in {
            "queued",
            "running",
        }:
            await anyio.sleep(0.01)
    return told


@pytest.mark.parametrize("door", [TASKS, "/v1/videos"])
async def test_so_many_films_of_a_key_wait_and_no_more(scene: Set, door: str) -> None:
    body = TASK if door == TASKS else FILM
    async with scene.http() as client, scene.http(scene.another_key("q")) as other:
        first, *_ = [(await client.post(door, json=body)).json()["id"] for _ in range(8)]
        refused = await client.post(door, json=body)
        assert (await other.post(door, json=body)).status_code == 200
        assert len(await listed(client)) == 8
        await client.delete(f"{TASKS}/{first.replace('video_', 'cgt-')}")
        assert (await client.post(door, json=body)).status_code == 200
    error = refused.json()["error"]
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    assert error["code"] == ("QuotaExceeded" if door == TASKS else "rate_limit_exceeded")
    assert "8 jobs of the kind 'film' wait for this key" in error["message"]


@pytest.mark.parametrize("door", [TASKS, "/v1/videos"])
async def test_a_film_that_cannot_be_paid_is_not_even_taken(scene: Set, door: str) -> None:
    limit(scene, 999_999)
    async with scene.http() as client:
        answer = await client.post(door, json=TASK if door == TASKS else FILM)
        assert await listed(client) == []
        limit(scene, 1_000_000)
        assert (await client.post(door, json=TASK if door == TASKS else FILM)).status_code == 200
    assert answer.status_code == (403 if door == TASKS else 402)
    assert "and this request may need up to 1.00 USD" in answer.json()["error"]["message"]


async def test_a_film_that_is_deleted_while_it_is_made_is_left(scene: Set) -> None:
    engine(scene).waits = anyio.Event()
    async with scene.http() as client, scene.working():
        id_ = (await client.post("/v1/videos", json=FILM)).json()["id"]
        (job,) = await listed(client)
        with anyio.fail_after(60):
            while not engine(scene).asked:
                await anyio.sleep(0.01)
        assert (await client.delete(f"/v1/videos/{id_}")).json()["deleted"] is True
        assert (await client.get(f"/v1/videos/{id_}")).status_code == 404
        ended = await end(client, job["id"])
    assert ended["state"] == "cancelled"
    assert len(engine(scene).asked) == 1


@pytest.mark.parametrize("door", [TASKS, "/v1/videos", "/seedbed/films"])
async def test_a_hundred_megabytes_in_an_address_are_not_read(scene: Set, door: str) -> None:
    source = "data:image/png;base64," + "A" * (100 << 20)
    body = {
        TASKS: {**TASK, "content": [{"type": "image_url", "image_url": {"url": source}}]},
        "/v1/videos": FILM | {"input_reference": {"image_url": source}},
        "/seedbed/films": CALL | {"refs": [{"kind": "image", "source": source, "role": "face"}]},
    }[door]
    sent = json.dumps(body).encode()
    assert len(sent) > LONGEST_BODY
    async with scene.http() as client:
        answer = await client.post(door, content=sent, headers={"content-type": "application/json"})
        assert await listed(client) == []
    assert answer.status_code == 413
    assert len(answer.text) < 1_000


async def test_what_cannot_be_drawn_is_refused_before_there_is_a_job(
    scene: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing = frozenset({Feature.VIDEOS, Feature.SCENES})
    monkeypatch.setattr(ScriptedFilmmaker, "features", drawing)
    film = {"type": "video_url", "video_url": {"url": "https://a.example/b.mp4"}}
    body = TASK | {"content": [*TASK["content"], film | {"role": "reference_video"}]}
    async with scene.http() as client:
        told = await client.post(TASKS, json=body)
        assert told.status_code == 400
        assert "video" in told.json()["error"]["message"]
        assert await listed(client) == []
