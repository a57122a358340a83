"""What is asked of a model that makes films.

Floor 1. A film has one frame more than its seconds have at their rate: the first and the last are
both shown.
"""

from collections.abc import Mapping
from dataclasses import field
from math import ceil
from typing import Literal, TypeAlias

from seedbed.core.feature import Feature, Priority
from seedbed.core.message import Media
from seedbed.core.value import value

Codec: TypeAlias = Literal["h264", "hevc", "av1"]
Tier: TypeAlias = Literal["480p", "720p", "1080p", "4k"]
LINES: Mapping[str, int] = {"480p": 480, "720p": 720, "1080p": 1080, "4k": 2160}
"""The pixels of a frame's shorter side, by tier."""
ADAPTIVE = "adaptive"
"""The ratio of a film that takes its shape from what it goes by."""
RATIOS: Mapping[str, tuple[int, int]] = {
    name: (int(name.partition(":")[0]), int(name.partition(":")[2]))
    for name in ("21:9", "16:9", "4:3", "1:1", "3:4", "9:16")
}
LONGEST_SECONDS = 15.0
"""How long a film is at most, where that is left to the model."""
SLOWEST, FASTEST = 24, 30
"""How many frames a second it has at least and at most, where that is."""
_WIDEST, _LARGEST = "21:9", "1080p"
_PIXELS_PER_TOKEN = 1_024
_READ_OF_A_MEDIUM = 16_384
"""Tokens that a picture, film or sound to go by is read as, at most."""


def film_tokens(width: int, height: int, fps: float, seconds: float) -> int:
    """What a film is counted as: a token for each 1,024 pixels of all its frames.

    >>> film_tokens(1280, 720, 24, 121 / 24)
    108900
    """
    return ceil(width * height * round(fps * seconds) / _PIXELS_PER_TOKEN)


def frame_size(tier: str, ratio: str) -> tuple[int, int]:
    """Width and height in pixels of the frames of a tier in a shape; both are even.

    >>> frame_size("720p", "16:9"), frame_size("480p", "9:16"), frame_size("720p", "1:1")
    ((1280, 720), (480, 854), (720, 720))
    """
    across, down = RATIOS[ratio]
    least, most = min(across, down), max(across, down)
    longer = round(LINES[tier] * most / least / 2) * 2
    return (longer, LINES[tier]) if across > down else (LINES[tier], longer)


@value
class VideoAsk:
    """One request for a film.

    `refs` are what it goes by, of which each has its `role` among its options: `first_frame`,
    `last_frame`, `reference_image`, `reference_video` or `reference_audio`. It has so many
    `frames`, else so many `seconds`, of a `size` in pixels, else of a `tier` in the shape of a
    `ratio`. `scene` is a draft of it in parts, as JSON; of
    that only so many frames are wanted as the `span` says: the first, and their count. The `mark`
    is put into each frame, unseen, as hexadecimal digits. What is `None` is left to the model.
    """

    model: str
    prompt: str
    refs: tuple[Media, ...] = ()
    seconds: float | None = None
    frames: int | None = None
    size: tuple[int, int] | None = None
    tier: Tier | None = None
    ratio: str | None = None
    fps: int | None = None
    sound: bool | None = None
    seed: int | None = None
    camera_fixed: bool = False
    watermark: bool = False
    scene: Mapping[str, object] | None = None
    span: tuple[int, int] | None = None
    codec: Codec = "h264"
    mark: str = ""
    priority: Priority = Priority.DEFAULT
    deadline: float | None = None
    extra: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict[str, Mapping[str, object]]
    )

    @property
    def needs(self) -> frozenset[Feature]:
        """To film, and to draw Scenes where it has one."""
        drawn = {Feature.SCENES} if self.scene is not None else set[Feature]()
        return frozenset({Feature.VIDEOS, *drawn})

    @property
    def most_frames(self) -> int:
        """How many frames the film has at most."""
        if self.span is not None:
            return self.span[1]
        if self.frames is not None:
            return self.frames
        seconds = LONGEST_SECONDS if self.seconds is None else self.seconds
        return ceil(seconds * (self.fps or FASTEST)) + 1

    @property
    def most_seconds(self) -> float:
        """How long the film is at most."""
        return self.most_frames / (self.fps or SLOWEST)

    @property
    def most_input(self) -> int:
        """A bound on the tokens of the prompt and of what it goes by."""
        return len(self.prompt.encode()) + 64 + _READ_OF_A_MEDIUM * len(self.refs)

    @property
    def most_output(self) -> int:
        """The most tokens that the film is counted as."""
        shape = _WIDEST if self.ratio in {None, ADAPTIVE} else str(self.ratio)
        width, height = self.size or frame_size(self.tier or _LARGEST, shape)
        return film_tokens(width, height, 1, self.most_frames)
