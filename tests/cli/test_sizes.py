"""Sizes as they are typed."""

import click
import pytest

from seedbed.cli.sizes import Size


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("1280x720", (1280, 720)),
        ("64*48", (64, 48)),
        ("4k", (3840, 2160)),
        ("4K", (4096, 4096)),
        ("portrait", (1080, 1920)),
    ],
)
def test_a_size_is_pixels_or_a_name(said: str, size: tuple[int, int]) -> None:
    assert Size().convert(said, None, None) == size


@pytest.mark.parametrize("said", ["5k", "12", "1x2", "-16x16", "640x480px"])
def test_what_is_no_size_is_refused_with_those_that_are(said: str) -> None:
    with pytest.raises(click.BadParameter, match="is no size; one is 1920x1080, or 480p"):
        Size().convert(said, None, None)
