"""The sound of a file, made plain: 16-bit numbers, in one channel or in two.

Floor 1. The container is told and not guessed, as of a film. A file that breaks off is as long as
what could be read of it.
"""

import io
from collections.abc import Iterator
from itertools import chain
from typing import cast

import av
import av.error
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
    sound, size, most = list[bytes](), 0, order.most * order.rate * _BYTES * order.channels
    try:
        with _opened(given, order.container) as container:
            for part in _parts(container, order):
                sound.append(part)
                size += len(part)
                if size > most:
                    break
    except av.error.FFmpegError as error:
        if not sound:
            raise MediumFault(f"it is damaged ({error.strerror})") from error
    if not sound:
        raise MediumFault("nothing of it can be heard")
    if size > most and not order.cut:
        raise MediumFault(f"it is longer than {order.most:,} s")
    return [Piece(sound=b"".join(sound)[:most])]


def _opened(given: bytes, kind: str) -> InputContainer:
    nowhere = {"protocol_whitelist": "none"}
    opened = av.open(io.BytesIO(given), format=kind, options=nowhere, metadata_errors="replace")
    return cast(InputContainer, opened)


def _parts(container: InputContainer, order: Sound) -> Iterator[bytes]:
    if not container.streams.audio:
        raise MediumFault("it holds no sound")
    stream = container.streams.audio[0]
    if stream.codec_context is None:  # pyright: ignore[reportUnnecessaryComparison] - it can be
        raise MediumFault("its sound is written in a way that is not read here")
    stream.codec_context.thread_count = 1
    is_mono = order.channels == 1 or stream.channels == 1
    resampler = AudioResampler("s16", "mono" if is_mono else "stereo", order.rate)
    for frame in chain(container.decode(stream), (None,)):
        for made in resampler.resample(frame):
            heard = bytes(made.planes[0])[: made.samples * (1 if is_mono else 2) * _BYTES]
            yield _on_both(heard) if is_mono and order.channels == 2 else heard


def _on_both(mono: bytes) -> bytes:
    """One channel on two: mixed up by the library it would be quieter."""
    both = bytearray(2 * len(mono))
    for place in range(2 * _BYTES):
        both[place :: 2 * _BYTES] = mono[place % _BYTES :: _BYTES]
    return bytes(both)


if __name__ == "__main__":
    work(Sound, plain)
