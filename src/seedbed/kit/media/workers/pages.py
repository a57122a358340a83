"""The pages of a PDF, as words and as pictures.

Floor 1. Scripts and forms in it are not run; its fonts are its own or those that PDFium brings.
"""

from math import sqrt

import pypdfium2
from PIL import Image

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Pages, Piece
from seedbed.kit.media.workers.confined import work
from seedbed.kit.media.workers.plain import encoded

_SHARPEST = 3.0
"""Pixels for each point of a page, of which an inch has 72; small pages are not made larger."""

Image.preinit()  # reads files, which can be done now


def read(given: bytes, order: Pages) -> list[Piece]:
    """A piece for each page.

    Raises:
        MediumFault: it is none that can be read, or has too many pages or letters.
    """
    try:
        with pypdfium2.PdfDocument(given) as document:
            count = len(document)
            if not 0 < count <= order.most:
                raise MediumFault(f"it has {count:,} pages, and {order.most:,} is the most")
            return _pieces(document, order)
    except pypdfium2.PdfiumError as error:
        raise MediumFault(f"it is locked, damaged or no PDF ({error})") from error


def _pieces(document: pypdfium2.PdfDocument, order: Pages) -> list[Piece]:
    pieces, letters = list[Piece](), 0
    for page in document:
        textpage = page.get_textpage()
        words = textpage.get_text_bounded().replace("\r\n", "\n").strip()
        letters += len(words)
        if letters > order.letters:
            raise MediumFault(f"it has more than {order.letters:,} letters")
        picture = _drawn(page, order) if order.pixels else b""
        pieces.append(Piece(words=words, picture=picture))
        textpage.close()
        page.close()
    return pieces


def _drawn(page: pypdfium2.PdfPage, order: Pages) -> bytes:
    width, height = (max(1.0, length) for length in page.get_size())
    bounds = (order.side / max(width, height), sqrt(order.pixels / (width * height)))
    image = page.render(scale=min(_SHARPEST, *bounds)).to_pil()
    return encoded(image.convert("RGB"), exact=True)


if __name__ == "__main__":
    work(Pages, read)
