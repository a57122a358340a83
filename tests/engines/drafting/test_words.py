"""Which things sentences name."""

import lzma
from importlib.resources import files

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.engines.drafting.art import read_art
from seedbed.engines.drafting.lexicon import Vocabulary
from seedbed.engines.drafting.tint import shade
from seedbed.engines.drafting.words import MANY, Words, read_words

WORDS = read_words()
RED, BLUE, ORANGE = "#e53935", "#1e7be5", "#ff8a00"
PIECES = """
a an the no three 3 dozen orange red dark blue #f00 rose bat cat cats and in is of , . tiny big - '
三 只 一 群 红 色 的 猫 火 车 是 在 很 大
"""
SCRAPS = st.lists(st.sampled_from(PIECES.split())).map(" ".join)


def told(sentence: str) -> list[tuple[str, int, str | None]]:
    return [(noun.concept, noun.count, noun.colour) for noun in WORDS.nouns(sentence)]


@pytest.mark.parametrize(
    ("sentence", "nouns"),
    [
        ("a red car and three blue cats", [("automobile", 1, RED), ("cat", 3, BLUE)]),
        ("Three happy little dogs chase a ball", [("dog", 3, None), ("soccer-ball", 1, None)]),
        ("balloons", [("balloon", MANY, None)]),
        ("a pair of red shoes", [("running-shoe", 2, RED)]),
        ("a #ff8800 kite, a house #0f0", [("kite", 1, "#ff8800"), ("house", 1, "#00ff00")]),
        ("the car is red, the dog in blue boots", [("automobile", 1, RED), ("dog", 1, None)]),
        ("no cats and without a dog", [("cat", 0, None), ("dog", 0, None)]),
        ("a hot air balloon", [("balloon", 1, None)]),
        ("three cups of coffee", [("hot-beverage", 3, None)]),
        ("nothing of the sort", []),
        ("", []),
    ],
)
def test_english_is_understood(sentence: str, nouns: list[tuple[str, int, str | None]]) -> None:
    assert told(sentence)[: len(nouns)] == nouns
    assert bool(nouns) == bool(told(sentence))


@pytest.mark.parametrize(
    ("sentence", "nouns"),
    [
        ("一只红色的小猫坐在蓝色的汽车上", [("cat", 1, RED), ("automobile", 1, BLUE)]),
        ("三只可爱的小狗和两个红气球", [("dog", 3, None), ("balloon", 2, RED)]),
        ("两个女孩在火车站前", [("girl", 2, None)]),
        ("汽车是红色的", [("automobile", 1, RED)]),
        ("没有猫", [("cat", 0, None)]),
        ("十二棵树", [("deciduous-tree", 12, None)]),
        ("马上开心地回家", []),
    ],
)
def test_chinese_is_understood(sentence: str, nouns: list[tuple[str, int, str | None]]) -> None:
    assert told(sentence) == nouns


@pytest.mark.parametrize(
    ("sentence", "nouns"),
    [
        ("an orange cat", [("cat", 1, ORANGE)]),
        ("an orange", [("tangerine", 1, None)]),
        ("two oranges", [("tangerine", 2, None)]),
        ("an orange and a bat", [("tangerine", 1, None), ("bat", 1, None)]),
        ("orange and red kites", [("kite", MANY, RED)]),
        ("a car in orange", [("automobile", 1, ORANGE)]),
        ("the sun rose; a rose grows", [("sun", 1, None), ("rose", 1, None)]),
        ("a vase of roses", [("vase", 1, None), ("rose", MANY, None)]),
        ("the train leaves", [("locomotive", 1, None)]),
        ("a plane takes off and flies across the sky", [("airplane", 1, None)]),
        ("stars shine and they fly", [("star", MANY, None)]),
        ("ring a bell", [("bell", 1, None)]),
        ("sun, star and ice", [("sun", 1, None), ("star", 1, None), ("ice", 1, None)]),
        ("画一只猫", [("cat", 1, None)]),
    ],
)
def test_a_word_with_two_meanings_has_the_plain_one(
    sentence: str, nouns: list[tuple[str, int, str | None]]
) -> None:
    assert told(sentence) == nouns


def test_a_span_goes_from_the_number_to_the_noun() -> None:
    sentence = "At dawn three very small cats sleep, 一辆红色的汽车"
    spans = [sentence[noun.start : noun.end] for noun in WORDS.nouns(sentence)]
    assert spans == ["three very small cats", "一辆红色的汽车"]


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        *(("kitten", "cat"), ("小猫", "cat"), ("火箭", "rocket"), ("汽车", "automobile")),
        *(("女孩", "girl"), ("房子", "house"), ("love", "red-heart"), ("Orange", "tangerine")),
        *(("a big red truck", "delivery-truck"), ("alien", "alien")),
        *(("no word of ours", None), ("", None)),
    ],
)
def test_a_text_finds_its_concept(text: str, concept: str | None) -> None:
    assert WORDS.find(text) == concept


def test_every_word_leads_to_a_drawing_and_every_colour_can_be_read() -> None:
    packed = files("seedbed.engines.drafting").joinpath("words.json.xz").read_bytes()
    known = msgspec.json.decode(lzma.decompress(packed), type=Vocabulary)
    art = read_art()
    for terms in (known.nouns, known.plurals, known.loose):
        assert set(terms.values()) <= set(art)
    assert all(shade(colour) for colour in known.colours.values())


@given(st.one_of(st.text(), SCRAPS))
def test_nothing_that_is_said_breaks_it(sentence: str) -> None:
    end = 0
    for noun in WORDS.nouns(sentence):
        assert end <= noun.start < noun.end <= len(sentence)
        assert noun.count >= 0
        end = noun.end
    WORDS.find(sentence)


def test_without_a_vocabulary_nothing_is_found() -> None:
    assert Words(Vocabulary()).nouns("three red cats") == []
