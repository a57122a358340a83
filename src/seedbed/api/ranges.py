"""Which bytes of a body are asked for, as HTTP asks for them.

Floor 6. One range is served; several at once, and units other than bytes, are answered as if
nothing was said, which the standard allows.
"""

import re

from seedbed.core.errors import RangeOutside

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def read_range(asked: str | None, *, size: int) -> tuple[int, int] | None:
    """The first byte that is asked for and the one after the last, or `None` for all of them.

    >>> [read_range(asked, size=10) for asked in ("bytes=2-3", "bytes=8-", "bytes=-3", "lines=1-2")]
    [(2, 4), (8, 10), (7, 10), None]

    Raises:
        RangeOutside: none of these bytes is there.
    """
    found = _RANGE.fullmatch((asked or "").strip())
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    elif last and int(last) < int(first):
        return None
    else:
        start, stop = int(first), min(size, int(last or size) + 1)
    if start >= stop:
        raise RangeOutside(found[0], size=size)
    return start, stop


def is_same(tags: str | None, etag: str) -> bool:
    """Whether one of the tags of `If-None-Match` is that one."""
    told = [tag.strip().removeprefix("W/") for tag in (tags or "").split(",")]
    return etag in told or "*" in told
