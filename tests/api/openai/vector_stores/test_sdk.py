"""Vector stores by OpenAI's own client: filled by a job, searched, changed, and nobody else's."""

import threading
from collections.abc import Iterator
from pathlib import Path

import anyio
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types import FileObject, VectorStore

from seedbed.kit.clock import FakeClock, SystemClock
from tests.api.openai.vector_stores.rooms import Room, rooms
from tests.api.running import served
from tests.kit.media.made import picture

pytestmark = pytest.mark.anyio
A_DAY = 86_400


@pytest.fixture
def room(home: Path, clock: FakeClock) -> Iterator[Room]:
    with rooms(home, clock) as opened:
        yield opened


async def uploaded(client: AsyncOpenAI, said: str | bytes, name: str = "a.txt") -> FileObject:
    data = said.encode() if isinstance(said, str) else said
    return await client.files.create(file=(name, data), purpose="assistants")


async def filled(room: Room, client: AsyncOpenAI, *said: str) -> tuple[VectorStore, list[str]]:
    """A store with these files in it, indexed."""
    files = [(await uploaded(client, one, f"{at}.txt")).id for at, one in enumerate(said)]
    store = await client.vector_stores.create(name="notes", file_ids=files)
    await room.worked()
    return store, files


def sync_client(room: Room, url: str) -> OpenAI:
    return OpenAI(base_url=f"{url}/v1", api_key=room.inner.key("p"), max_retries=0)


@pytest.mark.slow
def test_files_are_uploaded_indexed_and_found_by_the_client(home: Path) -> None:
    """The whole way: the client, the door, a job, a worker, and the index."""
    done = threading.Event()

    async def work() -> None:
        async with room.working():
            while not done.is_set():
                await anyio.sleep(0.01)

    with (
        rooms(home, SystemClock()) as room,
        served(room.app) as url,
        sync_client(room, url) as client,
    ):
        worker = threading.Thread(target=anyio.run, args=(work,))
        worker.start()
        try:
            store = client.vector_stores.create(name="zoo")
            one = client.vector_stores.files.upload_and_poll(
                vector_store_id=store.id,
                file=("a.md", b"# Apes\n\nApes eat figs."),
                poll_interval_ms=10,
            )
            assert (one.status, one.last_error, one.usage_bytes) == ("completed", None, 22)
            many = client.vector_stores.file_batches.upload_and_poll(
                store.id,
                files=[("b.txt", b"Bees make honey."), ("c.png", picture())],
                poll_interval_ms=10,
            )
            assert many.status == "completed"
            assert (many.file_counts.completed, many.file_counts.failed) == (1, 1)
        finally:
            done.set()
            worker.join()
        found = client.vector_stores.search(store.id, query="who makes honey?")
        best = found.data[0]
        assert (best.filename, best.content[0].text) == ("b.txt", "Bees make honey.")
        assert best.score == 1.0
        assert client.vector_stores.retrieve(store.id).file_counts.total == 3


async def test_a_store_is_told_as_its_type_says(room: Room) -> None:
    async with room.client() as client:
        made = await client.vector_stores.create(
            name="notes",
            description="of mine",
            metadata={"a": "b"},
            expires_after={"anchor": "last_active_at", "days": 2},
        )
        assert (made.object, made.name, made.metadata) == ("vector_store", "notes", {"a": "b"})
        assert (made.status, made.usage_bytes) == ("completed", 0)
        assert made.file_counts.to_dict() == dict.fromkeys(
            ("in_progress", "completed", "failed", "cancelled", "total"), 0
        )
        assert made.expires_at == made.created_at + 2 * A_DAY
        assert await client.vector_stores.retrieve(made.id) == made
        later = await client.vector_stores.update(
            made.id, name="ours", expires_after={"anchor": "last_active_at", "days": 3}
        )
        assert (later.name, later.metadata) == ("ours", {"a": "b"})
        assert later.expires_at == made.created_at + 3 * A_DAY
        again = await client.vector_stores.update(made.id, metadata={"c": "d"})
        assert (again.name, again.metadata, again.expires_at) == (
            "ours",
            {"c": "d"},
            later.expires_at,
        )
        other = await client.vector_stores.create(metadata=None)
        assert [one.id async for one in client.vector_stores.list(limit=1)] == [other.id, made.id]
        assert (await client.vector_stores.delete(made.id)).deleted
        assert [one.id async for one in client.vector_stores.list()] == [other.id]


async def test_a_store_that_nobody_uses_is_gone_in_its_time(room: Room, clock: FakeClock) -> None:
    async with room.client() as client:
        made = await client.vector_stores.create(
            expires_after={"anchor": "last_active_at", "days": 1}
        )
        for _ in range(3):
            await clock.advance(A_DAY * 0.75)
            await client.vector_stores.search(made.id, query="is it still there?")
        await clock.advance(A_DAY)
        with pytest.raises(openai.NotFoundError):
            await client.vector_stores.retrieve(made.id)


async def test_a_question_is_answered_by_whoever_has_its_words(room: Room) -> None:
    async with room.client() as client:
        store, files = await filled(room, client, "Apes eat figs.", "Bees make honey.", "北京很大")
        found = await client.vector_stores.search(store.id, query="honey bees", max_num_results=1)
        (best,) = found.data
        assert (best.file_id, best.filename, best.attributes) == (files[1], "1.txt", {})
        (best,) = (
            await client.vector_stores.search(
                store.id,
                query=["北京", "北京很大"],
                rewrite_query=True,
                ranking_options={"ranker": "auto", "score_threshold": 0.99},
            )
        ).data
        assert best.file_id == files[2]
    asked = room.asked[0]
    assert (asked.ask.model, asked.principal.project) == ("reader", "p")
    assert asked.request_id.startswith("req_")


async def test_weights_say_what_counts(room: Room) -> None:
    async with room.client() as client:
        store, files = await filled(room, client, "Apes eat figs.", "Bees make honey.")
        found = await client.vector_stores.search(
            store.id,
            query="figs",
            ranking_options={
                "ranker": "none",
                "hybrid_search": {"embedding_weight": 0, "text_weight": 1},  # type: ignore[typeddict-unknown-key]
            },
        )
        assert [one.file_id for one in found.data] == files[:1], "the other has none of the words"


async def test_filters_bound_a_search_by_attributes(room: Room) -> None:
    async with room.client() as client:
        store, files = await filled(room, client, "One.", "Two.")
        told = await client.vector_stores.files.update(
            files[0], vector_store_id=store.id, attributes={"year": 2024, "final": True}
        )
        assert told.attributes == {"year": 2024, "final": True}
        for kind, value, has in (("eq", 2024, 1), ("gt", 2023, 1), ("lt", 2023, 0)):
            found = await client.vector_stores.search(
                store.id,
                query="One.",
                filters={"type": kind, "key": "year", "value": value},  # type: ignore[arg-type]
            )
            assert [one.file_id for one in found.data] == files[:has]
        found = await client.vector_stores.search(
            store.id,
            query="One.",
            filters={
                "type": "or",
                "filters": [
                    {"type": "in", "key": "year", "value": [1, 2]},
                    {"type": "ne", "key": "final", "value": True},
                ],
            },
        )
        assert [one.file_id for one in found.data] == files[1:]


async def test_a_file_is_told_as_its_type_says(room: Room) -> None:
    async with room.client() as client:
        file = await uploaded(client, "One.\n\nTwo.")
        store = await client.vector_stores.create()
        files = client.vector_stores.files
        made = await files.create(
            store.id,
            file_id=file.id,
            attributes={"a": "b"},
            chunking_strategy={
                "type": "static",
                "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 50},
            },
        )
        assert (made.id, made.status, made.attributes) == (file.id, "in_progress", {"a": "b"})
        assert (await client.vector_stores.retrieve(store.id)).status == "in_progress"
        await room.worked()
        done = await files.retrieve(file.id, vector_store_id=store.id)
        assert (done.status, done.usage_bytes) == ("completed", 10)
        assert done.chunking_strategy
        assert done.chunking_strategy.to_dict()["static"] == {
            "max_chunk_size_tokens": 100,
            "chunk_overlap_tokens": 50,
        }
        parts = [one.text async for one in files.content(file.id, vector_store_id=store.id)]
        assert parts == ["One.\n\nTwo."]
        assert (await files.delete(file.id, vector_store_id=store.id)).deleted
        assert (await client.vector_stores.search(store.id, query="One")).data == []
        assert await room.index.texts(store.id, file.id) == []
        assert (await client.files.retrieve(file.id)).id == file.id, "the file itself stays"


async def test_a_file_that_is_put_in_again_is_there_once(room: Room) -> None:
    async with room.client() as client:
        store, files = await filled(room, client, "One.")
        await client.vector_stores.files.create(store.id, file_id=files[0], attributes={"a": 1})
        await room.worked()
        listed = [one async for one in client.vector_stores.files.list(store.id)]
        assert [(one.id, one.attributes) for one in listed] == [(files[0], {"a": 1})]


async def test_lists_of_files_are_paged_and_filtered(room: Room) -> None:
    async with room.client() as client:
        store, files = await filled(room, client, "One.", "Two.", "Three.")
        other = await uploaded(client, "Four.")
        await client.vector_stores.files.create(store.id, file_id=other.id)
        list_ = client.vector_stores.files.list
        assert [one.id async for one in list_(store.id, limit=2, order="asc")] == [*files, other.id]
        assert [one.id async for one in list_(store.id, filter="in_progress")] == [other.id]
        with pytest.raises(openai.BadRequestError, match="Parameter 'filter'"):
            await list_(store.id, filter="done")  # type: ignore[arg-type]
        with pytest.raises(openai.NotFoundError):
            await list_(store.id, after="file-1")


async def test_a_file_that_cannot_be_read_fails_alone(room: Room) -> None:
    async with room.client() as client:
        sound, blind = await uploaded(client, "One."), await uploaded(client, picture(), "a.png")
        empty, gone = await uploaded(client, " "), await uploaded(client, "Two.")
        store = await client.vector_stores.create()
        batches = client.vector_stores.file_batches
        ids = [sound.id, blind.id, empty.id, gone.id]
        made = await batches.create(store.id, file_ids=ids)
        assert (made.status, made.file_counts.in_progress) == ("in_progress", 4)
        await client.files.delete(gone.id)
        await room.inner.artifacts.sweep()
        await room.worked()
        done = await batches.retrieve(made.id, vector_store_id=store.id)
        assert (done.status, done.file_counts.completed) == ("completed", 1)
        listed = batches.list_files(made.id, vector_store_id=store.id, order="asc")
        errors = [one.last_error async for one in listed]
        assert [error and error.code for error in errors] == [
            None,
            "unsupported_file",
            "invalid_file",
            "invalid_file",
        ]


async def test_a_batch_that_is_cancelled_indexes_no_more(room: Room) -> None:
    async with room.client() as client:
        file = await uploaded(client, "One.")
        store = await client.vector_stores.create()
        batches = client.vector_stores.file_batches
        said = [{"file_id": file.id, "attributes": {"a": "b"}}]
        made = await batches.create(store.id, files=said)  # type: ignore[arg-type]
        ended = await batches.cancel(made.id, vector_store_id=store.id)
        assert (ended.status, ended.file_counts.cancelled) == ("cancelled", 1)
        again = await batches.cancel(made.id, vector_store_id=store.id)
        assert again.status == "cancelled"
        (one,) = [one async for one in client.vector_stores.files.list(store.id)]
        assert (one.status, one.attributes) == ("cancelled", {"a": "b"})


async def test_another_projects_ids_are_unknown(room: Room) -> None:
    async with room.client() as mine, room.client("q") as theirs:
        store, (file,) = await filled(room, mine, "One.")
        batch = await mine.vector_stores.file_batches.create(store.id, file_ids=[file])
        own = await theirs.vector_stores.create()
        stores = theirs.vector_stores
        for ask in (
            lambda: stores.retrieve(store.id),
            lambda: stores.update(store.id, name="x"),
            lambda: stores.delete(store.id),
            lambda: stores.search(store.id, query="x"),
            lambda: stores.create(file_ids=[file]),
            lambda: stores.files.create(own.id, file_id=file),
            lambda: stores.files.retrieve(file, vector_store_id=store.id),
            lambda: stores.files.retrieve(file, vector_store_id=own.id),
            lambda: stores.files.delete(file, vector_store_id=own.id),
            lambda: stores.files.content(file, vector_store_id=store.id),
            lambda: stores.file_batches.retrieve(batch.id, vector_store_id=store.id),
            lambda: stores.file_batches.retrieve(batch.id, vector_store_id=own.id),
            lambda: stores.file_batches.cancel(batch.id, vector_store_id=own.id),
        ):
            with pytest.raises(openai.NotFoundError):
                await ask()
        assert [one.id async for one in stores.list()] == [own.id]
        other = await mine.vector_stores.create()
        with pytest.raises(openai.NotFoundError):
            await mine.vector_stores.file_batches.retrieve(batch.id, vector_store_id=other.id)


async def test_without_a_model_of_vectors_there_are_no_stores(room: Room) -> None:
    room.reader = None
    async with room.client() as client:
        with pytest.raises(openai.InternalServerError, match="no model here turns") as refused:
            await client.vector_stores.create()
    assert refused.value.status_code == 501


async def test_a_model_that_is_gone_is_named(room: Room) -> None:
    async with room.client() as client:
        store, _ = await filled(room, client, "One.")
        one = await room.stores.find(store.id, "p")
        await room.stores.change(one, {"model": "old"})
        with pytest.raises(openai.NotFoundError, match="'old'"):
            await client.vector_stores.search(store.id, query="One.")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"chunking_strategy": {"type": "static"}}, "chunking_strategy.static"),
        (
            {
                "chunking_strategy": {
                    "type": "static",
                    "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 51},
                }
            },
            "chunking_strategy.static",
        ),
        ({"attributes": {"a": [1]}}, "attributes[...]"),
    ],
)
async def test_how_a_file_is_put_in_is_checked(room: Room, said: object, field: str) -> None:
    async with room.client() as client:
        file = await uploaded(client, "One.")
        store = await client.vector_stores.create()
        with pytest.raises(openai.BadRequestError) as refused:
            await client.vector_stores.files.create(store.id, file_id=file.id, extra_body=said)
        assert refused.value.param == field


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"filters": {"type": "and"}}, "filters"),
        ({"filters": {"type": "or", "filters": [{"type": "eq"}]}}, "filters.filters[0]"),
        ({"filters": {"type": "in", "key": "a", "value": 1}}, "filters"),
        ({"filters": {"type": "eq", "key": "a", "value": [1]}}, "filters"),
        ({"filters": {"type": "gt", "key": "a", "value": True}}, "filters"),
        ({"max_num_results": 51}, "max_num_results"),
        (
            {
                "ranking_options": {
                    "hybrid_search": {"embedding_weight": 0, "text_weight": 0},
                }
            },
            "ranking_options.hybrid_search",
        ),
        ({"query": []}, "query"),
    ],
)
async def test_a_search_is_checked(room: Room, said: object, field: str) -> None:
    async with room.client() as client:
        store = await client.vector_stores.create()
        with pytest.raises(openai.BadRequestError) as refused:
            await client.vector_stores.search(store.id, query="x", extra_body=said)
        assert refused.value.param == field


async def test_a_batch_names_its_files_in_one_way(room: Room) -> None:
    async with room.client() as client:
        store = await client.vector_stores.create()
        for said in ({}, {"file_ids": ["a"], "files": [{"file_id": "a"}]}):
            with pytest.raises(openai.BadRequestError):
                await client.vector_stores.file_batches.create(store.id, extra_body=said)
