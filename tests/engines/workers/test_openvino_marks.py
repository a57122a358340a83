"""Marks stand where pictures were, in messages and in what calls brought."""

import pytest

from seedbed.core.errors import MediumRefused
from seedbed.core.message import Call, Media, MediaKind, Message, Part, Result, Role, Text
from seedbed.engines.workers.openvino_marks import mark, parted, unmarked


def said(*parts: Part, role: Role = Role.USER) -> Message:
    return Message(role, parts)


def picture(data: bytes) -> Media:
    return Media(MediaKind.IMAGE, data)


def test_pictures_are_numbered_in_the_order_in_which_they_stand() -> None:
    call = Call("1", "look", "{}")
    messages = (
        said(Text("a"), picture(b"one"), Text("b")),
        said(call, role=Role.ASSISTANT),
        said(Result("1", (Text("seen"), picture(b"two"))), role=Role.TOOL),
        said(picture(b"one"), picture(b"three")),
    )
    marked, pictures = parted(messages)
    assert pictures == (b"one", b"two", b"one", b"three")
    assert marked[0].text == f"a{mark(0)}b"
    assert marked[1] == messages[1]
    assert marked[2].parts == (Result("1", (Text("seen"), Text(mark(1)))),)
    assert marked[3].text == mark(2) + mark(3)
    assert unmarked("".join(one.text for one in marked), 4) == "ab"


@pytest.mark.parametrize(
    "medium", [Media(MediaKind.VIDEO, b"film"), Media(MediaKind.IMAGE, "https://host/a.png")]
)
def test_what_is_no_picture_or_not_here_is_refused(medium: Media) -> None:
    with pytest.raises(MediumRefused, match="pictures alone, and fetches none"):
        parted([said(Text("a"), medium)])
