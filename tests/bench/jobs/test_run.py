"""Everything that is measured of jobs, in little, with a peer that stands in for dbos."""

import os
import sys
from pathlib import Path

import pytest

from seedbed.bench.jobs import alone
from seedbed.bench.jobs.proving import Ground, proving
from seedbed.bench.jobs.rows import Wanted, take_turns
from seedbed.bench.jobs.run import SQLITE, Plan, measure
from seedbed.bench.jobs.telling import figures
from seedbed.core.errors import SetupIncomplete

pytestmark = pytest.mark.slow

ROWS = '[{"steps": 0, "jobs": 1, "started": 1.0, "whole": 2.0, "cpu": 1.0}]'
PLAN = Plan(jobs=3, rounds=1, adoptions=1, kills=2)


def _peer(folder: Path, *, says: str) -> str:
    """A `dbos` program, and the interpreter beside it, which says that whatever it is asked."""
    folder.mkdir()
    for name in ("dbos", "python"):
        program = folder / name
        program.write_text(f"#!{sys.executable}\nprint({says!r})\n")
        program.chmod(0o755)
    return str(folder / "dbos")


@pytest.mark.anyio
async def test_one_process_submits_jobs_and_works_on_them(tmp_path: Path) -> None:
    rows = await alone.measure(tmp_path / "a.db", Wanted(3, (0, 2)))
    assert [(row.steps, row.jobs) for row in rows] == [(0, 3), (2, 3)]
    assert all(row.started <= row.whole for row in rows)
    assert all(row.per_second > 0 and row.cpu_ms > 0 for row in rows)


@pytest.mark.slow
def test_a_program_that_breaks_off_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupIncomplete, match="Expected `int`"):
        take_turns(
            tmp_path,
            os.environ,
            Wanted(0, ("none",)),  # type: ignore[arg-type]  # what cannot be done
            rounds=1,
            peer=None,
            told=lambda _: None,
        )


@pytest.mark.slow
def test_what_never_comes_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedbed.bench.jobs.proving._PATIENCE_SECONDS", 0.0)
    with (
        pytest.raises(SetupIncomplete, match="not a wonder"),
        proving(Ground(tmp_path / "seedbed.db", tmp_path, {})) as proof,
    ):
        proof.wait(lambda: False, "a wonder")


@pytest.mark.slow
def test_all_is_measured_and_nothing_is_lost(tmp_path: Path) -> None:
    said: list[str] = []
    peer = _peer(tmp_path / "bin", says=ROWS)
    work = tmp_path / "work"
    work.mkdir()
    measured = measure(work, os.environ, PLAN, peer=peer, server=None, told=said.append)
    found = figures(measured)
    assert set(measured.rows) == {"ours", "dbos"}
    assert [workers for name, workers in measured.killings if name == SQLITE] == [1, 3]
    assert (found["jobs.kills"], found["jobs.lost"], found["jobs.repeated_effects"]) == (4, 0, 0)
    assert found["jobs.repeated_cost"] == 0
    assert found["jobs.dbos_starts"]
    assert measured.frozen > measured.adoptions[0] > 0
    assert "dbos, round 1 of 1" in said
