"""What becomes of a film that came, by its facts alone."""

from fractions import Fraction
from typing import Any

import pytest

from seedbed.core.finish import Finish
from seedbed.media.aim import Aim, aim, is_there

CAME: dict[str, Any] = {
    **{"width": 512, "height": 288, "fps": 8.0, "rate": "8", "frames": 13, "depth": 8},
    **{"codec": "h264", "drifted": [], "sound": False},
}


def goal(finish: Finish, came: dict[str, Any] | None = None, **ask: object) -> Aim:
    return aim({**CAME, **(came or {})}, ask, finish, drawn=False)


def test_a_film_is_brought_to_the_size_and_rate_that_the_model_was_asked_for() -> None:
    found = goal(Finish(), size=[3840, 2160], fps=60)
    assert (found.size, found.rate, found.deeds) == ((3840, 2160), 60, ("interpolated", "upscaled"))
    assert found.frames == 98, "thirteen frames of an eighth of a second, in sixtieths"
    assert goal(Finish(), tier="1080p", ratio="16:9").size == (1920, 1080)


def test_what_is_asked_for_makes_nothing_smaller_or_slower_and_a_wish_does() -> None:
    found = goal(Finish(), size=[64, 36], fps=4)
    assert (found.size, found.rate, found.is_anew) == ((512, 288), 8, False)
    found = goal(Finish(size=(64, 36), fps=4))
    assert (found.size, found.rate, found.deeds) == ((64, 36), 4, ("interpolated", "shrunk"))


@pytest.mark.parametrize(
    ("came", "wanted", "becomes"),
    [
        ((854, 480), (3840, 2160), (3840, 2160)),
        ((512, 512), (3840, 2160), (2160, 2160)),
        ((288, 512), (1920, 1080), (608, 1080)),
    ],
)
def test_a_film_keeps_its_shape(
    came: tuple[int, int], wanted: tuple[int, int], becomes: tuple[int, int]
) -> None:
    found = goal(Finish(size=wanted), {"width": came[0], "height": came[1]})
    assert found.size == becomes


def test_each_step_is_left_out_where_it_is_to_be_skipped() -> None:
    skip = Finish(size=(1024, 576), fps=30, skip=("upscale", "interpolate", "colours"))
    found = goal(skip, {"drifted": [{}]})
    assert (found.size, found.rate, found.deeds) == ((512, 288), 8, ())
    assert set(found.left.values()) == {"it was to be skipped"}


def test_colours_are_matched_where_shots_have_drifted() -> None:
    assert goal(Finish(), {"drifted": [{}]}).deeds == ("coloured",)
    assert "no shot has drifted" in goal(Finish()).left["colours"]
    drawn = aim(CAME, {}, Finish(format="webm"), drawn=True)
    assert "the colours that the Scene says" in drawn.left["colours"]


@pytest.mark.parametrize(
    ("finish", "came", "written"),
    [
        (Finish(), {}, ("h264", "mp4", 8, False)),
        (Finish(), {"codec": "hevc", "depth": 10}, ("hevc", "mp4", 10, False)),
        (Finish(codec="hevc"), {}, ("hevc", "mp4", 8, True)),
        (Finish(codec="av1", depth=10), {}, ("av1", "mp4", 10, True)),
        (Finish(format="webm"), {}, ("av1", "webm", 8, True)),
        (Finish(format="webm", codec="vp9"), {"depth": 10}, ("vp9", "webm", 8, True)),
        (Finish(format="gif"), {"depth": 10}, ("h264", "mp4", 8, False)),
        (Finish(), {"codec": "png"}, ("h264", "mp4", 8, True)),
        (Finish(captions="titles", burnt=True), {}, ("h264", "mp4", 8, True)),
    ],
)
def test_frames_are_written_anew_only_where_they_must_be(
    finish: Finish, came: dict[str, Any], written: tuple[str, str, int, bool]
) -> None:
    found = goal(finish, came)
    assert (found.codec, found.container, found.depth, found.is_anew) == written


def test_a_gif_has_as_many_frames_as_it_can() -> None:
    assert goal(Finish(format="gif"), {"rate": "60"}).rate == 50
    found = goal(Finish(format="gif", skip=("interpolate",)), {"rate": "60"})
    assert found.rate == 50
    assert goal(Finish(fps=30), {"rate": "30000/1001"}).rate == Fraction(30)


def test_webm_is_not_signed_and_says_so() -> None:
    assert goal(Finish(format="webm")).left["sign"] == "WebM holds no C2PA manifest"


@pytest.mark.parametrize(
    ("finish", "ask", "drawn", "there"),
    [
        (Finish(), {}, False, True),
        (Finish(codec="h264"), {"size": [512, 288], "fps": 8}, False, True),
        (Finish(size=(512, 288), fps=8), {}, False, True),
        (Finish(), {"size": [1024, 576]}, False, False),
        (Finish(), {"fps": 24}, False, False),
        (Finish(captions="titles"), {}, True, True),
        (Finish(captions="titles", burnt=True), {}, True, False),
        (Finish(captions="1"), {}, False, False),
        (Finish(depth=10), {}, False, False),
    ],
)
def test_a_film_that_is_as_it_is_wanted_is_left_alone(
    finish: Finish, ask: dict[str, Any], drawn: bool, there: bool
) -> None:
    assert is_there(CAME, ask, finish, drawn=drawn) is there
