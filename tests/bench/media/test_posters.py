"""Posters: the same for everybody, within their sheets, and counted string by string."""

from seedbed.bench.media.posters import controls, exact, posters
from seedbed.core.scene.layers import Text
from seedbed.core.scene.measures import WHOLE
from seedbed.core.scene.rules import check
from seedbed.core.scene.scene import Scene


def test_they_are_the_same_each_time_and_another_seed_gives_others() -> None:
    assert posters(5) == posters(5)
    assert posters(5) != posters(5, seed=1)
    assert posters(7)[:5] == posters(5)


def test_every_string_lies_within_its_sheet_and_none_on_another() -> None:
    for poster in posters():
        check(poster.scene)
        boxes = [text.box for text in poster.texts]
        assert 2 <= len(boxes) <= 6
        assert all(WHOLE.holds(box) for box in boxes)
        assert not any(a.overlaps(b) for a in boxes for b in boxes if a is not b)


def test_sizes_go_down_to_fourteen_pixels_and_all_scripts_are_there() -> None:
    texts = [text for poster in posters() for text in poster.texts]
    assert min(round(text.type.size * 1_024) for text in texts) == 14
    told = "".join(text.text for text in texts)
    assert all(one in told for one in "春いS%")


def test_controls_are_each_string_once() -> None:
    some = posters(10)
    strings = {text.text for poster in some for text in poster.texts}
    assert {one.texts[0].text for one in controls(some)} == strings


def test_what_is_not_read_as_it_is_is_a_miss() -> None:
    some = posters(3)
    wrong = some[1].texts[0]

    def read(_: Scene, text: Text) -> str | None:
        return "other" if text is wrong else None

    found = exact(some, lambda scene: scene, read)
    assert [(miss.poster, miss.text, miss.read) for miss in found.misses] == [
        (some[1], wrong, "other")
    ]
    assert found.rate == 1 - 1 / found.count
    assert exact((), lambda scene: scene, read).rate == 0.0
