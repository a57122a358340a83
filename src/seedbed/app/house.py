"""What the commands work with, and where they begin.

Floor 7.
"""

import os
import pwd
import sys
from collections.abc import Mapping
from functools import partial

import anyio
import httpx2

from seedbed.api.secrecy import trusting
from seedbed.app.catalogue import catalogue_of, read_book, weights_of, whole_book
from seedbed.app.engines import bench_engines, try_engines
from seedbed.app.running import daemon_of
from seedbed.app.server import serve
from seedbed.app.store import (
    artifacts_of,
    database_of,
    jobs_of,
    make_home,
    premises_of,
    schedules_of,
)
from seedbed.app.worker import work
from seedbed.cli import main as cli
from seedbed.cli.house import House, SettingRow
from seedbed.kit import logs
from seedbed.kit.clock import SystemClock
from seedbed.kit.machine import this_machine
from seedbed.serving.deploy import engines_for, engines_here, probe
from seedbed.serving.worker_processes import WorkerProcesses
from seedbed.settings import (
    read_home,
    read_proxies,
    read_secret,
    read_settings,
)
from seedbed.store.audit import Audit
from seedbed.store.budgets import Budgets
from seedbed.store.consents import Consents
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from seedbed.store.objects import Objects
from seedbed.store.overview import Overview
from seedbed.store.routes import Routes
from seedbed.store.secrets import Secrets
from seedbed.store.swapping import finish
from seedbed.store.workers import Workers


def main() -> None:
    """The `seedbed` command."""
    logs.configure(json_lines=not sys.stderr.isatty(), quiet=True)
    cli.run(lambda: build_house(os.environ))  # noqa: TID251 - handed to settings.py, its reader


def build_house(environment: Mapping[str, str]) -> House:
    """What the command line works with."""
    finish(read_home(environment))  # a restore that was killed half way
    settings, origins = read_settings(environment)
    make_home(settings.home)
    verify = trusting(settings.certificate) if settings.certificate else True
    neighbour = httpx2.Client(trust_env=False, verify=verify)
    catalogue = catalogue_of(settings)
    return House(
        home=settings.home,
        settings=[SettingRow(origin.name, origin.shown, origin.origin) for origin in origins],
        serves=settings.models,
        environment=environment,
        key=environment.get("SEEDBED_KEY"),
        catalogue=catalogue,
        weights=weights_of(settings, environment),
        client=httpx2.Client(follow_redirects=True, timeout=30),
        neighbour=neighbour,
        neighbours=lambda: httpx2.AsyncClient(trust_env=False, verify=verify),
        clock=SystemClock(),
        keys=lambda: Keys(database_of(settings, environment)),
        budgets=lambda: Budgets(database_of(settings, environment)),
        audit=lambda: Audit(database_of(settings, environment)),
        consents=lambda: Consents(database_of(settings, environment)),
        secrets=lambda: Secrets(database_of(settings, environment)),
        artifacts=lambda: artifacts_of(
            settings, database_of(settings, environment), environment, SystemClock()
        ),
        objects=lambda: Objects(database_of(settings, environment), clock=SystemClock()),
        jobs=lambda: jobs_of(settings, database_of(settings, environment)),
        schedules=lambda: schedules_of(settings, database_of(settings, environment)),
        workers=lambda: Workers(database_of(settings, environment)),
        overview=lambda: Overview(database_of(settings, environment)),
        worker_processes=lambda: WorkerProcesses(
            settings.home, Workers(database_of(settings, environment))
        ),
        ledger=lambda: Ledger(database_of(settings, environment)),
        routes=lambda: Routes(database_of(settings, environment)),
        premises=lambda settled: premises_of(settings, settled, environment),
        prices=lambda: whole_book(read_book(settings), catalogue),
        hardware=settings.hardware,
        operator=_operator(),
        daemon=lambda port: daemon_of(settings, port, neighbour),
        machine=this_machine(),
        engines=lambda: engines_here(this_machine()),
        probe=lambda model: anyio.run(
            partial(
                probe,
                model,
                secret=partial(read_secret, environment=environment),
                proxies=read_proxies(environment),
            )
        ),
        try_engines=lambda told: anyio.run(try_engines, settings, environment, neighbour, told),
        bench_engines=lambda turns, told: anyio.run(
            bench_engines, settings, turns, told, backend_options={"use_uvloop": True}
        ),
        engines_for=lambda weights: engines_for(weights, this_machine()),
        serve=lambda port, json_lines: serve(
            settings,
            port,
            environment,
            daemon=daemon_of(settings, port, neighbour),
            json_lines=json_lines,
        ),
        work=lambda json_lines: work(settings, environment, json_lines=json_lines),
    )


def _operator() -> str:
    """Who runs this program, by the name that the machine knows them by."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # as in a container that is run with a number alone
        return f"user {os.getuid()}"
