"""What is said: parts of six kinds, and messages made of them.

Floor 1. Parts stay typed and ordered from door to engine; nothing is flattened to text on the way.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import TypeAlias

from seedbed.core.value import value

HIDDEN = b"hidden:"
"""How the seal of a thought begins that only its maker can read; the rest of it is the thought."""


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class MediaKind(StrEnum):
    """What a medium is made of."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"


@value
class Text:
    """Words."""

    text: str


@value
class Media:
    """A picture, film, sound or file. `source` is a URL, the bytes, or what the project has
    here: an artifact's hash, or a file's id.
    """

    kind: MediaKind
    source: str | bytes
    options: Mapping[str, object] = field(default_factory=dict[str, object])


@value
class Reasoning:
    """What a model thought before it answered. `seal` proves to its maker that it is unchanged; of
    a thought that only its maker can read it is all that there is, behind `HIDDEN`.
    """

    text: str
    summary: tuple[str, ...] = ()
    seal: bytes | None = None


@value
class Call:
    """A tool that the model wants called. `arguments` is the raw text, which need not be JSON."""

    id: str
    name: str
    arguments: str


@value
class Result:
    """What a called tool brought."""

    call_id: str
    parts: tuple["Part", ...]
    is_error: bool = False


@value
class Opaque:
    """What only one dialect understands; handed back to that dialect unread."""

    dialect: str
    data: object


Part: TypeAlias = Text | Media | Reasoning | Call | Result | Opaque


@value
class Message:
    """One speaker's parts, in order."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The words alone, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))


def hidden(seal: bytes | None) -> str | None:
    """The thought that only its maker can read, where that is what a seal holds.

    >>> hidden(b"hidden:EmwK"), hidden(b"EqQB"), hidden(None)
    ('EmwK', None, None)
    """
    if seal is None or not seal.startswith(HIDDEN):
        return None
    return seal.removeprefix(HIDDEN).decode(errors="replace")
