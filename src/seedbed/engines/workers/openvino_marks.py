"""Pictures among messages, as the library has them: marks in the text, and the pictures beside it.

Floor 3. The library itself is not needed here.
"""

from collections.abc import Sequence
from typing import TypeAlias

from seedbed.core.errors import MediumRefused
from seedbed.core.message import Media, MediaKind, Message, Part, Result, Text
from seedbed.core.value import changed

MARKS = ("<ov_genai_image_", "<ov_genai_video_")
"""How begins what the library takes for a picture or a film, whatever the model's own words are."""

Parted: TypeAlias = tuple[tuple[Message, ...], tuple[bytes, ...]]


def parted(messages: Sequence[Message]) -> Parted:
    """The messages with marks where the pictures were, and the pictures in the order of the marks.

    Raises:
        MediumRefused: a medium is no picture, or not here.
    """
    pictures = list[bytes]()
    marked = [changed(one, parts=_marked(one.parts, pictures)) for one in messages]
    return tuple(marked), tuple(pictures)


def mark(number: int) -> str:
    """What stands for the picture of that number; they are counted from 0."""
    return f"{MARKS[0]}{number}>"


def unmarked(text: str, count: int) -> str:
    """A text without the marks of so many pictures."""
    for number in range(count):
        text = text.replace(mark(number), "")
    return text


def _marked(parts: Sequence[Part], pictures: list[bytes]) -> tuple[Part, ...]:
    return tuple(_of(part, pictures) for part in parts)


def _of(part: Part, pictures: list[bytes]) -> Part:
    match part:
        case Media(kind=MediaKind.IMAGE, source=bytes() as picture):
            pictures.append(picture)
            return Text(mark(len(pictures) - 1))
        case Media(kind=kind):
            why = "this model's engine reads pictures alone, and fetches none"
            raise MediumRefused(kind.value, "that was sent", why=why)
        case Result():
            return changed(part, parts=_marked(part.parts, pictures))
        case _:
            return part
