"""Replays: as long as was measured, complete, the same twice, and placed as a gateway places."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.bench.simulate.fleet import Group, PerMillion
from seedbed.bench.simulate.mixed import make
from seedbed.bench.simulate.replay import RANDOM, Replay, Replayed, replay
from seedbed.bench.simulate.trace import Request
from seedbed.core.ask import Priority
from seedbed.core.policy import Policy
from tests.bench.simulate.fleets import FAST, MEASURED, SLOW
from tests.examples import examples

BATCH, INTERACTIVE = Priority.BATCH, Priority.INTERACTIVE


def played(*requests: Request, on: Group = MEASURED, policy: Policy = Policy.BALANCED) -> Replay:
    return replay(requests, (on,), policy)


def answered(replay: Replay) -> list[Replayed]:
    return [one for one in replay.requests if one.end is not None]


def test_one_answer_takes_what_its_steps_take() -> None:
    (one,) = played(Request(2.0, 115, 11)).requests
    assert one.first == pytest.approx(2.1 + 0.0131)  # 115 tokens at 1,150 a second, and a step
    assert one.end == pytest.approx(2.1 + 0.0131 + 10 * 0.0142)


@pytest.mark.parametrize("at", [1e6, 1.8e9, 1e10])
def test_a_clock_that_is_late_and_therefore_coarse_comes_to_an_end(at: float) -> None:
    requests = [Request(at + nth / 3, 115, 11, "p", shared=100) for nth in range(30)]
    assert len(answered(played(*requests))) == len(requests)


def test_asks_are_on_their_way_side_by_side_and_hold_nothing_meanwhile() -> None:
    far = msgspec.structs.replace(MEASURED, start=0.5)
    found = played(*[Request(0.0, 115, 1)] * 3, on=far)
    # the two that come while the first is read are read together, in one step of 256 tokens
    assert [one.end for one in found.requests] == pytest.approx([0.6131, 0.8262, 0.8262])
    assert found.busy == pytest.approx((0.3262,))


def test_an_answer_of_one_token_ends_as_it_begins() -> None:
    (one,) = played(Request(0.0, 115, 1)).requests
    assert one.first == one.end == pytest.approx(0.1131)


def test_answers_side_by_side_slow_one_another_down_as_was_measured() -> None:
    together = played(*[Request(0.0, 128, 64)] * 16)
    tokens = 16 * 64 / together.seconds
    assert tokens == pytest.approx(285, rel=0.1)  # tokens a second


def test_a_prompt_is_read_in_as_many_steps_as_it_fills_and_longer_behind_more() -> None:
    deep = msgspec.structs.replace(MEASURED, read_behind=1e-6, write_behind=1e-6)
    (one,) = played(Request(0.0, 1_024, 3), on=deep).requests
    read = 4 * 0.0131 + 1_024 / 1_150 + 1e-6 * 1_024 * 1_023 / 2
    assert one.first == pytest.approx(read)
    assert one.end == pytest.approx(read + 2 * 0.0142 + 1e-6 * (1_024 + 1_025))


def test_answers_take_their_room_in_a_step_from_prompts() -> None:
    small = msgspec.structs.replace(MEASURED, chunk=64)
    busy = [Request(0.0, 1, 10_000) for _ in range(8)]
    first, *_ = played(*busy, Request(1.0, 112, 1), on=small).requests
    assert first.request.output == 1
    read = first.before.read, first.before.count, first.before.wrote
    assert read == (112, 3, 3 * 8), "the step under way, and two with room for 56"


def test_who_comes_while_a_step_is_made_waits_for_its_end_and_no_longer() -> None:
    slow = Group(name="slow", prefill=1_000.0, step=0.5)
    found = played(Request(0.0, 500, 100), Request(2.7, 500, 2), on=slow)
    late = next(one for one in found.requests if one.request.at)
    # 500 tokens in two steps until 1.5; then the step that ends at 3, and two that read
    assert late.first == pytest.approx(3.0 + 2 * 0.5 + 0.5)


def test_the_first_that_is_held_to_a_form_waits_and_so_do_those_meanwhile() -> None:
    formed = msgspec.structs.replace(MEASURED, form=3.0)
    found = played(*[Request(at, 115, 1, form=at != 1.0) for at in (0.0, 1.0, 2.0, 9.0)], on=formed)
    assert [round(one.first or 0, 1) for one in found.requests] == [1.1, 3.1, 3.2, 9.1]


def test_only_whole_blocks_are_found() -> None:
    paged = msgspec.structs.replace(MEASURED, block=32)
    first, again = Request(0.0, 1_510, 2, "p", 1_500), Request(60.0, 1_510, 2, "p", 1_500)
    assert [one.cached for one in played(first, again, on=paged).requests] == [0, 1_472]


@pytest.mark.parametrize("cache", [0, 99])
def test_nobody_waits_for_a_prefix_that_no_cache_can_hold(cache: int) -> None:
    small = msgspec.structs.replace(MEASURED, cache=cache)
    sharing = [Request(0.0, 115, 11, "p", shared=100)] * 4
    unled = msgspec.structs.replace(small, leading=False)
    assert played(*sharing, on=small).requests == played(*sharing, on=unled).requests


def test_who_shares_more_than_it_could_follow_leads_the_others() -> None:
    asks = [Request(0.0, 600, 1, "p", 500, 500), *[Request(0.1, 1_100, 1, "p", 1_000)] * 3]
    assert [one.cached for one in played(*asks).requests] == [0, 500, 1_000, 1_000]


def test_a_prompt_that_is_read_beside_makes_each_step_longer() -> None:
    alone = played(Request(0.0, 10, 200)).requests[0].end or 0
    both = played(Request(0.0, 10, 200), Request(1.0, 1_150, 1)).requests
    longest = max(one.end or 0 for one in both)
    # 1,150 tokens are read in a second, by pieces of 256 beside a step each
    assert longest - alone == pytest.approx(1.0, abs=0.05)


def test_whoever_shares_a_prefix_that_is_computed_waits_for_it_as_was_measured() -> None:
    sharing = [Request(0.0, 1_530, 32, "p", shared=1_500) for _ in range(16)]
    led = played(*sharing)
    unled = played(*sharing, on=msgspec.structs.replace(MEASURED, leading=False))
    assert unled.seconds == pytest.approx(20.7, rel=0.15)  # as measured: 20.7 s, and 4.0 s led
    assert led.seconds < 4.0
    assert [one.cached for one in led.requests].count(1_500) == 15
    assert sum(one.cached for one in unled.requests) == 0


def test_a_prefix_is_found_again_until_others_have_taken_its_room() -> None:
    small = msgspec.structs.replace(MEASURED, cache=2_000)
    first, again = Request(0.0, 1_510, 2, "p", shared=1_500), Request(60.0, 1_510, 2, "p", 1_500)
    between = Request(30.0, 1_900, 2)
    assert [one.cached for one in played(first, again, on=small).requests] == [0, 1_500]
    found = played(first, between, again, on=small).requests
    assert [one.cached for one in found] == [0, 0, 0]


def test_an_agent_reads_only_what_is_new() -> None:
    turns = [
        Request(20.0 * nth, 300 * (nth + 1), 20, "a", shared=300 * nth, keeps=300 * (nth + 1) + 20)
        for nth in range(5)
    ]
    assert [one.cached for one in played(*turns).requests] == [0, 300, 600, 900, 1_200]


def test_who_finds_no_place_waits_and_interactive_work_goes_first() -> None:
    narrow = msgspec.structs.replace(MEASURED, places=1)
    found = played(
        Request(0.0, 100, 100),
        Request(0.1, 100, 2, priority=BATCH),
        Request(0.2, 100, 3, priority=INTERACTIVE),
        on=narrow,
    )
    assert [one.request.output for one in found.requests] == [100, 3, 2]


def test_who_cannot_be_answered_in_time_is_refused_at_once() -> None:
    narrow = msgspec.structs.replace(MEASURED, places=1)
    busy, late = Request(0.0, 100, 2_000), Request(0.1, 100, 100, deadline=1.0)
    found = {one.request: one for one in played(busy, late, on=narrow).requests}
    assert found[busy].end is not None
    assert found[late].first is None


def test_more_than_may_wait_are_refused_and_the_rest_is_answered() -> None:
    narrow = msgspec.structs.replace(MEASURED, places=1)
    found = played(*[Request(0.0, 100, 20, key=str(nth)) for nth in range(40)], on=narrow)
    assert len(answered(found)) == 17
    assert len(found.requests) == 40


def test_a_full_line_sends_an_ask_to_the_next_deployment() -> None:
    narrow = msgspec.structs.replace(SLOW, places=1, count=2)
    found = played(*[Request(0.0, 100, 20, key=str(nth)) for nth in range(40)], on=narrow)
    assert len(answered(found)) == 34


def test_each_policy_goes_where_it_says() -> None:
    one = Request(0.0, 1_000, 100)
    slow_micros, fast_micros = (played(one, on=group).micros for group in (SLOW, FAST))
    took = {policy: replay([one], (SLOW, FAST), policy).micros for policy in list(Policy)[:3]}
    assert took[Policy.CHEAPEST] == pytest.approx(slow_micros)
    assert took[Policy.FASTEST] == pytest.approx(fast_micros)
    assert took[Policy.BALANCED] == pytest.approx(fast_micros)


def test_placement_is_compared_with_none_at_all() -> None:
    trace = make(300, seed=1, rate=10)
    blind, seeing = (replay(trace, (SLOW, FAST), policy) for policy in (RANDOM, Policy.BALANCED))
    cached = [sum(one.cached for one in each.requests) for each in (blind, seeing)]
    assert cached[0] < cached[1]
    assert all(blind.busy)


def test_nobody_pays_for_sooner_batch_work() -> None:
    one = Request(0.0, 1_000, 100, priority=BATCH)
    assert replay([one], (SLOW, FAST), Policy.BALANCED) == replay(
        [one], (SLOW, FAST), Policy.BALANCED
    )
    assert replay([one], (SLOW, FAST), Policy.BALANCED).busy[1] == 0


def test_what_others_serve_is_paid_by_the_token() -> None:
    price = PerMillion(input=1.0, cached=0.1, output=10.0)
    rented = Group(name="rented", prefill=5_000, step=0.01, per_million=price)
    sharing = [Request(60.0 * nth, 1_000, 100, "p", shared=900) for nth in range(2)]
    found = played(*sharing, on=rented)
    assert found.micros == pytest.approx(1_000 + 1_000 + (100 + 90) + 1_000)


def test_a_trace_without_requests_is_no_trouble() -> None:
    found = played()
    assert (found.requests, found.seconds, found.micros) == ((), 0.0, 0.0)


@pytest.mark.slow
@examples(15)
@given(st.integers(0, 1_000))
def test_every_request_is_answered_or_refused_once_and_the_same_twice(seed: int) -> None:
    trace = make(60, seed=seed, rate=20)
    for policy in (RANDOM, Policy.CHEAPEST, Policy.BALANCED):
        found = replay(trace, (SLOW, FAST), policy, seed=seed)
        assert found == replay(trace, (SLOW, FAST), policy, seed=seed)
        assert sorted(one.request.at for one in found.requests) == [one.at for one in trace]
        for one in answered(found):
            assert one.request.at < (one.first or 0) <= (one.end or 0)
