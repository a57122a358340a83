"""A result held against its Scene: its size and time, every text, colours, subjects, loudness.

Floor 5. It reads files of the house's own, and belongs into a process that does the house's work on
films.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image

from seedbed.core.errors import RequestMalformed
from seedbed.core.scene.layers import Subject, Text
from seedbed.core.scene.rules import MOST_PIXELS
from seedbed.core.scene.scene import Scene
from seedbed.core.scene.timeline import timeline
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.loudness import TARGET, measured
from seedbed.kit.film.pictures import Frame
from seedbed.kit.film.probing import probe
from seedbed.kit.film.read import frames
from seedbed.kit.film.sound import blocks
from seedbed.media.colours import is_there, share_of
from seedbed.media.reading import Reader, reread
from seedbed.media.report import Finding, Report
from seedbed.media.sights import Sight, sights
from seedbed.media.words import is_readable, says

Second: TypeAlias = Callable[[Frame, Sight], str | None]
"""A second reader: what it finds where a layer is seen; nothing where it is not installed."""
_KINDS = ("PNG", "JPEG", "WEBP")
"""What pictures are made as; others are not opened."""
_LOUD_BY = 1.0
_LEAST_COLOUR = 0.02
"""How much of a subject's box has its colour at least; its shades and its outline have others."""


def second(picture: Frame, sight: Sight) -> str | None:
    """The second reader of this machine."""
    return reread(picture, sight.box)


class Checker:
    """Checks results. The `reader` is told when it is first needed, since it takes a while."""

    def __init__(
        self, reader: Callable[[], Reader] = Reader, *, second: Second | None = second
    ) -> None:
        self._make, self._reader, self._second = reader, None, second

    def check(self, path: Path, scene: Scene) -> Report:
        """The file of a picture or a film against its Scene.

        Raises:
            RequestMalformed: it is no picture, or no film, that can be read.
        """
        try:
            found = [*_measures(path, scene)]
            seen = [*sights(scene)]
            wanted = {one.frame for one in seen if isinstance(one.layer, Text | Subject)}
            pictures = _pictures(path, scene, wanted)
        except (FilmFault, OSError) as error:
            why = f"The result {path.name} cannot be read: {error}."
            raise RequestMalformed(why, hint="Give the file that was made of the Scene.") from error
        notes: list[str] = []
        for sight in seen:
            picture = pictures.get(sight.frame)
            if picture is not None and isinstance(sight.layer, Text):
                found += self._text(picture, sight, sight.layer, notes)
        return Report((*found, *_subjects(seen, pictures)), tuple(dict.fromkeys(notes)))

    def _text(
        self, picture: Frame, sight: Sight, layer: Text, notes: list[str]
    ) -> Iterator[Finding]:
        if not layer.text.strip():
            return
        self._reader = self._reader or self._make()
        told, is_ok = list[str](), False
        for lines in self._reader.readings(picture, sight.box, upright=layer.type.upright):
            now = [line.text for line in lines]
            is_ok = says(now, layer.text)
            told = now if is_ok else told or now
            if is_ok:
                break
        if not is_ok and self._second is not None:
            again = self._second(picture, sight)
            if again is None:
                notes.append("There is no second reader: install tesseract-ocr to have one.")
            elif says(again.splitlines(), layer.text):
                told, is_ok = again.splitlines(), True
        is_sure = is_ok or is_readable(layer.text)
        yield Finding(f"{sight.at}.text", "text", layer.text, " ".join(told), is_ok, is_sure)


def _measures(path: Path, scene: Scene) -> Iterator[Finding]:
    canvas = scene.canvas
    if canvas.fps is None:
        with picture_in(path) as image:
            width, height = image.size
    else:
        about = probe(path)
        width, height = about.width, about.height
        count = timeline(scene).frames
        rate = about.fps == canvas.fps
        yield Finding("canvas.fps", "frames a second", f"{canvas.fps}", f"{about.fps}", rate)
        yield Finding("shots", "frames", f"{count}", f"{about.frames}", about.frames == count)
        expected = f"{count / canvas.fps:.2f} s"
        near = abs(about.seconds - count / canvas.fps) <= 1 / canvas.fps
        yield Finding("shots", "seconds", expected, f"{about.seconds:.2f} s", near)
        if scene.tracks:
            yield _loudness(path, has_sound=bool(about.sound))
    size, found = f"{canvas.width}x{canvas.height}", f"{width}x{height}"
    yield Finding("canvas", "size", size, found, size == found)


def _loudness(path: Path, *, has_sound: bool) -> Finding:
    expected = f"{TARGET:g} LUFS"
    if not has_sound:
        return Finding("tracks", "loudness", expected, "no sound", ok=False)
    loudness = measured(blocks(path))
    is_near = abs(loudness.lufs - TARGET) <= _LOUD_BY
    return Finding("tracks", "loudness", expected, f"{loudness.lufs:.1f} LUFS", is_near)


@contextmanager
def picture_in(path: Path) -> Generator[Image.Image]:
    """A picture that somebody may have made to break whoever opens it.

    Raises:
        FilmFault: it is damaged, of another kind, or larger than any Scene.
    """
    try:
        with Image.open(path, formats=_KINDS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise FilmFault(f"it has more than {MOST_PIXELS:,} pixels")
            yield image
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise FilmFault(str(error)) from error


def _pictures(path: Path, scene: Scene, wanted: set[int]) -> Mapping[int, Frame]:
    """The frames that are looked at."""
    if scene.canvas.fps is None:
        with picture_in(path) as image:
            return {0: np.asarray(image.convert("RGB"))}
    found: dict[int, Frame] = {}
    for number in sorted(wanted):
        begin = number / scene.canvas.fps
        picture = next(frames(path, begin=begin, end=begin + 1 / scene.canvas.fps), None)
        if picture is not None:
            found[number] = picture
    return found


def _subjects(seen: list[Sight], pictures: Mapping[int, Frame]) -> Iterator[Finding]:
    counts: dict[tuple[str, str], list[bool]] = {}
    for sight in seen:
        if not isinstance(sight.layer, Subject) or sight.frame not in pictures:
            continue
        picture, shot = pictures[sight.frame], sight.at.partition(".")[0]
        there = is_there(picture, sight.box)
        counts.setdefault((shot, sight.layer.what), []).append(there)
        if sight.layer.colour is not None:
            share = share_of(picture, sight.box, sight.layer.colour)
            told = f"in {share:.0%} of its box"
            is_ok = share >= _LEAST_COLOUR
            at = f"{sight.at}.colour"
            yield Finding(at, "colour", sight.layer.colour, told, is_ok)
    for (shot, what), there in counts.items():
        expected, found = f"{len(there)} {what}", f"{sum(there)} {what}"
        yield Finding(f"{shot}.layers", "count", expected, found, all(there), sure=False)
