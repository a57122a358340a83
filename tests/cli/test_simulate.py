"""`seedbed bench simulate`, as it is called."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Seedbed

FLEET = '[[deployment]]\nname = "own"\nprefill = 1000\nstep = 0.02\nper_hour = 1.0\n'


@pytest.fixture
def fleet(tmp_path: Path) -> str:
    path = tmp_path / "fleet.toml"
    path.write_text(FLEET)
    return str(path)


def test_a_trace_is_made_and_replayed_under_each_policy(
    seedbed: Seedbed, tmp_path: Path, fleet: str
) -> None:
    trace, file = tmp_path / "trace", tmp_path / "figures"
    words = ("bench", "simulate", str(trace), "--fleet", fleet)
    said = seedbed(*words, "--make", "20", "--json", str(file))
    assert said.status == 0
    assert len(trace.read_text().splitlines()) == 20
    policies = json.loads(file.read_text())["policies"]
    assert list(policies) == ["random", "cheapest", "fastest", "balanced"]
    for policy, figures in policies.items():
        assert figures["answered"] == 20
        assert policy in said.out


def test_a_file_that_is_there_is_written_over_only_by_force(
    seedbed: Seedbed, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    trace.write_text("mine\n")
    said = seedbed("bench", "simulate", str(trace), "--make", "5")
    assert (said.status, trace.read_text()) == (1, "mine\n")
    assert f"There is a file {trace} already. " in said.err.replace("\n", " ")
    assert seedbed("bench", "simulate", str(trace), "--make", "5", "--force").status == 0
    assert len(trace.read_text().splitlines()) == 5


def test_one_policy_may_be_named(seedbed: Seedbed, tmp_path: Path, fleet: str) -> None:
    trace = tmp_path / "trace"
    assert seedbed("bench", "simulate", str(trace), "--make", "5").status == 0
    said = seedbed("bench", "simulate", str(trace), "--fleet", fleet, "--policy", "fastest")
    assert ("fastest" in said.out, "cheapest" in said.out) == (True, False)


def test_without_a_fleet_and_without_a_wish_there_is_nothing_to_do(
    seedbed: Seedbed, tmp_path: Path
) -> None:
    said = seedbed("bench", "simulate", str(tmp_path / "trace"))
    assert said.status == 2
    assert "--fleet" in said.err
