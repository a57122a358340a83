"""Who begins alike follows one, is held no longer than it may be, and nobody is ever stuck."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.ask import Ask
from seedbed.core.message import Message, Role, Text
from seedbed.core.prefix import Link, chain
from seedbed.core.route import Led
from seedbed.kit.clock import FakeClock
from seedbed.serving.admission import Place, Queue
from seedbed.serving.fairness import Ticket
from seedbed.serving.leading import Leading, Turn
from seedbed.serving.prefixes import Prefixes
from tests.examples import examples

pytestmark = pytest.mark.anyio

SECONDS_A_BYTE = 1 / 1024


def links(text: str) -> tuple[Link, ...]:
    return chain(Ask("m", (Message(Role.USER, (Text(text),)),), raw=True))


def words(name: str, blocks: int) -> str:
    """Half a kilobyte for each block."""
    return (f"{name} " * 512 * blocks)[: 512 * blocks]


def alone(size: int) -> float:
    return size * SECONDS_A_BYTE


@dataclass
class House:
    """An engine that reads a kilobyte a second, whoever reads beside, with a queue before it."""

    clock: FakeClock
    places: int = 16
    is_led: bool = True
    keeps: bool = True
    read: int = 0
    answers: dict[str, int] = field(default_factory=dict[str, int])
    turns: dict[str, Turn] = field(default_factory=dict[str, Turn])
    cache: set[tuple[bytes, str]] = field(default_factory=set[tuple[bytes, str]])

    def __post_init__(self) -> None:
        self.leading = Leading(Prefixes(1 << 20), self.clock)
        self.queue = Queue("m", places=self.places, waiting=999, clock=self.clock)

    def turn(self, who: str, text: str, owner: str = "ada") -> Turn:
        turn = self.leading.turn(links(text), owner, who=who, alone=alone)
        self.turns[who] = turn
        return turn

    async def ask(self, who: str, text: str, owner: str = "ada", fails: bool = False) -> None:
        turn = self.turn(who, text, owner)
        try:
            place = await (turn.enter(self.room(owner)) if self.is_led else self.room(owner)())
            try:
                await self.answer(turn, text, fails=fails)
            finally:
                place.give()
        finally:
            turn.end()

    def room(self, owner: str) -> Callable[[], Awaitable[Place]]:
        return lambda: self.queue.enter(Ticket(owner))

    async def answer(self, turn: Turn, text: str, *, fails: bool) -> None:
        held = [link.end for link in turn.chain if (link.digest, turn.owner) in self.cache]
        fresh = len(text.encode()) - max(held, default=0)
        self.read += fresh
        since = self.clock.now()
        await self.clock.sleep(alone(fresh))
        if fails:
            return
        if self.keeps:
            self.cache |= {(link.digest, turn.owner) for link in turn.chain}
        turn.computed()
        turn.compare(took=self.clock.now() - since, alone=alone(len(text)))
        await self.clock.sleep(1.0)
        self.answers[turn.who] = hash(text)


async def all_at_once(house: House, **texts: str) -> None:
    async with anyio.create_task_group() as tasks:
        for who, text in texts.items():
            tasks.start_soon(house.ask, who, text)
        await house.clock.advance(1_000)


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def started(house: House, who: str, text: str, owner: str = "ada") -> "asyncio.Task[None]":
    return asyncio.ensure_future(house.ask(who, text, owner))


LONG = words("shared", 8)


async def test_sixteen_at_once_have_their_prefix_read_once(clock: FakeClock) -> None:
    house = House(clock)
    await all_at_once(house, **{f"r{n}": LONG + words(f"own {n}", 1) for n in range(16)})
    assert house.read == len(LONG) + 16 * 512
    assert len(house.answers) == 16
    assert house.turns["r0"].led is None
    assert [house.turns[f"r{n}"].led for n in range(1, 16)] == [Led("r0", 4_500_000, 4_096)] * 15


async def test_whoever_waits_aside_has_no_place(clock: FakeClock) -> None:
    house = House(clock, places=2)
    leader, follower = started(house, "r0", LONG + "a"), started(house, "r1", LONG + "b")
    await settled()
    other = started(house, "r2", words("other", 8))
    await clock.advance(0.5)
    assert house.turns["r2"].read
    assert not house.turns["r1"].read
    assert house.queue.depth == 0
    await clock.advance(99)
    assert house.read == 2 * 4_096 + 2
    await asyncio.gather(leader, follower, other)


async def test_who_gets_a_place_beside_its_leader_gives_it_to_the_next(clock: FakeClock) -> None:
    house = House(clock, places=3)
    before = [started(house, f"b{n}", words(f"before {n}", 1)) for n in range(3)]
    await settled()
    texts = {"r0": LONG + "a", "r1": LONG + "b", "r2": LONG + "c", "r3": words("other", 4)}
    tasks = [started(house, who, text) for who, text in texts.items()]
    await settled()
    assert house.queue.depth == 4
    await clock.advance(2.0)
    assert house.queue.depth == 0
    assert {standing.running for standing in house.queue.standings} == {0, 2}
    assert house.turns["r3"].read
    await clock.advance(99)
    await asyncio.gather(*before, *tasks)
    assert house.read == 3 * 512 + 4_096 + 3 + 2_048


@pytest.mark.parametrize("fails", [True, False])
async def test_when_a_leader_goes_one_of_its_followers_leads_the_others(
    clock: FakeClock, fails: bool
) -> None:
    house = House(clock)
    leader = asyncio.ensure_future(house.ask("r0", LONG + "a" * 512, fails=fails))
    await settled()
    followers = [started(house, f"r{n}", LONG + f"{n}" * 600) for n in range(1, 4)]
    if fails:
        await clock.advance(4.5)
    else:
        await clock.advance(1.0)
        leader.cancel()
        await settled()
    assert house.turns["r1"].read
    assert not house.turns["r2"].read
    await clock.advance(99)
    await asyncio.gather(leader, *followers, return_exceptions=True)
    led = house.turns["r2"].led
    assert led
    assert led.by == "r1"
    assert house.turns["r1"].led == Led("r0", 4_500_000 if fails else 1_000_000, 0)
    assert len(house.answers) == 3


async def test_those_who_share_more_with_one_another_have_a_leader_of_their_own(
    clock: FakeClock,
) -> None:
    house = House(clock)
    more = LONG + words("more", 8)
    await all_at_once(house, r0=LONG + "0", r1=more + "1", r2=more + "2", r3=more + "3")
    assert house.read == 4_096 * 2 + 4
    led = [house.turns[f"r{n}"].led for n in range(1, 4)]
    assert [(one.by, one.shared) for one in led if one] == [
        ("r0", 4_096),
        ("r1", 8_192),
        ("r1", 8_192),
    ]


async def test_nobody_is_held_longer_than_reading_its_prompt_alone_takes(clock: FakeClock) -> None:
    house = House(clock)
    stuck = house.turn("r0", LONG)
    assert stuck.begin()
    follower = started(house, "r1", LONG)
    await clock.advance(4.4)
    assert house.read == 0
    await clock.advance(0.1)
    assert house.read == 4_096
    led = house.turns["r1"].led
    assert led == Led("r0", 4_500_000, 4_096, gave_up=True)
    await clock.advance(99)
    await follower
    stuck.end()


async def test_while_the_leader_reads_longer_than_was_thought_its_followers_wait(
    clock: FakeClock,
) -> None:
    house = House(clock)
    slow = house.turn("r0", LONG)
    assert slow.begin()
    since = clock.now()
    turn = house.leading.turn(
        links(LONG),
        "ada",
        who="r1",
        alone=lambda size: max(alone(size), 1.1 * (clock.now() - since)),
    )
    entered = asyncio.create_task(turn.enter(house.room("ada")))
    for _ in range(30):
        await clock.advance(1.0)
        assert house.leading.aside == 1
    slow.computed()
    await entered
    assert house.leading.aside == 0
    assert (turn.held, turn.shared) == (30.0, 4_096)


async def test_what_it_is_held_by_several_adds_up(clock: FakeClock) -> None:
    house = House(clock)
    first = house.turn("r0", LONG)
    assert first.begin()
    follower = started(house, "r1", LONG)
    await clock.advance(3.0)
    first.end()
    second = house.turn("r2", LONG)
    assert second.begin()
    await clock.advance(1.4)
    assert house.read == 0
    await clock.advance(0.1)
    assert house.read == 4_096
    second.end()
    await clock.advance(99)
    await follower


@pytest.mark.parametrize(
    ("leads", "comes"),
    [
        (words("short", 1), words("short", 1)),
        (LONG + words("a", 1), LONG + words("b", 20)),
        (LONG + words("a", 20), LONG + words("b", 1)),
        (words("c", 8), words("d", 8)),
    ],
    ids=["short", "less than a third", "a leader twice as long", "nothing in common"],
)
async def test_where_waiting_is_not_worth_it_nobody_waits(
    clock: FakeClock, leads: str, comes: str
) -> None:
    house = House(clock)
    assert house.turn("r0", leads).begin()
    assert house.turn("r1", comes).begin()


async def test_what_is_in_the_cache_is_not_waited_for(clock: FakeClock) -> None:
    house = House(clock)
    before = house.turn("r0", LONG)
    before.begin()
    before.computed()
    assert house.turn("r1", LONG + "a").begin()
    assert house.turn("r2", LONG + "b").begin()


async def test_owners_neither_follow_nor_see_one_another(clock: FakeClock) -> None:
    house = House(clock)
    ada, bob, cid = (house.turn(owner, LONG, owner) for owner in ("ada", "bob", "cid"))
    assert ada.begin()
    assert bob.begin()
    assert not ada.fresh
    assert bob.fresh
    ada.computed()
    assert cid.begin()
    assert cid.fresh
    assert cid.led is None


async def test_who_follows_one_that_had_to_read_afresh_need_not_do_so(clock: FakeClock) -> None:
    house = House(clock)
    assert house.turn("r0", LONG, "ada").begin()
    leader, follower = house.turn("r1", LONG, "bob"), house.turn("r2", LONG, "bob")
    assert leader.begin()
    assert not follower.begin()
    leader.computed()
    assert follower.begin()
    assert leader.fresh
    assert not follower.fresh


async def test_who_is_cancelled_while_it_waits_leaves_no_trace(clock: FakeClock) -> None:
    house = House(clock)
    leader = house.turn("r0", LONG)
    leader.begin()
    follower = started(house, "r1", LONG)
    await clock.advance(1.0)
    follower.cancel()
    await asyncio.gather(follower, return_exceptions=True)
    assert house.turns["r1"].held == 1.0
    leader.end()
    leader.end()
    leader.computed()
    assert len(house.leading) == 0
    assert house.queue.depth == 0
    assert house.leading.prefixes.known(links(LONG), "ada") == 0


async def test_an_engine_that_keeps_nothing_is_seen_and_nobody_follows(clock: FakeClock) -> None:
    house = House(clock, keeps=False)
    await all_at_once(house, **{f"r{n}": LONG + f"{n}" for n in range(9)})
    assert house.leading.gains.is_off
    house.leading.prefixes.clear()
    assert house.turn("x0", LONG).begin()
    assert house.turn("x1", LONG).begin()


async def test_a_follower_is_judged_by_what_whom_it_followed_really_took(clock: FakeClock) -> None:
    house, times = House(clock), [1.0]

    def thought(size: int) -> float:
        return alone(size) * times[0]

    leader = house.leading.turn(links(LONG), "ada", who="r0", alone=thought)
    follower = house.leading.turn(links(LONG), "ada", who="r1", alone=thought)
    leader.begin()
    times[0] = 3.0
    entered = asyncio.ensure_future(follower.enter(house.room("ada")))
    await clock.advance(2 * alone(leader.bytes))
    leader.computed()
    (await entered).give()
    assert follower.pace == leader.pace == 2.0
    for _ in range(8):
        follower.compare(took=alone(follower.bytes), alone=alone(follower.bytes))
    assert not house.leading.gains.is_off


async def test_who_was_held_in_vain_has_gained_nothing(clock: FakeClock) -> None:
    house = House(clock)
    stuck = house.turn("r0", LONG)
    stuck.begin()
    tasks = [started(house, f"x{n}", LONG) for n in range(8)]
    await clock.advance(99)
    await asyncio.gather(*tasks)
    assert house.leading.gains.is_off
    stuck.end()


COMING = st.tuples(
    st.integers(0, 8),
    st.sampled_from(["ada", "bob"]),
    st.lists(st.sampled_from("xy"), max_size=4),
    st.integers(0, 3),
    st.sampled_from(["answered"] * 4 + ["fails", "cancelled"]),
)


@given(coming=st.lists(COMING, max_size=14), places=st.integers(1, 4), keeps=st.booleans())
@examples(60)
async def test_whatever_comes_all_are_answered_in_time_and_nothing_is_left(
    coming: list[tuple[int, str, list[str], int, str]], places: int, keeps: bool
) -> None:
    led = await _played(coming, places=places, keeps=keeps, is_led=True)
    plain = await _played(coming, places=places, keeps=keeps, is_led=False)
    assert led.answers.keys() >= {f"r{n}" for n, one in enumerate(coming) if one[4] == "answered"}
    assert {who: led.answers[who] for who in led.answers.keys() & plain.answers.keys()} == {
        who: plain.answers[who] for who in led.answers.keys() & plain.answers.keys()
    }
    assert len(led.leading) == led.queue.depth == 0
    assert not any(standing.running for standing in led.queue.standings)
    for turn in led.turns.values():
        assert turn.held <= alone(turn.bytes) + 1e-6
        assert turn.read is None
        if turn.led:
            assert led.turns[turn.led.by].owner == turn.owner


async def _played(
    coming: list[tuple[int, str, list[str], int, str]], *, places: int, keeps: bool, is_led: bool
) -> House:
    house = House(FakeClock(), places=places, keeps=keeps, is_led=is_led)
    tasks: list[asyncio.Task[None]] = []
    for number, (after, owner, path, own, end) in enumerate(coming):
        await house.clock.advance(after)
        text = "".join(words(name * at, 3) for at, name in enumerate(path, 1))
        text += words(f"own {number}", own)
        asked = house.ask(f"r{number}", text, owner, fails=end == "fails")
        tasks.append(asyncio.ensure_future(asked))
        if end == "cancelled":
            await house.clock.advance(own)
            tasks[number].cancel()
    await house.clock.advance(10_000)
    assert all(task.done() for task in tasks)
    await asyncio.gather(*tasks, return_exceptions=True)
    return house
