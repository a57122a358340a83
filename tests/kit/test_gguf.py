"""Heads of GGUF files: sound ones as the format's own writer writes them, and others by hand."""

import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.gguf import BLOCKS, BadGguf, read_head
from tests.engines.tiny import WINDOW, write_tiny_llama

U8, U32, F32, BOOL, STRING, ARRAY, U64 = 0, 4, 6, 7, 8, 9, 10


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def pair(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def tensor(name: str, *shape: int, kind: int = 0, offset: int = 0) -> bytes:
    form = f"<I{len(shape)}QIQ"
    return text(name) + struct.pack(form, len(shape), *shape, kind, offset)


def whole(
    pairs: list[bytes],
    tensors: list[bytes],
    body: int = 0,
    *,
    version: int = 3,
    counts: tuple[int, int] | None = None,
) -> bytes:
    head = b"GGUF" + struct.pack("<I", version)
    head += struct.pack("<QQ", *(counts or (len(tensors), len(pairs))))
    head += b"".join(pairs) + b"".join(tensors)
    return head + bytes(-len(head) % 32 + body)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_the_types_are_those_that_the_format_has() -> None:
    theirs = {
        kind.name: (kind.value, *gguf.GGML_QUANT_SIZES[kind]) for kind in gguf.GGML_QUANT_SIZES
    }
    del theirs["Q8_1"]  # in no file
    assert theirs == BLOCKS


def test_a_head_tells_what_the_model_is(tmp_path: Path) -> None:
    path = write_tiny_llama(tmp_path / "tiny.gguf")
    head = read_head(path)
    theirs = gguf.GGUFReader(path)
    assert head.architecture == "llama"
    assert "<|assistant|>" in head.template
    assert head.number("context_length") == WINDOW
    assert head.number("nothing") == 0
    assert head.text("llama.context_length") == ""
    assert head.types == {"F16", "F32"}
    assert {t.name: (t.shape, t.begin, t.end) for t in head.tensors} == {
        t.name: (tuple(t.shape), t.data_offset, t.data_offset + t.n_bytes) for t in theirs.tensors
    }
    assert head.parameters == head.active == sum(int(t.n_elements) for t in theirs.tensors)


def test_the_vocabulary_is_passed_over_and_counted(tmp_path: Path) -> None:
    head = read_head(write_tiny_llama(tmp_path / "tiny.gguf"))
    theirs = gguf.GGUFReader(tmp_path / "tiny.gguf").fields["tokenizer.ggml.tokens"]
    kept = "tokenizer.ggml.tokens" in head.words
    assert head.lengths["tokenizer.ggml.tokens"] == len(theirs.data) == 260
    assert kept  # it is shorter than what is kept
    many = pair("a", ARRAY, struct.pack("<IQ", STRING, 513) + text("x") * 513)
    numbers = pair("b", ARRAY, struct.pack("<IQ", U32, 513) + bytes(4 * 513))
    few = pair("c", ARRAY, struct.pack("<IQ2I", U32, 2, 7, 8))
    found = read_head(written(tmp_path / "b", whole([many, numbers, few], [])))
    assert found.words == {"c": [7, 8]}
    assert found.lengths == {"a": 513, "b": 513, "c": 2}


def test_each_number_is_found_at_its_place(tmp_path: Path) -> None:
    path = write_tiny_llama(tmp_path / "tiny.gguf")
    head, raw = read_head(path), path.read_bytes()
    (found,) = struct.unpack_from("<I", raw, head.places["llama.context_length"])
    assert found == WINDOW
    assert raw[head.listed : head.listed + 8] == struct.pack("<Q", len(head.tensors[0].name))


def arch(**numbers: int | list[int]) -> list[bytes]:
    pairs = [pair("general.architecture", STRING, text("a"))]
    for key, value in numbers.items():
        name = f"a.{key.replace('__', '.')}"
        if isinstance(value, list):
            packed = struct.pack(f"<IQ{len(value)}I", U32, len(value), *value)
            pairs.append(pair(name, ARRAY, packed))
        else:
            pairs.append(pair(name, U32, struct.pack("<I", value)))
    return pairs


@pytest.mark.parametrize(
    ("numbers", "cache"),
    [
        ({"block_count": 3, "attention__head_count": 8, "embedding_length": 64}, 3 * 8 * 16 * 2),
        (
            {
                "block_count": 3,
                "attention__head_count": 8,
                "attention__head_count_kv": 2,
                "embedding_length": 64,
            },
            3 * 2 * 16 * 2,
        ),
        (
            {
                "block_count": 3,
                "attention__head_count_kv": [2, 0, 4],
                "attention__key_length": 10,
                "attention__value_length": 6,
            },
            6 * 16 * 2,
        ),
        ({"block_count": 3}, 0),
    ],
)
def test_the_cache_of_a_token_is_counted_from_the_heads(
    tmp_path: Path, numbers: dict[str, int | list[int]], cache: int
) -> None:
    assert read_head(written(tmp_path / "a", whole(arch(**numbers), []))).cache == cache


def test_of_the_experts_those_count_that_are_used_at_once(tmp_path: Path) -> None:
    tensors = [
        tensor("blk.0.ffn_up_exps.weight", 4, 2, 8),
        tensor("blk.0.attn_q.weight", 4, 4, offset=256),
    ]
    pairs = arch(expert_count=8, expert_used_count=2)
    head = read_head(written(tmp_path / "a", whole(pairs, tensors, 320)))
    assert (head.parameters, head.active) == (64 + 16, 16 + 16)


def test_a_truth_is_no_number(tmp_path: Path) -> None:
    pairs = [
        pair("general.architecture", STRING, text("a")),
        pair("a.context_length", BOOL, b"\1"),
    ]
    assert read_head(written(tmp_path / "a", whole(pairs, []))).number("context_length") == 0


def aligned(kind: int, value: bytes) -> list[bytes]:
    return [pair("general.alignment", kind, value)]


BAD = {
    "no GGUF": (b"PK\3\4" + bytes(40), "begins with b'PK"),
    "short": (b"GGUF", "has 4 bytes"),
    "old": (whole([], [], version=1), "of version 1"),
    "swapped": (whole([], [], version=3 << 24), "of version 50331648"),
    "many tensors": (whole([], [], counts=(2**63, 0)), "claims 9,223,372,036,854,775,808 tensors"),
    "many keys": (whole([], [], counts=(0, 2**64 - 1)), "18,446,744,073,709,551,615 keys"),
    "few keys": (whole([], [], counts=(0, 9)), "within its head"),
    "long key": (whole([struct.pack("<Q", 2**63)], []), "within its head"),
    "long text": (
        whole([pair("a", STRING, struct.pack("<Q", 2**63))], []),
        "within its head",
    ),
    "long name": (whole([], [text("x" * 70_000)]), "a text of 70,000 bytes"),
    "many values": (
        whole([pair("a", ARRAY, struct.pack("<IQ", U8, 2**63))], []),
        "values under 'a'",
    ),
    "values beyond": (
        whole([pair("a", ARRAY, struct.pack("<IQ", U64, 1000))], []),
        "within its head",
    ),
    "texts beyond": (
        whole([pair("a", ARRAY, struct.pack("<IQ", STRING, 1000))], []),
        "within its head",
    ),
    "unknown kind": (whole([pair("a", 99, b"")], []), "unknown type 99"),
    "array of arrays": (
        whole([pair("a", ARRAY, struct.pack("<IQ", ARRAY, 1))], []),
        "unknown type 9",
    ),
    "key twice": (whole([pair("a", U8, b"\1")] * 2, []), "two values under 'a'"),
    "array twice": (
        whole([pair("a", ARRAY, struct.pack("<IQ", STRING, 0))] * 2, []),
        "two values under 'a'",
    ),
    "alignment 0": (whole(aligned(U32, bytes(4)), []), "alignment is 0"),
    "alignment negative": (whole(aligned(5, struct.pack("<i", -32)), []), "alignment is -32"),
    "alignment odd": (whole(aligned(U32, struct.pack("<I", 48)), []), "alignment is 48"),
    "alignment text": (whole(aligned(STRING, text("32")), []), "alignment is '32'"),
    "alignment huge": (
        whole(aligned(U32, struct.pack("<I", 1 << 31)), [tensor("t", 8)], 32),
        "tensor 't' at",
    ),
    "no dimensions": (whole([], [tensor("t")], 32), "0 dimensions"),
    "many dimensions": (whole([], [tensor("t", 1, 1, 1, 1, 1)], 32), "5 dimensions"),
    "zero shape": (whole([], [tensor("t", 4, 0)], 32), "which F32 cannot have"),
    "half a block": (whole([], [tensor("t", 31, kind=2)], 32), "which Q4_0 cannot have"),
    "overflowing": (whole([], [tensor("t", 2**63, 2**63)], 32), "tensor 't' at"),
    "unknown tensor": (whole([], [tensor("t", 4, kind=4)], 32), "unknown type 4"),
    "unaligned": (whole([], [tensor("t", 4, offset=8)], 64), "no multiple of 32"),
    "beyond": (whole([], [tensor("t", 9)], 32), "ends at byte"),
    "far beyond": (whole([], [tensor("t", 8, offset=2**64 - 32)], 32), "tensor 't' at"),
    "overlapping": (
        whole([], [tensor("t", 16), tensor("u", 8, offset=32)], 64),
        "'t' and 'u' lie over one another",
    ),
    "tensor twice": (
        whole([], [tensor("t", 8), tensor("t", 8, offset=32)], 64),
        "two tensors of one name",
    ),
}


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(BadGguf, match=said):
        read_head(written(tmp_path / "a", content))


def test_a_long_text_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("wb") as file:
        file.write(whole([pair("a", STRING, struct.pack("<Q", 1 << 30))], []))
        file.truncate(2 << 30)  # no disk is used
    with pytest.raises(BadGguf, match="a text of 1,073,741,824 bytes"):
        read_head(path)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.99999])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, keep: float) -> None:
    raw = write_tiny_llama(tmp_path / "tiny.gguf").read_bytes()
    with pytest.raises(BadGguf, match="it ends at byte"):
        read_head(written(tmp_path / "cut", raw[: int(len(raw) * keep)]))


@given(st.binary(max_size=300), st.integers(0, 3), st.integers(0, 3))
def test_any_noise_after_the_magic_is_a_refusal_or_a_head(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, tensors: int, keys: int
) -> None:
    path = tmp_path_factory.mktemp("noise") / "a"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, tensors, keys) + noise)
    try:
        head = read_head(path)
    except BadGguf:
        return
    assert all(t.end <= path.stat().st_size for t in head.tensors)


@given(at=st.integers(0), value=st.integers(0, 255))
def test_a_byte_that_fell_over_is_a_refusal_or_a_head(
    tmp_path_factory: pytest.TempPathFactory, at: int, value: int
) -> None:
    folder = tmp_path_factory.mktemp("fallen")
    draw = np.zeros((2, 32), dtype=np.float32)
    writer = gguf.GGUFWriter(folder / "sound", "a")
    writer.add_context_length(9)
    writer.add_token_list(["a", "b"])
    writer.add_tensor("t", draw)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    raw = bytearray((folder / "sound").read_bytes())
    raw[at % (len(raw) - draw.nbytes)] = value
    try:
        head = read_head(written(folder / "a", bytes(raw)))
    except BadGguf:
        return
    assert all(t.end <= len(raw) for t in head.tensors)
