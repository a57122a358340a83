"""`seedbed doctor`: what this machine has and lacks, and the command that mends it.

Floor 6.
"""

import shutil
import socket
import sqlite3
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import click
from rich.text import Text

from seedbed.cli import show
from seedbed.cli.adding import setting
from seedbed.cli.house import House, pass_house
from seedbed.cli.memory import standings
from seedbed.cli.worker import living
from seedbed.core.errors import ModelAbsent, ModelDamaged, SeedbedError
from seedbed.core.faults import faults, strangers, undeployed, unpriced
from seedbed.core.fleet import Fleet
from seedbed.kit.clock import today
from seedbed.kit.graphics import NvidiaGauge
from seedbed.serving.resident import GRAPHICS, MAIN
from seedbed.serving.trial import TEN, Verdict
from seedbed.store.fleets import read_fleets

_ROOM = 2 << 30
_SIGNS = {
    "has": ("✓", "green"),
    "lacks": ("✗", "bold red"),
    "without": ("·", "dim"),
    "answered": ("✓", "green"),
    "refused": ("·", "yellow"),
    "failed": ("✗", "bold red"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of this machine: has what is needed, lacks it, or does without it."""

    part: str
    state: Literal["has", "lacks", "without"]
    found: str
    mend: str = ""


@click.command()
@click.option("--engines", is_flag=True, help="Try ten requests on each engine of the first model.")
@show.json_option
@pass_house
def doctor(house: House, *, engines: bool, as_json: bool) -> None:
    """Say what this machine has and lacks. What it lacks comes with the command that mends it."""
    if engines:
        _try_engines(house, as_json=as_json)
        return
    findings = list(_look(house))
    if as_json:
        show.as_json([asdict(finding) for finding in findings])
    else:
        show.table(
            ("", "part", "found, and what mends it"),
            [(Text(*_SIGNS[one.state]), one.part, _found_and_mended(one)) for one in findings],
        )
    if any(finding.state == "lacks" for finding in findings):
        sys.exit(1)


def _found_and_mended(one: Finding) -> Text:
    """What was found, and below it the command that mends it, on a line that can be copied."""
    mend = Text(f"\n{one.mend}", "bold") if one.mend else Text()
    return Text.assemble(one.found, mend)


def _look(house: House) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", "has", version)
    yield Finding("SQLite", "has", sqlite3.sqlite_version)
    yield _machine(house)
    yield _graphics()
    yield _home(house.home)
    yield _key(house)
    for kind, lack in house.engines():
        yield _engine(kind, lack)
    for name in house.serves:
        yield _model(house, name)
    yield from _deployments(house)
    yield from _prices(house)
    yield _port(house)
    yield from _memory(house)
    yield _workers(house)


def _engine(kind: str, lack: str | None) -> Finding:
    if lack is None:
        return Finding(f"engine {kind}", "has", "can run here")
    _, named, package = lack.partition("the package ")
    mend = f"{sys.executable} -m pip install {package}" if named else ""
    return Finding(f"engine {kind}", "without", f"lacks {lack}", mend)


def _machine(house: House) -> Finding:
    machine = house.machine
    wide = sorted(machine.flags & {"avx2", "avx512f", "amx_tile", "asimd"})
    words = [f"{machine.system} on {machine.architecture}", f"{machine.cores} cores", *wide]
    if machine.memory:
        words.insert(2, f"{machine.memory / 2**30:.0f} GiB of memory")
    return Finding("machine", "has", ", ".join(words))


def _graphics() -> Finding:
    devices = [*Path("/dev").glob("nvidia[0-9]*"), *Path("/dev/dri").glob("renderD*")]
    words = [str(device) for device in devices]
    if memory := NvidiaGauge().total:
        words.append(f"{memory / 2**30:.0f} GiB of memory")
    if words:
        return Finding("graphics", "has", ", ".join(words))
    return Finding("graphics", "without", "none; engines run on the processor")


def _home(home: Path) -> Finding:
    free = shutil.disk_usage(home).free
    told = f"{home}, {free / 2**30:.1f} GiB free"
    if free < _ROOM:
        return Finding("home", "lacks", told, "make room, or set SEEDBED_HOME to a larger disk")
    return Finding("home", "has", told)


def _key(house: House) -> Finding:
    file = house.key_file
    if not file.exists():
        return Finding("key", "lacks", "there is none yet", f"{show.program()} up")
    if file.stat().st_mode & 0o077:
        return Finding("key", "lacks", f"others may read {file}", f"chmod 600 {file}")
    return Finding("key", "has", f"in {file}")


def _model(house: House, name: str) -> Finding:
    part = f"model {name}"
    try:
        model = house.catalogue.find(name)
        house.weights.path(model)
    except ModelDamaged as error:
        return Finding(part, "lacks", error.what, error.hint)
    except ModelAbsent:
        return Finding(part, "lacks", "not here", f"{show.program()} models pull {name}")
    except SeedbedError as error:
        return Finding(part, "lacks", error.what, error.hint)
    return Finding(part, "has", f"served at {model.upstream.url}" if model.upstream else "is here")


def _deployments(house: House) -> Iterator[Finding]:
    """What is wrong with the files that say where models are deployed."""
    try:
        unread = undeployed(read_fleets(house.home / "deployments"), house.catalogue.all())
    except SeedbedError as error:
        yield Finding("deployments", "lacks", error.what, error.hint)
        return
    for fault in unread.values():
        yield Finding("deployments", "lacks", f"{fault.what}.", fault.mend)


def _fleets(house: House) -> Mapping[str, Fleet]:
    """The files that say where models are deployed; none where one cannot be understood, which
    `_deployments` tells.
    """
    try:
        return read_fleets(house.home / "deployments")
    except SeedbedError:
        return {}


def _prices(house: House) -> Iterator[Finding]:
    """What is wrong with the price book; a model that is not served may do without a price."""
    try:
        book, cards = house.prices(), house.catalogue.all()
    except SeedbedError as error:
        yield Finding("prices", "lacks", error.what, error.hint)
        return
    on = today(house.clock)
    missing = unpriced(book, cards, today=on)
    lacking = [fault for name, fault in missing.items() if name in house.serves]
    without = [fault for name, fault in missing.items() if name not in house.serves]
    lacking += faults(book, cards, today=on, fleets=_fleets(house))
    without += strangers(book, cards).values()
    for fault in lacking:
        yield Finding("prices", "lacks", f"{fault.what}.", fault.mend)
    for fault in without:
        yield Finding("prices", "without", f"{fault.what}.", fault.mend)
    if not lacking and not without:
        yield Finding("prices", "has", f"{len(book.prices):,}, which go together")


def _port(house: House) -> Finding:
    daemon = house.daemon(None)
    running = daemon.find()
    if running:
        return Finding("server", "has", f"runs at {running.url}")
    host, _, port = daemon.url.removeprefix("http://").rpartition(":")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        taken = probe.connect_ex((host.strip("[]"), int(port))) == 0
    if taken:
        told = f"another program listens at {daemon.url}"
        return Finding("server", "lacks", told, "choose another port with SEEDBED_PORT")
    return Finding("server", "lacks", "does not run", f"{show.program()} up")


def _memory(house: House) -> Iterator[Finding]:
    """What engines may hold, beside what the machine has and what those that are served need."""
    for kind, name, has in (
        (MAIN, "memory_megabytes", house.machine.memory),
        (GRAPHICS, "graphics_megabytes", NvidiaGauge().total or 0),
    ):
        may = int(setting(house, name)) * 1_000_000
        if 0 < has < may:
            told = f"engines may hold {may / 1e6:,.0f} MB, and there are {has / 1e6:,.0f} MB"
            yield Finding(kind, "lacks", told, f"set SEEDBED_{name.upper()} to less")
    running = house.daemon(None).find()
    if running and house.key_file.exists():
        for one in standings(house, running.url, house.key_file.read_text().strip()):
            yield Finding(one.kind, "lacks" if one.mend else "has", one.told, one.mend)


def _workers(house: House) -> Finding:
    """Who runs jobs, and how many wait for that."""
    try:
        alive, waiting = len(living(house)), house.overview().waiting_now()
    except SeedbedError as error:
        return Finding("workers", "lacks", error.what, error.hint)
    jobs = {0: "no job waits", 1: "1 job waits"}.get(waiting, f"{waiting:,} jobs wait")
    if alive:
        return Finding("workers", "has", f"{alive} alive, and {jobs}")
    if waiting:
        return Finding("workers", "lacks", f"none lives, and {jobs}", f"{show.program()} worker")
    return Finding("workers", "without", f"none lives, and {jobs}")


def _try_engines(house: House, *, as_json: bool) -> None:
    verdicts: dict[str, dict[str, Verdict]] = {}
    with show.ERR.status("Starting") as status:

        def told(engine: str, verdict: Verdict) -> None:
            verdicts.setdefault(engine, {})[verdict.request] = verdict
            status.update(f"{engine}: {verdict.request}")

        house.try_engines(told)
    if as_json:
        show.as_json(
            {
                engine: [asdict(verdict) for verdict in of.values()]
                for engine, of in verdicts.items()
            }
        )
    else:
        _print_verdicts(verdicts)
    if any(verdict.end == "failed" for of in verdicts.values() for verdict in of.values()):
        sys.exit(1)


def _print_verdicts(verdicts: dict[str, dict[str, Verdict]]) -> None:
    show.table(
        ("request", *verdicts),
        [(name, *(_cell(of.get(name)) for of in verdicts.values())) for name in TEN],
    )
    show.OUT.print("\n✓ answered   · refused, with the reason   ✗ failed", style="dim")


def _cell(verdict: Verdict | None) -> Text:
    if verdict is None:
        return Text()
    said = textwrap.shorten(verdict.said, _LONGEST, placeholder=" …")
    return Text.assemble(_SIGNS[verdict.end], " ", said)


_LONGEST = 160
"""Letters of a verdict that stand in a table; `--json` tells all."""
