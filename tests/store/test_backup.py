"""A backup holds what a house has, of one moment, or it is none."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from seedbed.core.errors import BackupRefused, StoreUnusable
from seedbed.store import backup as module
from seedbed.store.backup import take
from seedbed.store.database import open_database
from seedbed.store.manifest import read_manifest
from seedbed.store.postgresql import Server
from seedbed.store.premises import Premises, locked, nothing_told
from seedbed.store.snapshot import read_facts
from tests.store.furnished import (
    CONTENTS,
    NOW,
    Furnished,
    everywhere,
    furnish,
    in_home,
    nearly_full,
    premises_of,
)

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def house(home: Path, where: Path | Server) -> Furnished:
    """A house on either database."""
    return furnish(home, where)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "monday"


def _taken(house: Furnished, target: Path) -> list[str]:
    take(house.premises, target, now=NOW, told=nothing_told)
    return sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file())


def test_everything_of_the_house_is_in_it_but_what_can_be_had_again(
    house: Furnished, target: Path
) -> None:
    blobs = [f"artifacts/{one.hash[:2]}/{one.hash[2:]}" for one in house.artifacts]
    assert _taken(house, target) == sorted(
        [
            *blobs,
            *("admin.key", "catalogue/mine.toml", "manifest.json", "prices/a.toml"),
            *("seedbed.db", "settings.toml"),
        ]
    )
    for blob, content in zip(blobs, CONTENTS, strict=True):
        assert (target / blob).read_bytes() == content


def test_its_manifest_tells_what_is_in_it(house: Furnished, target: Path) -> None:
    taken = take(house.premises, target, now=NOW, told=nothing_told)
    assert read_manifest(target) == taken
    assert (taken.taken, taken.shape, taken.damaged) == (NOW, "0007", {})
    assert (taken.rows["entries"], taken.rows["steps"], taken.rows["jobs"]) == (10, 1, 2)
    assert taken.spent == {"USD": 36, "EUR": 7}
    assert taken.artifacts == len(CONTENTS)
    assert taken.database == (
        "postgresql" if isinstance(house.premises.database, Server) else "sqlite"
    )
    (model,) = taken.models
    assert (model.model, model.origin["package"], model.files["a.gguf"].sha256) == (
        "mine",
        "tiny",
        "ab",
    )
    sizes = [path.stat().st_size for path in target.rglob("*") if path.is_file()]
    assert taken.bytes == sum(sizes) - (target / "manifest.json").stat().st_size
    assert "sb-of" not in (target / "manifest.json").read_text()


def test_its_rows_are_those_of_the_house_on_either_database(house: Furnished, target: Path) -> None:
    _taken(house, target)
    opened = open_database(house.premises.database)
    copy = open_database(target / "seedbed.db")
    for table in module.snapshot.METADATA.sorted_tables:
        rows = opened.read_now(lambda c, table=table: c.execute(table.select()).fetchall())
        copied = copy.read_now(lambda c, table=table: c.execute(table.select()).fetchall())
        assert sorted(map(repr, copied)) == sorted(map(repr, rows)), table.name
    opened.close()
    copy.close()


def test_nobody_else_may_read_any_of_it(house: Furnished, target: Path) -> None:
    _taken(house, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    for name in ("admin.key", "settings.toml", "seedbed.db", "manifest.json"):
        assert stat.S_IMODE((target / name).stat().st_mode) == 0o600


def test_progress_is_told_up_to_all_of_it(house: Furnished, target: Path) -> None:
    said: list[tuple[str, int, int]] = []
    take(
        house.premises,
        target,
        now=NOW,
        told=lambda stage, done, total: said.append((stage, done, total)),
    )
    ends = {stage: (done, total) for stage, done, total in said}
    assert list(ends) == ["database", "artifacts"]
    assert all(done == total > 0 for done, total in ends.values())


def test_what_lies_in_an_earlier_backup_beside_it_is_linked_if_it_is_sound(
    house: Furnished, target: Path
) -> None:
    _taken(house, target)
    small, large = (f"artifacts/{one.hash[:2]}/{one.hash[2:]}" for one in house.artifacts)
    (target / small).write_bytes(b"rotten")
    tuesday = target.with_name("tuesday")
    _taken(house, tuesday)
    assert (tuesday / large).stat().st_ino == (target / large).stat().st_ino
    assert (tuesday / small).read_bytes() == CONTENTS[0]


def test_it_is_taken_while_another_writes_and_has_nothing_of_what_comes_later(
    home: Path, target: Path
) -> None:
    house, other = furnish(home), open_database(home / "seedbed.db")
    added: list[str] = []

    def write(stage: str, _done: int, _total: int) -> None:
        if stage == "database":
            row = "INSERT INTO leases VALUES (?, 'USD', 1, 1, 1, 'open', NULL, 0)"
            added.append(f"lease_{len(added)}")
            other.write_now(lambda c: c.exec_driver_sql(row, (added[-1],)))

    before = read_facts(home / "seedbed.db").rows["leases"]
    taken = take(house.premises, target, now=NOW, told=write)
    assert added
    assert taken.rows["leases"] == before
    assert read_facts(home / "seedbed.db").rows["leases"] == before + len(added)
    other.close()


def test_an_artifact_that_is_swept_meanwhile_has_the_rows_read_anew(
    home: Path, target: Path
) -> None:
    house, database = furnish(home), open_database(home / "seedbed.db")
    gone = house.artifacts[0].hash

    def sweep(stage: str, _done: int, _total: int) -> None:
        blob = home / "artifacts" / gone[:2] / gone[2:]
        if stage == "database" and blob.exists():
            for table in ("artifact_holds", "artifacts"):
                delete = f"DELETE FROM {table} WHERE hash = ?"
                database.write_now(lambda c, delete=delete: c.exec_driver_sql(delete, (gone,)))
            blob.unlink()

    taken = take(house.premises, target, now=NOW, told=sweep)
    assert (taken.damaged, taken.rows["artifacts"], taken.artifacts) == ({}, 1, 1)
    database.close()


def test_artifacts_that_the_house_has_lost_are_named_and_the_rest_is_kept(
    home: Path, target: Path
) -> None:
    house = furnish(home)
    gone, rotten = (one.hash for one in house.artifacts)
    (home / "artifacts" / gone[:2] / gone[2:]).unlink()
    blob = home / "artifacts" / rotten[:2] / rotten[2:]
    blob.write_bytes(b"b" + CONTENTS[1][1:])
    taken = take(house.premises, target, now=NOW, told=nothing_told)
    assert taken.damaged[gone] == "its bytes are gone"
    assert "its SHA-256 is now" in taken.damaged[rotten]
    assert taken.artifacts == 0
    blob.write_bytes(b"cut")
    taken = take(house.premises, target.with_name("tuesday"), now=NOW, told=nothing_told)
    assert taken.damaged[rotten] == "it has 3 bytes in place of 3,600,000"


def test_a_house_without_artifacts_makes_no_place_for_them(home: Path, target: Path) -> None:
    open_database(home / "seedbed.db").close()
    taken = take(premises_of(home), target, now=NOW, told=nothing_told)
    assert (taken.artifacts, taken.models) == (0, [])
    assert {path.name for path in target.iterdir()} == {"seedbed.db", "manifest.json"}
    assert not (home / "artifacts").exists()


def test_where_there_is_no_house_there_is_nothing_to_back_up(home: Path, target: Path) -> None:
    with pytest.raises(BackupRefused, match=r"nothing to back up: .*seedbed\.db is not there"):
        take(premises_of(home), target, now=NOW, told=nothing_told)
    assert not target.parent.exists()


def test_a_target_that_is_there_is_left_as_it_is(home: Path, target: Path) -> None:
    house = furnish(home)
    target.mkdir(parents=True)
    with pytest.raises(BackupRefused, match="monday is there already"):
        take(house.premises, target, now=NOW, told=nothing_told)
    assert list(target.iterdir()) == []


def test_what_a_killed_program_left_is_made_anew_unless_it_still_writes(
    home: Path, target: Path
) -> None:
    house = furnish(home)
    left = target.with_name(".monday.unfinished")
    (left / "artifacts" / "ab").mkdir(parents=True)
    (left / "seedbed.db").write_bytes(b"half")
    with locked(left), pytest.raises(BackupRefused, match="Another program is writing"):
        take(house.premises, target, now=NOW, told=nothing_told)
    taken = take(house.premises, target, now=NOW, told=nothing_told)
    assert taken.rows["entries"] == 10
    assert not (target / "artifacts" / "ab").exists()
    assert [path.name for path in target.parent.iterdir()] == ["monday"]


def test_nothing_is_written_to_where_somebody_else_leads_it(home: Path, target: Path) -> None:
    house, elsewhere = furnish(home), target.parent / "elsewhere"
    elsewhere.mkdir(parents=True)
    (elsewhere / "precious").write_text("not of the house")
    left = target.with_name(".monday.unfinished")
    left.symlink_to(elsewhere)
    with pytest.raises(BackupRefused, match=r"\.monday\.unfinished is there, and others may"):
        take(house.premises, target, now=NOW, told=nothing_told)
    assert [path.name for path in elsewhere.iterdir()] == ["precious"]
    left.unlink()
    left.mkdir()
    left.chmod(0o777)
    with pytest.raises(BackupRefused, match="others may change what is in it"):
        take(house.premises, target, now=NOW, told=nothing_told)


def test_nothing_is_linked_from_what_is_somebody_elses(
    home: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, tuesday = furnish(home), target.with_name("tuesday")
    _taken(house, target)
    monkeypatch.setattr(os, "getuid", lambda: target.stat().st_uid + 1)
    _taken(house, tuesday)
    large = f"artifacts/{house.artifacts[1].hash[:2]}/{house.artifacts[1].hash[2:]}"
    assert (tuesday / large).stat().st_ino != (target / large).stat().st_ino


def test_a_disk_without_room_is_told_before_anything_is_written(
    home: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = furnish(home)
    nearly_full(monkeypatch, free=1_000_000)
    with pytest.raises(BackupRefused, match=r"No room in .* 4 MB are needed, 1 MB are free"):
        take(house.premises, target, now=NOW, told=nothing_told)
    assert list(target.parent.iterdir()) == []


def test_a_place_where_nothing_can_be_made_is_told(home: Path, tmp_path: Path) -> None:
    house = furnish(home)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(BackupRefused, match="cannot be written: Not a directory"):
        take(house.premises, tmp_path / "file" / "monday", now=NOW, told=nothing_told)


def test_a_damaged_database_is_told_and_nothing_is_left(home: Path, target: Path) -> None:
    house = furnish(home)
    (home / "seedbed.db").write_bytes(b"Dear diary, " * 1_000)
    with pytest.raises(StoreUnusable, match="not a database"):
        take(house.premises, target, now=NOW, told=nothing_told)
    assert list(target.parent.iterdir()) == []


def test_artifacts_in_a_bucket_are_brought_into_it(home: Path, target: Path) -> None:
    furnish(home)
    elsewhere = home.with_name("elsewhere")
    elsewhere.mkdir()
    (home / "artifacts").rename(elsewhere / "artifacts")
    bucket = in_home(elsewhere)
    premises = Premises(home, home / "seedbed.db", everywhere(bucket), bucket="s3://shelf")
    assert take(premises, target, now=NOW, told=nothing_told).artifacts == len(CONTENTS)


@pytest.mark.slow
def test_a_disk_that_fills_up_half_way_leaves_nothing_that_is_taken_for_a_backup(
    home: Path, target: Path
) -> None:
    furnish(home)
    program = (
        "import resource, signal, sys, pathlib\n"
        "from seedbed.core.errors import SeedbedError\n"
        "from seedbed.store.backup import take\n"
        "from tests.store.furnished import NOW, premises_of\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)\n"
        "try:\n"
        "    home, target = map(pathlib.Path, sys.argv[1:3])\n"
        "    take(premises_of(home), target, now=NOW, told=lambda *_: None)\n"
        "except SeedbedError as error:\n"
        "    print(error.what)\n"
    )
    for size, why in ((50_000, "disk I/O error"), (1_000_000, "File too large")):
        words = [sys.executable, "-c", program, str(home), str(target), str(size)]
        done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=REPOSITORY)
        assert why in done.stdout, done.stderr
        assert list(target.parent.iterdir()) == []
