"""The workers of a house on this machine, as processes in the background."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import pytest

from seedbed.core.errors import SetupIncomplete
from seedbed.kit import processes
from seedbed.serving import worker_processes as module
from seedbed.serving.worker_processes import WorkerProcesses
from seedbed.store.database import Database
from seedbed.store.workers import Worker, Workers

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True)"


@pytest.fixture
def house(home: Path, database: Database) -> WorkerProcesses:
    return WorkerProcesses(home, Workers(database))


@pytest.fixture
def begin() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Begin a process that ends with the test."""
    begun: list[subprocess.Popen[bytes]] = []

    def begin(*argv: str) -> subprocess.Popen[bytes]:
        begun.append(subprocess.Popen(argv or SLEEPS, stdout=subprocess.PIPE))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def join(database: Database, pid: int, *, host: str | None = None) -> None:
    """Have that process be a worker."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    name = f"{pid}:{stat[19]}"
    worker = Worker(f"worker_{pid}", host or processes.this_host(), name, ("work",), 1, 1)
    anyio.run(Workers(database).join, worker)


def _look() -> None:
    time.sleep(0.01)


Begin = Callable[..., subprocess.Popen[bytes]]


def test_those_live_that_run_on_this_machine(
    house: WorkerProcesses, database: Database, begin: Begin
) -> None:
    here, gone, far = begin(), begin(), begin()
    for process in (here, gone):
        join(database, process.pid)
    join(database, far.pid, host="far/boot/pid")
    gone.kill()
    gone.wait()
    assert [module.number(worker) for worker in house.living()] == [here.pid]


def test_those_that_are_stopped_have_ended(
    house: WorkerProcesses, database: Database, begin: Begin
) -> None:
    process = begin()
    join(database, process.pid)
    assert [module.number(worker) for worker in house.stop(wait=_look)] == [process.pid]
    assert process.wait() < 0
    assert house.stop(wait=_look) == []


def test_one_that_is_frozen_hears_that_it_is_to_end(
    house: WorkerProcesses, database: Database, begin: Begin
) -> None:
    process = begin()
    join(database, process.pid)
    process.send_signal(signal.SIGSTOP)
    assert len(house.stop(wait=_look)) == 1
    assert process.wait() == -signal.SIGTERM


def test_one_that_will_not_end_is_told_with_what_ends_it(
    house: WorkerProcesses, database: Database, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOKS", 3)
    process = begin(sys.executable, "-c", f"{DEAF}; time.sleep(600)")
    assert process.stdout is not None
    process.stdout.readline()
    join(database, process.pid)
    with pytest.raises(SetupIncomplete, match=f"kill -9 {process.pid}"):
        house.stop(wait=lambda: None)


def test_one_of_another_user_is_told(
    house: WorkerProcesses, database: Database, begin: Begin
) -> None:
    process = begin()
    join(database, process.pid)
    kill = os.kill

    def forbidden(pid: int, number: int) -> None:
        if number:
            raise PermissionError
        kill(pid, number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "kill", forbidden)
        with pytest.raises(SetupIncomplete, match=f"process {process.pid} is another user's"):
            house.stop(wait=_look)


def test_one_that_ends_before_it_is_told_so_has_ended(
    house: WorkerProcesses, database: Database, begin: Begin
) -> None:
    process = begin()
    join(database, process.pid)
    kill = os.kill

    def too_late(pid: int, number: int) -> None:
        if number:
            kill(pid, signal.SIGKILL)
            process.wait()
        kill(pid, number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "kill", too_late)
        assert len(house.stop(wait=_look)) == 1


def test_one_that_dies_at_its_start_is_told_in_its_own_words(house: WorkerProcesses) -> None:
    words = '{"error": {"code": "c", "what": "It cannot.", "hint": "Mend it."}}'
    with pytest.raises(SetupIncomplete, match=r"It cannot\. Mend it\."):
        house.start([sys.executable, "-c", f"print('{words}')"], os.environ, wait=_look)
    with pytest.raises(SetupIncomplete, match="ended with status 3 before it was ready: it said"):
        house.start([sys.executable, "-c", "exit(3)"], os.environ, wait=_look)


def test_one_that_gives_no_sign_is_not_waited_for_for_ever(
    house: WorkerProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOKS", 3)
    with pytest.raises(SetupIncomplete, match="gave no sign of life"):
        house.start(SLEEPS, os.environ, wait=lambda: None)


def test_one_is_started_once_it_gives_its_first_sign(
    house: WorkerProcesses, database: Database, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def noted(*words: object, **how: object) -> subprocess.Popen[bytes]:
        begun.append(popen(*words, **how))  # type: ignore[call-overload]  # as it was called
        return begun[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    worker = house.start(SLEEPS, os.environ, wait=lambda: join(database, begun[0].pid))
    assert module.number(worker) == begun[0].pid
    assert house.stop(wait=_look) == [worker]
    begun[0].wait()
