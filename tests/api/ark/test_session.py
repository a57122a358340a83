"""What becomes of a session whose process, life or database ends while an ask is at work on it."""

from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path

import pytest

from seedbed.api.ark.context import CreateContext
from seedbed.api.ark.contexts import KIND, SESSION, Contexts, Exchange, Held, newest
from seedbed.api.ark.session import Conversing
from seedbed.api.openai.wire import WireMessage
from seedbed.core.access import Principal, Scope
from seedbed.core.ask import Ask
from seedbed.core.errors import ObjectBusy, ObjectUnknown, StoreUnusable
from seedbed.core.event import Event, Failed, Finished, Started, Stop, TextDelta
from seedbed.core.object import Object
from seedbed.core.usage import Usage
from seedbed.kit.clock import FakeClock
from seedbed.serving.account import Order
from seedbed.store.database import open_database
from seedbed.store.objects import Objects

pytestmark = pytest.mark.anyio

ID = "ctx-1"
SAID = [WireMessage("user", "one")]
ORDER = Order(Ask("m", ()), Principal("u", "p", "k", frozenset({Scope.MODELS})), "req_1")
FULL = StoreUnusable("The disk is full.", hint="Make room.", reason="full")


class Failing(Objects):
    """Objects that can be read, and not written any more."""

    is_full = False

    async def put(self, *objects: Object) -> None:
        if self.is_full:
            raise FULL
        await super().put(*objects)

    async def change(
        self, kind: str, id_: str, project: str, change: Callable[[Object], Object]
    ) -> Object:
        if self.is_full:
            raise FULL
        return await super().change(kind, id_, project, change)


@pytest.fixture
def objects(home: Path, clock: FakeClock) -> Iterator[Failing]:
    database = open_database(home / "seedbed.db")
    yield Failing(database, clock=clock)
    database.close()


@pytest.fixture
def contexts(objects: Failing, clock: FakeClock) -> Contexts:
    return Contexts(objects, clock, 60.0)


@pytest.fixture
async def session(contexts: Contexts) -> None:
    held = Held(
        model="m",
        mode=SESSION,
        ttl=3_600,
        truncation_strategy={},
        messages=[WireMessage("system", "be brief")],
        tokens=3,
    )
    await contexts.keep(ID, "p", held)


async def answered(order: Order) -> AsyncGenerator[Event]:
    yield Started(order.ask.model)
    yield TextDelta("Yes.")
    yield Finished(Stop.END, Usage(input_fresh=5, output_visible=1))


@pytest.mark.usefixtures("session")
async def test_a_session_whose_process_was_killed_is_free_after_the_longest_answer(
    contexts: Contexts, clock: FakeClock
) -> None:
    await contexts.take(ID, "p", "m")
    await clock.advance(60)
    with pytest.raises(ObjectBusy):
        await contexts.take(ID, "p", "m")
    await clock.advance(61)
    assert (await contexts.take(ID, "p", "m")).exchanges == []


@pytest.mark.usefixtures("session")
async def test_the_life_of_a_context_begins_anew_with_each_use(
    contexts: Contexts, clock: FakeClock
) -> None:
    for _ in range(2):
        await clock.advance(3_000)
        await contexts.take(ID, "p", "m")
    await clock.advance(3_600)
    with pytest.raises(ObjectUnknown):
        await contexts.take(ID, "p", "m")


@pytest.mark.usefixtures("session")
async def test_an_answer_outlives_the_session_that_it_was_asked_in(
    contexts: Contexts, objects: Failing
) -> None:
    events = Conversing(contexts, ID, SAID).generate(ORDER, answered)
    assert type(await anext(events)) is Started
    await objects.remove(KIND, ID, "p")
    assert [type(event) async for event in events] == [TextDelta, Finished]
    with pytest.raises(ObjectUnknown):
        await contexts.take(ID, "p", "m")


@pytest.mark.usefixtures("session")
async def test_an_answer_that_cannot_be_remembered_has_failed(
    contexts: Contexts, objects: Failing
) -> None:
    events = Conversing(contexts, ID, SAID).generate(ORDER, answered)
    assert type(await anext(events)) is Started
    objects.is_full = True
    last = [event async for event in events][-1]
    assert last == Failed(FULL)


@pytest.mark.usefixtures("session")
async def test_whoever_leaves_is_told_nothing_of_a_full_disk(
    contexts: Contexts, objects: Failing
) -> None:
    events = Conversing(contexts, ID, SAID).generate(ORDER, answered)
    assert type(await anext(events)) is Started
    objects.is_full = True
    await events.aclose()
    objects.is_full = False
    with pytest.raises(ObjectBusy):
        await contexts.take(ID, "p", "m")


async def test_a_context_that_cannot_be_kept_is_not_created(
    contexts: Contexts, objects: Failing
) -> None:
    objects.is_full = True
    body = b'{"model":"m","messages":[{"role":"user","content":"x"}]}'
    reading = CreateContext(contexts).read(body, request_id="req_1", now=1)
    assert reading.way
    last = [event async for event in reading.way.generate(ORDER, answered)][-1]
    assert last == Failed(FULL)


def exchange(role: str, tokens: int) -> Exchange:
    return Exchange([WireMessage("tool" if role == "tool" else "user", role)], tokens)


@pytest.mark.parametrize(
    ("most", "kept"),
    [(None, "abtc"), (9, "abtc"), (8, "btc"), (7, "btc"), (5, "c"), (3, "c"), (0, "")],
)
def test_the_newest_are_kept_whole_and_no_result_without_its_call(
    most: int | None, kept: str
) -> None:
    history = [exchange(*one) for one in (("a", 2), ("b", 2), ("tool", 2), ("c", 3))]
    found = newest(history, most)
    assert "".join(str(one.messages[0].content)[0] for one in found) == kept
