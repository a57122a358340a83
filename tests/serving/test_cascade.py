"""The cheap one is asked first, and what does not hold is asked again, of a dearer one."""

import asyncio
import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.ask import Ask, EmbedAsk, Format
from seedbed.core.errors import (
    AnswerMalformed,
    BudgetSpent,
    DeadlineExceeded,
    EngineFailed,
    RequestMalformed,
    SeedbedError,
    UpstreamRefused,
)
from seedbed.core.event import Embedded, Event, Failed, Finished, Reply, Started, Stop, TextDelta
from seedbed.core.message import Text
from seedbed.core.money import Amount
from seedbed.core.route import CASCADE, Attempt, Route, Saved
from seedbed.core.usage import Usage
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import Clock, FakeClock, SystemClock
from seedbed.serving.account import Once, Order
from seedbed.serving.cascade import Cascade, Generate
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.once import OnceOnly
from seedbed.store.answers import Answers
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database
from seedbed.store.ledger import Ledger
from tests.serving.houses import house, live, order, until
from tests.serving.meters import bound_by
from tests.serving.records import ENTRY
from tests.store.books import budget

pytestmark = pytest.mark.anyio

JSON = Format("json")
GOOD, BAD = '{"a": 1}', "not at all"
STEPS = ("small", "large")
USED = Usage(input_fresh=9, output_visible=2)


def asked(name: str = "large", *, form: Format = JSON, deadline: float | None = None) -> Order:
    plain = order("one two", name=name, deadline=deadline)
    assert isinstance(plain.ask, Ask)
    return replace(plain, ask=replace(plain.ask, format=form))


class Fakes:
    """Answers of each model, one after another: a text, a stop, or an error."""

    def __init__(self, clock: FakeClock, **ends: Sequence[str | Stop | SeedbedError]) -> None:
        self._clock, self._ends = clock, {name: list(rest) for name, rest in ends.items()}
        self.orders: list[Order] = []
        self.closed = 0
        self.takes: Mapping[str, float] = {}

    async def generate(self, order: Order) -> AsyncGenerator[Event]:
        self.orders.append(order)
        ask = order.ask
        assert isinstance(ask, Ask)
        try:
            yield Started(ask.model)
            yield TextDelta(f"by {ask.model}")
            if (seconds := self.takes.get(ask.model, 0)) == math.inf:
                await anyio.sleep_forever()
            await self._clock.advance(seconds)
            end = self._ends[ask.model].pop(0)
            spent = Amount(10 if ask.model == "small" else 100, "USD")
            if order.told is not None:
                here = (Attempt(ask.model),)
                order.told(Route(order.request_id, "p", ask.model, 1, attempts=here))
            entry = replace(ENTRY, request_id=order.request_id, spent=spent, model=ask.model)
            match end:
                case SeedbedError():
                    yield Failed(end, entry)
                case _:
                    yield Finished(end if isinstance(end, Stop) else Stop.END, USED, entry)
        finally:
            self.closed += 1


class Stuck(Scripted):
    """Begins, and never ends."""

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        yield Started(ask.model)
        await anyio.sleep_forever()


class Notes:
    def __init__(self) -> None:
        self.all: list[tuple[str, Saved]] = []
        self.routes: list[Route] = []

    def take(self, route: Route) -> None:
        self.routes.append(route)
        if route.saved is not None:
            self.all.append((route.request_id, route.saved))


def cascade(
    generate: Generate,
    clock: Clock,
    *,
    steps: Sequence[str] = STEPS,
    price: int | None = 100,
    longest: float = 60.0,
) -> tuple[Cascade, Notes]:
    notes = Notes()
    made = Cascade(
        generate,
        lambda model: steps if model == steps[-1] else (),
        lambda name, usage: price if (name, usage) == (steps[-1], USED) else None,
        note=notes.take,
        clock=clock,
        longest_answer=longest,
    )
    return made, notes


async def all_of(stream: AsyncGenerator[Event]) -> list[Event]:
    async with aclosing(stream) as events:
        return [event async for event in events]


MALFORMED = AnswerMalformed("small", form="JSON", why="it is none")


async def test_an_answer_that_holds_is_given_as_it_was_and_what_it_saved_is_told() -> None:
    fakes = Fakes(clock := FakeClock(), small=["ok"])
    made, notes = cascade(fakes.generate, clock)
    events = await all_of(made.generate(asked()))
    assert events[:2] == [Started("small"), TextDelta("by small")]
    assert isinstance(events[-1], Finished)
    assert events[-1].entry == replace(ENTRY, spent=Amount(10, "USD"), model="small")
    assert notes.all == [("req_1", Saved(dearest=100, spent=10))]


async def test_an_answer_that_does_not_hold_is_seen_by_nobody_and_paid_by_the_caller() -> None:
    fakes = Fakes(clock := FakeClock(), small=[MALFORMED], large=["ok"])
    made, notes = cascade(fakes.generate, clock)
    events = await all_of(made.generate(asked()))
    assert events[:2] == [Started("large"), TextDelta("by large")]
    assert [one.request_id for one in fakes.orders] == ["req_1", "req_1.2"]
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.entry is not None
    assert (end.entry.request_id, end.entry.spent) == ("req_1", Amount(110, "USD"))
    assert end.usage == USED
    assert notes.all == [("req_1", Saved(100, 110, (f"small: {MALFORMED.what}",)))]
    (route,) = notes.routes
    assert (route.policy, route.model, route.code) == ("cascade", "large", "")
    failed = Attempt("small", MALFORMED.code, MALFORMED.what)
    assert route.attempts == (failed, Attempt("large"))


async def test_where_nothing_holds_the_last_failure_is_told() -> None:
    last = AnswerMalformed("large", form="JSON", why="it is none")
    fakes = Fakes(clock := FakeClock(), small=[MALFORMED], large=[last])
    made, notes = cascade(fakes.generate, clock)
    *before, end = await all_of(made.generate(asked()))
    assert before == [Started("large"), TextDelta("by large")]
    assert isinstance(end, Failed)
    assert end.error is last
    assert end.entry is not None
    assert end.entry.spent == Amount(110, "USD")
    assert notes.all[0][1].dearest == 100


@pytest.mark.parametrize(
    "end",
    [
        Stop.LENGTH,
        Stop.FILTER,
        Stop.SEQUENCE,
        EngineFailed("small", why="it broke"),
        UpstreamRefused("small", status=429, said="no", retry_after=3600),
        DeadlineExceeded(seconds=3, expected=5),
    ],
)
async def test_what_was_cut_off_or_broke_is_asked_of_the_next(end: Stop | SeedbedError) -> None:
    fakes = Fakes(clock := FakeClock(), small=[end], large=["ok"])
    made, notes = cascade(fakes.generate, clock)
    assert Reply.of(await all_of(made.generate(asked()))).text == "by large"
    assert notes.all[0][1].failures[0].startswith("small: ")


@pytest.mark.parametrize(
    "error",
    [
        RequestMalformed("No.", hint="Change it."),
        BudgetSpent("budget", spent="1", left="0", needed="1", until=None),
        DeadlineExceeded(seconds=3),
    ],
)
async def test_what_would_be_refused_by_all_ends_with_the_first(error: SeedbedError) -> None:
    fakes = Fakes(clock := FakeClock(), small=[error])
    made, notes = cascade(fakes.generate, clock)
    *_, end = await all_of(made.generate(asked()))
    assert isinstance(end, Failed)
    assert type(end.error) is type(error)
    assert len(fakes.orders) == 1
    assert notes.all == []


async def test_one_deadline_is_for_all_attempts_together() -> None:
    fakes = Fakes(clock := FakeClock(), small=[MALFORMED], large=[DeadlineExceeded(seconds=3)])
    fakes.takes = {"small": 7.0}
    made, _ = cascade(fakes.generate, clock)
    *_, end = await all_of(made.generate(asked(deadline=10.0)))
    assert [one.ask.deadline for one in fakes.orders] == [10.0, 3.0]
    assert isinstance(end, Failed)
    assert end.error.facts["seconds"] == 10.0


async def test_without_a_deadline_the_longest_answer_bounds_all_and_none_is_below_a_moment() -> (
    None
):
    fakes = Fakes(clock := FakeClock(), small=[MALFORMED], large=["ok"])
    fakes.takes = {"small": 90.0}
    made, _ = cascade(fakes.generate, clock, longest=60.0)
    await all_of(made.generate(asked(deadline=100.0)))
    assert [one.ask.deadline for one in fakes.orders] == [60.0, 0.001]


async def test_each_of_several_is_asked_under_an_id_of_its_own() -> None:
    fakes = Fakes(clock := FakeClock(), a=[MALFORMED], b=[MALFORMED], c=["ok"])
    made, _ = cascade(fakes.generate, clock, steps=("a", "b", "c"))
    await all_of(made.generate(asked("c")))
    told = [(one.ask.model, one.request_id) for one in fakes.orders]
    assert told == [("a", "req_1"), ("b", "req_1.2"), ("c", "req_1.3")]


async def test_what_cannot_be_verified_goes_to_the_ablest_at_once() -> None:
    fakes = Fakes(clock := FakeClock(), large=["ok"])
    made, notes = cascade(fakes.generate, clock)
    assert Reply.of(await all_of(made.generate(asked(form=Format())))).text == "by large"
    assert notes.all == []


async def test_a_price_that_is_not_known_saves_nothing_that_could_be_told() -> None:
    fakes = Fakes(clock := FakeClock(), small=["ok"])
    made, notes = cascade(fakes.generate, clock, price=None)
    assert Reply.of(await all_of(made.generate(asked()))).text == "by small"
    assert notes.all == []


@pytest.mark.parametrize("ends", [{"small": ["ok"]}, {"small": [MALFORMED], "large": ["ok"]}])
async def test_who_leaves_ends_the_attempt_that_is_under_way(ends: dict[str, list[str]]) -> None:
    fakes = Fakes(clock := FakeClock(), **ends)
    made, notes = cascade(fakes.generate, clock)
    async with aclosing(made.generate(asked())) as events:
        async for _ in events:
            break
    assert fakes.closed == len(fakes.orders) == len(ends)
    assert len(notes.all) == (1 if len(ends) == 1 else 0)  # what had ended is told


@pytest.mark.parametrize("ends", [{"small": ["ok"]}, {"small": [MALFORMED], "large": ["ok"]}])
async def test_who_leaves_while_one_is_asked_leaves_a_way(ends: dict[str, list[str]]) -> None:
    fakes = Fakes(clock := FakeClock(), **ends)
    made, notes = cascade(fakes.generate, clock)
    fakes.takes = {list(ends)[-1]: math.inf}
    asking = asyncio.create_task(all_of(made.generate(asked())))
    await until(lambda: len(fakes.orders) == len(ends))
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    (route,) = notes.routes
    assert (route.request_id, route.policy, route.code) == ("req_1", CASCADE, "cancelled")
    assert fakes.closed == len(ends)


# On a real gateway, with real books.


async def test_the_way_of_one_whose_caller_left_tells_where_it_was(database: Database) -> None:
    clock = FakeClock()
    slow = [live(Stuck(name, window=64), clock, name=name) for name in STEPS]
    async with house(database, clock, lives=slow) as built:
        made, notes = cascade(built.gateway.generate, clock)
        asking = asyncio.create_task(all_of(made.generate(asked())))
        await until(lambda: slow[0].holders == 1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    (route,) = notes.routes
    assert (route.code, route.refused) == ("cancelled", False)


async def test_what_all_steps_refuse_is_refused_and_the_way_tells_each(database: Database) -> None:
    clock = FakeClock()
    lives = [live(Scripted(name, window=64), clock, name=name) for name in STEPS]
    bound = Budgets(database).set_budget(budget(1), actor="ada", now=0)
    async with house(database, clock, lives=lives) as built:
        made, notes = cascade(built.gateway.generate, clock)
        await all_of(made.generate(replace(asked(), principal=bound_by(bound))))
    (route,) = notes.routes
    assert (route.code, route.refused) == ("budget_spent", True)
    assert "too little left" in route.why


def lives_of(clock: Clock, *answers: str) -> list[LiveDeployment]:
    """A deployment for each step, which answers so."""
    return [
        live(Scripted(name, window=64, script=[Text(answer)]), clock, name=name)
        for name, answer in zip(STEPS, answers, strict=True)
    ]


async def on_the_road(database: Database, small: str, large: str) -> tuple[list[Event], int]:
    """The events, and what the books say was spent."""
    clock = SystemClock()
    lives = lives_of(clock, small, large)
    async with house(database, clock, lives=lives) as built:
        made, _ = cascade(built.gateway.generate, clock)
        events = await all_of(made.generate(asked()))
        await built.meter.flush()
    return events, sum(e.spent.micros for e in built.ledger.entries(last=9))


@pytest.mark.parametrize(
    ("small", "large", "text", "count"),
    [(GOOD, BAD, GOOD, 1), (BAD, GOOD, GOOD, 2), (BAD, BAD, None, 2)],
)
async def test_the_books_have_each_attempt_and_the_caller_is_told_their_sum(
    database: Database, small: str, large: str, text: str | None, count: int
) -> None:
    events, spent = await on_the_road(database, small, large)
    end = events[-1]
    assert isinstance(end, Finished | Failed)
    assert end.entry is not None
    assert (end.entry.request_id, end.entry.spent.micros) == ("req_1", spent)
    ids = {entry.request_id for entry in Ledger(database).entries(last=9)}
    assert ids == {"req_1", "req_1.2"} if count == 2 else {"req_1"}
    if text is None:
        assert isinstance(end, Failed)
        assert isinstance(end.error, AnswerMalformed)
    else:
        assert Reply.of(events).text == text


async def test_a_prompt_that_is_too_long_for_the_small_one_is_read_by_the_large(
    database: Database,
) -> None:
    clock = SystemClock()
    small, large = Scripted("small", window=2), Scripted("large", window=64, script=[Text(GOOD)])
    lives = [live(small, clock, name="small"), live(large, clock, name="large")]
    async with house(database, clock, lives=lives) as built:
        made, _ = cascade(built.gateway.generate, clock)
        reply = Reply.of(await all_of(made.generate(asked())))
    assert reply.text == GOOD
    assert len(small.asked) == len(large.asked) == 1


async def test_vectors_and_models_without_a_cascade_go_straight_on(database: Database) -> None:
    clock = SystemClock()
    lives = lives_of(clock, GOOD, GOOD)
    async with house(database, clock, lives=lives) as built:
        made, notes = cascade(built.gateway.generate, clock)
        texts = replace(asked(), ask=EmbedAsk("large", ("a",)), request_id="req_2")
        assert any(isinstance(e, Embedded) for e in await all_of(made.generate(texts)))
        assert Reply.of(await all_of(made.generate(asked("small")))).text == GOOD
    assert notes.all == []


async def test_an_answer_that_is_kept_is_kept_beside_its_entry(database: Database) -> None:
    clock = SystemClock()

    async def is_wanted(_: Order) -> bool:
        return True

    lives = lives_of(clock, BAD, GOOD)
    async with house(database, clock, lives=lives) as built:
        made, _ = cascade(built.gateway.generate, clock)
        once = OnceOnly(
            made.generate, Answers(database), built.meter, clock=clock, is_wanted=is_wanted
        )
        first = replace(asked(), once=Once("k", "digest"))
        told = Reply.of(await all_of(once.generate(first)))
        again = Reply.of(await all_of(once.generate(replace(first, request_id="req_2"))))
        await once.close()
    assert again == told
    assert told.entry is not None
    assert told.entry.request_id == "req_1"
    assert len(Ledger(database).entries(last=9)) == 2


ENDS = st.sampled_from(["ok", Stop.LENGTH, MALFORMED, EngineFailed("m", why="it broke")])


@given(st.lists(ENDS, min_size=1, max_size=4))
async def test_there_is_one_end_and_all_is_paid_whatever_becomes_of_the_attempts(
    ends: list[str | Stop | SeedbedError],
) -> None:
    names = [f"m{at}" for at in range(len(ends))]
    fakes = Fakes(clock := FakeClock(), **{n: [end] for n, end in zip(names, ends, strict=True)})
    made, _ = cascade(fakes.generate, clock, steps=names)
    events = await all_of(made.generate(asked(names[-1])))
    expected = next((at for at, end in enumerate(ends) if end == "ok"), len(ends) - 1)
    assert [e for e in events if isinstance(e, Finished | Failed)] == [events[-1]]
    assert [one.ask.model for one in fakes.orders] == names[: expected + 1]
    assert TextDelta(f"by {names[expected]}") in events
    end = events[-1]
    assert isinstance(end, Finished | Failed)
    assert end.entry is not None
    assert end.entry.spent == Amount(100 * (expected + 1), "USD")
