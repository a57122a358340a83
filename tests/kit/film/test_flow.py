"""Frames between frames: nearer to what was there than a blend, and no ghost across a cut."""

from collections.abc import Iterator
from fractions import Fraction

import cv2
import numpy as np
import pytest

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.flow import between, retime
from seedbed.kit.film.pictures import Frame
from tests.kit.film.made import NTSC, plain
from tests.kit.film.moving import HEIGHT, WIDTH, alike, ground, moving, poster, sky


@pytest.mark.parametrize("behind", [ground(), sky()], ids=["rough", "smooth"])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.8])
def test_a_frame_in_between_is_nearer_to_the_truth_than_blending_or_repeating(
    behind: Frame, share: float
) -> None:
    first, second, true = (moving(moment, behind) for moment in (0, 1, share))
    (seen,) = between(first, second, [share])
    blend = cv2.addWeighted(first, 1 - share, second, share, 0).astype(np.uint8)
    nearer = first if share < 0.5 else second
    assert alike(seen, true) > alike(blend, true) + 3
    assert alike(seen, true) > alike(nearer, true) + 3


def test_what_is_covered_or_uncovered_is_no_worse_than_repeated() -> None:
    behind = ground()
    first, second, true = (moving(moment, behind) for moment in (0, 1, 0.5))
    differs = np.abs(first.astype(int) - second).max(axis=2) > 24
    (seen,) = between(first, second, [0.5])
    ours, repeated = (np.abs(one.astype(int) - true)[differs].mean() for one in (seen, second))
    assert ours < repeated / 2


@pytest.mark.slow
def test_large_frames_are_followed_at_a_lower_size() -> None:
    behind = ground()
    first, second, true = (
        cv2.resize(moving(moment, behind), (1280, 768), interpolation=cv2.INTER_CUBIC).astype(
            np.uint8
        )
        for moment in (0, 1, 0.5)
    )
    (seen,) = between(first, second, [0.5])
    assert seen.shape == first.shape
    assert alike(seen, true) > alike(second, true) + 5


def test_across_a_cut_the_nearer_frame_is_repeated() -> None:
    first, second = moving(0, ground()), poster(WIDTH, HEIGHT)
    seen = list(between(first, second, [0, 0.4, 0.5, 0.9, 1]))
    assert [bool((one == second).all()) for one in seen] == [False, False, True, True, True]
    assert all((one == first).all() or (one == second).all() for one in seen)


def test_a_frame_that_stands_still_is_given_as_it_is() -> None:
    frame = ground()
    assert all(seen is frame for seen in between(frame, frame.copy(), [0, 0.3, 0.7]))


@pytest.mark.parametrize(
    ("rates", "given", "made"),
    [
        ((24, 60), 24, 60),
        ((30, 60), 10, 20),
        ((60, 24), 60, 24),
        ((24, 24), 5, 5),
        ((NTSC, 60), 3_000, 6_006),
        ((23.976, 60), 2_997, 7_500),
    ],
)
def test_a_film_is_as_long_as_it_was(
    rates: tuple[Fraction | float, Fraction | float], given: int, made: int
) -> None:
    frame = plain((9, 9, 9))
    assert sum(1 for _ in retime((frame for _ in range(given)), *rates)) == made


def test_each_new_frame_is_at_its_exact_moment() -> None:
    frames = [plain((level, 0, 0)) for level in (0, 20, 40, 60)]
    red = [int(seen[0, 0, 0]) for seen in retime(frames, 24, 60)]
    assert red == [0, 8, 16, 24, 32, 40, 48, 56, 60, 60]


@pytest.mark.slow
def test_some_new_frames_of_a_film_are_those_of_the_whole() -> None:
    behind = sky()
    frames = [moving(moment, behind) for moment in range(5)]
    whole = list(retime(frames, 24, 60))
    part = list(retime(frames[2:], 24, 60, first=6))
    assert all((ours == theirs).all() for ours, theirs in zip(part, whole[6:], strict=False))
    assert len(part) == len(whole) - 6


def test_frames_are_taken_as_they_are_needed() -> None:
    taken = list[int]()

    def coming() -> Iterator[Frame]:
        for number in range(9):
            taken.append(number)
            yield plain((number, 0, 0))

    shown = retime(coming(), 24, 48)
    for _ in range(4):
        next(shown)
    assert taken == [0, 1, 2]


@pytest.mark.parametrize("told", [(0, 60, 0), (24, -1, 0), (24, 60, -1)])
def test_a_rate_that_cannot_be_is_refused(told: tuple[int, int, int]) -> None:
    with pytest.raises(FilmFault, match="frames a second do not become"):
        list(retime([], told[0], told[1], first=told[2]))
