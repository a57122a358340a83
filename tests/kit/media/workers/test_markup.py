"""A page in HTML gives the words that a reader sees."""

import pytest

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Markup
from seedbed.kit.media.workers.markup import read


def words(page: str) -> str:
    (piece,) = read(page.encode(), Markup())
    return piece.words


def test_paragraphs_stand_apart_and_what_is_within_a_line_stays_there() -> None:
    page = "<h1>One</h1><p>Two <b>and</b> t<i>h</i>ree.</p><p>Four &amp;\n five.</p>"
    assert words(page) == "One\n\nTwo and three.\n\nFour & five."


def test_what_no_reader_sees_is_left_out() -> None:
    page = "<style>p{}</style><script>let a = '<p>';</script>Seen</script><!-- not --> too"
    assert words(page) == "Seen\ntoo"


@pytest.mark.parametrize(
    ("page", "order", "why"),
    [
        (b"\xff", Markup(), "not in UTF-8"),
        (b"<p>abc", Markup(2), "more than 2 letters"),
    ],
)
def test_what_cannot_be_read_is_refused(page: bytes, order: Markup, why: str) -> None:
    with pytest.raises(MediumFault, match=why):
        read(page, order)
