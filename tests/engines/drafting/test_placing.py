"""Where layers come to lie."""

import pytest
import skia
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.scene.layers import Backdrop, Picture, Shape, Subject
from seedbed.core.scene.measures import WHOLE, Box
from seedbed.core.scene.motion import HELD, Camera, Key, Motion
from seedbed.engines.drafting.habits import Pose
from seedbed.engines.drafting.moves import View, view
from seedbed.engines.drafting.placing import covering, is_ground, looked, placed, reach

SIZE = (200, 100)
BOX = Box(0.25, 0.5, 0.5, 0.25)
PAN = Camera("pan", "right", 0.4)


def corners(matrix: skia.Matrix, box: Box) -> tuple[float, float, float, float]:
    rect = matrix.mapRect(skia.Rect.MakeWH(box.width * SIZE[0], box.height * SIZE[1]))
    return rect.left(), rect.top(), rect.right(), rect.bottom()


def test_at_rest_a_layer_lies_in_its_box() -> None:
    assert corners(placed(BOX, Pose(), View(), SIZE), BOX) == pytest.approx((50, 50, 150, 75))


def test_it_is_moved_scaled_and_turned_about_its_middle() -> None:
    moved = placed(BOX, Pose(x=0.1, y=-0.1), View(), SIZE)
    assert corners(moved, BOX) == pytest.approx((70, 40, 170, 65))
    larger = placed(BOX, Pose(scale=2), View(), SIZE)
    assert corners(larger, BOX) == pytest.approx((0, 37.5, 200, 87.5))
    turned = placed(BOX, Pose(turn=90), View(), SIZE)
    assert corners(turned, BOX) == pytest.approx((87.5, 12.5, 112.5, 112.5), abs=1e-3)


def test_what_is_stretched_becomes_narrower_as_it_grows() -> None:
    left, top, right, bottom = corners(placed(BOX, Pose(stretch=1.25), View(), SIZE), BOX)
    assert (right - left, bottom - top) == pytest.approx((80, 31.25))


def test_the_camera_moves_all_but_what_lies_on_the_glass() -> None:
    layer = Subject(id="a", what="cat", box=BOX)
    assert looked(layer, PAN, 1.0) == view(PAN, 1.0, 0.5)
    assert looked(Subject(id="a", what="cat", box=BOX, fixed=True), PAN, 1.0) == View()


@given(
    st.sampled_from(["pan", "tilt", "zoom", "dolly", "orbit", "hold"]),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from(["linear", "elastic", "bounce", "in_out"]),
    st.floats(0, 1),
)
def test_the_camera_sees_no_more_than_is_reached(
    move: str, amount: float, depth: float, easing: str, share: float
) -> None:
    camera = Camera(move, "in", amount, easing)  # type: ignore
    area, seen = reach(camera, depth), view(camera, share, depth)
    left, right = -seen.x / seen.scale, (1 - seen.x) / seen.scale
    assert area.x <= left + 0.01
    assert right - 0.01 <= area.x + area.width


def test_what_covers_the_canvas_covers_it_while_the_camera_moves() -> None:
    picture = covering(Picture(id="p", reference="r"), PAN)
    for share in (0.0, 0.5, 1.0):
        seen = view(PAN, share, picture.depth)
        assert seen.x + picture.box.x * seen.scale <= 1e-9
        assert seen.x + (picture.box.x + picture.box.width) * seen.scale >= 1 - 1e-9
    assert picture.box.width == pytest.approx(picture.box.height)


@pytest.mark.parametrize(
    "layer",
    [
        Subject(id="s", what="cat"),
        Shape(id="s", box=BOX),
        Shape(id="s", fixed=True),
        Shape(id="s", motion=Motion((Key(0.0),))),
        Shape(id="s", turn=10.0),
    ],
)
def test_other_layers_keep_their_boxes(layer: Subject | Shape) -> None:
    assert covering(layer, PAN) is layer
    assert covering(Shape(id="s"), HELD).box == WHOLE


def test_a_ground_is_a_backdrop_over_all_as_it_is() -> None:
    assert is_ground(Backdrop(id="g"))
    assert not is_ground(Shape(id="g"))
    assert not is_ground(Backdrop(id="g", box=BOX))
    assert not is_ground(Backdrop(id="g", opacity=0.5))
    assert not is_ground(Backdrop(id="g", motion=Motion()))
