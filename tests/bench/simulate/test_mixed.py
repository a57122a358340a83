"""The mixed trace: its parts, and that chance makes it the same twice."""

from collections import Counter
from itertools import pairwise

from seedbed.bench.simulate.mixed import make
from seedbed.bench.simulate.trace import Request
from seedbed.core.ask import Priority


def kind(request: Request) -> str:
    if request.prefix:
        return request.prefix.partition("-")[0]
    return "short" if request.priority is Priority.INTERACTIVE else "form"


def test_the_parts_are_those_of_mixed_work() -> None:
    parts = Counter(map(kind, make(10_000, seed=1, rate=10)))
    shares = {name: round(count / 10_000, 1) for name, count in parts.items()}
    assert shares == {"beginning": 0.4, "short": 0.3, "agent": 0.2, "form": 0.1}


def test_the_same_seed_makes_the_same_trace() -> None:
    assert make(100, seed=1, rate=10) == make(100, seed=1, rate=10)
    assert make(100, seed=1, rate=10) != make(100, seed=2, rate=10)


def test_requests_come_in_order_at_the_rate_and_share_no_more_than_they_have() -> None:
    made = make(1_000, seed=1, rate=10)
    assert [one.at for one in made] == sorted(one.at for one in made)
    alone = [one.at for one in made if kind(one) != "agent"]
    assert 80 < max(alone) <= 100
    assert all(0 <= one.shared < one.input and one.output > 0 for one in made)


def test_an_agent_s_turn_begins_with_all_that_came_before() -> None:
    turns = [one for one in make(100, seed=1, rate=10) if one.prefix == "agent-0"]
    assert len(turns) == 20
    assert turns[0].shared == 0
    for before, after in pairwise(turns):
        assert after.at > before.at
        assert after.shared == before.input + before.output == before.keeps
        assert after.input == after.shared + 300
