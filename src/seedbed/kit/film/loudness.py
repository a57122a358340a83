"""How loud a sound is, by ITU-R BS.1770 and EBU R 128, and how it is made as loud as others are.

Floor 1. It is gone through twice or more and never held: once to be measured, once to be given.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import numpy as np
from av.audio.frame import AudioFrame
from av.error import BlockingIOError as NotYet
from av.error import EOFError as Ended
from av.filter import Graph

from seedbed.kit.film.sound import RATE, Block

TARGET, CEILING = -14.0, -1.0
"""Where films are heard: in LUFS, and in dB of true peak."""
_SILENT = -70.0
_MOST_GAIN = 30.0
_PASSES = 5
_NEAR = 0.2
_MARGIN = 0.3
_UNTOLD = 0.02
"""What the library rounds off when it tells a peak."""
_STRETCH = RATE


@dataclass(frozen=True, slots=True)
class Loudness:
    """Loudness in LUFS, all in all, and the highest true peak in dB. Silence has -70 and less."""

    lufs: float
    peak: float

    @property
    def is_silent(self) -> bool:
        """Whether nothing is heard."""
        return self.lufs <= _SILENT


def measured(sound: Iterable[Block]) -> Loudness:
    """How loud that is."""
    last: dict[str, str] = {}
    for frame in _through(sound, "ebur128=metadata=1:peak=true:framelog=quiet"):
        last = frame.metadata or last  # the last frame is short, and has none
    peaks = [float(value) for name, value in last.items() if "true_peaks_ch" in name]
    highest = max(peaks, default=0.0)
    peak = 20 * float(np.log10(highest)) if highest > 0 else -np.inf
    return Loudness(float(last.get("lavfi.r128.I", _SILENT)), peak)


def levelled(
    sound: Iterable[Block], *, target: float = TARGET, ceiling: float = CEILING
) -> Iterator[Block]:
    """The same at that loudness, as near as the ceiling lets it; silence stays silence.

    `sound` is gone through several times.
    """
    found = measured(sound)
    gain = min(_MOST_GAIN, target - found.lufs)
    if found.is_silent:
        return iter(sound)
    if found.peak + gain + _UNTOLD <= ceiling:
        return _louder(sound, gain)
    over = missing = 0.0
    for _ in range(_PASSES):
        gain = min(_MOST_GAIN, gain + missing)
        made = measured(_limited(sound, gain, ceiling))
        over = max(0.0, made.peak + _UNTOLD - ceiling)
        missing = target - made.lufs + over
        if abs(missing) <= _NEAR:
            break
    return _louder(_limited(sound, gain, ceiling), -over)


def _louder(sound: Iterable[Block], gain: float) -> Iterator[Block]:
    factor = np.float32(10 ** (gain / 20))
    return (block * factor for block in sound)


def _limited(sound: Iterable[Block], gain: float, ceiling: float) -> Iterator[Block]:
    """The same with its peaks held down, those between samples, too: it is looked at four times as
    finely. A little may be over. It has as many samples as before.
    """
    limit = 10 ** ((ceiling - _MARGIN) / 20)
    filters = (
        f"aresample={4 * RATE}",
        f"alimiter=limit={limit:.6f}:attack=5:release=50:level=0:latency=1",
        f"aresample={RATE}",
        "aformat=sample_fmts=flt:channel_layouts=stereo",
    )
    for frame in _through(_louder(sound, gain), *filters):
        yield cast(Block, frame.to_ndarray()).reshape(-1, 2)


def _through(sound: Iterable[Block], *filters: str) -> Iterator[AudioFrame]:
    """A sound through the library's filters, one after the other."""
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=RATE, format="flt", layout="stereo", time_base=Fraction(1, RATE)
    )
    steps = [graph.add(*told.split("=", 1)) for told in filters]
    graph.link_nodes(source, *steps, graph.add("abuffersink")).configure()
    at = 0
    for block in sound:
        for begin in range(0, len(block), _STRETCH):
            graph.push(_framed(block[begin : begin + _STRETCH], at + begin))
            yield from _pulled(graph)
        at += len(block)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            yield cast(AudioFrame, graph.pull())
        except (NotYet, Ended):
            return


def _framed(block: Block, at: int) -> AudioFrame:
    flat = np.ascontiguousarray(block, np.float32).reshape(1, -1)
    frame = AudioFrame.from_ndarray(flat, format="flt", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
    return frame
