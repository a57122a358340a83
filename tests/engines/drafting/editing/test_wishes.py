"""What plain words want done to a picture, in English and in Chinese."""

# ruff: noqa: RUF001 - signs as Chinese has them

import pytest

from seedbed.engines.drafting.editing.wishes import Wish, wishes
from seedbed.engines.drafting.planning.places import Where
from seedbed.engines.drafting.words import read_words

WORDS = read_words()


def one(prompt: str) -> Wish:
    found, missed = wishes(prompt, WORDS)
    assert missed == []
    (wish,) = found
    return wish


def of(wish: Wish) -> list[tuple[str, str]]:
    """What a wish is about: its kind, and its concept or its words."""
    return [
        (named.kind, named.nouns[0].concept if named.nouns else named.quote) for named in wish.of
    ]


@pytest.mark.parametrize(
    ("prompt", "do", "about"),
    [
        ("remove the cat", "remove", [("thing", "cat")]),
        ("Please erase the car.", "remove", [("thing", "automobile")]),
        ("把猫去掉", "remove", [("thing", "cat")]),
        ("去掉那只猫", "remove", [("thing", "cat")]),
        ("去掉圈里的东西", "remove", [("here", "")]),
        ("remove the marked area", "remove", [("here", "")]),
        ("remove the cat and the title", "remove", [("thing", "cat"), ("text", "")]),
        ("remove 'A' and 'B'", "remove", [("text", "A"), ("text", "B")]),
        ("remove the glorbix", "remove", [("thing", "")]),
        ("keep only the cat", "keep", [("thing", "cat")]),
        ("只保留猫", "keep", [("thing", "cat")]),
        ("name this 'danger zone'", "name", [("here", "")]),
        ("把这里命名为“危险区”", "name", [("here", "")]),
    ],
)
def test_what_is_removed_kept_or_named(prompt: str, do: str, about: list[tuple[str, str]]) -> None:
    wish = one(prompt)
    assert (wish.do, of(wish)) == (do, about)


@pytest.mark.parametrize(
    ("prompt", "about", "colour"),
    [
        ("make the sky red", ("ground", ""), "#e53935"),
        ("把天空变成红色", ("ground", ""), "#e53935"),
        ("让天空变红", ("ground", ""), "#e53935"),
        ("make the car blue", ("thing", "automobile"), "#1e7be5"),
        ("turn the red car blue", ("thing", "automobile"), "#1e7be5"),
        ("make the cat orange", ("thing", "cat"), "#ff8a00"),
        ("paint this #12ab34", ("here", ""), "#12ab34"),
        ("把这个变成蓝色", ("here", ""), "#1e7be5"),
    ],
)
def test_what_is_to_have_another_colour(prompt: str, about: tuple[str, str], colour: str) -> None:
    wish = one(prompt)
    assert (wish.do, of(wish), wish.to.colour) == ("change", [about], colour)


@pytest.mark.parametrize(
    ("prompt", "about", "thing"),
    [
        ("replace the cat with a dog", "cat", "dog"),
        ("turn the cat into a dog", "cat", "dog"),
        ("make the cat a dog", "cat", "dog"),
        ("把狗换成一只红色的猫", "dog", "cat"),
    ],
)
def test_what_is_to_be_another_thing(prompt: str, about: str, thing: str) -> None:
    wish = one(prompt)
    assert of(wish) == [("thing", about)]
    assert ([noun.concept for noun in wish.to.nouns], wish.to.colour) == ([thing], None)


@pytest.mark.parametrize(
    ("prompt", "where"),
    [
        ("make it night", Where(time="night")),
        ("change the background to a forest", Where("forest")),
        ("让它下雨", Where(weather="rain")),
        ("把背景换成夜晚的城市", Where("city", "night")),
    ],
)
def test_where_and_when_it_is_to_be(prompt: str, where: Where) -> None:
    assert one(prompt).to.where == where


@pytest.mark.parametrize(
    ("prompt", "old", "new"),
    [
        ("change the text to 'Hello, World'", "", "Hello, World"),
        ("把标题改成“你好，世界”", "", "你好，世界"),
        ("change 'A and B' to 'remove; it'", "A and B", "remove; it"),
    ],
)
def test_words_in_quotes_are_kept_letter_by_letter(prompt: str, old: str, new: str) -> None:
    wish = one(prompt)
    assert (of(wish), wish.to.quote) == ([("text", old)], new)


@pytest.mark.parametrize(
    ("prompt", "things", "is_here"),
    [
        ("put a boat here", ["sailboat"], True),
        ("在这里放一只船", ["ship"], True),
        ("把一只船放在这里", ["ship"], True),
        ("add two birds in the sky", ["bird"], False),
        ("put a glorbix here", [], True),
    ],
)
def test_what_is_put_there(prompt: str, things: list[str], is_here: bool) -> None:
    wish = one(prompt)
    assert (wish.do, [noun.concept for noun in wish.to.nouns]) == ("put", things)
    assert wish.is_here == is_here


def test_words_are_put_there_too() -> None:
    wish = one('add a title "Open 开门"')
    assert (wish.do, wish.to.quote, wish.to.nouns) == ("put", "Open 开门", ())


def test_each_part_of_a_sentence_is_a_wish() -> None:
    english, _ = wishes("remove the cat and make the sky red, then put a boat here", WORDS)
    chinese, _ = wishes("把狗换成猫，然后把背景变成森林。去掉标题", WORDS)
    assert [wish.do for wish in english] == ["remove", "change", "put"]
    assert [wish.do for wish in chinese] == ["change", "change", "remove"]


@pytest.mark.parametrize("prompt", ["make it darker", "a nice day", "更好看一点"])
def test_what_is_not_understood_is_told_as_it_was_said(prompt: str) -> None:
    assert wishes(prompt, WORDS) == ([], [prompt])


def test_one_part_that_is_not_understood_leaves_the_others() -> None:
    found, missed = wishes('remove the cat; make "Hello" nicer', WORDS)
    assert len(found) == 1
    assert missed == ['make "Hello" nicer']
