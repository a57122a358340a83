"""Following is given up where it gains nothing, and tried again: all counted in asks."""

from seedbed.serving.gains import Gains


def told(gains: Gains, *, took: float, times: int = 8) -> None:
    for _ in range(times):
        gains.note(took=took, alone=1.0, own=1.0, part=0.8)


def test_followers_who_gain_half_of_what_was_computed_for_them_go_on_following() -> None:
    gains = Gains()
    told(gains, took=0.6, times=100)
    assert gains.follows("a")


def test_after_eight_followers_without_gain_nobody_follows() -> None:
    gains = Gains()
    told(gains, took=0.9, times=7)
    assert gains.follows("a")
    told(gains, took=0.9, times=1)
    assert gains.is_off
    assert not gains.follows("a")


def test_no_single_slow_follower_decides() -> None:
    gains = Gains()
    told(gains, took=0.2, times=7)
    told(gains, took=3.0, times=1)
    assert not gains.is_off


def test_it_is_tried_again_after_256_asks_that_could_have_followed() -> None:
    gains = Gains()
    told(gains, took=1.0)
    for number in range(256):
        assert not gains.follows(f"{number}")
        assert not gains.follows(f"{number}")  # asked twice, and counted once
    assert gains.follows("a")
    told(gains, took=1.0, times=7)
    assert not gains.is_off
    told(gains, took=1.0, times=1)
    assert gains.is_off


def test_late_followers_say_nothing_once_it_is_given_up() -> None:
    gains = Gains()
    told(gains, took=1.0)
    told(gains, took=0.0)
    assert gains.is_off


def test_what_would_have_taken_no_time_says_nothing() -> None:
    gains = Gains()
    for _ in range(99):
        gains.note(took=1.0, alone=0.0, own=0.0, part=1.0)
    assert not gains.is_off


def test_what_is_read_beside_a_follower_makes_its_own_gain_no_smaller() -> None:
    gains = Gains()
    for _ in range(8):
        gains.note(took=9.4, alone=10.0, own=1.0, part=0.9)
    assert not gains.is_off
