"""When an answer's tokens are guessed ahead, and when that is left."""

from seedbed.engines.workers.openvino_guess import Guess


def changes(guess: Guess, *steps: int) -> list[int]:
    """The numbers of the steps after which it guessed otherwise."""
    return [at for at, tokens in enumerate(steps) if guess.saw(tokens)]


def test_who_copies_is_guessed_far_ahead_until_it_copies_no_more() -> None:
    guess = Guess()
    assert changes(guess, *[2] * 8) == [7]
    assert guess.ahead == 5
    assert changes(guess, *[6] * 8) == []
    assert changes(guess, *[1] * 8) == [7]
    assert guess.ahead == 1


def test_who_does_not_copy_is_left_alone() -> None:
    guess = Guess()
    assert changes(guess, *[1, 1, 2, 1] * 20) == []
    assert guess.ahead == 1
