"""A WordPiece tokenizer: words and punctuation, each cut into the longest pieces that are known.

Floor 3. As BERT's: control characters go, Chinese characters stand alone, accents go with the case.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_CACHED_WORDS, _CACHED_LENGTH = 20_000, 32
_LONGEST_WORD = 100
"""Letters; what is longer is one unknown token."""
_CONTROLS = {"Cc", "Cf", "Co"}
_CHINESE = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """Cuts texts into the pieces of a vocabulary, in which `##` begins what continues a word.

    Raises:
        ValueError: the vocabulary lacks a sign that the model was trained with.
    """

    def __init__(self, vocabulary: Sequence[str], *, lower: bool) -> None:
        self._pieces = {piece: at for at, piece in enumerate(vocabulary)}
        self._lower = lower
        for sign in ("[UNK]", "[CLS]", "[SEP]"):
            if sign not in self._pieces:
                raise ValueError(f"its vocabulary has no {sign}")
        self._unknown = self._pieces["[UNK]"]
        self._first, self._last = self._pieces["[CLS]"], self._pieces["[SEP]"]
        self._cached = lru_cache(_CACHED_WORDS)(self._cut)

    def encode(self, text: str, *, question: bool) -> list[int]:
        """The tokens of a text between their signs; empty where nothing is left to read."""
        del question  # the model was trained without it
        ids = self.tokens(text)
        return [self._first, *ids, self._last] if ids else []

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text alone."""
        spaced = "".join(_apart(letter) for letter in text)
        if self._lower:
            spaced = unicodedata.normalize("NFD", spaced)
            spaced = "".join(c.lower() for c in spaced if unicodedata.category(c) != "Mn")
        ids: list[int] = []
        for word in "".join(_split(letter) for letter in spaced).split():
            cut = self._cached if len(word) <= _CACHED_LENGTH else self._cut
            ids += cut(word)
        return ids

    def _cut(self, word: str) -> list[int]:
        if len(word) > _LONGEST_WORD:
            return [self._unknown]
        ids: list[int] = []
        begin = 0
        while begin < len(word):
            mark = "##" if begin else ""
            for stop in range(len(word), begin, -1):
                found = self._pieces.get(mark + word[begin:stop])
                if found is not None:
                    ids.append(found)
                    begin = stop
                    break
            else:
                return [self._unknown]
        return ids


@lru_cache(maxsize=4096)
def _apart(letter: str) -> str:
    """The letter; a blank for any blank, nothing for a control, blanks around Chinese."""
    if letter in " \t\n\r":
        return " "
    if letter == "\N{REPLACEMENT CHARACTER}" or unicodedata.category(letter) in _CONTROLS:
        return ""
    if letter.isspace():
        return " "
    chinese = any(first <= ord(letter) <= last for first, last in _CHINESE)
    return f" {letter} " if chinese else letter


@lru_cache(maxsize=4096)
def _split(letter: str) -> str:
    """The letter; with blanks around it where it is punctuation."""
    symbol = letter.isascii() and letter.isprintable() and not letter.isalnum() and letter != " "
    return f" {letter} " if symbol or unicodedata.category(letter).startswith("P") else letter
