"""Processes, looked at from outside."""

import os
import sys
import time
from pathlib import Path

import pytest

from seedbed.bench.gateway.programs import family, memory_mb, processor_seconds, started

CHILD = "import sys; print('here', flush=True); sys.stdin.read()"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, lambda *_: print('no', flush=True)); "
)


def test_seconds_of_the_processor_are_those_that_the_process_used() -> None:
    told = processor_seconds(os.getpid())
    assert 0 <= time.process_time() - told < 1


def test_memory_at_most_is_no_less_than_memory_now() -> None:
    assert 0 < memory_mb(os.getpid()) <= memory_mb(os.getpid(), peak=True)


@pytest.mark.slow
def test_a_process_is_measured_with_those_below_it_and_ended_with_its_block(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", PARENT]
    with started(argv, environment=os.environ, log=tmp_path / "log", talks=True) as process:
        assert process.stdout
        assert process.stdout.readline() == b"here\n"
        parent, child = family(process.pid)
        assert parent == process.pid
        assert processor_seconds(parent) > processor_seconds(child) > 0
        assert memory_mb(parent) > memory_mb(child)
    assert process.returncode is not None


@pytest.mark.slow
def test_one_that_will_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedbed.bench.gateway.programs._END_SECONDS", 0.2)
    code = STUBBORN + "print('here', flush=True)\nwhile True: time.sleep(9)"
    argv = [sys.executable, "-c", code]
    with started(argv, environment=os.environ, log=tmp_path / "log", talks=True) as process:
        assert process.stdout
        assert process.stdout.readline() == b"here\n"
    assert process.returncode == -9
