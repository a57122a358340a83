"""A PDF gives its pages, as words and as pictures."""

import pytest

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Pages
from seedbed.kit.media.workers.pages import read
from tests.kit.media.made import document, opened


def test_each_page_gives_its_words() -> None:
    assert [piece.words for piece in read(document("One.", "", "Three."), Pages())] == [
        "One.",
        "",
        "Three.",
    ]


def test_pages_are_drawn_if_that_is_wanted() -> None:
    pieces = read(document("One.", "Two."), Pages(pixels=1_000_000))
    sizes = {opened(piece.picture).size for piece in pieces}
    assert sizes == {(600, 600)}
    colours = opened(pieces[0].picture).convert("L").getextrema()
    assert colours == (0, 255)
    assert not any(piece.picture for piece in read(document("One."), Pages()))


@pytest.mark.parametrize("side", [1, 14_000])
def test_pages_of_any_size_fit(side: int) -> None:
    (piece,) = read(document("x", side=side), Pages(pixels=10_000, side=90))
    width, height = opened(piece.picture).size
    assert max(width, height) <= 91  # PDFium rounds up


@pytest.mark.parametrize(
    ("data", "order", "why"),
    [
        (document("a", "b"), Pages(most=1), "it has 2 pages, and 1 is the most"),
        (document(), Pages(), "it has 0 pages|damaged"),
        (document("a" * 30, "b" * 30), Pages(letters=40), "more than 40 letters"),
        (b"%PDF-1.7", Pages(), "it is locked, damaged or no PDF"),
        (b"", Pages(), "it is locked, damaged or no PDF"),
    ],
)
def test_what_cannot_be_read_or_is_too_long_is_refused(data: bytes, order: Pages, why: str) -> None:
    with pytest.raises(MediumFault, match=why):
        read(data, order)
