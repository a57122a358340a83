"""One shot becomes the next: what is seen of each at every share, and how many frames there are."""

from collections.abc import Iterator

import numpy as np
import pytest

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.pictures import Frame
from seedbed.kit.film.transition import Transition, mixed, spliced
from tests.kit.film.made import plain

RED, BLUE = plain((200, 0, 0), 40, 20), plain((0, 0, 200), 40, 20)
KINDS = ("dissolve", "fade", "wipe", "slide", "push")


def striped(width: int = 40) -> Frame:
    """Each column has a colour of its own."""
    made = np.zeros((20, width, 3), np.uint8)
    made[..., 0] = np.arange(width)
    made[..., 1] = np.arange(20)[:, None]
    return made


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("towards", ["left", "right", "up", "down"])
def test_each_begins_with_the_first_and_ends_with_the_second(kind: str, towards: str) -> None:
    told = Transition(kind, 5, towards)
    assert (mixed(RED, BLUE, told, 0.0) == RED).all()
    assert (mixed(RED, BLUE, told, 1.0) == BLUE).all()
    assert mixed(RED, BLUE, told, 0.3).shape == RED.shape


def test_a_dissolve_shows_both_at_once() -> None:
    assert (mixed(RED, BLUE, Transition("dissolve", 1), 0.25) == (150, 0, 50)).all()


def test_a_fade_goes_through_its_colour() -> None:
    told = Transition("fade", 1, colour=(10, 20, 30))
    assert (mixed(RED, BLUE, told, 0.5) == (10, 20, 30)).all()
    assert (mixed(RED, BLUE, told, 0.25) == (105, 10, 15)).all()
    assert (mixed(RED, BLUE, told, 0.75) == (5, 10, 115)).all()


@pytest.mark.parametrize(
    ("towards", "first", "second"),
    [
        ("left", np.s_[:, :20], np.s_[:, 20:]),
        ("right", np.s_[:, 20:], np.s_[:, :20]),
        ("up", np.s_[:10], np.s_[10:]),
        ("down", np.s_[10:], np.s_[:10]),
    ],
)
def test_an_edge_goes_over_the_picture(towards: str, first: object, second: object) -> None:
    ours, theirs = striped(), 255 - striped()
    opposite = {"left": "right", "right": "left", "up": "down", "down": "up"}[towards]
    wiped = mixed(ours, theirs, Transition("wipe", 1, towards), 0.5)
    assert (wiped[first] == ours[first]).all()  # type: ignore[index]
    assert (wiped[second] == theirs[second]).all()  # type: ignore[index]
    slid = mixed(ours, theirs, Transition("slide", 1, towards), 0.5)
    assert (slid[first] == ours[first]).all()  # type: ignore[index]
    assert (slid[second] == theirs[first]).all()  # type: ignore[index]
    pushed = mixed(ours, theirs, Transition("push", 1, towards), 0.5)
    back = mixed(theirs, ours, Transition("push", 1, opposite), 0.5)
    assert (pushed[first] == ours[second]).all()  # type: ignore[index]
    assert (pushed[second] == theirs[first]).all()  # type: ignore[index]
    assert (pushed == back).all()


@pytest.mark.parametrize("kind", KINDS)
def test_two_shots_become_one_that_is_shorter_by_the_transition(kind: str) -> None:
    shown = list(spliced([RED] * 10, 10, [BLUE] * 8, Transition(kind, 4)))
    assert len(shown) == 14
    assert all((frame == RED).all() for frame in shown[:6])
    assert all((frame == BLUE).all() for frame in shown[10:])
    for frame in shown[6:10]:
        assert not (frame == RED).all()
        assert not (frame == BLUE).all()


def test_a_cut_shows_all_of_both() -> None:
    shown = list(spliced([RED] * 3, 3, [BLUE] * 2, Transition()))
    assert [bool((frame == RED).all()) for frame in shown] == [True] * 3 + [False] * 2


def test_frames_are_taken_as_they_are_needed() -> None:
    taken = list[str]()

    def coming(name: str) -> Iterator[Frame]:
        for _ in range(5):
            taken.append(name)
            yield RED

    shown = spliced(coming("first"), 5, coming("second"), Transition("wipe", 2))
    for _ in range(4):
        next(shown)
    assert taken == ["first"] * 4 + ["second"]


def test_a_shot_that_ends_too_early_is_told() -> None:
    with pytest.raises(FilmFault, match="3 frames are too few for 4 of a wipe"):
        list(spliced([RED] * 3, 3, [BLUE] * 9, Transition("wipe", 4)))
    for first, second in (([RED] * 4, [BLUE] * 9), ([RED] * 9, [BLUE] * 3)):
        with pytest.raises(FilmFault, match="a shot ends before its transition does"):
            list(spliced(first, 9, second, Transition("wipe", 4)))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (("melt", 4), "melt is no transition: cut, dissolve, fade, wipe, slide, push are"),
        (("wipe", 0), "a wipe is not made of 0 frames"),
        (("wipe", -1), "a wipe is not made of -1 frames"),
        (("cut", 4), "a cut is not made of 4 frames"),
        (("wipe", 4, "away"), "away is no side: left, right, up, down are"),
    ],
)
def test_a_transition_that_cannot_be_is_refused(told: tuple[object, ...], why: str) -> None:
    with pytest.raises(FilmFault, match=why):
        Transition(*told)  # type: ignore[arg-type]
