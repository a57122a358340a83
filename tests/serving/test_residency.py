"""Models that do not fit into memory together take turns, and who waits is told. Nothing sleeps."""

import math
import random
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.abc import TaskGroup
from structlog.testing import capture_logs

from seedbed.core.ask import Priority
from seedbed.core.errors import EngineStarting, MemoryExceeded
from seedbed.kit.clock import FakeClock
from seedbed.serving.measuring import BETWEEN_LOOKS, Measuring
from seedbed.serving.peaks import Peaks
from seedbed.serving.residency import Residency, Use
from seedbed.serving.resident import (
    GRAPHICS,
    MAIN,
    PAUSE_SECONDS,
    ROUND,
    Capacity,
    Resident,
)

pytestmark = pytest.mark.anyio

MB = 1 << 20
GO = Priority.DEFAULT


class Engine:
    """A fake that is loaded at once, and lets go when nobody holds its door."""

    def __init__(self, name: str, diary: list[str]) -> None:
        self.name, self._diary = name, diary
        self.pid: int | None = None
        self.took: float | None = None
        self.state = "unloaded"
        self.door: anyio.Event | None = None

    def load(self) -> None:
        self.pid, self.state = ord(self.name), "ready"
        self._diary.append(f"+{self.name}")

    async def unload(self) -> None:
        if self.door:
            await self.door.wait()
        self.pid, self.state = None, "unloaded"
        self._diary.append(f"-{self.name}")


class Scales:
    """A fake gauge that says what it was told to."""

    def __init__(self) -> None:
        self.told: dict[int, int] = {}
        self.looks: Callable[[], object] = bool
        self.calm: list[bool] = []

    def held(self, pids: Collection[int], *, calm: bool) -> Mapping[int, int]:
        self.looks()
        self.calm.append(calm)
        return {pid: self.told[pid] for pid in pids if pid in self.told}


class Rests:
    """The house's clock. It tells when nobody looks at what is held: then the pause between two
    looks has begun, and what the last one saw is noted.
    """

    def __init__(self, clock: FakeClock) -> None:
        self._clock, self.begun = clock, anyio.Event()
        self.now, self.wall = clock.now, clock.wall

    async def sleep(self, seconds: float) -> None:
        if seconds == BETWEEN_LOOKS:
            self.begun.set()
        await self._clock.sleep(seconds)
        if seconds == BETWEEN_LOOKS:
            self.begun = anyio.Event()


class House:
    """A residency of engines named by a letter, of so many mebibytes each, or so many of main
    memory and so many of a graphics processor, which has `graphics`.
    """

    def __init__(
        self,
        budget: int,
        clock: FakeClock,
        *,
        path: Path | None = None,
        graphics: int = 0,
        **sizes: int | tuple[int, int],
    ) -> None:
        self.tasks: TaskGroup
        self.diary: list[str] = []
        self.scales, self.others = Scales(), Scales()
        self.clock = clock
        capacities = [Capacity(MAIN, budget * MB or math.inf, self.scales)]
        if graphics:
            capacities.append(Capacity(GRAPHICS, graphics * MB, self.others))
        self.rests = Rests(clock)
        peaks = Peaks(path) if path else None
        self.residency = Residency(*capacities, clock=self.rests, peaks=peaks)
        self.engines = {name: Engine(name, self.diary) for name in sizes}
        for name, size in sizes.items():
            main, there = size if isinstance(size, tuple) else (size, None)
            least = {MAIN: main * MB} | ({} if there is None else {GRAPHICS: there * MB})
            self.residency.add(
                self.engines[name], model=f"model {name}", setup="as it is", least=least
            )

    async def ask(self, name: str, *, priority: Priority = GO, within: float = 20.0) -> Use:
        return await self.residency.admit(name, priority=priority, within=within)

    async def served(self, *names: str) -> None:
        for name in names:
            (await self.ask(name)).end()

    async def settle(self, seconds: float = 0.0) -> None:
        await self.clock.advance(seconds)

    def resident(self, name: str) -> Resident:
        (found,) = (each for each in self.residency.residents if each.engine.name == name)
        return found

    async def see(self, name: str, megabytes: int, *, kind: str = MAIN) -> None:
        """Have it hold so much, and have it measured."""
        scales = self.scales if kind == MAIN else self.others
        scales.told[ord(name)] = megabytes * MB
        await self.look()
        assert self.resident(name).holdings[kind].peak == megabytes * MB

    async def look(self) -> None:
        """Have all looked at once. That is done in a thread, for which no clock waits."""
        await self.rests.begun.wait()  # a look that was under way saw all as it was before
        await self.settle(BETWEEN_LOOKS)
        await self.rests.begun.wait()
        await self.settle()


@asynccontextmanager
async def running(house: House) -> AsyncGenerator[House]:
    async with anyio.create_task_group() as tasks:
        house.tasks = tasks
        tasks.start_soon(house.residency.run)
        await house.settle()
        yield house
        tasks.cancel_scope.cancel()


async def test_what_fits_is_loaded_in_order_and_the_rest_is_not(clock: FakeClock) -> None:
    async with running(House(10, clock, a=6, b=6, c=4, d=1)) as house:
        assert house.diary == ["+a", "+c"]


async def test_without_a_bound_all_are_loaded_and_nobody_waits(clock: FakeClock) -> None:
    async with running(House(0, clock, a=6, b=60)) as house:
        assert house.diary == ["+a", "+b"]
        await house.served("a", "b")
        await house.see("a", 10**6)
        await house.settle(60)
        assert house.diary == ["+a", "+b"]


async def test_one_that_shares_no_memory_waits_for_nothing(clock: FakeClock) -> None:
    use = await House(1, clock, a=6).ask("upstream")
    use.end()
    use.end()


async def test_an_idle_one_is_unloaded_for_one_that_is_asked(clock: FakeClock) -> None:
    async with running(House(10, clock, a=6, b=6)) as house:
        await house.served("a")
        await house.settle(PAUSE_SECONDS)
        await house.served("b")
        assert house.diary == ["+a", "-a", "+b"]


async def test_the_least_recently_used_goes_first_and_nobody_in_vain(clock: FakeClock) -> None:
    async with running(House(10, clock, a=4, b=2, c=4, d=4)) as house:
        await house.served("b", "a", "c")
        await house.settle(PAUSE_SECONDS)
        await house.served("d")
        assert house.diary == ["+a", "+b", "+c", "-a", "+d"]  # to unload b alone would not do


async def test_what_was_asked_least_urgently_goes_before_what_was_not_asked_for_longer(
    clock: FakeClock,
) -> None:
    async with running(House(10, clock, a=5, b=5, c=5)) as house:
        (await house.ask("a", priority=Priority.INTERACTIVE)).end()
        (await house.ask("b", priority=Priority.BATCH)).end()
        await house.served("c")
        assert house.diary == ["+a", "+b", "-b", "+c"]


async def test_one_in_use_is_not_unloaded_until_its_answers_are_finished(clock: FakeClock) -> None:
    async with running(House(10, clock, a=6, b=6)) as house:
        long = await house.ask("a")
        house.tasks.start_soon(house.served, "b")
        await house.settle(60)
        assert house.diary == ["+a"]
        long.end()
        long.end()
        await house.settle(PAUSE_SECONDS / 2)
        assert house.diary == ["+a"]
        await house.settle(PAUSE_SECONDS / 2)
        assert house.diary == ["+a", "-a", "+b"]


class Ticking(FakeClock):
    """A fake clock that goes on whenever it is looked at, as real ones do, only by more."""

    ticks = 0.0

    def now(self) -> float:
        self.ticks += 0.6 * PAUSE_SECONDS
        return super().now() + self.ticks

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        await super().sleep(seconds)


async def test_a_pause_that_is_over_in_the_moment_in_which_it_is_looked_at_breaks_nothing() -> None:
    async with running(House(10, clock := Ticking(), a=6, b=6)) as house:
        await house.served("a")
        house.tasks.start_soon(house.served, "b")
        while house.diary[-1] != "+b":
            await clock.advance(0.001)
        assert house.diary == ["+a", "-a", "+b"]


async def test_one_that_nobody_uses_goes_before_one_in_use(clock: FakeClock) -> None:
    async with running(House(10, clock, a=5, b=5, c=5)) as house:
        await house.ask("a")
        await house.served("b")
        await house.settle(PAUSE_SECONDS)
        await house.served("c")
        assert house.diary == ["+a", "+b", "-b", "+c"]


async def test_one_that_is_never_idle_takes_no_more_than_its_turn(clock: FakeClock) -> None:
    async with running(House(10, clock, a=6, b=6)) as house:
        uses = [await house.ask("a")]
        house.tasks.start_soon(house.served, "b")
        for _ in range(ROUND - 1):
            await house.settle()
            uses.append(await house.ask("a"))
        await house.settle()
        with pytest.raises(EngineStarting, match="number 2 in line"):
            await house.ask("a", within=0)
        for use in uses:
            use.end()
        await house.settle()
        assert house.diary == ["+a", "-a", "+b"]


async def test_who_asks_one_thing_after_another_keeps_its_turn(clock: FakeClock) -> None:
    async with running(House(10, clock, a=6, b=6)) as house:
        await house.served("a")
        house.tasks.start_soon(house.served, "b")
        for _ in range(ROUND - 1):
            await house.settle(PAUSE_SECONDS / 2)
            assert house.diary == ["+a"]
            await house.served("a")
        await house.settle()
        assert house.diary == ["+a", "-a", "+b"]


async def test_two_that_alternate_take_turns_and_not_one_load_an_ask(clock: FakeClock) -> None:
    rounds, done = 4 * ROUND, list[str]()

    async def asking(house: House, name: str) -> None:
        for _ in range(rounds):
            await house.served(name)
            await anyio.lowlevel.checkpoint()
        done.append(name)

    async with running(House(10, clock, a=6, b=6)) as house:
        for name in "ab":
            house.tasks.start_soon(asking, house, name)
        while len(done) < 2:
            await house.settle(PAUSE_SECONDS)
    loads = [line for line in house.diary if line.startswith("+")]
    assert loads[:4] == ["+a", "+b", "+a", "+b"]
    assert len(loads) <= 2 * rounds / ROUND + 1


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_is_asked_everybody_is_served_and_the_bound_holds(
    clock: FakeClock, seed: int
) -> None:
    draw = random.Random(seed)
    a, b, c, d = (draw.randint(1, 10) for _ in range(4))
    sizes = {"a": a, "b": b, "c": c, "d": d}
    served: list[str] = []

    async def asking(house: House) -> None:
        for _ in range(20):
            name, priority = draw.choice("abcd"), draw.choice(list(Priority))
            use = await house.ask(name, priority=priority)
            assert house.engines[name].state == "ready"
            await clock.sleep(draw.choice((0, 0, 0.3, 1.5)))
            use.end()
            served.append(name)

    async with running(House(10, clock, a=a, b=b, c=c, d=d)) as house:
        for _ in range(6):
            house.tasks.start_soon(asking, house)
        while len(served) < 120:
            await house.settle(0.25)
            there = [name for name, each in house.engines.items() if each.pid]
            assert sum(sizes[name] for name in there) <= 10
    assert {each.users for each in house.residency.residents} == {0}


async def test_the_line_that_has_gathered_is_served_whole(clock: FakeClock) -> None:
    async with running(House(10, clock, a=6, b=6)) as house:
        await house.served(*"a" * ROUND)
        long = await house.ask("a")
        for _ in range(ROUND + 5):
            house.tasks.start_soon(house.served, "b")
        await house.settle()
        house.tasks.start_soon(house.served, "a")
        await house.settle()
        long.end()
        await house.settle()
        assert house.diary == ["+a", "-a", "+b", "-b", "+a"]


async def test_a_more_urgent_ask_waits_for_no_turn_and_a_less_urgent_one_for_a_pause(
    clock: FakeClock,
) -> None:
    async with running(House(10, clock, a=6, b=6)) as house:
        await house.served("a")
        (await house.ask("b", priority=Priority.INTERACTIVE)).end()
        assert house.diary == ["+a", "-a", "+b"]
        house.tasks.start_soon(house.served, "a")
        for _ in range(2 * ROUND):
            await house.settle(PAUSE_SECONDS / 2)
            (await house.ask("b", priority=Priority.INTERACTIVE)).end()
        assert house.diary == ["+a", "-a", "+b"]
        await house.settle(PAUSE_SECONDS)
        assert house.diary == ["+a", "-a", "+b", "-b", "+a"]


async def test_asks_for_one_that_drains_wait_until_it_is_back(clock: FakeClock) -> None:
    async with running(House(10, clock, a=6, b=6)) as house:
        house.engines["a"].door = door = anyio.Event()
        house.tasks.start_soon(house.ask, "b")
        await house.settle(PAUSE_SECONDS)
        house.tasks.start_soon(house.served, "a")
        await house.settle()
        assert house.diary == ["+a"]
        door.set()
        await house.settle()
        assert house.diary == ["+a", "-a", "+b"]


async def test_one_that_was_to_go_and_need_not_takes_asks_again(clock: FakeClock) -> None:
    async with running(House(10, clock, a=6, b=6)) as house:
        await house.served(*"a" * ROUND)
        long = await house.ask("a")
        with anyio.CancelScope() as leaving:
            async with anyio.create_task_group() as inner:
                inner.start_soon(house.ask, "b")
                house.tasks.start_soon(house.served, "a")
                await house.settle()
                leaving.cancel()
        await house.settle()
        await house.served("a")
        assert house.diary == ["+a"]
        long.end()


async def test_who_waits_in_vain_is_told_the_place_and_when_to_come_again(
    clock: FakeClock,
) -> None:
    async with running(House(10, clock, a=6, b=6, c=6)) as house:
        house.engines["b"].took, house.engines["c"].took = 12.0, 30.5
        await house.ask("a")
        house.tasks.start_soon(house.ask, "b")
        await house.settle()
        with pytest.raises(EngineStarting) as caught:
            await house.ask("c", within=0)
        assert caught.value.what == (
            "The engine of 'model c' is not ready: it waits for memory as number 2 in line, "
            "while 'model a' is in use."
        )
        assert caught.value.retry_after == 43
        with pytest.raises(EngineStarting, match="number 1 in line") as caught:
            await house.ask("c", within=0, priority=Priority.INTERACTIVE)
        assert caught.value.retry_after == 31


async def test_nothing_is_in_use_and_nothing_was_timed(clock: FakeClock) -> None:
    house = House(10, clock, a=6)  # which is not run
    with pytest.raises(EngineStarting, match=r"number 1 in line\. Try") as caught:
        await house.ask("a", within=0)
    assert caught.value.retry_after == 5


async def test_one_larger_than_the_memory_is_refused_and_hinders_nobody(clock: FakeClock) -> None:
    async with running(House(10, clock, a=11, b=6)) as house:
        with pytest.raises(MemoryExceeded, match=r"needs 12 MB of memory.*hold 10 MB"):
            await house.ask("a")
        await house.served("b")
        assert house.diary == ["+b"]


async def test_what_is_measured_counts_and_not_the_files(clock: FakeClock) -> None:
    async with running(House(10, clock, a=6, b=6)) as house:
        await house.see("a", 4)  # while it is ready, so that this is all
        await house.settle()
        await house.served("b")
        assert house.diary == ["+a", "+b"]


async def test_while_it_loads_files_count_for_what_is_to_come(clock: FakeClock) -> None:
    async with running(House(10, clock, a=6, b=6)) as house:
        house.engines["a"].state = "loading"
        await house.see("a", 1)
        house.tasks.start_soon(house.ask, "b")
        await house.settle(PAUSE_SECONDS)
        assert house.diary == ["+a", "-a", "+b"]


async def test_where_more_is_held_than_was_thought_others_go(clock: FakeClock) -> None:
    async with running(House(10, clock, a=3, b=3, c=3)) as house:
        use = await house.ask("c")
        await house.see("c", 6)
        await house.settle()
        assert house.diary == ["+a", "+b", "+c", "-a"]
        await house.see("c", 12)
        await house.settle()
        with pytest.raises(MemoryExceeded):
            await house.ask("c")
        use.end()
        await house.settle()
        assert house.diary == ["+a", "+b", "+c", "-a", "-c"]


async def test_a_peak_outlives_the_house_as_long_as_the_setup_is_the_same(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "run" / "peaks.json"
    async with running(House(10, clock, path=path, a=1)) as house:
        await house.see("a", 9)
    async with running(House(10, clock, path=path, b=2, a=1)) as house:
        assert house.diary == ["+b"]
        room = Capacity(MAIN, math.inf, house.scales)
        other = Residency(room, clock=clock, peaks=Peaks(path))
        other.add(house.engines["a"], model="a", setup="another", least={MAIN: MB})
        assert [each.needs for each in other.residents] == [{MAIN: MB}]


def test_only_more_than_at_the_peak_is_news(clock: FakeClock) -> None:
    house = House(0, clock, a=6)
    resident = house.resident("a")
    holding = resident.holdings[MAIN]
    measuring = Measuring(house.residency.capacities, Peaks(), clock)
    assert measuring.note(resident, MAIN, 9 * MB)
    assert not measuring.note(resident, MAIN, 9 * MB - 1)
    assert not holding.is_measured
    resident.engine.load()
    assert measuring.note(resident, MAIN, 7 * MB)  # now it is ready, and this is all
    assert (holding.peak, holding.is_measured) == (9 * MB, True)
    assert not measuring.note(resident, MAIN, 7 * MB)


@pytest.mark.parametrize("content", [b"{half", b'{"a": 5}'])
def test_a_file_of_peaks_that_cannot_be_read_is_measured_anew(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "peaks.json"
    path.write_bytes(content)
    peaks = Peaks(path)
    assert peaks.of("a", MAIN, "s") is None
    peaks.note("a", MAIN, "s", 7)
    assert Peaks(path).of("a", MAIN, "s") == 7
    assert Peaks(path).of("a", GRAPHICS, "s") is None


def test_a_file_of_peaks_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    peaks = Peaks(tmp_path / "run" / "peaks.json")
    peaks.note("a", MAIN, "s", 7)
    assert peaks.of("a", MAIN, "s") == 7


async def test_it_measures_what_is_loaded_as_long_as_it_runs(clock: FakeClock) -> None:
    async with running(House(100, clock, a=6, b=6, c=200)) as house:
        house.scales.told[ord("c")] = MB
        for megabytes in (8, 9):
            await house.see("a", megabytes)
        await house.see("b", 2)
        del house.scales.told[ord("b")]
        await house.see("a", 10)
        peaks = [house.resident(name).holdings[MAIN].peak // MB for name in "abc"]
        assert peaks == [10, 2, 0]


async def test_one_that_ended_while_it_was_measured_does_not_count(clock: FakeClock) -> None:
    house = House(100, clock, a=6, b=6)

    def ends() -> None:
        house.engines["a"].pid = None

    house.scales.told = {ord("a"): MB, ord("b"): MB}
    house.scales.looks = ends
    async with running(house):
        await house.rests.begun.wait()
        peaks = [house.resident(name).holdings[MAIN].peak // MB for name in "ab"]
        assert peaks == [0, 1]


async def test_who_leaves_while_it_is_called_takes_no_place(clock: FakeClock) -> None:
    async with running(House(10, clock, a=6, b=6)) as house:
        await house.settle(PAUSE_SECONDS)
        with anyio.CancelScope() as gone:

            class Leaver(Engine):
                def load(self) -> None:
                    super().load()
                    gone.cancel()  # in the moment in which its turn comes

            engines = {each.engine.name: each for each in house.residency.residents}
            engines["b"].engine = Leaver("b", house.diary)
            await house.ask("b")
        await house.settle()
        assert [each.users for each in house.residency.residents] == [0, 0]
        await house.settle(PAUSE_SECONDS)
        await house.served("a")


async def test_one_memory_that_is_full_keeps_nobody_from_the_other(clock: FakeClock) -> None:
    async with running(House(10, clock, graphics=10, a=(1, 8), b=(1, 8), c=6, d=6)) as house:
        assert house.diary == ["+a", "+c"]
        await house.settle(PAUSE_SECONDS)
        await house.served("b")
        assert house.diary == ["+a", "+c", "-a", "+b"]  # c holds nothing of what is lacking
        await house.settle(PAUSE_SECONDS)
        await house.served("d")
        assert house.diary == ["+a", "+c", "-a", "+b", "-c", "+d"]


async def test_one_that_lacks_both_memories_has_both_made_free(clock: FakeClock) -> None:
    async with running(House(10, clock, graphics=10, a=(1, 8), b=8, c=(6, 6))) as house:
        await house.settle(PAUSE_SECONDS)
        await house.served("c")
        assert house.diary[:2] == ["+a", "+b"]
        assert sorted(house.diary[2:4]) == ["-a", "-b"]
        assert house.diary[4:] == ["+c"]


async def test_who_gives_enough_of_both_memories_goes_alone(clock: FakeClock) -> None:
    async with running(House(10, clock, graphics=10, a=(3, 1), b=(3, 8), c=(5, 5))) as house:
        await house.served("a", "b")
        await house.settle(PAUSE_SECONDS)
        await house.served("c")
        assert house.diary == ["+a", "+b", "-b", "+c"]


async def test_what_is_measured_counts_in_each_memory_and_outlives_the_house(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "peaks.json"
    async with running(House(9, clock, graphics=9, path=path, a=(5, 5), b=(5, 5))) as house:
        assert house.diary == ["+a"]
        await house.see("a", 2)
        await house.see("a", 3, kind=GRAPHICS)
        assert house.resident("a").needs == {MAIN: 2 * MB, GRAPHICS: 3 * MB}
        await house.served("b")
        assert house.diary == ["+a", "+b"]
    again = House(9, clock, graphics=9, path=path, a=(5, 5))
    assert again.resident("a").needs == {MAIN: 2 * MB, GRAPHICS: 3 * MB}


async def test_one_larger_than_the_graphics_memory_is_refused_and_told_at_the_start(
    clock: FakeClock,
) -> None:
    with capture_logs() as logs:
        async with running(House(10, clock, graphics=4, a=(1, 5), b=(1, 4))) as house:
            with pytest.raises(MemoryExceeded, match=r"5 MB of graphics memory.*hold 4 MB"):
                await house.ask("a")
            await house.served("b")
    (told,) = (line for line in logs if line["event"] == "residency.never_fits")
    assert told["name"] == "a"
    assert "5 MB of graphics memory" in told["why"]


async def test_one_that_turns_out_to_be_larger_than_the_memory_is_told_once(
    clock: FakeClock,
) -> None:
    with capture_logs() as logs:
        async with running(House(10, clock, a=6)) as house:
            await house.ask("a")
            for megabytes in (9, 11, 12):
                await house.see("a", megabytes)
    told = [line["why"] for line in logs if line["event"] == "residency.never_fits"]
    assert told == [
        "Model 'model a' needs 12 MB of memory, and all models together may hold 10 MB."
    ]


async def test_a_gauge_is_told_whether_anything_loads(clock: FakeClock) -> None:
    async with running(House(10, clock, a=6)) as house:
        await house.see("a", 1)
        assert set(house.scales.calm) == {True}
        house.engines["a"].state = "loading for 1 s"
        await house.look()
        assert not house.scales.calm[-1]


async def test_what_nobody_can_measure_is_told_once_and_counts_as_its_files(
    clock: FakeClock,
) -> None:
    with capture_logs() as logs:
        (house := House(0, clock, graphics=9, a=(1, 5), b=(1, 5))).scales.told[ord("a")] = MB
        async with running(house):
            for megabytes in (2, 3, 4):
                await house.see("a", megabytes)
            assert house.resident("a").needs[GRAPHICS] == 5 * MB
    told = [line for line in logs if line["event"] == "residency.unmeasured"]
    assert [(line["name"], line["memory"]) for line in told] == [("a", GRAPHICS)]
    assert told[0]["bytes"] == 5 * MB
