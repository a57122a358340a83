"""What is noted beside a saved prefix, and which notes are believed."""

import hmac

from seedbed.core.prefix import Link
from seedbed.store.notes import Found, Listing, Prefix, ends_of, mark, read, sealed

ENDS = ends_of([Link(b"a", 64), Link(b"b", 128)])
ONE = Prefix("maker", "owner", ENDS, tokens=40, seconds=1.5, size=900, sha256="00")


def test_a_note_is_read_as_it_was_sealed() -> None:
    assert read(sealed(ONE, b"ours"), b"ours") == ONE


def test_a_note_of_another_house_or_a_changed_one_says_nothing() -> None:
    note = sealed(ONE, b"ours")
    assert read(note, b"theirs") is None
    assert read(note.replace(b"owner", b"other"), b"ours") is None
    assert read(b"", b"ours") is None


def test_a_note_of_another_release_says_nothing() -> None:
    said = b'{"maker":1}'
    seal = hmac.digest(b"ours", said, "sha256").hex().encode()
    assert read(seal + b"\n" + said, b"ours") is None


def test_a_prefix_is_named_by_its_maker_its_owner_and_its_last_link() -> None:
    same = Prefix("maker", "owner", ends_of([Link(b"b", 128)]), tokens=1, seconds=0)
    other = Prefix("maker", "another", ENDS, tokens=40, seconds=1.5)
    assert ONE.name == same.name != other.name
    assert (ONE.end, Found(ONE, 64).file) == (128, f"{ONE.name}.kv")


def test_a_prefix_without_links_has_a_name_and_no_end() -> None:
    empty = Prefix("maker", "owner", {}, tokens=0, seconds=0)
    assert (empty.end, len(empty.name)) == (0, 40)


def test_of_those_that_serve_a_prompt_alike_the_least_is_found() -> None:
    first, second, third = (Link(bytes([at]), 64 * at) for at in (1, 2, 3))
    short, long = (
        Prefix("maker", "owner", ends_of(some), tokens=9, seconds=1)
        for some in ((first, second), (first, second, third))
    )
    for order in ((short, long), (long, short)):
        listing = Listing({each.name: each for each in order})
        assert listing.find("maker", "owner", [first, second]) == Found(short, 128)
        assert listing.find("maker", "owner", [first, second, third]) == Found(long, 192)
        assert listing.find("maker", "another", [first]) is None
        listing.forget(long.name)
        assert listing.find("maker", "owner", [first, second, third]) == Found(short, 128)


def test_a_house_has_one_mark_and_no_other_house_has_it() -> None:
    assert mark(b"ours") == mark(b"ours") != mark(b"theirs")
    assert len(mark(b"ours")) == 16


def test_a_prefix_is_worth_the_seconds_that_its_bytes_save_and_less_while_nobody_wants_it() -> None:
    assert ONE.worth(0) == ONE.worth(-9) > ONE.worth(60) > 0
