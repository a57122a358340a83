"""Where the pieces that a text was cut into begin and end, in characters.

Floor 1.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise


def offsets(text: str, pieces: Sequence[bytes]) -> tuple[tuple[int, int], ...]:
    """From which character to which each piece goes, the end excluded.

    A piece that is part of a character goes over the whole of it. Empty where the pieces, put
    together, are not the text: whoever cut it made its letters plain first.
    """
    if b"".join(pieces) != text.encode():
        return ()
    ends = [0, *accumulate(len(letter.encode()) for letter in text)]
    cuts = pairwise(accumulate(map(len, pieces), initial=0))
    return tuple((bisect_right(ends, begin) - 1, bisect_left(ends, end)) for begin, end in cuts)
