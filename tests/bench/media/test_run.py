"""The measuring of pictures and films, as small as it can be."""

import json
import os
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from seedbed.bench.media import encoding, exactness, finishing, part, run, still
from seedbed.bench.media.resuming import Resumed
from seedbed.bench.media.run import Plan, measure
from seedbed.core.errors import SetupIncomplete
from seedbed.kit.film.form import Form

SMALL = Form(96, 64, fps=30)


@pytest.mark.slow
def test_a_still_is_drawn_and_set_by_the_library_alone() -> None:
    assert still.ours() > 0
    assert still.bare() > 0


@pytest.mark.slow
def test_both_encoders_write_as_many_frames(tmp_path: Path) -> None:
    assert encoding.ours(tmp_path / "ours.mp4", 10, SMALL) >= 0
    assert encoding.bare(tmp_path / "bare.mp4", 10, SMALL) >= 0
    assert all((tmp_path / f"{name}.mp4").stat().st_size for name in ("ours", "bare"))


@pytest.mark.slow
def test_finishing_is_measured_beside_the_library_alone() -> None:
    assert set(finishing.measured(1)) == {"between", "between_bare", "larger", "larger_bare"}


@pytest.mark.slow
def test_strings_are_read_from_posters_and_alone() -> None:
    told = exactness.measured(1)
    assert (told["rate"], told["control_rate"]) == (1.0, 1.0)


def test_a_part_tells_what_it_held(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def played(count: int) -> dict[str, object]:
        return {"cpu_s": count}

    monkeypatch.setattr(part, "PARTS", {"still": played})
    part.main("still", 3)
    told = json.loads(capsys.readouterr().out)
    assert told["cpu_s"] == 3
    assert told["rss_mb"] > 1


@pytest.mark.slow
def test_each_part_runs_in_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "played.py").write_text(
        "import json, sys; print(json.dumps({'cpu_s': 1.0, 'rss_mb': 2.0, 'name': sys.argv[1]}))"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "_MODULE", "played")

    def resumed(work: Path, environment: Mapping[str, str], shots: int) -> Resumed:
        del work, environment
        return Resumed(shots, 1, 0)

    monkeypatch.setattr(run, "resumed", resumed)
    said: list[str] = []
    plan = Plan(rounds=2, frames=1, posters=1, shots=3)
    measured = measure(tmp_path, dict(os.environ), plan, told=said.append)
    assert {name: len(rounds) for name, rounds in measured.parts.items()} == {
        "still_bare": 2, "still": 2, "encode_bare": 2, "encode": 2, "finish": 1, "exact": 1
    }  # fmt: skip
    assert measured.resumed.pieces == 3
    assert said[0] == "round 1 of 2"


@pytest.mark.slow
def test_a_part_that_breaks_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run, "_MODULE", "no_such_module")
    with pytest.raises(SetupIncomplete, match="No module named"):
        measure(tmp_path, dict(os.environ), Plan(1, 1, 1, 1), told=lambda _: None)


@pytest.mark.slow
def test_the_program_takes_its_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["part", "still_bare", "0"])
    monkeypatch.delitem(sys.modules, "seedbed.bench.media.part")
    runpy.run_module("seedbed.bench.media.part", run_name="__main__")
    assert json.loads(capsys.readouterr().out)["cpu_s"] > 0
