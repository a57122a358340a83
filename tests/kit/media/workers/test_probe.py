"""A film of a stranger's is told what it is, and what is none is refused."""

from fractions import Fraction

import pytest

from seedbed.kit.film.about import About
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Probe
from seedbed.kit.media.workers.probe import probed
from tests.kit.media.made import film, sound


def test_a_film_is_told_in_words() -> None:
    (piece,) = probed(film(50, 10), Probe("mov"))
    assert About.of(piece.words) == About("mpeg4", 64, 48, Fraction(10), 50, 8, 5.0)


@pytest.mark.parametrize(
    ("data", "container"), [(b"", "mov"), (film(9)[:500], "mov"), (sound(), "matroska")]
)
def test_what_is_no_film_is_refused(data: bytes, container: str) -> None:
    with pytest.raises(MediumFault, match="it is damaged"):
        probed(data, Probe(container))


def test_what_names_other_files_is_not_followed() -> None:
    with pytest.raises(MediumFault):
        probed(b"ffconcat version 1.0\nfile /etc/passwd\n", Probe("mov"))
