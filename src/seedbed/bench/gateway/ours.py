"""Our own server, as an operator runs it: a remote model with a price, a key with a budget.

Floor 5. The ledger is on, and so is the log, which goes to a file.
"""

import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from seedbed.bench.gateway import words
from seedbed.bench.gateway.doors import OPENAI
from seedbed.bench.gateway.programs import started
from seedbed.bench.gateway.targets import Start, Startup, Target, free_port
from seedbed.core.access import Scope
from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.kit import atomic, ids
from seedbed.store.budgets import Budgets
from seedbed.store.database import open_database
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger

_CARD = """
title = "An upstream that answers at once"
engines = ["remote"]
window = 8192
parameters = 0
licence = "none"

[upstream]
url = "http://127.0.0.1:{port}/v1"
dialect = "openai"
model = "{model}"
secret = "file:{secret}"
serves = ["chat"]

[price]
currency = "USD"
since = 2026-01-01
source = "made up, so that there is one"

[price.per_million]
input_fresh = "0.15"
output_visible = "0.60"
"""
_CAP = 10**12
"""A million dollars: all that is used is counted against it, and nothing refused."""


def furnish(home: Path, behind: Target) -> str:
    """Make a home with one model, and a key, whose secret is returned."""
    secret = home / "upstream.key"
    atomic.write(secret, b"none\n", mode=0o600)
    card = _CARD.format(port=behind.port, model=words.MODEL, secret=secret)
    atomic.write(home / "catalogue" / f"{words.MODEL}.toml", card.encode())
    (home / "logs").mkdir()
    database = open_database(home / "seedbed.db")
    key, told = Keys(database).create(
        "bench", user="bench", project="bench", scopes=frozenset({Scope.MODELS}), now=0
    )
    id_ = ids.fresh("budget")
    budget = Budget(id_, Owner.KEY, key.id, Window.MONTH, Measure.MONEY, _CAP, "USD")
    Budgets(database).set_budget(budget, actor="bench", now=0)
    database.close()
    return told


@contextmanager
def ours(
    home: Path, key: str, environment: Mapping[str, str], door: str = OPENAI
) -> Generator[tuple[Target, Start]]:
    """The server on that home, asked at that door."""
    port = free_port()
    plain = {name: text for name, text in environment.items() if not name.startswith("SEEDBED_")}
    settings = {"SEEDBED_HOME": str(home), "SEEDBED_MODELS": words.MODEL}
    argv = [sys.executable, "-m", "seedbed", "serve", "--json", "--port", str(port)]
    log = home / "logs" / "server.log"
    began = time.perf_counter()
    with started(argv, environment=plain | settings, log=log) as process:
        target = Target("ours", port, process.pid, key, door=door)
        yield target, Startup(process, log, began=began).watch(target, ready="/readyz")


def entries(home: Path) -> int:
    """How many entries the books of that home have."""
    database = open_database(home / "seedbed.db")
    try:
        return sum(one.requests for one in Ledger(database).sums(()))
    finally:
        database.close()
