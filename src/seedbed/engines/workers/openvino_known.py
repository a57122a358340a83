"""What the library's cache holds, as far as it can be known: the library itself does not tell.

Floor 3. Its blocks are remembered by a hash chain, in the order of their last use. That is exact
until the cache is full; what the library then throws out first is its own secret.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence

BLOCK = 32
"""Tokens in a block of the library's cache, on a CPU."""


class Known:
    """The blocks of texts that were read or made, at most so many."""

    def __init__(self, *, blocks: int) -> None:
        self._blocks = blocks
        self._chains = OrderedDict[int, None]()

    def held(self, ids: Sequence[int]) -> int:
        """How many tokens of a text need not be read again."""
        tokens = 0
        for chain in _chains(ids):
            if chain not in self._chains:
                break
            tokens += BLOCK
        return tokens

    def note(self, ids: Sequence[int]) -> None:
        """Remember a text that is in the cache now."""
        for chain in _chains(ids):
            self._chains[chain] = None
            self._chains.move_to_end(chain)
        while len(self._chains) > self._blocks:
            self._chains.popitem(last=False)


def _chains(ids: Sequence[int]) -> Iterator[int]:
    chain = 0
    for end in range(BLOCK, len(ids) + 1, BLOCK):
        chain = hash((chain, *ids[end - BLOCK : end]))
        yield chain
