"""Stores, and how far their files are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from seedbed.core.errors import JobRefused, ObjectUnknown, RequestMalformed
from seedbed.core.job import Owner, State
from seedbed.core.object import Object
from seedbed.core.value import changed
from seedbed.kit.clock import FakeClock
from seedbed.knowledge import stores
from seedbed.knowledge.stores import Added
from tests.api.openai.vector_stores.rooms import Room, rooms

pytestmark = pytest.mark.anyio

OWNER = Owner("u", "p", "p0")
STORE = {"name": "", "description": None, "metadata": {}, "days": None, "model": "reader"}


@pytest.fixture
def room(home: Path, clock: FakeClock) -> Iterator[Room]:
    with rooms(home, clock) as opened:
        opened.inner.key("p")
        yield opened


def added(*files: str) -> list[Added]:
    return [Added(one, "a.txt", "0" * 64, {}, 800, 400) for one in files]


async def made(room: Room) -> Object:
    return await room.stores.create("p", {**STORE, "window": 512})


async def test_a_store_has_so_many_files_and_no_more(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "MOST_FILES", 2)
    store = await made(room)
    await room.stores.add(store, added("file-a", "file-b"), OWNER)
    await room.stores.add(store, added("file-b"), OWNER)
    with pytest.raises(RequestMalformed, match="a store has at most 2"):
        await room.stores.add(store, added("file-c"), OWNER)


async def test_more_files_than_a_page_are_all_told(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "MOST_LISTED", 2)
    store = await made(room)
    await room.stores.add(store, added(*"abcde"), OWNER)
    assert [one.body["file"] for one in await room.stores.files(store)] == list("abcde")


async def test_files_whose_job_was_never_submitted_have_failed(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise JobRefused("No.", hint="")

    store = await made(room)
    monkeypatch.setattr(type(room.inner.jobs), "submit", refuse)
    with pytest.raises(JobRefused):
        await room.stores.add(store, added("file-a"), OWNER)
    one = await room.stores.file(store, "file-a")
    assert one.body["status"] == "failed"
    batch = await room.stores.batch(store, str(one.body["batch"]))
    assert await room.stores.state(batch) is State.FAILED


async def test_files_of_a_batch_that_is_gone_have_failed(room: Room) -> None:
    store = await made(room)
    batch = await room.stores.add(store, added("file-a"), OWNER)
    await room.stores.objects.remove(batch.kind, batch.id, "p")
    assert (await room.stores.file(store, "file-a")).body["status"] == "failed"


async def test_what_is_deleted_is_not_noted_as_used(room: Room, clock: FakeClock) -> None:
    store = await made(room)
    await clock.advance(120)
    await room.stores.remove(store)
    await room.stores.used(store)
    with pytest.raises(ObjectUnknown):
        await room.stores.find(store.id, "p")


async def test_a_file_that_its_job_did_meanwhile_is_told_as_it_is_now(
    room: Room,
) -> None:
    store = await made(room)
    await room.stores.add(store, added("file-a"), OWNER)
    (was,) = await room.stores.files(store)
    done = changed(was, body={**was.body, "status": "completed"})
    await room.stores.objects.change(was.kind, was.id, "p", lambda _: done)
    now = await room.stores._now(was, None)  # pyright: ignore[reportPrivateUsage]
    assert now.body["status"] == "completed"
