"""In which form pictures are written: the codec, its container and what both are told.

Floor 1. The presets are those that write 3840 x 2160 at the least cost for a good picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from av.codec import codecs_available

from seedbed.kit.film.errors import FilmFault

_EIGHT = {8: "yuv420p"}
_BOTH = {8: "yuv420p", 10: "yuv420p10le"}
_LARGEST = 16_384


@dataclass(frozen=True, slots=True)
class Coder:
    """What the library knows a codec as, and what it is told. Options of a preset stand for `{}`.

    `pixels` are its formats by their depth. `quality` is its default, and `worst` where it ends;
    `fastest` the most frames a second. `reorders` by how many frames it decodes before it shows.
    """

    name: str
    containers: tuple[str, ...]
    pixels: Mapping[int, str]
    preset: str = ""
    quality: int = 0
    worst: int = 0
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    fastest: int = 240
    reorders: int = 0

    @property
    def is_halved(self) -> bool:
        """Whether colours have half the width and height of the picture."""
        return self.pixels[8] == "yuv420p"


CODERS: Mapping[str, Coder] = {
    "h264": Coder(
        *("libx264", ("mp4",), _BOTH, "veryfast", 20, 51),
        {"preset": "{preset}", "crf": "{quality}", "threads": "{threads}"},
        reorders=2,
    ),
    "hevc": Coder(
        *("libx265", ("mp4",), _BOTH, "ultrafast", 23, 51),
        {
            "preset": "{preset}",
            "crf": "{quality}",
            "x265-params": "open-gop=0:log-level=error:frame-threads=1:rc-lookahead=2:"
            "bframes=1:pools={threads}",
        },
        reorders=2,
    ),
    "av1": Coder(
        *("libsvtav1", ("mp4", "webm"), {10: "yuv420p10le", 8: "yuv420p"}, "10", 32, 63),
        {
            "preset": "{preset}",
            "crf": "{quality}",
            "svtav1-params": "lp=1:lookahead=0:hierarchical-levels=3",  # 4K in less than 1.5 GB
        },
    ),
    "vp9": Coder(
        *("libvpx-vp9", ("webm",), _EIGHT, "8", 33, 63),
        {
            "deadline": "realtime",
            "cpu-used": "{preset}",
            "crf": "{quality}",
            "threads": "{threads}",
            "row-mt": "1",
        },
    ),
    "gif": Coder("gif", ("gif",), {8: "pal8"}, fastest=50),  # it counts in hundredths of a second
    "png": Coder("png", ("png",), {8: "rgb24"}),
    "webp": Coder("libwebp_anim", ("webp",), {8: "bgra"}, "", 80, 100, {"quality": "{quality}"}),
}
"""What is written, and by what."""
_DIGITS = frozenset({"av1", "vp9"})


@dataclass(frozen=True, slots=True)
class Form:
    """In which form frames of that size are written. `quality` is the codec's own number: less is
    better, but of WebP more is. A frame that stands by itself comes after `key_every` others at the
    latest, or after two seconds.
    """

    width: int
    height: int
    fps: int | Fraction = 30
    codec: str = "h264"
    container: str = "mp4"
    depth: int = 8
    quality: int | None = None
    preset: str | None = None
    key_every: int | None = None

    def __post_init__(self) -> None:
        coder = CODERS.get(self.codec)
        if coder is None:
            raise FilmFault(f"{self.codec} is no codec that is written: {', '.join(CODERS)} are")
        for wrong in _wrongs(self, coder):
            raise FilmFault(wrong)

    @property
    def coder(self) -> Coder:
        """What writes it."""
        return CODERS[self.codec]

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return Fraction(self.fps)

    def options(self, threads: int) -> dict[str, str]:
        """What the library is told; numbers of threads bound the memory, too."""
        coder = self.coder
        told = {
            "preset": coder.preset if self.preset is None else self.preset,
            "quality": coder.quality if self.quality is None else self.quality,
            "threads": threads,
        }
        return {name: value.format(**told) for name, value in coder.options.items()}


def available() -> frozenset[str]:
    """The codecs that the library at hand writes."""
    return frozenset(name for name, coder in CODERS.items() if coder.name in codecs_available)


def _wrongs(form: Form, coder: Coder) -> list[str]:
    """What is wrong with a form, in sentences."""
    least = 2 if coder.is_halved else 1
    sides = (form.width, form.height)
    kept = ", ".join(coder.containers)
    depths = " or ".join(map(str, sorted(coder.pixels)))
    quality = 0 if form.quality is None else form.quality
    size = f"{form.width} x {form.height}"
    facts = (
        (form.container in coder.containers, f"{form.codec} is kept in {kept}"),
        (form.depth in coder.pixels, f"{form.codec} has {depths} bits a colour, not {form.depth}"),
        (all(least <= side <= _LARGEST for side in sides), f"no picture of {size} is written"),
        (not any(side % least for side in sides), f"{form.codec} has even sides, and not {size}"),
        (
            0 < form.rate <= coder.fastest,
            f"{form.codec} has 1 to {coder.fastest} frames a second, and not {form.fps}",
        ),
        (0 <= quality <= coder.worst, f"quality {quality} is none of 0 to {coder.worst}"),
        (form.key_every is None or form.key_every > 0, f"{form.key_every} frames are no interval"),
        (_is_preset(form), f"{form.preset} is no preset of {form.codec}"),
    )
    return [sentence for is_right, sentence in facts if not is_right]


def _is_preset(form: Form) -> bool:
    preset = form.preset
    if preset is None:
        return True
    return preset.isdigit() if form.codec in _DIGITS else preset.isalpha() and preset.islower()
