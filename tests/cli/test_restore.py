"""`seedbed restore`: into an empty home, over another house, only to see, and back."""

import shutil
from pathlib import Path

import pytest

from seedbed.store.database import open_database
from tests.cli.conftest import Seedbed
from tests.store.furnished import SECRET, downgrade_to_two, furnish


@pytest.fixture
def backup(seedbed: Seedbed, home: Path, tmp_path: Path) -> Path:
    """Of a house that is gone."""
    furnish(home)
    assert seedbed("backup", str(tmp_path / "b")).status == 0
    shutil.rmtree(home)
    return tmp_path / "b"


def test_a_lost_house_is_there_again(seedbed: Seedbed, home: Path, backup: Path) -> None:
    said = seedbed("restore", str(backup))
    first, jobs, start = said.out.splitlines()
    assert first.startswith(f"{home} is as it was at 20")
    assert first.endswith(
        ": 10 entries over 0.000007 EUR, 0.000036 USD, 2 jobs, 2 artifacts, 4 MB."
    )
    assert jobs == "Jobs that were running and wait now: 1."
    assert start == "Start it with `seedbed up`, which brings mine."
    assert (home / "admin.key").read_text().strip() == SECRET
    assert [key["name"] for key in seedbed("keys", "ls", "--json").json] == ["laptop"]
    settings = seedbed("settings", "--json").json
    assert settings["places"]["value"] == "2"


def test_a_house_that_is_there_is_replaced_when_that_is_said(
    seedbed: Seedbed, home: Path, backup: Path
) -> None:
    seedbed("keys", "create", "--name", "another")
    said = seedbed("restore", str(backup))
    assert said.status == 1
    assert "There is a house already" in said.err
    told = seedbed("restore", str(backup), "--replace", "--json").json
    assert (told["restored"], told["waiting"], told["rows"]["keys"]) == (str(home), 1, 1)
    assert Path(told["aside"], "seedbed.db").exists()
    said = seedbed("restore", str(backup), "--replace")
    assert f"What was there before is in {home}/before-restore-" in said.out


def test_the_settings_of_the_backup_say_where_a_lost_house_was(
    seedbed: Seedbed, home: Path, backup: Path
) -> None:
    (backup / "settings.toml").write_text("database = 'mysql://here'\n")
    said = seedbed("restore", str(backup))
    assert "Setting 'database'" in said.err
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text("places = 3\n")  # a home's own settings go before
    assert "settings.toml is" in seedbed("restore", str(backup)).err


def test_a_rehearsal_tells_and_changes_nothing(seedbed: Seedbed, home: Path, backup: Path) -> None:
    said = seedbed("restore", "--rehearse", str(backup))
    assert (said.status, said.out.splitlines()[-1]) == (0, "The backup is sound.")
    assert list(home.iterdir()) == []
    (backup / "prices" / "a.toml").write_text("")
    said = seedbed("restore", "--rehearse", str(backup), "--json")
    assert (said.status, said.json["is_right"]) == (1, False)
    assert "prices/a.toml is 0 bytes" in said.json["checks"][0]["found"]
    assert seedbed("restore", "--rehearse", str(backup)).status == 1


def test_the_house_goes_back_to_before_an_upgrade(seedbed: Seedbed, home: Path) -> None:
    furnish(home)
    said = seedbed("restore", "--back")
    assert said.status == 1
    assert "There is no copy" in said.err
    for words in (["--json"], []):
        downgrade_to_two(home / "seedbed.db")
        open_database(home / "seedbed.db").close()
        said = seedbed("restore", "--back", *words)
        assert said.status == 0
        assert "seedbed.db.before-0007" in said.out


@pytest.mark.parametrize("words", [[], ["--rehearse"], ["--back", "--replace"], ["b", "--back"]])
def test_what_makes_no_sense_together_is_refused(seedbed: Seedbed, words: list[str]) -> None:
    said = seedbed("restore", *words)
    assert said.status == 2
    assert "Restore what?" in said.err


def test_a_restore_that_was_killed_is_finished_by_the_next_command(
    seedbed: Seedbed, home: Path, backup: Path
) -> None:
    ready = home / ".restored-1"
    ready.mkdir(parents=True)
    shutil.copy(backup / "seedbed.db", ready)
    (ready / "settings.toml").write_text("places = 9\n")
    assert seedbed("settings", "--json").json["places"]["value"] == "9"
    assert [key["name"] for key in seedbed("keys", "ls", "--json").json] == ["laptop"]
    assert not ready.exists()
