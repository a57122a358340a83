"""Counting and cutting into tokens: by the one road, and for nothing."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

import anyio
import pytest

from seedbed.core import errors
from seedbed.core.access import Principal, Scope
from seedbed.core.ask import Ask, CountAsk, Feature, Format, Priority, SceneAsk, TokenizeAsk
from seedbed.core.event import Counted, Event, Failed, Finished, Reply, Started, Stop, Tokenized
from seedbed.core.message import Media, MediaKind, Message, Role, Text
from seedbed.core.usage import Usage
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.account import Order
from seedbed.serving.counting import (
    BYTES_A_TOKEN,
    LONGEST_PROMPT,
    LONGEST_TEXTS,
    MOST_TEXTS,
    Counting,
)
from seedbed.serving.deployment import WAITING, LiveDeployment
from seedbed.serving.observing import Free, Record, Refusal
from seedbed.serving.way import Way
from seedbed.store.database import Database
from tests.serving.houses import PRINCIPAL, house, live, order, scripted, until

pytestmark = pytest.mark.anyio

ASK = Ask("m", (Message(Role.USER, (Text("one two three"),)),))
NOBODY = Principal("bob", "default", "key_2", frozenset[Scope]())


TOLD: list[Event] = [Started("m"), Counted(4), Finished(Stop.END, Usage())]


def counting(ask: Ask = ASK) -> Order:
    return Order(CountAsk(ask), PRINCIPAL, "req_1")


def cutting(*texts: str) -> Order:
    return Order(TokenizeAsk("m", texts), PRINCIPAL, "req_1")


def counter(
    lives: Sequence[LiveDeployment], clock: FakeClock, records: list[Record] | None = None
) -> Counting:
    """One that may ask each of these, the first before the others."""
    note = [].append if records is None else records.append
    return Counting(
        lambda order: Way(order, tuple(lives)), note, clock=clock, engine_within=1.0, longest=600.0
    )


async def events_of(counting: Counting, order: Order) -> list[Event]:
    assert isinstance(order.ask, CountAsk | TokenizeAsk | SceneAsk)
    async with aclosing(counting.generate(order, order.ask)) as events:
        return [event async for event in events]


def error_of(events: list[Event]) -> errors.SeedbedError:
    (only,) = events
    assert isinstance(only, Failed)
    return only.error


class Fixed(Scripted):
    """Answers each count with the same events, once it may."""

    def __init__(self, *events: Event, waits: bool = False) -> None:
        super().__init__("m", window=64)
        self._events, self._may = events, anyio.Event()
        self.counted: list[CountAsk] = []
        if not waits:
            self._may.set()

    def let(self) -> None:
        """Answer from now on."""
        self._may.set()

    async def count(self, ask: CountAsk) -> AsyncGenerator[Event]:
        self.counted.append(ask)
        await self._may.wait()
        for event in self._events:
            yield event


async def test_a_count_is_what_the_same_ask_reads(database: Database, clock: FakeClock) -> None:
    async with house(database, clock, [scripted()]) as h:
        counted = Reply.of(await h.events(counting())).counted
        answered = Reply.of(await h.events(order("one two three")))
    assert counted == answered.usage.input == 4


async def test_texts_are_cut_each_by_itself(database: Database, clock: FakeClock) -> None:
    async with house(database, clock, [scripted()]) as h:
        events = await h.events(cutting("one  two", "", "two"))
    one, none, two = Reply.of(events).tokenized
    assert events[0] == Started("m")
    assert events[-1] == Finished(Stop.END, Usage())
    assert one.offsets == ((0, 3), (5, 8))
    assert none == Tokenized(1, ())
    assert (two.ordinal, two.tokens) == (2, one.tokens[1:])


async def test_nothing_is_reserved_or_written(database: Database, clock: FakeClock) -> None:
    async with house(database, clock, [scripted()]) as h:
        await h.events(counting())
        await h.events(cutting("one"))
        assert h.meter.lease is None
        await h.meter.flush()
        assert h.ledger.entries(last=1) == []


async def test_each_is_noted_whether_it_is_answered_or_refused(clock: FakeClock) -> None:
    records: list[Record] = []
    both = counter([live(scripted(), clock)], clock, records)
    await events_of(both, counting())
    await events_of(both, cutting())
    assert records == [
        Free("req_1", "key_1", "m", clock.wall(), 0),
        Refusal("req_1", "key_1", "m", "request_malformed", clock.wall()),
    ]


async def test_it_takes_no_place_and_waits_for_none(database: Database, clock: FakeClock) -> None:
    only = live(scripted(), clock, places=1)
    async with house(database, clock, lives=[only]) as h:
        stream = h.gateway.generate(order())
        await anext(stream)  # it holds the one place
        with anyio.fail_after(20):
            assert isinstance((await h.events(counting()))[-1], Finished)
        await stream.aclose()


BAD = replace(ASK, format=Format("schema", schema={"type": 1}))
WIDE = replace(ASK, messages=(Message(Role.USER, (Text("x" * 64 * BYTES_A_TOKEN),)),))
LONG = replace(ASK, messages=(Message(Role.USER, (Text("x" * LONGEST_PROMPT),)),))


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (counting(replace(ASK, model="huge")), errors.ModelUnknown),
        (counting(BAD), errors.RequestMalformed),
        (counting(LONG), errors.RequestTooLarge),
        (counting(WIDE), errors.RequestTooLarge),
        (cutting("x" * LONGEST_TEXTS), errors.RequestTooLarge),
        (cutting(), errors.RequestMalformed),
        (cutting(*["x"] * (MOST_TEXTS + 1)), errors.RequestMalformed),
        (replace(counting(), principal=NOBODY), errors.ScopeMissing),
    ],
)
async def test_what_cannot_be_counted_is_refused(
    asked: Order, kind: type[errors.SeedbedError], database: Database, clock: FakeClock
) -> None:
    async with house(database, clock, [scripted()]) as h:
        assert isinstance(error_of(await h.events(asked)), kind)


async def test_an_engine_without_a_tokenizer_refuses_by_name(
    database: Database, clock: FakeClock
) -> None:
    engine = scripted()
    engine.features = engine.features - {Feature.TOKENS}
    async with house(database, clock, [engine]) as h:
        error = error_of(await h.events(counting()))
    assert isinstance(error, errors.FeatureUnserved)
    assert error.facts["feature"] == "tokens"


async def test_pictures_have_no_bound_here(clock: FakeClock) -> None:
    picture = Message(Role.USER, (Media(MediaKind.IMAGE, b"x" * LONGEST_PROMPT),))
    events = await events_of(
        counter([live(scripted(), clock)], clock), counting(replace(ASK, messages=(picture,)))
    )
    assert isinstance(events[-1], Finished)


async def test_an_upstream_counts_what_is_too_long_for_us(clock: FakeClock) -> None:
    one = live(scripted(), clock)
    one.deployment = replace(one.deployment, own_hardware=False)
    events = await events_of(counter([one], clock), counting(WIDE))
    assert isinstance(events[-1], Finished)


FAILED = Failed(errors.EngineFailed("m", why="it fell"))
REFUSED = Failed(errors.RequestMalformed("No.", hint="Change it.", field="messages"))


async def test_where_one_fails_the_next_is_asked(clock: FakeClock) -> None:
    first, second = Fixed(FAILED), Fixed(*TOLD)
    lives = [live(engine, clock, at=at) for at, engine in {"a": first, "b": second}.items()]
    assert await events_of(counter(lives, clock), counting()) == TOLD
    assert len(first.counted) == 1


async def test_what_one_refuses_no_other_is_asked(clock: FakeClock) -> None:
    first, second = Fixed(REFUSED), Fixed(*TOLD)
    lives = [live(engine, clock, at=at) for at, engine in {"a": first, "b": second}.items()]
    assert await events_of(counter(lives, clock), counting()) == [REFUSED]
    assert second.counted == []


@pytest.mark.parametrize("told", [(), TOLD[:2]])
async def test_a_stream_that_is_cut_off_is_no_answer(told: list[Event], clock: FakeClock) -> None:
    (failed,) = await events_of(counter([live(Fixed(*told), clock)], clock), counting())
    assert isinstance(failed, Failed)
    assert "cut off" in failed.error.what


async def test_an_engine_without_the_words_is_a_mistake_of_ours(clock: FakeClock) -> None:
    class Mute:
        features = frozenset(Feature)

    one = live(scripted(), clock)
    one.engine = Mute()  # type: ignore[assignment]  # which is the mistake
    with pytest.raises(TypeError, match="Mute names a feature"):
        await events_of(counter([one], clock), counting())


async def test_an_engine_is_told_its_own_name_for_the_model(clock: FakeClock) -> None:
    engine = Fixed(*TOLD)
    await events_of(counter([live(engine, clock)], clock), counting(replace(ASK, model="m@here")))
    assert engine.counted == [CountAsk(ASK)]


async def test_of_two_that_share_the_work_the_writer_counts(clock: FakeClock) -> None:
    reader, writer = Fixed(), Fixed(*TOLD)
    both = live(Fixed(), clock)
    both.parts = live(reader, clock), live(writer, clock)
    assert await events_of(counter([both], clock), counting()) == TOLD


async def test_a_deadline_ends_the_wait(clock: FakeClock) -> None:
    one = live(Fixed(waits=True), clock)
    (failed,) = await events_of(counter([one], clock), counting(replace(ASK, deadline=0.001)))
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, errors.DeadlineExceeded)


async def test_who_leaves_is_noted(clock: FakeClock) -> None:
    records: list[Record] = []
    engine = Fixed(waits=True)
    both = counter([live(engine, clock)], clock, records)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(events_of, both, counting())
        await until(lambda: bool(engine.counted))
        tasks.cancel_scope.cancel()
    assert [record.code for record in records if isinstance(record, Refusal)] == ["cancelled"]


@pytest.mark.parametrize(("own", "at_once"), [(True, 1), (False, 2)])
async def test_few_are_counted_at_once_and_too_many_refused(
    own: bool, at_once: int, clock: FakeClock
) -> None:
    engine = Fixed(*TOLD, waits=True)
    one = live(engine, clock, places=2)
    one.deployment = replace(one.deployment, own_hardware=own)
    both, answered = counter([one], clock), list[list[Event]]()

    async def ask() -> None:
        answered.append(await events_of(both, counting()))

    async with anyio.create_task_group() as tasks:
        for _ in range(at_once + 2 * WAITING):
            tasks.start_soon(ask)
        await until(lambda: len(engine.counted) == at_once)
        await anyio.wait_all_tasks_blocked()
        assert len(engine.counted) == at_once
        error = error_of(await events_of(both, counting()))
        engine.let()
        assert isinstance(error, errors.CapacityExceeded)
    assert answered == [TOLD] * (at_once + 2 * WAITING)


async def test_where_memory_is_shared_it_stays_loaded_as_long_as_it_is_asked(
    clock: FakeClock,
) -> None:
    one, ended = live(Fixed(*TOLD), clock), list[str]()

    class Using:
        def end(self) -> None:
            ended.append("use")

    async def admit(priority: Priority, *, within: float) -> Using:
        return Using()

    one.admit = admit  # type: ignore[method-assign,assignment]
    assert await events_of(counter([one], clock), counting()) == TOLD
    assert ended == ["use"]


class Drafts(Scripted):
    """Looks at Scenes; one that is empty cannot be drawn."""

    features = Scripted.features | {Feature.SCENES}

    async def check(self, ask: SceneAsk) -> AsyncGenerator[Event]:
        if not ask.scene:
            yield Failed(errors.SceneUndrawable("shots", why="it is empty", hint="Fill it."))
            return
        yield Started(ask.model)
        yield Finished(Stop.END, Usage())


async def test_a_scene_is_looked_at_for_nothing(clock: FakeClock) -> None:
    records = list[Record]()
    one = counter([live(Drafts("m", window=64), clock)], clock, records)
    ask = SceneAsk("m", {"shots": []})
    assert ask.needs == {Feature.SCENES}
    assert (ask.most_input, ask.most_output) == (0, 0)
    events = await events_of(one, Order(ask, PRINCIPAL, "req_1"))
    assert events == [Started("m"), Finished(Stop.END, Usage())]
    assert isinstance(records[0], Free)
    refused = error_of(await events_of(one, Order(SceneAsk("m", {}), PRINCIPAL, "req_1")))
    assert isinstance(refused, errors.SceneUndrawable)
