"""`seedbed artifacts`."""

import hashlib
import os
import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from seedbed.cli import show
from seedbed.core.artifact import Hold
from seedbed.store.artifact_rows import put_hold
from seedbed.store.database import Database
from tests.cli.conftest import Seedbed

CONTENT = b"0123456789"
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def place(home: Path) -> Path:
    """Where the bytes lie."""
    return home / "artifacts" / HASH[:2] / HASH[2:]


def test_a_file_is_kept_under_its_hash_and_comes_back(
    seedbed: Seedbed, file: Path, tmp_path: Path
) -> None:
    assert seedbed("artifacts", "put", str(file)).out == f"{HASH}\n"
    assert seedbed("artifacts", "get", HASH).out == CONTENT.decode()
    out = tmp_path / "out"
    assert seedbed("artifacts", "get", HASH, "-o", str(out)).status == 0
    assert out.read_bytes() == CONTENT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cat.png", "home", "out"]


@pytest.mark.parametrize(
    ("width", "columns"), [(160, "hash size media name held by created"), (80, "hash name")]
)
def test_on_a_narrow_terminal_a_hash_stays_in_one_piece(
    seedbed: Seedbed, file: Path, monkeypatch: pytest.MonkeyPatch, width: int, columns: str
) -> None:
    seedbed("artifacts", "put", str(file.rename(file.with_name("a-cat-with-a-long-name.png"))))
    screen = StringIO()
    console = Console(file=screen, force_terminal=True, width=width, color_system=None)
    monkeypatch.setattr(show, "OUT", console)
    seedbed("artifacts", "ls")
    head, row, *_ = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).splitlines()
    assert (head.split(), row.split()[0]) == (columns.split(), HASH)


def test_programs_are_told_what_is_kept(seedbed: Seedbed, file: Path, tmp_path: Path) -> None:
    put = seedbed("artifacts", "put", str(file), "--json").json
    assert put | {"created": ""} == {
        "hash": HASH,
        "size": 10,
        "media": "image/png",
        "name": "cat.png",
        "created": "",
        "holders": ["operator"],
    }
    assert seedbed("artifacts", "ls", "--json").json == [put]
    assert seedbed("artifacts", "get", HASH, "-o", str(tmp_path / "o"), "--json").json == put


def test_the_media_type_is_what_is_said_or_what_the_name_says_or_nothing(
    seedbed: Seedbed, file: Path
) -> None:
    said = seedbed("artifacts", "put", str(file), "--media", "text/html", "--json").json
    plain = file.rename(file.with_name("cat"))
    nothing = seedbed("artifacts", "put", str(plain), "--json").json
    assert (said["media"], nothing["media"]) == ("text/html", "application/octet-stream")


def test_a_name_that_cannot_be_printed_is_kept_in_letters_that_can(
    seedbed: Seedbed, tmp_path: Path
) -> None:
    file = tmp_path / os.fsdecode(b"a\xff\x1b[31m.txt")
    file.write_bytes(b"a")
    kept = seedbed("artifacts", "put", str(file), "--json").json
    assert kept["name"] == "a??[31m.txt"


def test_a_media_type_that_is_none_is_refused(seedbed: Seedbed, file: Path) -> None:
    said = seedbed("artifacts", "put", str(file), "--media", "nothing")
    assert said.status == 2
    assert "'nothing' is no media type" in said.err


def test_what_is_kept_is_listed_with_its_holder(seedbed: Seedbed, file: Path) -> None:
    seedbed("artifacts", "put", str(file))
    head, row = seedbed("artifacts", "ls").out.splitlines()
    assert head.split() == ["hash", "size", "media", "name", "held", "by", "created"]
    assert row.split()[:6] == [HASH, "10", "bytes", "image/png", "cat.png", "operator"]


def test_what_nobody_holds_any_more_is_deleted_by_a_sweep_after_an_hour(
    seedbed: Seedbed, file: Path, place: Path
) -> None:
    seedbed("artifacts", "put", str(file))
    assert "a sweep will delete it" in seedbed("artifacts", "rm", HASH).out
    assert seedbed("artifacts", "sweep").out == "0 deleted; 0 bytes came free.\n"
    assert seedbed("artifacts", "ls", "--json").json[0]["holders"] == []
    rest = place.with_name("rest")
    rest.write_bytes(b"rest")
    os.utime(rest, (1, 1))
    assert seedbed("artifacts", "sweep", "--json").json == {"artifacts": 0, "bytes": 4}
    assert place.exists()


def test_a_bar_shows_how_far_a_file_is_where_somebody_looks(seedbed: Seedbed, file: Path) -> None:
    assert "cat.png" in seedbed("artifacts", "put", str(file)).err
    assert seedbed("artifacts", "put", str(file), "--json").err == ""


def test_what_another_holds_too_is_said_to_stay(
    seedbed: Seedbed, file: Path, database: Database
) -> None:
    seedbed("artifacts", "put", str(file))
    hold = Hold("job_1", "p", "image/png")
    database.write_now(lambda connection: put_hold(connection, HASH, hold))
    said = seedbed("artifacts", "rm", HASH)
    assert said.out == "operator holds it no more; it is still held by job_1.\n"


def test_only_a_holder_can_let_go(seedbed: Seedbed, file: Path) -> None:
    seedbed("artifacts", "put", str(file))
    said = seedbed("artifacts", "rm", HASH, "--holder", "job_1", "--json")
    assert (said.status, said.error["code"]) == (1, "artifact_unknown")
    assert seedbed("artifacts", "rm", HASH, "--json").json["holders"] == []


def test_what_is_not_here_is_told(seedbed: Seedbed) -> None:
    said = seedbed("artifacts", "get", HASH, "--json")
    assert (said.status, said.error["code"]) == (1, "artifact_unknown")


def test_a_damaged_one_is_never_written_to_its_place(
    seedbed: Seedbed, file: Path, place: Path, tmp_path: Path
) -> None:
    seedbed("artifacts", "put", str(file))
    place.write_bytes(b"9876543210")
    said = seedbed("artifacts", "get", HASH, "-o", str(tmp_path / "out"), "--json")
    assert (said.status, said.error["code"]) == (1, "artifact_damaged")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cat.png", "home"]
