"""The tokens of pictures are measured once for each size."""

import pytest

from seedbed.engines.workers.openvino_marks import mark
from seedbed.engines.workers.openvino_pictures import Shown, Size
from seedbed.engines.workers.openvino_sight import Sight


class Library:
    """Says what a model would have read: a token for each letter, and for each row of a picture."""

    def __init__(self, *, cut: int = 1000) -> None:
        self.measured = list[Shown]()
        self.cut = cut

    def measure(self, seen: Shown) -> int:
        self.measured.append(seen)
        return min(self.cut, len(seen.words) + sum(height for _, height in seen.sizes))

    def sight(self) -> Sight:
        return Sight(len, self.measure, whole=100)


def seen(words: str, *sizes: Size) -> Shown:
    marks = "".join(map(mark, range(len(sizes))))
    return Shown(words + marks, (b"",) * len(sizes), sizes)


def test_a_size_is_measured_when_it_comes_first() -> None:
    library = Library()
    sight = library.sight()
    assert sight.count(seen("hi", (9, 5)), window=50) == 7
    assert sight.count(seen("hello", (9, 5), (9, 5)), window=50) == 15
    assert len(library.measured) == 1
    assert sight.count(seen("", (9, 5), (8, 3), (8, 3)), window=50) == 11
    assert sight.count(seen("a", (8, 3)), window=50) == 4
    assert len(library.measured) == 2


def test_of_several_new_sizes_what_they_take_together_is_remembered() -> None:
    library = Library()
    sight = library.sight()
    for words, sizes in (("a", [(8, 3), (9, 5)]), ("hello", [(9, 5), (8, 3)])):
        assert sight.count(seen(words, *sizes), window=50) == len(words) + 8
    assert len(library.measured) == 1
    assert sight.count(seen("a", (8, 3), (8, 3), (9, 5)), window=50) == 12
    assert len(library.measured) == 2, "two of one size are not one"
    assert sight.count(seen("a", (8, 3)), window=50) == 4
    assert sight.count(seen("a", (8, 3), (9, 5)), window=50) == 9
    assert len(library.measured) == 4
    assert sight.count(seen("a", (9, 5)), window=50) == 6
    assert len(library.measured) == 4, "what is left of two is known with the one"


def test_words_alone_are_not_measured_and_a_window_full_of_them_neither() -> None:
    library = Library()
    assert library.sight().count(seen("hi"), window=50) == 2
    assert library.sight().count(seen("h" * 50, (9, 5)), window=50) == 50
    assert library.measured == []


def test_what_the_tokenizer_would_cut_off_is_refused() -> None:
    assert Library().sight().count(seen("h" * 101), window=500) == 101
    with pytest.raises(RuntimeError, match="of its 101 tokens the tokenizer would leave 64"):
        Library(cut=64).sight().count(seen("h" * 101), window=500)


def test_more_sizes_than_are_remembered_are_measured_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("seedbed.engines.workers.openvino_sight._REMEMBERED", 2)
    library = Library()
    sight = library.sight()
    for height in (1, 2, 3, 1):
        assert sight.count(seen("", (1, height)), window=50) == height
    assert len(library.measured) == 4


def test_so_are_more_that_cannot_be_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedbed.engines.workers.openvino_sight._REMEMBERED", 2)
    library = Library()
    sight = library.sight()
    for height in (1, 2, 3, 1):
        assert sight.count(seen("", (1, height), (2, height)), window=50) == 2 * height
    assert len(library.measured) == 4
