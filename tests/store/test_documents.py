"""What documents are searched by is backed up while it grows, and is there after a restore."""

from collections.abc import Callable, Mapping
from pathlib import Path

import anyio
import pytest

from seedbed.core.object import Object
from seedbed.kit.clock import FakeClock
from seedbed.store import backup as module
from seedbed.store import documents
from seedbed.store.backup import take
from seedbed.store.database import open_database
from seedbed.store.objects import Objects
from seedbed.store.premises import nothing_told
from seedbed.store.rehearsal import Check, rehearse
from seedbed.store.restore import restore
from seedbed.store.segments import Segments
from tests.store.furnished import NOW, Furnished, downgrade_to_two, furnish, premises_of

pytestmark = pytest.mark.slow


@pytest.fixture
def house(home: Path) -> Furnished:
    """A house with a store of three documents, of which one is not indexed yet."""
    furnished = furnish(home)
    for name, status in (("a", "completed"), ("b", "completed"), ("c", "in_progress")):
        keep(home, name, status)
    segments = Segments(home / "indexes")
    segments.put("vs_1", "a", b"one")
    segments.put("vs_1", "b", b"two")
    return furnished


def keep(home: Path, name: str, status: str) -> None:
    """Have the rows tell of a document of the store."""
    body = {"status": status}
    one = Object(f"vs_1.{name}", "vector_store.file", "web", 1, body, parent="vs_1")
    with_database(home, lambda objects: anyio.run(objects.put, one))


def forget(home: Path, name: str) -> None:
    """Take a document out of the store."""
    objects = f"vs_1.{name}"
    with_database(home, lambda kept: anyio.run(kept.remove, "vector_store.file", objects, "web"))
    Segments(home / "indexes").drop("vs_1", name)


def with_database(home: Path, work: Callable[[Objects], object]) -> None:
    database = open_database(home / "seedbed.db")
    try:
        work(Objects(database, clock=FakeClock()))
    finally:
        database.close()


def taken(house: Furnished, target: Path) -> Path:
    take(house.premises, target, now=NOW, told=nothing_told)
    return target


def documents_of(backup: Path) -> Check:
    checks = rehearse(backup, now=NOW, told=nothing_told)
    (found,) = [one for one in checks if one.what == "documents"]
    return found


def test_documents_are_found_again_in_a_house_that_was_restored(
    house: Furnished, tmp_path: Path
) -> None:
    backup = taken(house, tmp_path / "backup")
    assert documents_of(backup) == Check("documents", "2 can be found")
    new = premises_of(tmp_path / "new")
    restore(backup, new, replace=False, now=NOW, told=nothing_told)
    found = {
        name: bytes(data) for name, data in Segments(new.home / "indexes").read("vs_1").items()
    }
    assert found == {"a": b"one", "b": b"two"}
    assert (new.home / "indexes" / "vs_1.index").stat().st_mode & 0o077 == 0


def test_what_is_written_at_that_moment_does_no_harm(
    house: Furnished, home: Path, tmp_path: Path
) -> None:
    """Half of an entry, as whoever copies a file meets it that is being written."""
    with (home / "indexes" / "vs_1.index").open("ab") as index:
        index.write(b"SEED and no more")
    assert documents_of(taken(house, tmp_path / "backup")).is_right


def test_an_index_that_the_house_has_lost_is_told(
    house: Furnished, home: Path, tmp_path: Path
) -> None:
    (home / "indexes" / "vs_1.index").unlink()
    check = documents_of(taken(house, tmp_path / "backup"))
    assert not check.is_right
    assert "2 are in no index, such as a of vs_1" in check.found


def test_a_document_that_the_house_has_lost_is_named_in_the_backup(
    house: Furnished, home: Path, tmp_path: Path
) -> None:
    Segments(home / "indexes").drop("vs_1", "a")
    told = take(house.premises, tmp_path / "backup", now=NOW, told=nothing_told)
    assert told.damaged == {"vs_1.a": "it is in no index"}
    checks = rehearse(tmp_path / "backup", now=NOW, told=nothing_told)
    assert Check("document vs_1.a", "it is in no index", is_right=False) in checks


def test_each_index_is_read_once_however_many_documents_it_has(
    house: Furnished, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    class Noted(Segments):
        def read(self, store: str) -> Mapping[str, memoryview]:
            read.append(store)
            return super().read(store)

    monkeypatch.setattr(documents, "Segments", Noted)
    assert documents.lost(house.premises.home) == []
    assert read == ["vs_1"]


def test_a_document_that_is_deleted_meanwhile_is_in_neither(
    house: Furnished, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the rows were read, and before the index is copied."""
    copied: list[Path] = []

    def copy(source: Path, folder: Path) -> None:
        if not copied:
            forget(home, "a")
        copied.append(folder)
        copy_really(source, folder)

    copy_really = documents.copy_indexes
    monkeypatch.setattr(module.documents, "copy_indexes", copy)
    assert documents_of(taken(house, tmp_path / "backup")) == Check("documents", "1 can be found")
    assert len(copied) == 2


def test_a_store_that_is_deleted_while_it_is_copied_is_left_out(
    house: Furnished, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def room(_: Path, needed: int) -> None:
        assert needed > 0
        (home / "indexes" / "vs_1.index").unlink()

    monkeypatch.setattr(documents, "require_room", room)
    documents.copy_indexes(home, tmp_path)
    assert not list(tmp_path.rglob("*.index"))


def test_a_house_from_before_there_were_documents_has_none(house: Furnished, home: Path) -> None:
    downgrade_to_two(home / "seedbed.db")
    assert documents.documents(home) == []
