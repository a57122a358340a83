"""Sizes of pictures and films, as they are typed.

Floor 6.
"""

import re

import click

_NAMED = {
    "480p": (854, 480),
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "4k": (3840, 2160),
    "1K": (1024, 1024),
    "2K": (2048, 2048),
    "4K": (4096, 4096),
    "square": (1080, 1080),
    "portrait": (1080, 1920),
    "landscape": (1920, 1080),
}
_PIXELS = re.compile(r"(\d{2,5})[x*](\d{2,5})")


class Size(click.ParamType[tuple[int, int]]):
    """Width and height in pixels, or a name for them."""

    name = "SIZE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read what was typed."""
        said = str(value)
        if said in _NAMED:
            return _NAMED[said]
        if found := _PIXELS.fullmatch(said):
            return int(found[1]), int(found[2])
        return self.fail(
            f"{said!r} is no size; one is 1920x1080, or {', '.join(_NAMED)}.", param, ctx
        )
