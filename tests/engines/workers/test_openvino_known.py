"""What the library's cache is taken to hold."""

from seedbed.engines.workers.openvino_known import BLOCK, Known

TEXT = list(range(3 * BLOCK + 5))


def test_whole_blocks_of_a_shared_beginning_are_held() -> None:
    known = Known(blocks=9)
    assert known.held(TEXT) == 0
    known.note(TEXT)
    assert known.held(TEXT) == 3 * BLOCK
    assert known.held([*TEXT[: 2 * BLOCK], 7, 7]) == 2 * BLOCK
    assert known.held([*TEXT[: 2 * BLOCK - 1], 7, 7]) == BLOCK


def test_what_an_owner_has_is_told_apart_from_what_others_have_behind_it() -> None:
    known = Known(blocks=9)
    known.note(TEXT, "one")
    known.note([*TEXT[:BLOCK], 7], "two")
    assert known.held(TEXT) == 3 * BLOCK
    assert [known.held(TEXT, beside=owner) for owner in ("one", "two", "three")] == [
        0, 2 * BLOCK, 3 * BLOCK
    ]  # fmt: skip


def test_the_same_block_after_another_beginning_is_not_held() -> None:
    known = Known(blocks=9)
    known.note(TEXT)
    assert known.held(TEXT[BLOCK:]) == 0


def test_what_was_used_longest_ago_goes_first() -> None:
    known = Known(blocks=2)
    old, new, newest = (TEXT[at : at + BLOCK] for at in (0, 1, 2))
    known.note(old)
    known.note(new)
    known.note(old)
    known.note(newest)
    assert [known.held(text) for text in (old, new, newest)] == [BLOCK, 0, BLOCK]
