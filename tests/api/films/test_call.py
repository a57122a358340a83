"""Our own call that makes a film: whole, as it comes, refused; and an ask written is read again."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.films.call import PATH, FilmBody, FilmWriter, ask_of, written
from seedbed.core.event import Reply, Stop
from seedbed.core.film import VideoAsk
from seedbed.core.message import Media, MediaKind
from seedbed.core.record import write
from seedbed.core.scene.form import read_scene
from seedbed.core.scene.scene import Reference
from seedbed.core.usage import Usage
from seedbed.kit.sse import Parser
from tests.api.films.filming import Set

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]
ASK: dict[str, Any] = {"model": "films", "prompt": "a red barn", "frames": 24, "size": [64, 32]}
REFS = st.builds(
    Media,
    st.just(MediaKind.IMAGE),
    st.text(min_size=1),
    st.fixed_dictionaries(
        {"role": st.sampled_from(["first_frame", "reference_image", "face"])},
        optional={"consent": st.text(min_size=1, max_size=40)},
    ),
)
ASKS = st.builds(
    VideoAsk,
    st.text(min_size=1, max_size=128),
    st.text(),
    st.lists(REFS, max_size=3).map(tuple),
    seconds=st.none() | st.floats(0.1, 60),
    frames=st.none() | st.integers(1, 1_800),
    size=st.none() | st.tuples(st.integers(16, 4_096), st.integers(16, 4_096)),
    tier=st.sampled_from([None, "480p", "4k"]),
    ratio=st.sampled_from([None, "21:9", "adaptive"]),
    fps=st.none() | st.integers(1, 60),
    sound=st.none() | st.booleans(),
    seed=st.none() | st.integers(0, 1 << 31),
    camera_fixed=st.booleans(),
    watermark=st.booleans(),
    extra=st.dictionaries(st.text(), st.dictionaries(st.text(), st.integers())),
)


@given(ASKS)
def test_an_ask_that_is_written_is_read_again(ask: VideoAsk) -> None:
    sent = msgspec.json.encode(written(ask))
    assert ask_of(msgspec.json.decode(sent, type=FilmBody)) == ask


SCENE: dict[str, Any] = {
    "version": "seedbed.scene/1",
    "canvas": {"width": 64, "height": 48, "fps": 12},
    "shots": [{"id": "one", "seconds": 1.0}],
}


@pytest.mark.parametrize(
    ("said", "size", "fps", "frames"),
    [
        ({}, (64, 48), 12, 12),
        ({"size": [32, 24], "fps": 24}, (32, 24), 24, 24),
        ({"tier": "480p"}, None, 12, 12),
        ({"span": [3, 4]}, (64, 48), 12, None),
    ],
)
def test_a_scene_bounds_its_ask(
    said: dict[str, Any], size: tuple[int, int] | None, fps: int, frames: int | None
) -> None:
    body = {"model": "films", "prompt": "", "scene": SCENE, **said}
    ask = ask_of(msgspec.convert(body, FilmBody))
    assert (ask.size, ask.fps, ask.frames, ask.scene) == (size, fps, frames, SCENE)
    assert ask_of(msgspec.convert(written(ask), FilmBody)) == ask


def test_as_much_may_come_along_as_a_scene_refers_to() -> None:
    ref = {"kind": "image", "source": "a" * 64, "role": "reference_image"}
    ask = ask_of(msgspec.convert({**ASK, "refs": [ref] * 32}, FilmBody))
    one = Reference("one", "picture", "a" * 64, "image/png")
    scene = {**SCENE, "references": [write(replace(one, id=f"r{at}")) for at in range(32)]}
    assert len(read_scene(scene).references) == len(ask.refs)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**ASK, "refs": [ref] * 33}, FilmBody)


async def test_a_scene_is_drawn_by_who_can_and_refused_where_it_is_none(scene: Set) -> None:
    body = {"model": "films", "prompt": ""}
    async with scene.http() as http:
        drawn = (await http.post(PATH, json=body | {"scene": SCENE})).json()["error"]
        wrong = (await http.post(PATH, json=body | {"scene": {"shots": 1}})).json()["error"]
    assert drawn["code"] == "feature_unserved"
    assert wrong["code"] == "scene_malformed"


async def test_a_film_is_told_whole(scene: Set) -> None:
    async with scene.http() as http:
        told = (await http.post(PATH, json=ASK)).json()
        film = await http.get(f"/seedbed/artifacts/{told['film']['hash']}")
    shape = {"width": 64, "height": 32, "seconds": 1.0, "fps": 24}
    assert told["film"] == {"hash": told["film"]["hash"], "media": "video/mp4"} | shape | {
        "sound": False
    }
    assert told["usage"] == {"input_tokens": 3, "output_tokens": 48, "film_tokens": 48}
    assert told["seedbed"]["cost"] == "0.000000"
    assert film.content[4:8] == b"ftyp"


async def test_a_film_is_told_as_it_comes(scene: Set) -> None:
    async with scene.http() as http:
        sent = await http.post(PATH, json=ASK | {"stream": True})
        torn = await http.post(PATH, json=ASK | {"stream": True, "model": "torn"})
    *parts, end = [json.loads(data) for data in Parser().feed(sent.content)]
    assert [part["progress"] for part in parts] == [0.25, 0.5, 0.75, 1.0]
    assert end["film"]["media"] == "video/mp4"
    *_, last = [json.loads(data) for data in Parser().feed(torn.content)]
    assert last["error"]["code"] == "engine_failed"


async def test_one_that_is_asked_for_again_under_its_key_is_the_same(scene: Set) -> None:
    async with scene.http() as http:
        headers = {"idempotency-key": "one"}
        told = [(await http.post(PATH, json=ASK, headers=headers)).json() for _ in range(2)]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"model": "scripted"}, 400),
        ({"sound": True}, 400),
        ({"size": [8, 8]}, 400),
        ({"refs": [{"kind": "image", "source": "file:///x", "role": "first_frame"}]}, 400),
        ({"mood": "bright"}, 400),
    ],
)
async def test_what_cannot_be_filmed_is_a_status(
    scene: Set, options: dict[str, object], status: int
) -> None:
    async with scene.http() as http:
        assert (await http.post(PATH, json=ASK | options)).status_code == status


def test_an_engine_that_ends_without_its_film_is_at_fault() -> None:
    with pytest.raises(AssertionError, match="without a fault"):
        FilmWriter().whole(Reply("m", (), Stop.END, Usage()))
