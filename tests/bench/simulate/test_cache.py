"""What a simulated prefix cache holds."""

from hypothesis import given
from hypothesis import strategies as st

from seedbed.bench.simulate.cache import Cache


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    cache = Cache(30)
    for name in ("a", "b", "a", "c", "d"):
        cache.put(name, 10)
    assert [cache.known(name, 99) for name in "abcd"] == [10, 0, 10, 10]


def test_a_text_grows_and_is_known_as_far_as_it_is_shared() -> None:
    cache = Cache(100)
    cache.put("a", 10)
    cache.put("a", 25)
    cache.put("a", 5)
    assert (cache.known("a", 20), cache.known("a", 99)) == (20, 25)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 20))))
def test_it_never_holds_more_than_fits(texts: list[tuple[int, int]]) -> None:
    cache = Cache(30)
    for name, tokens in texts:
        cache.put(str(name), tokens)
        assert sum(cache.known(str(each), 99) for each in range(6)) <= 30
