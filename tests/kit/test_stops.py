from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.stops import Stops

LETTERS = st.text("abc", max_size=30)


@given(st.lists(LETTERS, max_size=8), st.lists(st.text("abc", min_size=1, max_size=4), max_size=3))
def test_however_it_is_cut_a_text_ends_before_the_first_stop(
    pieces: list[str], stops: list[str]
) -> None:
    text = "".join(pieces)
    met = [(text.find(stop) + len(stop), text.find(stop), stop) for stop in stops if stop in text]
    filter_ = Stops(stops)
    passed = "".join(filter_.feed(piece) for piece in pieces)
    assert filter_.met == (min(met)[2] if met else None)
    assert passed + filter_.rest() == (text[: min(met)[1]] if met else text)


def test_of_two_stops_the_one_that_is_whole_first_counts() -> None:
    for pieces in (["abc"], ["ab", "c"], ["a", "b", "c"]):
        stops = Stops(["abc", "b"])
        assert "".join(map(stops.feed, pieces)) == "a"
        assert stops.met == "b"


def test_only_what_may_begin_a_stop_is_held_back() -> None:
    stops = Stops(["\n\nUser:"])
    assert stops.feed("Hello\n") == "Hello"
    assert stops.feed("you") == "\nyou"


def test_after_a_stop_nothing_more_is_passed() -> None:
    stops = Stops(["END"])
    assert stops.feed("one END two") == "one "
    assert (stops.feed("three"), stops.rest(), stops.met) == ("", "", "END")


def test_an_empty_text_stops_nothing() -> None:
    stops = Stops(["", "b"])
    assert stops.feed("ab") == "a"
    assert Stops([""]).feed("ab") == "ab"
