"""The sound of a file, made plain: one channel of 16-bit numbers.

Floor 1. The container is told and not guessed, as of a film. A file that breaks off is as long as
what could be read of it.
"""

import io
from collections.abc import Iterator
from itertools import chain
from typing import cast

import av
import av.error
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.subtitles import stream as subtitles

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Piece, Sound
from seedbed.kit.media.workers.confined import work

_BYTES = 2
LOADED = (subtitles,)
"""What would be looked for at the first file, when none can be opened any more."""


def plain(given: bytes, order: Sound) -> list[Piece]:
    """The one sound.

    Raises:
        MediumFault: it is none that can be read, or lasts too long.
    """
    sound, size, most = list[bytes](), 0, order.most * order.rate * _BYTES
    try:
        with _opened(given, order.container) as container:
            for part in _parts(container, order.rate):
                sound.append(part)
                size += len(part)
                if size > most:
                    raise MediumFault(f"it is longer than {order.most:,} s")
    except av.error.FFmpegError as error:
        if not sound:
            raise MediumFault(f"it is damaged ({error.strerror})") from error
    if not sound:
        raise MediumFault("nothing of it can be heard")
    return [Piece(sound=b"".join(sound))]


def _opened(given: bytes, kind: str) -> InputContainer:
    nowhere = {"protocol_whitelist": "none"}
    opened = av.open(io.BytesIO(given), format=kind, options=nowhere, metadata_errors="replace")
    return cast(InputContainer, opened)


def _parts(container: InputContainer, rate: int) -> Iterator[bytes]:
    if not container.streams.audio:
        raise MediumFault("it holds no sound")
    stream = container.streams.audio[0]
    if stream.codec_context is None:  # pyright: ignore[reportUnnecessaryComparison] - it can be
        raise MediumFault("its sound is written in a way that is not read here")
    stream.codec_context.thread_count = 1
    resampler = AudioResampler(format="s16", layout="mono", rate=rate)
    for frame in chain(container.decode(stream), (None,)):
        for made in resampler.resample(frame):
            yield _bytes(made)


def _bytes(frame: AudioFrame) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * _BYTES]


if __name__ == "__main__":
    work(Sound, plain)
