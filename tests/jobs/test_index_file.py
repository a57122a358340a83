"""Files are indexed: what was deleted is left out, and what cannot be paid ends it."""

from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx2
import pytest

from seedbed.core.errors import JobKeyless, ObjectUnknown
from seedbed.core.job import Job, Owner, State
from seedbed.core.object import Object
from seedbed.jobs.index_file import forget_indexes
from seedbed.kit.clock import SystemClock
from seedbed.knowledge.stores import Added
from seedbed.store.jobs import Filter
from seedbed.store.keys import Keys
from tests.api.files.doors import pieces
from tests.api.openai.vector_stores.rooms import Answer, Room, embed, rooms

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

STORE = {"name": "", "description": None, "metadata": {}, "days": None, "model": "reader"}


@pytest.fixture
def room(home: Path) -> Iterator[Room]:
    with rooms(home, SystemClock()) as opened:
        yield opened


async def begun(room: Room, *said: str) -> tuple[Object, list[str]]:
    """A store into which files are put that say this."""
    store = await room.stores.create("p", {**STORE, "window": 512})
    added = list[Added]()
    for at, one in enumerate(said):
        kept = await room.inner.artifacts.put(
            pieces(one.encode()), "text/plain", holder=f"file-{at}", project="p"
        )
        added.append(Added(f"file-{at}", f"{at}.txt", kept.hash, {}, 100, 50))
    who = await Keys(room.inner.database).find(room.inner.key("p"))
    assert who
    await room.stores.add(store, added, Owner(who.user, who.project, who.key))
    return store, [one.file for one in added]


async def ended(room: Room) -> Job:
    (job,) = await room.inner.jobs.newest(Filter(), last=1)
    return job


async def states(room: Room, store: Object) -> list[object]:
    return [one.body["status"] for one in await room.stores.files(store)]


def refusing(status: int) -> Answer:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, json={"error": {"message": "It is refused."}})

    return answer


async def test_a_file_that_was_taken_out_is_left_out(room: Room) -> None:
    store, (first, second) = await begun(room, "One.", "Two.")
    await room.stores.take_out(store, first)
    await room.worked()
    assert (await ended(room)).result == {"indexed": 1}
    assert await room.index.texts(store.id, first) == []
    assert await room.index.texts(store.id, second) == ["Two."]


async def test_a_file_that_is_taken_out_meanwhile_is_not_found(room: Room) -> None:
    store, (file,) = await begun(room, "One.")
    taken = anyio.Event()
    put = room.index.put

    async def slowly(*told: object) -> None:
        await put(*told)  # type: ignore[arg-type]
        await room.stores.take_out(store, file)
        taken.set()

    room.index.put = slowly  # type: ignore[method-assign]
    await room.worked()
    assert taken.is_set()
    assert await room.index.texts(store.id, file) == []


async def test_a_store_that_was_deleted_ends_its_job_and_is_forgotten(room: Room) -> None:
    store, _ = await begun(room, "One.")
    await room.index.put(store.id, "a", [])
    await room.index.put("vs_other", "a", [])
    await room.stores.objects.remove("vector_store", store.id, "p")
    await room.worked()
    job = await ended(room)
    assert job.fault
    assert (job.state, job.fault.code) == (State.FAILED, ObjectUnknown.code)
    await forget_indexes(room.stores.objects, room.index)
    assert await room.index.stores() == []


async def test_what_is_refused_fails_the_file(room: Room) -> None:
    store, _ = await begun(room, "One.")
    await room.worked(refusing(404))
    (one,) = await room.stores.files(store)
    assert one.body["error"] == {"code": "server_error", "message": "It is refused."}
    assert (await ended(room)).state is State.SUCCEEDED


async def test_a_budget_that_is_spent_ends_it_and_what_was_indexed_is_found(room: Room) -> None:
    asked = list[httpx2.Request]()

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return embed(request) if len(asked) == 1 else refusing(402)(request)

    store, _ = await begun(room, "One.", "Two.")
    await room.worked(answer)
    job = await ended(room)
    assert job.fault
    assert (job.state, job.result) == (State.FAILED, {"indexed": 1})
    assert job.fault.code == "budget_spent"
    first, second = await room.stores.files(store)
    assert first.body["status"] == "completed"
    assert second.body["status"] == "failed"
    assert second.body["error"] == {
        "code": "server_error",
        "message": f"{job.fault.what} {job.fault.hint}",
    }


async def test_a_key_that_is_not_valid_any_more_ends_it(room: Room) -> None:
    store, _ = await begun(room, "One.")
    await room.worked(refusing(401))
    job = await ended(room)
    assert job.fault
    assert job.fault.code == JobKeyless.code
    assert await states(room, store) == ["failed"]


async def test_one_whose_worker_ends_is_indexed_by_the_next(room: Room) -> None:
    keys, hung = set[str](), anyio.Event()

    def hang(request: httpx2.Request) -> httpx2.Response:
        keys.add(request.headers["idempotency-key"])
        hung.set()
        return httpx2.Response(503, headers={"retry-after": "15"}, json={})

    def answer(request: httpx2.Request) -> httpx2.Response:
        keys.add(request.headers["idempotency-key"])
        return embed(request)

    store, (file,) = await begun(room, "One.")
    async with room.working(hang):
        with anyio.fail_after(20):
            await hung.wait()
    await room.worked(answer)
    assert len(keys) == 1, "so that the door answers it once"
    assert await room.index.texts(store.id, file) == ["One."]
