"""`seedbed models name`."""

from pathlib import Path

from tests.cli.conftest import Seedbed


def test_a_model_answers_to_more_and_more_names_until_they_are_taken_away(seedbed: Seedbed) -> None:
    said = seedbed("models", "name", "scripted", "gpt-4o", "gpt-4o", "o1")
    assert (said.status, said.out) == (0, "scripted is known as gpt-4o, o1, too.\n")
    assert said.err == "", "no server runs that would have to learn of it"
    told = seedbed("models", "name", "scripted", "o1", "o3", "--json")
    assert told.json == {"name": "scripted", "known_as": ["gpt-4o", "o1", "o3"]}
    assert seedbed("models", "name", "scripted", "gpt-4o", "--forget").status == 0
    left = seedbed("models", "name", "scripted", "o1", "o3", "--forget")
    assert left.out == "scripted has no other name.\n"


def test_a_name_that_another_model_has_is_refused(seedbed: Seedbed, home: Path) -> None:
    refused = seedbed("models", "name", "scripted", "draft", "--json")
    assert refused.status == 1
    assert "Two models are known as 'draft'" in refused.error["what"]
    assert not (home / "catalogue" / "scripted.toml").exists()
