from seedbed.serving.pool import SLICE, Pool
from tests.store.books import budget


def test_no_more_is_given_back_than_is_free() -> None:
    pool = Pool("lease_1", "USD", granted=100, reserved=60, spent=30)
    pool.give_back(50)
    assert (pool.granted, pool.free) == (90, 0)
    pool.give_back(-20)
    assert pool.granted == 90


def test_nothing_is_given_back_of_what_was_spent_beyond_the_grant() -> None:
    pool = Pool("lease_1", "USD", granted=100, spent=130)
    pool.give_back(5)
    assert (pool.granted, pool.free) == (100, -30)


def test_what_was_needed_is_the_most_that_was_used_at_once() -> None:
    pool = Pool("lease_1", "USD", granted=10 * SLICE)
    pool.take(70)
    pool.release(70, 10)
    pool.take(20)
    assert pool.ample == 10 + 70 + SLICE


def test_of_the_houses_money_what_was_needed_is_forgotten_by_halves() -> None:
    pool = Pool("lease_1", "USD", granted=10 * SLICE)
    pool.take(800)
    pool.release(800, 100)
    granted: list[int] = []
    for _ in range(4):
        pool.renew()
        granted.append(pool.free - SLICE)
    assert granted == [800, 800, 400, 200]


def test_of_a_budget_what_was_needed_is_forgotten_when_others_may_want_it() -> None:
    pool = Pool("lease_1", "USD", granted=1_000, limit=budget(1_600))
    pool.take(90)
    pool.release(90, 10)
    pool.renew()
    assert pool.free == 90
    pool.renew()
    assert pool.free == 0


def test_a_lease_is_made_longer_by_as_much_again_as_was_needed() -> None:
    pool = Pool("lease_1", "USD", granted=5 * SLICE)
    pool.take(3 * SLICE)
    assert pool.slice == 3 * SLICE


def test_a_slice_is_small_beside_a_small_cap() -> None:
    assert Pool("lease_1", "USD", 0).slice == SLICE
    assert Pool("lease_1", "USD", 0, limit=budget(1_600)).slice == 100
    assert Pool("lease_1", "USD", 0, limit=budget(10**9)).slice == SLICE
