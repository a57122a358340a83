"""What the drawing engine and its process say to one another, in lines of JSON.

Floor 3.
"""

from typing import TypeAlias

import msgspec


class Order(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is to be drawn: a `scene`, or what is planned from the `prompt`.

    Of a film all frames, or so many as the `span` says: the first, and their count. `pictures` are
    the bytes that the scene refers to, by their hash. `size` is in pixels. The `mark` is put into
    each frame, unseen, as hexadecimal digits; with a `label` it is seen that a model made it. With
    `check` it is told whether all of the scene can be drawn, and nothing is. With a `base` that
    picture is changed, as the prompt says, where the `mask` is clear; those that are to be `laid`
    into it come along. All are named by their hash. It has about `side` times `side` pixels then.
    """

    key: str
    film: bool = False
    prompt: str = ""
    scene: dict[str, object] | None = None
    span: tuple[int, int] | None = None
    size: tuple[int, int] | None = None
    seconds: float | None = None
    fps: int | None = None
    seed: int = 0
    codec: str = "h264"
    format: str = "png"
    clear: bool = False
    mark: str = ""
    label: bool = False
    check: bool = False
    base: str = ""
    mask: str = ""
    laid: tuple[str, ...] = ()
    side: int = 0
    pictures: dict[str, bytes] = {}


class Begun(msgspec.Struct, tag="begun"):
    """What is drawn is known: the scene, what was not understood of the prompt, and how many frames
    there will be.
    """

    scene: dict[str, object]
    notes: tuple[str, ...]
    frames: int


class Drawn(msgspec.Struct, tag="drawn"):
    """So many frames are drawn by now."""

    frames: int


class Sound(msgspec.Struct, tag="sound"):
    """All of the scene can be drawn."""


class Made(msgspec.Struct, tag="made"):
    """The file."""

    data: bytes
    media: str
    width: int
    height: int


class Wrong(msgspec.Struct, tag="wrong"):
    """It cannot be drawn; at one place of the scene, where that is told, or else of what came with
    the ask.
    """

    at: str
    why: str
    hint: str
    field: str = "prompt"


class Broken(msgspec.Struct, tag="broken"):
    """The process failed at it."""

    why: str


Line: TypeAlias = Begun | Drawn | Sound | Made | Wrong | Broken
"""What comes back, a line at a time."""
LINES: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)
LONGEST_LINE = 1 << 30
