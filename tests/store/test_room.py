"""What is put into a far store, and what gives way there."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.prefix import Link
from seedbed.store.far_store import Shelved
from seedbed.store.notes import Prefix, ends_of
from seedbed.store.room import plan


def prefix(name: str, *, size: int = 100, seconds: float = 1.0, more: str = "") -> Prefix:
    ends = ends_of(Link(link.encode(), 64 + at) for at, link in enumerate([name, *more]))
    return Prefix("maker", "", ends, tokens=9, seconds=seconds, size=size, sha256="0")


def there(*prefixes: Prefix, used: float = 1000.0) -> dict[str, Shelved]:
    return {each.name: Shelved(each, 0, used) for each in prefixes}


def near(*prefixes: Prefix) -> dict[str, Prefix]:
    return {each.name: each for each in prefixes}


A, B, C = prefix("a", seconds=1), prefix("b", seconds=2), prefix("c", seconds=3)


def test_what_is_new_is_put_while_there_is_room() -> None:
    assert plan(there(A), near(A, B), most=200, now=1000) == ([B], [])


def test_what_saves_least_for_its_bytes_gives_way_or_is_not_put() -> None:
    assert plan(there(A, B), near(C), most=200, now=1000) == ([C], [A])
    assert plan(there(B, C), near(A), most=200, now=1000) == ([], [])
    small = replace(A, size=10)
    assert plan(there(B, C), near(small), most=200, now=1000) == ([small], [B])


def test_what_nobody_used_for_long_gives_way() -> None:
    assert plan(there(C, used=0), near(A), most=100, now=1000) == ([A], [C])


def test_what_a_longer_one_has_all_of_gives_way_to_it() -> None:
    longer = prefix("a", seconds=0.1, more="xy")
    assert plan(there(A), near(longer), most=9000, now=1000) == ([longer], [A])
    assert plan(there(longer), near(A), most=9000, now=1000) == ([], [])
    other = replace(longer, owner="somebody")
    assert plan(there(A), near(other), most=9000, now=1000) == ([other], [])


SIZES = st.lists(st.tuples(st.integers(1, 300), st.booleans(), st.floats(0.1, 9)), max_size=12)


@given(SIZES, st.integers(0, 900))
def test_the_bound_is_held_whatever_is_there(
    sizes: list[tuple[int, bool, float]], most: int
) -> None:
    made = [
        (prefix(f"p{at}", size=size, seconds=seconds), far)
        for at, (size, far, seconds) in enumerate(sizes)
    ]
    lie = there(*(each for each, far in made if far))
    put, deleted = plan(lie, near(*(each for each, _ in made)), most=most, now=1000)
    left = {one.prefix.name: one.prefix.size for one in lie.values()}
    for each in deleted:
        del left[each.name]
    for each in put:
        assert each.name not in left
        left[each.name] = each.size
    assert sum(left.values()) <= most
