"""The one road: what is promised, what is settled, and what is told."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace

import anyio
import pytest

from seedbed.core import errors
from seedbed.core.access import Principal, Scope
from seedbed.core.ask import Ask, EmbedAsk, Feature, Limits, RerankAsk, Sampling, Tool
from seedbed.core.event import Event, Failed, Finished, Reply, Started, Stop, TextDelta
from seedbed.core.message import Media, MediaKind
from seedbed.core.route import Attempt
from seedbed.core.usage import Usage
from seedbed.engines.base import Program
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.account import Order
from seedbed.serving.deployment import WAITING, LiveDeployment
from seedbed.store.database import Database
from seedbed.store.tables import ENTRIES
from tests.serving.houses import PRINCIPAL, TARIFF, House, house, live, order, scripted, until

pytestmark = pytest.mark.anyio


def failure(events: list[Event]) -> Failed:
    (last,) = events[-1:]
    assert isinstance(last, Failed)
    return last


async def test_an_answer_ends_with_the_entry_that_it_was_settled_with(
    database: Database, clock: FakeClock
) -> None:
    async with house(database, clock, [scripted()]) as h:
        reply = Reply.of(await h.events(order("one two three")))
    assert reply.entry is not None
    assert reply.entry.usage == reply.usage == Usage(input_fresh=4, output_visible=3)
    assert reply.entry.spent.micros == 4 * 1 + 3 * 10
    assert reply.entry.reserved.micros >= reply.entry.spent.micros
    (written,) = h.ledger.entries(last=10)
    assert replace(written, principal=reply.entry.principal) == reply.entry


async def test_what_was_promised_and_not_spent_is_free_again(
    database: Database, clock: FakeClock
) -> None:
    async with house(database, clock, [scripted()]) as h:
        await h.events(order())
        lease = h.meter.lease
        assert lease is not None
        assert (lease.reserved, lease.spent) == (0, 34)


async def test_an_unknown_model_is_refused_and_costs_nothing(
    database: Database, clock: FakeClock
) -> None:
    async with house(database, clock, [scripted()]) as h:
        failed = failure(await h.events(order(name="huge")))
    assert isinstance(failed.error, errors.ModelUnknown)
    assert failed.error.facts["known"] == ("m",)
    assert h.ledger.entries(last=1) == []


async def test_a_key_without_the_right_is_refused(database: Database, clock: FakeClock) -> None:
    nobody = Principal("bob", "default", "key_2", frozenset[Scope]())
    async with house(database, clock, [scripted()]) as h:
        failed = failure(await h.events(replace(order(), principal=nobody)))
    assert isinstance(failed.error, errors.ScopeMissing)


async def test_what_the_engine_does_not_serve_is_refused_by_name(
    database: Database, clock: FakeClock
) -> None:
    async with house(database, clock, [scripted()]) as h:
        failed = failure(await h.events(order(sampling=Sampling(choices=2))))
    assert isinstance(failed.error, errors.FeatureUnserved)
    assert failed.error.facts["feature"] == Feature.CHOICES
    assert "'m' does not serve choices" in failed.error.what


async def test_an_ask_that_the_engine_refuses_costs_nothing(
    database: Database, clock: FakeClock
) -> None:
    async with house(database, clock, [scripted()]) as h:
        failed = failure(await h.events(order("word " * 80)))
        assert isinstance(failed.error, errors.PromptTooLong)
        assert h.meter.lease is not None
        assert h.meter.lease.reserved == h.meter.lease.spent == 0
    assert h.ledger.entries(last=1) == []


async def test_an_answer_that_breaks_off_is_settled_for_what_was_used(
    database: Database, clock: FakeClock
) -> None:
    broken = scripted(error=errors.EngineFailed("m", why="a test"), fails_after=2)
    async with house(database, clock, [broken]) as h:
        failed = failure(await h.events(order("one two three")))
    assert failed.entry is not None
    assert failed.entry.stop == "failed"
    assert failed.entry.usage == Usage(input_fresh=4, output_visible=2)
    assert h.ledger.entries(last=1)[0].spent.micros == 4 + 20


async def test_a_stream_closed_early_stops_the_engine_and_is_settled_as_cancelled(
    database: Database, clock: FakeClock
) -> None:
    engine = scripted()
    async with house(database, clock, [engine]) as h:
        async with aclosing(h.gateway.generate(order("a b c d e f g h"))) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    break
        assert engine.steps == 1
    (entry,) = h.ledger.entries(last=2)
    assert (entry.stop, entry.usage.output) == ("cancelled", 1)


async def test_a_stream_closed_before_its_first_event_costs_nothing(
    database: Database, clock: FakeClock
) -> None:
    async with house(database, clock, [scripted()]) as h:
        await h.gateway.generate(order()).aclose()
    assert h.ledger.entries(last=1) == []


async def test_a_fault_that_an_engine_did_not_foresee_is_settled_as_failed(
    database: Database, clock: FakeClock
) -> None:
    faulty = Scripted("m", window=64, script=[Media(MediaKind.IMAGE, "no script")])
    async with house(database, clock, [faulty]) as h:
        with pytest.raises(TypeError, match="a script holds"):
            await h.events(order())
        assert h.meter.lease is not None
        assert h.meter.lease.reserved == 0
    assert [entry.stop for entry in h.ledger.entries(last=9)] == ["failed"]


async def test_hardware_is_charged_by_the_time_that_it_was_held(
    database: Database, clock: FakeClock
) -> None:
    slow = Slow(clock, 2.0)
    async with house(database, clock, [slow]) as h:
        reply = Reply.of(await while_time_passes(h, order(), slow, 2.0))
    assert reply.entry is not None
    assert reply.entry.held == 2_000_000
    assert reply.entry.spent.micros == 200


async def while_time_passes(h: House, wanted: Order, slow: "Slow", s: float) -> list[Event]:
    """The events of an ask during which so many seconds pass."""
    found: list[Event] = []
    asked = slow.asked

    async def run() -> None:
        found.extend(await h.events(wanted))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        await until(lambda: slow.asked > asked)
        await slow.clock.advance(s)
    return found


async def test_two_asks_side_by_side_share_the_hardware_that_they_hold(
    database: Database, clock: FakeClock
) -> None:
    slow = Slow(clock, 4.0)
    async with house(database, clock, [slow]) as h, anyio.create_task_group() as tasks:
        tasks.start_soon(h.events, order(id_="req_1"))
        await until(lambda: slow.asked == 1)
        await clock.advance(2.0)
        tasks.start_soon(h.events, order(id_="req_2"))
        await until(lambda: slow.asked == 2)
        await clock.advance(4.0)
    held = {e.request_id: e.held for e in h.ledger.entries(last=9)}
    assert held == {"req_1": 3_000_000, "req_2": 3_000_000}  # 2 + 2/2, and 2/2 + 2
    assert sum(held.values()) == 6_000_000  # the time that the hardware was busy


async def test_when_every_place_is_taken_the_next_is_told_to_wait(
    database: Database, clock: FakeClock
) -> None:
    slow = Slow(clock, 1.0)
    one_place = live(slow, clock, places=1)
    async with house(database, clock, lives=[one_place]) as h, anyio.create_task_group() as tasks:
        for n in range(WAITING):
            tasks.start_soon(h.events, order(id_=f"req_{n}"))
        await until(lambda: one_place.queue.depth == WAITING - 1)
        assert slow.asked == 1
        failed = failure(await h.events(order(id_="one too many")))
        assert isinstance(failed.error, errors.CapacityExceeded)
        for done in range(1, WAITING + 1):
            await clock.advance(1.0)
            await until(lambda done=done: slow.asked == min(done + 1, WAITING))
        after = await while_time_passes(h, order(id_="req_after"), slow, 1.0)
        assert isinstance(after[-1], Finished)
    assert len(h.ledger.entries(last=99)) == WAITING + 1


async def test_an_answer_that_takes_too_long_is_stopped(
    database: Database, clock: FakeClock
) -> None:
    endless = Slow(clock, 1e9)
    async with house(database, clock, [endless], longest_answer=0.05) as h:
        failed = failure(await h.events(order()))
    assert isinstance(failed.error, errors.DeadlineExceeded)
    assert failed.entry is not None
    assert endless.closed


async def test_a_deadline_of_the_ask_holds_where_it_is_shorter(
    database: Database, clock: FakeClock
) -> None:
    async with house(database, clock, [Slow(clock, 1e9)]) as h:
        failed = failure(await h.events(order(deadline=0.05)))
    assert isinstance(failed.error, errors.DeadlineExceeded)
    assert failed.error.facts["seconds"] == 0.05


async def test_an_engine_that_is_gone_is_asked_once_more_in_its_next_life(
    database: Database, clock: FakeClock
) -> None:
    gone = Gone(times=1)
    async with house(database, clock, [gone]) as h:
        reply = Reply.of(await h.events(order("still here")))
    assert reply.text == "still here"
    assert len(h.ledger.entries(last=9)) == 1


async def test_an_engine_that_stays_gone_is_told_and_not_asked_for_ever(
    database: Database, clock: FakeClock
) -> None:
    gone = Gone(times=99)
    async with house(database, clock, [gone]) as h:
        events = await h.events(order())
    assert isinstance(failure(events).error, errors.EngineUnreachable)
    assert gone.asked == 2


async def test_nothing_is_answered_while_the_ledger_cannot_be_written(
    database: Database, clock: FakeClock
) -> None:
    engine = scripted()
    async with house(database, clock, [engine]) as h:
        database.write_now(lambda c: c.exec_driver_sql("DROP TABLE entries"))
        await h.events(order(id_="req_1"))  # promised before anybody knew
        await clock.advance(0.1)
        await until(lambda: "ledger" in h.gateway.trouble)
        failed = failure(await h.events(order(id_="req_2")))
        assert isinstance(failed.error, errors.LedgerUnavailable)
        assert "no such table" in failed.error.what
        assert len(engine.asked) == 1
        _restore_entries(database)
        await clock.advance(2.0)
        await until(lambda: h.gateway.trouble == {})
        await h.events(order(id_="req_3"))
    assert {e.request_id for e in h.ledger.entries(last=9)} == {"req_1", "req_3"}


def _restore_entries(database: Database) -> None:
    database.write_now(ENTRIES.create)


class Slow:
    """An engine that takes so many seconds and says nothing."""

    features = frozenset({Feature.CHAT})
    program: Program | None = None

    def __init__(self, clock: FakeClock, seconds: float) -> None:
        self.clock, self._seconds = clock, seconds
        self.asked = 0
        self.closed = False

    def attach(self, greeting: Mapping[str, str]) -> None:
        del greeting

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        yield Started(ask.model)
        self.asked += 1
        try:
            await self.clock.sleep(self._seconds)
        finally:
            self.closed = True
        yield Finished(Stop.END, Usage())

    async def aclose(self) -> None:
        pass


class Boasting(Slow):
    """An engine that names a feature that it does not have."""

    features = frozenset({Feature.EMBEDDING})


async def test_an_engine_that_boasts_is_a_fault_of_ours_and_holds_nothing(
    database: Database, clock: FakeClock
) -> None:
    async with house(database, clock, [Boasting(clock, 1)]) as h:
        boasted = Order(EmbedAsk("m", ("a",)), PRINCIPAL, "req_1")
        with pytest.raises(TypeError, match="names a feature that it does not have"):
            await h.events(boasted)
        assert h.gateway.deployments[0].holders == 0


async def test_vectors_and_scores_pass_the_gateway_and_are_priced(
    database: Database, clock: FakeClock
) -> None:
    async with house(database, clock, [scripted()]) as h:
        vectors = Reply.of(await h.events(Order(EmbedAsk("m", ("a", "b")), PRINCIPAL, "req_1")))
        scores = Reply.of(
            await h.events(Order(RerankAsk("m", "a?", ("a", "b")), PRINCIPAL, "req_2"))
        )
    assert (len(vectors.vectors), len(scores.scores)) == (2, 2)
    assert {e.request_id for e in h.ledger.entries(last=9)} == {"req_1", "req_2"}
    assert all(reply.entry and reply.entry.spent.micros > 0 for reply in (vectors, scores))


class Gone:
    """An engine that cannot be reached so many times, and repeats what it is told after that."""

    features = frozenset({Feature.CHAT})
    program: Program | None = None

    def __init__(self, *, times: int) -> None:
        self._times = times
        self._then = scripted()
        self.asked = 0

    def attach(self, greeting: Mapping[str, str]) -> None:
        del greeting

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        self.asked += 1
        if self.asked <= self._times:
            yield Failed(errors.EngineUnreachable("m", why="gone"))
            return
        async with aclosing(self._then.generate(ask)) as events:
            async for event in events:
                yield event

    async def aclose(self) -> None:
        pass


class Upstream(Slow):
    """An engine elsewhere that says nothing for so long, and then fails, if it is told how."""

    features = frozenset({Feature.CHAT, Feature.EMBEDDING})

    def __init__(self, clock: FakeClock, error: errors.SeedbedError | None = None) -> None:
        super().__init__(clock, 1.0)
        self._error = error

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        del ask
        self.asked += 1
        await self.clock.sleep(1.0)
        yield Failed(self._error or errors.EngineFailed("m", why="it hung up", begun=True))


def elsewhere(engine: Slow, clock: FakeClock) -> LiveDeployment:
    deployment = replace(live(engine, clock).deployment, own_hardware=False)
    return LiveDeployment(deployment, engine, lambda _: TARIFF, supervisor=None, clock=clock)


@pytest.mark.parametrize("whole", [False, True])
async def test_who_leaves_before_an_upstream_said_anything_pays_for_what_it_may_have_done(
    database: Database, clock: FakeClock, *, whole: bool
) -> None:
    upstream = Upstream(clock)
    wanted = order()
    assert isinstance(wanted.ask, Ask)
    wanted = replace(wanted, ask=replace(wanted.ask, whole=whole, limits=Limits(output=5)))
    lives = [elsewhere(upstream, clock)]
    async with house(database, clock, lives=lives) as h, anyio.create_task_group() as tasks:
        tasks.start_soon(h.events, wanted)
        await until(lambda: upstream.asked == 1)
        await clock.advance(0.5)
        tasks.cancel_scope.cancel()
    (entry,) = h.ledger.entries(last=2)
    assert entry.stop == "cancelled"
    assert entry.usage == Usage(input_fresh=64, output_visible=5 if whole else 0)


@pytest.mark.parametrize(
    ("error", "read"),
    [
        (errors.EngineFailed("m", why="it hung up", begun=True), 64),
        (errors.EngineFailed("m", why="it answered 500"), 0),
        (errors.UpstreamRefused("m", status=401, said="no"), 0),
    ],
)
async def test_what_an_upstream_refused_is_free_and_what_it_broke_off_is_not(
    database: Database, clock: FakeClock, error: errors.SeedbedError, read: int
) -> None:
    upstream = Upstream(clock, error)
    async with house(database, clock, lives=[elsewhere(upstream, clock)]) as h:
        await while_time_passes(h, order(), upstream, 1.0)
    (entry,) = h.ledger.entries(last=2)
    assert entry.usage == Usage(input_fresh=read)


async def test_each_of_many_texts_has_a_window_and_all_are_promised(
    database: Database, clock: FakeClock
) -> None:
    texts = ("word " * 20,) * 50
    async with house(database, clock, [scripted()]) as h:
        reply = Reply.of(await h.events(Order(EmbedAsk("m", texts), PRINCIPAL, "req_1")))
    assert reply.entry is not None
    assert reply.entry.usage.input > 64
    assert reply.entry.reserved.micros >= reply.entry.spent.micros


async def test_what_is_refused_before_it_is_placed_has_a_way_that_says_why(
    database: Database, clock: FakeClock
) -> None:
    nobody = Principal("ada", "default", "key_1", frozenset())
    plain = order()
    assert isinstance(plain.ask, Ask)
    tools = replace(plain.ask, tools=(Tool("t"), Tool("t")))
    refused = {
        "model_unknown": order(name="n" * 9_999, id_="req_1"),
        "scope_missing": replace(plain, principal=nobody, request_id="req_2"),
        "request_malformed": replace(plain, ask=tools, request_id="req_3"),
    }
    async with house(database, clock, [scripted()]) as h:
        for code, one in refused.items():
            events = await h.events(one)
            way = await h.way(one.request_id)
            assert isinstance(events[-1], Failed)
            assert (way.code, way.refused, way.attempts) == (code, True, ())
            assert way.why == events[-1].error.what[:400]
            assert way.project == PRINCIPAL.project
            assert len(way.model) <= 200


async def test_an_answer_that_breaks_off_is_told_as_one_that_had_begun(
    database: Database, clock: FakeClock
) -> None:
    broken = errors.EngineFailed("m", why="it broke", begun=True)
    async with house(database, clock, [scripted(error=broken, fails_after=2)]) as h:
        await h.events(order())
        way = await h.way("req_1")
    assert way.attempts == (Attempt("m@here", broken.code, broken.what, begun=True),)
    assert (way.code, way.why, way.refused) == (broken.code, broken.what, False)
