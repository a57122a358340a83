"""A document as it lies in an exact index: its vectors, and how often each term stands where.

Floor 3. Plain arrays one behind the other, which are used where they lie: nothing is unpacked. A
term is 64 bits of its hash; which passages have it stands together, in the order of the hashes.
"""

import struct
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from seedbed.indexes.base import Passage
from seedbed.kit.terms import terms

_HEAD = struct.Struct("<IIQ")
"""Passages, numbers of a vector, and postings."""
_K, _B = 1.2, 0.75
"""How soon a term that comes again counts less, and how much it counts that a passage is long."""


def packed(passages: Sequence[Passage]) -> bytes:
    """A document as bytes; its vectors have one length."""
    counts = [Counter(map(hashed, terms(passage.text))) for passage in passages]
    postings = sorted((t, at, n) for at, count in enumerate(counts) for t, n in count.items())
    numbers = len(passages[0].vector) // 4 if passages else 0
    parts: list[bytes] = [
        _HEAD.pack(len(passages), numbers, len(postings)),
        np.array([term for term, _, _ in postings], "<u8").tobytes(),
        np.array([at for _, at, _ in postings], "<u4").tobytes(),
        np.array([n for _, _, n in postings], "<u4").tobytes(),
        np.array([count.total() for count in counts], "<u4").tobytes(),
        *(passage.vector for passage in passages),
        msgspec.msgpack.encode([passage.text for passage in passages]),
    ]
    return b"".join(parts)


@lru_cache(1 << 16)
def hashed(term: str) -> int:
    """A term as it is kept."""
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "little")


class Segment:
    """A document, read where it lies."""

    def __init__(self, data: memoryview) -> None:
        self.count, numbers, postings = _HEAD.unpack_from(data)
        at = _HEAD.size
        self._terms, at = _array(data, "<u8", postings, at)
        self._places, at = _array(data, "<u4", postings, at)
        self._times, at = _array(data, "<u4", postings, at)
        self.lengths, at = _array(data, "<u4", self.count, at)
        vectors, at = _array(data, "<f4", self.count * numbers, at)
        self._vectors: NDArray[np.float32] = vectors.reshape(self.count, numbers)
        self._texts = data[at:]

    @property
    def texts(self) -> list[str]:
        """The passages."""
        return msgspec.msgpack.decode(self._texts, type=list[str])

    def likeness(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """How alike in meaning each passage is, from -1 to 1; -1 where the vectors are of another
        length, as those of another model are.
        """
        if self._vectors.shape[1] != len(vector):
            return np.full((self.count,), -1, np.float32)
        return cast("NDArray[np.float32]", self._vectors @ vector)

    def having(self, term: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """The passages that have a term, and how often."""
        sought = np.uint64(term)
        first = int(np.searchsorted(self._terms, sought, "left"))
        last = int(np.searchsorted(self._terms, sought, "right"))
        return self._places[first:last], self._times[first:last]


def weighed(
    times: NDArray[np.uint32], lengths: NDArray[np.uint32], average: float
) -> NDArray[np.float64]:
    """What a term is worth in passages that have it so often, as BM25 has it, but for how rare it
    is.
    """
    often = times.astype(np.float64)
    return often * (_K + 1) / (often + _K * (1 - _B + _B * lengths / average))


def _array(data: memoryview, kind: str, count: int, at: int) -> tuple[NDArray[Any], int]:
    found = np.frombuffer(data, kind, count, at)
    return found, at + found.nbytes
