"""What a worker does that may be killed, here in one process with the test."""

import os
import signal
from pathlib import Path
from typing import Any

import anyio
import pytest

from seedbed.bench.jobs.proving import Ground, proving
from seedbed.bench.jobs.witness import BEGAN, DID, Notes, Witness
from seedbed.bench.jobs.working import MODEL, Effects, Orders, database_at, work
from seedbed.core.errors import EngineFailed
from seedbed.core.job import Job, Owner, State
from seedbed.core.money import Amount
from seedbed.jobs.door import Told
from seedbed.jobs.scripted import Doing
from seedbed.store.postgresql import Server

pytestmark = pytest.mark.anyio

OWNER = Owner("ada", "web", "key_1")
JOB = Job("job_1", "scripted", {}, OWNER, State.RUNNING, 1, 0, 0, Amount(0, "USD"), run=3)
DOING = Doing(JOB, "step 0", "job_1.0", "sbj-1")


class Door:
    """Answers with a status, and remembers who asked."""

    def __init__(self, status: int) -> None:
        self.status, self.asked = status, list[tuple[str, str, str]]()

    async def post(self, path: str, body: Any, *, token: str, key: str) -> Told:
        self.asked.append((body["model"], token, key))
        return Told(self.status, {}, "req_1")


def _effects(path: Path, door: Door) -> Effects:
    return Effects(Witness(path), door)  # type: ignore[arg-type]  # as far as it is used


async def test_a_step_asks_between_its_two_notes(tmp_path: Path) -> None:
    door = Door(200)
    assert await _effects(tmp_path / "w", door).do(DOING) == {"run": 3}
    assert door.asked == [(MODEL, "sbj-1", "job_1.0")]
    notes = Notes(tmp_path / "w")
    notes.look()
    assert [line.word for line in notes.lines] == [BEGAN, DID]


async def test_a_step_that_is_not_answered_fails_and_has_done_nothing(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="401"):
        await _effects(tmp_path / "w", Door(401)).do(DOING)
    notes = Notes(tmp_path / "w")
    notes.look()
    assert [line.word for line in notes.lines] == [BEGAN]


async def test_a_worker_works_until_it_is_told_to_end(tmp_path: Path) -> None:
    with proving(Ground(tmp_path / "seedbed.db", tmp_path, {})) as proof:
        job = proof.submit(2)
        orders = Orders(str(tmp_path / "seedbed.db"), str(tmp_path / "w"))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(work, orders)
            with anyio.fail_after(60):
                while not (await proof.jobs.find(job.id)).state.is_end:
                    await anyio.sleep(0.01)
            os.kill(os.getpid(), signal.SIGTERM)
        assert (await proof.jobs.find(job.id)).state is State.SUCCEEDED


def test_a_database_is_named_by_a_path_or_an_address() -> None:
    assert database_at("/home/seedbed.db") == Path("/home/seedbed.db")
    assert database_at("postgresql://ada@/house") == Server("postgresql://ada@/house")
