"""Who enters a deployment and when, whatever comes, ends and is cancelled in whatever order."""

import asyncio
from dataclasses import dataclass, field
from heapq import heapreplace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.core.ask import Priority
from seedbed.core.errors import CapacityExceeded, DeadlineExceeded
from seedbed.kit.clock import FakeClock
from seedbed.serving.admission import Place, Queue, Standing
from seedbed.serving.fairness import PATIENCE, Ticket

pytestmark = pytest.mark.anyio

INTERACTIVE, DEFAULT, BATCH = Priority
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["enter"] * 4 + ["give"] * 3 + ["cancel", "both", "both", "due", "pass"]),
        st.integers(0, 30),
        st.sampled_from(Priority),
    ),
    max_size=60,
)


def queue(clock: FakeClock, *, places: int = 1, waiting: int = 99) -> Queue:
    return Queue("m", places=places, waiting=waiting, clock=clock)


def entered(line: Queue, key: str = "a", priority: Priority = DEFAULT, seconds: float = 0) -> Place:
    place = line.enter_now(Ticket(key, priority, seconds))
    assert place
    return place


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def waits(line: Queue, ticket: Ticket) -> "asyncio.Task[Place]":
    task = asyncio.create_task(line.enter(ticket))
    await settled()
    return task


@dataclass
class House:
    """A queue under test, with all who ever came."""

    line: Queue
    places: int
    tasks: "list[asyncio.Task[Place]]" = field(default_factory=list["asyncio.Task[Place]"])
    given: set[Place] = field(default_factory=set[Place])

    @property
    def pending(self) -> "list[asyncio.Task[Place]]":
        return [task for task in self.tasks if not task.done()]

    @property
    def held(self) -> list[Place]:
        ended = [task for task in self.tasks if task.done() and not task.cancelled()]
        places = [task.result() for task in ended if task.exception() is None]
        return [place for place in places if place not in self.given]

    def give(self, number: int) -> None:
        if held := self.held:
            place = held[number % len(held)]
            place.give()
            place.give()
            self.given.add(place)

    def cancel(self, number: int) -> None:
        if pending := self.pending:
            pending[number % len(pending)].cancel()

    def check(self) -> None:
        standings = self.line.standings
        running = {one.priority: one.running for one in standings}
        waiting = {one.priority: one.waiting for one in standings}
        assert sum(running.values()) == len(self.held) <= self.places
        assert sum(waiting.values()) == len(self.pending) == self.line.depth <= 8
        free, kept = self.places - len(self.held), int(self.places > 1)
        assert not free or not waiting[INTERACTIVE] + waiting[DEFAULT]
        assert free <= kept or not waiting[BATCH]
        assert running[BATCH] <= self.places - kept


@given(STEPS, st.integers(1, 4))
async def test_no_place_is_lost_or_given_twice_and_none_is_free_for_one_who_waits(
    steps: list[tuple[str, int, Priority]], places: int
) -> None:
    clock = FakeClock()
    house = House(queue(clock, places=places, waiting=8), places)
    for step, number, priority in steps:
        match step:
            case "enter" | "due":
                due = clock.now() + 2 * number if step == "due" else None
                ticket = Ticket("abc"[number % 3], priority, number % 5, due)
                house.tasks.append(asyncio.create_task(house.line.enter(ticket)))
            case "give":
                house.give(number)
            case "cancel":
                house.cancel(number)
            case "both":  # a turn comes while its owner is being cancelled, in either order
                for act in (house.give, house.cancel) if number % 2 else (house.cancel, house.give):
                    act(number)
            case _:
                await clock.advance(number % 7)
        await settled()
        house.check()
    for _ in range(len(house.tasks)):
        house.give(0)
        await settled()
        house.check()
    assert not house.pending
    assert not house.held


@given(
    st.integers(1, 3),
    st.lists(st.integers(1, 9), min_size=3, max_size=3),
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.integers(0, 9), st.sampled_from([INTERACTIVE, DEFAULT])
        ),
        max_size=PATIENCE - 1,
    ),
)
async def test_what_is_expected_comes_true_where_nobody_comes_or_leaves(
    places: int, running: list[int], asks: list[tuple[str, int, Priority]]
) -> None:
    clock = FakeClock()
    line = queue(clock, places=places)
    began: dict[int, float] = {}

    async def run(number: int, ticket: Ticket) -> None:
        place = await line.enter(ticket)
        began[number] = clock.now()
        await clock.sleep(ticket.seconds)
        place.give()

    tickets = [Ticket("z", seconds=seconds) for seconds in running[:places]]
    tickets += [Ticket(key, priority, seconds) for key, seconds, priority in asks]
    tasks = [asyncio.create_task(run(-n, ticket)) for n, ticket in enumerate(tickets)]
    await settled()
    expected = clock.now() + line.expected_wait(DEFAULT, "a")
    tasks.append(asyncio.create_task(run(99, Ticket("a", seconds=1))))
    await settled()
    await clock.advance(999)
    await asyncio.gather(*tasks)
    assert began[99] == expected


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9)), max_size=12),
    st.integers(0, 60),
    st.integers(0, 9),
)
async def test_a_deadline_is_refused_at_once_exactly_if_it_is_expected_to_be_missed(
    asks: list[tuple[str, int]], within: int, seconds: int
) -> None:
    clock = FakeClock()
    line = queue(clock)
    place = entered(line, seconds=5)
    tasks = [await waits(line, Ticket(key, seconds=seconds)) for key, seconds in asks]
    is_missed = line.expected_wait(DEFAULT, "a") + seconds > within
    asking = await waits(line, Ticket("a", DEFAULT, seconds, clock.now() + within))
    assert asking.done() is is_missed
    if is_missed:
        assert isinstance(asking.exception(), DeadlineExceeded)
    for task in (*tasks, asking):
        task.cancel()
    await settled()
    assert line.depth == 0
    place.give()
    assert line.expected_wait(DEFAULT) == 0


async def test_a_deadline_that_its_own_seconds_miss_is_refused_though_a_place_is_free(
    clock: FakeClock,
) -> None:
    line = queue(clock)
    ticket = Ticket("a", seconds=3, deadline=clock.now() + 2)
    assert line.enter_now(ticket) is None
    with pytest.raises(
        DeadlineExceeded, match=r"due in 2 s and expected in 3 s\. It was not begun"
    ):
        await line.enter(ticket)
    assert line.enter_now(Ticket("a", seconds=2, deadline=clock.now() + 2))


def simulated(
    line: Queue, clock: FakeClock, key: str, priority: Priority, held: list[Place]
) -> float:
    """When an ask would enter, found by giving places to all who wait, one after another."""
    slots = sorted(abs(place.until - clock.now()) for place in held)
    probe = Ticket(key, priority)
    lines = line._lines  # pyright: ignore[reportPrivateUsage]
    lines[priority].add(probe)
    for one in lines.before(probe):
        heapreplace(slots, slots[0] + one.seconds)
    lines[priority].remove(probe)
    return slots[0]


@given(st.integers(1, 4), STEPS, st.sampled_from("abcd"), st.sampled_from([INTERACTIVE, DEFAULT]))
async def test_what_is_expected_is_what_giving_places_one_by_one_comes_to(
    places: int, steps: list[tuple[str, int, Priority]], key: str, priority: Priority
) -> None:
    clock = FakeClock()
    house = House(queue(clock, places=places, waiting=99), places)
    for number in range(places):
        ticket = Ticket("z", INTERACTIVE, 3 * number)
        house.tasks.append(asyncio.create_task(house.line.enter(ticket)))
    for step, number, class_ in steps:
        if step == "give":
            house.give(number)
        elif step == "cancel":
            house.cancel(number)
        elif step == "pass":
            await clock.advance(number % 7)
        else:
            ticket = Ticket("abc"[number % 3], class_, number / 7)
            house.tasks.append(asyncio.create_task(house.line.enter(ticket)))
        await settled()
        if len(house.held) == places:
            wanted = simulated(house.line, clock, key, priority, house.held)
            assert house.line.expected_wait(priority, key) == wanted
    for task in house.tasks:
        task.cancel()
    await settled()


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.integers(1, 40),
    st.lists(st.floats(0, 30), min_size=1, max_size=9),
    st.lists(st.floats(0, 9), min_size=1, max_size=9),
)
async def test_behind_very_many_the_wait_is_off_by_no_more_than_the_longest_of_them(
    places: int, running: list[float], seconds: list[float]
) -> None:
    clock = FakeClock()
    line = queue(clock, places=places, waiting=9999)
    held = [entered(line, seconds=running[n % len(running)]) for n in range(places)]
    tickets = [Ticket("ab"[n % 2], DEFAULT, seconds[n % len(seconds)]) for n in range(600)]
    tasks = [asyncio.create_task(line.enter(ticket)) for ticket in tickets]
    await settled()
    nearly_first = simulated(line, clock, "c", DEFAULT, held)
    assert line.expected_wait(DEFAULT, "c") == nearly_first
    told = line.expected_wait(DEFAULT, "a")
    assert abs(told - simulated(line, clock, "a", DEFAULT, held)) <= max(seconds) + 1e-6
    for task in tasks:
        task.cancel()
    await settled()


async def test_one_that_others_overtake_is_refused_once_its_seconds_do_not_fit_any_more(
    clock: FakeClock,
) -> None:
    line = queue(clock)
    place = entered(line, seconds=4)
    asking = await waits(line, Ticket("a", DEFAULT, 2, clock.now() + 8))
    first = await waits(line, Ticket("b", INTERACTIVE, 9))
    await clock.advance(4)
    place.give()
    await clock.advance(1.9)
    assert not asking.done()
    await clock.advance(0.2)
    assert isinstance(asking.exception(), DeadlineExceeded)
    assert line.depth == 0
    first.result().give()


async def test_a_deadline_is_forgotten_by_one_that_has_entered(clock: FakeClock) -> None:
    line = queue(clock)
    place = entered(line, seconds=1)
    tasks = asyncio.all_tasks()
    asking = await waits(line, Ticket("a", DEFAULT, 2, clock.now() + 8))
    place.give()
    await settled()
    assert asyncio.all_tasks() == tasks
    await clock.advance(99)
    assert line.enter_now(Ticket("b")) is None
    asking.result().give()


async def test_a_full_line_tells_how_long_those_before_are_expected_to_take(
    clock: FakeClock,
) -> None:
    line = queue(clock, waiting=1)
    place = entered(line, seconds=4)
    task = await waits(line, Ticket("a", seconds=2.5))
    with pytest.raises(CapacityExceeded) as full:
        await line.enter(Ticket("a"))
    assert full.value.retry_after == 7
    await clock.advance(6)  # two more than were expected: as many again
    assert line.expected_wait(DEFAULT, "a") == 4.5
    place.give()
    await settled()
    assert line.expected_wait(DEFAULT, "a") == 2.5
    task.result().give()


async def test_an_ask_pushes_the_newest_batch_ask_out_of_a_full_line(clock: FakeClock) -> None:
    line = queue(clock, waiting=2)
    entered(line, seconds=4)
    batch = [await waits(line, Ticket("a", BATCH, 3)) for _ in range(2)]
    asking = await waits(line, Ticket("a", INTERACTIVE))
    error = batch[1].exception()
    assert isinstance(error, CapacityExceeded)
    assert error.retry_after == 10
    with pytest.raises(CapacityExceeded):
        await line.enter(Ticket("b", BATCH))
    assert not batch[0].done()
    assert not asking.done()


@pytest.mark.parametrize("is_first", [True, False])
async def test_one_that_is_pushed_out_may_be_cancelled_in_the_same_moment(
    clock: FakeClock, *, is_first: bool
) -> None:
    line = queue(clock, waiting=1)
    entered(line)
    batch = await waits(line, Ticket("a", BATCH))
    asking = asyncio.create_task(line.enter(Ticket("a")))
    if not is_first:
        await asyncio.sleep(0)
    batch.cancel()
    await settled()
    assert batch.cancelled()
    assert not asking.done()
    assert line.depth == 1


@pytest.mark.parametrize("is_first", [True, False])
async def test_one_that_is_cancelled_as_its_turn_comes_leaves_its_place_to_the_next(
    clock: FakeClock, *, is_first: bool
) -> None:
    line = queue(clock)
    place = entered(line)
    leaving, next_ = [await waits(line, Ticket("a")) for _ in range(2)]
    if is_first:
        leaving.cancel()
    place.give()
    leaving.cancel()
    await settled()
    assert leaving.cancelled()
    next_.result().give()
    assert line.enter_now(Ticket("a"))


async def test_a_key_that_fills_the_line_makes_room_for_another(clock: FakeClock) -> None:
    line = queue(clock, waiting=3)
    entered(line)
    many = [await waits(line, Ticket("many")) for _ in range(3)]
    await waits(line, Ticket("one"))
    assert [task.done() for task in many] == [False, False, True]
    assert isinstance(many[2].exception(), CapacityExceeded)


async def test_batch_work_leaves_a_place_for_one_who_comes_next(clock: FakeClock) -> None:
    line = queue(clock, places=3)
    batch = [entered(line, priority=BATCH) for _ in range(2)]
    assert line.enter_now(Ticket("a", BATCH)) is None
    waiting = await waits(line, Ticket("a", BATCH))
    place = entered(line, priority=INTERACTIVE)
    batch[0].give()
    await settled()
    assert not waiting.done()  # the place that is free now is the next one's
    place.give()
    await settled()
    assert waiting.done()


async def test_batch_work_enters_one_place_however_many_come_before_it(clock: FakeClock) -> None:
    line = queue(clock, places=2)
    always = entered(line, priority=INTERACTIVE)
    batch = await waits(line, Ticket("a", BATCH))
    for _ in range(PATIENCE - 1):
        entered(line, priority=INTERACTIVE).give()
        assert not batch.done()
    last = entered(line, priority=INTERACTIVE)
    always.give()
    await settled()
    assert batch.done()
    last.give()


async def test_batch_work_never_takes_the_place_that_it_leaves_free(clock: FakeClock) -> None:
    line = queue(clock, places=2)
    running = entered(line, priority=BATCH, seconds=4)
    batch = await waits(line, Ticket("a", BATCH, 2))
    assert line.expected_wait(INTERACTIVE) == 0
    assert line.expected_wait(BATCH) == 6
    for _ in range(2 * PATIENCE):
        entered(line, priority=INTERACTIVE).give()
    await settled()
    assert not batch.done()
    running.give()
    await settled()
    assert batch.done()


async def test_no_class_starves_under_an_endless_load_of_higher_ones(clock: FakeClock) -> None:
    line = queue(clock)
    place = entered(line, priority=INTERACTIVE)
    tasks = [await waits(line, Ticket("a", priority)) for priority in (DEFAULT, BATCH)]
    order: list[Priority] = []
    for _ in range(PATIENCE + 2):
        tasks.append(await waits(line, Ticket("b", INTERACTIVE)))
        place.give()
        await settled()
        place = next(task for task in tasks if task.done()).result()
        tasks = [task for task in tasks if not task.done()]
        order.append(place.ticket.priority)
    assert order == [INTERACTIVE] * PATIENCE + [DEFAULT, BATCH]


async def test_position_counts_those_who_go_before(clock: FakeClock) -> None:
    line = queue(clock)
    place = entered(line)
    tickets = [Ticket("a", seconds=1), Ticket("a"), Ticket("b"), Ticket("c", INTERACTIVE)]
    tasks = [await waits(line, ticket) for ticket in tickets]
    assert [line.position(ticket) for ticket in tickets] == [2, 4, 3, 1]
    place.give()
    await settled()
    assert [line.position(ticket) for ticket in tickets] == [1, 3, 2, 0]
    tasks[0].cancel()
    await settled()
    assert [line.position(ticket) for ticket in tickets] == [0, 1, 2, 0]


async def test_standings_tell_who_runs_and_waits_by_class(clock: FakeClock) -> None:
    line = queue(clock, places=2)
    entered(line, priority=BATCH)
    entered(line)
    await waits(line, Ticket("a", tokens=7))
    await waits(line, Ticket("b", tokens=5))
    assert line.standings == (
        Standing(INTERACTIVE, 0, 0, 0),
        Standing(DEFAULT, 1, 2, 12),
        Standing(BATCH, 1, 0, 0),
    )
