"""What the library's cache holds, and for whom, as far as it can be known: it does not tell.

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
        self._chains = OrderedDict[int, set[str]]()
        """With those who had each read or made."""

    def held(self, ids: Sequence[int], *, beside: str | None = None) -> int:
        """How many tokens of a text need not be read again, beside those that an owner has."""
        tokens, own = 0, beside is not None
        for chain in _chains(ids):
            owners = self._chains.get(chain)
            if owners is None:
                break
            own = own and beside in owners
            if not own:
                tokens += BLOCK
        return tokens

    def note(self, ids: Sequence[int], owner: str = "") -> None:
        """Remember a text that is in the cache now, and whose it is."""
        for chain in _chains(ids):
            self._chains.setdefault(chain, set()).add(owner)
            self._chains.move_to_end(chain)
        while len(self._chains) > self._blocks:
            self._chains.popitem(last=False)


def _chains(ids: Sequence[int]) -> Iterator[int]:
    chain = 0
    for end in range(BLOCK, len(ids) + 1, BLOCK):
        chain = hash((chain, *ids[end - BLOCK : end]))
        yield chain
