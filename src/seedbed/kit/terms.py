"""The terms of a text, by which texts are found that have the same words.

Floor 1. A term is a word in small letters. In writing without spaces between words it is each pair
of letters that stand together: two texts with the same word share its pairs.
"""

import re
from collections.abc import Iterator
from unicodedata import normalize

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese."""
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")


def terms(text: str) -> Iterator[str]:
    """Its terms, in their order.

    >>> list(terms("Seedbed's GPU 图形处理"))
    ['seedbed', 's', 'gpu', '图形', '形处', '处理']
    """
    for word in _WORD.findall(normalize("NFKC", text).casefold()):
        for run in _RUN.findall(word):
            if _IS_UNSPACED.match(run) and len(run) > 1:
                yield from (run[at : at + 2] for at in range(len(run) - 1))
            else:
                yield run
