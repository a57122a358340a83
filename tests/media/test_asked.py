"""Films that are asked for in words and by what they go by, as Scenes."""

from typing import Any

import pytest

from seedbed.core.errors import FieldUnserved
from seedbed.core.scene.layers import Picture
from seedbed.core.scene.motion import Camera
from seedbed.core.scene.rules import check
from seedbed.core.scene.scene import Scene
from seedbed.core.scene.timeline import seconds
from seedbed.media.asked import planned

HASH = "a" * 64


def scene(prompt: str = "A fox in a forest", **said: Any) -> Scene:
    made, _ = planned({"prompt": prompt, **said})
    check(made)
    return made


def ref(role: str, source: str = HASH) -> dict[str, str]:
    return {"kind": "image", "source": source, "role": role}


def canvas(**said: Any) -> tuple[int, int, int | None]:
    found = scene(**said).canvas
    return found.width, found.height, found.fps


def test_it_is_a_film_whatever_the_prompt_says() -> None:
    assert canvas()[2] == 24
    assert canvas(prompt="A fox at 30 fps")[2] == 30
    assert canvas(prompt="A fox at 30 fps", fps=12)[2] == 12


def test_it_is_as_large_and_as_long_as_is_wanted() -> None:
    assert canvas(size=[64, 48])[:2] == (64, 48)
    assert canvas(tier="480p")[:2] == (854, 480)
    assert canvas(ratio="9:16")[:2] == (720, 1280)
    assert seconds(scene(seconds=2.0)) == 2.0
    assert seconds(scene(frames=30, fps=10)) == 3.0
    assert seconds(scene(frames=48)) == 2.0


def test_the_camera_stands_and_nothing_is_heard_where_that_is_wanted() -> None:
    prompt = "The camera pans over a sea, with calm music"
    assert scene(prompt).shots[0].camera.move == "pan"
    assert scene(prompt).tracks
    still = scene(prompt, camera_fixed=True, sound=False)
    assert {shot.camera for shot in still.shots} == {Camera()}
    assert not still.tracks


def test_a_first_and_a_last_frame_open_and_close_it() -> None:
    made = scene(refs=[ref("first_frame"), ref("last_frame", "b" * 64)])
    first, *_, last = made.shots
    assert (first.id, last.id) == ("shot-ref-1", "shot-ref-2")
    assert (made.shots[1].into.form, last.into.form) == ("dissolve", "dissolve")
    assert [one.artifact for one in made.references] == [HASH, "b" * 64]


def test_a_picture_is_framed_in_each_shot_and_a_sound_is_its_music() -> None:
    made = scene("A fox, with calm music", refs=[ref("reference_image"), ref("reference_audio")])
    for shot in made.shots:
        assert [one.reference for one in shot.layers if isinstance(one, Picture)] == ["ref-1"]
    assert [one.reference for one in made.tracks if one.use == "music"] == ["ref-2"]
    assert made.references[1].media == "audio/wav"


@pytest.mark.parametrize("one", [ref("reference_video"), ref("voice")])
def test_what_cannot_be_drawn_is_refused_by_name(one: dict[str, str]) -> None:
    with pytest.raises(FieldUnserved) as error:
        scene(refs=[one])
    assert error.value.facts["field"] == "refs"
