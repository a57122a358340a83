"""The exact index: every passage is looked at, by its vector and by its words.

Floor 3. Meaning is the dot product with each vector; words are BM25. The two ranks are merged by
reciprocal rank, as are those of several things that are sought at once. What is looked at is a file
that is mapped into memory: a store costs what of it fits, and nothing while nobody searches it.
"""

import math
from collections.abc import Iterator, Sequence
from functools import partial

import anyio
import numpy as np
from numpy.typing import NDArray

from seedbed.indexes.base import Hit, Passage, Sought, Weights, Wish
from seedbed.indexes.segment import Segment, hashed, packed, weighed
from seedbed.kit.terms import terms
from seedbed.store.segments import Segments

_DEPTH = 200
"""How many passages of each rank are merged."""
_SMOOTH = 60
"""By how much the first ranks are brought together, as reciprocal rank has it."""
_MOST_TERMS = 64
"""How many terms of a question are looked for; later ones say little."""


class Exact:
    """An index in files of this machine."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments

    async def put(self, store: str, name: str, passages: Sequence[Passage]) -> None:
        """Keep a document."""
        put = self._segments.put
        await anyio.to_thread.run_sync(lambda: put(store, name, packed(passages)))

    async def find(self, store: str, sought: Sequence[Sought], wish: Wish) -> list[Hit]:
        """The best passages, the best first."""
        return await anyio.to_thread.run_sync(partial(self._find, store, sought, wish))

    async def texts(self, store: str, name: str) -> list[str]:
        """The passages of a document."""
        read = await anyio.to_thread.run_sync(self._segments.read, store)
        return Segment(read[name]).texts if name in read else []

    async def stores(self) -> list[str]:
        """The stores that there are."""
        return await anyio.to_thread.run_sync(self._segments.stores)

    async def drop(self, store: str, name: str | None = None) -> None:
        """Forget a document, or the whole store."""
        if name is None:
            await anyio.to_thread.run_sync(self._segments.remove, store)
        else:
            await anyio.to_thread.run_sync(self._segments.drop, store, name)

    def _find(self, store: str, sought: Sequence[Sought], wish: Wish) -> list[Hit]:
        kept = self._segments.read(store).items()
        shelf = _Shelf({name: Segment(data) for name, data in kept if name in wish.among})
        if not shelf.count:
            return []
        scores = shelf.scores(sought, wish.weights)
        best = _best(scores, wish.most)
        return [hit for at in best for hit in shelf.hit(at, float(scores[at]))]


class _Shelf:
    """All passages that are looked at, in one row: the documents one behind the other."""

    def __init__(self, segments: dict[str, Segment]) -> None:
        self._segments = segments
        self._begins = np.cumsum([0, *(one.count for one in segments.values())])
        self.count = int(self._begins[-1])
        lengths = [one.lengths for one in segments.values()]
        self._average = max(1.0, float(np.concatenate(lengths).mean())) if self.count else 1.0

    def scores(self, sought: Sequence[Sought], weights: Weights) -> NDArray[np.float64]:
        """How good each passage is, from 0 to 1."""
        scores, most = np.zeros(self.count), 0.0
        for one in sought:
            for weight, ranked in (
                (weights.meaning, self._by_meaning),
                (weights.words, self._by_words),
            ):
                if weight:
                    for rank, at in enumerate(ranked(one), 1):
                        scores[at] += weight / (_SMOOTH + rank)
                    most += weight / (_SMOOTH + 1)
        return scores / most

    def hit(self, at: int, score: float) -> Iterator[Hit]:
        """The passage in that place, if it was found by anything."""
        if score > 0:
            document = int(np.searchsorted(self._begins, at, "right")) - 1
            name, place = list(self._segments)[document], at - int(self._begins[document])
            yield Hit(name, place, self._segments[name].texts[place], score)

    def _by_meaning(self, sought: Sought) -> list[int]:
        vector = np.frombuffer(sought.vector, "<f4")
        return _best(np.concatenate([one.likeness(vector) for one in self._all]), _DEPTH)

    def _by_words(self, sought: Sought) -> list[int]:
        scores = np.zeros(self.count)
        for term in list(dict.fromkeys(terms(sought.text)))[:_MOST_TERMS]:
            found = [one.having(hashed(term)) for one in self._all]
            having = sum(len(places) for places, _ in found)
            rare = math.log1p((self.count - having + 0.5) / (having + 0.5))
            for one, begin, (places, times) in zip(self._all, self._begins, found, strict=False):
                worth = weighed(times, one.lengths[places], self._average)
                scores[begin + places] += rare * worth
        return [at for at in _best(scores, _DEPTH) if scores[at] > 0]

    @property
    def _all(self) -> list[Segment]:
        return list(self._segments.values())


def _best(scores: NDArray[np.floating], most: int) -> list[int]:
    """The places of the best, the best first; of those alike the first."""
    order = np.argsort(-scores, kind="stable")
    return [int(at) for at in order[:most]]
