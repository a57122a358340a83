"""Passages are found by what they mean and by their words, and every one is looked at."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.indexes.base import Hit, Passage, Sought, Weights, Wish
from seedbed.indexes.exact import Exact
from seedbed.indexes.segment import Segment, packed
from seedbed.store.segments import Segments

pytestmark = pytest.mark.anyio

BOTH, MEANING, WORDS = Weights(), Weights(1, 0), Weights(0, 1)


def vector(*numbers: float) -> bytes:
    return struct.pack(f"<{len(numbers)}f", *numbers)


EAST, NORTH, WEST = vector(1, 0), vector(0, 1), vector(-1, 0)


@pytest.fixture
def index(home: Path) -> Exact:
    return Exact(Segments(home / "indexes"))


async def found(index: Exact, *sought: Sought, weights: Weights = BOTH, most: int = 9) -> list[Hit]:
    return await index.find("vs", sought, Wish(most, ("a", "b"), weights))


async def test_what_means_the_most_alike_comes_first(index: Exact) -> None:
    await index.put("vs", "a", [Passage("west", WEST), Passage("north", NORTH)])
    await index.put("vs", "b", [Passage("east", EAST)])
    hits = await found(index, Sought("?", EAST), weights=MEANING)
    assert [(hit.name, hit.place, hit.text) for hit in hits] == [
        ("b", 0, "east"),
        ("a", 1, "north"),
        ("a", 0, "west"),
    ]
    assert hits[0].score == 1.0


async def test_a_rare_word_counts_more_than_a_common_one(index: Exact) -> None:
    said = ["the house", "the mouse", "the the the"]
    await index.put("vs", "a", [Passage(text, EAST) for text in said])
    hits = await found(index, Sought("the mouse", EAST), weights=WORDS)
    assert [hit.text for hit in hits] == ["the mouse", "the the the", "the house"]


async def test_chinese_words_are_found_without_spaces(index: Exact) -> None:
    await index.put("vs", "a", [Passage("我们在北京大学读书", EAST), Passage("上海很大", EAST)])
    (hit,) = await found(index, Sought("北京", EAST), weights=WORDS)
    assert hit.place == 0


async def test_who_is_first_by_both_has_all_of_the_score(index: Exact) -> None:
    await index.put("vs", "a", [Passage("one", EAST), Passage("two", NORTH)])
    first, second = await found(index, Sought("one", EAST))
    assert (first.text, first.score) == ("one", 1.0)
    assert 0 < second.score < 0.5


async def test_several_questions_are_answered_together(index: Exact) -> None:
    said = [Passage("one", EAST), Passage("two", NORTH), Passage("three", WEST)]
    await index.put("vs", "a", said)
    hits = await found(index, Sought("one", EAST), Sought("two", NORTH), most=2)
    assert {hit.text for hit in hits} == {"one", "two"}


async def test_only_documents_that_are_named_are_looked_at(index: Exact) -> None:
    await index.put("vs", "a", [Passage("one", EAST)])
    assert await index.find("vs", [Sought("one", EAST)], Wish(9, ("b",))) == []
    assert await index.find("vs_2", [Sought("one", EAST)], Wish(9, ("a",))) == []


async def test_vectors_of_another_model_are_unlike_and_their_words_are_found(index: Exact) -> None:
    await index.put("vs", "a", [Passage("old", vector(1, 0, 0))])
    await index.put("vs", "b", [Passage("new", WEST)])
    hits = await found(index, Sought("old", EAST), weights=MEANING)
    assert [hit.name for hit in hits] == ["a", "b"], "alike, so the first is first"
    (hit,) = await found(index, Sought("old", EAST), weights=WORDS)
    assert hit.name == "a"


async def test_a_document_takes_the_place_of_the_one_before(index: Exact) -> None:
    await index.put("vs", "a", [Passage("old", EAST)])
    await index.put("vs", "a", [Passage("new", EAST)])
    assert [hit.text for hit in await found(index, Sought("", EAST))] == ["new"]
    assert await index.texts("vs", "a") == ["new"]


async def test_what_is_dropped_is_found_no_more(index: Exact) -> None:
    await index.put("vs", "a", [Passage("one", EAST)])
    await index.put("vs", "b", [Passage("two", EAST)])
    await index.drop("vs", "a")
    assert await index.texts("vs", "a") == []
    assert [hit.name for hit in await found(index, Sought("", EAST))] == ["b"]
    assert await index.stores() == ["vs"]
    await index.drop("vs")
    assert (await found(index, Sought("", EAST)), await index.stores()) == ([], [])


async def test_a_document_without_passages_is_there(index: Exact) -> None:
    await index.put("vs", "a", [])
    assert await found(index, Sought("one", EAST)) == []


@given(st.lists(st.text(max_size=40), max_size=8))
def test_what_is_packed_is_read_as_it_was(texts: list[str]) -> None:
    assert Segment(memoryview(packed([Passage(text, EAST) for text in texts]))).texts == texts
