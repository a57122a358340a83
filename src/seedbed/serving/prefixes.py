"""What a deployment's engine probably has in its cache: which prompts it read, and for whom.

Floor 4. A guess, in the order in which an engine gives things up: what was least recently used goes
first. `known` is the best guess. `foreign` errs on purpose: as long as an engine could have what it
read for others, it is remembered, and what an owner has himself counts only as long as it must be
there. Else he could tell by the time of an answer what another has asked.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from math import inf
from types import MappingProxyType

from seedbed.core.prefix import Link

_FEWEST_BYTES, _BYTES, _MOST_BYTES = 2, 4, 16
"""Of text in a token, over a whole cache: of rare scripts, of most texts, and of long blanks."""


class _Blocks:
    """Blocks of prompts, and for whom: so many bytes and blocks; the least recent are given up."""

    def __init__(self, most_bytes: int, most: float) -> None:
        self._most_bytes, self._most, self._bytes = most_bytes, most, 0
        self._blocks = OrderedDict[bytes, tuple[int, dict[str, int]]]()
        """The least recent first, and of one prompt its end before its beginning."""

    def __len__(self) -> int:
        return len(self._blocks)

    def owners(self, digest: bytes) -> Mapping[str, int]:
        """Who has that block, and since when."""
        _, owners = self._blocks.get(digest, _NO_BLOCK)
        return owners

    def mark(self, chain: Sequence[Link], owner: str, at: int) -> None:
        """An owner has all blocks of a prompt since then."""
        begins = [0, *(link.end for link in chain)]
        for begin, link in reversed(list(zip(begins, chain, strict=False))):
            size, owners = self._blocks.pop(link.digest, (0, dict[str, int]()))
            if not size:
                size = link.end - begin
                self._bytes += size
            owners[owner] = at
            self._blocks[link.digest] = size, owners
        while self._bytes > self._most_bytes or len(self._blocks) > self._most:
            _, (size, _) = self._blocks.popitem(last=False)
            self._bytes -= size


_NO_BLOCK: tuple[int, Mapping[str, int]] = 0, MappingProxyType({})


class Prefixes:
    """One deployment's prompts, link by link.

    `tokens` is how many the engine's cache holds, or more: for openvino its blocks times 32, for
    llama.cpp its places times the window. An engine that keeps more elsewhere, as on a disk, counts
    with all of it. An upstream whose cache nobody knows has as much as would ever matter, of which
    no more than `most` blocks are remembered: there nobody relies on what is `foreign`.
    """

    def __init__(self, tokens: int, *, most: float = inf) -> None:
        self._tokens, self._most = tokens, most
        self.clear()

    def __len__(self) -> int:
        """How many blocks are remembered."""
        return len(self._read) + len(self._begun)

    def known(self, chain: Sequence[Link], owner: str) -> int:
        """How many bytes of a prompt have been read for this owner and are likely there."""
        most = self._tokens * _BYTES
        return next((link.end for link in reversed(chain) if self._since(link, owner) <= most), 0)

    def foreign(self, chain: Sequence[Link], owner: str) -> int:
        """How many bytes of a prompt may be there because of others; none where it has as much.

        An ask for which there are any must use nothing of the cache (`Memory.fresh`).
        """
        surely = self._tokens * _FEWEST_BYTES
        for link in reversed(chain):
            if self._since(link, owner) <= surely:
                return 0
            for blocks in (self._read, self._begun):
                if blocks.owners(link.digest).keys() - {owner}:
                    return link.end
        return 0

    def begin(self, chain: Sequence[Link], owner: str) -> None:
        """An engine begins to read a prompt: to others it is there from now on.

        It is remembered apart, so that what was only begun cannot drive out what was read.
        """
        if chain:
            self._now += chain[-1].end
            self._begun.mark(chain, owner, self._now)

    def put(self, chain: Sequence[Link], owner: str) -> None:
        """An engine has read a prompt to its end, which was begun."""
        if chain:
            at = self._begun.owners(chain[-1].digest).get(owner, self._now)
            self._read.mark(chain, owner, at)

    def clear(self) -> None:
        """The engine's process began anew, and its cache with it."""
        self._read = _Blocks(self._tokens * _MOST_BYTES, self._most)
        self._begun = _Blocks(self._tokens * _MOST_BYTES, self._most)
        self._now = 0
        """The bytes of all prompts that were begun so far."""

    def _since(self, link: Link, owner: str) -> float:
        """The bytes that an engine can have put into its cache since it had this for an owner."""
        at = self._read.owners(link.digest).get(owner)
        return inf if at is None else self._now - at + link.end
