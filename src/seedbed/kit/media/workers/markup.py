"""A page in HTML, as its words.

Floor 1. Nothing that it names is fetched, and nothing in it is run.
"""

import re
from html.parser import HTMLParser

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Markup, Piece
from seedbed.kit.media.workers.confined import work

_UNSEEN = frozenset({"script", "style", "template", "noscript", "svg"})
"""What is in these is no words for readers."""
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "i", "img", "kbd", "mark", "q", "s"}
    | {"small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr"}
)
"""What stands within a line; every other element begins one of its own."""

_SPACE = re.compile(r"\s+")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._unseen += tag in _UNSEEN
        self._line(tag)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        self._line(tag)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.said.append(_SPACE.sub(" ", data))

    def _line(self, tag: str) -> None:
        if tag not in _INLINE:
            self.said.append("\n\n" if tag == "p" else "\n")


def read(given: bytes, order: Markup) -> list[Piece]:
    """One piece, with all its words.

    Raises:
        MediumFault: it is not in UTF-8, or has too many letters.
    """
    try:
        reader = _Reader()
        reader.feed(given.decode("utf-8"))
        reader.close()
    except UnicodeDecodeError as error:
        raise MediumFault(f"it is not in UTF-8 ({error.reason})") from error
    lines = [" ".join(line.split()) for line in "".join(reader.said).splitlines()]
    told = "\n".join(line for at, line in enumerate(lines) if line or (at and lines[at - 1]))
    if len(told) > order.letters:
        raise MediumFault(f"it has more than {order.letters:,} letters")
    return [Piece(words=told.strip())]


if __name__ == "__main__":
    work(Markup, read)
