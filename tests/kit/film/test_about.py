"""What a file is goes from one process to another in words."""

from fractions import Fraction

from seedbed.kit.film.about import About


def test_what_a_file_is_comes_back_from_its_words() -> None:
    whole = About("h264", 96, 64, Fraction(30_000, 1_001), 48, 8, 1.6016, "aac", 48_000, 2, 1)
    assert About.of(whole.words()) == whole
    assert About.of(About().words()) == About()
