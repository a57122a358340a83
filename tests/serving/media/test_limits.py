"""A medium's options are heeded within what the house allows."""

from collections.abc import Mapping

import pytest

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Film, Pages, Picture
from seedbed.serving.media.limits import MediaLimits

LIMITS = MediaLimits(side=2000, pixels=1_000_000, frames=8, tokens=15_000, pages=9)


@pytest.mark.parametrize(
    ("options", "order"),
    [
        ({}, Picture(side=2000, pixels=1_000_000)),
        ({"detail": "auto"}, Picture(side=2000, pixels=1_000_000)),
        ({"detail": "high"}, Picture(side=2000, pixels=1_000_000)),
        ({"detail": "low"}, Picture(side=512, pixels=512 * 512)),
        ({"detail": "low", "max_pixels": 9_000}, Picture(side=2000, pixels=9_000)),
        ({"max_pixels": 9_000_000}, Picture(side=2000, pixels=1_000_000)),
        ({"min_pixels": 400}, Picture(side=2000, pixels=1_000_000, fewest=400)),
        ({"filename": "cat.png"}, Picture(side=2000, pixels=1_000_000)),
    ],
)
def test_a_picture_is_made_as_large_as_its_options_say(
    options: Mapping[str, object], order: Picture
) -> None:
    assert LIMITS.picture(options) == order


@pytest.mark.parametrize(
    ("options", "order"),
    [
        ({}, Film("mov", frames=8)),
        ({"fps": 0.5}, Film("mov", fps=0.5, frames=8)),
        ({"max_video_tokens": 99_999}, Film("mov", frames=8, tokens=15_000)),
        ({"max_video_tokens": 900}, Film("mov", frames=8, tokens=900)),
        ({"min_frame_tokens": 700}, Film("mov", frames=8, least_tokens=700, most_tokens=700)),
        ({"max_frame_tokens": 128}, Film("mov", frames=8, most_tokens=128)),
    ],
)
def test_a_film_is_taken_apart_as_its_options_say(
    options: Mapping[str, object], order: Film
) -> None:
    assert LIMITS.film("video/mp4", options) == order


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"detail": "most"}, "detail is 'most'"),
        ({"min_pixels": 0}, "min_pixels are 0"),
        ({"max_pixels": "many"}, "max_pixels are 'many'"),
        ({"min_pixels": 9, "max_pixels": 8}, "min_pixels, 9, are more than its max_pixels, 8"),
    ],
)
def test_options_of_a_picture_that_are_out_of_range_are_refused(
    options: Mapping[str, object], why: str
) -> None:
    with pytest.raises(MediumFault, match=why):
        LIMITS.picture(options)


@pytest.mark.parametrize("fps", [0.1, 6, "often"])
def test_frames_come_neither_too_seldom_nor_too_often(fps: object) -> None:
    with pytest.raises(MediumFault, match=r"not between 0\.2 and 5\.0"):
        LIMITS.film("video/mp4", {"fps": fps})


@pytest.mark.parametrize("kind", ["", "audio/mpeg", "application/pdf", "text/plain"])
def test_what_is_no_film_is_taken_for_none(kind: str) -> None:
    with pytest.raises(MediumFault, match="no film that is read here"):
        LIMITS.film(kind, {})


def test_pages_are_drawn_where_they_can_be_shown() -> None:
    assert LIMITS.document(pictured=True) == Pages(9, pixels=500_000)
    assert LIMITS.document(pictured=False) == Pages(9)
