"""What a process and its descendants hold is measured by what the system tells."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seedbed.kit.memory import LinuxGauge, PsGauge, main_memory

_HOLDER = """
import subprocess, sys
child = [sys.executable, "-c", "held = bytearray(b'x' * (20 << 20)); print(flush=True); input()"]
with subprocess.Popen(child, stdin=subprocess.PIPE) as process:
    input()
    process.communicate(b"\\n")
"""


def process(proc: Path, pid: int, parent: int, **files: str) -> None:
    (proc / str(pid)).mkdir()
    for name, text in {"stat": f"{pid} (a (b) c) S {parent} 1 1", **files}.items():
        (proc / str(pid) / name).write_text(text)


def test_a_process_counts_with_its_descendants_and_no_others(tmp_path: Path) -> None:
    for pid, parent, kib in ((10, 1, 3), (11, 10, 5), (12, 11, 7), (13, 1, 100)):
        process(tmp_path, pid, parent, smaps_rollup=f"00-ff [rollup]\nRss: 99 kB\nPss: {kib} kB\n")
    assert LinuxGauge(tmp_path).held([10, 12]) == {10: 15 << 10, 12: 7 << 10}


def test_where_parts_are_not_told_what_is_resident_counts(tmp_path: Path) -> None:
    process(tmp_path, 10, 1, status="Name: a\nVmRSS:\t   40 kB\n")
    process(tmp_path, 11, 10)
    process(tmp_path, 12, 10, smaps_rollup="", status="VmRSS: 2 kB")
    assert LinuxGauge(tmp_path).held([10]) == {10: 42 << 10}


def test_what_is_gone_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "11").mkdir()
    assert LinuxGauge(tmp_path).held([10, 11]) == {}


def test_ps_tells_it_elsewhere(tmp_path: Path) -> None:
    program = tmp_path / "ps"
    program.write_text("#!/bin/sh\necho '  10 1 3'; echo ' 11 10 5'; echo '12 1 100'\n")
    program.chmod(0o755)
    assert PsGauge(str(program)).held([10, 99]) == {10: 8 << 10}
    program.write_text("#!/bin/sh\nexit 1\n")
    assert PsGauge(str(program)).held([10]) == {}
    assert PsGauge(str(tmp_path / "none")).held([10]) == {}


@pytest.mark.parametrize(("system", "kind"), [("linux", LinuxGauge), ("darwin", PsGauge)])
def test_each_system_has_its_gauge(
    monkeypatch: pytest.MonkeyPatch, system: str, kind: type[object]
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert isinstance(main_memory(), kind)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_of_a_real_child_of_a_child_is_counted() -> None:
    line = [sys.executable, "-c", _HOLDER]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        held = LinuxGauge().held([holder.pid, os.getpid()])
        holder.communicate(b"\n")
    assert 20 << 20 < held[holder.pid] < 100 << 20
    assert held[os.getpid()] > held[holder.pid]
