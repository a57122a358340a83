"""What nobody holds is deleted, what somebody may be about to hold is not."""

from pathlib import Path

import pytest

from seedbed.core.errors import ArtifactUnknown
from seedbed.kit.clock import FakeClock
from seedbed.store import sweeping
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import Blob, Blobs, open_blobs
from seedbed.store.database import Database
from seedbed.store.sweeping import Swept
from tests.store import bucket, shelves
from tests.store.shelves import HOUR, age, content, files, place, put, stream

pytestmark = pytest.mark.anyio


@pytest.fixture
def artifacts(database: Database, home: Path, clock: FakeClock) -> Artifacts:
    return shelves.build(database, home, clock)


async def test_what_is_held_stays_however_old_it_is(
    artifacts: Artifacts, home: Path, clock: FakeClock
) -> None:
    kept = await put(artifacts, b"x")
    age(place(home, kept.hash), clock, 99 * HOUR)
    await clock.advance(99 * HOUR)
    assert await artifacts.sweep() == Swept(0, 0)
    assert await content(artifacts, kept) == b"x"


async def test_what_nobody_holds_any_more_goes_row_and_bytes(
    artifacts: Artifacts, home: Path, clock: FakeClock
) -> None:
    kept = await put(artifacts, b"abc")
    age(place(home, kept.hash), clock, 0)
    await artifacts.release(kept.hash, "job_1")
    await clock.advance(HOUR + 1)
    assert await artifacts.sweep() == Swept(1, 3)
    assert files(home) == set()
    with pytest.raises(ArtifactUnknown):
        await artifacts.look(kept.hash)


async def test_a_hold_that_is_over_keeps_nothing(
    artifacts: Artifacts, home: Path, clock: FakeClock
) -> None:
    until = round((clock.wall() + 9 * HOUR) * 1e6)
    kept = await put(artifacts, b"abc", until=until)
    age(place(home, kept.hash), clock, 0)
    await clock.advance(9 * HOUR - 1)
    assert await artifacts.sweep() == Swept(0, 0)
    await clock.advance(1)
    assert await artifacts.sweep() == Swept(1, 3)


async def test_what_one_of_two_lets_go_of_stays(
    artifacts: Artifacts, home: Path, clock: FakeClock
) -> None:
    kept = await put(artifacts, b"abc", holder="job_1")
    await put(artifacts, b"abc", holder="job_2", project="q")
    await artifacts.release(kept.hash, "job_1")
    age(place(home, kept.hash), clock, 0)
    await clock.advance(99 * HOUR)
    assert await artifacts.sweep() == Swept(0, 0)


async def test_nothing_younger_than_an_hour_goes(
    artifacts: Artifacts, home: Path, clock: FakeClock
) -> None:
    kept = await put(artifacts, b"abc")
    await artifacts.release(kept.hash, "job_1")
    await clock.advance(HOUR - 1)
    age(place(home, kept.hash), clock, HOUR - 1)
    assert await artifacts.sweep() == Swept(0, 0)
    assert files(home)


async def test_a_blob_without_a_row_goes_as_does_what_broke_off(
    artifacts: Artifacts, home: Path, clock: FakeClock
) -> None:
    folder = home / "artifacts"
    await put(artifacts, b"kept")
    before = files(home)
    for name in ("ab/cdef", "incoming/put_1", "incoming/put_2#1", "ab/cdef#0"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"rest")
        age(folder / name, clock, HOUR + 1)
    looked: list[int] = []
    assert await artifacts.sweep(looked.append) == Swept(0, 16)
    assert files(home) == before
    assert looked == [3]


async def test_a_sweep_that_was_killed_between_row_and_blob_is_made_good_by_the_next(
    artifacts: Artifacts, home: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await put(artifacts, b"abc")
    await artifacts.release(kept.hash, "job_1")
    age(place(home, kept.hash), clock, 0)
    await clock.advance(2 * HOUR)

    async def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "delete_blob", killed)
        with pytest.raises(KeyboardInterrupt):
            await artifacts.sweep()
    assert await artifacts.all() == []
    assert files(home)
    assert await artifacts.sweep() == Swept(0, 3)
    assert files(home) == set()


class Slow(Blobs):
    """A place whose list is old by the time that somebody looks at it: meanwhile it was put anew,
    and the row may be written, or not yet.
    """

    async def find(self, key: str) -> Blob | None:
        found = await super().find(key)
        return found and Blob(key, found.size, 10**18)


@pytest.mark.parametrize("is_written", [True, False])
async def test_what_is_put_anew_while_a_sweep_runs_is_not_lost(
    database: Database, home: Path, clock: FakeClock, is_written: bool
) -> None:
    opened = open_blobs("", home, {})
    await opened.put("ab/cdef", stream(b"x"))
    (blob,) = [blob async for page in opened.all() for blob in page]
    if is_written:
        artifacts = Artifacts(database, lambda: opened, clock=clock)
        kept = await put(artifacts, b"x")
        blob = Blob(f"{kept.hash[:2]}/{kept.hash[2:]}", 1, 0)
    else:
        opened.__class__ = Slow
    assert await sweeping.delete_blob(database, opened, blob, 10**17) == 0
    assert len(files(home)) == 1 + is_written


async def test_what_another_sweep_took_meanwhile_is_not_missed(
    database: Database, home: Path
) -> None:
    opened = open_blobs("", home, {})
    assert await sweeping.delete_blob(database, opened, Blob("ab/cdef", 1, 0), 10**17) == 0


async def test_a_bucket_is_swept_as_a_folder_is(
    database: Database, home: Path, clock: FakeClock
) -> None:
    with bucket.lent() as shelf:
        artifacts = Artifacts(
            database, lambda: open_blobs("s3://shelf/a", home, shelf.environment), clock=clock
        )
        kept = await put(artifacts, b"kept")
        gone = await put(artifacts, b"gone")
        assert await content(artifacts, kept) == b"kept"
        await artifacts.release(gone.hash, "job_1")
        await clock.advance(2 * HOUR)
        assert await artifacts.sweep() == Swept(1, 4)
        assert [name[2:].replace("/", "") for name in shelf.objects] == [kept.hash]
        assert shelf.uploads == {}
