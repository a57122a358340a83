"""Several deployments of one model: which is asked, what happens where it fails, what is told."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import date

import anyio
import pytest

from seedbed.core import errors
from seedbed.core.ask import Ask, Feature, Memory
from seedbed.core.event import Event, Failed, Finished, Reply, Started, Stop, TextDelta, UsageNow
from seedbed.core.fleet import Fleet, Place
from seedbed.core.model import Adapter
from seedbed.core.money import Entry
from seedbed.core.policy import Policy
from seedbed.core.prices import Tariff, Unit
from seedbed.core.route import Attempt
from seedbed.core.usage import Usage
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.account import Order
from seedbed.serving.deployment import LiveDeployment
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database
from tests.serving.houses import PRINCIPAL, house, live, order, price, until
from tests.serving.meters import bound_by
from tests.store.books import budget

pytestmark = pytest.mark.anyio

DEAR = Tariff((price(Unit.INPUT_FRESH, 100, 1), price(Unit.OUTPUT_VISIBLE, 1_000, 1)), "USD")
TWO = (Place(name="a"), Place(name="b"))
CHEAPEST = {"m": Fleet(places=TWO, policy=Policy.CHEAPEST)}
GONE = errors.EngineUnreachable("m", why="nobody is there")
LATE = errors.EngineFailed("m", why="it broke", begun=True)


def fails(error: errors.SeedbedError) -> Scripted:
    return Scripted("m", window=64, error=error)


def unpriced() -> Tariff:
    raise errors.ModelUnpriced("m", on=date.min, why="none is in force")


def answered(events: list[Event]) -> Entry:
    entry = Reply.of(events).entry
    assert entry is not None
    return entry


async def test_the_cheapest_is_asked_and_the_choice_is_told(
    database: Database, clock: FakeClock
) -> None:
    lives = [
        live(Scripted("m", window=64), clock, at="a", tariff=DEAR),
        live(Scripted("m", window=64), clock, at="b"),
    ]
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        entry = answered(await h.events(order()))
        way = await h.way("req_1")
    assert entry.deployment == "m@b"
    assert [option.deployment for option in way.options] == ["m@b", "m@a"]
    assert way.options[0].why == "the cheapest"
    assert way.attempts == (Attempt("m@b"),)
    assert (way.policy, way.project) == ("cheapest", PRINCIPAL.project)


async def test_what_fails_before_it_began_is_answered_elsewhere_and_paid_there(
    database: Database, clock: FakeClock
) -> None:
    lives = [
        live(fails(GONE), clock, at="a"),
        live(Scripted("m", window=64), clock, at="b", tariff=DEAR),
    ]
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        entry = answered(await h.events(order("one two")))
        way = await h.way("req_1")
        assert h.meter.lease is not None
        assert h.meter.lease.reserved == 0
    assert (entry.deployment, entry.spent.micros) == ("m@b", 3 * 100 + 2 * 1_000)
    assert entry.reserved.micros >= entry.spent.micros
    assert [(one.deployment, one.code) for one in way.attempts] == [
        ("m@a", "engine_unreachable"),
        ("m@b", ""),
    ]
    assert len(h.ledger.entries(last=9)) == 1


async def test_what_failed_after_it_began_is_asked_nowhere_else(
    database: Database, clock: FakeClock
) -> None:
    second = Scripted("m", window=64)
    late = Scripted("m", window=64, error=LATE, fails_after=1)
    lives = [live(late, clock, at="a"), live(second, clock, at="b", tariff=DEAR)]
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        events = await h.events(order())
    assert isinstance(events[-1], Failed)
    assert events[-1].error is LATE
    assert second.asked == []


async def test_what_failed_before_it_told_anything_is_passed_on_and_what_it_may_have_used_is_paid(
    database: Database, clock: FakeClock
) -> None:
    lives = [
        live(fails(LATE), clock, at="a"),
        live(Scripted("m", window=64), clock, at="b", tariff=DEAR),
    ]
    lives[0].deployment = replace(lives[0].deployment, own_hardware=False)
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        entry = answered(await h.events(order("one two")))
        assert h.meter.lease is not None
        assert (h.meter.lease.reserved, h.meter.lease.spent) == (0, entry.spent.micros)
    assert entry.deployment == "m@b"
    assert entry.spent.micros > 3 * 100 + 2 * 1_000


async def test_a_refusal_of_the_ask_itself_is_final(database: Database, clock: FakeClock) -> None:
    refusal = errors.RequestMalformed("No.", hint="Change it.")
    second = Scripted("m", window=64)
    lives = [live(fails(refusal), clock, at="a"), live(second, clock, at="b", tariff=DEAR)]
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        events = await h.events(order())
        assert h.meter.lease is not None
        assert h.meter.lease.reserved == h.meter.lease.spent == 0
    assert isinstance(events[-1], Failed)
    assert events[-1].error is refusal
    assert second.asked == []


async def test_where_all_fail_the_last_failure_is_told(
    database: Database, clock: FakeClock
) -> None:
    lives = [live(fails(GONE), clock, at="a"), live(fails(GONE), clock, at="b", tariff=DEAR)]
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        events = await h.events(order())
        way = await h.way("req_1")
    assert isinstance(events[-1], Failed)
    assert [one.code for one in way.attempts] == ["engine_unreachable"] * 2
    assert way.code == "engine_unreachable"


async def test_one_that_fails_again_and_again_is_left_alone_and_tried_again_later(
    database: Database, clock: FakeClock
) -> None:
    sick = fails(GONE)
    lives = [live(sick, clock, at="a"), live(Scripted("m", window=64), clock, at="b", tariff=DEAR)]
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        for n in range(4):
            answered(await h.events(order(id_=f"req_{n}")))
        asked = len(sick.asked)
        answered(await h.events(order(id_="req_5")))
        assert len(sick.asked) == asked
        way = await h.way("req_5")
        assert "it failed" in way.options[-1].why
        await clock.advance(3600)
        answered(await h.events(order(id_="req_6")))
        assert len(sick.asked) > asked


async def test_the_only_one_that_is_left_alone_is_told_as_that(
    database: Database, clock: FakeClock
) -> None:
    sick = fails(GONE)
    async with house(database, clock, [sick]) as h:
        for n in range(2):
            await h.events(order(id_=f"req_{n}"))
        events = await h.events(order(id_="req_3"))
        way = await h.way("req_3")
    assert isinstance(events[-1], Failed)
    assert isinstance(events[-1].error, errors.EngineResting)
    assert "nobody is there" in events[-1].error.what
    assert way.code == "engine_resting"


async def test_a_deployment_can_be_asked_by_its_name(database: Database, clock: FakeClock) -> None:
    dear = Scripted("m", window=64)
    lives = [live(dear, clock, at="a", tariff=DEAR), live(Scripted("m", window=64), clock, at="b")]
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        entry = answered(await h.events(order(name="m@a")))
    assert (entry.deployment, entry.model) == ("m@a", "m")
    assert dear.asked[0].model == "m"


async def test_a_pinned_model_goes_nowhere_else(database: Database, clock: FakeClock) -> None:
    second = Scripted("m", window=64)
    lives = [live(fails(GONE), clock, at="a"), live(second, clock, at="b")]
    fleets = {"m": Fleet(places=TWO, policy=Policy.PINNED, pinned="a")}
    async with house(database, clock, lives=lives, fleets=fleets) as h:
        events = await h.events(order())
        way = await h.way("req_1")
    assert isinstance(events[-1], Failed)
    assert second.asked == []
    assert "pinned" in way.options[-1].why


async def test_where_a_pinned_one_has_no_price_a_fallback_answers(
    database: Database, clock: FakeClock
) -> None:
    fleets = {"m": Fleet(places=TWO, policy=Policy.PINNED, pinned="a", fallbacks=("n",))}
    lives = [
        live(Scripted("m", window=64), clock, at="a"),
        live(Scripted("m", window=64), clock, at="b"),
        live(Scripted("n", window=64), clock, name="n"),
    ]
    lives[0].today = unpriced
    async with house(database, clock, lives=lives, fleets=fleets) as h:
        entry = answered(await h.events(order()))
        way = await h.way("req_1")
    assert entry.deployment == "n@here"
    assert way.options[0].why == "not asked: it has no price today"


async def test_where_a_pinned_one_has_no_price_and_no_fallback_no_other_is_asked(
    database: Database, clock: FakeClock
) -> None:
    fleets = {"m": Fleet(places=TWO, policy=Policy.PINNED, pinned="a")}
    second = Scripted("m", window=64)
    lives = [live(Scripted("m", window=64), clock, at="a"), live(second, clock, at="b")]
    lives[0].today = unpriced
    async with house(database, clock, lives=lives, fleets=fleets) as h:
        events = await h.events(order())
        way = await h.way("req_1")
    assert isinstance(events[-1], Failed)
    assert events[-1].error.code == way.code == "model_unpriced"
    assert [one.deployment for one in way.attempts] == ["m@a"]
    assert second.asked == []


async def test_a_pinned_one_is_among_those_that_are_looked_at_however_many_there_are(
    database: Database, clock: FakeClock
) -> None:
    names = [f"d{n}" for n in range(40)]
    for pinned in ("d0", "d17", "d39"):
        places = tuple(Place(name=name) for name in names)
        fleets = {"m": Fleet(places=places, policy=Policy.PINNED, pinned=pinned)}
        lives = [live(Scripted("m", window=64), clock, at=name) for name in names]
        async with house(database, clock, lives=lives, fleets=fleets) as h:
            entry = answered(await h.events(order(id_=f"req_{pinned}")))
        assert entry.deployment == f"m@{pinned}"


async def test_what_is_too_dear_at_the_best_goes_on_to_the_next_that_can_be_paid(
    database: Database, clock: FakeClock
) -> None:
    lives = [
        live(Scripted("m", window=64), clock, at="a", tariff=DEAR),
        live(Scripted("m", window=64), clock, at="b"),
    ]
    fleets = {"m": Fleet(places=TWO, policy=Policy.PINNED, pinned="a", fallbacks=("m@b",))}
    bound = Budgets(database).set_budget(budget(70_000), actor="ada", now=0)
    async with house(database, clock, lives=lives, fleets=fleets) as h:
        entry = answered(await h.events(replace(order(), principal=bound_by(bound))))
        way = await h.way("req_1")
        assert h.meter.lease is not None
        assert (h.meter.lease.reserved, h.meter.lease.spent) == (0, entry.spent.micros)
    assert entry.deployment == "m@b"
    assert [(one.deployment, one.code) for one in way.attempts] == [
        ("m@a", "budget_spent"),
        ("m@b", ""),
    ]
    assert "too little left" in way.attempts[0].why


async def test_what_is_too_dear_everywhere_is_refused_and_its_way_tells_each(
    database: Database, clock: FakeClock
) -> None:
    lives = [live(Scripted("m", window=64), clock, at=at, tariff=DEAR) for at in "ab"]
    bound = Budgets(database).set_budget(budget(99), actor="ada", now=0)
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        events = await h.events(replace(order(), principal=bound_by(bound)))
        way = await h.way("req_1")
        assert h.meter.lease is None or h.meter.lease.reserved == 0
    assert isinstance(events[-1], Failed)
    assert events[-1].error.code == way.code == "budget_spent"
    assert [one.code for one in way.attempts] == ["budget_spent"] * 2
    assert way.refused


async def test_what_failed_at_a_cheap_one_and_is_too_dear_at_the_next_goes_to_a_third(
    database: Database, clock: FakeClock
) -> None:
    lives = [
        live(fails(GONE), clock, at="a"),
        live(Scripted("m", window=64), clock, at="b", tariff=DEAR),
        live(Scripted("n", window=64), clock, name="n"),
    ]
    fleets = {"m": replace(CHEAPEST["m"], fallbacks=("n",))}
    bound = Budgets(database).set_budget(budget(70_000), actor="ada", now=0)
    async with house(database, clock, lives=lives, fleets=fleets) as h:
        entry = answered(await h.events(replace(order(), principal=bound_by(bound))))
        way = await h.way("req_1")
        assert h.meter.lease is not None
        assert (h.meter.lease.reserved, h.meter.lease.spent) == (0, entry.spent.micros)
    assert [one.code for one in way.attempts] == ["engine_unreachable", "budget_spent", ""]
    assert entry.deployment == "n@here"


async def test_another_model_stands_in_where_none_can_answer(
    database: Database, clock: FakeClock
) -> None:
    lives = [
        live(fails(GONE), clock, at="here"),
        live(Scripted("n", window=64), clock, name="n"),
    ]
    fleets = {"m": Fleet(fallbacks=("n", "of which nothing is served"))}
    async with house(database, clock, lives=lives, fleets=fleets) as h:
        entry = answered(await h.events(order()))
    assert (entry.model, entry.deployment) == ("n", "n@here")


async def test_what_stands_in_is_asked_by_its_own_name(
    database: Database, clock: FakeClock
) -> None:
    other = Scripted("n", window=64)
    lives = [adapted(live(fails(GONE), clock)), live(other, clock, name="n")]
    fleets = {"m": Fleet(fallbacks=("n",))}
    async with house(database, clock, lives=lives, fleets=fleets) as h:
        answered(await h.events(order(name="m:x")))
    assert [ask.model for ask in other.asked] == ["n"]


async def test_a_model_that_stands_in_for_itself_is_asked_once(
    database: Database, clock: FakeClock
) -> None:
    fleets = {"m": Fleet(fallbacks=("m", "m"))}
    async with house(database, clock, [fails(GONE)], fleets=fleets) as h:
        await h.events(order())
        way = await h.way("req_1")
    assert [attempt.code for attempt in way.attempts] == ["engine_unreachable"]


def adapted(one: LiveDeployment) -> LiveDeployment:
    model = replace(one.deployment.model, adapters=(Adapter("x", "x.gguf"),))
    one.deployment = replace(one.deployment, model=model)
    return one


@pytest.mark.parametrize("having", ["a", "b"])
async def test_an_adapter_is_asked_only_where_it_is(
    database: Database, clock: FakeClock, having: str
) -> None:
    engines = {name: Scripted("m", window=64) for name in "ab"}
    lives = [live(engines[name], clock, at=name) for name in "ab"]
    lives["ab".index(having)] = adapted(live(engines[having], clock, at=having, tariff=DEAR))
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        entry = answered(await h.events(order(name="m:x")))
        plain = answered(await h.events(order(id_="req_2")))
    assert (entry.deployment, engines[having].asked[0].model) == (f"m@{having}", "m:x")
    assert plain.deployment != entry.deployment


class Plain(Scripted):
    """An engine that knows nothing but chat."""

    features = frozenset({Feature.CHAT})


async def test_only_those_are_asked_that_serve_what_the_ask_needs(
    database: Database, clock: FakeClock
) -> None:
    lives = [
        live(Plain("m", window=64), clock, at="a"),
        live(Scripted("m", window=64), clock, at="b", tariff=DEAR),
    ]
    raw = replace(order().ask, raw=True)
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        entry = answered(await h.events(replace(order(), ask=raw)))
        lives[1].engine.features = Plain.features  # type: ignore[misc]  # a test's own
        events = await h.events(replace(order(id_="req_2"), ask=raw))
    assert entry.deployment == "m@b"
    assert isinstance(events[-1], Failed)
    assert isinstance(events[-1].error, errors.FeatureUnserved)


class Reading(Scripted):
    """An engine that reads a prompt until it is told that it has."""

    def __init__(self) -> None:
        super().__init__("m", window=4096)
        self.goes_on = anyio.Event()
        self.memories: list[Memory] = []

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        self.asked.append(ask)
        self.memories.append(ask.memory)
        yield Started("m")
        yield UsageNow(Usage(input_fresh=700))
        await self.goes_on.wait()
        yield TextDelta("word")
        yield Finished(Stop.END, Usage(input_fresh=700, output_visible=1))


LONG = "the same words for all " * 150


def long_order(end: str, id_: str, project: str = "default") -> Order:
    one = order(LONG + end, id_=id_)
    return replace(one, principal=replace(PRINCIPAL, project=project))


@pytest.fixture
def reading() -> Reading:
    return Reading()


async def test_who_shares_a_long_prefix_waits_for_it_aside_and_is_told_to_have(
    database: Database, clock: FakeClock, reading: Reading
) -> None:
    one = live(reading, clock, window=4096)
    async with house(database, clock, lives=[one]) as h:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(h.events, long_order("first", "req_1"))
            await until(lambda: len(reading.asked) == 1)
            assert h.meter.lease is not None
            lease, each = h.meter.lease, h.meter.lease.reserved
            for n in (2, 3, 4):
                tasks.start_soon(h.events, long_order(f"other {n}", f"req_{n}"))
            await until(lambda: lease.reserved >= 4 * each)
            await anyio.wait_all_tasks_blocked()
            assert len(reading.asked) == 1
            reading.goes_on.set()
        way = await h.way("req_3")
    assert len(reading.asked) == 4
    assert way.led is not None
    assert (way.led.by, way.led.shared) == ("req_1", 3072)
    assert all(memory == Memory("default") for memory in reading.memories)


class Remembering(Scripted):
    """An engine that finds so many tokens of any prompt in its cache."""

    def __init__(self, cached: int) -> None:
        super().__init__("m", window=4096)
        self._used = Usage(input_fresh=8, input_cache_read=cached, output_visible=1)

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        yield Started("m")
        yield TextDelta("word")
        yield Finished(Stop.END, self._used)


@pytest.mark.parametrize("tokens", [40, 400])
async def test_a_request_that_was_spared_much_has_a_way_though_it_had_no_choice(
    database: Database, clock: FakeClock, tokens: int
) -> None:
    one = live(Remembering(tokens), clock, window=4096)
    async with house(database, clock, lives=[one]) as h:
        answered(await h.events(order()))
        await h.meter.flush()
        entry, way = h.routes.find_now("req_1")
    assert entry is not None
    if tokens < 256:
        assert way is None
        return
    assert way is not None
    assert way.spared is not None
    assert way.spared.tokens == tokens
    seconds = one.load_now.speed.reading(tokens)
    assert way.spared.time == round(seconds * 1e6)
    assert way.spared.micros == pytest.approx(tokens + 100 * seconds, abs=2)


async def test_another_project_neither_follows_nor_finds_what_was_computed(
    database: Database, clock: FakeClock, reading: Reading
) -> None:
    one = live(reading, clock, window=4096)
    async with house(database, clock, lives=[one]) as h, anyio.create_task_group() as tasks:
        tasks.start_soon(h.events, long_order("first", "req_1", "p"))
        tasks.start_soon(h.events, long_order("other", "req_2", "q"))
        await until(lambda: len(reading.asked) == 2)
        reading.goes_on.set()
    assert {memory.owner: memory.fresh for memory in reading.memories} == {"p": False, "q": True}


async def test_who_waits_in_line_is_told_for_how_long_and_behind_whom(
    database: Database, clock: FakeClock, reading: Reading
) -> None:
    one = live(reading, clock, places=1)
    async with house(database, clock, lives=[one]) as h:
        async with anyio.create_task_group() as tasks:
            for n in (1, 2, 3):
                tasks.start_soon(h.events, order(id_=f"req_{n}"))
                await until(lambda n=n: one.holders + one.queue.depth == n)
            await clock.advance(2.0)
            reading.goes_on.set()
        way = await h.way("req_3")
    assert (way.waited, way.position) == (2_000_000, 1)


async def test_who_leaves_while_it_waits_leaves_nothing(
    database: Database, clock: FakeClock, reading: Reading
) -> None:
    one = live(reading, clock, places=1)
    async with house(database, clock, lives=[one]) as h, anyio.create_task_group() as tasks:
        tasks.start_soon(h.events, order(id_="req_1"))
        await until(lambda: len(reading.asked) == 1)
        with anyio.move_on_after(0.01):
            await h.events(order(id_="req_2"))
        assert one.queue.depth == 0
        reading.goes_on.set()
        await until(lambda: one.holders == 0)
        assert h.meter.lease is not None
        assert h.meter.lease.reserved == 0
    assert [entry.request_id for entry in h.ledger.entries(last=9)] == ["req_1"]


async def test_a_deadline_that_passes_in_line_ends_the_waiting(
    database: Database, clock: FakeClock, reading: Reading
) -> None:
    one = live(reading, clock, places=1)
    async with house(database, clock, lives=[one]) as h, anyio.create_task_group() as tasks:
        tasks.start_soon(h.events, order(id_="req_1"))
        await until(lambda: len(reading.asked) == 1)
        events = await h.events(order(id_="req_2", deadline=0.02))
        assert isinstance(events[-1], Failed)
        assert isinstance(events[-1].error, errors.DeadlineExceeded)
        reading.goes_on.set()
    assert one.queue.depth == 0


async def test_a_caller_who_closes_early_gives_its_place_back(
    database: Database, clock: FakeClock
) -> None:
    one = live(Scripted("m", window=64), clock, places=1)
    async with house(database, clock, lives=[one]) as h:
        for n in range(3):
            async with aclosing(h.gateway.generate(order(id_=f"req_{n}"))) as events:
                assert isinstance(await anext(events), Started)
        assert one.holders == 0
        answered(await h.events(order(id_="req_9")))
