"""Artifacts: kept once, read as they were put, held by whom they belong to, and nobody else's."""

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedbed.core.errors import ArtifactDamaged, ArtifactUnknown, DiskFull, StoreUnusable
from seedbed.kit.clock import FakeClock, SystemClock
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import Blobs, open_blobs
from seedbed.store.database import Database, open_database
from tests.store import shelves
from tests.store.shelves import content, files, place, put, stream

pytestmark = pytest.mark.anyio

NOBODYS = "0" * 64


@pytest.fixture
def artifacts(database: Database, home: Path, clock: FakeClock) -> Artifacts:
    return shelves.build(database, home, clock)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    pieces=st.lists(st.binary(max_size=9), max_size=5), ends=st.tuples(*[st.integers(0, 45)] * 2)
)
async def test_whatever_is_put_is_read_back_whole_and_in_every_part(
    artifacts: Artifacts, pieces: list[bytes], ends: tuple[int, int]
) -> None:
    whole = b"".join(pieces)
    start, stop = sorted(min(end, len(whole)) for end in ends)
    kept = await artifacts.put(stream(*pieces), holder="job_1", project="p")
    assert (kept.hash, kept.size) == (hashlib.sha256(whole).hexdigest(), len(whole))
    assert await content(artifacts, kept) == whole
    assert await content(artifacts, kept, start, stop) == whole[start:stop]


async def test_the_same_content_lies_there_once_and_each_holder_has_its_own_words_for_it(
    artifacts: Artifacts, home: Path
) -> None:
    first = await artifacts.put(stream(b"x"), "image/png", holder="a", project="p", name="cat")
    again = await artifacts.put(stream(b"x"), "text/html", holder="b", project="q", name="dog")
    assert first.hash == again.hash
    assert len(files(home)) == 1
    for project, words in (("p", ("image/png", "cat")), ("q", ("text/html", "dog"))):
        found = await artifacts.find(first.hash, project)
        assert (found.media, found.name) == words
        assert {hold.project for hold in found.holds} == {project}


async def test_a_holder_that_puts_the_same_again_has_one_hold_with_the_newer_words(
    artifacts: Artifacts,
) -> None:
    await artifacts.put(stream(b"x"), "image/png", holder="a", project="p")
    kept = await artifacts.put(stream(b"x"), "text/plain", holder="a", project="p")
    assert [hold.media for hold in (await artifacts.look(kept.hash)).holds] == ["text/plain"]


async def test_what_another_project_holds_is_as_unknown_as_what_nobody_does(
    artifacts: Artifacts,
) -> None:
    kept = await put(artifacts, b"x", project="theirs")
    for hash_ in (kept.hash, NOBODYS):
        with pytest.raises(ArtifactUnknown, match=hash_):
            await artifacts.find(hash_, "mine")
        with pytest.raises(ArtifactUnknown, match=hash_):
            await artifacts.hold(hash_, "job_2", project="mine")


async def test_a_hold_that_is_over_opens_nothing(artifacts: Artifacts, clock: FakeClock) -> None:
    kept = await put(artifacts, b"x", until=round((clock.wall() + 1) * 1e6))
    await artifacts.find(kept.hash, "p")
    await clock.advance(1)
    with pytest.raises(ArtifactUnknown):
        await artifacts.find(kept.hash, "p")


async def test_what_a_project_has_is_held_for_one_more_under_the_same_name(
    artifacts: Artifacts,
) -> None:
    kept = await put(artifacts, b"x", holder="job_1")
    await artifacts.hold(kept.hash, "job_2", project="p", until=2 * 10**18)
    await artifacts.release(kept.hash, "job_1")
    (hold,) = (await artifacts.find(kept.hash, "p")).holds
    assert (hold.holder, hold.name, hold.media) == ("job_2", "n", "text/plain")
    assert hold.until == 2 * 10**18


async def test_only_who_holds_it_can_let_go(artifacts: Artifacts) -> None:
    kept = await put(artifacts, b"x", holder="job_1")
    with pytest.raises(ArtifactUnknown):
        await artifacts.release(kept.hash, "job_2")
    await artifacts.release(kept.hash, "job_1")
    with pytest.raises(ArtifactUnknown):
        await artifacts.find(kept.hash, "p")
    assert (await artifacts.look(kept.hash)).holds == ()
    with pytest.raises(ArtifactUnknown):
        await artifacts.look(NOBODYS)


async def test_everything_that_is_kept_is_listed_with_who_holds_it(artifacts: Artifacts) -> None:
    first = await put(artifacts, b"x", holder="job_1")
    await put(artifacts, b"x", holder="job_2", project="q")
    other = await put(artifacts, b"y", holder="job_1")
    await artifacts.release(other.hash, "job_1")
    holders = {one.hash: [hold.holder for hold in one.holds] for one in await artifacts.all()}
    assert holders == {first.hash: ["job_1", "job_2"], other.hash: []}


async def test_an_upload_that_breaks_leaves_nothing_that_could_be_found(
    artifacts: Artifacts, home: Path
) -> None:
    async def breaks() -> AsyncGenerator[bytes]:
        yield b"x" * (6 << 20)
        raise LookupError("left")

    with pytest.raises(LookupError, match="left"):
        await artifacts.put(breaks(), holder="a", project="p")
    assert files(home) == set()
    assert await artifacts.all() == []


def damage_one_byte(path: Path) -> None:
    path.write_bytes(b"X" + path.read_bytes()[1:])


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4])


def delete(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("harm", [damage_one_byte, cut_off, halve, delete])
async def test_a_damaged_one_is_never_given_whole_and_putting_it_again_mends_it(
    artifacts: Artifacts, home: Path, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], None]
) -> None:
    monkeypatch.setattr("seedbed.store.blobs.PIECE", 4)
    kept = await put(artifacts, b"0123456789")
    harm(place(home, kept.hash))
    given: list[bytes] = []
    with pytest.raises(ArtifactDamaged, match=kept.hash):
        given.extend([piece async for piece in artifacts.open(kept)])
    assert len(b"".join(given)) < kept.size
    await put(artifacts, b"0123456789")
    assert await content(artifacts, kept) == b"0123456789"


class Meddled(Blobs):
    """A place where a sweep takes each blob right after it was put there, once."""

    meddles = True

    async def copy(self, source: str, target: str) -> None:
        await super().copy(source, target)
        if self.meddles:
            self.meddles = False
            await self.delete(target)


async def test_a_blob_that_a_sweep_takes_before_its_row_is_written_is_put_there_again(
    database: Database, home: Path, clock: FakeClock
) -> None:
    opened = open_blobs("", home, {})
    opened.__class__ = Meddled
    artifacts = Artifacts(database, lambda: opened, clock=clock)
    kept = await put(artifacts, b"x")
    assert await content(artifacts, kept) == b"x"
    assert len(files(home)) == 1


async def test_where_the_row_cannot_be_written_nothing_is_kept_but_a_blob_for_the_sweep(
    artifacts: Artifacts, database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_: object) -> None:
        raise StoreUnusable("W.", hint="H.", reason="R")

    monkeypatch.setattr(database, "write", refuse)
    with pytest.raises(StoreUnusable):
        await put(artifacts, b"x")
    hash_ = hashlib.sha256(b"x").hexdigest()
    assert files(home) == {str(place(home, hash_).relative_to(home / "artifacts"))}
    assert await artifacts.all() == []


@pytest.fixture
def small(home: Path) -> Iterator[Path]:
    """A home whose artifacts lie on a disk of 3 MB."""
    folder = home / "artifacts"
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only an administrator of the machine can make a small disk")
    yield home
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
async def test_a_full_disk_is_told_and_loses_nothing(
    small: Path, clock: FakeClock, tmp_path: Path
) -> None:
    database = open_database(tmp_path / "elsewhere.db")
    artifacts = shelves.build(database, small, clock)
    kept = await put(artifacts, b"x" * 10**6)
    before = files(small)
    with pytest.raises(DiskFull, match="artifacts"):
        await artifacts.put(endless(), holder="a", project="p")
    assert files(small) == before
    assert await content(artifacts, kept) == b"x" * 10**6
    assert [one.hash for one in await artifacts.all()] == [kept.hash]
    database.close()


async def endless() -> AsyncGenerator[bytes]:
    while True:
        yield os.urandom(1 << 16)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
async def test_whoever_is_killed_while_putting_leaves_what_is_whole_or_nothing(
    home: Path, seed: int
) -> None:
    told = kill_after(random.Random(seed).randrange(1, 6), home)
    database = open_database(home / "seedbed.db")
    artifacts = shelves.build(database, home, SystemClock())
    kept = await artifacts.all()
    assert {one.hash for one in kept} >= set(told)
    for one in kept:
        assert len(await content(artifacts, one)) == one.size
    clock = SystemClock()
    for name in files(home):
        shelves.age(home / "artifacts" / name, clock, 2 * shelves.HOUR)
    await artifacts.sweep()
    assert files(home) == {
        str(place(home, one.hash).relative_to(home / "artifacts")) for one in kept
    }
    database.close()


def kill_after(number: int, home: Path) -> list[str]:
    """Kill who puts once so many are kept, in the middle of the next; gives the hashes."""
    words = [sys.executable, "-m", "tests.store.putter", str(home)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = [process.stdout.readline().strip() for _ in range(number)]
        process.kill()
        return [*told, *process.stdout.read().split()]
