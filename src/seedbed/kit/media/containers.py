"""In which container films and sounds of strangers are looked for, by their first bytes.

Floor 1. It is told and never guessed: what only names other files, as a playlist does, is none.
"""

from collections.abc import Mapping

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.sniffing import media_type_of

_FILMS: Mapping[str, str] = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/x-matroska": "matroska",
    "video/x-msvideo": "avi",
    "video/x-flv": "flv",
    "video/mp2t": "mpegts",
    "image/gif": "gif",
}
_SOUNDS: Mapping[str, str] = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/aac": "aac",
    "audio/mp4": "mov",
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/x-matroska": "matroska",
}


def film_in(kind: str) -> str:
    """The container of a film of that media type.

    Raises:
        MediumFault: it is none.

    >>> film_in("video/mp4")
    'mov'
    """
    return _container(_FILMS, kind, "film")


def sound_in(data: bytes) -> str:
    """The container of a sound.

    Raises:
        MediumFault: it is none.
    """
    return _container(_SOUNDS, media_type_of(data), "sound")


def _container(known: Mapping[str, str], kind: str, what: str) -> str:
    if kind not in known:
        raise MediumFault(f"it is {kind or 'of no known kind'}, and no {what} that is read here")
    return known[kind]
