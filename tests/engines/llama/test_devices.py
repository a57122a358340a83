"""Layers go to a graphics processor where llama.cpp finds one, and are refused elsewhere."""

from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.engines.llama.devices import graphics_of
from seedbed.engines.llama_cpp import make
from tests.engines.running import spec
from tests.engines.tiny import write_tiny_llama

FOUND = "  CUDA0: NVIDIA GeForce RTX 4090 (24080 MiB, 23000 MiB free)"


def server(tmp_path: Path, *lines: str, status: int = 0) -> Path:
    program = tmp_path / "llama-server"
    told = "\\n".join(("Available devices:", *lines))
    program.write_text(
        f'#!/bin/sh\n[ "$*" = --list-devices ] || exit 3\nprintf "{told}\\n"\nexit {status}\n'
    )
    program.chmod(0o755)
    return program


def test_a_program_tells_its_graphics_processors_and_what_only_reckons_is_none(
    tmp_path: Path,
) -> None:
    program = server(tmp_path, "  BLAS: OpenBLAS (0 MiB, 0 MiB free)", FOUND)
    assert graphics_of(program) == ("CUDA0: NVIDIA GeForce RTX 4090",)


@pytest.mark.parametrize("line", ["  (none)", "", "  BLAS: OpenBLAS (0 MiB, 0 MiB free)"])
def test_a_build_for_processors_finds_none(tmp_path: Path, line: str) -> None:
    assert graphics_of(server(tmp_path, line)) == ()


def test_a_program_that_cannot_be_asked_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cannot be asked for its devices: .* exit status 1"):
        graphics_of(server(tmp_path, status=1))
    with pytest.raises(ValueError, match=r"cannot be asked for its devices: .*No such file"):
        graphics_of(tmp_path / "none")


def test_layers_are_refused_where_there_is_no_graphics_processor(tmp_path: Path) -> None:
    wanted = replace(spec(write_tiny_llama(tmp_path / "tiny.gguf")), layers=8)
    with pytest.raises(ValueError, match=r"^8 layers are to go to a graphics processor"):
        make(replace(wanted, server=server(tmp_path, "  (none)")))


@pytest.mark.parametrize(("layers", "share"), [(0, 0.0), (1, 1 / 3), (99, 1.0)])
def test_the_share_of_the_weights_that_lie_there_is_that_of_the_layers(
    tmp_path: Path, layers: int, share: float
) -> None:
    wanted = replace(spec(write_tiny_llama(tmp_path / "tiny.gguf")), layers=layers)
    program = make(replace(wanted, server=server(tmp_path, FOUND))).program
    assert program
    assert program.graphics == pytest.approx(share)
    assert program.argv[program.argv.index("--layers") + 1] == str(layers)


@pytest.mark.slow
def test_the_library_that_comes_along_is_asked_in_a_process_of_its_own() -> None:
    assert graphics_of(None) == ()  # its wheel was built for processors
