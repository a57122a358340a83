"""The packed file: read as it was written, and refused with a sentence however it was damaged."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedbed.engines.workers import e5_file
from seedbed.engines.workers.bert import BadWeights
from tests.engines.tiny_bert import E5_PIECES, INNER, LAYERS, WIDTH, WINDOW, write_tiny_e5


def test_what_was_written_is_read(tmp_path: Path) -> None:
    bert, tokenizer = e5_file.read(write_tiny_e5(tmp_path / "w.bin"))
    assert (bert.width, bert.heads, bert.places.shape) == (WIDTH, 2, (WINDOW, WIDTH))
    layers = list(bert.layers)
    assert len(layers) == LAYERS
    assert layers[0].up.weight.shape == (INNER, WIDTH)
    assert layers[1].down.bias.shape == (WIDTH,)
    assert [E5_PIECES[i] for i in tokenizer.encode("hello 天气", question=True)] == [
        *("<s>", "▁query:", "▁hello", "▁", "天气", "</s>")
    ]
    assert tokenizer.encode("a", question=False)[1] == E5_PIECES.index("▁passage:")
    assert tokenizer.encode(" \n", question=True) == []


def test_a_block_is_a_scale_and_halves_of_bytes(tmp_path: Path) -> None:
    path = write_tiny_e5(tmp_path / "w.bin")
    raw = bytearray(path.read_bytes())
    at = len(raw) - _table_to_end(bytes(raw))
    struct.pack_into("<e", raw, at, 0.5)
    raw[at + 2 : at + 18] = bytes(range(0xF0, 0x100))
    path.write_bytes(raw)
    bert, _ = e5_file.read(path)
    low, high = [(n - 8) * 0.5 for n in range(16)], [(15 - 8) * 0.5] * 16
    assert bert.words([0, 0]).tolist() == [low + high] * 2


def _table_to_end(raw: bytes) -> int:
    """How far from the end the first tensor begins, as the directory says."""
    name = raw.index(b"\x08\x00emb.word")
    (begin,) = struct.unpack_from("<Q", raw, name + 2 + 8 + 1 + 4)
    return len(raw) - begin


@pytest.mark.slow
def test_it_is_refused_wherever_it_is_cut_off(tmp_path: Path) -> None:
    whole = write_tiny_e5(tmp_path / "w.bin").read_bytes()
    cut = tmp_path / "cut.bin"
    for length in range(0, len(whole), 97):
        cut.write_bytes(whole[:length])
        with pytest.raises(BadWeights):
            e5_file.read(cut)


@pytest.mark.parametrize(
    ("at", "code", "value", "why"),
    [
        (0, "4s", b"GGUF", "does not begin"),
        (4, "i", 2, "of version 2"),
        (40, "i", 64, "blocks of 64"),
        (8, "i", -1, "a size of -1"),
        (12, "i", 1 << 21, "a size of 2,097,152"),
        (16, "i", 3, "do not fit 3 heads"),
        (24, "i", 9, "claims 54 pieces"),
        (28, "i", 257, "takes 32,768 bytes and not 32,896"),
        (12, "i", 3, "no tensor 'l2.q.w'"),
        (44, "i", -5, "claims -5 pieces"),
        (48, "i", 1000, "sign 1000 is none"),
        (64, "Q", 1 << 60, "bytes of pieces"),
        (76, "I", 1 << 30, "pieces overlap"),
    ],
)
def test_it_is_refused_with_a_sentence_for_what_it_claims(
    tmp_path: Path, at: int, code: str, value: object, why: str
) -> None:
    path = write_tiny_e5(tmp_path / "w.bin")
    raw = bytearray(path.read_bytes())
    struct.pack_into(f"<{code}", raw, at, value)
    path.write_bytes(raw)
    with pytest.raises(BadWeights, match=why):
        e5_file.read(path)


def test_a_tensor_beyond_the_end_is_refused(tmp_path: Path) -> None:
    path = write_tiny_e5(tmp_path / "w.bin")
    raw = bytearray(path.read_bytes())
    struct.pack_into("<Q", raw, raw.index(b"\x08\x00emb.word") + 15, 1 << 62)
    path.write_bytes(raw)
    with pytest.raises(BadWeights, match=r"and tensor 'emb\.word' at"):
        e5_file.read(path)


def test_what_is_made_plain_must_be_letters(tmp_path: Path) -> None:
    path = write_tiny_e5(tmp_path / "w.bin", plain={"!": "\U0010ffff"})
    path.write_bytes(path.read_bytes().replace(b"\xff\xff\x10\x00", b"\xff\xff\xff\x00"))
    with pytest.raises(BadWeights, match="no letter"):
        e5_file.read(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 255)), max_size=8))
def test_no_damage_to_its_head_is_worse_than_a_refusal(
    tmp_path: Path, damage: list[tuple[int, int]]
) -> None:
    path = write_tiny_e5(tmp_path / "w.bin")
    raw = bytearray(path.read_bytes())
    for at, byte in damage:
        raw[at] = byte
    path.write_bytes(raw)
    with np.errstate(all="ignore"):
        try:
            bert, tokenizer = e5_file.read(path)
            assert len(list(bert.layers)) > 0
            tokenizer.encode("hello", question=True)
        except BadWeights:
            pass
