"""Files made anew, compared with what the format's own reader sees in both."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import gguf
import numpy as np
import pytest
from gguf.quants import dequantize

from seedbed.core.errors import DiskFull, PullFailed
from seedbed.kit.gguf import read_head
from seedbed.store import fetch
from seedbed.store.requantise import KEPT, requantise
from tests.engines.tiny import write_tiny_llama
from tests.store.quantised import write_quantised


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return write_tiny_llama(tmp_path / "plain.gguf")


def _ignore(done: int, total: int) -> None:
    assert done <= total


def _made(source: Path) -> Path:
    target = source.with_name("made.gguf")
    requantise(source, target, to="Q8_0", progress=_ignore)
    return target


def _numbers(path: Path) -> dict[str, np.ndarray]:
    return {t.name: dequantize(t.data, t.tensor_type) for t in gguf.GGUFReader(path).tensors}


@pytest.mark.parametrize("kind", ["Q4_1", "Q5_1", "Q5_0", "BF16"])
def test_types_that_are_rounded_are_made_anew_and_the_numbers_stay_near(
    plain: Path, kind: str
) -> None:
    source = write_quantised(plain, plain.with_name("source.gguf"), kind)
    made = _made(source)
    assert read_head(made).types == {"Q8_0", "F32"}
    old, new = _numbers(source), _numbers(made)
    assert list(old) == list(new)
    for name, values in old.items():
        assert new[name].shape == values.shape
        assert np.abs(new[name] - values).max() <= np.abs(values).max() / 200


@pytest.mark.parametrize("kind", ["Q8_0", "Q4_0", "F16"])
def test_types_that_are_not_rounded_stay_byte_for_byte(plain: Path, kind: str) -> None:
    source = write_quantised(plain, plain.with_name("source.gguf"), kind)
    assert kind in KEPT
    assert _made(source).read_bytes() == source.read_bytes()


def test_keys_and_values_are_copied_byte_for_byte_but_for_the_type_of_the_file(
    plain: Path,
) -> None:
    source = write_quantised(plain, plain.with_name("source.gguf"), "Q4_1")
    made = _made(source)
    head = read_head(source)
    place = head.places["general.file_type"]
    old, new = (path.read_bytes()[: head.listed] for path in (source, made))
    assert old[:place] + old[place + 4 :] == new[:place] + new[place + 4 :]
    assert struct.unpack_from("<I", new, place) == (gguf.LlamaFileType.MOSTLY_Q8_0.value,)


def test_a_file_that_tells_no_type_is_made_anew_all_the_same(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "a", "llama")
    rows = np.arange(64 * 20, dtype=np.uint8).reshape(-1, 40) % 16
    writer.add_tensor("t", rows, raw_dtype=gguf.GGMLQuantizationType.Q4_1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    assert read_head(_made(tmp_path / "a")).types == {"Q8_0"}


def test_what_is_done_is_told_to_the_last_byte(plain: Path) -> None:
    source = write_quantised(plain, plain.with_name("source.gguf"), "Q4_1")
    told: list[tuple[int, int]] = []
    target = plain.with_name("made.gguf")
    requantise(source, target, to="Q8_0", progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (target.stat().st_size, target.stat().st_size)


def test_a_damaged_file_is_refused(plain: Path) -> None:
    plain.write_bytes(plain.read_bytes()[:-1])
    with pytest.raises(PullFailed, match="cannot be requantised: it ends at byte"):
        _made(plain)


def _of(path: Path, kind: int, shape: tuple[int, ...], size: int) -> Path:
    """A file of one tensor of zeros."""
    info = (
        struct.pack("<Q", 1) + b"t" + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, 0)
    )
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + info
    path.write_bytes(head + bytes(-len(head) % 32 + size))
    return path


def test_a_type_that_cannot_be_read_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    q8_k = _of(tmp_path / "a", 15, (256,), 292)
    with pytest.raises(PullFailed, match="cannot be requantised") as caught:
        _made(q8_k)
    assert "`requantised`" in caught.value.hint
    assert {path.name for path in tmp_path.iterdir()} <= {"a", "home"}


def test_rows_that_the_new_type_cannot_hold_are_refused(tmp_path: Path) -> None:
    bf16 = _of(tmp_path / "a", 30, (16, 2), 64)
    with pytest.raises(PullFailed, match="rows of 16, which Q8_0 has not"):
        _made(bf16)


def test_no_byte_is_written_where_the_whole_does_not_fit(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_quantised(plain, plain.with_name("source.gguf"), "Q4_1")

    def full(folder: Path, needed: int) -> None:
        raise DiskFull(str(folder), needed=needed, free=0)

    monkeypatch.setattr(fetch, "require_room", full)
    with pytest.raises(DiskFull):
        _made(source)
    assert not any("made" in path.name for path in source.parent.iterdir())


@pytest.mark.slow
def test_a_large_matrix_is_made_anew_in_little_memory(tmp_path: Path) -> None:
    q4_1 = tmp_path / "a"
    _of(q4_1, 3, (4096, 32768), 0)
    os.truncate(q4_1, q4_1.stat().st_size + 4096 * 32768 // 32 * 20)
    code = (
        "import sys, resource; from pathlib import Path\n"
        "from seedbed.store.requantise import requantise\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "requantise(Path(sys.argv[1]), Path(sys.argv[2]), to='Q8_0', progress=lambda *_: None)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    argv = [sys.executable, "-c", code, str(q4_1), str(tmp_path / "b")]
    said = subprocess.run(argv, check=True, capture_output=True, text=True)
    assert int(said.stdout) < 200_000  # KB; the matrix alone has 537 MB of numbers
    assert (tmp_path / "b").stat().st_size > 4096 * 32768
