"""A unigram tokenizer: of all ways to cut a word into known pieces, the likeliest.

Floor 3. As SentencePiece cuts for multilingual models: letters are made plain by a table, runs of
blanks are one, each word begins with a mark, and no piece reaches across words.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

_MARK = "\N{LOWER ONE EIGHTH BLOCK}"
_CACHED_WORDS, _CACHED_LENGTH = 20_000, 32
_UNLIKELY = 10.0
"""How much less likely a letter that no piece has is than the least likely piece."""


class Unigram:
    """Cuts texts into pieces. A piece with the score 0 is a sign, which no text can contain.

    `plain` tells what a letter is replaced by; `unknown` is the number for what has no piece.
    """

    def __init__(
        self,
        pieces: Sequence[str],
        scores: Sequence[float],
        *,
        plain: Mapping[int, str],
        unknown: int,
    ) -> None:
        known = zip(pieces, scores, strict=True)
        self._pieces = {p: (at, s) for at, (p, s) in enumerate(known) if p and s}
        self._plain = {0: ""} | dict(plain)
        self._unknown = unknown
        self._worst = min(scores, default=0.0) - _UNLIKELY
        self._longest = max(map(len, self._pieces), default=1)
        self._cached = lru_cache(_CACHED_WORDS)(self._cut)

    def encode(self, text: str) -> list[int]:
        """The numbers of the pieces of a whole text, without any sign around them."""
        plain = unicodedata.normalize("NFC", text.translate(self._plain))
        ids: list[int] = []
        for word in plain.split(" "):
            if word:
                cut = self._cached if len(word) <= _CACHED_LENGTH else self._cut
                ids += cut(_MARK + word)
        return ids

    def _cut(self, word: str) -> list[int]:
        """Find the best way to each letter's end, then walk it back."""
        end = len(word)
        best = [0.0] + [float("-inf")] * end
        came: list[tuple[int, int]] = [(0, 0)] * (end + 1)
        find = self._pieces.get
        for begin in range(end):
            so_far = best[begin]
            for stop in range(begin + 1, min(begin + self._longest, end) + 1):
                found = find(word[begin:stop])
                if found is not None and so_far + found[1] > best[stop]:
                    best[stop] = so_far + found[1]
                    came[stop] = begin, found[0]
            if so_far + self._worst > best[begin + 1]:
                best[begin + 1] = so_far + self._worst
                came[begin + 1] = begin, self._unknown
        ids: list[int] = []
        at = end
        while at:
            at, id_ = came[at]
            if not (id_ == self._unknown and ids and ids[-1] == id_):  # a run of unknowns is one
                ids.append(id_)
        return ids[::-1]
