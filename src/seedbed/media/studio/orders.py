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


class Told(msgspec.Struct):
    """What is signed into a file: its title, what made it, what was done, and by the certificate in
    which folder.
    """

    title: str
    made_by: str
    actions: list[str]
    signer: str


class Assemble(msgspec.Struct, tag="assemble", kw_only=True):
    """Pieces are joined, and sound and captions put beside them. The sound is brought to the usual
    loudness unless it `is_level` already.
    """

    pieces: list[str]
    out: str
    seconds: float
    tracks: list[Heard] = []
    is_level: bool = False
    captions: list[Said] = []
    told: Told | None = None


class Survey(msgspec.Struct, tag="survey", kw_only=True):
    """A film that came is looked at: what it is, and which of its shots have drifted in colour."""

    film: str
    with_colours: bool


class Colours(msgspec.Struct):
    """Mean and spread of red, green and blue, and the mean in Lab."""

    mean: list[float]
    spread: list[float]
    lab: list[float]


class Drifted(msgspec.Struct):
    """A shot, by its frames in the film as it came, whose colours are to be others."""

    first: int
    count: int
    given: Colours
    wanted: Colours


class Refine(msgspec.Struct, tag="refine", kw_only=True):
    """Some frames of a film, from the first in its new time, are brought to another size and rate.

    The colours of shots that `drifted` are matched first. `captions` are put into the picture, in
    the `fonts` of these folders besides the machine's, and the `mark` into each frame, unseen, as
    hexadecimal digits.
    """

    film: str
    out: str
    first: int
    count: int
    width: int
    height: int
    fps: str
    codec: str = "h264"
    container: str = "mp4"
    depth: int = 8
    drifted: list[Drifted] = []
    captions: list[Said] = []
    fonts: list[str] = []
    mark: str = ""


class Convert(msgspec.Struct, tag="convert", kw_only=True):
    """A film is written in another form."""

    film: str
    out: str
    codec: str
    container: str
    told: Told | None = None


class Enlarge(msgspec.Struct, tag="enlarge", kw_only=True):
    """A picture is made so many times as large, by a net or else by a filter."""

    picture: str
    out: str
    factor: int
    by_net: bool = True
    told: Told | None = None


class Check(msgspec.Struct, tag="check", kw_only=True):
    """A result is read back and held against its Scene."""

    file: str
    scene: dict[str, object]


class Repair(msgspec.Struct, tag="repair", kw_only=True):
    """A picture is held against its Scene, and what fails of its texts is set anew in a copy."""

    picture: str
    out: str
    scene: dict[str, object]
    fonts: list[str] = []


class Find(msgspec.Struct, tag="find", kw_only=True):
    """The marked areas of a picture are found; and drawn into a copy `out`, where one is named."""

    picture: bytes
    out: str = ""


Order: TypeAlias = Find | Assemble | Survey | Refine | Convert | Enlarge | Check | Repair


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
