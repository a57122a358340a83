import re

from seedbed.kit import ids


def test_an_id_says_what_it_names_and_has_96_random_bits() -> None:
    assert re.fullmatch(r"req_[0-9a-f]{24}", ids.fresh("req"))


def test_no_two_ids_are_the_same() -> None:
    assert len({ids.fresh("key") for _ in range(1_000)}) == 1_000
