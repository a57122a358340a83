"""Scenes as pictures."""

import json
from dataclasses import replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
import skia

from seedbed.core.errors import SceneUndrawable
from seedbed.core.scene.form import parse_scene
from seedbed.core.scene.layers import (
    AnyLayer,
    Backdrop,
    Mask,
    Picture,
    Shape,
    Subject,
    Text,
    Type,
)
from seedbed.core.scene.measures import Box, Point
from seedbed.core.scene.motion import Camera, Key, Motion, Transition
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot
from seedbed.engines.drafting.art import read_art
from seedbed.engines.drafting.fonts import Fonts
from seedbed.engines.drafting.frames import Pixels
from seedbed.engines.drafting.lettering import Lettering
from seedbed.engines.drafting.stage import Stage

ART, LETTERING = read_art(), Lettering(Fonts())
SCENES = Path(__file__).parent / "scenes"
SIZE = (256, 144)
HASH = "b" * 64
RED, GREEN = "#ff0000", "#00ff00"
MIDDLE = Box(0.4, 0.4, 0.2, 0.2)


def stage(scene: Scene, size: tuple[int, int] | None = None) -> Stage:
    noise = np.random.default_rng(3).integers(0, 255, (90, 160, 4), np.uint8)
    noise[:, :, 3] = 255
    picture = skia.Image.fromarray(noise, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    return Stage(scene, size=size, art=ART, lettering=LETTERING, pictures={HASH: picture})


def still(*layers: AnyLayer, camera: Camera | None = None) -> Scene:
    shot = Shot("s", layers=layers, camera=camera or Camera())
    references = (Reference("r", "picture", HASH, "image/png"),)
    return Scene(Canvas(160, 90), (shot,), references=references)


def film(*shots: Shot, fps: int = 10) -> Scene:
    references = (Reference("r", "picture", HASH, "image/png"),)
    return Scene(Canvas(160, 90, fps=fps), shots, references=references)


def plain(name: str, colour: str, into: Transition | None = None) -> Shot:
    shape = Shape(id="all", fill=colour)
    return Shot(name, 2.0, (shape,), into=into or Transition())


def where(pixels: Pixels, colour: str) -> tuple[float, float]:
    """The middle of what has a colour, as shares."""
    goal = np.array(tuple(bytes.fromhex(colour[1:])))
    rows, columns = np.nonzero((np.abs(pixels[:, :, :3].astype(int) - goal) < 40).all(axis=2))
    return columns.mean() / pixels.shape[1], rows.mean() / pixels.shape[0]


def likeness(one: Pixels, other: Pixels) -> float:
    """Structural similarity, 1 where both are the same."""
    a, b = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY).astype(np.float64) for each in (one, other))
    mean_a, mean_b = (cv2.GaussianBlur(each, (11, 11), 1.5) for each in (a, b))
    spread_a = cv2.GaussianBlur(a * a, (11, 11), 1.5) - mean_a**2
    spread_b = cv2.GaussianBlur(b * b, (11, 11), 1.5) - mean_b**2
    both = cv2.GaussianBlur(a * b, (11, 11), 1.5) - mean_a * mean_b
    above = (2 * mean_a * mean_b + 6.5) * (2 * both + 58.5)
    return float((above / ((mean_a**2 + mean_b**2 + 6.5) * (spread_a + spread_b + 58.5))).mean())


def stored(name: str) -> Pixels:
    found = cv2.imread(str(SCENES / f"{name}.png"))
    assert found is not None
    return cast("Pixels", cv2.cvtColor(found, cv2.COLOR_BGR2RGB))


@pytest.mark.parametrize("name", sorted(path.stem for path in SCENES.glob("*.json")))
def test_a_scene_looks_as_it_did(name: str) -> None:
    scene = parse_scene((SCENES / f"{name}.json").read_text())
    was = stored(name)
    drawn = stage(scene, (was.shape[1], was.shape[0])).frame(0)
    assert likeness(drawn, was) > 0.93, name


def test_the_same_scene_gives_the_same_bytes_whatever_was_drawn_before() -> None:
    scene = parse_scene((SCENES / "journey.json").read_text())
    one, other = stage(scene, SIZE), stage(scene, SIZE)
    for number in (0, 90, 44):
        one.frame(number)
    assert (one.frame(30) == other.frame(30)).all()


def test_a_subject_is_where_its_box_is() -> None:
    box = Box(0.5, 0.2, 0.2, 0.4)
    pixels = stage(still(Subject(id="a", what="red-heart", box=box, shadow=False))).still()
    rows, columns = np.nonzero((pixels < 250).any(axis=2))
    assert columns.min() >= 79
    assert columns.max() <= 112
    assert rows.max() in range(52, 55)


def test_a_subject_takes_a_colour_and_is_mirrored() -> None:
    car = Subject(id="a", what="automobile", shadow=False)
    usual, blue = (stage(still(replace(car, colour=one))).still() for one in (None, "#2040e0"))
    flipped = stage(still(replace(car, flip=True))).still()
    assert blue[:, :, 2].mean() > usual[:, :, 2].mean()
    assert np.abs(flipped[:, ::-1].astype(int) - usual).mean() < 2


def test_a_shadow_lies_under_a_subject_and_stays_while_it_leaps() -> None:
    leap = Motion(habit="bounce")
    cat = Subject(id="a", what="cat", box=MIDDLE, motion=leap)
    with_, without = (
        stage(film(Shot("s", 2.0, (replace(cat, shadow=one),)))) for one in (True, False)
    )
    for number in (0, 5):
        rows, _ = np.nonzero((with_.frame(number) != without.frame(number)).any(axis=2))
        assert 0.55 * 90 < rows.mean() < 0.65 * 90


def test_what_has_no_art_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(SceneUndrawable, match="no art of 'dragonfly-king'"):
        stage(still(Subject(id="a", what="dragonfly-king")))


def test_layers_go_from_the_back_to_the_front_and_may_be_seen_through() -> None:
    below, above = Shape(id="a", fill=RED), Shape(id="b", fill=GREEN, opacity=0.5)
    assert tuple(stage(still(below, above)).still()[45, 80]) == pytest.approx((127, 128, 0), abs=1)


def test_a_layer_is_seen_only_in_its_time() -> None:
    late = Shape(id="a", fill=RED, since=0.5, until=0.8)
    frames = stage(film(Shot("s", 2.0, (late,))))
    seen = [number for number in range(20) if tuple(frames.frame(number)[45, 80]) == (255, 0, 0)]
    assert seen == [10, 11, 12, 13, 14, 15]


def test_what_is_seen_to_the_end_is_seen_in_the_last_frame() -> None:
    frames = stage(film(Shot("s", 1.0, (Shape(id="a", fill=RED, since=0.9),))))
    assert tuple(frames.frame(9)[45, 80]) == (255, 0, 0)


def test_a_layer_follows_its_keys() -> None:
    way = Motion((Key(0.0, x=-0.3), Key(1.0, x=0.3)), easing="linear")
    frames = stage(film(Shot("s", 1.1, (Shape(id="a", fill=RED, box=MIDDLE, motion=way),))))
    places = [where(frames.frame(number), RED)[0] for number in (0, 5, 10)]
    assert places == pytest.approx([0.2, 0.5, 0.8], abs=0.01)


def test_what_has_faded_or_shrunk_away_is_not_seen() -> None:
    for key in (Key(0.0, opacity=0.0), Key(0.0, scale=0.0)):
        layer = Shape(id="a", fill=RED, motion=Motion((key,)))
        assert (stage(still(layer)).still() == 255).all()


def test_a_pan_moves_near_layers_more_than_far_ones_and_the_glass_not_at_all() -> None:
    layers = [
        Shape(id="far", fill=RED, box=Box(0.45, 0.1, 0.1, 0.1), depth=0.1),
        Shape(id="near", fill=GREEN, box=Box(0.45, 0.5, 0.1, 0.1), depth=0.9),
        Shape(id="glass", fill="#0000ff", box=Box(0.45, 0.8, 0.1, 0.1), fixed=True),
    ]
    frames = stage(film(Shot("s", 1.0, tuple(layers), camera=Camera("pan", "right", 0.3))))
    first, last = frames.frame(0), frames.frame(9)
    far, near, glass = (where(first, c)[0] - where(last, c)[0] for c in (RED, GREEN, "#0000ff"))
    assert near > far > 0.05
    assert glass == pytest.approx(0.0)


@pytest.mark.parametrize("move", ["pan", "tilt", "zoom", "dolly", "orbit"])
@pytest.mark.parametrize("place", ["city", "underwater"])
def test_the_camera_never_sees_beyond_the_ground(move: str, place: str) -> None:
    camera = Camera(move, "in", 0.6, "elastic")  # type: ignore
    layers = (Backdrop(id="g", place=place),)  # type: ignore
    scene = film(Shot("s", 1.0, layers, camera=camera))
    scene = replace(scene, canvas=replace(scene.canvas, colour="#ff00ff"))
    frames = stage(scene)
    for number in (0, 2, 5, 9):
        pixels = frames.frame(number).astype(int)
        assert not ((pixels[:, :, 0] > 250) & (pixels[:, :, 1] < 5)).any()


def test_a_ground_that_is_kept_and_one_that_is_drawn_look_alike() -> None:
    ground = Backdrop(id="g", place="mountains")
    drawn = stage(still(replace(ground, motion=Motion()))).still()
    assert likeness(stage(still(ground)).still(), drawn) > 0.98


def test_a_camera_that_goes_far_has_its_ground_drawn_each_time() -> None:
    far = Camera("dolly", "in", 1.0)
    frames = stage(film(Shot("s", 1.0, (Backdrop(id="g", place="sky"),), camera=far)))
    wide = Camera("pan", "right", 1.0)
    panned = stage(film(Shot("s", 1.0, (Backdrop(id="g", place="sky", depth=0.5),), camera=wide)))
    assert frames.frame(9).shape == panned.frame(9).shape == (90, 160, 3)


def test_a_backdrop_in_a_box_stays_within_it() -> None:
    ground = Backdrop(id="g", place="sea", box=MIDDLE, opacity=0.9)
    pixels = stage(still(ground)).still()
    rows, columns = np.nonzero((pixels != 255).any(axis=2))
    assert (rows.min(), rows.max() + 1) == (36, 54)
    assert (columns.min(), columns.max() + 1) == (64, 96)


def test_rain_falls_before_what_lies_in_the_shot_and_behind_the_glass() -> None:
    ground = Backdrop(id="g", place="field", weather="rain")
    body = Shape(id="b", fill=RED, box=Box(0.0, 0.2, 1.0, 0.6))
    assert len(np.unique(stage(still(ground, body)).still()[45], axis=0)) > 1
    glass = stage(still(ground, replace(body, fixed=True))).still()
    assert len(np.unique(glass[45], axis=0)) == 1


def test_a_mask_clips_the_layer_that_it_is_of() -> None:
    body = Shape(id="b", fill=RED)
    mask = Mask(id="m", use="clip", of="b", box=MIDDLE)
    pixels = stage(still(body, mask)).still()
    assert tuple(pixels[45, 80]) == (255, 0, 0)
    assert tuple(pixels[10, 10]) == (255, 255, 255)
    triangle = (Point(0.0, 0.0), Point(1.0, 0.0), Point(0.0, 1.0))
    pixels = stage(still(body, replace(mask, box=Box(0, 0, 1, 1), points=triangle))).still()
    assert tuple(pixels[10, 10]) == (255, 0, 0)
    assert tuple(pixels[80, 150]) == (255, 255, 255)


def test_a_mask_that_only_names_changes_nothing() -> None:
    assert (stage(still(Mask(id="m", box=MIDDLE))).still() == 255).all()


def test_a_picture_and_a_text_are_put_where_they_belong() -> None:
    picture = Picture(id="p", reference="r", box=Box(0.0, 0.0, 0.5, 0.5), flip=True)
    text = Text(id="t", text="Hi 你好", box=Box(0.5, 0.5, 0.5, 0.5))
    pixels = stage(still(Shape(id="b", fill="#000000"), picture, text)).still()
    assert pixels[:45, :80].std() > 30
    assert pixels[45:, 80:].max() > 200
    assert not pixels[:45, 80:].any()


def test_a_picture_that_covers_all_does_so_while_the_camera_pans() -> None:
    layers = (Picture(id="p", reference="r"),)
    scene = film(Shot("s", 1.0, layers, camera=Camera("pan", "right", 0.5)))
    scene = replace(scene, canvas=replace(scene.canvas, colour="#000000"))
    for number in (0, 9):
        pixels = stage(scene).frame(number)
        assert pixels[:, :3].mean() > 60
        assert pixels[:, -3:].mean() > 60


def test_a_text_that_grows_is_kept_as_sharp_as_it_becomes() -> None:
    grows = Motion((Key(0.0, scale=0.5), Key(1.0, scale=1.5)))
    text = Text(id="t", text="Hi", box=MIDDLE, motion=grows)
    frames = stage(film(Shot("s", 1.0, (Shape(id="b", fill="#000000"), text))))
    small, large = ((frames.frame(number) > 128).sum() for number in (0, 9))
    assert large > 5 * small > 0


def test_a_text_that_does_not_fit_is_refused() -> None:
    text = Text(id="t", text="A long word", type=Type(size=0.9), box=MIDDLE)
    with pytest.raises(SceneUndrawable, match="does not fit its box"):
        stage(still(text)).still()


def test_a_still_may_have_a_clear_ground() -> None:
    body = Shape(id="b", fill=RED, box=MIDDLE)
    ground = Backdrop(id="g", place="field", weather="rain")
    pixels = stage(still(ground, body)).still(alpha=True)
    assert pixels.shape == (90, 160, 4)
    assert tuple(pixels[45, 80]) == (255, 0, 0, 255)
    assert pixels[5, 5, 3] == 0


@pytest.mark.parametrize("form", ["dissolve", "fade", "wipe", "slide", "push"])
def test_a_transition_lies_between_its_two_shots(form: str) -> None:
    into = Transition(form, 0.5, "in")  # type: ignore
    frames = stage(film(plain("a", RED), plain("b", GREEN, into)))
    assert frames.frames == 35
    assert (frames.frame(14) == (255, 0, 0)).all()
    assert (frames.frame(20) == (0, 255, 0)).all()
    between = frames.frame(17)
    assert not (between == (255, 0, 0)).all()
    assert not (between == (0, 255, 0)).all()


def test_no_more_than_two_shots_are_kept() -> None:
    frames = stage(film(*(plain(f"s{number}", RED) for number in range(5))))
    for number in range(frames.frames):
        frames.frame(number)
    assert len(frames._playing) == 2  # pyright: ignore[reportPrivateUsage]


def test_a_frame_that_is_not_there_is_refused() -> None:
    with pytest.raises(IndexError, match="frame 1"):
        stage(still()).frame(1)


def test_another_size_shows_the_same() -> None:
    scene = parse_scene((SCENES / "meadow.json").read_text())
    small, large = stage(scene, SIZE).still(), stage(scene, (1024, 576)).still()
    shrunk = cast("Pixels", cv2.resize(large, SIZE, interpolation=cv2.INTER_AREA))
    assert likeness(small, shrunk) > 0.95


def test_a_seed_stands_for_the_scenes_own() -> None:
    scene = still(Backdrop(id="g", place="city"))
    other = Stage(scene, art=ART, lettering=LETTERING, pictures={}, seed=7).still()
    assert (other != stage(scene).still()).any()
    assert (other == stage(replace(scene, seed=7)).still()).all()


def test_all_scenes_here_are_whole() -> None:
    for path in SCENES.glob("*.json"):
        assert json.loads(path.read_text())["version"] == "seedbed.scene/1"
        assert path.with_suffix(".png").stat().st_size <= 20_000
