"""Who is in the next batch."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from seedbed.engines.workers.fair import Fair

texts = st.lists(st.integers(1, 40).map(lambda length: [0] * length), max_size=80)


def test_a_single_text_is_in_the_next_batch_whatever_waits_before_it() -> None:
    fair = Fair[str](tokens=64)
    fair.add("many", [[0] * 16] * 2_048)
    fair.take()
    fair.add("one", [[0] * 8])
    assert "one" in {item.caller for item in fair.take()}


def test_who_finds_no_room_is_the_first_of_the_next_batch() -> None:
    fair = Fair[str](tokens=20)
    for name in "abc":
        fair.add(name, [[0] * 10] * 3)
    batches = [[item.caller for item in fair.take()] for _ in range(3)]
    assert batches == [["a", "b"], ["c", "a"], ["b", "c"]]


def test_what_was_dropped_is_not_taken() -> None:
    fair = Fair[str](tokens=20)
    fair.add("a", [[0]] * 3)
    fair.drop("a")
    fair.drop("nobody")
    fair.add("empty", [])
    assert not fair
    assert fair.take() == []


def test_a_text_longer_than_a_batch_is_a_batch_alone() -> None:
    fair = Fair[str](tokens=20)
    fair.add("a", [[0] * 30, [0] * 30])
    assert [len(fair.take()) for _ in range(2)] == [1, 1]


@given(st.dictionaries(st.sampled_from("abcde"), texts))
def test_each_text_is_taken_once_and_no_batch_is_too_large(
    asked: dict[str, list[list[int]]],
) -> None:
    fair = Fair[str](tokens=100)
    for caller, lists in asked.items():
        fair.add(caller, lists)
    taken: Counter[tuple[str, int]] = Counter()
    while fair:
        batch = fair.take()
        assert len(batch) * max(len(item.ids) for item in batch) <= 100
        taken.update((item.caller, item.ordinal) for item in batch)
    assert taken == {(c, at): 1 for c, lists in asked.items() for at in range(len(lists))}
