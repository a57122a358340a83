"""What is noted beside a saved prefix, and which notes are believed."""

import hmac

from seedbed.core.prefix import Link
from seedbed.store.notes import Found, Prefix, ends_of, read, sealed

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
