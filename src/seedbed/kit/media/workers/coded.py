"""Plain sound, written as a file of a kind that is played everywhere.

Floor 1. The sound is ours and not a stranger's: what is made here runs apart since the library has
no place in a server, and would hold it up.
"""

import io
from collections.abc import Mapping
from typing import Any, cast

import av
from av.audio.frame import AudioFrame
from av.subtitles import stream as subtitles

from seedbed.kit.media.orders import Coded, Piece
from seedbed.kit.media.workers.confined import work

_KINDS: Mapping[str, tuple[str, str]] = {
    "mp3": ("mp3", "libmp3lame"),
    "opus": ("ogg", "libopus"),
    "aac": ("adts", "aac"),
    "flac": ("flac", "flac"),
}
"""Container and codec of each kind."""
_AT_ONCE = 1 << 16
"""Bytes of sound in a frame that is handed over."""
LOADED = (subtitles,)
"""What would be looked for at the first file, when none can be opened any more."""


def coded(given: bytes, order: Coded) -> list[Piece]:
    """The one file."""
    container, codec = _KINDS[order.kind]
    written = io.BytesIO()
    out: Any  # its types are known in part
    with av.open(written, "w", format=container) as out:
        stream = out.add_stream(codec, rate=order.rate, layout="mono")
        for at in range(0, len(given), _AT_ONCE):
            out.mux(stream.encode(_frame(given[at : at + _AT_ONCE], order.rate)))
        out.mux(stream.encode())
    return [Piece(sound=written.getvalue())]


def _frame(data: bytes, rate: int) -> AudioFrame:
    frame: Any = AudioFrame(format="s16", layout="mono", samples=len(data) // 2)
    frame.sample_rate = rate
    frame.planes[0].update(data.ljust(frame.planes[0].buffer_size, b"\0"))
    return cast(AudioFrame, frame)


if __name__ == "__main__":
    work(Coded, coded)
