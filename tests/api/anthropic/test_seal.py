"""A seal proves that a thought comes back as it was told, and by which model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.anthropic.seal import Sealer

OURS, OTHERS = Sealer(b"a secret"), Sealer(b"another secret")


@given(st.text(), st.text(), st.text())
def test_a_seal_proves_its_own_text_and_no_other(model: str, text: str, other: str) -> None:
    seal = OURS.seal(model, text)
    assert OURS.is_ours(seal)
    assert OURS.proves(seal, text)
    assert OURS.proves(seal, other) is (other == text)


def test_a_seal_of_another_house_proves_nothing_here() -> None:
    seal = OTHERS.seal("m", "hm")
    assert OURS.is_ours(seal)
    assert not OURS.proves(seal, "hm")


def test_a_seal_of_one_model_proves_nothing_of_another() -> None:
    _, name, signature = OURS.seal("m", "hm").split(b".")
    _, other, _ = OURS.seal("n", "hm").split(b".")
    assert OURS.proves(b".".join((b"seedbed", name, signature)), "hm")
    assert not OURS.proves(b".".join((b"seedbed", other, signature)), "hm")


@pytest.mark.parametrize(
    "seal",
    [b"seedbed.", b"seedbed.bQ==", b"seedbed.bQ==.", b"seedbed.b?.x", b"seedbed._w==.x"],
)
def test_what_only_looks_like_a_seal_proves_nothing(seal: bytes) -> None:
    assert OURS.is_ours(seal)
    assert not OURS.proves(seal, "hm")


def test_a_seal_of_others_is_told_apart() -> None:
    assert not OURS.is_ours(b"EqQBCkYIBxgCKkA=")
