"""Thought is parted from words, however they are cut."""

import pytest

from seedbed.engines.formats.thought import Splitter, knows_thought
from tests.engines.formats.templates import OPENING, PLAIN, THINKING


def part(*texts: str, opened: bool) -> tuple[str, str]:
    splitter = Splitter(opened=opened)
    told = [splitter.feed(text) for text in texts] + [splitter.end()]
    return "".join(t for t, _ in told), "".join(w for _, w in told)


@pytest.mark.parametrize(
    ("text", "opened", "parts"),
    [
        ("<think>\nHm. Well </thin\n</think>\n\nYes.\n", False, ("Hm. Well </thin", "Yes.\n")),
        ("\n<think>a</think>b", False, ("a", "b")),
        ("Hm.\n</think>\n\nYes <think>no</think>", True, ("Hm.", "Yes <think>no</think>")),
        ("No <think>at</think> all", False, ("", "No <think>at</think> all")),
        ("<thing>", False, ("", "<thing>")),
        ("<thi", False, ("", "<thi")),
        ("  ", False, ("", "  ")),
        ("a < b </th", True, ("a < b </th", "")),
        ("</think>", True, ("", "")),
        ("", True, ("", "")),
    ],
)
def test_thought_is_parted_however_the_text_is_cut(
    text: str, opened: bool, parts: tuple[str, str]
) -> None:
    assert part(text, opened=opened) == parts
    assert part(*text, opened=opened) == parts
    for cut in range(len(text)):
        assert part(text[:cut], text[cut:], opened=opened) == parts


def test_a_thought_that_is_closed_from_outside_ends_there() -> None:
    splitter = Splitter(opened=True)
    assert splitter.feed("Hm </thi") == ("Hm", "")
    assert splitter.thinks
    assert splitter.close() == " </thi"
    assert not splitter.thinks
    assert splitter.feed("\nYes") == ("", "Yes")


def test_a_template_tells_whether_its_model_thinks() -> None:
    assert [knows_thought(t) for t in (PLAIN, THINKING, OPENING)] == [False, True, True]
