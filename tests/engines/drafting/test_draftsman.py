"""Orders drawn: stills, films, some frames of a film, and what cannot be drawn."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from seedbed.core.errors import RequestMalformed, SceneMalformed, SceneUndrawable
from seedbed.core.scene.form import IN_PNG, read_scene, write_scene
from seedbed.core.scene.layers import AnyLayer, Backdrop, Mask, Picture, Subject, Text, Type
from seedbed.core.scene.measures import Box
from seedbed.core.scene.motion import Camera, Transition
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot, Track
from seedbed.engines.drafting.draftsman import Draftsman
from seedbed.engines.drafting.planning.titles import labelled
from seedbed.engines.drafting.wire import Begun, Drawn, Line, Made, Order, Sound
from seedbed.kit.film import mark as marking
from seedbed.kit.film.probing import probe
from seedbed.kit.film.read import frames
from seedbed.kit.media.xmp import told
from tests.engines.drafting.editing.files import boxed, file_of, mask, round_

DRAFTSMAN = Draftsman.ready()
MARK = "0123456789abcdef"
TITLE = Text(id="title", text="Hello 你好", box=Box(0.1, 0.05, 0.8, 0.3))
FOX = Subject(id="fox", what="fox", box=Box(0.35, 0.4, 0.3, 0.5))
SEA = Backdrop(id="ground", place="sea")


def still(*layers: AnyLayer, width: int = 160, height: int = 120) -> Scene:
    return Scene(Canvas(width, height), (Shot("only", layers=layers),))


def film(width: int = 96, height: int = 64) -> Scene:
    camera = Camera("pan", toward="right")
    first = Shot("first", 0.5, (SEA, FOX), camera=camera)
    second = Shot("second", 0.5, (SEA, TITLE), into=Transition("dissolve", 0.2))
    music = Track("music")
    return Scene(Canvas(width, height, fps=12), (first, second), tracks=(music,))


def drawn(scene: Scene | None = None, **wanted: Any) -> list[Line]:
    said: list[Line] = []
    told = None if scene is None else write_scene(scene)
    DRAFTSMAN.draw(Order(key="k", scene=told, **wanted), said.append)
    return said


def made(scene: Scene | None = None, **wanted: Any) -> Made:
    last = drawn(scene, **wanted)[-1]
    assert isinstance(last, Made)
    return last


def picture(file: Made) -> Image.Image:
    return Image.open(io.BytesIO(file.data))


def shown(file: Made, tmp_path: Path) -> list[np.ndarray[Any, Any]]:
    path = tmp_path / "film.mp4"
    path.write_bytes(file.data)
    return list(frames(path))


@pytest.mark.parametrize("format_", ["png", "jpeg", "webp"])
def test_a_scene_is_drawn_as_the_file_that_is_wanted(format_: str) -> None:
    file = made(still(SEA, FOX), format=format_)
    seen = picture(file)
    assert (seen.format, seen.size, seen.mode) == (format_.upper(), (160, 120), "RGB")
    assert (file.media, file.width, file.height) == (f"image/{format_}", 160, 120)


def test_a_png_has_its_scene_within() -> None:
    scene = still(SEA, TITLE)
    within = picture(made(scene)).info["seedbed.scene"]
    assert read_scene(json.loads(within)) == scene


@pytest.mark.parametrize("format_", ["png", "webp"])
def test_without_a_ground_what_is_not_drawn_is_clear(format_: str) -> None:
    seen = picture(made(still(FOX), clear=True, format=format_))
    assert seen.mode == "RGBA"
    alpha = np.asarray(seen)[:, :, 3]
    assert (alpha[0, 0], alpha[80, 80]) == (0, 255)


def test_a_scene_is_drawn_at_any_size() -> None:
    assert picture(made(still(SEA, FOX), size=(80, 60))).size == (80, 60)


def test_a_film_as_a_still_is_its_first_frame() -> None:
    begun, file = drawn(film())
    assert isinstance(begun, Begun)
    assert isinstance(file, Made)
    assert begun.frames == 1
    assert picture(file).size == (96, 64)


def test_a_prompt_is_planned_at_the_size_that_is_wanted() -> None:
    begun, file = drawn(prompt="A red fox and a glorbix in a forest", size=(120, 90))
    assert isinstance(begun, Begun)
    scene = read_scene(begun.scene)
    assert (scene.canvas.width, scene.canvas.height, scene.canvas.fps) == (120, 90, None)
    assert "fox" in [one.what for one in scene.shots[0].layers if isinstance(one, Subject)]
    assert any("glorbix" in note for note in begun.notes)
    assert isinstance(file, Made)


def test_a_seed_is_taken_and_the_same_again() -> None:
    first, again, other = (
        made(prompt="A forest", size=(96, 64), seed=seed).data for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_a_film_tells_each_of_its_frames(tmp_path: Path) -> None:
    begun, *between, file = drawn(film(), film=True)
    assert isinstance(begun, Begun)
    assert begun.frames == 10
    assert between == [Drawn(number) for number in range(1, 11)]
    assert isinstance(file, Made)
    assert (file.media, file.width, file.height) == ("video/mp4", 96, 64)
    assert len(shown(file, tmp_path)) == 10


def test_a_film_of_a_prompt_is_as_long_as_is_wanted() -> None:
    begun = drawn(prompt="A cat walks", film=True, size=(64, 48), fps=6, seconds=1.0)[0]
    assert isinstance(begun, Begun)
    assert begun.frames == 6


def test_a_scene_is_filmed_at_the_rate_that_is_wanted() -> None:
    begun = drawn(film(), film=True, fps=24)[0]
    assert isinstance(begun, Begun)
    assert begun.frames == 19


def test_a_span_is_those_frames_of_the_whole(tmp_path: Path) -> None:
    whole = shown(made(film(), film=True, codec="h264"), tmp_path)
    span = drawn(film(), film=True, span=(3, 5))
    assert isinstance(span[0], Begun)
    assert span[0].frames == 5
    assert isinstance(span[-1], Made)
    part = shown(span[-1], tmp_path)
    assert len(part) == 5
    for one, other in zip(part, whole[3:8], strict=True):
        assert np.abs(one.astype(int) - other.astype(int)).mean() < 4
    assert np.abs(part[0].astype(int) - whole[9].astype(int)).mean() > 8


def test_a_span_behind_the_end_is_refused() -> None:
    with pytest.raises(RequestMalformed, match="ends at the frame 12, and the film has 10"):
        drawn(film(), film=True, span=(10, 2))


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_a_film_is_coded_as_is_wanted(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(made(film(128, 96), film=True, codec=codec, span=(0, 2)).data)
    assert probe(path).codec == codec


@pytest.mark.slow
def test_the_mark_of_a_frame_can_be_read_back(tmp_path: Path) -> None:
    file = made(film(640, 360), film=True, mark=MARK, span=(0, 2))
    found = marking.read(shown(file, tmp_path)[1])
    assert found
    assert found.payload == int(MARK, 16)


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (250, 10, 10)).save(file, "png")
    return file.getvalue()


def test_a_picture_that_came_with_it_is_drawn() -> None:
    file = png()
    hash_ = hashlib.sha256(file).hexdigest()
    scene = still(Picture(id="photo", reference="photo"))
    scene = replace(scene, references=(Reference("photo", "picture", hash_, "image/png"),))
    seen = picture(made(scene, pictures={hash_: file}))
    assert seen.getpixel((80, 60)) == (250, 10, 10)


@pytest.mark.parametrize("sent", [{}, {"a" * 64: b"no picture"}])
def test_a_picture_that_did_not_come_is_told_with_its_place(sent: Mapping[str, bytes]) -> None:
    sound = Reference("sound", "sound", "b" * 64, "audio/wav")
    photo = Reference("photo", "picture", "a" * 64, "image/png")
    scene = replace(still(SEA), references=(sound, photo))
    with pytest.raises(SceneUndrawable) as error:
        drawn(scene, pictures=dict(sent))
    assert error.value.facts["at"] == "references[1]"


@pytest.mark.parametrize(
    ("layer", "at"),
    [
        (Subject(id="it", what="glorbix"), "shots.only.layers.it.what"),
        (
            Text(id="it", text="long " * 80, box=Box(0.1, 0.1, 0.05, 0.05)),
            "shots.only.layers.it.text",
        ),
    ],
)
def test_what_cannot_be_drawn_is_told_with_its_place(layer: AnyLayer, at: str) -> None:
    with pytest.raises(SceneUndrawable) as error:
        drawn(still(SEA, layer))
    assert error.value.facts["at"] == at


def test_what_is_no_scene_is_refused() -> None:
    with pytest.raises(SceneMalformed):
        DRAFTSMAN.draw(Order(key="k", scene={"shots": []}), lambda _: None)


def changed(base: bytes, prompt: str, mask: bytes = b"", **wanted: Any) -> np.ndarray[Any, Any]:
    """The pixels of a picture that was changed."""
    sent = {"a" * 64: base} | ({"b" * 64: mask} if mask else {})
    named = "b" * 64 if mask else ""
    made_ = made(None, prompt=prompt, base="a" * 64, mask=named, pictures=sent, **wanted)
    return np.asarray(picture(made_))


def test_a_picture_that_was_drawn_is_changed_at_one_place_and_is_the_same_elsewhere() -> None:
    base = made(still(SEA, FOX, TITLE, width=320, height=240))
    before, after = np.asarray(picture(base)), changed(base.data, "remove the fox")
    differs = np.argwhere((before != after).any(axis=2))
    (top, left), (bottom, right) = differs.min(axis=0), differs.max(axis=0)
    assert top >= 0.35 * 240
    assert 0.25 * 320 <= left < right <= 0.75 * 320
    assert bottom > top
    again = still(SEA, TITLE, width=320, height=240)
    assert (after == np.asarray(picture(made(again)))).all()


def test_a_part_of_another_picture_is_filled_from_around() -> None:
    image = Image.new("RGB", (120, 90), (40, 90, 200))
    image.paste((250, 10, 10), (40, 30, 80, 60))
    shown = mask((120, 90), boxed(36, 26, 83, 63))
    seen = changed(file_of(image), "remove this", shown)
    assert np.abs(seen.astype(int) - (40, 90, 200)).max() <= 4


def test_a_part_of_another_picture_is_all_that_is_kept() -> None:
    image = file_of(Image.new("RGB", (120, 90), (40, 90, 200)))
    seen = changed(image, "keep only this", mask((120, 90), round_(20, 20, 80, 80)), clear=True)
    assert (seen[50, 50] == (40, 90, 200, 255)).all()
    assert seen[22, 22, 3] == 0


def test_what_is_put_into_a_part_lies_within_it() -> None:
    image = file_of(Image.new("RGB", (240, 180), (250, 250, 250)))
    seen = changed(image, "put a red apple here", mask((240, 180), boxed(60, 60, 119, 119)))
    differs = np.argwhere((np.abs(seen.astype(int) - 250) > 12).any(axis=2))
    assert differs.min() >= 55
    assert differs.max() <= 130


def test_a_mask_in_a_scene_empties_a_part_of_its_picture() -> None:
    image = Image.new("RGB", (80, 60), (40, 90, 200))
    image.paste((250, 10, 10), (0, 20, 20, 40))
    hash_ = hashlib.sha256(data := file_of(image)).hexdigest()
    photo = Picture(id="photo", reference="photo", fit="stretch")
    other = Mask(id="other", use="name", box=Box(0.5, 0.5, 0.1, 0.1))
    gone = Mask(id="gone", use="remove", of="photo", box=Box(0.0, 0.25, 0.3, 0.5))
    scene = still(photo, other, gone, width=80, height=60)
    scene = replace(scene, references=(Reference("photo", "picture", hash_, "image/png"),))
    seen = np.asarray(picture(made(scene, pictures={hash_: data})))
    assert np.abs(seen.astype(int) - (40, 90, 200)).max() <= 4


def test_a_look_draws_nothing_and_lets_whoever_asked_leave() -> None:
    assert drawn(film(), check=True, film=True) == [Drawn(0), Sound()]

    def leave(_: Line) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        DRAFTSMAN.draw(Order(key="k", film=True, scene=write_scene(film()), check=True), leave)


@pytest.mark.slow
def test_a_text_of_the_last_shot_is_found_before_the_first_frame() -> None:
    whole = film()
    long = replace(TITLE, id="long", text="word " * 600, type=Type(size=0.2))
    shots = (*whole.shots, Shot("third", 1.0, (SEA, long)))
    said = list[Line]()
    scene = write_scene(replace(whole, shots=shots))
    with pytest.raises(SceneUndrawable) as caught:
        DRAFTSMAN.draw(Order(key="k", film=True, scene=scene), said.append)
    assert caught.value.facts["at"] == "shots.third.layers.long.text"
    assert said == []


@pytest.mark.parametrize("format_", ["jpeg", "webp"])
def test_other_files_have_their_scene_within_too(format_: str) -> None:
    scene = still(SEA, TITLE)
    within = told(picture(made(scene, format=format_)).info["xmp"], IN_PNG)
    assert within is not None
    assert read_scene(json.loads(within)) == scene


def test_a_jpeg_that_has_no_room_for_its_scene_says_so() -> None:
    blank = [replace(TITLE, id=f"t{place}", name="n" * 200, text="") for place in range(200)]
    begun, file = drawn(still(*blank), format="jpeg")
    assert isinstance(begun, Begun)
    assert isinstance(file, Made)
    assert "JPEG has no room" in begun.notes[-1]
    assert "xmp" not in picture(file).info


@pytest.mark.parametrize(("said", "word"), [("a sea", "AI generated"), ("大海", "AI 生成")])
def test_a_label_says_what_made_it(said: str, word: str) -> None:
    plain = replace(still(SEA, width=640, height=360), said=said)
    begun, _ = drawn(plain, label=True)
    assert isinstance(begun, Begun)
    scene = read_scene(begun.scene)
    assert [one.text for one in scene.shots[0].layers if isinstance(one, Text)] == [word]
    bare, marked = (np.asarray(picture(made(plain, label=label))) for label in (False, True))
    changed = np.argwhere((bare != marked).any(axis=2))
    assert len(changed) > 50
    assert changed.min(axis=0)[0] > 0.9 * 360
    assert labelled(scene) == scene


def test_pictures_of_one_scene_differ_by_their_seeds() -> None:
    first, second = (np.asarray(picture(made(still(SEA), seed=seed))) for seed in (0, 7))
    assert (first != second).any()


def test_words_that_are_pictures_are_drawn_in_colour() -> None:
    word = replace(TITLE, text="A🎉❤\ufe0f", type=Type(colour="#000000"), box=Box(0, 0, 1, 1))
    pixels = np.asarray(picture(made(still(word, width=320, height=120)))).astype(int)
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    assert (spread > 100).sum() > 1_000


@pytest.mark.parametrize("place", ["field", "space"])
def test_a_lamp_in_the_shot_is_the_only_one(place: str) -> None:
    ground = Backdrop(id="ground", place=place)  # type: ignore[arg-type]
    far = Subject(id="lamp", what="ringed-planet", box=Box(0.0, 0.0, 0.01, 0.01))
    alone, both = (
        np.asarray(picture(made(still(*layers, width=320, height=180)))).astype(int)
        for layers in ((ground, far), (ground,))
    )
    changed = np.argwhere(np.abs(alone - both).sum(axis=2) > 30)
    assert ((changed[:, 1] > 200) & (changed[:, 0] < 90)).sum() > 100


def test_the_sky_of_a_ground_takes_its_own_colours() -> None:
    red = replace(SEA, sky=("#e53935", "#f06050", "#f8a090"))
    before, after = (np.asarray(picture(made(still(one))))[:8] for one in (SEA, red))
    assert before[:, :, 2].mean() > before[:, :, 0].mean()
    assert after[:, :, 0].mean() > 2 * after[:, :, 2].mean()
