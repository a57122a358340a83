"""What the command line needs of the house. `seedbed.app.house` builds it; tests build their own.

Floor 6.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import click
import httpx2

from seedbed.bench.engines import Row
from seedbed.core.book import PriceBook
from seedbed.core.hardware import Hardware
from seedbed.core.model import Model
from seedbed.engines.upstreams.probing import Probed
from seedbed.kit.clock import Clock
from seedbed.kit.machine import Machine
from seedbed.serving.daemon import Daemon
from seedbed.serving.trial import Verdict
from seedbed.serving.worker_processes import WorkerProcesses
from seedbed.store.artifacts import Artifacts
from seedbed.store.audit import Audit
from seedbed.store.budgets import Budgets
from seedbed.store.catalogue import Catalogue
from seedbed.store.consents import Consents
from seedbed.store.jobs import Jobs
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from seedbed.store.objects import Objects
from seedbed.store.overview import Overview
from seedbed.store.premises import Premises
from seedbed.store.routes import Routes
from seedbed.store.schedules import Schedules
from seedbed.store.secrets import Secrets
from seedbed.store.weights import Weights
from seedbed.store.workers import Workers

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting as `seedbed settings` prints it."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class House:
    """The parts that commands use."""

    home: Path
    settings: Sequence[SettingRow]
    serves: Sequence[str]
    """The models that the server loads."""
    environment: Mapping[str, str]
    key: str | None
    """The key that the caller put into SEEDBED_KEY."""
    catalogue: Catalogue
    weights: Weights
    client: httpx2.Client
    """For what lies elsewhere; goes by the user's own proxies."""
    neighbour: httpx2.Client
    """For our own server: by no proxy, since it carries keys."""
    neighbours: Callable[[], httpx2.AsyncClient]
    """The same, for what is awaited; whoever asks for it closes it."""
    clock: Clock
    machine: Machine
    engines: Callable[[], Sequence[tuple[str, str | None]]]
    """Every kind of engine, and what this machine lacks to run it, where it lacks something."""
    keys: Callable[[], Keys]
    ledger: Callable[[], Ledger]
    routes: Callable[[], Routes]
    budgets: Callable[[], Budgets]
    audit: Callable[[], Audit]
    consents: Callable[[], Consents]
    secrets: Callable[[], Secrets]
    artifacts: Callable[[], Artifacts]
    objects: Callable[[], Objects]
    premises: Callable[[Path], Premises]
    """Where the house keeps what it has, by the settings in a folder: the home, or a backup."""
    jobs: Callable[[], Jobs]
    schedules: Callable[[], Schedules]
    workers: Callable[[], Workers]
    overview: Callable[[], Overview]
    worker_processes: Callable[[], WorkerProcesses]
    prices: Callable[[], PriceBook]
    """Every price, those of the cards included; whether they go together is not yet seen."""
    hardware: Hardware
    """What this machine costs, in the ledger's currency."""
    operator: str
    """Who runs the command, for the audit."""
    daemon: Callable[[int | None], Daemon]
    """The daemon at a port, or at the port of the settings."""
    engines_for: Callable[[Path], Sequence[tuple[str, str | None]]]
    """Every kind of engine, and why it cannot run those weights here, where it cannot."""
    probe: Callable[[Model], Probed]
    """Find out what the upstream of a card serves."""
    try_engines: Callable[[Callable[[str, Verdict], None]], None]
    """Ask the first model's engines what can be asked; each verdict is told with its engine."""
    bench_engines: Callable[[int, Callable[[str], None]], list[Row]]
    """Measure the first model's engines over so many turns; what is under way is told."""
    serve: Callable[[int | None, bool], None]
    """Run the server at a port here until it is told to end; the flag asks for JSON lines."""

    work: Callable[[bool], None]
    """Run a worker here until it is told to end; the flag asks for JSON lines."""

    @property
    def key_file(self) -> Path:
        """Where the first admin key is kept for its owner."""
        return self.home / "admin.key"


def pass_house(command: Callable[Concatenate[House, P], T]) -> Callable[P, T]:
    """Give a command its house, which is built only now, so that `--help` works without one."""

    @click.pass_context
    @functools.wraps(command)
    def with_house(context: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> T:
        build: Callable[[], House] = context.obj
        return command(build(), *args, **kwargs)

    return with_house
