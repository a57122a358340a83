"""Sights: when and where a layer is seen best."""

import pytest

from seedbed.core.scene.layers import Subject, Text
from seedbed.core.scene.measures import Box
from seedbed.core.scene.motion import Camera, Key, Motion, Transition
from seedbed.core.scene.scene import Canvas, Scene, Shot
from seedbed.media.sights import sights

BOX = Box(0.4, 0.4, 0.2, 0.2)


def test_a_layer_of_a_picture_is_where_its_box_is_with_a_little_room() -> None:
    scene = Scene(Canvas(100, 100), (Shot("a", layers=(Text(id="t", text="x", box=BOX),)),))
    (sight,) = sights(scene)
    assert sight.frame == 0
    assert sight.at == "shots[0].layers[0]"
    assert sight.box.holds(BOX)
    assert sight.box.width < 0.22


def test_a_layer_that_comes_in_is_looked_at_when_it_is_there() -> None:
    motion = Motion(keys=(Key(0.0, x=-0.8, opacity=0.0), Key(0.9), Key(1.0, opacity=0.0)))
    text = Text(id="t", text="x", box=BOX, motion=motion)
    (sight,) = sights(Scene(Canvas(100, 100, fps=10), (Shot("a", 2.0, (text,)),)))
    assert sight.frame == pytest.approx(17, abs=1)
    assert sight.box.centre == pytest.approx((0.5, 0.5), abs=0.1)


def test_a_layer_that_is_seen_for_a_while_is_looked_at_in_that_while() -> None:
    text = Text(id="t", text="x", box=BOX, since=0.7, until=0.8)
    (sight,) = sights(Scene(Canvas(100, 100, fps=10), (Shot("a", 2.0, (text,)),)))
    assert 0.7 <= sight.frame / 19 <= 0.8


def test_frames_of_transitions_are_left_out() -> None:
    text = Text(id="t", text="x", box=BOX)
    into = Transition("dissolve", 1.0)
    shots = (Shot("a", 2.0, (text,)), Shot("b", 2.0, (text,), into=into))
    first, second = sights(Scene(Canvas(100, 100, fps=10), shots))
    assert first.frame < 10
    assert second.frame >= 20


def test_the_camera_moves_what_does_not_lie_on_the_glass() -> None:
    near = Subject(id="s", what="fox", box=BOX, depth=1.0)
    shot = Shot("a", 2.0, (near,), camera=Camera("pan", toward="right", amount=1.0))
    (sight,) = sights(Scene(Canvas(100, 100, fps=10), (shot,)))
    assert sight.box.x >= -0.05
    assert sight.box.x + sight.box.width <= 1.05
