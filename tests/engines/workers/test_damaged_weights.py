"""What the workers say of weights that were damaged since the engine was made."""

import os
import subprocess
from pathlib import Path

import pytest

from seedbed.engines.base import worker
from tests.engines.tiny import write_tiny_llama


@pytest.mark.slow
@pytest.mark.parametrize("name", ["llama_server", "openvino_text"])
def test_a_file_that_is_cut_off_is_named_as_the_cause(name: str, tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf")
    weights.write_bytes(weights.read_bytes()[:-1000])
    threads = {"threads": 1} if name == "llama_server" else {}
    program = worker(name, key="k", model=weights, window=64, places=1, **threads)
    with subprocess.Popen(
        program.argv,
        env={"PATH": os.defpath, **program.environment},
        stdin=subprocess.PIPE,  # open until it has ended by itself
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr
        said = process.stderr.read()
        assert process.wait() == 1
    assert b"BadGguf" in said.splitlines()[-1]
