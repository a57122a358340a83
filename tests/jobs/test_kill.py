"""Real workers and a real server, killed and frozen: no job is lost, and nothing is done twice."""

import os
import secrets
import signal
from pathlib import Path

import pytest

from seedbed.bench.jobs.killing import kill_at_random
from seedbed.bench.jobs.proving import COST, Ground, kill, now, proving
from seedbed.core.job import Job, State
from seedbed.store.jobs import Filter, Jobs
from seedbed.store.ledger import Ledger
from seedbed.store.postgresql import Server
from seedbed.store.workers import Workers

pytestmark = pytest.mark.slow

KILLS = 20
MANY = 1_000


@pytest.fixture
def ground(where: Path | Server, tmp_path: Path) -> Ground:
    return Ground(where, where.parent if isinstance(where, Path) else tmp_path, dict(os.environ))


def _recorded(jobs: Jobs, *wanted: Job) -> dict[str, int]:
    return {
        f"{job.id}.{step.number}": step.result["run"]  # type: ignore[index]  # our own
        for job in wanted
        for step in jobs.steps_now(job.id)
    }


@pytest.mark.parametrize("workers", [1, 3])
def test_kills_at_random_lose_no_job_and_repeat_no_effect_and_no_cost(
    ground: Ground, workers: int
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 - told when it fails
    killing = kill_at_random(ground, workers=workers, kills=KILLS, seed=seed, told=lambda _: None)
    assert (killing.lost, killing.why, killing.seen.repeated) == (0, (), 0)
    assert (killing.repeated_cost, killing.unpaid, killing.unsettled) == (0, 0, 0)
    assert killing.steps == 3 * killing.jobs
    assert killing.seen.killed > KILLS / 3, "too few of them within a step"
    assert killing.seen.after > 0, "none of them between an effect and its record"
    assert killing.kills.servers == 0 or killing.written_off.micros > 0


def test_a_thousand_queued_jobs_survive_the_end_of_everything(ground: Ground) -> None:
    with proving(ground) as proof:
        draft, submit = proof.draft(1), proof.jobs.submit_in
        proof.database.write_now(lambda c: [submit(c, draft, now()) for _ in range(MANY)])
        worker = proof.start_worker(at_once=50)
        proof.watch(worker, MANY // 10)
        kill(worker)
        project, lines = proof.key.principal.project, proof.notes.lines
    with proving(ground) as again:
        worker = again.start_worker(at_once=50)
        every = Filter(project)  # in one look: between two a job may go back to the queue
        again.wait(
            lambda: all(job.state.is_end for job in again.jobs.newest_now(every, last=2 * MANY)),
            "an end of all jobs",
        )
        jobs = again.jobs.newest_now(Filter(project, State.SUCCEEDED), last=2 * MANY)
        told = again.judge(_recorded(again.jobs, *jobs))
    assert len(jobs) == MANY
    assert len(lines) < len(again.notes.lines)
    assert told.repeated == 0


def test_a_worker_that_was_frozen_is_fenced_and_records_nothing_and_comes_back_as_another(
    ground: Ground,
) -> None:
    with proving(ground) as proof:
        proof.start_server()
        frozen, workers = proof.start_worker(at_once=1), Workers(proof.database)
        job = proof.submit(2, pause=1.0)
        proof.watch(frozen, 1)
        frozen.send_signal(signal.SIGSTOP)
        [old] = workers.living_now()
        other = proof.start_worker(at_once=1)
        proof.watch(other, 1)
        frozen.send_signal(signal.SIGCONT)

        def back() -> list[str]:
            return [one.id for one in workers.living_now() if one.process == old.process]

        proof.wait(lambda: len(back()) == 1 and back() != [old.id], "the thawed one, anew")
        proof.wait(lambda: proof.jobs.find_now(job.id).state.is_end, "an end")
        ended = proof.jobs.find_now(job.id)
        recorded = _recorded(proof.jobs, job)
        entries = Ledger(proof.database).entries(last=9)
        told = proof.judge(recorded)
    assert (ended.state, ended.run) == (State.SUCCEEDED, 2)
    assert set(recorded.values()) == {2}
    assert (told.again, told.repeated) == (1, 0)
    assert [entry.spent.micros for entry in entries] == [COST, COST]


def test_a_job_that_is_cancelled_while_its_worker_dies_is_cancelled(ground: Ground) -> None:
    with proving(ground) as proof:
        first = proof.start_worker()
        job = proof.submit(1, pause=600.0)
        proof.watch(first, 1)
        proof.jobs.cancel_now(job.id, now=now())
        kill(first)
        proof.start_worker()
        proof.wait(lambda: proof.jobs.find_now(job.id).state.is_end, "an end")
        assert proof.jobs.find_now(job.id).state is State.CANCELLED
        assert len(proof.notes.lines) == 1
