import json
import struct
from pathlib import Path

import gguf
import numpy as np
import pytest

from seedbed.core.errors import PullFailed
from seedbed.core.model import Role
from seedbed.store.survey import Survey, survey
from tests.engines.tiny import WINDOW, write_tiny_adapter, write_tiny_llama


def _write(path: Path, *, architecture: str = "llama", **words: str | int) -> Path:
    """A GGUF file with one tensor and those words, in whose keys dots are `__`."""
    writer = gguf.GGUFWriter(path, architecture)
    for key, value in words.items():
        name = key.replace("__", ".")
        if isinstance(value, str):
            writer.add_string(name, value)
        else:
            writer.add_uint16(name, value)
    writer.add_tensor("t", np.zeros(32, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_file_tells_what_its_model_is(tmp_path: Path) -> None:
    found = survey([write_tiny_llama(tmp_path / "a.gguf")])
    assert found.window == WINDOW
    assert found.parameters == found.active > 100_000
    named = _write(tmp_path / "b.gguf", general__name="Tiny", general__license="mit")
    assert survey([named]) == Survey("Tiny", 0, 32, 32, "mit")


def test_of_a_model_with_experts_those_are_told_that_are_used_at_once(tmp_path: Path) -> None:
    found = survey([write_tiny_llama(tmp_path / "a.gguf", experts=4)])
    assert found.active < found.parameters


def test_a_file_that_was_split_is_told_as_one(tmp_path: Path) -> None:
    first = _write(tmp_path / "a-1.gguf", split__count=2, llama__context_length=9)
    second = _write(tmp_path / "a-2.gguf", split__count=2)
    assert survey([first, second]) == Survey("", 9, 64, 64, "")
    with pytest.raises(PullFailed, match="it is in 2 pieces, and 1 lie here"):
        survey([first])


def test_an_adapter_and_a_projector_are_seen_to_be_that(tmp_path: Path) -> None:
    adapter = write_tiny_adapter(tmp_path / "a.gguf")
    projector = _write(tmp_path / "p.gguf", architecture="clip")
    newer = _write(tmp_path / "q.gguf", general__type="mmproj")
    assert survey([adapter], Role.ADAPTER).parameters > 0
    assert survey([projector], Role.PROJECTOR).parameters == 32
    assert survey([newer], Role.PROJECTOR).parameters == 32
    with pytest.raises(PullFailed, match="role projector, and was given as weights"):
        survey([projector])
    with pytest.raises(PullFailed, match="role adapter, and was given as weights"):
        survey([adapter])
    with pytest.raises(PullFailed, match="role weights, and was given as adapter"):
        survey([write_tiny_llama(tmp_path / "w.gguf")], Role.ADAPTER)


def test_an_adapter_may_be_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    head = json.dumps({"a": {"dtype": "I8", "shape": [4], "data_offsets": [0, 4]}}).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head + bytes(4))
    assert survey([path], Role.ADAPTER) == Survey(parameters=4)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(PullFailed, match=r"a\.safetensors cannot be added: its tensors end at"):
        survey([path], Role.ADAPTER)


def test_what_is_no_model_is_refused_in_one_sentence(tmp_path: Path) -> None:
    zipped = tmp_path / "a.gguf"
    zipped.write_bytes(b"PK\3\4" + bytes(100))
    with pytest.raises(PullFailed, match=r"a\.gguf cannot be added: it begins with b'PK"):
        survey([zipped])
    zipped.write_bytes(write_tiny_llama(tmp_path / "b.gguf").read_bytes()[:-100])
    with pytest.raises(PullFailed, match="it ends at byte"):
        survey([zipped])
    with pytest.raises(PullFailed, match="it does not name its architecture"):
        survey([_write(tmp_path / "c.gguf", architecture="")])
    with pytest.raises(PullFailed, match="it cannot be read: Is a directory"):
        survey([tmp_path])
    zipped.write_bytes(
        b"GGUF"
        + struct.pack("<IQQQ", 3, 0, 1, 20)
        + b"general.architecture"
        + struct.pack("<IQ", 8, 1)
        + b"a"
    )
    with pytest.raises(PullFailed, match="it has no tensors"):
        survey([zipped])


XML = '<net><data shape="4" offset="8" size="16"/><data element="f32"/><data offset="0" size="4"/>'


@pytest.fixture
def folder(tmp_path: Path) -> list[Path]:
    """A model of one graph and its numbers, with what it says of itself."""
    graph = tmp_path / "x_model.xml"
    graph.write_text(XML)
    (tmp_path / "x_model.bin").write_bytes(bytes(24))
    config = tmp_path / "config.json"
    config.write_text('{"model_type": "llama", "max_position_embeddings": 99, "other": []}')
    return [graph, tmp_path / "x_model.bin", config]


def test_a_folder_tells_its_window(folder: list[Path]) -> None:
    assert survey(folder) == Survey(title="llama", window=99)
    assert survey(folder[:2]) == Survey()


def test_a_model_that_sees_pictures_tells_its_window_by_its_words(folder: list[Path]) -> None:
    words = '{"model_type": "llava", "text_config": {"max_position_embeddings": 77}}'
    folder[2].write_text(words)
    assert survey(folder) == Survey(title="llava", window=77)


def test_a_folder_whose_numbers_are_cut_off_is_refused(folder: list[Path]) -> None:
    folder[1].write_bytes(bytes(23))
    with pytest.raises(PullFailed, match=r"x_model\.bin cannot be added: it has 23 bytes"):
        survey(folder)
    folder[1].unlink()
    with pytest.raises(PullFailed, match=r"it has 0 bytes, and x_model\.xml reads 24"):
        survey(folder)


def test_a_folder_that_says_what_cannot_be_read_is_refused(folder: list[Path]) -> None:
    folder[2].write_text('{"max_position_embeddings": "many"}')
    with pytest.raises(PullFailed, match=r"config\.json cannot be added"):
        survey(folder)
