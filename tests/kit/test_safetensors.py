"""Heads that are sound, damaged and hostile, each written by hand."""

import json
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.safetensors import BadSafetensors, read_head

ENTRY = {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]}


def write(path: Path, head: bytes, body: bytes = b"", *, length: int | None = None) -> Path:
    claimed = len(head) if length is None else length
    path.write_bytes(struct.pack("<Q", claimed) + head + body)
    return path


def read(path: Path, entries: object, size: int) -> object:
    return read_head(write(path, json.dumps(entries).encode(), bytes(size)))


def test_a_head_tells_its_tensors_in_their_order_in_the_file(tmp_path: Path) -> None:
    entries = {
        "__metadata__": {"format": "pt"},
        "last": {"dtype": "I8", "shape": [4], "data_offsets": [12, 16]},
        "first": ENTRY,
        "none": {"dtype": "F32", "shape": [0, 9], "data_offsets": [16, 16]},
        "one": {"dtype": "F64", "shape": [], "data_offsets": [16, 24]},
    }
    raw = json.dumps(entries).encode()
    head = read_head(write(tmp_path / "a", raw, bytes(24)))
    base = 8 + len(raw)
    assert [tensor.name for tensor in head.tensors] == ["first", "last", "none", "one"]
    first = head.tensors[0]
    assert (first.shape, first.type, first.values) == ((2, 3), "F16", 6)
    assert (first.begin, first.end) == (base, base + 12)
    assert head.parameters == 6 + 4 + 0 + 1
    assert head.words == {"format": "pt"}


def test_a_file_without_tensors_is_whole(tmp_path: Path) -> None:
    assert read_head(write(tmp_path / "a", b"{}")).tensors == ()


@pytest.mark.parametrize(
    ("entries", "size", "said"),
    [
        ([], 0, "no JSON object"),
        ({"a": []}, 0, "no sound shape and place"),
        ({"a": {**ENTRY, "dtype": "F17"}}, 12, "unknown type 'F17'"),
        ({"a": {**ENTRY, "dtype": ["F16"]}}, 12, "unknown type"),
        ({"a": {**ENTRY, "shape": "23"}}, 12, "no sound shape"),
        ({"a": {**ENTRY, "shape": [2, -3]}}, 12, "no sound shape"),
        ({"a": {**ENTRY, "shape": [2, True]}}, 12, "no sound shape"),
        ({"a": {**ENTRY, "shape": [1] * 33}}, 12, "no sound shape"),
        ({"a": {**ENTRY, "data_offsets": [0]}}, 12, "no sound shape and place"),
        ({"a": {**ENTRY, "data_offsets": [0, 12.0]}}, 12, "no sound shape and place"),
        ({"a": {**ENTRY, "data_offsets": [12, 0]}}, 12, "takes -12 bytes"),
        ({"a": {**ENTRY, "shape": [2**62, 2**62]}}, 12, "takes 12 bytes"),
        ({"a": ENTRY, "b": ENTRY}, 12, "'b' begins at byte"),
        ({"a": {**ENTRY, "data_offsets": [4, 16]}}, 16, "and should at"),
        ({"a": ENTRY}, 11, "its tensors end at byte"),
        ({"a": ENTRY}, 13, "and the file at"),
        ({"__metadata__": {"a": 1}}, 0, "__metadata__ is not text"),
        ({"__metadata__": "a"}, 0, "__metadata__ is not text"),
    ],
)
def test_a_head_that_cannot_be_is_refused(
    tmp_path: Path, entries: object, size: int, said: str
) -> None:
    with pytest.raises(BadSafetensors, match=said):
        read(tmp_path / "a", entries, size)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"not JSON", "no JSON"),
        (b'{"a": "\xff"}', "no JSON"),
        (b'{"a": ' + b"1" * 5000 + b"}", "no JSON"),
        (b"[" * 200_000, "nested too deep"),
        (b'{"a": {}, "a": {}}', "a name twice"),
        (b'{"a": {"dtype": "I8", "dtype": "F16"}}', "a name twice"),
    ],
)
def test_what_is_no_plain_json_is_refused(tmp_path: Path, head: bytes, said: str) -> None:
    with pytest.raises(BadSafetensors, match=said):
        read_head(write(tmp_path / "a", head))


@pytest.mark.parametrize("content", [b"", b"1234567"])
def test_a_file_that_is_too_short_for_a_head_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(BadSafetensors, match=f"has {len(content)} bytes"):
        read_head(tmp_path / "a")


@pytest.mark.parametrize("length", [3, 2**63, 2**64 - 1])
def test_a_head_that_is_longer_than_the_file_is_refused(tmp_path: Path, length: int) -> None:
    with pytest.raises(BadSafetensors, match="claims"):
        read_head(write(tmp_path / "a", b"{}", length=length))


def test_a_head_that_is_longer_than_any_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", 100_000_001))
        file.truncate(200_000_000)  # no disk is used
    with pytest.raises(BadSafetensors, match="claims 100,000,001 bytes"):
        read_head(path)


@given(cut=st.integers(0, 200), flip=st.integers(0, 200), value=st.integers(0, 255))
def test_any_damage_is_a_refusal_or_a_head(
    tmp_path_factory: pytest.TempPathFactory, cut: int, flip: int, value: int
) -> None:
    raw = bytearray(struct.pack("<Q", 60) + json.dumps({"a": ENTRY}).encode().ljust(60) + bytes(12))
    raw[flip % len(raw)] = value
    path = tmp_path_factory.mktemp("damaged") / "a"
    path.write_bytes(raw[: len(raw) - cut % len(raw)])
    try:
        head = read_head(path)
    except BadSafetensors:
        return
    assert all(8 <= t.begin <= t.end <= path.stat().st_size for t in head.tensors)
