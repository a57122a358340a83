"""Houses of one secret that share what was read: what is brought, what is not, and what goes wrong.

The bucket is spoken to as S3; the engine's part is a file that a test writes.
"""

import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from structlog.testing import capture_logs

from seedbed.core.ask import Ask
from seedbed.core.message import Message, Role, Text
from seedbed.core.prefix import Link, chain
from seedbed.kit.clock import FakeClock
from seedbed.store import blobs as blobs_module
from seedbed.store.blobs import open_bucket
from seedbed.store.far import FarPrefixes
from seedbed.store.far_store import FarStore
from seedbed.store.kv import SavedPrefixes
from seedbed.store.notes import BODY, Found, Prefix, ends_of, mark
from tests.store import bucket
from tests.store.bucket import Bucket

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

CONTENT = os.urandom(1000)


def links(text: str) -> tuple[Link, ...]:
    return chain(Ask("m", (Message(Role.USER, (Text(text),)),)))


ONE, OTHER = links("a" * 3000), links("b" * 3000)


def prefix(of: tuple[Link, ...] = ONE, *, seconds: float = 20.0) -> Prefix:
    return Prefix("maker", "", ends_of(of), tokens=700, seconds=seconds)


class Passing(FakeClock):
    """A clock that also goes on from another thread, where nobody waits for it."""

    def pass_by(self, seconds: float) -> None:
        self._now += seconds


class House:
    """A machine with a folder of its own, and what it has in the bucket."""

    def __init__(
        self,
        folder: Path,
        shelf: Bucket,
        clock: FakeClock,
        *,
        secret: bytes = b"ours",
        most: int = 3000,
    ) -> None:
        self.where = f"s3://{bucket.NAME}/pre/{mark(secret)}"
        blobs = open_bucket(self.where, shelf.environment, setting="prefix_store")
        store = FarStore(blobs, secret=secret, clock=clock)
        self.far = FarPrefixes(store, where=self.where, most_bytes=5000, clock=clock)
        self.near = SavedPrefixes(folder, most_bytes=most, secret=secret, clock=clock, far=self.far)

    def keep(self, what: Prefix, content: bytes = CONTENT) -> None:
        part = self.near.part("x")
        (self.near.folder / part).write_bytes(content)
        assert self.near.keep(part, what, size=len(content))

    async def sync(self) -> None:
        await self.near.share()

    def find(self, of: tuple[Link, ...] = ONE) -> Found | None:
        return self.near.find("maker", "", of)

    async def bring(self, of: tuple[Link, ...] = ONE) -> bytes | None:
        """What an engine would read of it."""
        found = self.find(of)
        if found is None or not await anyio.to_thread.run_sync(self.near.check, found):
            return None
        return (self.near.folder / found.file).read_bytes()

    @property
    def files(self) -> set[str]:
        return {path.suffix for path in self.near.folder.iterdir()}


@pytest.fixture
def clock() -> Passing:
    return Passing()


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs_module, "FAR_PIECE", 400)


@pytest.fixture
def shelf(clock: FakeClock) -> Iterator[Bucket]:
    with bucket.lent() as lent:
        lent.wall = clock.wall
        yield lent


@pytest.fixture
def one(tmp_path: Path, shelf: Bucket, clock: FakeClock) -> House:
    return House(tmp_path / "one", shelf, clock)


@pytest.fixture
def two(tmp_path: Path, shelf: Bucket, clock: FakeClock) -> House:
    return House(tmp_path / "two", shelf, clock)


def key(shelf: Bucket, suffix: str = BODY) -> str:
    (found,) = [each for each in shelf.objects if each.endswith(suffix)]
    return found


def events(said: list[object]) -> list[object]:
    return [event["event"] for event in said if isinstance(event, dict)]


async def shared(one: House, two: House, *kept: Prefix) -> None:
    for each in kept or (prefix(),):
        one.keep(each)
    await one.sync()
    await two.sync()


async def test_what_one_keeps_is_brought_by_the_other_and_lies_in_its_folder_then(
    one: House, two: House, shelf: Bucket
) -> None:
    await shared(one, two)
    assert await two.bring() == CONTENT
    shelf.asked.clear()
    assert await two.bring() == CONTENT
    await two.sync()
    assert [line for line in shelf.asked if BODY in line] == []
    assert two.files == {".kv", ".note"}
    assert two.near.folder.stat().st_mode & 0o77 == 0


async def test_what_the_folder_has_as_much_of_is_not_fetched(one: House, two: House) -> None:
    two.keep(prefix(ONE[:4]))
    await shared(one, two)
    near = two.find(ONE[:4])
    assert near
    assert near.prefix.end == ONE[3].end
    more = two.find()
    assert more
    assert more.prefix.end == ONE[-1].end


async def test_the_first_fetch_measures_and_what_comes_too_slowly_is_read_anew(
    one: House, two: House, shelf: Bucket, clock: Passing
) -> None:
    await shared(one, two, prefix(seconds=20), prefix(OTHER, seconds=2))
    shelf.heard = lambda line: slow_down(clock, line)
    assert await two.bring() == CONTENT  # three pieces of a second
    assert two.find(OTHER) is None
    await clock.advance(601)
    assert two.find(OTHER)


def slow_down(clock: Passing, line: str) -> None:
    clock.pass_by(line.startswith("GET") and line.endswith(BODY))


async def test_a_fetch_that_turns_out_slower_than_reading_is_left(
    one: House, two: House, shelf: Bucket, clock: Passing
) -> None:
    await shared(one, two, prefix(seconds=2))
    shelf.asked.clear()
    shelf.heard = lambda line: slow_down(clock, line)
    assert await two.bring() is None
    assert [line[:3] for line in shelf.asked] == ["HEA", "GET"]
    assert two.files == set()
    assert two.find() is None


async def test_a_fetch_that_hangs_is_left_when_the_prompt_would_have_been_read(
    one: House, two: House, shelf: Bucket
) -> None:
    await shared(one, two, prefix(seconds=0.05))
    is_over = threading.Event()
    shelf.heard = lambda _: is_over.wait(20)
    assert await two.bring() is None
    is_over.set()
    assert two.files == set()
    assert two.find() is None


async def test_a_store_that_goes_in_mid_fetch_is_told_of_once_and_when_it_is_back(
    one: House, two: House, shelf: Bucket
) -> None:
    await shared(one, two)

    def go(line: str) -> None:
        if line.startswith("GET"):
            shelf.refuses = 403

    shelf.heard = go
    with capture_logs() as said:
        assert await two.bring() is None
        await two.sync()
        assert two.find() is None
        two.keep(prefix(OTHER))
        assert await two.bring(OTHER) == CONTENT
        shelf.heard, shelf.refuses = str, None
        await two.sync()
        await two.sync()
    assert events([*said]) == ["kv.far_unusable", "kv.far_usable"]
    assert await two.bring() == CONTENT
    assert len([each for each in shelf.objects if each.endswith(BODY)]) == 2


def flip(shelf: Bucket) -> None:
    content, at = shelf.objects[key(shelf)]
    shelf.objects[key(shelf)] = (bytes([content[0] ^ 1]) + content[1:], at)


def cut(shelf: Bucket) -> None:
    content, at = shelf.objects[key(shelf)]
    shelf.objects[key(shelf)] = (content[:-1], at)


def take(shelf: Bucket) -> None:
    del shelf.objects[key(shelf)]


@pytest.mark.parametrize("harm", [flip, cut, take])
async def test_what_was_harmed_far_away_reaches_no_engine_and_is_put_again_by_who_has_it(
    one: House, two: House, shelf: Bucket, harm: Callable[[Bucket], None]
) -> None:
    await shared(one, two)
    harm(shelf)
    with capture_logs() as said:
        assert await two.bring() is None
        assert two.find() is None
    assert events([*said]) == ["kv.dropped"]
    assert two.files == set()
    await two.sync()
    assert shelf.objects == {}
    await shared(one, two, prefix(OTHER))
    assert await two.bring() == CONTENT


async def test_a_body_that_is_cut_while_it_comes_reaches_no_engine(
    one: House, two: House, shelf: Bucket
) -> None:
    await shared(one, two)
    shelf.heard = lambda line: (
        line.startswith("GET")
        and shelf.objects.update({key(shelf): (CONTENT[:300], datetime.now(UTC))})
    )
    assert await two.bring() is None
    assert two.files == set()


async def test_what_another_has_put_anew_meanwhile_is_not_deleted_as_broken(
    one: House, two: House, shelf: Bucket
) -> None:
    await shared(one, two)
    take(shelf)
    assert await two.bring() is None
    shelf.objects.clear()
    one.near.drop(Found(prefix(), 64), why="read again")
    one.keep(prefix(), CONTENT[::-1])
    await one.sync()
    await two.sync()
    assert await two.bring() == CONTENT[::-1]


async def test_a_house_of_another_secret_sees_and_deletes_nothing(
    one: House, two: House, tmp_path: Path, shelf: Bucket, clock: FakeClock
) -> None:
    stranger = House(tmp_path / "three", shelf, clock, secret=b"theirs")
    await shared(one, two)
    before = dict(shelf.objects)
    await stranger.sync()
    assert stranger.find() is None
    stranger.keep(prefix())
    await stranger.sync()
    assert before.items() < shelf.objects.items()
    assert await two.bring() == CONTENT


async def test_what_a_server_could_not_restore_is_brought_no_more_until_it_is_put_anew(
    one: House, two: House, shelf: Bucket
) -> None:
    await shared(one, two)
    found = two.find()
    assert found
    assert await two.bring()
    two.near.drop(found, why="not restored")
    await two.sync()
    assert two.find() is None
    assert key(shelf)
    two.keep(prefix())
    await two.sync()
    for path in two.near.folder.iterdir():
        path.unlink()
    assert await two.bring() == CONTENT


async def test_what_is_too_large_for_the_folder_is_not_brought(
    one: House, tmp_path: Path, shelf: Bucket, clock: FakeClock
) -> None:
    small = House(tmp_path / "small", shelf, clock, most=999)
    await shared(one, small)
    assert small.find() is None


async def test_a_folder_that_cannot_be_written_brings_nothing_and_fails_nothing(
    one: House, two: House
) -> None:
    await shared(one, two)
    two.near.folder.rmdir()
    two.near.folder.write_bytes(b"")
    with capture_logs() as said:
        assert await two.bring() is None
    assert events([*said]) == ["kv.unusable"]


async def test_what_is_on_its_way_is_not_fetched_twice_nor_more_than_four_at_once(
    one: House, shelf: Bucket, clock: FakeClock, tmp_path: Path
) -> None:
    two = House(tmp_path / "two", shelf, clock, most=9000)  # none gives way before it is read
    prompts = [links(f"{number}" * 3000) for number in range(5)]
    for prompt in prompts:
        await shared(one, two, prefix(prompt))
    first, *_, last = map(two.find, prompts)
    assert first
    assert last
    held, go, brought = threading.Semaphore(0), threading.Event(), list[bytes | None]()

    def hold(line: str) -> None:
        if line.startswith("GET"):
            held.release()
            assert go.wait(20)

    async def bring(prompt: tuple[Link, ...]) -> None:
        brought.append(await two.bring(prompt))

    async with anyio.create_task_group() as tasks:
        shelf.heard = hold
        tasks.start_soon(bring, prompts[0])
        await anyio.to_thread.run_sync(held.acquire)
        assert not await anyio.to_thread.run_sync(two.near.check, first)
        for prompt in prompts[1:4]:
            tasks.start_soon(bring, prompt)
            await anyio.to_thread.run_sync(held.acquire)
        assert two.find(prompts[4]) is None
        assert not await anyio.to_thread.run_sync(two.near.check, last)
        go.set()
    assert brought == [CONTENT] * 4
    assert two.find(prompts[4])


async def test_what_is_worth_least_gives_way_in_the_bucket_too(
    one: House, two: House, shelf: Bucket, clock: FakeClock
) -> None:
    for number in range(7):
        one.keep(prefix(links(f"{number}" * 3000), seconds=1 + number))
        await one.sync()
        bodies = [content for name, (content, _) in shelf.objects.items() if name.endswith(BODY)]
        assert sum(map(len, bodies)) <= 5000
    await two.sync()
    assert [bool(two.find(links(f"{n}" * 3000))) for n in range(7)] == [False] * 2 + [True] * 5


async def test_what_others_left_half_written_counts_until_it_is_swept(
    one: House, shelf: Bucket
) -> None:
    place = one.where.removeprefix(f"s3://{bucket.NAME}/")
    shelf.objects[f"{place}/{'0' * 40}.{'0' * 64}.kv"] = (bytes(4500), shelf.now)
    one.keep(prefix())
    await one.sync()
    assert len(shelf.objects) == 1


async def test_a_prefix_that_is_used_is_noted_so_once_an_hour(
    one: House, two: House, shelf: Bucket, clock: FakeClock
) -> None:
    await shared(one, two)
    shelf.age(key(shelf, ".note"), datetime.fromtimestamp(clock.wall() - 7200, UTC))
    await two.sync()
    shelf.asked.clear()
    for _ in range(3):
        assert await two.bring()
        await two.sync()
    assert [line[:3] for line in shelf.asked if line.startswith("PUT")] == ["PUT"]


async def test_what_is_kept_is_shared_each_minute(
    one: House, shelf: Bucket, clock: FakeClock
) -> None:
    one.keep(prefix())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one.near.run)
        with anyio.fail_after(20):
            while len(shelf.objects) < 2:
                await anyio.sleep(0.001)
            one.keep(prefix(OTHER))
            while len(shelf.objects) < 4:
                await clock.advance(61)
                await anyio.sleep(0.001)
        tasks.cancel_scope.cancel()


async def test_without_a_far_store_nothing_is_shared(tmp_path: Path, clock: FakeClock) -> None:
    alone = SavedPrefixes(tmp_path, most_bytes=1, secret=b"", clock=clock)
    await alone.share()
    await alone.run()


async def test_a_bucket_that_is_not_there_stops_nothing(one: House, shelf: Bucket) -> None:
    shelf.refuses = 404
    with capture_logs() as said:
        await one.sync()
    assert events([*said]) == ["kv.far_unusable"]
