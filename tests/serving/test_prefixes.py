"""What is believed to be in an engine's cache, for whom, and for how long."""

from collections import OrderedDict

from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.ask import Ask
from seedbed.core.message import Message, Role, Text
from seedbed.core.prefix import Link, chain
from seedbed.serving.prefixes import Prefixes

MANY = 1 << 20


def links(words: str, size: int = 2_048) -> tuple[Link, ...]:
    text = (words * size)[:size]
    return chain(Ask("m", (Message(Role.USER, (Text(text),)),), raw=True))


def read(prefixes: Prefixes, prompt: tuple[Link, ...], owner: str) -> None:
    prefixes.begin(prompt, owner)
    prefixes.put(prompt, owner)


A, B = links("a"), links("b")


def test_what_was_read_for_an_owner_is_known_for_that_one_alone() -> None:
    prefixes = Prefixes(MANY)
    read(prefixes, A, "ada")
    assert prefixes.known(A, "ada") == 2_048
    assert prefixes.known(links("a", 700), "ada") == 512
    assert prefixes.known(A, "bob") == prefixes.known(B, "ada") == 0


def test_what_others_have_there_is_foreign_until_one_has_it_too() -> None:
    prefixes = Prefixes(MANY)
    read(prefixes, A, "ada")
    assert prefixes.foreign(A, "bob") == 2_048
    assert prefixes.foreign(A, "ada") == prefixes.foreign(B, "bob") == 0
    read(prefixes, links("a", 1_024), "bob")
    assert prefixes.foreign(links("a", 1_024), "bob") == 0
    assert prefixes.foreign(A, "bob") == 2_048


def test_what_an_engine_has_begun_to_read_is_foreign_to_others_and_known_to_nobody() -> None:
    prefixes = Prefixes(MANY)
    prefixes.begin(A, "ada")
    assert prefixes.known(A, "ada") == prefixes.foreign(A, "ada") == 0
    assert prefixes.foreign(A, "bob") == 2_048


def test_to_begin_and_leave_makes_what_others_have_no_less_foreign() -> None:
    prefixes = Prefixes(MANY)
    read(prefixes, A, "ada")
    prefixes.begin(A, "bob")
    assert prefixes.foreign(A, "bob") == 2_048


def test_what_was_only_begun_drives_out_nothing_that_was_read() -> None:
    prefixes = Prefixes(tokens=2_048 // 16)
    read(prefixes, A, "ada")
    for words in "bcdef":
        prefixes.begin(links(words), "bob")
    assert prefixes.foreign(A, "bob") == 2_048


def test_to_begin_again_forgets_nothing() -> None:
    prefixes = Prefixes(MANY)
    read(prefixes, A, "ada")
    prefixes.begin(A, "ada")
    assert prefixes.known(A, "ada") == 2_048


def test_it_is_known_as_long_as_texts_of_four_bytes_a_token_fit_the_cache() -> None:
    prefixes = Prefixes(tokens=1_024)
    read(prefixes, A, "ada")
    read(prefixes, B, "bob")
    assert prefixes.known(A, "ada") == 2_048
    prefixes.begin(links("c", 64), "bob")
    assert prefixes.known(A, "ada") == 1_536


def test_who_read_it_long_ago_learns_nothing_of_who_read_it_since() -> None:
    prefixes = Prefixes(tokens=1_500)
    read(prefixes, A, "bob")
    assert prefixes.foreign(A, "bob") == 0
    read(prefixes, B, "ada")
    read(prefixes, A, "ada")
    assert prefixes.foreign(A, "bob") == 2_048


def test_the_end_of_what_was_used_longest_ago_is_given_up_first() -> None:
    prefixes = Prefixes(tokens=2_048 * 2 // 16)
    read(prefixes, A, "ada")
    read(prefixes, B, "ada")
    read(prefixes, A, "ada")
    read(prefixes, links("c", 1_024), "ada")
    assert prefixes.foreign(A, "bob") == 2_048
    assert prefixes.foreign(B, "bob") == 1_024
    read(prefixes, links("d", 1_024), "ada")
    assert prefixes.foreign(B, "bob") == 0


def test_no_more_blocks_are_remembered_than_may_be_however_large_the_cache_is() -> None:
    prefixes = Prefixes(MANY, most=len(B))
    read(prefixes, A, "ada")
    read(prefixes, B, "ada")
    assert len(prefixes) == 2 * len(B)
    assert (prefixes.known(A, "ada"), prefixes.known(B, "ada")) == (0, 2_048)


def test_without_a_cache_nothing_is_there() -> None:
    prefixes = Prefixes(tokens=0)
    read(prefixes, A, "ada")
    assert prefixes.foreign(A, "bob") == len(prefixes) == 0


def test_a_prompt_without_links_is_not_remembered() -> None:
    prefixes = Prefixes(MANY)
    prefixes.begin((), "ada")
    prefixes.put((), "ada")
    assert len(prefixes) == prefixes.known((), "ada") == prefixes.foreign((), "bob") == 0


def test_an_engine_that_began_anew_has_nothing() -> None:
    prefixes = Prefixes(MANY)
    read(prefixes, A, "ada")
    prefixes.clear()
    assert prefixes.known(A, "ada") == prefixes.foreign(A, "bob") == len(prefixes) == 0


class _Engine:
    """A cache of so many tokens of four bytes each, the least recently used of which go first."""

    def __init__(self, tokens: int) -> None:
        self._most = tokens * 4
        self._held: OrderedDict[bytes, tuple[int, set[str]]] = OrderedDict()

    def held(self, prompt: tuple[Link, ...]) -> tuple[int, set[str]]:
        """What of a prompt is there, and for whom its end was read since it came."""
        found: tuple[int, set[str]] = 0, set()
        for link in prompt:
            if link.digest not in self._held:
                break
            found = link.end, self._held[link.digest][1]
        return found

    def read(self, prompt: tuple[Link, ...], owner: str) -> None:
        ends = [0, *(link.end for link in prompt)]
        for at, link in reversed(list(enumerate(prompt))):
            size, owners = self._held.pop(link.digest, (link.end - ends[at], set[str]()))
            self._held[link.digest] = size, owners | {owner}
        while sum(size for size, _ in self._held.values()) > self._most:
            self._held.popitem(last=False)


@given(
    asks=st.lists(
        st.tuples(
            st.sampled_from("xyz"),
            st.sampled_from(["a", "b", "c", "d"]),
            st.integers(1, 8),
            st.booleans(),
        ),
        max_size=60,
    ),
    tokens=st.integers(1_024, 2_000),
)
def test_whenever_nothing_is_called_foreign_an_engine_has_nothing_because_of_others(
    asks: list[tuple[str, str, int, bool]], tokens: int
) -> None:
    engine, prefixes = _Engine(tokens), Prefixes(tokens)
    for owner, words, blocks, is_read in asks:
        prompt = links(words, 512 * blocks)
        held, owners = engine.held(prompt)
        known = prefixes.known(prompt, owner)
        assert known <= held
        if held > known and not prefixes.foreign(prompt, owner):
            assert owners == {owner}
        prefixes.begin(prompt, owner)
        engine.read(prompt if is_read else prompt[: blocks // 2], owner)
        if is_read:
            prefixes.put(prompt, owner)
