"""Who runs in the next step, who is parked, and that batch work only fills gaps."""

from dataclasses import dataclass, field

from seedbed.engines.workers.openvino_schedule import Schedule


@dataclass(eq=False, slots=True)
class Work:
    """An answer of nothing."""

    name: str
    rank: int = 2
    reads: bool = True
    can_park: bool = True

    @property
    def is_batch(self) -> bool:
        return self.rank == 2


@dataclass(slots=True)
class Told:
    """A schedule, and what it has started and stopped."""

    places: int = 2
    started: list[str] = field(default_factory=list[str])
    schedule: Schedule[Work] = field(init=False)

    def __post_init__(self) -> None:
        self.schedule = Schedule(places=self.places, start=self.start, stop=self.stop)

    def start(self, work: Work, piece: bool) -> None:
        self.started.append(f"{work.name} {'piece' if piece else 'whole'}")

    def stop(self, work: Work) -> None:
        self.started.append(f"{work.name} stops")

    def turn(self, *works: Work) -> list[str]:
        """Add these, and tell what the next turn starts and stops."""
        for work in works:
            self.schedule.add(work)
        self.started.clear()
        self.schedule.turn()
        return list(self.started)


def test_batch_work_alone_takes_all_places_and_reads_whole_prompts() -> None:
    assert Told(places=2).turn(Work("a"), Work("b"), Work("c")) == ["a whole", "b whole"]


def test_who_is_interactive_goes_before_others_and_they_before_batch_work() -> None:
    told = Told(places=3)
    works = Work("batch"), Work("other", rank=1), Work("quick", rank=0)
    assert told.turn(*works) == ["quick whole", "other whole"]


def test_batch_work_is_parked_while_a_prompt_is_read_and_then_goes_on() -> None:
    told, other = Told(places=4), Work("other", rank=1)
    running, held = Work("running"), Work("held", can_park=False)
    told.turn(running, held)
    running.reads = held.reads = False
    assert told.turn(other) == ["other whole", "running stops"]
    assert told.turn() == []
    other.reads = False
    assert told.turn() == ["running whole"]
    assert told.schedule.parks == 1


def test_a_full_house_makes_room_by_parking_what_came_last() -> None:
    told = Told(places=2)
    first, second = Work("first"), Work("second")
    told.turn(first, second)
    first.reads = second.reads = False
    assert told.turn(Work("other", rank=1)) == ["second stops", "other whole", "first stops"]


def test_nobody_is_pushed_out_who_could_not_go_on() -> None:
    told = Told(places=1)
    told.turn(Work("held", can_park=False))
    assert told.turn(Work("other", rank=1)) == []
    assert told.schedule.parks == 0


def test_after_others_came_batch_work_reads_in_pieces_in_half_of_the_places() -> None:
    told, other = Told(places=4), Work("other", rank=0)
    told.turn(other)
    other.reads = False
    works = [Work(name) for name in "abc"]
    assert told.turn(*works) == ["a piece"]
    told.schedule.again(works[0])
    assert told.turn() == ["a piece"]
    works[0].reads = False
    assert told.turn() == ["b piece"]
    works[1].reads = False
    assert told.turn() == []
    told.schedule.drop(works[0])
    assert told.turn() == ["c piece"]


def test_when_nobody_else_came_for_long_batch_work_has_all_places_again() -> None:
    told, other = Told(places=2), Work("other", rank=0)
    told.turn(other)
    told.schedule.drop(other)
    works = Work("a", reads=False), Work("b"), Work("c")
    assert told.turn(*works) == ["a whole"]
    for _ in range(510):
        assert told.turn() == []
    assert told.turn() == ["b whole"]


def test_one_that_waits_is_forgotten_when_nobody_wants_it() -> None:
    told, waits = Told(places=1), Work("waits")
    runs = Work("runs")
    told.turn(runs, waits)
    told.schedule.drop(waits)
    told.schedule.drop(runs)
    assert told.turn() == []
