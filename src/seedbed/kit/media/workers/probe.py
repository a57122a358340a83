"""What a film or a sound is: its size, length and codecs.

Floor 1. No picture is unfolded.
"""

import av.error

from seedbed.kit.film.probing import about
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Piece, Probe
from seedbed.kit.media.workers.confined import work
from seedbed.kit.media.workers.film import opened


def probed(given: bytes, order: Probe) -> list[Piece]:
    """One piece, whose words are those of `film.about`.

    Raises:
        MediumFault: it is damaged, or neither a film nor a sound.
    """
    try:
        with opened(given, order.container) as container:
            return [Piece(words=about(container).words())]
    except av.error.FFmpegError as error:
        raise MediumFault(f"it is damaged ({error.strerror})") from error


if __name__ == "__main__":
    work(Probe, probed)
