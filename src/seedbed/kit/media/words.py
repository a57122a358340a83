"""The words of a document: of a PDF, of a page in HTML, or of a file of words such as Markdown.

Floor 1. What it is is told by its first bytes; that words are HTML, by their beginning or the name.
"""

import re

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Markup, Pages
from seedbed.kit.media.sniffing import media_type_of
from seedbed.kit.media.workshop import Workshop

READ = frozenset({"application/pdf", "text/plain"})
"""The types of what can be read, as the first bytes tell them."""
_LETTERS = 20_000_000
_PAGES = 5_000
_HTML_NAME = re.compile(r"\.x?html?\Z", re.IGNORECASE)
_HTML = re.compile(rb"\s*(<\?xml[^>]{0,200}>\s*)?(<!doctype html|<html)\b", re.IGNORECASE)
_MARK = "\ufeff"


async def words_of(data: bytes, name: str, workshop: Workshop) -> str:
    """All its words.

    Raises:
        MediumFault: it cannot be read, is too long, or has no words.
    """
    kind = media_type_of(data)
    if kind not in READ:
        raise MediumFault(f"it is {kind or 'of no known kind'}, and no words, HTML or PDF")
    if kind == "application/pdf":
        pieces = await workshop.make(data, Pages(most=_PAGES, letters=_LETTERS))
        said = "\n\n".join(piece.words for piece in pieces)
    elif _HTML_NAME.search(name) or _HTML.match(data):
        (piece,) = await workshop.make(data, Markup(_LETTERS))
        said = piece.words
    else:
        said = data.decode().removeprefix(_MARK)
    if len(said) > _LETTERS:
        raise MediumFault(f"it has more than {_LETTERS:,} letters")
    if not said.strip():
        raise MediumFault("it has no words")
    return said
