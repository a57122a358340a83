"""What the studio is asked to do, and what it says, in lines of JSON.

Floor 5. Files are named by their paths; all lie in one folder that is made for the order.
"""

from typing import TypeAlias

import msgspec


class Heard(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A track of the sound: a `file`, or made by rule in a `mood` or as an `effect`, from a moment
    in seconds on. `gain` is in decibels, fades in seconds; 0 `seconds` is to the end.
    """

    file: str = ""
    mood: str = ""
    effect: str = ""
    begin: float = 0.0
    seconds: float = 0.0
    gain: float = 0.0
    fade_in: float = 0.0
    fade_out: float = 0.0
    is_speech: bool = False
    seed: int = 0


class Said(msgspec.Struct):
    """Words that are shown from one second to another, if a viewer wants them."""

    begin: float
    end: float
    text: str


class Assemble(msgspec.Struct, tag="assemble", kw_only=True):
    """Pieces are joined, and sound and captions put beside them. What is told of how it was made is
    signed with the certificate in the folder `signer`.
    """

    pieces: list[str]
    out: str
    seconds: float
    tracks: list[Heard] = []
    captions: list[Said] = []
    title: str = ""
    made_by: str = ""
    actions: list[str] = []
    signer: str = ""


class Refine(msgspec.Struct, tag="refine", kw_only=True):
    """Some frames of a film, from the first in its new time, are brought to another size and rate;
    the `mark` is put into each, unseen, as hexadecimal digits.
    """

    film: str
    out: str
    first: int
    count: int
    width: int
    height: int
    fps: int
    codec: str = "h264"
    mark: str = ""


class Convert(msgspec.Struct, tag="convert", kw_only=True):
    """A film is written in another form."""

    film: str
    out: str
    codec: str
    container: str
    depth: int = 8


class Check(msgspec.Struct, tag="check", kw_only=True):
    """A result is read back and held against its Scene."""

    file: str
    scene: dict[str, object]


Order: TypeAlias = Assemble | Refine | Convert | Check


class Done(msgspec.Struct, tag="done"):
    """How much of it is done, from 0 to 1, and what is done now."""

    share: float
    what: str


class Brought(msgspec.Struct, tag="brought"):
    """It is done; the facts of what came of it."""

    facts: dict[str, object]


class Wrong(msgspec.Struct, tag="wrong"):
    """It cannot be done as it was ordered."""

    why: str
    is_full: bool = False
    """Whether the disk is."""


Line: TypeAlias = Done | Brought | Wrong
LINES: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)
ORDERS: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)
