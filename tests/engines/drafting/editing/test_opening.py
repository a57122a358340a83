"""Pictures opened to be changed: as the Scene that they carry, or as one layer; and their masks."""

import hashlib
import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from seedbed.core.errors import RequestMalformed
from seedbed.core.scene.form import IN_PNG, PIXELS, read_scene, write_scene
from seedbed.core.scene.layers import Backdrop, Mask, Picture, Subject
from seedbed.core.scene.measures import Box
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot
from seedbed.engines.drafting.carrying import digest
from seedbed.engines.drafting.editing.opening import edited, marked, opened
from seedbed.engines.drafting.planning.planner import Planner
from seedbed.engines.drafting.wire import Order
from seedbed.kit.as_json import as_json
from tests.engines.drafting.editing.files import between, boxed, file_of, mask, round_

PLANNER = Planner.ready()
CAT = Subject(id="cat", what="cat", box=Box(0.1, 0.5, 0.2, 0.3))
SCENE = Scene(Canvas(64, 48), (Shot("only", layers=(Backdrop(id="ground"), CAT)),))
PLAIN = Image.new("RGB", (64, 48), "#336699")
BASE, MASK = "a" * 64, "b" * 64


def carrying(said: str, size: tuple[int, int] = (64, 48)) -> bytes:
    within, image = PngImagePlugin.PngInfo(), Image.new("RGB", size)
    within.add_itxt(IN_PNG, said, zip=True)
    within.add_itxt(PIXELS, digest(image), zip=True)
    file = io.BytesIO()
    image.save(file, "png", pnginfo=within)
    return file.getvalue()


def painted_over() -> bytes:
    """A picture that was drawn here, with a spot, by a program that keeps what a file says."""
    with Image.open(io.BytesIO(carrying(as_json(write_scene(SCENE))))) as image:
        within, file = PngImagePlugin.PngInfo(), io.BytesIO()
        for name in (IN_PNG, PIXELS):
            within.add_itxt(name, image.info[name])
        image.putpixel((3, 4), (0, 0, 1))
        image.save(file, "png", pnginfo=within)
    return file.getvalue()


def order(prompt: str, base: bytes, shown: bytes | None = None, **wanted: Any) -> Order:
    files = {BASE: base} | ({} if shown is None else {MASK: shown})
    named = MASK if shown is not None else ""
    return Order(key="k", prompt=prompt, base=BASE, mask=named, pictures=files, **wanted)


def test_a_picture_that_was_drawn_here_is_its_scene() -> None:
    found = opened(carrying(as_json(write_scene(SCENE))))
    assert (found.scene, found.notes) == (SCENE, ())


def test_one_that_was_painted_over_is_one_layer_and_that_is_told() -> None:
    found = opened(painted_over())
    (layer,) = found.scene.shots[0].layers
    assert isinstance(layer, Picture)
    assert "painted over since" in found.notes[0]
    shown = mask((64, 48), boxed(8, 8, 20, 20))
    _, notes = edited(order("remove this", painted_over(), shown), PLANNER)
    assert notes == found.notes
    with pytest.raises(RequestMalformed, match="nothing known as 'the cat'") as refused:
        edited(order("remove the cat", painted_over()), PLANNER)
    assert refused.value.hint.endswith(found.notes[0])


@pytest.mark.parametrize(
    ("said", "size"),
    [
        (as_json(write_scene(SCENE)), (32, 24)),
        ("{}", (64, 48)),
        (
            as_json(
                write_scene(
                    replace(
                        SCENE,
                        references=(Reference("photo", "picture", "a" * 64, "image/png"),),
                    )
                )
            ),
            (64, 48),
        ),
    ],
)
def test_a_scene_that_does_not_tell_all_of_a_picture_is_passed_over(
    said: str, size: tuple[int, int]
) -> None:
    assert isinstance(opened(carrying(said, size)).scene.shots[0].layers[0], Picture)


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_another_picture_is_one_layer_over_all_of_its_canvas(form: str) -> None:
    data = file_of(PLAIN, form)
    scene = opened(data).scene
    (layer,) = scene.shots[0].layers
    assert isinstance(layer, Picture)
    assert (scene.canvas.width, scene.canvas.height, layer.fit) == (64, 48, "stretch")
    (reference,) = scene.references
    assert reference.artifact == hashlib.sha256(data).hexdigest()
    assert reference.media == f"image/{form}"


@pytest.mark.parametrize(
    ("size", "canvas"), [((1, 1), (16, 16)), ((3, 50), (16, 267)), ((17, 16), (17, 16))]
)
def test_a_picture_too_small_for_a_canvas_is_drawn_larger(
    size: tuple[int, int], canvas: tuple[int, int]
) -> None:
    found = opened(file_of(Image.new("L", size))).scene.canvas
    assert (found.width, found.height) == canvas


def test_the_colour_of_a_place_is_known() -> None:
    two = Image.new("RGB", (64, 48), "#ffffff")
    two.paste("#102030", (0, 0, 32, 48))
    found = opened(file_of(two))
    assert found.behind(Box(0.0, 0.0, 0.4, 1.0)) == "#102030"
    assert found.behind(Box(0.99, 0.99, 0.2, 0.2)) == "#ffffff"


def test_the_clear_parts_of_a_mask_are_its_regions_the_largest_first() -> None:
    shown = mask(
        (200, 100),
        boxed(100, 50, 119, 69),
        round_(10, 10, 89, 69),
        between([(150, 10), (190, 12), (152, 30), (150, 45)]),
        boxed(3, 3, 3, 3),
    )
    first, second, third = marked(shown)
    assert [one.form for one in (first, second, third)] == ["ellipse", "outline", "box"]
    assert third.box == Box(0.5, 0.5, 0.1, 0.2)
    assert first.box == Box(0.05, 0.1, 0.4, 0.6)
    assert second.holds(0.77, 0.2)
    assert not second.holds(0.94, 0.4)


def test_a_small_part_beside_a_large_one_is_meant_too() -> None:
    found = marked(mask((1000, 1000), boxed(100, 100, 399, 399), boxed(600, 600, 649, 649)))
    assert [one.box for one in found] == [Box(0.1, 0.1, 0.3, 0.3), Box(0.6, 0.6, 0.05, 0.05)]


def test_a_speck_alone_is_meant() -> None:
    (only,) = marked(mask((200, 100), boxed(3, 3, 3, 3)))
    assert only.box == Box(0.015, 0.03, 0.005, 0.01)


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (b"no picture", "The mask cannot be read"),
        (file_of(PLAIN), "Nothing of the mask, 64x48 pixels, is clear"),
        (
            mask((200, 100), *(boxed(x, 10, x + 4, 20) for x in range(0, 190, 10))),
            "clear at 19 places",
        ),
    ],
)
def test_what_is_no_mask_is_refused(shown: bytes, why: str) -> None:
    with pytest.raises(RequestMalformed, match=why) as refused:
        marked(shown)
    assert refused.value.facts["field"] == "mask"


@pytest.mark.parametrize("data", [b"", b"no picture", file_of(PLAIN)[:60]])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(RequestMalformed, match="The image cannot be read") as refused:
        opened(data)
    assert refused.value.facts["field"] == "image"


def test_an_order_to_change_a_picture_becomes_one_to_draw_its_scene() -> None:
    base = carrying(as_json(write_scene(SCENE)))
    made, _ = edited(order("remove the cat", base, seed=3), PLANNER)
    assert made.scene is not None
    layers = read_scene(made.scene).shots[0].layers
    assert [one.id for one in layers] == ["ground"]
    assert (made.base, made.mask, made.size, made.seed) == ("", "", (64, 48), 3)


def test_the_place_of_a_mask_is_meant() -> None:
    shown = mask((640, 480), boxed(160, 120, 319, 359))
    made, _ = edited(order("remove this", file_of(PLAIN), shown), PLANNER)
    assert made.scene is not None
    _, removed = read_scene(made.scene).shots[0].layers
    assert isinstance(removed, Mask)
    assert (removed.use, removed.box) == ("remove", Box(0.25, 0.25, 0.25, 0.5))


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        ({}, (64, 48)),
        ({"size": (128, 96)}, (128, 96)),
        ({"side": 1_024}, (1182, 887)),
    ],
)
def test_it_is_drawn_as_large_as_it_was_or_is_wanted(
    wanted: dict[str, Any], size: tuple[int, int]
) -> None:
    shown = mask((64, 48), boxed(8, 8, 20, 20))
    assert edited(order("remove this", file_of(PLAIN), shown, **wanted), PLANNER)[0].size == size


def test_a_size_of_another_shape_is_refused() -> None:
    shown = mask((64, 48), boxed(8, 8, 20, 20))
    with pytest.raises(RequestMalformed, match="64x64 is of another shape") as refused:
        edited(order("remove this", file_of(PLAIN), shown, size=(64, 64)), PLANNER)
    assert refused.value.facts["field"] == "size"


@pytest.mark.parametrize(
    ("mode", "format_", "clear"),
    [("RGBA", "png", True), ("RGB", "png", False), ("RGBA", "jpeg", False), ("LA", "webp", True)],
)
def test_what_was_clear_stays_clear_where_the_form_has_that(
    mode: str, format_: str, clear: bool
) -> None:
    base = file_of(Image.new(mode, (64, 48)))
    shown = mask((64, 48), boxed(8, 8, 20, 20))
    made, _ = edited(order("remove this", base, shown, format=format_), PLANNER)
    assert made.clear is clear
