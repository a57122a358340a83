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
    assert (pool.granted, pool.idle) == (100, -30)


def test_idle_is_the_least_that_was_free() -> None:
    pool = Pool("lease_1", "USD", granted=100, idle=100)
    pool.take(70)
    pool.release(70, 10)
    pool.take(20)
    assert (pool.free, pool.idle) == (70, 30)


def test_a_slice_is_small_beside_a_small_cap() -> None:
    assert Pool("lease_1", "USD", 0).slice == SLICE
    assert Pool("lease_1", "USD", 0, limit=budget(1_600)).slice == 100
    assert Pool("lease_1", "USD", 0, limit=budget(10**9)).slice == SLICE
