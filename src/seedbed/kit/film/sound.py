"""Sounds mixed into one of two channels at 48 kHz, block by block.

Floor 1. A track is a file or an array; it begins at its moment, at its loudness, and may give way
while somebody speaks. What is added up may be louder than can be written: `loudness` sees to that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from seedbed.kit.film.ducking import Ducking
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.probing import about, has_codec, opened

RATE = 48_000
"""Samples a second."""
_BLOCK = RATE
Block: TypeAlias = NDArray[np.float32]
"""Samples of (count, 2); 1 is the loudest that can be written."""


@dataclass(frozen=True, slots=True)
class Track:
    """A sound in a mix, from a moment on and, if so said, for so many seconds. `gain` is in dB,
    fades in seconds; `duck` is by how many dB it gives way to tracks that are speech.
    """

    source: Path | NDArray[np.floating]
    begin: float = 0.0
    seconds: float | None = None
    gain: float = 0.0
    fade_in: float = 0.0
    fade_out: float = 0.0
    is_speech: bool = False
    duck: float = 0.0

    def __post_init__(self) -> None:
        numbers = (self.begin, self.seconds or 0.0, self.fade_in, self.fade_out, self.duck)
        if not all(isfinite(number) and number >= 0 for number in numbers):
            raise FilmFault(f"moments, fades and ducking are 0 or more, and not {numbers}")
        if not -96 <= self.gain <= 48:
            raise FilmFault(f"a gain is between -96 and 48 dB, and not {self.gain:g}")


class Mix:
    """All tracks together, for that many seconds. It can be gone through more than once."""

    def __init__(self, tracks: Sequence[Track], seconds: float) -> None:
        self._tracks, self._total = tuple(tracks), round(seconds * RATE)

    def __iter__(self) -> Iterator[Block]:
        voices, ducking = [_Voice(track) for track in self._tracks], Ducking(RATE)
        for begin in range(0, self._total, _BLOCK):
            count = min(_BLOCK, self._total - begin)
            parts = [(voice.track, voice.part(begin, count)) for voice in voices]
            speech = np.zeros((count, 2), np.float32)
            for track, part in parts:
                if track.is_speech:
                    speech += part
            depth = ducking.follow(speech)
            mixed = np.zeros((count, 2), np.float32)
            for track, part in parts:
                mixed += part * _factor(-track.duck * depth)[:, None] if track.duck else part
            yield mixed


def blocks(source: Path | NDArray[np.floating]) -> Iterator[Block]:
    """A sound at 48 kHz, as it comes; one channel is heard on both.

    Raises:
        FilmFault: it is empty, damaged, or no sound.
    """
    if isinstance(source, Path):
        yield from _decoded(source)
        return
    if source.ndim not in {1, 2} or source.shape[1:] not in {(), (1,), (2,)}:
        raise FilmFault(f"an array of sound is (count, 2), and not {source.shape}")
    if not np.isfinite(source).all():
        raise FilmFault("an array of sound has samples that are no numbers")
    plain = source.reshape(len(source), -1).astype(np.float32)
    yield np.broadcast_to(plain, (len(plain), 2))


def _decoded(path: Path) -> Iterator[Block]:
    with opened(path) as container:
        streams = container.streams.audio
        if not streams or not has_codec(streams[0]):
            raise FilmFault("it holds no sound that is read here")
        layout = "mono" if streams[0].channels == 1 else "stereo"  # mixed up, it would be quieter
        resampler = AudioResampler("flt", layout, RATE)
        for frame in container.decode(streams[0]):
            for plain in resampler.resample(frame):
                yield _samples(plain)
        for plain in resampler.resample(None):
            yield _samples(plain)


def _samples(frame: AudioFrame) -> Block:
    flat = cast(Block, frame.to_ndarray()).reshape(-1, frame.layout.nb_channels)
    return np.broadcast_to(flat, (len(flat), 2))


class _Voice:
    """A track as it sounds from block to block."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self._coming = blocks(track.source)
        self._rest = np.zeros((0, 2), np.float32)
        self._begin = round(track.begin * RATE)
        self._end = _length(track)
        self._gain = float(_factor(np.array(track.gain)))

    def part(self, begin: int, count: int) -> Block:
        """What is heard of it in `count` samples of the mix; blocks are asked for in turn."""
        part = np.zeros((count, 2), np.float32)
        skipped = min(count, max(0, self._begin - begin))
        at = begin + skipped - self._begin
        wanted = count - skipped if self._end is None else min(count - skipped, self._end - at)
        heard = self._take(max(0, wanted))
        part[skipped : skipped + len(heard)] = heard * self._envelope(at, len(heard))[:, None]
        return part

    def _take(self, count: int) -> Block:
        pieces, size = [self._rest], len(self._rest)
        while size < count:
            piece = next(self._coming, None)
            if piece is None:
                break
            pieces.append(piece)
            size += len(piece)
        whole = np.concatenate(pieces)
        self._rest = whole[count:]
        return whole[:count]

    def _envelope(self, at: int, count: int) -> NDArray[np.float32]:
        """Its loudness from its own sample `at` on."""
        track, moments = self.track, np.arange(at, at + count) / RATE
        envelope = np.full(count, self._gain, np.float32)
        if track.fade_in:
            envelope *= np.clip(moments / track.fade_in, 0, 1)
        if track.fade_out and self._end is not None:
            envelope *= np.clip((self._end / RATE - moments) / track.fade_out, 0, 1)
        return envelope


def _length(track: Track) -> int | None:
    """How many samples it has; `None` is as many as come."""
    if track.seconds is not None:
        return round(track.seconds * RATE)
    if not isinstance(track.source, Path):
        return len(track.source)
    if not track.fade_out:
        return None
    with opened(track.source) as container:
        seconds = about(container).seconds
    if not seconds:
        raise FilmFault("it does not say how long it is; say `seconds` to have it faded out")
    return round(seconds * RATE)


def _factor(decibels: NDArray[np.floating]) -> NDArray[np.float32]:
    """What samples are multiplied by."""
    return np.asarray(10 ** (decibels / 20), np.float32)
