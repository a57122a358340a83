"""Places as options name them, and the mask that doors are sent."""

import click
import pytest

from seedbed.cli.marking import Place, mask_of
from seedbed.core.scene.measures import Box
from seedbed.engines.drafting.editing.opening import marked


def test_a_place_is_four_shares_of_the_picture() -> None:
    assert Place().convert("0.1, 0.5,0.2,0.25", None, None) == Box(0.1, 0.5, 0.2, 0.25)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("0.1,0.5,0.2", "is no place; write x,y,width,height"),
        ("a,b,c,d", "is no place"),
        ("0.9,0.5,0.2,0.2", "leaves the picture"),
        ("-0.1,0.5,0.2,0.2", "leaves the picture"),
        ("0.1,0.5,0,0.2", "leaves the picture"),
        ("nan,0.5,0.1,0.2", "leaves the picture"),
    ],
)
def test_what_is_no_place_is_refused(value: str, why: str) -> None:
    with pytest.raises(click.BadParameter, match=why):
        Place().convert(value, None, None)


def test_a_mask_is_clear_at_its_places_and_there_alone() -> None:
    first, second = Box(0.125, 0.5, 0.25, 0.25), Box(0.9, 0.0, 0.02, 0.1)
    found = marked(mask_of([first, second]))
    assert found[0].box == first
    assert found[0].form == "box"
    assert found[1].box == second
    (only,) = marked(mask_of([Box(0.5, 0.5, 0.0001, 0.0001)]))
    assert (only.box.x, only.box.width) == (0.5, 0.001)
