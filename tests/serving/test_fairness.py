"""Whose turn it is, for any keys and classes that wait."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.ask import Priority
from seedbed.serving.fairness import PATIENCE, Line, Lines, Ticket

KEYS = st.sampled_from("abc")
SECONDS = st.integers(0, 9).map(float)
ASKS = st.lists(st.tuples(KEYS, SECONDS), max_size=30)


def _line(asks: list[tuple[str, float]]) -> Line:
    line = Line()
    for key, seconds in asks:
        line.add(Ticket(key, seconds=seconds))
    return line


def _taken(line: Line) -> list[Ticket]:
    taken: list[Ticket] = []
    while line:
        taken.append(line.next())
        line.take(taken[-1])
    return taken


@given(ASKS)
def test_a_line_is_taken_in_the_order_that_it_tells(asks: list[tuple[str, float]]) -> None:
    line = _line(asks)
    told = list(line)
    assert _taken(line) == told
    assert len(told) == len(asks)


@given(ASKS)
def test_the_asks_of_one_key_go_in_the_order_in_which_they_came(
    asks: list[tuple[str, float]],
) -> None:
    line = Line()
    came = [Ticket("a", seconds=seconds) for _, seconds in asks]
    for ticket in came:
        line.add(ticket)
    assert _taken(line) == came


@given(st.lists(SECONDS, min_size=30, max_size=60), st.lists(SECONDS, min_size=3, max_size=9))
def test_two_keys_that_wait_differ_by_no_more_than_an_ask_of_each(
    many: list[float], few: list[float]
) -> None:
    line = _line([("many", seconds) for seconds in many] + [("few", seconds) for seconds in few])
    had = {"many": 0.0, "few": 0.0}
    for ticket in _taken(line)[: 2 * len(few)]:
        had[ticket.key] += ticket.seconds
        if sum(had.values()) and had["few"] < sum(few) and had["many"] < sum(many):
            assert abs(had["many"] - had["few"]) <= max(many) + max(few)


def test_one_ask_goes_before_the_second_of_a_thousand() -> None:
    line = _line([("many", 1.0)] * 1_000 + [("one", 9.0)])
    assert [ticket.key for ticket in _taken(line)[:3]] == ["many", "one", "many"]


def test_a_key_gets_nothing_for_the_time_in_which_it_asked_for_nothing() -> None:
    line = _line([("busy", 1.0)] * 20)
    for _ in range(10):
        line.take(line.next())
    for _ in range(10):
        line.add(Ticket("idle", seconds=1.0))
    keys = [ticket.key for ticket in _taken(line)]
    assert all(one != other for one, other in pairwise(keys))


def test_a_key_that_comes_back_still_owes_what_it_had() -> None:
    line = _line([("long", 10.0)] + [("short", 1.0)] * 8)
    line.take(line.next())
    line.take(line.next())
    line.add(Ticket("long", seconds=10.0))
    assert [ticket.key for ticket in _taken(line)][:7] == ["short"] * 7


def test_nobody_owes_anything_once_the_line_was_empty() -> None:
    line = _line([("long", 10.0)])
    line.take(line.next())
    for key in "long", "short":
        line.add(Ticket(key))
    assert [ticket.key for ticket in line] == ["long", "short"]


@given(ASKS, st.data())
def test_one_that_leaves_leaves_the_line_as_if_it_had_never_come(
    asks: list[tuple[str, float]], data: st.DataObject
) -> None:
    line, same = _line(asks), _line(asks)
    took = data.draw(st.integers(0, len(asks)))
    for _ in range(took):
        line.take(line.next())
        same.take(same.next())
    leaves = Ticket(data.draw(KEYS), seconds=7.0)
    line.add(leaves)
    line.remove(leaves)
    rest = [ticket.key for ticket in line]
    assert rest == [ticket.key for ticket in same]
    for key in "abc":
        line.add(Ticket(key))
        same.add(Ticket(key))
    assert [ticket.key for ticket in line] == [ticket.key for ticket in same]


def test_higher_classes_go_first_and_batch_work_into_gaps_alone() -> None:
    lines = Lines()
    assert lines.next(gap=True, fits=True) is None
    batch = Ticket("a", Priority.BATCH)
    lines[Priority.BATCH].add(batch)
    assert lines.next(gap=True, fits=True) is batch
    assert lines.next(gap=False, fits=True) is None
    lines[Priority.DEFAULT].add(default := Ticket("b"))
    assert lines.next(gap=True, fits=True) is default
    lines[Priority.INTERACTIVE].add(first := Ticket("c", Priority.INTERACTIVE))
    assert lines.next(gap=True, fits=True) is first
    assert lines.before(batch) == [first, default]


def test_a_class_whose_patience_is_at_its_end_has_one_turn() -> None:
    lines = Lines()
    first, default, batch = (Ticket("a", priority) for priority in Priority)
    for ticket in first, default, batch:
        lines[ticket.priority].add(ticket)
    for _ in range(PATIENCE):
        assert lines.next(gap=True, fits=True) is first
        lines.passed_by(Priority.INTERACTIVE)
    assert lines.next(gap=True, fits=True) is default
    lines[Priority.DEFAULT].take(default)
    lines[Priority.DEFAULT].add(default)
    assert lines.next(gap=False, fits=True) is batch
    assert lines.next(gap=True, fits=False) is first


def test_patience_begins_anew_with_whoever_comes_to_an_empty_line() -> None:
    lines = Lines()
    for _ in range(PATIENCE):
        lines.passed_by(Priority.INTERACTIVE)
    lines[Priority.BATCH].add(Ticket("a", Priority.BATCH))
    assert lines.next(gap=False, fits=True) is None


def test_a_full_line_loses_the_newest_batch_ask_for_one_of_a_higher_class() -> None:
    lines = Lines()
    batch = [Ticket(key, Priority.BATCH) for key in "abac"]
    for ticket in batch:
        lines[Priority.BATCH].add(ticket)
    assert lines.outranked_by(Ticket("a", Priority.INTERACTIVE)) is batch[3]
    assert lines.outranked_by(Ticket("a")) is batch[3]
    lines[Priority.BATCH].remove(batch[3])
    assert lines.outranked_by(Ticket("a")) is batch[2]


def test_a_full_line_loses_the_newest_ask_of_a_key_that_has_more_than_its_part() -> None:
    lines = Lines()
    assert lines.outranked_by(Ticket("a")) is None
    asks = [Ticket(key) for key in "aaab"]
    for ticket in asks:
        lines[Priority.DEFAULT].add(ticket)
    assert lines.outranked_by(Ticket("b")) is asks[2]
    assert lines.outranked_by(Ticket("a")) is None
    assert lines.outranked_by(Ticket("a", Priority.BATCH)) is None


def test_a_key_that_fills_one_class_makes_room_for_an_ask_of_another_key_and_class() -> None:
    for full, other in (
        (Priority.DEFAULT, Priority.INTERACTIVE),
        (Priority.INTERACTIVE, Priority.DEFAULT),
    ):
        lines = Lines()
        asks = [Ticket("a", full) for _ in range(4)]
        for ask in asks:
            lines[full].add(ask)
        assert lines.outranked_by(Ticket("b", other)) is asks[3]
        assert lines.outranked_by(Ticket("b", Priority.BATCH)) is None
        for _ in range(3):
            lines[other].add(Ticket("b", other))
        assert lines.outranked_by(Ticket("b", other)) is None


def test_of_a_key_that_has_too_many_the_lowest_class_makes_room() -> None:
    lines = Lines()
    asks = [Ticket("a", priority) for priority in (Priority.DEFAULT, Priority.INTERACTIVE)]
    for ask in asks:
        lines[ask.priority].add(ask)
    assert lines.outranked_by(Ticket("b", Priority.INTERACTIVE)) is asks[0]


def test_a_key_that_has_the_line_to_itself_makes_room_for_its_own_more_urgent_asks() -> None:
    lines = Lines()
    mine = Ticket("a")
    lines[Priority.DEFAULT].add(mine)
    assert lines.outranked_by(Ticket("a", Priority.INTERACTIVE)) is mine
    assert lines.outranked_by(Ticket("a")) is None
