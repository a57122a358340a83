"""Chats that are kept: found, listed, changed and deleted by OpenAI's own client."""

from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletionMessageParam

from seedbed.api.openai import stored
from seedbed.core.access import Scope
from seedbed.core.errors import CapacityExceeded, EngineFailed, StoreUnusable
from seedbed.core.message import Text
from seedbed.core.object import Object
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock, SystemClock
from seedbed.store.database import open_database
from seedbed.store.objects import Objects
from tests.api.openai.test_sdk import stranger
from tests.api.running import WINDOW, House, alive, build, make_key, served

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

A: list[ChatCompletionMessageParam] = [{"role": "user", "content": "a"}]


@pytest.fixture
async def house(home: Path, clock: FakeClock) -> AsyncGenerator[House]:
    broke = EngineFailed("late", why="its process ended")
    engines = {
        "echo": Scripted("echo", window=WINDOW),
        "other": Scripted("other", window=WINDOW),
        "full": Scripted("full", window=WINDOW, error=CapacityExceeded("full", places=4)),
        "late": Scripted("late", window=WINDOW, error=broke, fails_after=1, script=[Text("a b")]),
    }
    app = build(engines, home=home, clock=clock)
    async with alive(app):
        yield House(app, make_key(home, Scope.MODELS), home, clock)


@pytest.fixture
async def client(house: House) -> AsyncGenerator[AsyncOpenAI]:
    async with AsyncOpenAI(
        base_url="http://house/v1", api_key=house.key, max_retries=0, http_client=house.client()
    ) as client:
        yield client


async def keep(client: AsyncOpenAI, model: str = "echo", **metadata: str) -> str:
    answer = await client.chat.completions.create(
        model=model, messages=A, store=True, metadata=metadata
    )
    return answer.id


async def ids(client: AsyncOpenAI, **query: object) -> list[str]:
    page = await client.chat.completions.list(**query)  # type: ignore[arg-type]  # what is asked
    return [one.id async for one in page]


async def test_a_stored_answer_is_found_as_it_was_told(client: AsyncOpenAI) -> None:
    made = await client.chat.completions.create(
        model="echo", messages=A, store=True, metadata={"for": "us"}
    )
    found = await client.chat.completions.retrieve(made.id)
    assert found.model_dump(exclude={"metadata"}) == made.model_dump(exclude={"metadata"})
    assert found.metadata == {"for": "us"}


async def test_a_streamed_answer_is_kept_whole(client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(model="echo", messages=A, store=True, stream=True)
    chunks = [chunk async for chunk in stream]
    found = await client.chat.completions.retrieve(chunks[0].id)
    assert found.object == "chat.completion"
    assert found.choices[0].message.content == "a"


@pytest.mark.parametrize("store", [False, None])
async def test_what_is_not_to_be_stored_is_not(client: AsyncOpenAI, *, store: bool | None) -> None:
    made = await client.chat.completions.create(model="echo", messages=A, store=store)
    with pytest.raises(openai.NotFoundError, match=r"There is no chat\.completion"):
        await client.chat.completions.retrieve(made.id)


@pytest.mark.parametrize("model", ["full", "late"])
async def test_what_did_not_come_to_its_end_is_not_kept(client: AsyncOpenAI, model: str) -> None:
    with pytest.raises(openai.APIStatusError):
        await keep(client, model)
    assert await ids(client) == []


async def test_an_answer_that_cannot_be_kept_is_none(
    client: AsyncOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Object) -> None:
        raise StoreUnusable("It is full.", hint="Wait.", reason="full")

    monkeypatch.setattr(Objects, "put", refuse)
    with pytest.raises(openai.InternalServerError, match="cannot be read or written"):
        await keep(client)


async def test_it_is_kept_for_thirty_days(house: House, client: AsyncOpenAI) -> None:
    id_ = await keep(client)
    with closing(open_database(house.home / "seedbed.db")) as database:
        one = await Objects(database, clock=house.clock).find(stored.KIND, id_, "p")
    assert one.until == one.at + 30 * 86_400 * 10**6


async def test_they_are_listed_in_order_and_page_by_page(client: AsyncOpenAI) -> None:
    made = [await keep(client) for _ in range(3)]
    assert await ids(client, limit=2) == made
    assert await ids(client, order="desc") == made[::-1]
    assert await ids(client, after=made[0]) == made[1:]
    page = await client.chat.completions.list(limit=3)
    assert not page.has_more


async def test_they_are_found_by_model_and_metadata(
    client: AsyncOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "MOST_LISTED", 1)  # few are wanted among many
    ours = await keep(client, who="us")
    other = await keep(client, "other", who="us", what="x")
    await keep(client, who="them")
    assert await ids(client, model="other") == [other]
    assert await ids(client, metadata={"who": "us"}) == [ours, other]
    assert await ids(client, metadata={"who": "us", "what": "x"}, limit=1) == [other]
    assert await ids(client, model="none") == []


async def test_its_metadata_can_be_changed_and_taken_away(client: AsyncOpenAI) -> None:
    id_ = await keep(client, a="1")
    changed = await client.chat.completions.update(id_, metadata={"b": "2"})
    assert changed.metadata == {"b": "2"}
    assert await ids(client, metadata={"b": "2"}) == [id_]
    cleared = await client.chat.completions.update(id_, metadata=None)
    assert cleared.metadata == {}


async def test_a_deleted_one_is_gone(client: AsyncOpenAI) -> None:
    id_ = await keep(client)
    told = await client.chat.completions.delete(id_)
    assert (told.id, told.object, told.deleted) == (id_, "chat.completion.deleted", True)
    with pytest.raises(openai.NotFoundError):
        await client.chat.completions.delete(id_)


async def test_its_messages_are_listed_with_their_parts(client: AsyncOpenAI) -> None:
    parts: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "a"}]},
    ]
    made = await client.chat.completions.create(model="echo", messages=parts, store=True)
    page = await client.chat.completions.messages.list(made.id)
    assert [(one.id, one.content) for one in page.data] == [
        (f"{made.id}-0", "Be brief."),
        (f"{made.id}-1", None),
    ]
    assert [one.content_parts is None for one in page.data] == [True, False]
    later = await client.chat.completions.messages.list(made.id, after=f"{made.id}-0")
    assert [one.id for one in later.data] == [f"{made.id}-1"]


async def test_another_project_finds_none_of_it(house: House, client: AsyncOpenAI) -> None:
    id_ = await keep(client)
    async with stranger(house) as them:
        for wanted in (
            them.chat.completions.retrieve(id_),
            them.chat.completions.update(id_, metadata={}),
            them.chat.completions.delete(id_),
            them.chat.completions.messages.list(id_),
        ):
            with pytest.raises(openai.NotFoundError):
                await wanted
        assert await ids(them) == []
    assert await ids(client) == [id_]


async def test_a_key_without_the_right_is_not_let_in(house: House) -> None:
    key = make_key(house.home, Scope.METRICS, name="other")
    async with house.client(authorization=f"Bearer {key}") as client:
        assert (await client.get(stored.PATH)).status_code == 403


async def test_a_method_that_neither_a_call_nor_a_door_takes_is_told_what_both_do(
    house: House,
) -> None:
    async with house.client() as client:
        answer = await client.put(stored.PATH)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_the_other_client_keeps_and_finds_one(home: Path) -> None:
    app = build({"echo": Scripted("echo", window=WINDOW)}, home=home, clock=SystemClock())
    with (
        served(app) as url,
        OpenAI(base_url=f"{url}/v1", api_key=make_key(home, Scope.MODELS)) as client,
    ):
        made = client.chat.completions.create(model="echo", messages=A, store=True)
        assert [one.id for one in client.chat.completions.list()] == [made.id]
        assert [one.content for one in client.chat.completions.messages.list(made.id)] == ["a"]
        assert client.chat.completions.delete(made.id).deleted
