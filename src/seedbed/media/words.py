"""Whether what was read is what was to be read.

Floor 5. Values only.
"""

import unicodedata
from collections.abc import Sequence

_READ = ("LATIN", "DIGIT", "CJK", "HIRAGANA", "KATAKANA", "FULLWIDTH", "IDEOGRAPHIC")


def plain(text: str) -> str:
    """A text as it is compared: in the usual form of each character, and without spaces.

    >>> plain("\uff21 B\u3000c\uff11")
    'ABc1'
    """
    return "".join(unicodedata.normalize("NFKC", text).split())


def says(lines: Sequence[str], expected: str) -> bool:
    """Whether lines that follow one another say exactly that; others may be before and after."""
    wanted, told = plain(expected), [plain(line) for line in lines]
    return any(
        "".join(told[first:last]) == wanted
        for first in range(len(told))
        for last in range(first + 1, len(told) + 1)
    )


def is_readable(text: str) -> bool:
    """Whether the readers know the scripts of a text."""
    letters = (unicodedata.name(one, "") for one in text if one.isalnum())
    return all(name.startswith(_READ) for name in letters)
