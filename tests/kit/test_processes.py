"""A process is known by more than its number."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from seedbed.kit import processes


def test_this_process_lives() -> None:
    assert not processes.is_gone(processes.this_process())


def test_one_that_has_ended_is_gone_and_so_is_one_that_nobody_waited_for() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    birth = processes.this_process().partition(":")[2]
    assert processes.is_gone(f"{child.pid}:{birth}")  # another of its number, born at another time
    stat = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
    name = f"{child.pid}:{stat[19]}"
    assert not processes.is_gone(name)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert processes.is_gone(name)
    child.communicate()
    assert processes.is_gone(name)


def test_a_process_of_another_user_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_number: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", forbidden)
    assert not processes.is_gone(processes.this_process())


def test_where_the_system_tells_nothing_only_the_number_counts(tmp_path: Path) -> None:
    assert processes.this_host(tmp_path) == platform.node()
    name = processes.this_process(tmp_path)
    assert name == f"{os.getpid()}:"
    assert not processes.is_gone(name, tmp_path)


def test_a_host_is_this_machine_since_it_was_started() -> None:
    assert processes.this_host().startswith(platform.node()[:40] + "/")
