"""A film whose worker is killed half way, and that another takes up: what of it is drawn twice.

Floor 5. A house as an operator runs it: `seedbed serve` with the model that draws, and `seedbed
worker`, which gets `kill -9` when half of the pieces are on the books. What was drawn is told from
the ledger: each whole piece is one entry with a film in it.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from seedbed.bench.gateway.programs import started
from seedbed.bench.jobs.proving import kill, now
from seedbed.bench.serving.ground import Ground
from seedbed.bench.serving.ours import Home, serving, with_key
from seedbed.core.errors import SetupIncomplete
from seedbed.core.job import Draft, Job, Owner, State
from seedbed.core.scene.form import write_scene
from seedbed.core.scene.layers import Backdrop
from seedbed.core.scene.scene import Canvas, Scene, Shot
from seedbed.core.scene.timeline import pieces
from seedbed.jobs.film import DRAWN, KIND
from seedbed.store.database import Database, open_database
from seedbed.store.jobs import Jobs
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger

MODEL = "draft"
_SETTINGS = {"SEEDBED_MODELS": MODEL, "SEEDBED_WORKERS": "0", "SEEDBED_HARDWARE_PER_HOUR": "0"}
_LONGEST_SECONDS = 60.0
_LOOK_SECONDS = 0.01
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Resumed:
    """What came of it: the pieces of the film, those on the books when the worker was killed, and
    how many were drawn again that were whole.
    """

    pieces: int
    before: int
    repeated: int


def scene(shots: int) -> Scene:
    """A film of shots that differ, each of one piece."""
    grounds = [Backdrop(id="ground", place="sea", seed=number) for number in range(shots)]
    return Scene(
        Canvas(640, 360, fps=24),
        tuple(Shot(f"shot-{place}", 1.5, (one,)) for place, one in enumerate(grounds)),
    )


def resumed(work: Path, environment: Mapping[str, str], shots: int) -> Resumed:
    """Kill and take up, in the empty folder `work`.

    Raises:
        SetupIncomplete: something that was started does not do its work.
    """
    (work / "logs").mkdir()
    home, film = with_key(work, MODEL, _SETTINGS), scene(shots)
    database = open_database(work / "seedbed.db")
    try:
        with serving(home, Ground(work, environment)) as served:
            home = replace(home, settings={**_SETTINGS, "SEEDBED_SERVER": served.url})
            jobs = Jobs(database, currency="USD")
            job, half = _submit(jobs, database, home, film), len(pieces(film)) // 2
            _worked(home, environment, lambda: _done(jobs, job) >= half)
            before = _done(jobs, job)
            _worked(home, environment, lambda: jobs.find_now(job.id).state.is_end)
        if (state := jobs.find_now(job.id).state) is not State.SUCCEEDED:
            raise SetupIncomplete(f"The film has {state.value}.", hint=f"{work}/logs says more.")
        films = sum(one.usage.film_milliseconds > 0 for one in Ledger(database).entries(last=_MOST))
    finally:
        database.close()
    return Resumed(len(pieces(film)), before, films - len(pieces(film)))


def _submit(jobs: Jobs, database: Database, home: Home, film: Scene) -> Job:
    who = Keys(database).find_now(home.key)
    if who is None:
        raise SetupIncomplete("The key that was made is none.", hint="Measure again.")
    told = {
        "film": "film_bench",
        "until": now() + 10**10,
        "ask": {"model": MODEL, "prompt": "", "scene": write_scene(film)},
        DRAWN: True,
    }
    return jobs.submit_now(Draft(KIND, told, Owner(who.user, who.project, who.key)), now=now())


def _done(jobs: Jobs, job: Job) -> int:
    return sum(step.name.startswith("piece") for step in jobs.steps_now(job.id))


def _worked(home: Home, environment: Mapping[str, str], wanted: Callable[[], bool]) -> None:
    """Have a worker live until it is as wanted; then kill it."""
    plain = {name: text for name, text in environment.items() if not name.startswith("SEEDBED_")}
    settings = {**plain, "SEEDBED_HOME": str(home.path), **home.settings}
    log = home.path / "logs" / "worker.log"
    with started([sys.executable, "-m", "seedbed", "worker"], environment=settings, log=log) as one:
        ends = time.monotonic() + _LONGEST_SECONDS
        while not wanted():
            if one.poll() is not None or time.monotonic() > ends:
                raise SetupIncomplete("The worker does not get on.", hint=f"{log} says more.")
            time.sleep(_LOOK_SECONDS)
        kill(one)
