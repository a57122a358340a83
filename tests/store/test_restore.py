"""What is restored is the house of that moment; what was there before is put aside."""

import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from msgspec.structs import replace

from seedbed.core.errors import BackupDamaged, BackupRefused, StoreUnusable, WorkerFenced
from seedbed.core.job import State, Step
from seedbed.store.backup import take
from seedbed.store.claims import Claims
from seedbed.store.database import Database, open_database
from seedbed.store.jobs import Filter, Jobs
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from seedbed.store.manifest import read_manifest, seen, write_manifest
from seedbed.store.postgresql import Server
from seedbed.store.premises import Premises, locked, nothing_told
from seedbed.store.restore import Restored, restore
from seedbed.store.taking import Limits
from seedbed.store.tokens import Tokens
from seedbed.store.workers import Worker, Workers
from tests.conftest import Fresh
from tests.store.books import entry, handed_in, opened
from tests.store.furnished import (
    CONTENTS,
    NOW,
    SECRET,
    Furnished,
    downgrade_to_two,
    everywhere,
    furnish,
    in_home,
    nearly_full,
    premises_of,
)
from tests.store.servers import PostgreSQL

pytestmark = pytest.mark.slow

LATER = NOW + 5_000_000
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def house(tmp_path: Path) -> Furnished:
    return furnish(tmp_path / "old")


@pytest.fixture
def backup(house: Furnished, tmp_path: Path) -> Path:
    take(house.premises, tmp_path / "backup", now=NOW, told=nothing_told)
    return tmp_path / "backup"


@pytest.fixture
def target(home: Path, fresh: Fresh) -> Iterator[Premises]:
    """An empty house on either database."""
    with fresh() as place:
        yield premises_of(home, place if isinstance(place, Server) else None)


def _restore(backup: Path, target: Premises, *, replace: bool = False) -> Restored:
    return restore(backup, target, replace=replace, now=LATER, told=nothing_told)


def _opened(premises: Premises) -> Database:
    return open_database(premises.database)


def _artifacts(home: Path) -> list[bytes]:
    return [path.read_bytes() for path in (home / "artifacts").rglob("*") if path.is_file()]


def test_a_program_that_checks_answers_can_be_run_again(house: Furnished, tmp_path: Path) -> None:
    program = house.premises.home / "checks" / "compiles"
    program.parent.mkdir()
    program.write_text("#!/bin/sh")
    program.chmod(0o755)
    take(house.premises, tmp_path / "backup", now=NOW, told=nothing_told)
    _restore(tmp_path / "backup", premises_of(tmp_path / "new"))
    assert (tmp_path / "new" / "checks" / "compiles").stat().st_mode & 0o777 == 0o700


def test_the_house_is_as_it_was(backup: Path, target: Premises) -> None:
    done = _restore(backup, target)
    assert (done.manifest, done.jobs, done.aside) == (read_manifest(backup), 1, None)
    database, home = _opened(target), target.home
    assert [key.name for key in Keys(database).all()] == ["laptop"]
    sums = {s.spent.currency: s.spent.micros for s in Ledger(database).sums(())}
    assert sums == {"USD": 36, "EUR": 7}
    assert sorted(_artifacts(home)) == sorted(CONTENTS)
    assert (home / "admin.key").read_text().strip() == SECRET
    assert stat.S_IMODE((home / "admin.key").stat().st_mode) == 0o600
    assert (home / "catalogue" / "mine.toml").exists()
    assert (home / "settings.toml").read_text() == "places = 2\n"
    assert not (home / "models").exists()
    assert [path.name for path in home.iterdir() if path.name.startswith(".")] == []
    database.close()


def test_it_goes_on_counting_behind_the_rows_that_it_brought(
    backup: Path, target: Premises
) -> None:
    _restore(backup, target)
    database = _opened(target)
    ledger = Ledger(database)
    lease = anyio.run(lambda: opened(ledger, 100, now=LATER))
    anyio.run(lambda: handed_in(ledger, lease, [entry("req_new", 1)], now=LATER))
    assert ledger.entries(last=1)[0].request_id == "req_new"
    database.close()


def test_what_was_running_waits_again_and_is_done_from_its_last_step(
    house: Furnished, backup: Path, target: Premises
) -> None:
    _restore(backup, target)
    database = _opened(target)
    claims, workers = Claims(database), Workers(database)
    assert workers.living_now() == []
    (job,) = Jobs(database, currency="USD").newest_now(Filter(kind="work"), last=9)
    assert (job.state, job.run) == (State.QUEUED, 1)
    assert anyio.run(Tokens(database).principal, house.claim.token) is None
    with pytest.raises(WorkerFenced):
        anyio.run(claims.step, house.claim, Step(2, "again", None, LATER))
    other = Worker("worker_2", "here", "2/2", ("work",), LATER, LATER)
    anyio.run(workers.join, other)
    (claim,) = anyio.run(lambda: claims.take("worker_2", {"work": Limits()}, room=9, now=LATER))
    assert [(step.number, step.name, step.result) for step in claim.steps] == [
        (1, "asked", {"text": "yes"})
    ]
    database.close()


def test_a_lease_that_was_open_is_written_off_in_the_usual_way(
    backup: Path, target: Premises
) -> None:
    _restore(backup, target)
    database = _opened(target)
    ledger = Ledger(database)
    silent = anyio.run(ledger.open_leases)
    lost = anyio.run(lambda: ledger.reconcile(silent, now=LATER))
    assert sorted(str(amount) for amount in lost) == ["0.000964 USD", "0.000993 EUR"]
    database.close()


def test_a_house_is_only_replaced_when_that_is_said_and_is_put_aside_whole(
    house: Furnished, backup: Path, target: Premises
) -> None:
    _restore(backup, target)
    database = _opened(target)
    Keys(database).revoke("laptop", now=LATER)
    database.close()
    (target.home / "prices" / "a.toml").unlink()
    with pytest.raises(BackupRefused, match="There is a house already") as caught:
        _restore(backup, target)
    assert "--replace" in caught.value.hint
    done = _restore(backup, target, replace=True)
    assert done.aside is not None
    database = _opened(target)
    assert Keys(database).all()[0].revoked is None
    assert (target.home / "prices" / "a.toml").exists()
    (aside,) = target.home.glob("before-restore-*")
    assert str(aside) in done.aside
    assert not (aside / "prices" / "a.toml").exists()
    assert sorted(_artifacts(aside)) == sorted(CONTENTS)
    database.close()
    if isinstance(target.database, Path):
        database = open_database(aside / "seedbed.db")
        assert Keys(database).all()[0].revoked == LATER
        database.close()


@pytest.mark.slow
def test_on_a_server_the_old_rows_are_put_aside_in_a_schema_of_their_own(
    backup: Path, home: Path, postgresql: PostgreSQL, shaped: str
) -> None:
    with postgresql.lent(like=shaped) as server:
        _put_aside(backup, premises_of(home, server))


def _put_aside(backup: Path, target: Premises) -> None:
    _restore(backup, target)
    database = _opened(target)
    Keys(database).revoke("laptop", now=LATER)
    database.close()
    done = _restore(backup, target, replace=True)
    assert done.aside is not None
    schema = "before_restore_20270115T080005.000000Z"
    assert schema in done.aside
    database = _opened(target)
    with database.reading() as rows:
        old = rows.exec_driver_sql(f'SELECT revoked FROM "{schema}".keys').fetchall()
        new = rows.exec_driver_sql("SELECT revoked FROM keys").fetchall()
    assert (list(map(tuple, old)), list(map(tuple, new))) == ([(LATER,)], [(None,)])
    database.close()


def test_it_is_refused_while_anybody_has_the_house_open(backup: Path, target: Premises) -> None:
    _restore(backup, target)
    other = _opened(target)
    other.read_now(lambda c: c.exec_driver_sql("SELECT 1"))
    with pytest.raises(BackupRefused, match=r"has .* open") as caught:
        _restore(backup, target, replace=True)
    assert "seedbed down" in caught.value.hint
    other.close()
    if isinstance(target.database, Path):
        assert _restore(backup, target, replace=True).aside


def test_a_program_of_its_own_that_has_the_house_open_is_seen(
    house: Furnished, backup: Path
) -> None:
    hold = (
        "import sys, pathlib\n"
        "from seedbed.store.database import open_database\n"
        "database = open_database(pathlib.Path(sys.argv[1]))\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
    )
    words = [sys.executable, "-c", hold, str(house.premises.database)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY
    ) as program:
        assert program.stdout
        assert program.stdin
        program.stdout.readline()
        with pytest.raises(BackupRefused, match=r"has .* open"):
            _restore(backup, house.premises, replace=True)
        program.stdin.close()
    assert _restore(backup, house.premises, replace=True).jobs == 1


def test_what_a_killed_program_had_written_is_put_aside_with_its_database(
    house: Furnished, backup: Path, tmp_path: Path
) -> None:
    home = house.premises.home
    shutil.copytree(home, tmp_path / "killed", ignore=shutil.ignore_patterns("*-wal", "*-shm"))
    database = open_database(home / "seedbed.db")
    Keys(database).revoke("laptop", now=LATER)
    for name in ("seedbed.db", "seedbed.db-wal"):  # as they are when their program is killed
        shutil.copy(home / name, tmp_path / "killed" / name)
    database.close()
    (tmp_path / "killed" / "seedbed.db.before-0002").write_bytes(b"kept once")
    done = _restore(backup, premises_of(tmp_path / "killed"), replace=True)
    assert done.aside is not None
    assert (Path(done.aside) / "seedbed.db.before-0002").exists()
    assert [path.name for path in (tmp_path / "killed").glob("seedbed.db*")] == ["seedbed.db"]
    aside = open_database(Path(done.aside) / "seedbed.db")
    assert Keys(aside).all()[0].revoked == LATER
    aside.close()


def test_a_damaged_database_is_put_aside_as_it_is(house: Furnished, backup: Path) -> None:
    (house.premises.home / "seedbed.db").write_bytes(b"damaged" * 1_000)
    done = _restore(backup, house.premises, replace=True)
    assert done.aside is not None
    assert (Path(done.aside) / "seedbed.db").read_bytes() == b"damaged" * 1_000


def test_a_homes_own_settings_stay(house: Furnished, backup: Path, home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("places = 7\n")
    _restore(backup, premises_of(home))
    assert (home / "settings.toml").read_text() == "places = 7\n"


def test_artifacts_go_to_the_bucket_that_the_house_has(backup: Path, home: Path) -> None:
    bucket = in_home(home.with_name("bucket"))
    _restore(backup, Premises(home, home / "seedbed.db", everywhere(bucket), bucket="s3://shelf"))
    assert sorted(_artifacts(home.with_name("bucket"))) == sorted(CONTENTS)
    assert not (home / "artifacts").exists()


def test_what_the_house_had_no_sound_copy_of_is_not_missed(
    house: Furnished, home: Path, tmp_path: Path
) -> None:
    gone = house.artifacts[0].hash
    (house.premises.home / "artifacts" / gone[:2] / gone[2:]).unlink()
    take(house.premises, tmp_path / "backup", now=NOW, told=nothing_told)
    assert _restore(tmp_path / "backup", premises_of(home)).manifest.damaged
    assert _artifacts(home) == [CONTENTS[1]]


def _damage(backup: Path, name: str, how: str) -> None:
    path = backup / name
    content = path.read_bytes()
    middle = len(content) // 2
    if how == "gone":
        path.unlink()
    elif how == "cut":
        path.write_bytes(content[:-2])
    else:
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])


@pytest.mark.parametrize("how", ["flipped", "cut", "gone"])
def test_each_damaged_file_is_told_and_nothing_is_changed(
    backup: Path, home: Path, how: str
) -> None:
    names = [str(p.relative_to(backup)) for p in backup.rglob("*") if p.is_file()]
    assert len(names) == 8
    for name in names:
        content = (backup / name).read_bytes()
        _damage(backup, name, how)
        with pytest.raises((BackupDamaged, BackupRefused)) as caught:
            _restore(backup, premises_of(home))
        assert name in caught.value.what
        assert caught.value.hint
        assert not home.exists()
        (backup / name).write_bytes(content)
    _restore(backup, premises_of(home))


def test_a_database_that_was_damaged_when_it_was_backed_up_is_refused(
    backup: Path, home: Path
) -> None:
    with closing(sqlite3.connect(backup / "seedbed.db")) as file:
        file.execute("DELETE FROM jobs")
        file.commit()
    manifest = read_manifest(backup)
    files = manifest.files | {"seedbed.db": seen(backup / "seedbed.db")}
    write_manifest(backup, replace(manifest, files=files))
    with pytest.raises(BackupDamaged, match="points to none of jobs"):
        _restore(backup, premises_of(home))
    assert list(home.iterdir()) == []


def test_an_artifact_whose_hash_is_a_path_is_refused(backup: Path, home: Path) -> None:
    with closing(sqlite3.connect(backup / "seedbed.db")) as file:
        file.execute("INSERT INTO artifacts (hash, size, created) VALUES ('../../x', 1, 1)")
        file.commit()
    manifest = read_manifest(backup)
    files = manifest.files | {"seedbed.db": seen(backup / "seedbed.db")}
    write_manifest(backup, replace(manifest, files=files))
    with pytest.raises(BackupDamaged, match=r"'\.\./\.\./x' is no hash"):
        _restore(backup, premises_of(home))
    assert list(home.iterdir()) == []


def test_a_backup_of_an_older_shape_is_brought_to_the_newest(
    house: Furnished, tmp_path: Path, home: Path
) -> None:
    downgrade_to_two(house.premises.home / "seedbed.db")
    taken = take(house.premises, tmp_path / "backup", now=NOW, told=nothing_told)
    assert (taken.shape, taken.artifacts, "jobs" in taken.rows) == ("0002", 0, False)
    assert _restore(tmp_path / "backup", premises_of(home)).jobs == 0
    assert {path.name for path in home.glob("seedbed.db*")} == {"seedbed.db"}
    database = open_database(home / "seedbed.db")
    assert len(Ledger(database).entries(last=99)) == 10
    database.close()


def test_a_backup_of_a_newer_shape_is_refused(backup: Path, home: Path) -> None:
    write_manifest(backup, replace(read_manifest(backup), shape="9999", seedbed="7.0"))
    with pytest.raises(BackupRefused, match="has the shape 9999") as caught:
        _restore(backup, premises_of(home))
    assert "taken by Seedbed 7.0" in caught.value.hint


def test_a_disk_without_room_is_told_and_nothing_is_changed(
    backup: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nearly_full(monkeypatch, free=1)
    with pytest.raises(BackupRefused, match=f"No room in {home}"):
        _restore(backup, premises_of(home))
    assert list(home.iterdir()) == []


def test_two_cannot_restore_one_home_at_once(backup: Path, home: Path) -> None:
    home.mkdir()
    with locked(home), pytest.raises(BackupRefused, match="Another program is restoring"):
        _restore(backup, premises_of(home))


@pytest.mark.slow
def test_a_server_that_cannot_be_reached_is_told(backup: Path, home: Path) -> None:
    nobody = Server(f"postgresql://ada@/house?host={home}")
    with pytest.raises(StoreUnusable) as caught:
        _restore(backup, premises_of(home, nobody))
    assert "application_name" not in caught.value.what
    assert not home.exists()
