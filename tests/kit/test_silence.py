from seedbed.kit.silence import DEAD_AFTER_SECONDS, Watch


def test_a_lease_is_silent_when_nobody_renewed_it_while_we_watched() -> None:
    watch = Watch()
    assert watch.silent({"a": 5, "b": 5}, 0.0) == {}
    assert watch.silent({"a": 5, "b": 6}, DEAD_AFTER_SECONDS - 1) == {}
    assert watch.silent({"a": 5, "b": 6}, DEAD_AFTER_SECONDS) == {"a": 5}
    assert watch.silent({"b": 6}, 2 * DEAD_AFTER_SECONDS - 1) == {"b": 6}


def test_a_calendar_that_jumps_buries_nobody() -> None:
    watch = Watch()
    year = 31_536_000_000_000
    assert watch.silent({"a": 2 * year}, 0.0) == {}
    assert watch.silent({"a": year}, DEAD_AFTER_SECONDS) == {}  # it was set back, and renewed
    assert watch.silent({"a": 3 * year}, 2 * DEAD_AFTER_SECONDS) == {}


def test_a_lease_that_was_gone_and_came_back_is_watched_anew() -> None:
    watch = Watch()
    watch.silent({"a": 5}, 0.0)
    watch.silent({}, 1.0)
    assert watch.silent({"a": 5}, DEAD_AFTER_SECONDS) == {}
