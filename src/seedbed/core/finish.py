"""How a film is finished once it is made: its size and rate, how it is written, its captions.

Floor 1. Each step is left out where nothing needs it, or where it is named in `skip`. A wish is
kept with its job as JSON, as `core/record.py` writes it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from seedbed.core import record
from seedbed.core.errors import RequestMalformed
from seedbed.core.record import Most, Range

Format: TypeAlias = Literal["mp4", "webm", "gif"]
Written: TypeAlias = Literal["h264", "hevc", "av1", "vp9"]
Left: TypeAlias = Literal["upscale", "interpolate", "colours", "loudness", "mark", "sign"]
FIELD = "finish"
"""What it is called at doors, and in a job's input."""
CODECS: Mapping[str, tuple[str, ...]] = {
    "mp4": ("h264", "hevc", "av1"),
    "webm": ("av1", "vp9"),
    "gif": (),
}
"""What each format may hold; what it holds usually comes first."""
DEPTHS: Mapping[str, tuple[int, ...]] = {"vp9": (8,)}
FASTEST_GIF = 50
TITLES = "titles"
"""Said in place of captions: the texts of the Scene, while they are seen."""
_Side: TypeAlias = Annotated[int, Range(16, 4096)]


@dataclass(frozen=True, slots=True)
class Finish:
    """What a film is to be in the end; `None` leaves it as it was made.

    `size` is the largest that it is brought to, in its own shape, and `depth` is bits a colour.
    `captions` are the words of a file, SubRip or WebVTT, or `titles`; they are a track of their
    own, or, `burnt`, a part of the picture. The steps in `skip` are left out.
    """

    size: tuple[_Side, _Side] | None = None
    fps: Annotated[int, Range(1, 60)] | None = None
    format: Format = "mp4"
    codec: Written | None = None
    depth: Literal[8, 10] = 8
    captions: Annotated[str, Most(200_000)] = ""
    burnt: bool = False
    skip: Annotated[tuple[Left, ...], Most(6)] = ()

    @property
    def written(self) -> str:
        """The codec, where frames have to be written anew; of a GIF that of what it is made of."""
        return self.codec or next(iter(CODECS[self.format]), "h264")


def read_finish(data: object) -> Finish:
    """A wish from what JSON has.

    Raises:
        RequestMalformed: something in it is not what it can be, or its parts do not go together.
    """
    try:
        finish = record.read(Finish, data, FIELD)
    except record.BadRecord as error:
        hint = "The manual says what it may have: how-to/make-pictures-and-films."
        raise RequestMalformed(f"Field {error}", hint=hint, field=error.at) from error
    for field, what, hint in _wrongs(finish):
        raise RequestMalformed(what, hint=hint, field=f"{FIELD}.{field}")
    return finish


def _wrongs(finish: Finish) -> Iterator[tuple[str, str, str]]:
    """The fields that do not go with others, each with what is wrong and what to do."""
    kept, codec, fps = CODECS[finish.format], finish.codec, finish.fps or 0
    if codec is not None and codec not in kept:
        hold = f"It holds {' or '.join(kept)}." if kept else "It has a way of its own."
        yield "codec", f"A film as {finish.format} does not hold {codec}.", hold
    if finish.depth not in DEPTHS.get(finish.written, (8, 10)) or (finish.depth > 8 and not kept):
        what = f"{codec or finish.format} does not have {finish.depth} bits a colour."
        yield "depth", what, "H.264, HEVC and AV1 do."
    if finish.format == "gif" and fps > FASTEST_GIF:
        what = f"A GIF does not have {fps} frames a second."
        yield "fps", what, f"It has {FASTEST_GIF} at most."
    if finish.burnt and not finish.captions:
        yield "burnt", "There are no captions to be a part of the picture.", "Say `captions`, too."
    if finish.format == "gif" and finish.captions and not finish.burnt:
        yield "captions", "A GIF has no track of captions.", "Say `burnt`, too."
    if finish.size and any(side % 2 for side in finish.size):
        yield "size", f"A side of {finish.size} is odd.", "Films have even sides."
