"""Captions that come with a wish: read, and refused before anything is made."""

import pytest

from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.finish import Finish
from seedbed.media.captions import captions_of, check_finish
from seedbed.media.studio.orders import Said

TWO = "2\n00:00:02,000 --> 00:00:03,000\nTwo\n\n1\n00:00:00,500 --> 00:00:01,000\nOne 一\n"


def test_captions_are_read_in_the_order_of_their_moments() -> None:
    assert captions_of(Finish(captions=TWO)) == [Said(0.5, 1.0, "One 一"), Said(2.0, 3.0, "Two")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nothing", "line 1"),
        ("WEBVTT\n", "no caption in them"),
        ("00:01.000 --> 00:03.000\na\n\n00:02.000 --> 00:04.000\nb\n", "overlaps"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(text: str, says: str) -> None:
    with pytest.raises(RequestMalformed, match=says) as raised:
        check_finish(Finish(captions=text), drawn=True)
    assert raised.value.facts["field"] == "finish.captions"


def test_titles_are_those_of_a_scene() -> None:
    check_finish(Finish(captions="titles"), drawn=True)
    check_finish(Finish(), drawn=False)
    with pytest.raises(FieldUnserved, match="no titles that are known"):
        check_finish(Finish(captions="titles"), drawn=False)
