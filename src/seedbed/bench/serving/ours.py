"""Our own house, as an operator runs it: a home, its key, its settings, `seedbed serve`.

Floor 5. What the docs recommend for a machine that serves many at once is set, and nothing else.
"""

import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from seedbed.bench.gateway.programs import started
from seedbed.bench.gateway.targets import free_port
from seedbed.bench.serving.ground import Ground, Subject, is_well
from seedbed.bench.serving.served import Address, Served
from seedbed.core.access import Scope
from seedbed.core.errors import SetupIncomplete
from seedbed.core.model import Model
from seedbed.kit import atomic
from seedbed.store.catalogue import write_card
from seedbed.store.database import open_database
from seedbed.store.keys import Keys

OURS = "ours"
_START_SECONDS = 300.0
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Home:
    """A home that is ready to be served from, and the secret of its key."""

    path: Path
    model: str
    key: str
    settings: Mapping[str, str]


def configured(subject: Subject) -> Mapping[str, str]:
    """The settings of a house that serves this model to many at once."""
    return {
        "SEEDBED_MODELS": subject.name,
        "SEEDBED_PLACES": str(subject.places),
        "SEEDBED_THREADS": str(subject.threads),
    }


def furnish(path: Path, model: Model, files: Path, subject: Subject) -> Home:
    """Make a home with that one model, whose files lie in the folder of another home."""
    path.mkdir(mode=0o700)
    (path / "logs").mkdir()
    (path / "models").mkdir()
    (path / "models" / model.name).symlink_to(files.absolute(), target_is_directory=True)
    write_card(path / "catalogue" / f"{model.name}.toml", model)
    return with_key(path, model.name, configured(subject))


def with_key(path: Path, model: str, settings: Mapping[str, str]) -> Home:
    """A home that has its files already, with a key that may ask models."""
    database = open_database(path / "seedbed.db")
    try:
        _, told = Keys(database).create(
            "bench", user="bench", project="bench", scopes=frozenset({Scope.MODELS}), now=0
        )
    finally:
        database.close()
    atomic.write(path / "bench.key", told.encode(), mode=0o600)
    return Home(path, model, told, settings)


@contextmanager
def serving(home: Home, ground: Ground) -> Generator[Served]:
    """The server on that home.

    Raises:
        SetupIncomplete: it did not become ready.
    """
    port, log = free_port(), home.path / "logs" / "server.log"
    plain = {k: text for k, text in ground.environment.items() if not k.startswith("SEEDBED_")}
    settings = {**plain, "SEEDBED_HOME": str(home.path), **home.settings}
    argv = [sys.executable, "-m", "seedbed", "serve", "--json", "--port", str(port)]
    with started(argv, environment=settings, log=log) as process:
        began = time.monotonic()
        while not is_well(port, "/readyz"):
            if process.poll() is not None or time.monotonic() - began > _START_SECONDS:
                said = log.read_text(errors="replace").strip().splitlines()
                raise SetupIncomplete(
                    f"Our own server did not become ready: {said[-1] if said else 'no word'}.",
                    hint=f"{log} says more.",
                )
            time.sleep(_LOOK_SECONDS)
        yield Served(OURS, process.pid, Address(f"http://127.0.0.1:{port}", home.model, home.key))
