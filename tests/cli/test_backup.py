"""`seedbed backup`, beside a server that runs."""

from pathlib import Path

import pytest

from seedbed.store.database import open_database
from tests.cli.conftest import Seedbed
from tests.store.furnished import furnish
from tests.store.test_documents import keep

pytestmark = pytest.mark.slow


def test_a_backup_tells_what_is_in_it(seedbed: Seedbed, home: Path, tmp_path: Path) -> None:
    furnish(home)
    said = seedbed("backup", str(tmp_path / "b"))
    assert said.status == 0
    summed = "10 entries over 0.000007 EUR, 0.000036 USD, 2 jobs, 2 artifacts, 4 MB."
    assert said.out == f"{tmp_path / 'b'}: {summed}\n"
    assert (tmp_path / "b" / "manifest.json").exists()


def test_programs_get_all_of_it(seedbed: Seedbed, home: Path, tmp_path: Path) -> None:
    furnish(home)
    said = seedbed("backup", str(tmp_path / "b"), "--rehearse", "--json")
    told = said.json
    assert (told["backup"], told["rows"]["entries"], told["damaged"]) == (
        (str(tmp_path / "b"), 10, {})
    )
    assert told["spent"] == {"EUR": "0.000007", "USD": "0.000036"}
    assert (told["artifacts"], told["shape"], told["models"]) == (2, "0007", ["mine"])
    assert all(check["is_right"] for check in told["checks"])
    assert said.err == ""


def test_it_is_taken_and_rehearsed_while_a_server_runs(
    seedbed: Seedbed, home: Path, server: str, tmp_path: Path
) -> None:
    assert server
    said = seedbed("backup", str(tmp_path / "b"), "--rehearse")
    assert said.status == 0
    assert "rows of keys" in said.out
    assert "rows of jobs" not in said.out  # there are none
    assert said.out.endswith("The backup is sound.\n")
    again = seedbed("restore", str(tmp_path / "b"), "--replace")
    assert again.status == 1
    assert "seedbed.db open" in again.err


def test_an_artifact_that_is_lost_is_told_and_ends_in_1(
    seedbed: Seedbed, home: Path, tmp_path: Path
) -> None:
    gone = furnish(home).artifacts[0].hash
    (home / "artifacts" / gone[:2] / gone[2:]).unlink()
    said = seedbed("backup", str(tmp_path / "b"), "--rehearse")
    assert said.status == 1
    assert f"The artifact {gone} is not in it: its bytes are gone." in said.err
    assert "1 amiss: do not rely on this backup." in said.out


def test_a_folder_that_is_there_is_refused(seedbed: Seedbed, home: Path, tmp_path: Path) -> None:
    open_database(home / "seedbed.db").close()
    said = seedbed("backup", str(tmp_path), "--json")
    assert (said.status, said.error["code"]) == (1, "backup_refused")


def test_a_document_that_is_in_no_index_is_told_and_ends_in_1(
    seedbed: Seedbed, home: Path, tmp_path: Path
) -> None:
    furnish(home)
    keep(home, "a", "completed")
    said = seedbed("backup", str(tmp_path / "b"))
    assert said.status == 1
    assert "The document vs_1.a is not in it: it is in no index." in said.err
