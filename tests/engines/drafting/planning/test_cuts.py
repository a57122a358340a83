"""A prompt cut into shots."""

# ruff: noqa: RUF001, E501 - signs as Chinese has them

import pytest

from seedbed.engines.drafting.planning import cuts as module
from seedbed.engines.drafting.planning.cuts import cuts


@pytest.mark.parametrize(
    ("text", "shots", "forms"),
    [
        ("a cat", ["a cat"], ["cut"]),
        ("Shot 1: a cat. Shot 2: a dog", ["a cat.", "a dog"], ["cut", "cut"]),
        ("The first shot shows a cat. The second shot shows a dog.", ["a cat.", "a dog."], ["cut"] * 2),
        ("第一个镜头：一只猫。第二个镜头：一只狗", ["一只猫。", "一只狗"], ["cut"] * 2),
        ("two shots: a cat, a dog", ["a cat", "a dog"], ["cut"] * 2),
        ("two shots: a cat. a dog.", ["a cat", "a dog"], ["cut"] * 2),
        ("two shots: a cat runs then a dog", ["a cat runs", "a dog"], ["cut"] * 2),
        ("two shots: a, b, then c, d, then e", ["a, b", "c, d", "e"], ["cut"] * 3),
        ("a cat, cut to a dog", ["a cat", "a dog"], ["cut"] * 2),
        ("a cat; fade to a dog; wipe to a cow", ["a cat", "a dog", "a cow"], ["cut", "fade", "wipe"]),
        ("一只猫，接着一只狗，最后一只鸟", ["一只猫", "一只狗", "一只鸟"], ["cut"] * 3),
        ("一只猫，淡入一只狗", ["一只猫", "一只狗"], ["cut", "fade"]),
        ("a cat, then", ["a cat"], ["cut"]),
        ("Shot 1: a cat. Fade to shot 2: a dog", ["a cat. Fade to", "a dog"], ["cut", "fade"]),
        ("镜头一：一只猫。镜头二：叠化，一只狗", ["一只猫。", "叠化，一只狗"], ["cut", "dissolve"]),
    ],
)  # fmt: skip
def test_shots_and_how_they_come_in(text: str, shots: list[str], forms: list[str]) -> None:
    found = cuts(text)
    assert [text[one.start : one.end].strip() for one in found.parts] == shots
    assert [one.into.form for one in found.parts[1:]] == forms[1:]


def test_what_is_said_of_all_transitions_holds_for_each() -> None:
    found = cuts("three shots with dissolve transitions: a cat; a dog; a bird")
    assert [one.into.form for one in found.parts[1:]] == ["dissolve", "dissolve"]


def test_what_stands_before_the_first_shot_is_its_preamble() -> None:
    text = "A film at night. Shot 1: a cat. Shot 2: a dog"
    assert text[: cuts(text).preamble] == "A film at night. "


def test_what_may_belong_to_a_cut_is_looked_for_in_a_bounded_part_of_the_text() -> None:
    """Else each place of a text without a stop is a beginning that is read on to its end."""
    texts = {"_BETWEEN": "看" * 1_000 + " transitions", "_THEN": " " * 1_000 + "切换到"}
    found = [getattr(module, name).search(text) for name, text in texts.items()]
    assert [one.start() for one in found] == [980, 996]
