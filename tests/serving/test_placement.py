"""Where an ask goes, by policy, and the reasons that are told."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.policy import Policy
from seedbed.serving.placement import Candidate, Placement, Rule, place, shortlist
from seedbed.serving.speed import Estimate, Pressure, Prior, Served, Speed, Work


def candidate(name: str, micros: int | None = 100, total: float = 1.0, **rest: object) -> Candidate:
    return Candidate(name, micros, Estimate(total / 4, total, total), **rest)  # pyright: ignore[reportArgumentType]


CHEAP = candidate("cheap", 100, 2.0)
FAST = candidate("fast", 5_000, 0.5)
EVEN = candidate("even", 500, 0.9)
ALL = (CHEAP, FAST, EVEN)


def placed(policy: Policy, *candidates: Candidate, within: float | None = None) -> Placement:
    pinned = ("cheap",) if policy is Policy.PINNED else ()
    return place(Rule(policy, pinned), candidates or ALL, within=within)


@pytest.mark.parametrize(
    ("policy", "order"),
    [
        (Policy.CHEAPEST, ("cheap", "even", "fast")),
        (Policy.FASTEST, ("fast", "even", "cheap")),
        (Policy.BALANCED, ("even", "cheap", "fast")),
        (Policy.PINNED, ("cheap",)),
    ],
)
def test_each_policy_has_its_order(policy: Policy, order: tuple[str, ...]) -> None:
    assert placed(policy).order == order


def test_the_cheapest_is_the_cheapest_of_those_that_can_answer_in_time() -> None:
    assert placed(Policy.CHEAPEST, within=1.0).order == ("even", "fast", "cheap")
    assert placed(Policy.CHEAPEST, within=0.6).order == ("fast", "even", "cheap")


def test_where_none_can_answer_in_time_the_nearest_is_named_and_so_is_that() -> None:
    late = placed(Policy.CHEAPEST, within=0.1)
    assert late.order == ("fast", "even", "cheap")
    assert not late.meets_deadline
    assert late.options()[0].why == "expected 0.4 s after the deadline"
    assert placed(Policy.CHEAPEST, within=0.5).meets_deadline


def test_a_line_is_a_part_of_the_time_that_an_ask_takes() -> None:
    busy = candidate("fast", 100, 0.5, waiting=3.0)
    assert placed(Policy.FASTEST, busy, CHEAP).order == ("cheap", "fast")


def test_what_waiting_is_worth_decides_between_cost_and_time() -> None:
    for worth, first in ((0.0, "cheap"), (1_000.0, "even"), (1e6, "fast")):
        rule = Rule(micros_per_second=worth)
        assert place(rule, ALL, within=None).order[0] == first


def test_who_cannot_be_asked_is_not_in_the_order_and_is_told_with_the_reason() -> None:
    sick = candidate("sick", 1, 0.1, why_not="it is left alone for 3 s more")
    unpriced = candidate("unpriced", None, 0.1)
    given = placed(Policy.BALANCED, sick, EVEN, unpriced)
    assert given.order == ("even",)
    assert {option.deployment: option.why for option in given.options()} == {
        "even": "the only one that can be asked",
        "sick": "not asked: it is left alone for 3 s more",
        "unpriced": "not asked: it has no price today",
    }


@pytest.mark.parametrize("policy", list(Policy))
def test_where_all_are_sick_there_is_no_order(policy: Policy) -> None:
    sick = [candidate(name, why_not="it failed") for name in ("cheap", "fast")]
    given = placed(policy, *sick)
    assert (given.order, given.meets_deadline) == ((), False)


def test_one_deployment_is_taken_or_left() -> None:
    assert placed(Policy.BALANCED, EVEN).order == ("even",)
    assert placed(Policy.BALANCED, EVEN, within=0.1).meets_deadline is False
    sick = placed(Policy.BALANCED, candidate("even", why_not="it failed"))
    assert [option.why for option in sick.options()] == ["not asked: it failed"]


def test_nothing_else_is_asked_than_what_is_pinned_even_if_it_is_down() -> None:
    down = candidate("cheap", why_not="it failed")
    given = placed(Policy.PINNED, down, FAST)
    assert given.order == ()
    assert [option.why for option in given.options()] == [
        "not asked: it failed",
        "not asked: requests are pinned to cheap",
    ]


def test_what_is_named_behind_the_pinned_one_stands_in_for_it() -> None:
    rule = Rule(Policy.PINNED, ("cheap", "fast"))
    given = place(rule, (FAST, EVEN, CHEAP), within=None)
    assert [option.why for option in given.options()[:2]] == ["pinned", "stands in for it"]
    down = candidate("cheap", why_not="it failed")
    given = place(rule, (FAST, EVEN, down), within=None)
    assert given.order == ("fast",)
    assert given.options()[0].why == "stands in for it"


def test_a_prefix_in_the_cache_draws_an_ask_until_the_line_there_costs_more() -> None:
    speed = Speed(Prior.here(parameters=135_000_000, cores=2))
    warm, cold = (speed.estimate(Work(8_000, cached, 16)) for cached in (7_500, 0))
    for waiting, first in ((0.0, "warm"), (1.0, "warm"), (3.0, "cold")):
        there = Candidate("warm", 100, warm, waiting, cached_bytes=7_500)
        given = place(Rule(), (Candidate("cold", 100, cold), there), within=None)
        assert given.order[0] == first


def test_a_session_stays_where_it_was_among_equals_only() -> None:
    last = candidate("last", 104, 1.0, is_last=True)
    given = place(Rule(Policy.CHEAPEST), (candidate("other", 100), last), within=None)
    assert given.order == ("last", "other")
    assert given.options()[0].why == "as good as the best, and it served this session last"
    dear = candidate("last", 120, 1.0, is_last=True)
    given = place(Rule(Policy.CHEAPEST), (candidate("other", 100), dear), within=None)
    assert given.order == ("other", "last")
    sick = candidate("last", 90, 1.0, is_last=True, why_not="it failed")
    assert place(Rule(), (candidate("other"), sick), within=None).order == ("other",)


def test_a_session_does_not_draw_an_ask_beyond_its_deadline() -> None:
    last = candidate("last", 100, 2.0, is_last=True)
    given = place(Rule(Policy.CHEAPEST), (candidate("other", 100), last), within=1.5)
    assert given.order == ("other", "last")


def test_one_that_served_last_and_is_best_anyway_is_called_the_best() -> None:
    last = candidate("last", 10, 1.0, is_last=True)
    given = place(Rule(Policy.CHEAPEST), (candidate("other", 100), last), within=None)
    assert given.options()[0].why == "the cheapest"


def test_between_twins_the_one_on_this_machine_is_taken() -> None:
    away, here = candidate("away"), candidate("here", is_local=True)
    assert placed(Policy.BALANCED, away, here).order == ("here", "away")


def test_each_that_was_not_taken_is_told_with_what_it_is_behind_in() -> None:
    twin = candidate("twin", 500, 0.9)
    both = candidate("both", 600, 1.0)
    told = {o.deployment: o.why for o in placed(Policy.BALANCED, *ALL, twin, both).options()}
    assert told == {
        "even": "the least of cost and waiting together",
        "twin": "as good",
        "both": "100 micros dearer and 0.10 s later",
        "cheap": "1.10 s later, though 400 micros cheaper",
        "fast": "4,500 micros dearer, though 0.40 s sooner",
    }


def test_an_option_has_the_figures_that_decided() -> None:
    one = Candidate("one", 7, Estimate(0.5, 2.0, 1.0), 3.0, cached_bytes=64)
    (option,) = place(Rule(), (one,), within=None).options()
    assert (option.micros, option.first, option.total) == (7, 3.5, 5.0)
    assert (option.waiting, option.cached) == (3.0, 64)
    unknown = Candidate("one", 7, Estimate(float("inf"), float("inf"), 1.0))
    (option,) = place(Rule(), (unknown,), within=None).options()
    assert (option.first, option.total) == (None, None)


def test_few_streams_go_to_the_engine_that_is_quick_for_one_and_many_to_the_one_that_batches() -> (
    None
):
    """As measured on two cores: tokens a second of one stream, and of sixteen at once."""
    step = {"llama_cpp": {1: 0.0106, 16: 0.131}, "openvino": {1: 0.0142, 16: 0.0307}}
    speeds: dict[str, Speed] = {}
    for name, seconds in step.items():
        speeds[name] = Speed(Prior.here(parameters=135_000_000, cores=2))
        for nth in range(60):
            answers = (1, 16)[nth % 2]
            speeds[name].learn(
                Served(128, 0.14, 64, 63 * seconds[answers], answers, input_bytes=512)
            )

    def chosen(answers: int) -> str:
        found = [
            Candidate(name, 100, speed.estimate(Work(512, output=64), Pressure(answers)))
            for name, speed in speeds.items()
        ]
        return place(Rule(Policy.FASTEST), found, within=None).order[0]

    assert [chosen(beside) for beside in (0, 1, 4, 15)] == ["llama_cpp", *["openvino"] * 3]


@given(st.lists(st.tuples(st.integers(0, 10**6), st.floats(0, 100)), min_size=1, max_size=20))
def test_every_candidate_is_in_the_order_once(figures: list[tuple[int, float]]) -> None:
    given = [candidate(str(nth), *each) for nth, each in enumerate(figures)]
    for policy in (Policy.CHEAPEST, Policy.FASTEST, Policy.BALANCED):
        order = place(Rule(policy), given, within=50.0).order
        assert sorted(order) == sorted(one.name for one in given)


def test_of_many_alike_a_few_are_looked_at_and_those_that_have_the_prefix() -> None:
    fast, slow = [f"fast-{n}" for n in range(900)], [f"slow-{n}" for n in range(100)]
    holders = [f"held-{n}" for n in range(9)]
    found = shortlist([fast, slow], holders, Random(1))
    assert sum(name.startswith("fast") for name in found) == 3
    assert sum(name.startswith("slow") for name in found) == 3
    assert [name for name in found if name.startswith("held")] == holders[:4]


def test_of_few_all_are_looked_at_once() -> None:
    few = ["one", "two", "three"]
    assert shortlist([few], few[:1], Random(1)) == few
