"""How long jobs stand still whose worker was killed, or frozen, until another goes on with them.

Floor 5. From the signal until the other one has begun their step again.
"""

import signal
import time

from seedbed.bench.jobs.proving import Ground, kill, proving
from seedbed.store.workers import Workers

_JOBS = 4
_PAUSE = 600.0
"""Seconds that a step takes: far longer than anybody looks at it."""


def adopted(ground: Ground, *, frozen: bool) -> float:
    """Seconds for one worker that is killed, or frozen, beside another that has nothing to do.

    Raises:
        SetupIncomplete: nobody goes on.
    """
    with proving(ground) as proof:
        first = proof.start_worker(at_once=_JOBS)
        for _ in range(_JOBS):
            proof.submit(1, pause=_PAUSE)
        proof.watch(first, _JOBS)
        second, workers = proof.start_worker(at_once=_JOBS), Workers(proof.database)
        proof.wait(lambda: len(workers.living_now()) == 2, "a second worker")
        began = time.monotonic()
        if frozen:
            first.send_signal(signal.SIGSTOP)
        else:
            kill(first)
        proof.watch(second, _JOBS)
        return time.monotonic() - began
