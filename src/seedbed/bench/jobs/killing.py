"""The proof of jobs: workers and the server are killed again and again, at random moments.

Floor 5. What came of it is judged by `seedbed.bench.jobs.judging`.
"""

import random
import subprocess
import time
from collections.abc import Callable

from seedbed.bench.jobs.judging import MANY, STEPS, Killing, Kills, judged, written_off
from seedbed.bench.jobs.proving import Ground, Proof, kill, proving
from seedbed.bench.jobs.witness import BEGAN, DID
from seedbed.core.job import Job, State
from seedbed.store.jobs import Filter

_PAUSE = 0.01
_WAITING = 6
"""Jobs that wait at least, so that no worker stands idle."""
_MOST_LINES = 6
_LATER = {BEGAN: 0.03, DID: 0.003}
"""Seconds after a line that a worker is killed, at most: in its step, in the next, or between what
a step has done and its record."""
_LINGERS = 0.02
"""Seconds between an effect and its record, so that some kills fall in between for sure."""
_SERVERS = 0.15
"""How often the server is killed, too."""


def kill_at_random(
    ground: Ground, *, workers: int, kills: int, seed: int, told: Callable[[str], None]
) -> Killing:
    """Keep so many workers at work, and kill one after the other.

    Raises:
        SetupIncomplete: no work is done any more.
    """
    chance, servers = random.Random(seed), 0  # noqa: S311 - not a secret
    with proving(ground) as proof:
        before = written_off(proof.database)
        proof.start_server()
        living = [proof.start_worker(lingers=_LINGERS) for _ in range(workers)]
        for number in range(kills):
            told(f"kill {number + 1} of {kills}")
            servers += _strike(proof, living, chance)
        told("until all have ended")
        given_up = _finish(proof)
        for worker in living:
            kill(worker)
        proof.kill_server()
        return judged(proof, Kills(kills, servers, given_up), before)


def _strike(proof: Proof, living: "list[subprocess.Popen[bytes]]", chance: random.Random) -> bool:
    """Kill one worker and start another in its place; whether the server was killed, too."""
    victim, word = chance.randrange(len(living)), chance.choice((BEGAN, DID))
    _watch(proof, (living[victim].pid, word), chance.randint(1, _MOST_LINES))
    time.sleep(chance.random() * _LATER[word])
    if is_server := chance.random() < _SERVERS:
        proof.kill_server()
        proof.start_server()
    kill(living[victim])
    living[victim] = proof.start_worker(lingers=_LINGERS)
    return is_server


def _watch(proof: Proof, lines: tuple[int, str], number: int) -> None:
    """Wait until a worker has written so many lines more, with work for it and the others."""
    wanted = proof.notes.of[lines] + number

    def is_there() -> bool:
        if len(_in(proof, State.QUEUED)) < _WAITING:
            proof.submit(STEPS, pause=_PAUSE)
        return proof.notes.of[lines] >= wanted

    proof.wait(is_there, "a sign of a worker")


def _finish(proof: Proof) -> int:
    """Wait until every job has ended; how many were given up meanwhile, and resumed."""
    given_up = set[str]()

    def is_over() -> bool:
        every = _in(proof, None)  # at one moment: between two looks one may go back to the queue
        fatal = [job for job in every if job.fault is not None and job.fault.code == "job_fatal"]
        for job in fatal:
            given_up.add(job.id)
            proof.jobs.resume_now(job.id)
        return not fatal and all(job.state.is_end for job in every)

    proof.wait(is_over, "an end of all jobs")
    return len(given_up)


def _in(proof: Proof, state: State | None) -> list[Job]:
    wanted = Filter(project=proof.key.principal.project, state=state)
    return proof.jobs.newest_now(wanted, last=MANY)
