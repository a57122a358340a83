"""Workers and a server as real processes on one database, to be killed and frozen.

Floor 5. The server is `seedbed serve` with a model of the scripted kind that has a price. Keys,
jobs and budgets are of this proof alone, so that a database may be used by one proof after another.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from seedbed.bench.gateway.programs import started
from seedbed.bench.gateway.targets import free_port
from seedbed.bench.jobs.witness import BEGAN, Notes, Seen, seen
from seedbed.bench.jobs.working import CURRENCY, MODEL, TEXT, Orders
from seedbed.core.access import Scope
from seedbed.core.budget import Budget, Measure, Window
from seedbed.core.budget import Owner as Whose
from seedbed.core.errors import SetupIncomplete
from seedbed.core.job import Draft, Job, Owner
from seedbed.core.money import Amount
from seedbed.jobs.scripted import NAME
from seedbed.kit import atomic, ids
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database, open_database
from seedbed.store.jobs import Jobs
from seedbed.store.keys import Key, Keys
from seedbed.store.postgresql import Server

_WORDS = len(TEXT.split())
COST = (_WORDS + 1) * 1 + _WORDS * 10
"""Micros that an ask costs: the fake reads a word more than it is sent, and repeats it."""
CAP = Amount(1_000_000, CURRENCY)
"""What a job may cost, far more than it does: each server that is killed takes a lease along."""
_CARD = f"""
title = "A fake with a price"
engines = ["scripted"]
window = 4096
parameters = 0
licence = "none"

[price]
currency = "{CURRENCY}"
since = 2026-01-01
source = "made up, so that there is one"

[price.per_million]
input_fresh = "1.00"
output_visible = "10.00"
"""
_LOOK_SECONDS = 0.001
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Ground:
    """A database, an empty folder for all else, and what programs have as their environment."""

    database: Path | Server
    folder: Path
    environment: Mapping[str, str]

    @property
    def address(self) -> str:
        """The database in a word."""
        where = self.database
        return where.url if isinstance(where, Server) else str(where)


class Proof:
    """What runs on a ground, and what the witness has noted of it."""

    def __init__(self, ground: Ground, database: Database, stack: ExitStack) -> None:
        self._ground, self._stack = ground, stack
        self._port = free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self.database, self.jobs = database, Jobs(database, currency=CURRENCY)
        self.notes = Notes(ground.folder / "witness")
        self.key = _furnish(ground, database)

    def start_worker(self, *, at_once: int = 2, lingers: float = 0.0) -> "subprocess.Popen[bytes]":
        """One more worker, which lingers so many seconds between an effect and its record."""
        url = f"http://127.0.0.1:{self._port}" if self._server else None
        orders = Orders(
            self._ground.address,
            str(self._ground.folder / "witness"),
            url,
            at_once=at_once,
            lingers=lingers,
        )
        argv = [sys.executable, "-m", "seedbed.bench.jobs.working"]
        return self._start([*argv, msgspec.json.encode(orders).decode()], "workers.log")

    def start_server(self) -> None:
        """The server; it takes the place of one that was killed."""
        argv = [sys.executable, "-m", "seedbed", "serve", "--json", "--port", str(self._port)]
        self._server = self._start(argv, "server.log")

    def kill_server(self) -> None:
        """`kill -9` it."""
        if self._server:
            kill(self._server)

    def draft(self, steps: int, *, pause: float = 0.0) -> Draft:
        """A job whose steps wait so many seconds each."""
        principal = self.key.principal
        owner = Owner(principal.user, principal.project, principal.key)
        return Draft(NAME, {"steps": steps, "pause": pause}, owner, cap=CAP)

    def submit(self, steps: int, *, pause: float = 0.0) -> Job:
        """One more of them."""
        return self.jobs.submit_now(self.draft(steps, pause=pause), now=now())

    def wait(self, wanted: Callable[[], bool], what: str) -> None:
        """Look at the witness and elsewhere until it is as wanted.

        Raises:
            SetupIncomplete: it does not come to that.
        """
        until = time.monotonic() + _PATIENCE_SECONDS
        self.notes.look()
        while not wanted():
            if time.monotonic() > until:
                raise SetupIncomplete(
                    f"After {_PATIENCE_SECONDS:g} s there was still not {what}.",
                    hint=f"See the logs in {self._ground.folder}.",
                )
            time.sleep(_LOOK_SECONDS)
            self.notes.look()

    def watch(self, process: "subprocess.Popen[bytes]", steps: int) -> None:
        """Wait until a worker has begun so many steps more."""
        one = process.pid, BEGAN
        wanted = self.notes.of[one] + steps
        self.wait(lambda: self.notes.of[one] >= wanted, f"{steps} more steps of a worker")

    def judge(self, recorded: Mapping[str, int]) -> Seen:
        """What the witness tells of these steps: what is recorded was noted before, so it is asked
        only now.
        """
        self.notes.look()
        return seen(self.notes.lines, recorded)

    def _start(self, argv: list[str], log: str) -> "subprocess.Popen[bytes]":
        settings = {"SEEDBED_HOME": str(self._ground.folder), "SEEDBED_MODELS": MODEL}
        settings |= {"SEEDBED_HARDWARE_PER_HOUR": "0"}  # so that each ask costs the same
        if isinstance(self._ground.database, Server):
            settings["SEEDBED_DATABASE"] = self._ground.database.url
        environment = self._ground.environment
        plain = {n: text for n, text in environment.items() if not n.startswith("SEEDBED_")}
        at = self._ground.folder / "logs" / log
        running = started(argv, environment=plain | settings, log=at)
        process = self._stack.enter_context(running)
        self._stack.callback(kill, process)  # one that is frozen hears nothing else
        return process


@contextmanager
def proving(ground: Ground) -> Generator[Proof]:
    """A proof for a while; whatever still runs at its end is killed."""
    database = open_database(ground.database)
    try:
        with ExitStack() as stack:
            yield Proof(ground, database, stack)
    finally:
        database.close()


def kill(process: "subprocess.Popen[bytes]") -> None:
    """`kill -9`, and wait until nothing is left of it."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def now() -> int:
    """The moment, in epoch microseconds."""
    return round(time.time() * 1e6)


def _furnish(ground: Ground, database: Database) -> Key:
    """A home with a model, and a key with a budget."""
    atomic.write(ground.folder / "catalogue" / f"{MODEL}.toml", _CARD.encode())
    (ground.folder / "logs").mkdir(exist_ok=True)
    name = ids.fresh("bench")
    scopes = frozenset({Scope.MODELS})
    key, _ = Keys(database).create(name, user=name, project=name, scopes=scopes, now=now())
    id_ = ids.fresh("budget")
    budget = Budget(id_, Whose.KEY, key.id, Window.ALL, Measure.MONEY, 10**12, CURRENCY, warn=100)
    Budgets(database).set_budget(budget, actor="bench", now=now())
    return key
