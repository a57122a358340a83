import os
from pathlib import Path

import pytest

from seedbed.kit.machine import this_machine


def test_a_processors_flags_are_those_that_the_system_tells(tmp_path: Path) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text("processor\t: 0\nflags\t\t: fpu sse2 avx2\n\nprocessor\t: 1\nflags\t: fpu\n")
    assert this_machine(told).flags == {"fpu", "sse2", "avx2"}


def test_where_the_system_tells_nothing_no_flag_is_claimed(tmp_path: Path) -> None:
    assert this_machine(tmp_path / "nowhere").flags == frozenset()
    (tmp_path / "cpuinfo").write_text("processor: 0\n")
    assert this_machine(tmp_path / "cpuinfo").flags == frozenset()


def test_this_machine_has_a_core_and_a_name() -> None:
    machine = this_machine()
    assert machine.cores >= 1
    assert machine.architecture not in {"amd64", "aarch64"}
    assert machine.system == machine.system.lower() != ""


def test_memory_is_told_where_the_system_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert this_machine().memory > 1 << 20
    monkeypatch.setattr(os, "sysconf_names", {})
    assert this_machine().memory == 0
