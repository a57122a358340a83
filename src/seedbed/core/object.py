"""Objects: what a door keeps for its callers under an id, such as a response, a file, a batch.

Floor 1. What is in one is its door's business; here is whose it is, and how long it is kept.
Moments are in epoch microseconds.
"""

from collections.abc import Mapping

from seedbed.core.value import value


@value
class Object:
    """One object of a project. `kind` is its door's word for it; `body` is what JSON can hold.

    `parent` is the id of the object that it belongs to, and goes with. From `until` on it is gone.
    """

    id: str
    kind: str
    project: str
    at: int
    body: Mapping[str, object]
    parent: str = ""
    until: int | None = None


@value
class Page:
    """Some objects of a list, in its order, and whether there are more behind them."""

    objects: tuple[Object, ...]
    has_more: bool
