"""How large a picture is to be, as both vendors write it.

Floor 6.
"""

import re

from seedbed.core.ask import LARGEST_PICTURE
from seedbed.core.errors import RequestMalformed

_SIZE = re.compile(r"(\d{1,5})[xX](\d{1,5})", re.ASCII)
_LEAST = 16
_UNEVENEST = 16


def read_size(text: str) -> tuple[int, int]:
    """Width and height in pixels.

    >>> read_size("1024x768")
    (1024, 768)

    Raises:
        RequestMalformed: it is no size, or none that is painted.
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        raise _refused(text, "is no size")
    width, height = int(found[1]), int(found[2])
    least, most = sorted((width, height))
    if least < _LEAST or width * height > LARGEST_PICTURE or most > _UNEVENEST * least:
        raise _refused(text, "is out of range")
    return width, height


def told_size(width: int, height: int) -> str:
    """The same as it is written."""
    return f"{width}x{height}"


def _refused(text: str, why: str) -> RequestMalformed:
    return RequestMalformed(
        f"Field 'size' with value {text[:40]!r} {why}.",
        hint=f"Send one such as 1024x1024: each side {_LEAST} or more, no side longer than "
        f"{_UNEVENEST} times the other, and {LARGEST_PICTURE:,} pixels at most.",
        field="size",
    )
