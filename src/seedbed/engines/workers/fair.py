"""Whose texts go into the next batch: one of each caller's in turn, as many as a batch holds.

Floor 3. A caller with one text waits for the batch under way and no longer, whatever others sent.
"""

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

_TOGETHER = 32
"""So many texts of a caller are put in the order of their length; their vectors wait so long."""

Caller = TypeVar("Caller", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Item(Generic[Caller]):
    """One text of a caller's, as tokens."""

    caller: Caller
    ordinal: int
    ids: Sequence[int]


class Fair(Generic[Caller]):
    """The texts that wait. A batch holds `tokens`, its padding counted, or one longer text."""

    def __init__(self, *, tokens: int) -> None:
        self._tokens = tokens
        self._waiting: dict[Caller, deque[Item[Caller]]] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, caller: Caller, texts: Sequence[Sequence[int]]) -> None:
        """Let a caller's texts wait, the latest caller last."""
        items = [Item(caller, ordinal, ids) for ordinal, ids in enumerate(texts)]
        windows = (items[at : at + _TOGETHER] for at in range(0, len(items), _TOGETHER))
        ordered = [item for near in windows for item in sorted(near, key=lambda i: len(i.ids))]
        if ordered:
            self._waiting[caller] = deque(ordered)

    def drop(self, caller: Caller) -> None:
        """Forget what of a caller's still waits."""
        self._waiting.pop(caller, None)

    def take(self) -> list[Item[Caller]]:
        """The next batch. Who finds no room any more is the first of the one after it."""
        batch: list[Item[Caller]] = []
        longest = 0
        while self._waiting:
            caller, items = next(iter(self._waiting.items()))
            wider = max(longest, len(items[0].ids))
            if batch and wider * (len(batch) + 1) > self._tokens:
                break
            longest = wider
            batch.append(items.popleft())
            del self._waiting[caller]
            if items:
                self._waiting[caller] = items
        return batch
