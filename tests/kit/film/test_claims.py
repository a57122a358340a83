"""What is told of how something was made."""

import pytest

from seedbed.kit.film.claims import ACTIONS, Claims
from seedbed.kit.film.errors import FilmFault


def told(*actions: str) -> list[object]:
    return [deed["action"] for deed in Claims("A film", "draft", actions).deeds()]


def test_that_it_was_made_comes_first() -> None:
    assert told() == ["c2pa.created"]
    assert told("upscaled", "drawn") == ["c2pa.created", "c2pa.resized"]
    assert told("drawn", "interpolated", "marked") == [
        "c2pa.created",
        "c2pa.edited",
        "c2pa.watermarked.unbound",
    ]


def test_what_a_model_made_is_told_apart_from_what_was_drawn() -> None:
    drawn, generated = (Claims("", "x", (how,)).deeds()[0] for how in ("drawn", "generated"))
    assert str(drawn["digitalSourceType"]).endswith("/algorithmicMedia")
    assert str(generated["digitalSourceType"]).endswith("/trainedAlgorithmicMedia")


def test_every_action_has_words_of_its_own() -> None:
    words = [Claims("", "x", (action,)).deeds()[-1]["description"] for action in ACTIONS]
    assert len(set(words)) == len(ACTIONS)


def test_an_action_that_is_not_known_is_refused() -> None:
    with pytest.raises(FilmFault, match="polished is nothing that is told"):
        Claims("", "x", ("drawn", "polished"))
