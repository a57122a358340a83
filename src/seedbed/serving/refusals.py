"""Refused requests whose ways are kept: the newest of each project, so that no flood fills a disk.

Floor 4. Who is refused pays nothing, and may ask again at once, as often as it likes. So the way of
one more takes the place of the oldest, of the same project, that this process has kept.
"""

from collections import deque

from seedbed.core.route import Route

MOST_REFUSED = 1_000
"""Of each project, in the life of a process; half a megabyte of the database."""


class Refusals:
    """Knows them by their ids."""

    def __init__(self, *, most: int = MOST_REFUSED) -> None:
        self._most = most
        self._ids: dict[str, deque[str]] = {}

    def add(self, route: Route) -> str | None:
        """Keep one more; returns the request whose way is to be forgotten for it."""
        ids = self._ids.setdefault(route.project, deque())
        ids.append(route.request_id)
        return ids.popleft() if len(ids) > self._most else None
